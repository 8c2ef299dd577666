// A market: a cache, its symbols, its feeds and an epoch. The meeting place of
// feed threads, which write, and shards, which read.

#ifndef STREAMHUB_GATEWAY_MARKET_MARKET_H_
#define STREAMHUB_GATEWAY_MARKET_MARKET_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/market/conflation_cache.h"
#include "gateway/market/feed_board.h"
#include "gateway/market/symbol_table.h"
#include "gateway/market/topic_ring.h"
#include "gateway/market/wake.h"

namespace streamhub {

class Market {
 public:
  // `epoch_seed` makes the first epoch id; random in production.
  // It holds `symbols_max` symbols at most, and as many topics.
  Market(std::string name, size_t symbols_max, uint64_t epoch_seed);

  // --- before other threads run ---

  FeedId AddFeed(FeedInfo info) { return feeds_.Add(std::move(info)); }

  // `ring` must wake the shard's thread; it is called by feed threads.
  ShardWake& AddShard(std::function<void()> ring);

  // --- the thread of the feed that owns the symbol ---

  // Defines a symbol, or finds it; `*id` is set unless the table is full. The
  // caller must check that a known symbol is its own.
  SymbolTable::Added Define(SymbolInfo info, SymbolId* id);

  void Update(SymbolId id, std::span<const Change> changes, int64_t received_ns,
              int64_t event_ns) {
    cache_.Update(id, changes, received_ns, event_ns);
    for (ShardWake& shard : shards_) shard.Mark(id);
  }

  void Clear(SymbolId id);

  // Ends an input batch: shards that sleep are woken, unless ticks can wait.
  void Wake() {
    for (ShardWake& shard : shards_) shard.Wake();
  }

  // A new run of the market: cursors of the former one are worth nothing. The
  // caller has cleared its symbols before.
  void StartEpoch();

  void SetFeedStatus(FeedId feed, FeedStatus status);

  void Heartbeat(FeedId feed, int64_t mono_ns) {
    feeds_.Heartbeat(feed, mono_ns);
  }

  void StampWritten(FeedId feed, int64_t ns, int64_t mono_ns) {
    feeds_.StampWritten(feed, ns, mono_ns);
  }

  // Ticks of one batch; `received_ns` is wall clock.
  void CountTicks(FeedId feed, int64_t ticks, int64_t received_ns,
                  int64_t mono_ns) {
    feeds_.health(feed).AddTicks(ticks, received_ns, mono_ns);
  }

  // What it lost turns the feed stale: see FeedBoard::BeginGap().
  void BeginGap(FeedId feed, int64_t mono_ns);
  void RepairGap(FeedId feed);
  FeedHealth& health(FeedId feed) { return feeds_.health(feed); }

  // A feed brings the symbol `id`, which is another's. Whoever made it without
  // a source of its own has to give way, see contested(). Any feed's thread.
  void Contest(SymbolId id);

  // --- topics: any thread ---

  // Makes the topic `name`, which IsValidSymbol() must approve of, or finds
  // it; `*id` is set unless the table is full. A known one is left as it is,
  // and it may be no topic at all: topic() tells. `feed`: whose tape it is, or
  // kNoFeed. `wall_ns`: now; it makes the number of the first message.
  SymbolTable::Added DefineTopic(std::string name, FeedId feed, uint32_t keeps,
                                 int64_t wall_ns, SymbolId* id);

  // A message of the topic `id`: one JSON value without line feeds. Returns its
  // number. Like a tick it waits for the Wake() that ends the batch.
  uint64_t Append(SymbolId id, std::string_view data_json, int64_t time_ns);

  // Null if the symbol is no topic. `id` is one of symbols().
  const TopicRing* topic(SymbolId id) const { return symbols_.Get(id).topic; }

  // --- any thread ---

  const std::string& name() const { return name_; }
  const SymbolTable& symbols() const { return symbols_; }
  const ConflationCache& cache() const { return cache_; }
  const FeedBoard& feeds() const { return feeds_; }

  // Symbols that more than one feed brought, in the order in which that was
  // noticed.
  std::vector<SymbolId> contested() const;

  // Random; versions compare only within one epoch.
  uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }

  // Grows whenever the epoch, a feed's status word, the set of symbols or that
  // of the contested ones changed, so that a shard sees with one load whether
  // it must look.
  uint64_t control_version() const {
    return control_version_.load(std::memory_order_acquire);
  }

 private:
  void ChangeControl();

  const std::string name_;
  // One is added when its symbol is, under the lock of the table.
  std::vector<std::unique_ptr<TopicRing>> topics_;
  SymbolTable symbols_;
  ConflationCache cache_;
  FeedBoard feeds_;
  std::deque<ShardWake> shards_;
  std::atomic<uint64_t> epoch_;
  std::atomic<uint64_t> control_version_{1};
  mutable std::mutex contested_mutex_;
  std::vector<SymbolId> contested_;  // under it
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_MARKET_H_
