#include "gateway/market/conflation_cache.h"

#include <algorithm>
#include <new>

#include "gateway/base/check.h"
#include "gateway/market/usual_interval.h"

namespace streamhub {
namespace {

constexpr size_t kLineBytes = 64;
constexpr size_t kWordsPerLine = kLineBytes / sizeof(uint64_t);
constexpr size_t kBlockWords = (size_t{1} << 20) / sizeof(uint64_t);
constexpr int kReadTries = 4;

constexpr auto kRelease = std::memory_order_release;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

void ConflationCache::FreeBlock::operator()(Word* block) const {
  ::operator delete[](block, std::align_val_t{kLineBytes});
}

ConflationCache::ConflationCache(size_t symbols_max) : slots_(symbols_max) {}

void ConflationCache::AddSlot(SymbolId id, int fields) {
  STREAMHUB_CHECK(id < slots_.size() && slots_[id].load(kRelaxed) == nullptr);
  STREAMHUB_CHECK(fields > 0 && fields <= kLayoutFieldsMax);
  const size_t used = kHeader + 2 * static_cast<size_t>(fields);
  const size_t words =
      (used + kWordsPerLine - 1) / kWordsPerLine * kWordsPerLine;
  if (words > block_left_) {
    void* memory = ::operator new[](kBlockWords * sizeof(Word),
                                    std::align_val_t{kLineBytes});
    block_next_ = static_cast<Word*>(memory);
    for (size_t i = 0; i < kBlockWords; ++i) new (block_next_ + i) Word{0};
    blocks_.emplace_back(block_next_);
    block_left_ = kBlockWords;
  }
  Word* const slot = block_next_;
  block_next_ += words;
  block_left_ -= words;
  for (size_t i = 0; i < static_cast<size_t>(fields); ++i) {
    Cell(slot, i)[kValue].store(static_cast<uint64_t>(kEmpty), kRelaxed);
  }
  slots_[id].store(slot, kRelease);
}

void ConflationCache::Update(SymbolId id, std::span<const Change> changes,
                             int64_t received_ns, int64_t event_ns) {
  Word* const slot = slots_[id].load(kAcquire);
  const uint64_t sequence = slot[kSequence].load(kRelaxed);
  const uint64_t version = slot[kVersion].load(kRelaxed);
  uint64_t next = version;
  slot[kSequence].store(sequence + 1, kRelease);
  for (const Change& change : changes) {
    const auto value = static_cast<uint64_t>(change.value);
    Word* const cell = Cell(slot, static_cast<size_t>(change.position));
    if (cell[kValue].load(kRelaxed) == value) continue;
    next = version + 1;
    cell[kValue].store(value, kRelease);
    cell[kStamp].store(next, kRelease);
  }
  slot[kVersion].store(next, kRelease);
  const uint64_t ticks = slot[kTicks].load(kRelaxed);
  slot[kTicks].store(ticks + 1, kRelease);
  const auto before_ns = static_cast<int64_t>(slot[kReceived].load(kRelaxed));
  // Most ticks of a burst have the time of the one before.
  if (before_ns < received_ns && before_ns > 0 && ticks > 1) {
    const auto usual_ns = static_cast<int64_t>(slot[kUsual].load(kRelaxed));
    const int64_t learnt_ns = LearnInterval(usual_ns, received_ns - before_ns);
    slot[kUsual].store(static_cast<uint64_t>(learnt_ns), kRelease);
  }
  slot[kReceived].store(static_cast<uint64_t>(received_ns), kRelease);
  slot[kEvent].store(static_cast<uint64_t>(event_ns), kRelease);
  slot[kSequence].store(sequence + 2, kRelease);
}

void ConflationCache::Clear(SymbolId id, int fields) {
  Word* const slot = slots_[id].load(kAcquire);
  const uint64_t sequence = slot[kSequence].load(kRelaxed);
  const uint64_t version = slot[kVersion].load(kRelaxed) + 1;
  slot[kSequence].store(sequence + 1, kRelease);
  for (size_t i = 0; i < static_cast<size_t>(fields); ++i) {
    Word* const cell = Cell(slot, i);
    cell[kValue].store(static_cast<uint64_t>(kEmpty), kRelease);
    cell[kStamp].store(version, kRelease);
  }
  slot[kVersion].store(version, kRelease);
  slot[kReceived].store(0, kRelease);
  slot[kEvent].store(0, kRelease);
  slot[kSequence].store(sequence + 2, kRelease);
}

bool ConflationCache::Read(SymbolId id, FieldMask mask, QuoteView* out) const {
  Word* const slot = slots_[id].load(kAcquire);
  for (int i = 0; i < kReadTries; ++i) {
    const uint64_t before = slot[kSequence].load(kAcquire);
    if ((before & 1) != 0) continue;
    out->version = slot[kVersion].load(kAcquire);
    out->ticks = slot[kTicks].load(kAcquire);
    out->received_ns = static_cast<int64_t>(slot[kReceived].load(kAcquire));
    out->event_ns = static_cast<int64_t>(slot[kEvent].load(kAcquire));
    out->usual_ns = static_cast<int64_t>(slot[kUsual].load(kAcquire));
    for (FieldMask rest = mask; rest != 0; rest &= rest - 1) {
      const auto position = static_cast<size_t>(std::countr_zero(rest));
      Word* const cell = Cell(slot, position);
      out->value[position] = static_cast<int64_t>(cell[kValue].load(kAcquire));
      out->stamp[position] = cell[kStamp].load(kAcquire);
    }
    // The loads above are acquires: none can move below this one.
    if (slot[kSequence].load(kAcquire) == before) return true;
  }
  return false;
}

}  // namespace streamhub
