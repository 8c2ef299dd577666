#include "feeds/fix/fix_handler.h"

#include <gtest/gtest.h>

#include <string_view>
#include <utility>
#include <vector>

#include "tests/feeds/fix/handler_fixture.h"

namespace streamhub::fix {
namespace {

using FixHandlerTest = HandlerFixture;

TEST_F(FixHandlerTest, TheInstrumentIsThatOfTheEntryBefore) {
  EXPECT_EQ(Update({{{279, "0"}, {269, "0"}, {55, "A"}, {270, "1"}},
                    {{279, "0"}, {269, "1"}, {270, "2"}},
                    {{279, "0"}, {269, "0"}, {48, "77"}, {270, "3"}},
                    {{279, "0"}, {269, "1"}, {270, "4"}}}),
            0);
  EXPECT_EQ(Value(FieldId::kBid), 100);
  EXPECT_EQ(Value(FieldId::kAsk), 200);
  EXPECT_EQ(Value(FieldId::kBid, "77"), 300);
  EXPECT_EQ(Value(FieldId::kAsk, "77"), 400);
  EXPECT_EQ(Counted(Metric::kTicks), 2);
  EXPECT_EQ(Update({{{279, "0"}, {269, "0"}, {270, "1"}}}), 1);
  EXPECT_EQ(handler_->refusal(), "Symbol(55) of an entry is missing");
}

TEST_F(FixHandlerTest, TheInstrumentOfAnIdIsKnown) {
  Update({{{279, "0"}, {269, "0"}, {55, "A"}, {278, "a1"}, {270, "1"}},
          {{279, "0"}, {269, "0"}, {55, "B"}, {278, "b1"}, {270, "2"}}});
  EXPECT_EQ(Update({{{279, "1"}, {278, "a1"}, {270, "1.5"}},
                    {{279, "2"}, {278, "b1"}}}),
            0);
  EXPECT_EQ(Value(FieldId::kBid), 150);
  EXPECT_EQ(Value(FieldId::kBid, "B"), kEmpty);
  // Gone ones are unknown, and so are those of a book that began anew.
  Snapshot({});
  Update({{{279, "2"}, {269, "0"}, {55, "B"}, {278, "b1"}},
          {{279, "1"}, {278, "a1"}, {270, "1.5"}}});
  EXPECT_EQ(handler_->ignored().unknown, 2);
  EXPECT_EQ(Counted(Metric::kFeedMessagesIgnored), 2);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
}

TEST_F(FixHandlerTest, AnEntryMayTakeAnotherId) {
  Update({{{279, "0"}, {269, "0"}, {55, "A"}, {278, "a"}, {270, "1"}}});
  Update({{{279, "1"}, {280, "a"}, {278, "b"}, {270, "2"}}});
  EXPECT_EQ(Value(FieldId::kBid), 200);
  EXPECT_EQ(Update({{{279, "2"}, {278, "b"}}}), 0);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
}

TEST_F(FixHandlerTest, TheEventTimeIsThatNearestToTheEntry) {
  const auto time = [this](const Fields& fields, const Fields& head = {}) {
    Fields all = {{279, "0"}, {269, "3"}, {55, "A"}, {270, "1"}};
    all.insert(all.end(), fields.begin(), fields.end());
    Update({all}, head);
    EXPECT_EQ(Value(FieldId::kTradeTime), EventNs());
    return (EventNs() - kSentNs) / kSecond;
  };
  EXPECT_EQ(time({}), 0);
  EXPECT_EQ(time({}, {{122, "20140504-23:59:50"}}), -10);
  EXPECT_EQ(time({}, {{60, "20140504-23:59:40"}, {122, "20140504-23:59:50"}}),
            -20);
  EXPECT_EQ(time({{60, "20140505-00:00:07"}}, {{60, "20140504-23:59:40"}}), 7);
  EXPECT_EQ(time({{273, "00:00:09"}, {60, "20140505-00:00:07"}}), 9);
  EXPECT_EQ(time({{273, "23:59:58"}}), -2);
  EXPECT_EQ(time({{272, "20140506"}, {273, "00:00:01"}}), 86'401);
  // A date alone is no time.
  EXPECT_EQ(time({{272, "20140506"}}), 0);
}

TEST_F(FixHandlerTest, TradingByInstrumentAndBySession) {
  // Before there is a price there is no symbol.
  Give({{35, "f"}, {55, "A"}, {326, "2"}});
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  Snapshot({{{269, "0"}, {270, "1"}}});
  Update({{{279, "0"}, {269, "0"}, {55, "B"}, {270, "1"}}});
  const auto is = [this](std::string_view a, std::string_view b) {
    EXPECT_EQ(Value(FieldId::kTrading), PackText(a));
    EXPECT_EQ(Value(FieldId::kTrading, "B"), PackText(b));
  };
  is("halted", "unknown");
  Give({{35, "h"}, {336, "MD"}, {340, "4"}});
  is("halted", "auction");
  Give({{35, "f"}, {55, "A"}, {326, "3"}});
  is("auction", "auction");
  Give({{35, "h"}, {336, "MD"}, {340, "2"}});
  is("open", "open");
  Give({{35, "h"}, {336, "MD"}, {55, "B"}, {340, "1"}});
  is("open", "halted");
  Give({{35, "f"}, {55, "A"}, {326, "18"}});
  is("closed", "halted");
  // Neither an imbalance nor a refused request says something of it.
  Give({{35, "f"}, {55, "A"}, {326, "7"}});
  Give({{35, "h"}, {336, "MD"}, {55, "B"}, {340, "6"}});
  is("closed", "halted");
  Give({{35, "f"}, {55, "A"}, {326, "20"}});
  Give({{35, "h"}, {336, "MD"}, {340, "3"}});
  is("closed", "halted");
  EXPECT_EQ(Give({{35, "f"}, {326, "2"}}), 1);
}

TEST_F(FixHandlerTest, EveryStatusHasItsWord) {
  Snapshot({{{269, "0"}, {270, "1"}}});
  const std::vector<std::pair<const char*, std::string_view>> statuses = {
      {"1", "halted"},   {"3", "open"},     {"4", "halted"},  {"17", "open"},
      {"18", "closed"},  {"23", "open"},    {"19", "closed"}, {"21", "auction"},
      {"26", "closed"},  {"22", "auction"}, {"2", "halted"},  {"24", "auction"},
      {"20", "unknown"}, {"25", "auction"}};
  for (const auto& [status, word] : statuses) {
    Give({{35, "f"}, {55, "A"}, {326, status}});
    EXPECT_EQ(Value(FieldId::kTrading), PackText(word)) << status;
  }
  Give({{35, "f"}, {55, "A"}, {326, "3"}});
  const std::vector<std::pair<const char*, std::string_view>> sessions = {
      {"1", "halted"},  {"2", "open"},    {"3", "closed"},
      {"4", "auction"}, {"0", "unknown"}, {"5", "auction"}};
  for (const auto& [status, word] : sessions) {
    Give({{35, "h"}, {336, "MD"}, {340, status}});
    EXPECT_EQ(Value(FieldId::kTrading), PackText(word)) << status;
  }
}

TEST_F(FixHandlerTest, DecimalsAreSurveyed) {
  Use("");
  EXPECT_TRUE(handler_->NeedsSurvey());
  const Fields coarse = {{35, "X"}, {268, "1"},   {279, "0"}, {269, "0"},
                         {55, "A"}, {270, "1.5"}, {271, "3"}};
  handler_->Survey(Decode(coarse));
  handler_->Survey(Decode({{35, "X"},
                           {268, "2"},
                           {279, "0"},
                           {269, "0"},
                           {55, "A"},
                           {270, "1.3756"},
                           {279, "0"},
                           {269, "2"},
                           {270, "2"},
                           {271, "0.25"}}));
  Give(coarse);
  EXPECT_EQ(Value(FieldId::kBid), 15'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 300);
  const SymbolInfo& info = market_.market.symbols().Get(0);
  EXPECT_EQ(info.price_decimals, 4);
  EXPECT_EQ(info.quantity_decimals, 2);
  // One that the survey lacked: no fewer than any other.
  Update({{{279, "0"}, {269, "0"}, {55, "B"}, {270, "7.12345"}}});
  EXPECT_EQ(market_.market.symbols().Get(1).price_decimals, 5);
  EXPECT_EQ(market_.market.symbols().Get(1).quantity_decimals, 2);
  Use("2/0");
  EXPECT_FALSE(handler_->NeedsSurvey());
}

TEST_F(FixHandlerTest, PricesRollWithTheDayAndBooksStay) {
  Update({{{279, "0"}, {269, "0"}, {55, "A"}, {270, "9"}},
          {{279, "0"}, {269, "2"}, {270, "10"}, {271, "5"}}});
  handler_->RollDay(kSentNs + kSecond);
  EXPECT_EQ(Value(FieldId::kPrevClose), 1000);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value(FieldId::kLast), 1000);
  EXPECT_EQ(Value(FieldId::kBid), 900);
  EXPECT_EQ(EventNs(), kSentNs + kSecond);
}

TEST_F(FixHandlerTest, BeginsAgainWithTheSameDecimals) {
  Use("");
  Update({{{279, "0"}, {269, "0"}, {55, "A"}, {278, "a"}, {270, "9.125"}},
          {{279, "0"}, {269, "2"}, {270, "10"}, {271, "5"}}});
  Give({{35, "h"}, {336, "MD"}, {340, "2"}});
  EXPECT_EQ(Value(FieldId::kTrading), PackText("open"));
  market_.publisher.StartEpoch();
  handler_->StartAgain();
  Update({{{279, "0"}, {269, "1"}, {55, "A"}, {270, "11.5"}},
          {{279, "1"}, {278, "a"}, {270, "1"}}});
  EXPECT_EQ(Value(FieldId::kTrading), PackText("unknown"));
  EXPECT_EQ(Value(FieldId::kAsk), 11'500);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
  EXPECT_EQ(handler_->ignored().unknown, 1);
}

TEST_F(FixHandlerTest, WhatTheMarketHasNoRoomForIsCounted) {
  TestMarket small(1);
  FixHandler handler(small.publisher, *csv::DecimalsFinder::Create("2/0"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(handler.On(Decode({{35, "X"},
                                 {268, "3"},
                                 {279, "0"},
                                 {269, "0"},
                                 {55, "A"},
                                 {270, "1"},
                                 {279, "0"},
                                 {269, "0"},
                                 {55, "B"},
                                 {270, "1"},
                                 {279, "0"},
                                 {269, "0"},
                                 {55, "bad,name"},
                                 {270, "1"}})),
              0);
  }
  EXPECT_EQ(small.market.symbols().size(), 1u);
  EXPECT_EQ(small.counters.Get(Metric::kSymbolsRefused), 2);
  EXPECT_EQ(small.counters.Get(Metric::kTicks), 3);
}

TEST_F(FixHandlerTest, OtherMessagesChangeNothing) {
  EXPECT_EQ(Give({{35, "0"}}), 0);
  EXPECT_EQ(Give({{35, "D"}, {55, "A"}, {44, "1"}}), 0);
  EXPECT_EQ(Counted(Metric::kTicks), 0);
}

}  // namespace
}  // namespace streamhub::fix
