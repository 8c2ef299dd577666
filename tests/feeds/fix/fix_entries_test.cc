// What each type of entry does to its instrument.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feeds/fix/fix_handler.h"
#include "tests/feeds/fix/handler_fixture.h"
#include "tests/support/tape_reader.h"

namespace streamhub::fix {
namespace {

using FixEntriesTest = HandlerFixture;
using testing::ElementsAre;

TEST_F(FixEntriesTest, ASnapshotReplacesTheBook) {
  EXPECT_EQ(Snapshot({{{269, "0"}, {270, "1.5"}, {271, "7"}},
                      {{269, "1"}, {270, "1.75"}, {271, "8"}},
                      {{269, "0"}, {270, "1.25"}}}),
            0);
  EXPECT_EQ(Value(FieldId::kBid), 150);
  EXPECT_EQ(Value(FieldId::kBidSize), 7);
  EXPECT_EQ(Value(FieldId::kAsk), 175);
  EXPECT_EQ(Value(FieldId::kAskSize), 8);
  EXPECT_EQ(Value(FieldId::kBid2), 125);
  EXPECT_EQ(Value(FieldId::kBid2Size), kEmpty);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kSentNs);
  EXPECT_EQ(EventNs(), kSentNs);
  EXPECT_EQ(Counted(Metric::kTicks), 1);
  Snapshot({{{269, "1"}, {270, "1.8"}}});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), 180);
  EXPECT_EQ(Value(FieldId::kAskSize), kEmpty);
  Snapshot({});
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
}

TEST_F(FixEntriesTest, TenLevelsArePublished) {
  std::vector<Fields> entries;
  for (int i = 1; i <= 12; ++i) {
    entries.push_back({{269, "0"},
                       {270, std::to_string(100 - i)},
                       {271, std::to_string(i)},
                       {1023, std::to_string(i)}});
  }
  Snapshot(entries);
  for (int i = 1; i <= 10; ++i) {
    EXPECT_EQ(Value(FieldsOfLevel(i).bid), (100 - i) * 100) << i;
    EXPECT_EQ(Value(FieldsOfLevel(i).bid_size), i) << i;
  }
  // What was below them comes up.
  Update({{{279, "2"}, {269, "0"}, {55, "A"}, {1023, "2"}}});
  EXPECT_EQ(Value(FieldId::kBid2), 9700);
  EXPECT_EQ(Value(FieldId::kBid10), 8900);
  EXPECT_EQ(Value(FieldId::kBid10Size), 11);
}

TEST_F(FixEntriesTest, AnEmptyBook) {
  Snapshot({{{269, "0"}, {270, "1"}}, {{269, "1"}, {270, "2"}}});
  Update({{{279, "0"}, {269, "J"}, {55, "A"}}});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
}

TEST_F(FixEntriesTest, TopOfBookEntriesReplace) {
  for (const char* price : {"1", "3", "2"}) {
    Update({{{279, "0"}, {269, "0"}, {55, "A"}, {270, price}}}, {{1021, "1"}});
  }
  EXPECT_EQ(Value(FieldId::kBid), 200);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
}

TEST_F(FixEntriesTest, TradesGoToTheTape) {
  Update({{{279, "0"},
           {269, "2"},
           {55, "A"},
           {270, "10"},
           {271, "5"},
           {278, "e1"},
           {1003, "t1"},
           {2446, "1"}},
          {{279, "0"},
           {269, "2"},
           {270, "11"},
           {271, "3"},
           {278, "e2"},
           {2446, "2"}},
          {{279, "0"}, {269, "2"}, {270, "9"}}});
  EXPECT_EQ(Value(FieldId::kLast), 900);
  EXPECT_EQ(Value(FieldId::kLastSize), kEmpty);
  EXPECT_EQ(Value(FieldId::kVolume), 8);
  EXPECT_EQ(Value(FieldId::kOpen), 1000);
  EXPECT_EQ(Value(FieldId::kHigh), 1100);
  EXPECT_EQ(Value(FieldId::kLow), 900);
  EXPECT_EQ(Value(FieldId::kTradeTime), kSentNs);
  EXPECT_EQ(Counted(Metric::kTicks), 1);
  // One is void, one is corrected: what was printed stays.
  Update({{{279, "2"}, {269, "2"}, {55, "A"}, {278, "e2"}},
          {{279, "1"}, {269, "2"}, {278, "e1"}, {270, "10"}, {271, "6"}}});
  EXPECT_EQ(Value(FieldId::kVolume), 8);
  EXPECT_EQ(handler_->ignored().trades_changed, 1);
  const std::string time = R"("time":)" + std::to_string(kSentNs / 1000);
  EXPECT_THAT(
      TapeOf(market_.market, "A"),
      ElementsAre(
          R"({"price":10.00,"size":5,)" + time + R"(,"side":"buy","id":"t1"})",
          R"({"price":11.00,"size":3,)" + time + R"(,"side":"sell","id":"e2"})",
          R"({"price":9.00,)" + time + "}",
          "{" + time + R"(,"cancelled":"e2"})"));
}

TEST_F(FixEntriesTest, TheTradeOfASnapshotWasBefore) {
  Snapshot({{{269, "2"}, {270, "10"}, {271, "5"}, {273, "23:00:00"}}});
  EXPECT_EQ(Value(FieldId::kLast), 1000);
  EXPECT_EQ(Value(FieldId::kLastSize), 5);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value(FieldId::kOpen), kEmpty);
  EXPECT_EQ(Value(FieldId::kTradeTime), kSentNs - 3600 * kSecond);
  EXPECT_TRUE(TapeOf(market_.market, "A").empty());
}

TEST_F(FixEntriesTest, AnIndexIsALastPrice) {
  Update({{{279, "0"}, {269, "3"}, {55, "A"}, {270, "10.5"}},
          {{279, "0"}, {269, "3"}, {270, "10.25"}}});
  EXPECT_EQ(Value(FieldId::kLast), 1025);
  EXPECT_EQ(Value(FieldId::kOpen), 1050);
  EXPECT_EQ(Value(FieldId::kLow), 1025);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_TRUE(TapeOf(market_.market, "A").empty());
}

TEST_F(FixEntriesTest, WhatTheVenueStates) {
  Snapshot({{{269, "4"}, {270, "10"}},
            {{269, "5"}, {270, "9"}, {286, "4"}},
            {{269, "6"}, {270, "9.5"}},
            {{269, "7"}, {270, "12"}},
            {{269, "8"}, {270, "8"}},
            {{269, "9"}, {270, "10.1"}},
            {{269, "B"}, {271, "1000"}},
            {{269, "C"}, {271, "77"}},
            {{269, "2"}, {270, "11"}}});
  EXPECT_EQ(Value(FieldId::kOpen), 1000);
  EXPECT_EQ(Value(FieldId::kPrevClose), 900);
  EXPECT_EQ(Value(FieldId::kChange), 200);
  EXPECT_EQ(Value(FieldId::kSettlement), 950);
  EXPECT_EQ(Value(FieldId::kHigh), 1200);
  EXPECT_EQ(Value(FieldId::kLow), 800);
  EXPECT_EQ(Value(FieldId::kVwap), 1010);
  EXPECT_EQ(Value(FieldId::kVolume), 1000);
  EXPECT_EQ(Value(FieldId::kOpenInterest), 77);
  // Theoretical, expected, and of no field.
  Update({{{279, "0"}, {269, "4"}, {55, "A"}, {270, "1"}, {286, "5"}},
          {{279, "0"}, {269, "5"}, {270, "1"}, {286, "3"}},
          {{279, "0"}, {269, "x"}, {58, "LIVE"}},
          {{279, "0"}, {269, "xx"}}});
  EXPECT_EQ(handler_->ignored().other_types, 4);
  EXPECT_EQ(Value(FieldId::kOpen), 1000);
  EXPECT_EQ(Update({{{279, "2"}, {269, "7"}, {55, "A"}},
                    {{279, "0"}, {269, "8"}},
                    {{279, "0"}, {269, "B"}, {270, "5"}}}),
            2);
  EXPECT_EQ(Value(FieldId::kHigh), kEmpty);
  EXPECT_EQ(handler_->refusal(), "MDEntryPx(270) of A is missing");
}

TEST_F(FixEntriesTest, WhatDoesNotFitIsRefusedAndTheRestIsNot) {
  Snapshot({{{269, "0"}, {270, "1.5"}, {271, "7"}}});
  EXPECT_EQ(Update({{{279, "1"}, {269, "0"}, {55, "A"}, {270, "1.555"}},
                    {{279, "1"}, {269, "1"}, {270, "1.75"}}}),
            1);
  EXPECT_EQ(handler_->refusal(),
            "MDEntryPx(270) '1.555' of A has more than the 2 decimals of the "
            "symbol");
  EXPECT_EQ(Value(FieldId::kBid), 150);
  EXPECT_EQ(Value(FieldId::kAsk), 175);
  const auto refusal = [this](const Fields& entry) {
    Fields all = {{279, "0"}, {269, "0"}, {55, "A"}};
    all.insert(all.end(), entry.begin(), entry.end());
    EXPECT_EQ(Update({all}), 1);
    return handler_->refusal();
  };
  EXPECT_EQ(refusal({{270, "1"}, {271, "0.5"}}),
            "MDEntrySize(271) '0.5' of A has more than the 0 decimals of the "
            "symbol");
  EXPECT_EQ(refusal({{270, "1"}, {271, "-5"}}),
            "MDEntrySize(271) '-5' of A is negative");
  EXPECT_EQ(refusal({{270, "92233720368547758.08"}}),
            "MDEntryPx(270) '92233720368547758.08' of A with 2 decimals is "
            "beyond 64 bits");
  EXPECT_EQ(refusal({{271, "5"}, {278, "x"}}),
            "MDEntryPx(270) of A is missing");
  EXPECT_EQ(refusal({{270, "1"}, {278, std::string(48, 'i')}}),
            "MDEntryID(278) '" + std::string(48, 'i') + "' of A is too long");
  EXPECT_EQ(Counted(Metric::kTicksRejected), 6);
  EXPECT_EQ(Update({{{279, "0"}, {55, "A"}, {270, "1"}}}), 1);
  EXPECT_EQ(handler_->refusal(), "MDEntryType(269) of A is missing");
  EXPECT_EQ(Value(FieldId::kBid), 150);
}

TEST_F(FixEntriesTest, ASnapshotOfOtherThingsLeavesTheBook) {
  Snapshot({{{269, "0"}, {270, "1"}}, {{269, "1"}, {270, "2"}}});
  Snapshot({{{269, "2"}, {270, "1.5"}}, {{269, "7"}, {270, "3"}}});
  EXPECT_EQ(Value(FieldId::kBid), 100);
  EXPECT_EQ(Value(FieldId::kAsk), 200);
  EXPECT_EQ(Value(FieldId::kLast), 150);
  Snapshot({{{269, "J"}}});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
}

}  // namespace
}  // namespace streamhub::fix
