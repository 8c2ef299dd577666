#include "feeds/replay/file_date.h"

#include <gtest/gtest.h>

namespace streamhub {
namespace {

TEST(FileDateTest, KnowsTheUsualNames) {
  const auto expect = [](const char* path, int year, int month, int day) {
    const auto date = DateOfFile(path);
    ASSERT_TRUE(date.has_value()) << path;
    EXPECT_EQ(*date, (CalendarDate{year, month, day})) << path;
  };
  expect("01302019.NASDAQ_ITCH50.gz", 2019, 1, 30);
  expect("/data/19991231/20190130.BX_ITCH_50", 2019, 1, 30);
  expect("ex20101224.TEST_ITCH_50", 2010, 12, 24);
  expect("esh4_20231225_2200-2330z.itch50.gz", 2023, 12, 25);
  expect("S081321-v50.txt.gz", 2021, 8, 13);
  expect("99999999_20240229", 2024, 2, 29);
  expect("AAPL_2012-06-21_34200000_57600000_message_10.csv", 2012, 6, 21);
  expect("2024-01-02", 2024, 1, 2);
}

TEST(FileDateTest, GuessesNothing) {
  for (const char* path :
       {"", "-", "itch50.gz", "20230229", "123456789", "2024-13-02",
        "2024-01-023", "02024-01-02", "2024-1-2", "081321-v50", "S081321",
        "20240102/itch"}) {
    EXPECT_FALSE(DateOfFile(path).has_value()) << path;
  }
}

}  // namespace
}  // namespace streamhub
