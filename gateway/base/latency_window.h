// The latencies of the last minute: written by one thread while it works, read
// by any thread at any time. A door between threads, as the counters are.
//
// Two histograms (base/histogram.h, in ns) that are filled in turn for half a
// minute each. All words are relaxed atomics: an Add() is plain loads and
// stores, allocates nothing and reads no clock. A reader that meets the moment
// in which the older half is cleared sees fewer values than there were.

#ifndef STREAMHUB_GATEWAY_BASE_LATENCY_WINDOW_H_
#define STREAMHUB_GATEWAY_BASE_LATENCY_WINDOW_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "gateway/base/clock.h"
#include "gateway/base/histogram.h"

namespace streamhub {

// What was read of one window, or of several as one.
struct LatencySeen {
  Histogram recent;   // of the last 30 to 60 seconds, in ns
  int64_t count = 0;  // since the start
  int64_t sum_ns = 0;

  void Merge(const LatencySeen& other) {
    recent.Merge(other.recent);
    count += other.count;
    sum_ns += other.sum_ns;
  }
};

class LatencyWindow {
 public:
  static constexpr int64_t kWindowNs = 60 * kSecond;

  LatencyWindow() = default;
  LatencyWindow(const LatencyWindow&) = delete;
  LatencyWindow& operator=(const LatencyWindow&) = delete;

  // The one thread that writes. A negative latency (a clock was set) counts as
  // 0. `mono_ns` is about now.
  void Add(int64_t latency_ns, int64_t mono_ns);

  // Any thread. `mono_ns`: now.
  LatencySeen Read(int64_t mono_ns) const;

 private:
  struct Half {
    std::atomic<int64_t> begin_ns{0};
    std::array<std::atomic<uint32_t>, Histogram::kBuckets> counts{};
  };

  void StartHalf(int64_t mono_ns);

  std::array<Half, 2> halves_;
  int filling_ = 0;          // the writer's
  int64_t half_end_ns_ = 0;  // the writer's; 0: nothing was added yet
  std::atomic<int64_t> count_{0};
  std::atomic<int64_t> sum_ns_{0};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_LATENCY_WINDOW_H_
