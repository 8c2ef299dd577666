#include "feeds/dbn/price_scale.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/feeds/dbn/sample.h"

namespace streamhub::dbn {
namespace {

TEST(PriceScaleTest, CountsDecimals) {
  EXPECT_EQ(DecimalsOf(0), 0);
  EXPECT_EQ(DecimalsOf(4800 * kOne), 0);
  EXPECT_EQ(DecimalsOf(kOne / 4), 2);
  EXPECT_EQ(DecimalsOf(-kOne / 2), 1);
  EXPECT_EQ(DecimalsOf(1), 9);
  EXPECT_EQ(DecimalsOf(-1), 9);
}

TEST(PriceScaleTest, NeverRounds) {
  const PriceScale scale(2);
  int64_t scaled = 77;
  EXPECT_TRUE(scale.Scale(-4800 * kOne - kOne / 4, &scaled));
  EXPECT_EQ(scaled, -480'025);
  for (const int64_t no : {int64_t{1}, kOne / 1000, -kOne / 200, kUndefined,
                           std::numeric_limits<int64_t>::min()}) {
    EXPECT_FALSE(scale.Scale(no, &scaled)) << no;
  }
  EXPECT_EQ(scaled, -480'025);
  const PriceScale exact(9);
  EXPECT_TRUE(exact.Scale(1, &scaled));
  EXPECT_EQ(scaled, 1);
  EXPECT_FALSE(exact.Scale(std::numeric_limits<int64_t>::min(), &scaled));
}

Trade TradeOf(uint32_t instrument, int64_t price) {
  return {{kTradeType, 1, instrument, 1}, price};
}

TEST(DecimalsSurveyTest, FindsAsManyAsAreNeeded) {
  DecimalsSurvey survey;
  const auto find = [&](uint32_t instrument, int64_t step, int64_t price) {
    return survey.Find(InstrumentKey(3, instrument), step, price);
  };
  EXPECT_EQ(find(1, kUndefined, kUndefined), 4);
  EXPECT_EQ(find(1, kUndefined, kOne), 4);
  EXPECT_EQ(find(1, kUndefined, 1), 9);
  survey.Use(3);
  survey.On(TradeOf(1, kOne / 4));
  survey.On(TradeOf(1, kOne));
  survey.On(TradeOf(1, kUndefined));
  survey.On(TradeOf(2, kOne / 1000));
  EXPECT_EQ(find(1, kUndefined, kUndefined), 2);
  EXPECT_EQ(find(1, kUndefined, kOne / 1000), 3);
  EXPECT_EQ(find(1, kOne / 2, kOne), 2);
  EXPECT_EQ(find(1, kOne / 10'000, kOne), 4);
  EXPECT_EQ(find(2, kUndefined, kOne), 3);
  // Not among those that were surveyed: as many as any, or as it steps.
  EXPECT_EQ(find(9, kUndefined, kOne), 3);
  EXPECT_EQ(find(9, kOne / 4, kUndefined), 2);
  EXPECT_EQ(find(9, -1, kUndefined), 3);
  // The same number of another dataset is another instrument.
  EXPECT_EQ(survey.Find(InstrumentKey(4, 1), kUndefined, kUndefined), 3);
}

TEST(DecimalsSurveyTest, LooksAtEveryPriceOfARecord) {
  const Head head{0, 1, 1, 1};
  const auto after = [&](const auto& record) {
    DecimalsSurvey survey;
    survey.Use(0);
    survey.On(record);
    return survey.Find(InstrumentKey(0, 1), kUndefined, kUndefined);
  };
  const Trade change{head, kOne};
  const BidAsk fine{kOne / 4, kOne / 1000, 1, 1, 1, 1};
  EXPECT_EQ(after(Mbo{head, 1, kOne / 2}), 1);
  EXPECT_EQ(after(change), 0);
  EXPECT_EQ(after(Mbp1{change, {fine}}), 3);
  Mbp10 ten{change, {}};
  ten.levels[9].bid = kOne / 100'000;
  EXPECT_EQ(after(ten), 5);
  EXPECT_EQ(after(Cmbp1{change, fine}), 3);
  EXPECT_EQ(after(Bbo{head, kOne, 1, 'N', 0, 1, 1, fine}), 3);
  EXPECT_EQ(after(Ohlcv{head, kOne, kOne, kOne / 8, kOne, 1}), 3);
  Definition definition;
  definition.head = head;
  definition.min_price_increment = kOne / 4;
  EXPECT_EQ(after(definition), 2);
  Statistics statistics;
  statistics.head = head;
  statistics.price = 1;
  EXPECT_EQ(after(statistics), 4);
}

}  // namespace
}  // namespace streamhub::dbn
