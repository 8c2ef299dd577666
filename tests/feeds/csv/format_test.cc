#include "feeds/csv/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "feeds/csv/decimals.h"

namespace streamhub::csv {
namespace {

using testing::HasSubstr;

TEST(ColumnsTest, ArePlacedByNumberOrByName) {
  const auto columns = Columns::Parse("time=2,bid=0,ask_size=a b,ask=255");
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_EQ((*columns)[Column::kTime], (Place{true, "", 2}));
  EXPECT_EQ((*columns)[Column::kBid], (Place{true, "", 0}));
  EXPECT_EQ((*columns)[Column::kAskSize], (Place{true, "a b", 0}));
  EXPECT_EQ((*columns)[Column::kAsk], (Place{true, "", 255}));
  EXPECT_FALSE(columns->Has(Column::kSymbol));
  EXPECT_TRUE(columns->ByName());
  EXPECT_FALSE(Columns::Parse("time=0,last=1")->ByName());
}

TEST(ColumnsTest, SaysWhatIsWrong) {
  const auto error = [](std::string_view text) {
    const auto columns = Columns::Parse(text);
    EXPECT_FALSE(columns.ok()) << text;
    return std::string(columns.status().message());
  };
  EXPECT_EQ(error("time=0,bidd=1"),
            "'bidd=1': want COLUMN=PLACE, and of columns there are time, "
            "symbol, bid, bid_size, ask, ask_size, last, last_size, side, id");
  EXPECT_THAT(error(""), HasSubstr("'': want COLUMN=PLACE"));
  EXPECT_THAT(error("time=0,bid=1,"), HasSubstr("'': want COLUMN=PLACE"));
  EXPECT_THAT(error("time"), HasSubstr("'time': want COLUMN=PLACE"));
  EXPECT_THAT(error("time=0,bid="), HasSubstr("'bid=': want a column's name"));
  EXPECT_THAT(error("time=0,bid=256"), HasSubstr("number from 0 to 255"));
  EXPECT_THAT(error("time=0,bid=99999999999999999999"), HasSubstr("0 to 255"));
  EXPECT_THAT(error("time=0,bid=1,time=2"), HasSubstr("is the second of"));
  EXPECT_THAT(error("bid=1"), HasSubstr("has no column time"));
  EXPECT_THAT(error("time=0,symbol=1"), HasSubstr("has no column of prices"));
  EXPECT_THAT(error("time=0,bid=1,side=2"),
              HasSubstr("has a side or an id of trades without last"));
  EXPECT_THAT(error("time=0,bid=1,last_size=2"),
              HasSubstr("has a size without its price"));
}

TEST(FormatTest, PresetsAreKnownByName) {
  ASSERT_NE(FindPreset("fxcm"), nullptr);
  EXPECT_EQ(FindPreset("fxcm")->zone, "UTC-05");
  EXPECT_EQ(FindPreset("fxcm")->columns, *Columns::Parse("ask=2,bid=1,time=0"));
  EXPECT_EQ(FindPreset("truefx")->time, *FindTimeForm("iso"));
  EXPECT_TRUE(FindPreset("tardis-quotes")->columns.Has(Column::kSymbol));
  EXPECT_EQ(FindPreset("tardis-trades")->time, *FindTimeForm("unix-us"));
  for (const char* other : {"", "itch", "csv", "auto", "FXCM"}) {
    EXPECT_EQ(FindPreset(other), nullptr) << other;
  }
}

TEST(FormatTest, HeadersTellPresets) {
  EXPECT_EQ(PresetOfHeader("timestamp,bid,ask"), "truefx");
  EXPECT_EQ(PresetOfHeader("exchange,symbol,timestamp,local_timestamp,id,side,"
                           "price,amount"),
            "tardis-trades");
  for (const char* other :
       {"", "time,bid,ask", "exchange,symbol,timestamp,local_timestamp",
        // A book, not quotes.
        "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,"
        "amount"}) {
    EXPECT_EQ(PresetOfHeader(other), "") << other;
  }
}

Row Quote(std::string_view symbol, std::string_view bid, std::string_view ask,
          std::string_view ask_size) {
  Row row;
  row.symbol = symbol;
  row.values[static_cast<size_t>(Column::kBid)] = bid;
  row.values[static_cast<size_t>(Column::kAsk)] = ask;
  row.values[static_cast<size_t>(Column::kAskSize)] = ask_size;
  return row;
}

TEST(DecimalsTest, AreThoseOfTheLongestInTheSurvey) {
  auto finder = DecimalsFinder::Create("");
  ASSERT_TRUE(finder.ok());
  EXPECT_TRUE(finder->NeedsSurvey(*Columns::Parse("time=0,bid=1")));
  const Row first = Quote("A", "10", "10.5", "");
  finder->Survey(first);
  finder->Survey(Quote("A", "", "10.25", "1.5"));
  finder->Survey(Quote("A", "11", "12", "3"));
  finder->Survey(Quote("B", "1.2345", "", "7"));
  EXPECT_EQ(finder->Find(first), (Decimals{2, 1}));
  EXPECT_EQ(finder->Find(Quote("B", "1", "2", "")), (Decimals{4, 0}));
  // Not surveyed: no fewer than any, and no fewer than it needs.
  EXPECT_EQ(finder->Find(Quote("C", "1", "2", "")), (Decimals{4, 1}));
  EXPECT_EQ(finder->Find(Quote("C", "1.23456", "2", "")), (Decimals{5, 1}));
}

TEST(DecimalsTest, NeverExceedWhatASymbolCanHave) {
  auto finder = DecimalsFinder::Create("");
  const Row row = Quote("A", "1.00000000000000000000001", "", "");
  finder->Survey(row);
  EXPECT_EQ(finder->Find(row), (Decimals{12, 0}));
}

TEST(DecimalsTest, WhatIsSaidWins) {
  const auto finder = DecimalsFinder::Create("BTC-USD=1/0,A=B=3,5/2");
  ASSERT_TRUE(finder.ok()) << finder.status();
  EXPECT_FALSE(finder->NeedsSurvey(*Columns::Parse("time=0,bid=1,bid_size=2")));
  EXPECT_EQ(finder->Find(Quote("BTC-USD", "1.234", "", "1.5")),
            (Decimals{1, 0}));
  EXPECT_EQ(finder->Find(Quote("A=B", "1", "", "1")), (Decimals{3, 2}));
  EXPECT_EQ(finder->Find(Quote("C", "1", "", "1")), (Decimals{5, 2}));

  // Sizes remain to be found out, where there are any.
  const auto prices = DecimalsFinder::Create("5");
  ASSERT_TRUE(prices.ok());
  EXPECT_FALSE(prices->NeedsSurvey(*Columns::Parse("time=0,bid=1")));
  EXPECT_TRUE(prices->NeedsSurvey(*Columns::Parse("time=0,bid=1,bid_size=2")));
  EXPECT_EQ(prices->Find(Quote("A", "1.1", "", "0.25")), (Decimals{5, 2}));
}

TEST(DecimalsTest, SaysWhatIsWrong) {
  for (const char* bad : {"x", "13", "-1", "1/", "1/13", "A=", ",", "1,", "1.5",
                          "1/2/3", "A=B"}) {
    const auto finder = DecimalsFinder::Create(bad);
    ASSERT_FALSE(finder.ok()) << bad;
    EXPECT_THAT(std::string(finder.status().message()),
                HasSubstr("want [SYMBOL=]PRICE[/QUANTITY], numbers from 0 to "
                          "12"));
  }
}

}  // namespace
}  // namespace streamhub::csv
