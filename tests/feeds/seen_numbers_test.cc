#include "feeds/seen_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>

namespace streamhub {
namespace {

TEST(SeenNumbers, WhatIsPassedOverIsMissingUntilItComes) {
  SeenNumbers seen;
  seen.Begin(1);
  EXPECT_EQ(seen.Add(1, 4), 3u);
  EXPECT_EQ(seen.Add(10, 12), 2u);
  EXPECT_EQ(seen.missing(), 6u);  // 4 to 9
  EXPECT_EQ(seen.Add(6, 8), 2u);  // out of its middle
  EXPECT_EQ(seen.missing(), 4u);
  EXPECT_EQ(seen.Add(6, 8), 0u);
  EXPECT_EQ(seen.Add(1, 12), 4u);  // all the rest
  EXPECT_EQ(seen.missing(), 0u);
  EXPECT_EQ(seen.next(), 12u);
}

TEST(SeenNumbers, WhatIsAnnouncedIsMissing) {
  SeenNumbers seen;
  seen.Begin(5);
  seen.Expect(5);
  EXPECT_EQ(seen.missing(), 0u);
  seen.Expect(8);
  EXPECT_EQ(seen.missing(), 3u);
  seen.Expect(6);
  EXPECT_EQ(seen.missing(), 3u);
  EXPECT_EQ(seen.Add(5, 9), 4u);
  EXPECT_EQ(seen.missing(), 0u);
}

TEST(SeenNumbers, WhatIsFromBeforeTheBeginIsNotNew) {
  SeenNumbers seen;
  seen.Begin(100);
  EXPECT_EQ(seen.Add(90, 100), 0u);
  EXPECT_EQ(seen.Add(90, 103), 3u);
  EXPECT_EQ(seen.missing(), 0u);
}

TEST(SeenNumbers, AnotherStreamKeepsWhatWasMissing) {
  SeenNumbers seen;
  seen.Begin(1);
  seen.Expect(6);
  seen.Begin(1);
  EXPECT_EQ(seen.missing(), 5u);
  EXPECT_EQ(seen.Add(1, 3), 2u);
  EXPECT_EQ(seen.missing(), 5u);
}

TEST(SeenNumbers, OldRangesAreMissingForGood) {
  SeenNumbers seen;
  seen.Begin(0);
  // Every other number, twice as many as are kept open.
  const uint64_t ranges = 2 * SeenNumbers::kOpenMax;
  for (uint64_t i = 1; i <= ranges; ++i) seen.Add(2 * i - 1, 2 * i);
  EXPECT_EQ(seen.missing(), ranges);
  EXPECT_EQ(seen.Add(0, 1), 0u);
  EXPECT_EQ(seen.Add(0, 2 * ranges), SeenNumbers::kOpenMax);
  EXPECT_EQ(seen.missing(), ranges - SeenNumbers::kOpenMax);
}

TEST(SeenNumbers, TheLargestNumbers) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  SeenNumbers seen;
  seen.Begin(1);
  EXPECT_EQ(seen.Add(kMax - 1, kMax), 1u);
  EXPECT_EQ(seen.missing(), kMax - 2);
  EXPECT_EQ(seen.Add(1, kMax), kMax - 2);
  EXPECT_EQ(seen.missing(), 0u);
}

// Against a set of numbers that came.
TEST(SeenNumbers, AnyOrderIsLikeASet) {
  for (uint32_t seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    SeenNumbers seen;
    seen.Begin(0);
    std::set<uint64_t> came;
    uint64_t next = 0;
    for (int i = 0; i < 300; ++i) {
      const uint64_t first = random() % 400;
      const uint64_t end = first + random() % 10;
      uint64_t fresh = 0;
      for (uint64_t n = first; n < end; ++n) fresh += came.insert(n).second;
      EXPECT_EQ(seen.Add(first, end), fresh);
      if (end > first) next = std::max(next, end);
      ASSERT_EQ(seen.next(), next);
      ASSERT_EQ(seen.missing(), next - came.size());
    }
  }
}

}  // namespace
}  // namespace streamhub
