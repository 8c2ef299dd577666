// The last value of every field of every symbol, and the version at which it
// last changed. With wake.h the only lock-free code of the program.
//
// Threads: each symbol has one writer thread, which never waits. Any number of
// readers; a read is bounded and may fail, which is no error: the symbol stays
// dirty and the reader asks again on its next turn. A slot never moves.
//
// A slot is an array of 64-bit words: {sequence, version, ticks, received,
// event, usual interval}, then {value, stamp} per field. The sequence is odd
// while the writer is inside and only guards reads. All words are atomics,
// stored with release and loaded with acquire: no fences, so that the thread
// sanitizer understands it (see docs/adr/0002).

#ifndef STREAMHUB_GATEWAY_MARKET_CONFLATION_CACHE_H_
#define STREAMHUB_GATEWAY_MARKET_CONFLATION_CACHE_H_

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gateway/market/field.h"
#include "gateway/market/layout.h"

namespace streamhub {

// Dense index of a symbol in its market: 0, 1, 2, ...
using SymbolId = uint32_t;

// One field's new value, by the position in the symbol's layout.
struct Change {
  int position;
  int64_t value;  // kEmpty: the field becomes empty
};

// What a read copied out: one consistent state of a symbol. Only the positions
// of the mask that was asked for are valid.
struct QuoteView {
  uint64_t version = 0;     // grows by one with a tick that changes a value
  uint64_t ticks = 0;       // ticks so far, also those that changed nothing
  int64_t received_ns = 0;  // when the gateway got the last tick, wall clock
  int64_t event_ns = 0;     // the venue's time of it; 0 if it tells none
  int64_t usual_ns = 0;     // see usual_interval.h; 0: not learnt yet
  std::array<int64_t, kLayoutFieldsMax> value;
  std::array<uint64_t, kLayoutFieldsMax> stamp;  // version of last change

  // The fields among `mask` that changed after version `cursor`.
  FieldMask ChangedSince(uint64_t cursor, FieldMask mask) const {
    FieldMask changed = 0;
    for (FieldMask rest = mask; rest != 0; rest &= rest - 1) {
      const int position = std::countr_zero(rest);
      if (stamp[position] > cursor) changed |= FieldMask{1} << position;
    }
    return changed;
  }
};

class ConflationCache {
 public:
  // Room for ids 0 to `symbols_max` - 1; memory is taken as slots are added.
  explicit ConflationCache(size_t symbols_max);

  // Makes the slot of `id`, all fields empty at version 0. Calls must be
  // serialised by the caller, and happen before `id` is told to anybody.
  void AddSlot(SymbolId id, int fields);

  // The symbol's writer thread. One tick: stores the values that differ, each
  // stamped with a new version, and counts the tick even if none does.
  // Times in ns, wall clock; `event_ns` 0 if the venue tells none. From the
  // third tick on the interval between ticks is learnt: what comes before the
  // first real one, a new symbol's `trading`, says nothing of its pace.
  void Update(SymbolId id, std::span<const Change> changes, int64_t received_ns,
              int64_t event_ns);

  // The symbol's writer thread. Every field becomes empty; not a tick.
  void Clear(SymbolId id, int fields);

  // Any thread. False if the writer was in the way for several tries.
  bool Read(SymbolId id, FieldMask mask, QuoteView* out) const;

 private:
  friend class StuckWriter;  // of tests: stops in the middle of a write
  friend class BareSlots;    // of benchmarks: the memory without the rules

  using Word = std::atomic<uint64_t>;
  static_assert(Word::is_always_lock_free);
  enum : size_t { kSequence, kVersion, kTicks, kReceived, kEvent, kUsual };
  enum : size_t { kValue, kStamp };

  // Words. The header's are even, so that no cell, which is a field's value and
  // stamp, lies across two cache lines.
  static constexpr size_t kHeader = 6, kCell = 2;
  static_assert(kHeader % kCell == 0);

  static Word* Cell(Word* slot, size_t position) {
    return slot + kHeader + kCell * position;
  }

  struct FreeBlock {
    void operator()(Word* block) const;
  };

  std::vector<std::atomic<Word*>> slots_;
  std::vector<std::unique_ptr<Word[], FreeBlock>> blocks_;
  size_t block_left_ = 0;  // words
  Word* block_next_ = nullptr;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_CONFLATION_CACHE_H_
