#include "gateway/base/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace streamhub {

// Below kExact a value is its own bucket. Above, the highest kSubBits + 1 bits
// are kept: `shift` is how many are dropped, and what is kept lies in
// [64, 128).
size_t Histogram::BucketOf(int64_t value) {
  if (value < kExact) return static_cast<size_t>(value);
  const int shift =
      std::bit_width(static_cast<uint64_t>(value)) - (kSubBits + 1);
  return (static_cast<size_t>(shift) << kSubBits) +
         static_cast<size_t>(value >> shift);
}

int64_t Histogram::MiddleOf(size_t bucket) {
  if (bucket < static_cast<size_t>(kExact)) {
    return static_cast<int64_t>(bucket);
  }
  const int shift = static_cast<int>(bucket >> kSubBits) - 1;
  const auto kept =
      static_cast<int64_t>(bucket - (static_cast<size_t>(shift) << kSubBits));
  return (kept << shift) + (int64_t{1} << shift) / 2;
}

void Histogram::Add(int64_t value) {
  value = std::clamp(value, int64_t{0}, kMax);
  ++counts_[BucketOf(value)];
  ++count_;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

void Histogram::AddToBucket(size_t bucket, int64_t count) {
  if (count <= 0) return;
  const int64_t middle = std::min(MiddleOf(bucket), kMax);
  counts_[bucket] += count;
  count_ += count;
  min_ = std::min(min_, middle);
  max_ = std::max(max_, middle);
  sum_ += static_cast<double>(middle) * static_cast<double>(count);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

double Histogram::Mean() const {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

int64_t Histogram::Percentile(double percent) const {
  if (count_ == 0) return 0;
  const auto rank = std::clamp<int64_t>(
      static_cast<int64_t>(
          std::ceil(percent / 100 * static_cast<double>(count_))),
      1, count_);
  if (rank == count_) return max_;
  int64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(MiddleOf(i), min_, max_);
  }
  return max_;
}

}  // namespace streamhub
