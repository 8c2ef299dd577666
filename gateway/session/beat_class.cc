#include "gateway/session/beat_class.h"

#include <algorithm>

namespace streamhub {

BeatClass::BeatClass(RateStep step, int phase)
    : period_ns_(kPeriods[step]),
      phase_ns_(period_ns_ * phase / PhasesOf(step)) {}

uint32_t BeatClass::Add(SymbolId symbol, SubscriptionRef ref) {
  const size_t word = symbol / 64;
  if (word >= interest_.size()) {
    const bool clean = dirty_high_ == 0;
    interest_.resize(word + 1);
    dirty_.resize(word + 1);
    if (clean) dirty_low_ = dirty_.size();
  }
  interest_[word] |= uint64_t{1} << (symbol % 64);
  auto& list = lists_[symbol];
  list.push_back(ref);
  return static_cast<uint32_t>(list.size() - 1);
}

SubscriptionRef BeatClass::Remove(SymbolId symbol, uint32_t place) {
  const auto found = lists_.find(symbol);
  auto& list = found->second;
  SubscriptionRef moved{nullptr, 0};
  if (place + 1 != list.size()) moved = list[place] = list.back();
  list.pop_back();
  if (list.empty()) {
    lists_.erase(found);
    interest_[symbol / 64] &= ~(uint64_t{1} << (symbol % 64));
  }
  return moved;
}

void BeatClass::MarkWord(size_t word, uint64_t bits, int64_t mono_ns) {
  if (word >= interest_.size()) return;
  bits &= interest_[word];
  if (bits == 0) return;
  if (dirty_high_ == 0) dirty_since_ns_ = mono_ns;
  dirty_[word] |= bits;
  dirty_low_ = std::min(dirty_low_, word);
  dirty_high_ = std::max(dirty_high_, word + 1);
}

int64_t BeatClass::due_ns() const {
  if (dirty_high_ == 0) return std::numeric_limits<int64_t>::max();
  return std::max(next_ns_, dirty_since_ns_);
}

// The first beat comes at once; the next ones lie on the grid of the phase, a
// period or more after the beat before.
int64_t BeatClass::Advance(int64_t mono_ns) {
  if (period_ns_ == 0) return 0;
  const int64_t due = due_ns();
  const int64_t late = (mono_ns - due) / period_ns_;
  const int64_t beat = late > 0 ? mono_ns : due;
  const int64_t after = beat + period_ns_ - phase_ns_;
  next_ns_ = phase_ns_ + (after + period_ns_ - 1) / period_ns_ * period_ns_;
  return late;
}

}  // namespace streamhub
