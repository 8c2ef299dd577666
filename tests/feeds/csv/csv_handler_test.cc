#include "feeds/csv/csv_handler.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::csv {
namespace {

constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kMidnight = 1'399'248'000 * kSecond;  // 2014-05-05 UTC

class CsvHandlerTest : public testing::Test {
 protected:
  CsvHandlerTest() { Use("time=0,bid=1,bid_size=2,ask=3,ask_size=4"); }

  void Use(std::string_view columns, std::string_view decimals = "2/0") {
    columns_ = *Columns::Parse(columns);
    handler_ = std::make_unique<CsvHandler>(market_.publisher,
                                            *DecimalsFinder::Create(decimals));
  }

  // Empty if the row was published.
  std::string Give(const Row& row) {
    market_.publisher.BeginBatch();
    const auto refusal = handler_->On(row, columns_);
    market_.publisher.EndBatch();
    return refusal
               ? std::string(ColumnName(refusal->column)) + " " + refusal->why
               : "";
  }
  std::string Quote(std::string_view bid, std::string_view bid_size,
                    std::string_view ask, std::string_view ask_size,
                    int64_t time_ns = kMidnight) {
    return Give({time_ns, "A", {"", "", bid, bid_size, ask, ask_size}});
  }
  std::string Trade(std::string_view last, std::string_view size,
                    int64_t time_ns, std::string_view symbol = "A") {
    return Give({time_ns, symbol, {"", "", "", "", "", "", last, size}});
  }
  std::string Trade(std::string_view side, std::string_view id) {
    return Give({kMidnight, "T", {"", "", "", "", "", "", "1", "2", side, id}});
  }
  int64_t Value(FieldId field, std::string_view symbol = "A") {
    return market_.Value(*market_.market.symbols().Find(symbol), field);
  }
  int64_t Rejected() { return market_.counters.Get(Metric::kTicksRejected); }

  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  Columns columns_;
  std::unique_ptr<CsvHandler> handler_;
};

TEST_F(CsvHandlerTest, PublishesQuotes) {
  EXPECT_EQ(Quote("1.5", "7", "1.75", "8", kMidnight + 5), "");
  EXPECT_EQ(Value(FieldId::kBid), 150);
  EXPECT_EQ(Value(FieldId::kBidSize), 7);
  EXPECT_EQ(Value(FieldId::kAsk), 175);
  EXPECT_EQ(Value(FieldId::kAskSize), 8);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kMidnight + 5);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
  EXPECT_EQ(Value(FieldId::kTrading), PackText("unknown"));
  const SymbolInfo& info = market_.market.symbols().Get(0);
  EXPECT_EQ(info.price_decimals, 2);
  EXPECT_EQ(info.quantity_decimals, 0);
  // A side that is gone is empty, and no column no field.
  EXPECT_EQ(Quote("", "", "1.75", "8"), "");
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kBidSize), kEmpty);
  EXPECT_EQ(market_.Read(0).ticks, 2u + 1u);  // the first is `trading`
}

TEST_F(CsvHandlerTest, CrossedQuotesArePassedOnAndCounted) {
  Quote("1.5", "7", "1.5", "8");
  Quote("1.5", "7", "", "");
  Quote("", "", "-1.5", "7");
  EXPECT_EQ(market_.counters.Get(Metric::kQuotesCrossed), 0);
  Quote("1.75", "7", "1.5", "8");
  EXPECT_EQ(market_.counters.Get(Metric::kQuotesCrossed), 1);
  EXPECT_EQ(Value(FieldId::kBid), 175);
  EXPECT_EQ(Value(FieldId::kAsk), 150);
}

TEST_F(CsvHandlerTest, WhatDoesNotFitIsRefusedWhole) {
  Quote("1.5", "7", "1.75", "8");
  EXPECT_EQ(Quote("1.6", "7", "1.755", "8"),
            "ask has more than the 2 decimals of the symbol");
  EXPECT_EQ(Quote("1.6", "7.5", "1.75", "8"),
            "bid_size has more than the 0 decimals of the symbol");
  EXPECT_EQ(Quote("1.6", "7", "92233720368547758.08", "8"),
            "ask with 2 decimals is beyond 64 bits");
  EXPECT_EQ(Rejected(), 3);
  EXPECT_EQ(Value(FieldId::kBid), 150);
  EXPECT_EQ(Value(FieldId::kAsk), 175);
}

TEST_F(CsvHandlerTest, TellsTheTapeEachTrade) {
  Use("time=0,last=1,last_size=2,side=3,id=4");
  EXPECT_EQ(Trade("buy", "a-1"), "");
  EXPECT_EQ(Trade("S", ""), "");
  EXPECT_EQ(Trade("unknown", "\xFF"), "");
  EXPECT_EQ(Trade("", std::string(65, 'x')), "");
  const std::string begin =
      R"({"price":1.00,"size":2,"time":)" + std::to_string(kMidnight / 1000);
  EXPECT_EQ(TapeOf(market_.market, "T"),
            (std::vector<std::string>{begin + R"(,"side":"buy","id":"a-1"})",
                                      begin + R"(,"side":"sell"})", begin + "}",
                                      begin + "}"}));
  // What is refused was no trade.
  EXPECT_EQ(Give({kMidnight, "T", {"", "", "", "", "", "", "1.001", "2"}}),
            "last has more than the 2 decimals of the symbol");
  EXPECT_EQ(TapeOf(market_.market, "T").size(), 4u);
  // A row of quotes without a trade neither.
  Use("time=0,bid=1,last=2");
  EXPECT_EQ(Quote("1", "", "", ""), "");
  EXPECT_TRUE(TapeOf(market_.market, "A").empty());
}

TEST_F(CsvHandlerTest, AddsUpTheDayOfTrades) {
  Use("time=0,last=1,last_size=2");
  EXPECT_EQ(Trade("10", "5", kMidnight + kHour), "");
  EXPECT_EQ(Trade("12", "1", kMidnight + 2 * kHour), "");
  EXPECT_EQ(Trade("9.50", "4", kMidnight + 3 * kHour), "");
  EXPECT_EQ(Value(FieldId::kLast), 950);
  EXPECT_EQ(Value(FieldId::kLastSize), 4);
  EXPECT_EQ(Value(FieldId::kVolume), 10);
  EXPECT_EQ(Value(FieldId::kOpen), 1'000);
  EXPECT_EQ(Value(FieldId::kHigh), 1'200);
  EXPECT_EQ(Value(FieldId::kLow), 950);
  EXPECT_EQ(Value(FieldId::kTradeTime), kMidnight + 3 * kHour);
  EXPECT_EQ(Value(FieldId::kChange), kEmpty);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Trade("9.50", "9223372036854775800", kMidnight + 3 * kHour),
            "last_size makes the day's volume too big");
  EXPECT_EQ(Value(FieldId::kVolume), 10);
}

TEST_F(CsvHandlerTest, AllPricesRollWithTheDay) {
  Use("time=0,last=1,last_size=2");
  Trade("10", "5", kMidnight + kHour, "A");
  Trade("20", "6", kMidnight + 23 * kHour, "B");
  Trade("21", "1", kMidnight + 23 * kHour, "B");
  EXPECT_EQ(Value(FieldId::kVolume, "B"), 7);
  handler_->RollDay(kMidnight + 24 * kHour);
  Trade("22", "2", kMidnight + 24 * kHour, "B");
  EXPECT_EQ(Value(FieldId::kVolume, "B"), 2);
  EXPECT_EQ(Value(FieldId::kPrevClose, "B"), 2'100);
  EXPECT_EQ(Value(FieldId::kChange, "B"), 100);
  EXPECT_EQ(Value(FieldId::kLast, "A"), 1'000);
  EXPECT_EQ(Value(FieldId::kPrevClose, "A"), 1'000);
  EXPECT_EQ(Value(FieldId::kVolume, "A"), kEmpty);
}

TEST_F(CsvHandlerTest, WithoutSizesThereIsNoVolume) {
  Use("time=0,last=1");
  Trade("10", "", kMidnight);
  EXPECT_EQ(Value(FieldId::kLast), 1'000);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value(FieldId::kLastSize), kEmpty);
}

TEST_F(CsvHandlerTest, ARowMayBeQuoteAndTrade) {
  Use("time=0,bid=1,last=2");
  Give({kMidnight, "A", {"", "", "1", "", "", "", "2", ""}});
  EXPECT_EQ(Value(FieldId::kBid), 100);
  EXPECT_EQ(Value(FieldId::kLast), 200);
  Give({kMidnight + 1, "A", {"", "", "3", "", "", "", "", ""}});
  EXPECT_EQ(Value(FieldId::kBid), 300);
  EXPECT_EQ(Value(FieldId::kLast), 200);
  EXPECT_EQ(Value(FieldId::kTradeTime), kMidnight);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
}

TEST_F(CsvHandlerTest, BeginsAgainWithTheSameDecimals) {
  Use("time=0,last=1,last_size=2", "");
  Trade("10.25", "5", kMidnight);
  market_.publisher.StartEpoch();
  handler_->StartAgain();
  EXPECT_EQ(Trade("10.5", "1", kMidnight - 48 * kHour), "");
  EXPECT_EQ(Value(FieldId::kLast), 1'050);
  EXPECT_EQ(Value(FieldId::kVolume), 1);
  EXPECT_EQ(Value(FieldId::kPrevClose), kEmpty);
}

TEST_F(CsvHandlerTest, WhatTheMarketHasNoRoomForIsCounted) {
  TestMarket small(1);
  CsvHandler handler(small.publisher, *DecimalsFinder::Create("2/0"));
  for (int i = 0; i < 3; ++i) {
    for (const char* symbol : {"A", "B"}) {
      const Row row = {kMidnight, symbol, {"", "", "1", "", "2", "", "", ""}};
      EXPECT_FALSE(handler.On(row, columns_).has_value());
    }
  }
  EXPECT_EQ(small.market.symbols().size(), 1u);
  EXPECT_EQ(small.counters.Get(Metric::kSymbolsRefused), 1);
  EXPECT_EQ(small.counters.Get(Metric::kTicks), 3);
}

}  // namespace
}  // namespace streamhub::csv
