// Between writers and one shard: a dirty bit per symbol and the shard's state
// of wakefulness. The last tick before a silence always arrives, because every
// step is a read-modify-write: with plain release and acquire flags it is lost
// now and then (see docs/adr/0002 and tests/stress/lost_wakeup_test.cc).
//
//   writer:  write the slot; Mark(id); ... at the end of a batch: Wake()
//   shard:   BeginTurn(); Take(...); read the slots; ...; if (TrySleep()) wait
//            for the bell
//
// A shard that need not know of a tick before its next beat dozes instead of
// sleeping: Wake() leaves it alone, and only WakeNow() rings. It has to set an
// alarm.

#ifndef STREAMHUB_GATEWAY_MARKET_WAKE_H_
#define STREAMHUB_GATEWAY_MARKET_WAKE_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "gateway/market/conflation_cache.h"

namespace streamhub {

class ShardWake {
 public:
  // `ring` wakes the sleeping shard (writes its eventfd); called by writers,
  // at most once per sleep.
  ShardWake(size_t symbols_max, std::function<void()> ring)
      : ring_(std::move(ring)), dirty_((symbols_max + 63) / 64) {}

  // Any writer thread.
  void Mark(SymbolId id) {
    dirty_[id / 64].fetch_or(uint64_t{1} << (id % 64),
                             std::memory_order_acq_rel);
  }

  // Any writer thread: there are marks.
  void Wake() {
    // This is a read-modify-write as well, though it changes nothing: the turn
    // that ends the doze must see the marks.
    int dozing = kDozing;
    if (state_.load(std::memory_order_relaxed) == kDozing &&
        state_.compare_exchange_strong(dozing, kDozing,
                                       std::memory_order_acq_rel)) {
      return;
    }
    WakeNow();
  }

  // Any writer thread: there is something that cannot wait for a beat.
  void WakeNow() {
    const int was = state_.exchange(kPending, std::memory_order_acq_rel);
    if (was == kSleeping || was == kDozing) ring_();
  }

  // The shard: from here on a Wake() is noticed by TrySleep().
  void BeginTurn() { state_.exchange(kIdle, std::memory_order_acq_rel); }

  // The shard: takes all bits of ids below `symbols`, handing each 64 that are
  // not all clear to `taken(word_index, bits)`. `symbols` must have been asked
  // for after BeginTurn(); bits of younger symbols stay, with a Wake() to come.
  template <typename Taken>
  void Take(size_t symbols, Taken taken) {
    for (size_t i = 0; i < symbols / 64; ++i) {
      // A stale zero here is harmless: BeginTurn() read the writer's Wake(),
      // or TrySleep() will fail because of it.
      if (dirty_[i].load(std::memory_order_relaxed) == 0) continue;
      const uint64_t bits = dirty_[i].exchange(0, std::memory_order_acq_rel);
      if (bits != 0) taken(i, bits);
    }
    if (const size_t rest = symbols % 64; rest != 0) {
      const uint64_t known = (uint64_t{1} << rest) - 1;
      auto& word = dirty_[symbols / 64];
      if ((word.load(std::memory_order_relaxed) & known) == 0) return;
      const uint64_t bits =
          word.fetch_and(~known, std::memory_order_acq_rel) & known;
      if (bits != 0) taken(symbols / 64, bits);
    }
  }

  // The shard: true if nobody woke it since BeginTurn(); then it must wait.
  bool TrySleep() { return TryRest(kSleeping); }
  bool TryDoze() { return TryRest(kDozing); }

 private:
  enum : int { kIdle, kPending, kSleeping, kDozing };

  bool TryRest(int how) {
    int expected = kIdle;
    return state_.compare_exchange_strong(expected, how,
                                          std::memory_order_acq_rel);
  }

  static_assert(std::atomic<int>::is_always_lock_free);

  const std::function<void()> ring_;
  std::vector<std::atomic<uint64_t>> dirty_;
  alignas(64) std::atomic<int> state_{kIdle};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_WAKE_H_
