#include "feeds/gap_list.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace streamhub {
namespace {

TEST(GapListTest, KeepsTheRanges) {
  GapList gaps;
  gaps.Add("A", 5, 5);
  EXPECT_EQ(Describe(gaps),
            "1 message is lost in 1 gap; the first is 5 to 5 of session A");
  gaps.Add("A", 8, 9);
  EXPECT_EQ(gaps.kept(), (std::vector<Gap>{{"A", 5, 5}, {"A", 8, 9}}));
  EXPECT_EQ(gaps.gaps(), 2);
  EXPECT_EQ(gaps.messages(), 3u);
  EXPECT_EQ(Describe(gaps),
            "3 messages are lost in 2 gaps; the first is 5 to 5 of session A");
}

TEST(GapListTest, WhatFollowsMakesAGapLonger) {
  GapList gaps;
  gaps.Add("A", 5, 5);
  gaps.Add("A", 6, 7);
  gaps.Add("B", 8, 8);
  EXPECT_EQ(gaps.kept(), (std::vector<Gap>{{"A", 5, 7}, {"B", 8, 8}}));
  EXPECT_EQ(gaps.gaps(), 2);
  EXPECT_EQ(gaps.messages(), 4u);
}

TEST(GapListTest, KnowsWhatItHas) {
  GapList gaps;
  gaps.Add("A", 5, 6);
  gaps.Add("A", 10, 12);
  EXPECT_TRUE(gaps.Touches("A", 1, 5));
  EXPECT_TRUE(gaps.Touches("A", 6, 6));
  EXPECT_TRUE(gaps.Touches("A", 11, 11));
  EXPECT_TRUE(gaps.Touches("A", 1, 99));
  EXPECT_FALSE(gaps.Touches("A", 1, 4));
  EXPECT_FALSE(gaps.Touches("A", 7, 9));
  EXPECT_FALSE(gaps.Touches("A", 13, 99));
  EXPECT_FALSE(gaps.Touches("B", 5, 6));
}

TEST(GapListTest, KeepsSoManyAndCountsAll) {
  GapList gaps;
  for (uint64_t i = 0; i < 2 * GapList::kKeptMax; ++i) {
    gaps.Add("A", 3 * i, 3 * i + 1);
  }
  EXPECT_EQ(gaps.kept().size(), GapList::kKeptMax);
  EXPECT_EQ(gaps.kept().front(), (Gap{"A", 0, 1}));
  EXPECT_EQ(gaps.gaps(), 2 * static_cast<int64_t>(GapList::kKeptMax));
  EXPECT_EQ(gaps.messages(), 4 * GapList::kKeptMax);
  // Not with the last one that is kept, which is not the one before.
  const Gap last = gaps.kept().back();
  gaps.Add("A", last.last + 1, last.last + 1);
  EXPECT_EQ(gaps.kept().back(), last);
}

TEST(GapListTest, ASumThatDoesNotFitStays) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  GapList gaps;
  gaps.Add("A", 0, kMax - 2);
  EXPECT_EQ(gaps.messages(), kMax - 1);
  gaps.Add("B", 0, 0);
  EXPECT_EQ(gaps.messages(), kMax);
  gaps.Add("C", 0, kMax);
  EXPECT_EQ(gaps.messages(), kMax);
}

}  // namespace
}  // namespace streamhub
