// The derived symbols of a market: takes what ticked, computes what depends on
// it, and publishes that as ordinary ticks. What docs/operations.md promises of
// them is kept here. One thread, which is woken like a shard (market/wake.h):
//
//   while (...) {
//     if (engine.Turn()) continue;              // somebody was in the way
//     if (engine.TrySleep()) ... wait for the bell, or for a while ...
//   }
//
// A turn is due at least every tenth of a second: also what does not tick may
// turn stale. In a turn a symbol is computed once, however often what it is
// made of ticked, and those it is made of before it. It ticks when one of them
// did, also if no price changes.
//
// A derived symbol appears when all that it is made of has, and their feeds
// have been connected: they define their own symbols first. Its `trading` is
// the worst of its inputs': halted, closed, unknown (which is also what is none
// of the five), auction, open; it was received when the oldest of them was, and
// its event time is the oldest of theirs, or none if one has none. Nothing is
// allocated once the symbols are there.

#ifndef STREAMHUB_FEEDS_DERIVED_DERIVED_ENGINE_H_
#define STREAMHUB_FEEDS_DERIVED_DERIVED_ENGINE_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "feeds/derived/feed_sets.h"
#include "feeds/derived/formula.h"
#include "feeds/derived/plan.h"
#include "feeds/publisher.h"
#include "gateway/market/wake.h"

namespace streamhub::derived {

class DerivedEngine {
 public:
  // What no feed has is logged after so long, once.
  static constexpr int64_t kPatienceNs = 10 * kSecond;

  // `publishers`: of each of `sets`, in their order; they are of one market,
  // with the same counters and clock, and outlive the engine. `wake` is of that
  // market, and for this engine alone.
  DerivedEngine(Plan plan, std::vector<FeedSet> sets,
                std::vector<Publisher*> publishers, ShardWake& wake);

  // True if something has to be read again, because its writer was in the way.
  bool Turn();

  // True if nobody woke it since Turn() began.
  bool TrySleep() { return wake_.TrySleep(); }

  // How often a symbol was computed and published.
  int64_t computed() const { return computed_; }

 private:
  // What there is to know of a symbol now.
  struct State {
    Prices prices;
    size_t trading = 0;  // of kTradings; the less the worse
    int64_t received_ns = 0;
    int64_t event_ns = 0;
  };

  // A symbol that derived ones are made of.
  struct Source {
    std::string symbol;
    bool known = false;      // that is, `id` is
    bool has_state = false;  // that is, `state` was read
    bool dirty = false;      // is in dirty_
    bool derived = false;    // itself, as `made_by` of derived_
    size_t made_by = 0;
    SymbolId id = 0;
    int bid = -1, ask = -1, last = -1, trading = -1;  // positions
    FieldMask mask = 0;
    State state;
    std::vector<size_t> users;  // of derived_
  };

  struct Derived {
    Definition definition;
    std::vector<size_t> inputs;       // of sources_
    std::optional<size_t> as_source;  // others are made of it
    bool refused = false;
    bool withdrawn = false;          // a feed brings a symbol of that name
    std::optional<Formula> formula;  // set if it is there
    SymbolId id = 0;
    size_t set = 0;             // of sets_
    std::vector<FeedId> feeds;  // that it is made of in the end
  };

  void LookAtMarket();
  void FindSources();
  bool DefineThoseThatCanBe();
  void WithdrawContested();
  bool CanBeDefined(const Derived& derived) const;
  absl::Status Define(Derived& derived);
  void Know(Source& source, SymbolId id);
  void MarkDirty(size_t source);
  bool ReadDirty();
  void MarkUsersDue(const Source& source);
  void ComputeDue();
  bool CanBeComputed(const Derived& derived) const;
  void ComputeAndPublish(Derived& derived);
  State StateOf(const Derived& derived);
  void TellFreshness();
  void TellMissing();

  const std::vector<FeedSet> sets_;
  const std::vector<Publisher*> publishers_;
  ShardWake& wake_;
  Market& market_;
  const Clock& clock_;
  Counters& counters_;

  std::vector<Source> sources_;
  std::vector<Derived> derived_;  // what they are made of stands before
  absl::flat_hash_map<std::string, size_t> source_of_;
  size_t undefined_ = 0;  // of derived_: may be defined yet
  size_t missing_ = 0;    // of sources_: no feed has them
  bool missing_told_ = false;
  const int64_t patience_until_ns_;

  uint64_t control_seen_ = 0;
  uint64_t epoch_ = 0;
  size_t symbols_seen_ = 0;
  // By symbol: which of them to watch, and the index in sources_ of those.
  std::vector<uint64_t> watched_;
  std::vector<uint32_t> source_at_;

  int64_t mono_ns_ = 0;                    // of this turn
  std::vector<size_t> dirty_;              // of sources_
  std::vector<uint64_t> due_;              // a bit of each of derived_
  std::vector<bool> begun_;                // a batch, of publishers_
  std::vector<FeedStatus> status_, told_;  // of sets_
  std::array<Prices, kInputsMax> prices_;
  QuoteView view_;
  int64_t computed_ = 0;
};

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_DERIVED_ENGINE_H_
