#include "feeds/backoff.h"

#include <gtest/gtest.h>

#include <vector>

namespace streamhub {
namespace {

constexpr Backoff::Limits kLimits = {
    .first_ns = 250 * kMillisecond,
    .max_ns = 30 * kSecond,
    .well_ns = 5 * kSecond,
};

TEST(Backoff, TheBoundDoublesUpToItsMaximum) {
  Backoff backoff(kLimits, [] { return 0.5; });
  std::vector<int64_t> waits_ms;
  for (int i = 0; i < 10; ++i) {
    waits_ms.push_back(backoff.NextNs(0) / kMillisecond);
  }
  EXPECT_EQ(waits_ms, (std::vector<int64_t>{125, 250, 500, 1000, 2000, 4000,
                                            8000, 15000, 15000, 15000}));
}

TEST(Backoff, TheWaitIsAnywhereBelowTheBound) {
  double at = 0;
  Backoff backoff(kLimits, [&] { return at; });
  EXPECT_EQ(backoff.NextNs(0), 0);
  at = 0.999'999'999;
  EXPECT_LT(backoff.NextNs(0), 500 * kMillisecond);
}

TEST(Backoff, BeginsAnewOnlyAfterItRanWell) {
  Backoff backoff(kLimits, [] { return 0.5; });
  for (int i = 0; i < 5; ++i) backoff.NextNs(0);
  EXPECT_EQ(backoff.NextNs(kLimits.well_ns - 1), 4 * kSecond);
  EXPECT_EQ(backoff.NextNs(kLimits.well_ns), 125 * kMillisecond);
  EXPECT_EQ(backoff.NextNs(0), 250 * kMillisecond);
}

}  // namespace
}  // namespace streamhub
