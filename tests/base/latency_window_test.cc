#include "gateway/base/latency_window.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace streamhub {
namespace {

constexpr int64_t kStart = 1000 * kSecond;

TEST(LatencyWindowTest, NothingWasSeen) {
  const LatencyWindow window;
  for (const int64_t now_ns : {int64_t{0}, kStart}) {
    const LatencySeen seen = window.Read(now_ns);
    EXPECT_EQ(seen.recent.count(), 0);
    EXPECT_EQ(seen.count, 0);
    EXPECT_EQ(seen.sum_ns, 0);
  }
}

TEST(LatencyWindowTest, PercentilesAreWithinOnePercent) {
  LatencyWindow window;
  for (int64_t i = 1; i <= 1000; ++i) window.Add(i * kMicrosecond, kStart);
  const LatencySeen seen = window.Read(kStart);
  EXPECT_EQ(seen.count, 1000);
  EXPECT_EQ(seen.sum_ns, 500'500 * kMicrosecond);
  EXPECT_EQ(seen.recent.count(), 1000);
  for (const double percent : {1.0, 50.0, 90.0, 99.0, 100.0}) {
    const double exact = percent * 10 * kMicrosecond;
    EXPECT_NEAR(static_cast<double>(seen.recent.Percentile(percent)), exact,
                exact / 100)
        << percent;
  }
}

TEST(LatencyWindowTest, AClockThatWasSetBackCountsAsNothingLost) {
  LatencyWindow window;
  window.Add(-5, kStart);
  const LatencySeen seen = window.Read(kStart);
  EXPECT_EQ(seen.count, 1);
  EXPECT_EQ(seen.sum_ns, 0);
  EXPECT_EQ(seen.recent.Percentile(50), 0);
}

TEST(LatencyWindowTest, WhatIsTooLongCountsAtTheEnd) {
  LatencyWindow window;
  window.Add(INT64_MAX, kStart);
  EXPECT_NEAR(static_cast<double>(window.Read(kStart).recent.max()),
              static_cast<double>(Histogram::kMax), Histogram::kMax / 100.0);
}

// Each value is there for 30 seconds at least and for 60 at most; count and
// sum are for ever.
TEST(LatencyWindowTest, OldValuesLeaveTheWindow) {
  LatencyWindow window;
  window.Add(1, kStart);
  window.Add(2, kStart + 29 * kSecond);
  window.Add(100, kStart + 40 * kSecond);
  EXPECT_EQ(window.Read(kStart + 41 * kSecond).recent.count(), 3);
  EXPECT_EQ(window.Read(kStart + 59 * kSecond).recent.min(), 1);
  const LatencySeen later = window.Read(kStart + 61 * kSecond);
  EXPECT_EQ(later.recent.count(), 1);
  EXPECT_EQ(later.recent.min(), 100);
  EXPECT_EQ(later.count, 3);
  EXPECT_EQ(later.sum_ns, 103);
  EXPECT_EQ(window.Read(kStart + 101 * kSecond).recent.count(), 0);
}

TEST(LatencyWindowTest, AHalfThatIsFilledAgainBeginsEmpty) {
  LatencyWindow window;
  for (int64_t minute = 0; minute < 10; ++minute) {
    window.Add(minute + 1, kStart + minute * 60 * kSecond);
    const LatencySeen seen = window.Read(kStart + minute * 60 * kSecond);
    EXPECT_EQ(seen.recent.count(), 1) << minute;
    EXPECT_EQ(seen.recent.min(), minute + 1);
    EXPECT_EQ(seen.count, minute + 1);
  }
}

TEST(LatencyWindowTest, SeveralAreReadAsOne) {
  LatencyWindow a, b;
  for (int64_t i = 1; i <= 50; ++i) a.Add(i, kStart);
  for (int64_t i = 51; i <= 100; ++i) b.Add(i, kStart);
  LatencySeen both = a.Read(kStart);
  both.Merge(b.Read(kStart));
  EXPECT_EQ(both.count, 100);
  EXPECT_EQ(both.sum_ns, 5050);
  EXPECT_EQ(both.recent.Percentile(50), 50);
  EXPECT_EQ(both.recent.Percentile(99), 99);
}

}  // namespace
}  // namespace streamhub
