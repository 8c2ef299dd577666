#include "feeds/day_fields.h"

#include <gtest/gtest.h>

#include <limits>

namespace streamhub {
namespace {

int64_t Value(const DayFields& day, FieldId field) {
  for (const FieldValue& v : day.Values()) {
    if (v.field == field) return v.value;
  }
  ADD_FAILURE() << "not a day field: " << FieldName(field);
  return 0;
}

TEST(DayFieldsTest, IsEmptyBeforeTheFirstTrade) {
  for (const FieldValue& v : DayFields().Values()) EXPECT_EQ(v.value, kEmpty);
}

TEST(DayFieldsTest, AddsUpTrades) {
  DayFields day;
  for (const int64_t price : {100, 130, 90, 110}) {
    EXPECT_TRUE(day.Trade(price, 5));
  }
  EXPECT_TRUE(day.AddVolume(7));
  EXPECT_EQ(Value(day, FieldId::kLast), 110);
  EXPECT_EQ(Value(day, FieldId::kOpen), 100);
  EXPECT_EQ(Value(day, FieldId::kHigh), 130);
  EXPECT_EQ(Value(day, FieldId::kLow), 90);
  EXPECT_EQ(Value(day, FieldId::kVolume), 27);
  EXPECT_EQ(Value(day, FieldId::kPrevClose), kEmpty);
  EXPECT_EQ(Value(day, FieldId::kChange), kEmpty);
}

TEST(DayFieldsTest, TakesThePreviousCloseOfTheVenue) {
  DayFields day;
  EXPECT_TRUE(day.Trade(100, 5));
  day.Roll();
  day.SetPrevClose(90);
  EXPECT_EQ(Value(day, FieldId::kPrevClose), 90);
  EXPECT_EQ(Value(day, FieldId::kChange), kEmpty);  // nothing traded today
  EXPECT_TRUE(day.Trade(95, 5));
  EXPECT_EQ(Value(day, FieldId::kChange), 5);
  day.SetPrevClose(80);
  EXPECT_EQ(Value(day, FieldId::kChange), 15);
  EXPECT_EQ(Value(day, FieldId::kLast), 95);
}

TEST(DayFieldsTest, RollMovesTheCloseAndEmptiesTheDay) {
  DayFields day;
  EXPECT_TRUE(day.Trade(100, 5));
  day.Roll();
  day.Roll();
  EXPECT_EQ(Value(day, FieldId::kLast), 100);
  EXPECT_EQ(Value(day, FieldId::kPrevClose), 100);
  for (const FieldId field : {FieldId::kOpen, FieldId::kHigh, FieldId::kLow,
                              FieldId::kVolume, FieldId::kChange}) {
    EXPECT_EQ(Value(day, field), kEmpty) << FieldName(field);
  }
  EXPECT_TRUE(day.Trade(97, 1));
  EXPECT_EQ(Value(day, FieldId::kChange), -3);
  EXPECT_EQ(Value(day, FieldId::kOpen), 97);
}

TEST(DayFieldsTest, RefusesWhatDoesNotFit) {
  DayFields day;
  EXPECT_TRUE(day.Trade(100, std::numeric_limits<int64_t>::max()));
  EXPECT_FALSE(day.Trade(200, 1));
  EXPECT_FALSE(day.AddVolume(-1));
  EXPECT_EQ(day.last(), 100);
}

}  // namespace
}  // namespace streamhub
