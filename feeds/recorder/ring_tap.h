// What a feed tells a recorder, on the feed's thread: every record goes into a
// ring of words (ring_record.h), without waiting and without memory. Where the
// ring is full, records are lost: counted, with the time of the first and the
// last, and of which symbols, so that the recorder can tell the gap and make
// its values good again from the cache. Once a record was lost, all are until a
// quarter of the ring is free: a gap is one gap.
//
// One per feed. A door between two threads: TickTap's calls and AwaitRoom are
// the feed's, what stands below "the recorder" is the recorder's.

#ifndef STREAMHUB_FEEDS_RECORDER_RING_TAP_H_
#define STREAMHUB_FEEDS_RECORDER_RING_TAP_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "feeds/recorder/ring_record.h"
#include "feeds/recorder/word_ring.h"
#include "feeds/tick_tap.h"
#include "gateway/market/symbol_table.h"

namespace streamhub {

class RingTap final : public TickTap {
 public:
  struct Options {
    size_t ring_words = 1 << 20;
    // The feed waits for room instead of losing records: for what is no live
    // source, as a recording. The recorder must run.
    bool waits = false;
  };

  // `symbols` outlives it.
  RingTap(const SymbolTable& symbols, Options options);

  void OnSymbol(SymbolId id, const SymbolInfo& info) override;
  void OnTick(SymbolId id, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override;
  void OnTrade(SymbolId id, const TradeReport& trade, int64_t received_ns,
               int64_t event_ns) override;
  void OnStatus(FeedStatus status, int64_t received_ns) override;
  void OnGap(uint64_t messages, int64_t received_ns) override;
  void OnEpoch(uint64_t epoch, int64_t received_ns) override;

  // --- the recorder ---

  WordRing& ring() { return ring_; }

  // Records that were ever lost, and, after that was asked, the time of the
  // last of them, or of a later one.
  uint64_t LostTotal() const { return lost_.load(std::memory_order_acquire); }
  int64_t LostTo() const { return lost_to_.load(std::memory_order_acquire); }

  // Whether a symbol lost anything; a bit that is set is seen soon.
  bool HasLostSymbols() const {
    return symbols_lost_.load(std::memory_order_acquire);
  }

  // Calls `lost(id)` for every symbol that lost something since it was last
  // asked: what was put before is in the ring by now, and what was lost in the
  // cache.
  template <typename Lost>
  void TakeLostSymbols(Lost lost) {
    if (!symbols_lost_.exchange(false, std::memory_order_acq_rel)) return;
    for (size_t i = 0; i < lost_symbols_.size(); ++i) {
      uint64_t bits = lost_symbols_[i].exchange(0, std::memory_order_acq_rel);
      for (; bits != 0; bits &= bits - 1) {
        lost(static_cast<SymbolId>(
            64 * i + static_cast<size_t>(std::countr_zero(bits))));
      }
    }
  }

  // Either thread: the symbol lost something.
  void MarkLost(SymbolId id);

  // There is more room than before: a feed that waits is woken.
  void GiveRoom() {
    if (!options_.waits) return;
    turns_.fetch_add(1, std::memory_order_acq_rel);
    turns_.notify_one();
  }

 private:
  // Room that only records other than ticks and trades may take, which are rare
  // and tell more: a feed's status, an epoch, and that something was lost.
  static constexpr size_t kReservedWords = 64;

  // Whether a record of so many words may be put; if not, it is lost.
  bool Admit(SymbolId id, size_t words, int64_t received_ns) {
    if (!losing_ && ring_.HasRoom(words + kReservedWords)) return true;
    return AdmitSlowly(id, words, received_ns);
  }
  bool AdmitSlowly(SymbolId id, size_t words, int64_t received_ns);
  void AwaitRoom(size_t words);
  // False if there is no room: that is not counted yet.
  bool PutControl(RingRecord kind, uint8_t detail, int64_t time_ns,
                  uint64_t word);
  void BeginLosing(int64_t received_ns);
  void StopLosing();
  void CountLost(int64_t received_ns);

  const SymbolTable& symbols_;
  const Options options_;
  WordRing ring_;

  // The feed's:
  bool losing_ = false;
  std::vector<SymbolId> owned_;

  // The feed writes, the recorder reads:
  std::atomic<uint64_t> lost_{0};
  std::atomic<int64_t> lost_to_{0};

  // The feed sets, the recorder clears:
  std::vector<std::atomic<uint64_t>> lost_symbols_;
  std::atomic<bool> symbols_lost_{false};

  // The recorder counts its turns, for a feed that waits.
  std::atomic<uint32_t> turns_{0};
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_RING_TAP_H_
