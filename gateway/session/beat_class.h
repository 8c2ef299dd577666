// The subscriptions of one rate and phase, and which of their symbols have
// ticked since they were last served. One thread.
//
// A class is due when something is dirty and a period has passed since it was
// last served; a late beat is folded into one, never made up for.

#ifndef STREAMHUB_GATEWAY_SESSION_BEAT_CLASS_H_
#define STREAMHUB_GATEWAY_SESSION_BEAT_CLASS_H_

#include <absl/container/flat_hash_map.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <vector>

#include "gateway/market/conflation_cache.h"
#include "gateway/session/rate_ladder.h"

namespace streamhub {

class Session;

// A subscription of a session, by its index there.
struct SubscriptionRef {
  Session* session;
  uint32_t index;
};

class BeatClass {
 public:
  BeatClass(RateStep step, int phase);

  // Returns the place of the new entry in its symbol's list.
  uint32_t Add(SymbolId symbol, SubscriptionRef ref);

  // Removes the entry at `place`. Another entry may move there: it is returned
  // (session null if none did) and its owner must note its new place.
  SubscriptionRef Remove(SymbolId symbol, uint32_t place);

  // The symbols with id 64 * word + i that somebody has here, as bits.
  uint64_t InterestWord(size_t word) const {
    return word < interest_.size() ? interest_[word] : 0;
  }

  // Marks the symbols of one word of the cache's dirty bits.
  void MarkWord(size_t word, uint64_t bits, int64_t mono_ns);

  void Mark(SymbolId symbol, int64_t mono_ns) {
    MarkWord(symbol / 64, uint64_t{1} << (symbol % 64), mono_ns);
  }

  // Calls `visit` with every subscription of `symbol`.
  template <typename Visit>
  void ForEachOf(SymbolId symbol, Visit visit) const {
    const auto list = lists_.find(symbol);
    if (list == lists_.end()) return;
    for (const SubscriptionRef& ref : list->second) visit(ref);
  }
  size_t CountOf(SymbolId symbol) const {
    const auto list = lists_.find(symbol);
    return list == lists_.end() ? 0 : list->second.size();
  }

  // When it must be served; INT64_MAX if nothing is dirty.
  int64_t due_ns() const;

  // Until when a tick of any symbol can wait; INT64_MAX if nobody is here.
  int64_t ticks_wait_until_ns() const {
    return lists_.empty() ? std::numeric_limits<int64_t>::max() : next_ns_;
  }

  // Serves it: hands every subscription of every dirty symbol to `visit` and
  // forgets what was dirty. Returns how many whole beats came too late.
  template <typename Visit>
  int64_t Serve(int64_t mono_ns, Visit visit) {
    const int64_t late = Advance(mono_ns);
    for (size_t word = dirty_low_; word < dirty_high_; ++word) {
      uint64_t bits = dirty_[word];
      dirty_[word] = 0;
      for (; bits != 0; bits &= bits - 1) {
        const auto symbol =
            static_cast<SymbolId>(word * 64 + std::countr_zero(bits));
        const auto list = lists_.find(symbol);
        if (list == lists_.end()) continue;
        for (const SubscriptionRef& ref : list->second) visit(ref);
      }
    }
    dirty_low_ = dirty_.size();
    dirty_high_ = 0;
    return late;
  }

 private:
  int64_t Advance(int64_t mono_ns);

  const int64_t period_ns_;
  const int64_t phase_ns_;
  int64_t next_ns_ = 0;         // earliest time of the next serving
  int64_t dirty_since_ns_ = 0;  // when the first symbol became dirty
  absl::flat_hash_map<SymbolId, std::vector<SubscriptionRef>> lists_;
  std::vector<uint64_t> interest_, dirty_;  // a bit per symbol
  size_t dirty_low_ = 0, dirty_high_ = 0;   // words that may be dirty
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_BEAT_CLASS_H_
