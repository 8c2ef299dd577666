#include "feeds/fix/stated_day.h"

#include <gtest/gtest.h>

#include <limits>

namespace streamhub::fix {
namespace {

int64_t Of(const StatedDay& day, FieldId field) {
  for (const FieldValue& v : day.Values()) {
    if (v.field == field) return v.value;
  }
  ADD_FAILURE() << "no such field";
  return 0;
}

TEST(StatedDay, TradesAddUp) {
  StatedDay day;
  for (const FieldValue& v : day.Values()) EXPECT_EQ(v.value, kEmpty);
  EXPECT_TRUE(day.Trade(100, 5, 1));
  EXPECT_TRUE(day.Trade(103, kEmpty, 2));
  EXPECT_TRUE(day.Trade(99, 2, 3));
  EXPECT_EQ(Of(day, FieldId::kLast), 99);
  EXPECT_EQ(Of(day, FieldId::kLastSize), 2);
  EXPECT_EQ(Of(day, FieldId::kTradeTime), 3);
  EXPECT_EQ(Of(day, FieldId::kVolume), 7);
  EXPECT_EQ(Of(day, FieldId::kOpen), 100);
  EXPECT_EQ(Of(day, FieldId::kHigh), 103);
  EXPECT_EQ(Of(day, FieldId::kLow), 99);
  EXPECT_EQ(Of(day, FieldId::kChange), kEmpty);
  EXPECT_FALSE(day.Trade(1, std::numeric_limits<int64_t>::max(), 4));
  EXPECT_EQ(day.last(), 99);
  EXPECT_EQ(Of(day, FieldId::kLow), 99);
}

TEST(StatedDay, AnIndexHasNoVolume) {
  StatedDay day;
  day.Index(10, 1);
  day.Index(12, 2);
  day.Index(11, 3);
  EXPECT_EQ(Of(day, FieldId::kLast), 11);
  EXPECT_EQ(Of(day, FieldId::kOpen), 10);
  EXPECT_EQ(Of(day, FieldId::kHigh), 12);
  EXPECT_EQ(Of(day, FieldId::kLow), 10);
  EXPECT_EQ(Of(day, FieldId::kVolume), kEmpty);
  EXPECT_EQ(Of(day, FieldId::kTradeTime), 3);
}

TEST(StatedDay, WhatIsStatedIsWhereTradesGoOn) {
  StatedDay day;
  day.State(FieldId::kHigh, 120);
  day.State(FieldId::kLow, 90);
  day.State(FieldId::kOpen, 95);
  day.State(FieldId::kVolume, 1000);
  EXPECT_TRUE(day.Trade(110, 5, 1));
  EXPECT_EQ(Of(day, FieldId::kOpen), 95);
  EXPECT_EQ(Of(day, FieldId::kHigh), 120);
  EXPECT_EQ(Of(day, FieldId::kLow), 90);
  EXPECT_EQ(Of(day, FieldId::kVolume), 1005);
  EXPECT_TRUE(day.Trade(121, 5, 1));
  EXPECT_EQ(Of(day, FieldId::kHigh), 121);
  day.State(FieldId::kVolume, kEmpty);
  EXPECT_EQ(Of(day, FieldId::kVolume), kEmpty);
  day.State(FieldId::kSettlement, 7);
  day.State(FieldId::kVwap, 8);
  day.State(FieldId::kOpenInterest, 9);
  EXPECT_EQ(Of(day, FieldId::kSettlement), 7);
  EXPECT_EQ(Of(day, FieldId::kVwap), 8);
  EXPECT_EQ(Of(day, FieldId::kOpenInterest), 9);
}

TEST(StatedDay, TheLastTradeBeforeSaysNothingOfTheDay) {
  StatedDay day;
  day.Last(50, 4, 9);
  EXPECT_EQ(Of(day, FieldId::kLast), 50);
  EXPECT_EQ(Of(day, FieldId::kLastSize), 4);
  EXPECT_EQ(Of(day, FieldId::kTradeTime), 9);
  for (const FieldId field :
       {FieldId::kOpen, FieldId::kHigh, FieldId::kLow, FieldId::kVolume}) {
    EXPECT_EQ(Of(day, field), kEmpty);
  }
}

TEST(StatedDay, ACloseBecomesThePreviousOne) {
  StatedDay day;
  day.Close(100, /*of_day_before=*/false);  // nothing was traded
  day.Trade(104, 1, 1);
  EXPECT_EQ(Of(day, FieldId::kPrevClose), 100);
  EXPECT_EQ(Of(day, FieldId::kChange), 4);
  day.Close(103, /*of_day_before=*/false);
  EXPECT_EQ(Of(day, FieldId::kPrevClose), 100);
  day.Roll();
  EXPECT_EQ(Of(day, FieldId::kPrevClose), 103);
  EXPECT_EQ(day.last(), 104);
  for (const FieldId field : {FieldId::kOpen, FieldId::kHigh, FieldId::kLow,
                              FieldId::kVolume, FieldId::kChange}) {
    EXPECT_EQ(Of(day, field), kEmpty);
  }
  day.Trade(105, 1, 1);
  EXPECT_EQ(Of(day, FieldId::kChange), 2);
  day.Close(101, /*of_day_before=*/true);
  EXPECT_EQ(Of(day, FieldId::kPrevClose), 101);
  EXPECT_EQ(Of(day, FieldId::kChange), 4);
  // Where none is stated it is the last price.
  day.Roll();
  EXPECT_EQ(Of(day, FieldId::kPrevClose), 105);
}

TEST(StatedDay, AChangeBeyond64BitsIsEmpty) {
  StatedDay day;
  day.Close(std::numeric_limits<int64_t>::max(), true);
  day.Index(-5, 1);
  EXPECT_EQ(Of(day, FieldId::kChange), kEmpty);
}

}  // namespace
}  // namespace streamhub::fix
