#include "feeds/csv/time_text.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "gateway/base/clock.h"

namespace streamhub::csv {
namespace {

constexpr int64_t kDay = 86'400 * kSecond;
constexpr int64_t kMidnight = 1'399'248'000 * kSecond;  // 2014-05-05 UTC

std::optional<int64_t> Read(std::string_view form, std::string_view text,
                            std::string_view zone = "UTC") {
  const auto clock = SessionTime::Create(zone);
  EXPECT_TRUE(clock.ok()) << clock.status();
  const auto known = FindTimeForm(form);
  EXPECT_TRUE(known.has_value()) << form;
  EXPECT_EQ(NameOf(*known), form);
  int64_t ns = 77;
  const bool read = TimeReader(*known, *clock, kMidnight).Read(text, &ns);
  EXPECT_TRUE(read || ns == 77);
  return read ? std::optional(ns) : std::nullopt;
}

TEST(TimeTextTest, CountsSinceMidnight) {
  EXPECT_EQ(Read("ms-of-day", "3074"), kMidnight + 3'074 * kMillisecond);
  EXPECT_EQ(Read("ms-of-day", "0"), kMidnight);
  EXPECT_EQ(Read("s-of-day", "34200.004241176"),
            kMidnight + 34'200 * kSecond + 4'241'176);
  EXPECT_EQ(Read("us-of-day", "7"), kMidnight + 7'000);
  EXPECT_EQ(Read("ns-of-day", "7"), kMidnight + 7);
  // The day on which the clocks are turned back has 25 hours.
  EXPECT_EQ(Read("s-of-day", "89999"), kMidnight + 89'999 * kSecond);
  for (const char* bad : {"90000", "-1", "", "x", "1e3", "0.0000000001",
                          "99999999999999999999"}) {
    EXPECT_EQ(Read("s-of-day", bad), std::nullopt) << bad;
  }
  EXPECT_EQ(Read("ns-of-day", "0.5"), std::nullopt);
}

TEST(TimeTextTest, CountsSince1970) {
  EXPECT_EQ(Read("unix-us", "1583020803145000"), 1'583'020'803'145 * 1'000'000);
  EXPECT_EQ(Read("unix-s", "1583020803.145"), 1'583'020'803'145 * 1'000'000);
  EXPECT_EQ(Read("unix-ms", "1"), kMillisecond);
  EXPECT_EQ(Read("unix-ns", "0"), 0);
  EXPECT_EQ(Read("unix-s", "7289654399"), 7'289'654'399 * kSecond);
  // The year 2201, and what overflows.
  for (const char* bad :
       {"7289654400", "9223372036", "9223372037", "99999999999999999999", "-1",
        "NaN", "2013-01-01 22:00:00"}) {
    EXPECT_EQ(Read("unix-s", bad), std::nullopt) << bad;
  }
}

TEST(TimeTextTest, ReadsDateTimes) {
  const int64_t at = 1'357'077'600 * kSecond;  // 2013-01-01 22:00:00 UTC
  const int64_t ms = 295 * kMillisecond;
  EXPECT_EQ(Read("iso", "2013-01-01 22:00:00.295000+00:00"), at + ms);
  EXPECT_EQ(Read("iso", "2013-01-01T22:00:00Z"), at);
  EXPECT_EQ(Read("iso", "20130101 22:00:00.295"), at + ms);
  EXPECT_EQ(Read("iso", "2013-01-01 22:00:00.000000001"), at + 1);
  EXPECT_EQ(Read("iso", "2013-01-01 17:00:00-05:00"), at);
  EXPECT_EQ(Read("iso", "2013-01-01 17:00:00-0500"), at);
  EXPECT_EQ(Read("iso", "2013-01-01 17:00:00-05"), at);
  EXPECT_EQ(Read("iso", "2013-01-02 03:30:00+05:30"), at);
  EXPECT_EQ(Read("iso", "1970-01-01 00:00:00Z"), 0);
  EXPECT_EQ(Read("iso", "2000-02-29 00:00:00Z"), 11'016 * kDay);
}

TEST(TimeTextTest, ADateTimeWithoutOffsetIsOnTheGivenClock) {
  EXPECT_EQ(Read("iso", "2013-01-01 17:00:00", "America/New_York"),
            1'357'077'600 * kSecond);
  EXPECT_EQ(Read("iso", "2013-07-01 17:00:00", "America/New_York"),
            1'372'712'400 * kSecond);
  // An offset in the text wins.
  EXPECT_EQ(Read("iso", "2013-01-01 22:00:00Z", "America/New_York"),
            1'357'077'600 * kSecond);
}

TEST(TimeTextTest, RefusesDatesAndTimesThatDoNotExist) {
  for (const char* bad : {"2013-02-29 00:00:00",
                          "2013-13-01 00:00:00",
                          "2013-00-10 00:00:00",
                          "2013-01-00 00:00:00",
                          "1969-12-31 00:00:00",
                          "2201-01-01 00:00:00",
                          "2013-01-01 24:00:00",
                          "2013-01-01 23:60:00",
                          "2013-01-01 23:59:60",
                          "2013-01-01 22:00",
                          "2013-01-01",
                          "2013-01-01 22:00:00.",
                          "2013-01-01 22:00:00.1234567890",
                          "2013-01-01 22:00:00+",
                          "2013-01-01 22:00:00+15:00",
                          "2013-01-01 22:00:00+01:",
                          "2013-01-01 22:00:00+01:60",
                          "2013-01-01 22:00:00Zx",
                          "2013-01-01 22:00:00 UTC",
                          "2013-0101 22:00:00",
                          "201301-01 22:00:00",
                          "2013-01-01  22:00:00",
                          "+013-01-01 22:00:00",
                          "2013-01-01 2 :00:00",
                          "",
                          "now"}) {
    EXPECT_EQ(Read("iso", bad), std::nullopt) << bad;
  }
}

TEST(TimeTextTest, KnowsItsForms) {
  EXPECT_FALSE(FindTimeForm("").has_value());
  EXPECT_FALSE(FindTimeForm("ms").has_value());
  EXPECT_EQ(TimeFormNames(),
            "iso, s-of-day, ms-of-day, us-of-day, ns-of-day, unix-s, unix-ms, "
            "unix-us, unix-ns");
}

}  // namespace
}  // namespace streamhub::csv
