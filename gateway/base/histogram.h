// How often values occurred, in a fixed 18 KB: percentiles of latencies without
// keeping the latencies. Log-linear, as HdrHistogram is: values up to 127 are
// exact; above, every power of two is split into 64 equal buckets, so that a
// percentile is at most 1/128 (0.8 %) away from a value that occurred there.
// Pure; one thread. Threads count each in their own and merge.

#ifndef STREAMHUB_GATEWAY_BASE_HISTOGRAM_H_
#define STREAMHUB_GATEWAY_BASE_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace streamhub {

class Histogram {
 public:
  // About 12 days, if values are microseconds. Larger ones count as this.
  static constexpr int64_t kMax = (int64_t{1} << 40) - 1;

  // A negative value counts as 0.
  void Add(int64_t value);

  // Buckets for who counts elsewhere (base/latency_window.h): the one of a
  // value in 0 to kMax, and `count` values of one bucket, each as its middle.
  static constexpr int kSubBits = 6;  // 64 buckets to a power of two
  static constexpr size_t kBuckets = (40 - kSubBits + 1) << kSubBits;
  static size_t BucketOf(int64_t value);
  void AddToBucket(size_t bucket, int64_t count);

  // As if everything that `other` counted had been added to this.
  void Merge(const Histogram& other);

  int64_t count() const { return count_; }
  int64_t min() const { return count_ == 0 ? 0 : min_; }  // exact
  int64_t max() const { return max_; }                    // exact
  double Mean() const;                                    // exact

  // The smallest value that at least `percent` of all values do not exceed,
  // by the middle of its bucket; 0 if there are none. 100 is max().
  int64_t Percentile(double percent) const;

 private:
  static constexpr int64_t kExact = int64_t{2} << kSubBits;

  static int64_t MiddleOf(size_t bucket);

  std::array<int64_t, kBuckets> counts_{};
  int64_t count_ = 0;
  int64_t min_ = kMax;
  int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_HISTOGRAM_H_
