#include "gateway/base/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace streamhub {
namespace {

// By its definition: the smallest value that so many do not exceed.
int64_t Exact(const std::vector<int64_t>& sorted, double percent) {
  const auto rank = static_cast<size_t>(
      std::ceil(percent / 100 * static_cast<double>(sorted.size())));
  return sorted[std::max<size_t>(rank, 1) - 1];
}

TEST(HistogramTest, NothingIsZero) {
  const Histogram empty;
  EXPECT_EQ(empty.count(), 0);
  EXPECT_EQ(empty.Percentile(50), 0);
  EXPECT_EQ(empty.min(), 0);
  EXPECT_EQ(empty.max(), 0);
  EXPECT_EQ(empty.Mean(), 0);
}

TEST(HistogramTest, SmallValuesAreExact) {
  Histogram histogram;
  for (int64_t v = 1; v <= 100; ++v) histogram.Add(v);
  EXPECT_EQ(histogram.Percentile(0), 1);
  EXPECT_EQ(histogram.Percentile(1), 1);
  EXPECT_EQ(histogram.Percentile(50), 50);
  EXPECT_EQ(histogram.Percentile(99), 99);
  EXPECT_EQ(histogram.Percentile(100), 100);
  EXPECT_EQ(histogram.Mean(), 50.5);
}

TEST(HistogramTest, OneValueIsEveryPercentile) {
  Histogram histogram;
  histogram.Add(123'456'789);
  for (const double percent : {0.0, 50.0, 99.9, 100.0}) {
    EXPECT_EQ(histogram.Percentile(percent), 123'456'789) << percent;
  }
}

// Every power of two and both its neighbours: no bucket is off by one.
TEST(HistogramTest, EveryMagnitudeIsWithinOnePercent) {
  for (int bit = 0; bit < 40; ++bit) {
    for (const int64_t value : {(int64_t{1} << bit) - 1, int64_t{1} << bit,
                                (int64_t{1} << bit) + 1}) {
      Histogram histogram;
      histogram.Add(value);
      histogram.Add(Histogram::kMax);  // so that nothing is clamped to it
      histogram.Add(0);
      const auto got = static_cast<double>(histogram.Percentile(60));
      EXPECT_NEAR(got, static_cast<double>(value),
                  static_cast<double>(value) / 128 + 0.5)
          << value;
    }
  }
}

TEST(HistogramTest, PercentilesAreWithinOnePercentOfExactOnes) {
  std::mt19937_64 random(20231114);
  std::lognormal_distribution<double> latencies(7, 2);
  Histogram histogram;
  std::vector<int64_t> values;
  for (int i = 0; i < 200'000; ++i) {
    values.push_back(static_cast<int64_t>(latencies(random)));
    histogram.Add(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.1, 10.0, 50.0, 90.0, 99.0, 99.9, 99.999}) {
    const auto exact = static_cast<double>(Exact(values, percent));
    EXPECT_NEAR(static_cast<double>(histogram.Percentile(percent)), exact,
                exact * 0.01)
        << percent;
  }
  EXPECT_EQ(histogram.min(), values.front());
  EXPECT_EQ(histogram.max(), values.back());
}

TEST(HistogramTest, WhatIsOutOfRangeCountsAtTheEnds) {
  Histogram histogram;
  histogram.Add(-5);
  histogram.Add(int64_t{1} << 50);
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), Histogram::kMax);
  EXPECT_EQ(histogram.count(), 2);
  EXPECT_EQ(histogram.Percentile(50), 0);
}

// What counts elsewhere by our buckets loses nothing but places within one.
TEST(HistogramTest, BucketsAreAddedAsTheirMiddles) {
  Histogram direct, by_bucket;
  for (int64_t value = 1; value < Histogram::kMax; value = value * 3 + 1) {
    for (int i = 0; i < 3; ++i) direct.Add(value);
    by_bucket.AddToBucket(Histogram::BucketOf(value), 3);
  }
  by_bucket.AddToBucket(5, 0);
  EXPECT_EQ(by_bucket.count(), direct.count());
  for (const double percent : {0.0, 10.0, 50.0, 90.0, 100.0}) {
    const auto exact = static_cast<double>(direct.Percentile(percent));
    EXPECT_NEAR(static_cast<double>(by_bucket.Percentile(percent)), exact,
                exact / 100)
        << percent;
  }
  EXPECT_NEAR(by_bucket.Mean(), direct.Mean(), direct.Mean() / 100);
}

TEST(HistogramTest, MergedIsAsIfCountedInOne) {
  std::mt19937_64 random(7);
  Histogram parts[3], all;
  for (int i = 0; i < 30'000; ++i) {
    const auto value = static_cast<int64_t>(random() % 10'000'000);
    parts[i % 3].Add(value);
    all.Add(value);
  }
  Histogram merged;
  for (const Histogram& part : parts) merged.Merge(part);
  merged.Merge(Histogram());
  EXPECT_EQ(merged.count(), all.count());
  EXPECT_EQ(merged.min(), all.min());
  EXPECT_EQ(merged.max(), all.max());
  EXPECT_DOUBLE_EQ(merged.Mean(), all.Mean());
  for (double percent = 0; percent <= 100; percent += 0.5) {
    EXPECT_EQ(merged.Percentile(percent), all.Percentile(percent));
  }
}

}  // namespace
}  // namespace streamhub
