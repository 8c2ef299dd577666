#include "feeds/replay/replay_time.h"

#include <gtest/gtest.h>

#include <string>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr int64_t kHour = 3600 * kSecond;
// 2024-01-02 00:00 UTC.
constexpr int64_t kDay = 1'704'153'600 * kSecond;

SessionTime Zone(const char* name) {
  const auto zone = SessionTime::Create(name);
  EXPECT_TRUE(zone.ok()) << zone.status();
  return *zone;
}

TEST(ReplayTimeTest, ReadsTimesOfDayAndInstants) {
  struct Case {
    const char* text;
    bool of_day;
    int64_t ns;
  };
  const Case cases[] = {
      {"14:30", true, 14 * kHour + 1800 * kSecond},
      {"00:00", true, 0},
      {"23:59:59.999999999", true, 24 * kHour - 1},
      {"09:30:05.25", true, 9 * kHour + 1805 * kSecond + 250 * kMillisecond},
      {"2024-01-02T00:00:00Z", false, kDay},
      {"2024-01-02T14:30:00.000000001Z", false,
       kDay + 14 * kHour + 1800 * kSecond + 1},
      {"2024-01-02T09:30:00-05:00", false, kDay + 14 * kHour + 1800 * kSecond}};
  for (const Case& c : cases) {
    const auto time = ParseReplayTime(c.text);
    ASSERT_TRUE(time.ok()) << time.status();
    EXPECT_EQ(time->of_day, c.of_day) << c.text;
    EXPECT_EQ(time->ns, c.ns) << c.text;
  }
}

TEST(ReplayTimeTest, RefusesAnythingElse) {
  for (const std::string text :
       {"", "14", "14:3", "24:00", "14:60", "14:30:60", "14:30:", "14:30:00.",
        "14:30:00.1234567890", "14:30x", "2024-01-02", "2024-01-02T14:30:00",
        "2024-02-30T14:30:00Z", "2024-01-02 14:30:00Z", "2024-01-02T14:30Z",
        "now", "1704153600"}) {
    const auto time = ParseReplayTime(text);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_EQ(time.status().message(),
              "'" + text +
                  "' is no time like 14:30, 14:30:05.25 or "
                  "2024-01-02T14:30:00Z");
  }
}

TEST(ReplayTimeTest, ATimeOfDayIsOneOfTheReferencesDay) {
  const SessionTime utc = Zone("UTC");
  const ReplayTime half = *ParseReplayTime("14:30:00.5");
  const int64_t want = kDay + 14 * kHour + 1800 * kSecond + kSecond / 2;
  EXPECT_EQ(half.NsAt(kDay, utc), want);
  EXPECT_EQ(half.NsAt(want, utc), want);
  EXPECT_EQ(half.NsAt(kDay + 24 * kHour - 1, utc), want);
  EXPECT_EQ(half.NsAt(kDay + 24 * kHour, utc), want + 24 * kHour);
  EXPECT_EQ(half.NsAt(kDay - 1, utc), want - 24 * kHour);
  EXPECT_EQ(ParseReplayTime("00:00")->NsAt(kDay + 5, utc), kDay);
  // By the clocks of the venue: it is still the day before in New York.
  const SessionTime new_york = Zone("America/New_York");
  EXPECT_EQ(ParseReplayTime("09:30")->NsAt(kDay + kHour, new_york),
            kDay - 24 * kHour + 14 * kHour + 1800 * kSecond);
}

TEST(ReplayTimeTest, DaysOfTwentyThreeAndTwentyFiveHours) {
  const SessionTime berlin = Zone("Europe/Berlin");
  // 2024-03-31: from 02:00 to 03:00 the clocks jump; it begins at 23:00 UTC.
  const int64_t spring = 1'711'839'600 * kSecond;
  EXPECT_EQ(ParseReplayTime("12:00")->NsAt(spring + 20 * kHour, berlin),
            spring + 11 * kHour);
  EXPECT_EQ(ParseReplayTime("02:30")->NsAt(spring + 20 * kHour, berlin),
            spring + 2 * kHour);
  // 2024-10-27: from 03:00 back to 02:00; the earlier 02:30 counts.
  const int64_t autumn = 1'729'980'000 * kSecond;
  EXPECT_EQ(ParseReplayTime("02:30")->NsAt(autumn + 24 * kHour, berlin),
            autumn + 2 * kHour + 1800 * kSecond);
}

TEST(ReplayTimeTest, FormatsWhatItReads) {
  for (const std::string text :
       {"2024-01-02T14:30:00Z", "2024-01-02T14:30:00.5Z",
        "1970-01-01T00:00:00.000000001Z", "2099-12-31T23:59:59.999999999Z"}) {
    EXPECT_EQ(FormatUtc(ParseReplayTime(text)->ns), text);
  }
}

}  // namespace
}  // namespace streamhub
