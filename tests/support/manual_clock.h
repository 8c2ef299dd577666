// A clock that a test turns by hand. Any thread may read and turn it.

#ifndef STREAMHUB_TESTS_SUPPORT_MANUAL_CLOCK_H_
#define STREAMHUB_TESTS_SUPPORT_MANUAL_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "gateway/base/clock.h"

namespace streamhub {

class ManualClock final : public Clock {
 public:
  // 2023-11-14 22:13:20 UTC, an easy number to recognise in output.
  static constexpr int64_t kStartWallNs = 1'700'000'000 * kSecond;
  static constexpr int64_t kStartMonoNs = 1'000 * kSecond;

  int64_t WallNs() const override {
    return wall_ns_.load(std::memory_order_acquire);
  }
  int64_t MonoNs() const override {
    return mono_ns_.load(std::memory_order_acquire);
  }

  // Both clocks go on by `ns`.
  void Advance(int64_t ns) {
    wall_ns_.fetch_add(ns, std::memory_order_acq_rel);
    mono_ns_.fetch_add(ns, std::memory_order_acq_rel);
  }

  // Only the wall clock: somebody set the time of day.
  void SetWallNs(int64_t wall_ns) {
    wall_ns_.store(wall_ns, std::memory_order_release);
  }

 private:
  std::atomic<int64_t> wall_ns_{kStartWallNs};
  std::atomic<int64_t> mono_ns_{kStartMonoNs};
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_MANUAL_CLOCK_H_
