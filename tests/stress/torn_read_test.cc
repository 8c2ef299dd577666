// The hunt for torn reads: writers and readers hammer a few slots. Every tick
// derives all its words from one number, so that a read that mixes two ticks
// is seen. The same hunt is turned on slots with a fault planted in their
// protocol, and must find it: a hunt that cannot find anything proves nothing.
//
// The mutants are copies of the cache's reading and writing. Data races of
// theirs are on atomics only, so they are well defined and run under the
// thread sanitizer, too.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/market/conflation_cache.h"

namespace streamhub {
namespace {

constexpr int kFields = 16;
constexpr FieldMask kAll = (FieldMask{1} << kFields) - 1;
constexpr int64_t kHuntNs = 600 * kMillisecond;
// For machines so busy that the threads hardly meet.
constexpr int64_t kHuntNsMax = 60 * kSecond;

int64_t Derived(uint64_t n, int field) {
  return static_cast<int64_t>(n * 1'000 + static_cast<uint64_t>(field));
}

// Tick `n` (from 1) of a symbol. Every third leaves the odd fields alone.
std::vector<Change> TickOf(uint64_t n) {
  std::vector<Change> changes;
  for (int i = 0; i < kFields; ++i) {
    if (n % 3 == 0 && i % 2 == 1) continue;
    changes.push_back({i, Derived(n, i)});
  }
  return changes;
}

// What is wrong with a read, or nothing.
std::string FaultOf(const QuoteView& view) {
  const uint64_t n = view.version;
  if (view.ticks != n) return "ticks of another tick";
  if (static_cast<uint64_t>(view.received_ns) != n * 7) return "received";
  if (static_cast<uint64_t>(view.event_ns) != n * 5) return "event";
  if (n == 0) return view.value[0] == kEmpty ? "" : "value of version 0";
  for (int i = 0; i < kFields; ++i) {
    const uint64_t changed = n % 3 == 0 && i % 2 == 1 ? n - 1 : n;
    if (view.stamp[i] != changed) return "stamp of field " + std::to_string(i);
    if (view.value[i] != Derived(changed, i)) {
      return "value of field " + std::to_string(i);
    }
  }
  return "";
}

// The product's cache behind the hunt's interface.
class RealSlots {
 public:
  explicit RealSlots(int slots) : cache_(static_cast<size_t>(slots)) {
    for (int i = 0; i < slots; ++i) {
      cache_.AddSlot(static_cast<SymbolId>(i), kFields);
    }
  }
  void Write(int slot, uint64_t n) {
    cache_.Update(static_cast<SymbolId>(slot), TickOf(n),
                  static_cast<int64_t>(n * 7), static_cast<int64_t>(n * 5));
  }
  bool Read(int slot, QuoteView* out) const {
    return cache_.Read(static_cast<SymbolId>(slot), kAll, out);
  }

 private:
  ConflationCache cache_;
};

enum class Fault {
  kNone,
  kReaderIgnoresSequence,  // no check after the copy
  kReaderIgnoresOdd,       // reads while the writer is inside
  kWriterEntersSilently,   // the sequence only moves when it is done
  kWriterLeavesTooEarly,   // even again before the values are stored
};

// The protocol once more, with a fault in it.
template <Fault kFault>
class MutantSlots {
 public:
  explicit MutantSlots(int slots) : slots_(static_cast<size_t>(slots)) {
    for (Slot& slot : slots_) {
      for (int i = 0; i < kFields; ++i) {
        slot.value[i].store(static_cast<uint64_t>(kEmpty));
      }
    }
  }

  void Write(int index, uint64_t n) {
    const std::vector<Change> changes = TickOf(n);
    Slot& slot = slots_[static_cast<size_t>(index)];
    const uint64_t sequence = slot.sequence.load(kRelaxed);
    if (kFault != Fault::kWriterEntersSilently) {
      slot.sequence.store(sequence + 1, kRelease);
    }
    if (kFault == Fault::kWriterLeavesTooEarly) {
      slot.sequence.store(sequence + 2, kRelease);
    }
    for (const Change& change : changes) {
      slot.value[change.position].store(static_cast<uint64_t>(change.value),
                                        kRelease);
      slot.stamp[change.position].store(n, kRelease);
    }
    slot.version.store(n, kRelease);
    slot.ticks.store(n, kRelease);
    slot.received.store(n * 7, kRelease);
    slot.event.store(n * 5, kRelease);
    slot.sequence.store(sequence + 2, kRelease);
  }

  bool Read(int index, QuoteView* out) const {
    const Slot& slot = slots_[static_cast<size_t>(index)];
    for (int tries = 0; tries < 4; ++tries) {
      const uint64_t before = slot.sequence.load(kAcquire);
      if (kFault != Fault::kReaderIgnoresOdd && before % 2 != 0) continue;
      out->version = slot.version.load(kAcquire);
      out->ticks = slot.ticks.load(kAcquire);
      out->received_ns = static_cast<int64_t>(slot.received.load(kAcquire));
      out->event_ns = static_cast<int64_t>(slot.event.load(kAcquire));
      for (int i = 0; i < kFields; ++i) {
        out->value[i] = static_cast<int64_t>(slot.value[i].load(kAcquire));
        out->stamp[i] = slot.stamp[i].load(kAcquire);
      }
      if (kFault == Fault::kReaderIgnoresSequence) return true;
      if (slot.sequence.load(kAcquire) == before) return true;
    }
    return false;
  }

 private:
  static constexpr auto kRelease = std::memory_order_release;
  static constexpr auto kAcquire = std::memory_order_acquire;
  static constexpr auto kRelaxed = std::memory_order_relaxed;

  using Word = std::atomic<uint64_t>;
  struct alignas(64) Slot {
    Word sequence{0}, version{0}, ticks{0}, received{0}, event{0};
    std::array<Word, kFields> value{}, stamp{};
  };
  std::deque<Slot> slots_;
};

struct Found {
  uint64_t reads = 0;      // that succeeded
  uint64_t contended = 0;  // that were given up
  uint64_t versions = 0;   // different ones that were seen
  uint64_t torn = 0;
  bool backwards = false;
  std::string fault;  // the first
};

template <typename Slots>
void HuntAsReader(const Slots& slots, int count, const std::atomic<bool>& stop,
                  Found* found) {
  std::vector<uint64_t> last(static_cast<size_t>(count), 0);
  QuoteView view;
  for (int i = 0; !stop.load(std::memory_order_relaxed); ++i) {
    const int slot = i % count;
    if (!slots.Read(slot, &view)) {
      ++found->contended;
      continue;
    }
    ++found->reads;
    uint64_t& newest = last[static_cast<size_t>(slot)];
    if (view.version < newest) found->backwards = true;
    if (view.version > newest) ++found->versions;
    newest = view.version;
    if (std::string fault = FaultOf(view); !fault.empty()) {
      ++found->torn;
      if (found->fault.empty()) found->fault = std::move(fault);
    }
  }
}

// Some nanoseconds for each of `n`, so that readers come in between, too.
void Pause(uint64_t n) {
  std::atomic<uint64_t> counted = 0;
  while (counted.load(std::memory_order_relaxed) < n) {
    counted.fetch_add(1, std::memory_order_relaxed);
  }
}

// Each writer owns every `writers`th slot. Runs for `kHuntNs`, and longer as
// long as `enough` is not satisfied, up to `kHuntNsMax`.
template <typename Slots, typename Enough>
Found Hunt(int count, int writers, int readers, Enough enough) {
  Slots slots(count);
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  std::vector<Found> found(static_cast<size_t>(readers));
  std::atomic<uint64_t> written = 0;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      uint64_t n = 1;
      for (; !stop.load(std::memory_order_relaxed); ++n) {
        for (int slot = w; slot < count; slot += writers) slots.Write(slot, n);
        Pause(n % 29 * 8);
      }
      written += n;
    });
  }
  // Rounds, because `found` belongs to its reader while that runs.
  Found all;
  const int64_t start_ns = SystemClock().MonoNs();
  int64_t ran_ns = 0;
  do {
    std::atomic<bool> round_over = false;
    std::vector<std::thread> hunters;
    for (Found& f : found) {
      f = Found();
      hunters.emplace_back([&] { HuntAsReader(slots, count, round_over, &f); });
    }
    const int64_t round_end_ns = SystemClock().MonoNs() + kHuntNs / 4;
    while (SystemClock().MonoNs() < round_end_ns) std::this_thread::yield();
    round_over = true;
    for (std::thread& hunter : hunters) hunter.join();
    for (const Found& f : found) {
      all.reads += f.reads;
      all.contended += f.contended;
      all.versions += f.versions;
      all.torn += f.torn;
      all.backwards |= f.backwards;
      if (all.fault.empty()) all.fault = f.fault;
    }
    ran_ns = SystemClock().MonoNs() - start_ns;
  } while ((ran_ns < kHuntNs || !enough(all)) && ran_ns < kHuntNsMax);
  stop = true;
  for (std::thread& thread : threads) thread.join();
  testing::Test::RecordProperty("reads", std::to_string(all.reads));
  std::printf(
      "%llu ticks written, %llu reads of %llu versions, %llu given up, "
      "%llu torn %s\n",
      static_cast<unsigned long long>(written.load()),
      static_cast<unsigned long long>(all.reads),
      static_cast<unsigned long long>(all.versions),
      static_cast<unsigned long long>(all.contended),
      static_cast<unsigned long long>(all.torn), all.fault.c_str());
  return all;
}

void ExpectNoneTorn(int count, int writers, int readers) {
  const Found found = Hunt<RealSlots>(
      count, writers, readers, [](const Found& f) { return f.versions > 100; });
  EXPECT_GT(found.reads, 0u);
  EXPECT_GT(found.versions, 100u) << "the writer stood still";
  EXPECT_EQ(found.torn, 0u) << found.fault;
  EXPECT_FALSE(found.backwards);
}

TEST(TornRead, OneSlotOneWriterOneReader) { ExpectNoneTorn(1, 1, 1); }

TEST(TornRead, OneSlotOneWriterTwoReaders) { ExpectNoneTorn(1, 1, 2); }

TEST(TornRead, SeveralSlotsTwoWritersTwoReaders) { ExpectNoneTorn(5, 2, 2); }

template <Fault kFault>
Found HuntMutant() {
  return Hunt<MutantSlots<kFault>>(1, 1, 1,
                                   [](const Found& f) { return f.torn > 0; });
}

TEST(TornReadHunt, FindsAReaderThatIgnoresTheSequence) {
  EXPECT_GT(HuntMutant<Fault::kReaderIgnoresSequence>().torn, 0u);
}

TEST(TornReadHunt, FindsAReaderThatEntersWhileTheWriterIsInside) {
  EXPECT_GT(HuntMutant<Fault::kReaderIgnoresOdd>().torn, 0u);
}

TEST(TornReadHunt, FindsAWriterThatEntersSilently) {
  EXPECT_GT(HuntMutant<Fault::kWriterEntersSilently>().torn, 0u);
}

TEST(TornReadHunt, FindsAWriterThatLeavesTooEarly) {
  EXPECT_GT(HuntMutant<Fault::kWriterLeavesTooEarly>().torn, 0u);
}

// The copy itself is sound: what the hunt finds above is the fault.
TEST(TornReadHunt, FindsNothingInTheCopyWithoutFault) {
  const Found found = Hunt<MutantSlots<Fault::kNone>>(
      1, 1, 1, [](const Found& f) { return f.versions > 100; });
  EXPECT_GT(found.versions, 100u);
  EXPECT_EQ(found.torn, 0u) << found.fault;
}

}  // namespace
}  // namespace streamhub
