#include "feeds/fix/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/fix/utc_time.h"
#include "gateway/base/clock.h"

namespace streamhub::fix {
namespace {

using testing::ElementsAre;
using testing::Pair;

using All = std::vector<std::pair<int, std::string>>;

// The last one is {-1, what is wrong} if something is.
All ReadAll(std::string_view bytes, char separator = '|') {
  FieldReader reader(bytes, separator);
  All all;
  for (Field field;;) {
    switch (reader.Read(&field)) {
      case FieldReader::Next::kField:
        all.emplace_back(field.tag, field.value);
        break;
      case FieldReader::Next::kBad:
        all.emplace_back(-1, reader.what());
        EXPECT_EQ(reader.Read(&field), FieldReader::Next::kBad);
        return all;
      case FieldReader::Next::kEnd:
        return all;
    }
  }
}

TEST(FixFields, TagsAndValues) {
  EXPECT_THAT(
      ReadAll("8=FIX.4.4|58=a=b|999999999=x|"),
      ElementsAre(Pair(8, "FIX.4.4"), Pair(58, "a=b"), Pair(999999999, "x")));
  // Of the last one the separator may be missing.
  EXPECT_THAT(ReadAll("35=0|10=123"),
              ElementsAre(Pair(35, "0"), Pair(10, "123")));
  EXPECT_TRUE(ReadAll("").empty());
}

TEST(FixFields, WhatIsNoFieldIsBad) {
  for (const char* bad : {"=5|", "x=5|", "35|", "35", "-3=x|", "0=x|", "|",
                          "9999999999=x|", " 35=0|"}) {
    EXPECT_THAT(ReadAll(bad), ElementsAre(Pair(-1, "a field without a tag")))
        << bad;
  }
  EXPECT_THAT(ReadAll("35=|34=1|"),
              ElementsAre(Pair(-1, "a field without a value")));
  EXPECT_THAT(ReadAll("35="), ElementsAre(Pair(-1, "a field without a value")));
}

TEST(FixFields, DataHasTheLengthThatIsSaid) {
  EXPECT_THAT(ReadAll("95=5|96=a|10=|58=x|"),
              ElementsAre(Pair(95, "5"), Pair(96, "a|10="), Pair(58, "x")));
  EXPECT_THAT(ReadAll("354=3|355=|||"),
              ElementsAre(Pair(354, "3"), Pair(355, "|||")));
  EXPECT_THAT(ReadAll("212=1|213=||58=x|"),
              ElementsAre(Pair(212, "1"), Pair(213, "|"), Pair(58, "x")));
  EXPECT_THAT(ReadAll("93=2|89=||"),
              ElementsAre(Pair(93, "2"), Pair(89, "||")));
  EXPECT_THAT(ReadAll("621=1|622=||"),
              ElementsAre(Pair(621, "1"), Pair(622, "|")));
  // A length is of the next field only.
  EXPECT_THAT(
      ReadAll("95=5|58=y|96=ab|58=x|"),
      ElementsAre(Pair(95, "5"), Pair(58, "y"), Pair(96, "ab"), Pair(58, "x")));
  EXPECT_THAT(ReadAll("95=4|96=ab|58=x|").back(),
              Pair(-1, "data of another length than is said before it"));
  EXPECT_THAT(ReadAll("95=99|96=ab|").back(),
              Pair(-1, "data longer than its message"));
  EXPECT_THAT(ReadAll("95=x|96=ab|").back(),
              Pair(-1, "a length of data that is no number"));
}

TEST(FixFields, EveryLengthHasItsData) {
  const std::vector<int> others = {58, 34, 8, 10, 268, 618 + 1, 96};
  for (const int tag : others) EXPECT_EQ(DataTagOf(tag), 0) << tag;
  for (const int tag :
       {90,  95,  212,  348,  350,  352,  354,  356,  358,  360,  362, 364,
        445, 618, 1184, 1277, 1280, 1282, 1397, 1401, 1403, 1468, 1578}) {
    EXPECT_EQ(DataTagOf(tag), tag + 1);
  }
  EXPECT_EQ(DataTagOf(1525), 1527);
}

TEST(FixFields, Counts) {
  uint64_t count = 7;
  EXPECT_TRUE(ParseCount("007", &count));
  EXPECT_EQ(count, 7u);
  EXPECT_TRUE(ParseCount("999999999999999999", &count));
  EXPECT_EQ(count, 999'999'999'999'999'999u);
  for (const char* bad : {"", "-1", "+1", "1.0", "x", "1000000000000000000"}) {
    EXPECT_FALSE(ParseCount(bad, &count)) << bad;
  }
}

constexpr int64_t k20140505 = 1'399'248'000 * kSecond;

TEST(FixTime, Timestamps) {
  int64_t ns = 0;
  EXPECT_TRUE(ParseTimestamp("20140505-07:34:35.410", &ns));
  EXPECT_EQ(
      ns, k20140505 + (7 * 3600 + 34 * 60 + 35) * kSecond + 410 * kMillisecond);
  EXPECT_TRUE(ParseTimestamp("19700101-00:00:00", &ns));
  EXPECT_EQ(ns, 0);
  EXPECT_TRUE(ParseTimestamp("20140505-00:00:00.123456789", &ns));
  EXPECT_EQ(ns, k20140505 + 123'456'789);
  // A leap second.
  EXPECT_TRUE(ParseTimestamp("20140504-23:59:60", &ns));
  EXPECT_EQ(ns, k20140505);
  for (const char* bad :
       {"", "20140505", "20140505-", "20140505 07:34:35", "20140505-07:34",
        "20140505-7:34:35.4", "20140505-07:34:35.", "20140505-07:34:35.x",
        "20140505-07:34:35.1234567890", "20140505-07:34:61",
        "20140505-07:60:00", "20140505-24:00:00", "20140230-07:34:35",
        "19691231-23:59:59", "22010101-00:00:00", "2014050a-07:34:35",
        "20140505-07:34:35Z", "20140505-07-34:35"}) {
    EXPECT_FALSE(ParseTimestamp(bad, &ns)) << bad;
  }
}

TEST(FixTime, ATimeOfDayIsOnTheNearestDay) {
  constexpr int64_t kHour = 3600 * kSecond;
  // Just before midnight it is tomorrow already, for a venue that is ahead.
  EXPECT_EQ(NearestNs(kHour, k20140505 + 23 * kHour), k20140505 + 25 * kHour);
  EXPECT_EQ(NearestNs(23 * kHour, k20140505 + kHour), k20140505 - kHour);
  EXPECT_EQ(NearestNs(9 * kHour, k20140505 + 10 * kHour),
            k20140505 + 9 * kHour);
  EXPECT_EQ(NearestNs(9 * kHour, k20140505 + 8 * kHour), k20140505 + 9 * kHour);
  EXPECT_EQ(NearestNs(kHour, 2 * kHour), kHour);
  EXPECT_EQ(NearestNs(23 * kHour, 2 * kHour), -kHour);
}

}  // namespace
}  // namespace streamhub::fix
