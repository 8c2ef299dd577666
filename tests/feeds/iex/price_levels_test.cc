#include "feeds/iex/price_levels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <vector>

namespace streamhub::iex {
namespace {

using Level = PriceLevels::Level;

std::vector<Level> All(const PriceLevels& levels) {
  std::vector<Level> all;
  for (size_t i = 0; i < levels.size(); ++i) all.push_back(levels.At(i));
  return all;
}

TEST(PriceLevelsTest, TheBestIsFirst) {
  PriceLevels bids(Side::kBuy);
  PriceLevels asks(Side::kSell);
  for (const int64_t price : {20, 10, 30}) {
    bids.Set(price, 1);
    asks.Set(price, 2);
  }
  EXPECT_EQ(All(bids), (std::vector<Level>{{30, 1}, {20, 1}, {10, 1}}));
  EXPECT_EQ(All(asks), (std::vector<Level>{{10, 2}, {20, 2}, {30, 2}}));
}

TEST(PriceLevelsTest, SizesReplaceAndZeroRemoves) {
  PriceLevels bids(Side::kBuy);
  EXPECT_EQ(bids.Set(10, 5), (ChangedLevels{0, 0}));
  EXPECT_EQ(bids.Set(20, 6), (ChangedLevels{0, 1}));
  EXPECT_EQ(bids.Set(15, 7), (ChangedLevels{1, 2}));
  EXPECT_EQ(bids.Set(10, 1), (ChangedLevels{2, 2}));
  EXPECT_EQ(All(bids), (std::vector<Level>{{20, 6}, {15, 7}, {10, 1}}));
  EXPECT_EQ(bids.Set(15, 0), (ChangedLevels{1, 2}));
  EXPECT_TRUE(bids.Set(15, 0).none());
  EXPECT_EQ(All(bids), (std::vector<Level>{{20, 6}, {10, 1}}));
  bids.Clear();
  EXPECT_EQ(bids.size(), 0u);
}

TEST(PriceLevelsTest, OrdersPricesOfAnySign) {
  PriceLevels asks(Side::kSell);
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const int64_t price : {kMax, int64_t{-1}, kMin, int64_t{0}}) {
    asks.Set(price, 1);
  }
  EXPECT_EQ(All(asks),
            (std::vector<Level>{{kMin, 1}, {-1, 1}, {0, 1}, {kMax, 1}}));
}

TEST(PriceLevelsTest, ChangesAddUp) {
  ChangedLevels sum;
  EXPECT_TRUE(sum.none());
  sum.Add({3, 5});
  sum.Add({});
  sum.Add({4, 9});
  EXPECT_EQ(sum, (ChangedLevels{3, 9}));
}

// Against a map; levels outside of what is said to have changed are the same.
TEST(PriceLevelsTest, AgreesWithAMap) {
  for (const Side side : {Side::kBuy, Side::kSell}) {
    std::mt19937 random(7);
    PriceLevels levels(side);
    std::map<int64_t, uint32_t> naive;
    for (int step = 0; step < 20'000; ++step) {
      const int64_t price = random() % 40;
      const uint32_t size = random() % 3 == 0 ? 0 : random() % 5 + 1;
      const std::vector<Level> before = All(levels);
      const ChangedLevels changed = levels.Set(price, size);
      if (size == 0) {
        naive.erase(price);
      } else {
        naive[price] = size;
      }
      std::vector<Level> want;
      for (const auto& [p, s] : naive) want.push_back({p, s});
      if (side == Side::kBuy) std::reverse(want.begin(), want.end());
      ASSERT_EQ(All(levels), want);
      for (size_t i = 0; i < std::max(before.size(), want.size()); ++i) {
        if (i >= changed.first && i <= changed.last) continue;
        ASSERT_LT(i, std::min(before.size(), want.size()));
        ASSERT_EQ(before[i], want[i]);
      }
    }
  }
}

}  // namespace
}  // namespace streamhub::iex
