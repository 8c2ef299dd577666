#include "gateway/session/drain_plan.h"

#include <algorithm>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr int64_t kSliceNs = 20 * kMillisecond;
// At least so many a second are closed.
constexpr int64_t kPaceMin = 500;
// Without a drain: when the first may come back, and how many each second.
constexpr int kAbsentMs = 1000;
constexpr int64_t kReturnPace = 1000;
constexpr int64_t kReturnMsMax = 60'000;

}  // namespace

DrainPlan::DrainPlan(int64_t begin_ns, int64_t drain_ns, size_t sessions,
                     uint32_t seed)
    : begin_ns_(begin_ns), sessions_(sessions), random_(seed) {
  const auto count = static_cast<int64_t>(sessions);
  window_ns_ = std::min(drain_ns / 10 * 7, count * kSecond / kPaceMin);
  if (drain_ns > 0) {
    after_ms_min_ = 0;
    after_ms_max_ = static_cast<int>(drain_ns / 5 / kMillisecond);
  } else {
    after_ms_min_ = kAbsentMs;
    after_ms_max_ =
        kAbsentMs + static_cast<int>(std::clamp<int64_t>(
                        count * 1000 / kReturnPace, kAbsentMs, kReturnMsMax));
  }
}

// The slice at hand is closed at its begin.
size_t DrainPlan::DueAt(int64_t mono_ns) const {
  const int64_t closed_ns =
      (mono_ns - begin_ns_) / kSliceNs * kSliceNs + kSliceNs;
  if (closed_ns >= window_ns_) return sessions_;
  const double part =
      static_cast<double>(closed_ns) / static_cast<double>(window_ns_);
  return std::min(
      sessions_,
      static_cast<size_t>(part * static_cast<double>(sessions_)) + 1);
}

int64_t DrainPlan::NextAfter(int64_t mono_ns) const {
  if (DueAt(mono_ns) == sessions_) return begin_ns_;
  return begin_ns_ + ((mono_ns - begin_ns_) / kSliceNs + 1) * kSliceNs;
}

int DrainPlan::AfterMs() {
  return std::uniform_int_distribution<int>(after_ms_min_,
                                            after_ms_max_)(random_);
}

}  // namespace streamhub
