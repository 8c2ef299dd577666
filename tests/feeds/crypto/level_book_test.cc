#include "feeds/level_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "feeds/crypto/kraken_checksum.h"
#include "feeds/top_levels.h"
#include "tests/feeds/crypto/feeding.h"
#include "tests/feeds/crypto/sample_venue.h"

namespace streamhub::crypto {
namespace {

using Levels = std::vector<std::pair<int64_t, int64_t>>;

Level Of(int64_t price, int64_t size) { return {price, size, 0, 0}; }

TEST(LevelSideTest, TheBestIsFirstOnBothSides) {
  LevelSide bids(true);
  LevelSide asks(false);
  for (const int64_t price : {10, 30, 20}) {
    EXPECT_TRUE(bids.Set(Of(price, price + 1)));
    EXPECT_TRUE(asks.Set(Of(price, price + 1)));
  }
  EXPECT_EQ(LevelsOf(bids), (Levels{{30, 31}, {20, 21}, {10, 11}}));
  EXPECT_EQ(LevelsOf(asks), (Levels{{10, 11}, {20, 21}, {30, 31}}));
  EXPECT_TRUE(bids.NotWorse(20, 20));
  EXPECT_TRUE(bids.NotWorse(21, 20));
  EXPECT_FALSE(bids.NotWorse(19, 20));
  EXPECT_TRUE(asks.NotWorse(20, 20));
  EXPECT_TRUE(asks.NotWorse(19, 20));
  EXPECT_FALSE(asks.NotWorse(21, 20));
}

TEST(LevelSideTest, ASizeReplacesAndNoughtRemoves) {
  LevelSide bids(true);
  bids.Set(Of(10, 5));
  bids.Set(Of(10, 7));
  EXPECT_EQ(LevelsOf(bids), (Levels{{10, 7}}));
  bids.Set(Of(11, 0));
  EXPECT_EQ(LevelsOf(bids), (Levels{{10, 7}}));
  bids.Set(Of(10, 0));
  EXPECT_EQ(bids.size(), 0u);
  // What was written goes along.
  bids.Set({10, 5, 2, 8});
  EXPECT_EQ(bids.At(0), (Level{10, 5, 2, 8}));
  bids.Set({10, 6, 3, 7});
  EXPECT_EQ(bids.At(0), (Level{10, 6, 3, 7}));
}

TEST(LevelSideTest, TakesASnapshotInAnyOrder) {
  LevelSide asks(false);
  asks.Set(Of(99, 9));
  const std::vector<Level> sorted = {Of(1, 10), Of(2, 20), Of(3, 30)};
  EXPECT_TRUE(asks.Assign(sorted));
  EXPECT_EQ(LevelsOf(asks), (Levels{{1, 10}, {2, 20}, {3, 30}}));
  // Of one price the last counts, and nought is none.
  const std::vector<Level> mixed = {Of(3, 30), Of(1, 10), Of(2, 20), Of(1, 11),
                                    Of(2, 0)};
  EXPECT_TRUE(asks.Assign(mixed));
  EXPECT_EQ(LevelsOf(asks), (Levels{{1, 11}, {3, 30}}));
  EXPECT_TRUE(asks.Assign({}));
  EXPECT_EQ(asks.size(), 0u);
}

TEST(LevelSideTest, KeepsTheBest) {
  LevelSide bids(true);
  for (int64_t price = 1; price <= 5; ++price) bids.Set(Of(price, 1));
  bids.Keep(6);
  EXPECT_EQ(bids.size(), 5u);
  bids.Keep(2);
  EXPECT_EQ(LevelsOf(bids), (Levels{{5, 1}, {4, 1}}));
}

TEST(LevelSideTest, HasALimit) {
  LevelSide bids(true);
  std::vector<Level> many;
  for (size_t i = 0; i < LevelSide::kLevelsMax; ++i) {
    many.push_back(Of(static_cast<int64_t>(LevelSide::kLevelsMax - i), 1));
  }
  EXPECT_TRUE(bids.Assign(many));
  EXPECT_FALSE(bids.Set(Of(0, 1)));
  EXPECT_EQ(bids.size(), LevelSide::kLevelsMax);
  EXPECT_TRUE(bids.Set(Of(7, 2)));
  EXPECT_TRUE(bids.Set(Of(7, 0)));
  EXPECT_TRUE(bids.Set(Of(0, 1)));
  many.push_back(Of(0, 1));
  EXPECT_FALSE(bids.Assign(many));
  EXPECT_EQ(bids.size(), 0u);
}

TEST(LevelSideTest, AgreesWithAMap) {
  std::mt19937 random(1);
  for (const bool side_is_bids : {true, false}) {
    LevelSide side(side_is_bids);
    std::map<int64_t, int64_t> map;
    for (int i = 0; i < 20'000; ++i) {
      const auto price = static_cast<int64_t>(random() % 300) - 100;
      const auto size = static_cast<int64_t>(random() % 3);
      ASSERT_TRUE(side.Set(Of(price, size)));
      if (size == 0) {
        map.erase(price);
      } else {
        map[price] = size;
      }
      if (i % 100 != 0) continue;
      Levels expected(map.begin(), map.end());
      if (side_is_bids) std::reverse(expected.begin(), expected.end());
      ASSERT_EQ(LevelsOf(side), expected);
    }
  }
}

TEST(TopLevelsTest, ShowsTenOfThoseThereAre) {
  LevelSide bids(true);
  EXPECT_EQ(TopOf(&bids, nullptr), TopSide());
  EXPECT_EQ(TopOf(nullptr, nullptr), TopSide());
  for (int64_t price = 1; price <= 11; ++price) bids.Set(Of(price, price * 2));
  const TopSide top = TopOf(&bids, nullptr);
  EXPECT_EQ(top[0], (TopLevel{11, 22}));
  EXPECT_EQ(top[9], (TopLevel{2, 4}));
  bids.Keep(1);
  EXPECT_EQ(TopOf(&bids, nullptr)[0], (TopLevel{11, 22}));
  EXPECT_EQ(TopOf(&bids, nullptr)[1], TopLevel());
}

TEST(TopLevelsTest, ANewerBestTakesTheFirstPlace) {
  LevelSide asks(false);
  for (int64_t price = 1; price <= 11; ++price) asks.Set(Of(price, 5));
  // Better than the book, within it, at a level of it, behind all of it.
  TopLevel best{0, 7};
  TopSide top = TopOf(&asks, &best);
  EXPECT_EQ(top[0], best);
  EXPECT_EQ(top[1], (TopLevel{1, 5}));
  EXPECT_EQ(top[9], (TopLevel{9, 5}));
  best = {3, 7};
  top = TopOf(&asks, &best);
  EXPECT_EQ(top[0], best);
  EXPECT_EQ(top[1], (TopLevel{4, 5}));
  EXPECT_EQ(top[8], (TopLevel{11, 5}));
  EXPECT_EQ(top[9], TopLevel());
  best = {12, 7};
  top = TopOf(&asks, &best);
  EXPECT_EQ(top[0], best);
  EXPECT_EQ(top[1], TopLevel());
  // Alone; with no size told; and gone with all behind it.
  EXPECT_EQ(TopOf(nullptr, &best)[0], best);
  best = {3, kEmpty};
  EXPECT_EQ(TopOf(nullptr, &best)[0], best);
  best = {0, 0};
  EXPECT_EQ(TopOf(&asks, &best), TopSide());
}

// The example of "Book checksum (WebSocket v1)".
LevelBook Example(int64_t price_factor, uint8_t price_written) {
  LevelBook book;
  for (int64_t i = 0; i < 10; ++i) {
    const int64_t ask = 5005 + 5 * i;
    // There is none at 0.04985.
    const int64_t bid = 5000 - 5 * (i < 3 ? i : i + 1);
    book.asks.Set({ask * price_factor, 500, price_written, 8});
    book.bids.Set({bid * price_factor, 500, price_written, 8});
  }
  return book;
}

TEST(KrakenChecksumTest, IsThatOfTheSpecification) {
  EXPECT_EQ(KrakenChecksum(Example(1, 5), 5, 8), 974'947'235u);
  // Only ten levels count.
  LevelBook deeper = Example(1, 5);
  deeper.asks.Set({9000, 1, 5, 8});
  deeper.bids.Set({1000, 1, 5, 8});
  EXPECT_EQ(KrakenChecksum(deeper, 5, 8), 974'947'235u);
  deeper.asks.Set({5050, 501, 5, 8});
  EXPECT_NE(KrakenChecksum(deeper, 5, 8), 974'947'235u);
}

TEST(KrakenChecksumTest, IsOfWhatWasWrittenNotOfHowItIsScaled) {
  // 7 decimals of which the venue wrote 5.
  EXPECT_EQ(KrakenChecksum(Example(100, 5), 7, 8), 974'947'235u);
  // 5 decimals, and the venue wrote two noughts more.
  LevelBook book;
  book.asks.Set({5005, 5, 7, 3});
  EXPECT_EQ(KrakenChecksum(book, 5, 0), PlainCrc32("5005005000"));
  EXPECT_EQ(KrakenChecksum(LevelBook(), 5, 8), 0u);
}

TEST(SampleTextsTest, ItsChecksumIsCrc32) {
  EXPECT_EQ(PlainCrc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(DecimalText(5, 2), "0.05");
  EXPECT_EQ(DecimalText(12'345, 2), "123.45");
}

}  // namespace
}  // namespace streamhub::crypto
