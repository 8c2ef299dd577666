#include "feeds/session_time.h"

#include <gtest/gtest.h>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using std::chrono::hours;

SessionTime Zone(std::string_view name) {
  const auto zone = SessionTime::Create(name);
  EXPECT_TRUE(zone.ok()) << zone.status();
  return *zone;
}

TEST(ParseDateTest, TakesOnlyDaysThatExist) {
  const auto date = ParseDate("2024-02-29");
  ASSERT_TRUE(date.ok());
  EXPECT_EQ(*date, (CalendarDate{2024, 2, 29}));
  for (const char* bad : {"", "2023-02-29", "2024-13-01", "2024-1-1",
                          "20240101", "2024-01-+1", "0000-00-00"}) {
    EXPECT_FALSE(ParseDate(bad).ok()) << bad;
  }
}

TEST(SessionTimeTest, KnowsDaylightSaving) {
  const SessionTime zone = Zone("America/New_York");
  // Five hours behind UTC in winter, four in summer.
  EXPECT_EQ(zone.MidnightNs({2023, 12, 25}), 1'703'480'400 * kSecond);
  EXPECT_EQ(zone.MidnightNs({2024, 7, 1}), 1'719'806'400 * kSecond);
}

TEST(SessionTimeTest, RollsOncePerLocalDayAcrossTheChanges) {
  const SessionTime zone = Zone("America/New_York");
  // Clocks go forward on 2024-03-10: from 17:00 to 17:00 it is 23 hours.
  int64_t ns = zone.MidnightNs({2024, 3, 9});
  const int64_t before = zone.NextNs(ns, hours(17));
  EXPECT_EQ(before, ns + 17 * 3600 * kSecond);
  const int64_t over = zone.NextNs(before, hours(17));
  EXPECT_EQ(over - before, 23 * 3600 * kSecond);
  EXPECT_EQ(zone.NextNs(over, hours(17)) - over, 24 * 3600 * kSecond);
  // And back on 2024-11-03: 25 hours.
  ns = zone.MidnightNs({2024, 11, 2}) + 17 * 3600 * kSecond;
  EXPECT_EQ(zone.NextNs(ns, hours(17)) - ns, 25 * 3600 * kSecond);
  EXPECT_EQ(zone.NextNs(ns - 1, hours(17)), ns);
}

TEST(SessionTimeTest, SkippedTimesCountAsTheJump) {
  // 02:30 does not exist on 2024-03-10; the clocks jump at 02:00 = 07:00 UTC.
  const SessionTime zone = Zone("America/New_York");
  const int64_t midnight = zone.MidnightNs({2024, 3, 10});
  EXPECT_EQ(zone.NextNs(midnight, std::chrono::minutes(150)),
            midnight + 2 * 3600 * kSecond);
  // Midnight itself is skipped in Beirut on 2024-03-31.
  EXPECT_EQ(Zone("Asia/Beirut").MidnightNs({2024, 3, 31}),
            1'711'836'000 * kSecond);
}

TEST(SessionTimeTest, ReadsAClockOfThatDay) {
  const SessionTime zone = Zone("America/New_York");
  // 09:30 is as many hours after midnight as the clocks were not turned.
  EXPECT_EQ(zone.AtNs({2024, 7, 1}, std::chrono::minutes(570)),
            1'719'840'600 * kSecond);
  EXPECT_EQ(zone.AtNs({2024, 3, 10}, std::chrono::minutes(570)),
            zone.MidnightNs({2024, 3, 10}) + (570 - 60) * 60 * kSecond);
  // 01:30 is there twice on 2024-11-03: the first.
  EXPECT_EQ(zone.AtNs({2024, 11, 3}, std::chrono::minutes(90)),
            zone.MidnightNs({2024, 11, 3}) + 90 * 60 * kSecond);
}

TEST(SessionTimeTest, KnowsWholeHoursFromUtc) {
  const int64_t utc = Zone("UTC").MidnightNs({2014, 5, 5});
  EXPECT_EQ(Zone("UTC-05").MidnightNs({2014, 5, 5}), utc + 5 * 3600 * kSecond);
  EXPECT_EQ(Zone("UTC+14").MidnightNs({2014, 5, 5}), utc - 14 * 3600 * kSecond);
  EXPECT_EQ(Zone("UTC+00").MidnightNs({2014, 5, 5}), utc);
  EXPECT_EQ(Zone("UTC-00").MidnightNs({2014, 5, 5}), utc);
  for (const char* bad : {"UTC+15", "UTC-13", "UTC-5", "UTC+5:30", "UTC*05"}) {
    EXPECT_FALSE(SessionTime::Create(bad).ok()) << bad;
  }
}

TEST(SessionRollTest, IsATimeOfDayInAZone) {
  const auto roll = SessionRoll::Create("17:00", Zone("America/New_York"));
  ASSERT_TRUE(roll.ok());
  constexpr int64_t kFirstNs = 1'704'232'800 * kSecond;  // 2024-01-02 22:00 UTC
  EXPECT_EQ(roll->NextNs(kFirstNs - 1), kFirstNs);
  EXPECT_EQ(roll->NextNs(kFirstNs), kFirstNs + 24 * 3600 * kSecond);
}

TEST(SessionRollTest, RefusesWhatIsNoTimeOfDay) {
  for (const std::string_view bad :
       {"", "24:00", "17:60", "7:00", "17.00", "17:00:00", "-1:00", "ab:cd"}) {
    const auto roll = SessionRoll::Create(bad, Zone("UTC"));
    ASSERT_FALSE(roll.ok()) << bad;
    EXPECT_NE(FromAbsl(roll.status().message()).find(bad), bad.npos);
  }
}

TEST(SessionTimeTest, NamesAnUnknownZone) {
  const auto zone = SessionTime::Create("Mars/Olympus");
  ASSERT_FALSE(zone.ok());
  EXPECT_EQ(zone.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(zone.status().message().find("Mars/Olympus"),
            absl::string_view::npos);
  EXPECT_FALSE(SessionTime::Create("").ok());
}

}  // namespace
}  // namespace streamhub
