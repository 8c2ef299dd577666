// The sessions of one shard and the turn that serves them.
//
// One thread, no I/O of its own, no clock but the one it is given: the shard
// calls Turn() when it was woken or a deadline has come, production and
// simulation alike.
//
//   take the dirty bits -> mark them in the beat classes -> classes that are
//   due mark what they owe in their sessions -> sessions that owe are flushed,
//   one batch and one write each

#ifndef STREAMHUB_GATEWAY_SESSION_FANOUT_H_
#define STREAMHUB_GATEWAY_SESSION_FANOUT_H_

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/base/quota.h"
#include "gateway/base/shard_latency.h"
#include "gateway/codec/flat_writer.h"
#include "gateway/codec/frame_cache.h"
#include "gateway/codec/json_writer.h"
#include "gateway/market/market.h"
#include "gateway/session/beat_class.h"
#include "gateway/session/publishing.h"
#include "gateway/session/rate_ladder.h"
#include "gateway/session/sent_watch.h"
#include "gateway/session/session_seen.h"
#include "gateway/session/transport.h"

namespace streamhub {

class Session;

// What the sessions of one shard are called by, whatever fan-out they are of.
struct SessionNumbers {
  uint32_t shard = 0;
  uint64_t next = 0;
};

struct SessionLimits {
  double default_rate = 10;   // updates per second and symbol
  Quota* sessions = nullptr;  // of all shards, outlives them; null: no limit
  size_t subscriptions_max = 10'000;     // of a session
  size_t batch_bytes_max = 32 * 1024;    // a batch stops growing here
  size_t replies_bytes_max = 16 * 1024;  // pending; above it, reading stops
  int64_t heartbeat_ns = 2 * kSecond;
  int64_t write_stall_ns_max = 30 * kSecond;
  int64_t turn_ns_max = kMillisecond;
  // Of the shard, outlives it; null: clients cannot publish.
  Publishing* publishing = nullptr;
  // Of the shard, outlives it; null: the fan-out counts for itself.
  SessionNumbers* numbers = nullptr;
};

class Fanout {
 public:
  // All outlive it.
  Fanout(const Market& market, ShardWake& wake, Counters& counters,
         const Clock& clock, const SessionLimits& limits);
  ~Fanout();

  // A new session over `transport`, which must live until it has called
  // OnClosed(). Null if there are as many as may be already (counted).
  Session* Open(Transport* transport);

  // Serves what is due. True if work is left that should not wait for a
  // deadline: call again after I/O had its turn.
  bool Turn();

  // Monotonic time by which Turn() must be called if nothing wakes the shard.
  int64_t NextDeadline() const;

  // After Turn(): true if nothing woke the shard since it began. Then it may
  // wait for its bell, until NextDeadline(). Where no class is due before then
  // whatever ticks, ticks do not ring.
  bool TrySleep();

  // Tells every client why, and closes.
  void CloseAll(CloseReason reason);

  size_t session_count() const { return sessions_.size(); }

  const Market& market() const { return market_; }

  // --- for operators (session_watch.cc) ---

  // From now on what that session, or all who hold that symbol, are sent is
  // copied, until the sink wants no more.
  void Watch(SentWatch watch);

  // Whether that session of this shard is there; of a client that polls,
  // whether there ever was one.
  bool Knows(SessionId session) const;
  bool KnowsSymbol(std::string_view code) const {
    return market_.symbols().Find(code).has_value();
  }

  // Appends to `seen` what there is to see of the next `max` sessions from
  // number `from` on; with a `symbol` only of those that hold it. Where to go
  // on, or nullopt: those were the last.
  std::optional<uint64_t> LookAtSessions(
      uint64_t from, size_t max, const std::optional<std::string>& symbol,
      std::vector<SessionSeen>* seen) const;

  // Any thread may read it.
  const ShardLatency& latency() const { return latency_; }

 private:
  friend class Session;

  static constexpr int64_t kSlowTickNs = 250 * kMillisecond;

  // --- for sessions ---

  BeatClass& ClassOf(RateStep step, uint64_t session_number);
  // The session has something to send: it is flushed on this or the next turn.
  void Enqueue(Session* session);
  // An empty batch.
  MessageWriter& WriterFor(Envelope envelope);
  void AwaitSymbol(const std::string& code, Session* session);
  void ForgetSymbol(const std::string& code, Session* session);
  // Session::OnTime() is called on the first turn that is not before then;
  // Forget: it is not called any more.
  void CallAt(int64_t mono_ns, Session* session);
  void ForgetCall(int64_t mono_ns, Session* session);
  // Stands for what the feeds' states are, on every shard alike.
  uint64_t FeedsHash() const;

  // --- the turn ---

  int64_t TicksWaitUntil() const;
  void LookAtMarket();
  void LookAtFeeds();
  void SlowTick();
  void MarkQuietSymbols();
  void MakeCalls();
  void ServeClasses();
  bool FlushQueue();
  void EnqueueAll();
  void Reap();
  void DropUnwantedWatches();

  const Market& market_;
  ShardWake& wake_;
  Counters& counters_;
  const Clock& clock_;
  const SessionLimits limits_;
  ShardLatency latency_;
  FrameCache frames_;
  JsonWriter json_;
  FlatWriter flat_;
  TopicMessages topic_part_;  // at hand

  int64_t mono_ns_ = 0, wall_ns_ = 0;     // of this turn
  std::unique_ptr<SentWatches> watches_;  // null: nobody watches
  int64_t next_slow_ns_ = 0;
  // Ticks ring again from then on; the maximum if it does not doze.
  int64_t dozes_until_ns_ = std::numeric_limits<int64_t>::max();

  uint64_t control_seen_ = 0;
  uint64_t epoch_ = 0;
  size_t symbols_seen_ = 0;
  std::vector<FeedStatus> feed_status_;  // as told to clients
  uint64_t feeds_version_ = 1;           // grows when feed_status_ changes

  SessionNumbers own_numbers_;
  SessionNumbers* const numbers_;
  // By number: in the order of opening, the same in every run of a simulation.
  absl::btree_map<uint64_t, std::unique_ptr<Session>> sessions_;
  std::vector<Session*> closed_;
  std::vector<Session*> queue_;  // to flush, from queue_head_ on
  size_t queue_head_ = 0;
  std::vector<Session*> again_;  // of queue_: to be flushed on the next turn
  std::array<std::vector<std::unique_ptr<BeatClass>>, kPeriods.size()> classes_;
  std::vector<BeatClass*> active_;

  // When sessions are to be called, and their numbers.
  absl::btree_set<std::pair<int64_t, uint64_t>> calls_;

  // Symbols somebody of this shard subscribed to that do not exist yet.
  absl::flat_hash_map<std::string, absl::btree_map<uint64_t, Session*>>
      awaited_;
  // A bit per symbol: it was quiet at the last slow tick and had no tick since.
  std::vector<uint64_t> quiet_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_FANOUT_H_
