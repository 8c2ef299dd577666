#include "gateway/market/feed_health.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace streamhub {
namespace {

constexpr uint64_t kCountMask = 0xFFFFFFFF;

uint64_t SecondOf(int64_t mono_ns) {
  return static_cast<uint64_t>(mono_ns / kSecond) & kCountMask;
}

}  // namespace

void FeedHealth::AddTicks(int64_t ticks, int64_t received_ns, int64_t mono_ns) {
  Add(&ticks_, ticks);
  last_tick_ns_.store(received_ns, std::memory_order_relaxed);
  const uint64_t second = SecondOf(mono_ns);
  auto& word = seconds_[second % kSecondsKept];
  uint64_t now = word.load(std::memory_order_relaxed);
  if (now >> 32 != second) now = second << 32;
  const uint64_t room = kCountMask - (now & kCountMask);
  now += std::min(static_cast<uint64_t>(ticks), room);
  word.store(now, std::memory_order_relaxed);
}

double FeedHealth::RateAt(int64_t mono_ns) const {
  uint64_t sum = 0;
  for (int64_t i = 1; i <= kRateSeconds; ++i) {
    const uint64_t second = SecondOf(mono_ns - i * kSecond);
    const uint64_t word =
        seconds_[second % kSecondsKept].load(std::memory_order_relaxed);
    if (word >> 32 == second) sum += word & kCountMask;
  }
  return static_cast<double>(sum) / static_cast<double>(kRateSeconds);
}

void FeedHealth::AddLost(uint64_t messages) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const int64_t room = kMax - messages_lost();
  Add(&messages_lost_, messages < static_cast<uint64_t>(room)
                           ? static_cast<int64_t>(messages)
                           : room);
}

void FeedHealth::AddGap(std::string_view session, uint64_t first, uint64_t last,
                        int64_t now_ns) {
  AddLost(last - first);
  AddLost(1);
  const std::lock_guard lock(mutex_);
  if (!kept_.empty() && kept_.back().session == session &&
      kept_.back().last + 1 == first) {
    kept_.back().last = last;
    return;
  }
  Add(&gaps_, 1);
  kept_.push_back({std::string(session), first, last, now_ns});
  if (kept_.size() > kGapsKept) kept_.pop_front();
}

void FeedHealth::AddGapsWithoutRange(int64_t gaps, uint64_t messages) {
  Add(&gaps_, gaps);
  AddLost(messages);
}

void FeedHealth::SetLines(FeedLines lines) {
  const std::lock_guard lock(mutex_);
  lines_ = std::move(lines);
}

void FeedHealth::AddFailure(std::string_view reason, int64_t now_ns,
                            int64_t again_ns) {
  const std::lock_guard lock(mutex_);
  last_failure_ = {std::string(reason.substr(0, kReasonBytesMax)), now_ns,
                   again_ns};
  // Who saw the count is told of this one.
  Add(&failures_, 1);
}

std::vector<FeedGap> FeedHealth::Gaps() const {
  const std::lock_guard lock(mutex_);
  return {kept_.begin(), kept_.end()};
}

FeedLines FeedHealth::Lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

FeedFailure FeedHealth::LastFailure() const {
  const std::lock_guard lock(mutex_);
  return last_failure_;
}

}  // namespace streamhub
