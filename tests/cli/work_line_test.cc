#include "gateway/cli/work_line.h"

#include <gtest/gtest.h>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

TEST(WorkLineTest, TellsRateAndTimeLeft) {
  WorkLine line;
  EXPECT_EQ(line.Format("/data/day.itch.gz", 0, 1000, 0, 7 * kSecond),
            "day.itch.gz  0.0%  0 messages");
  EXPECT_EQ(line.Format("/data/day.itch.gz", 250, 1000, 3'100'000, 8 * kSecond),
            "day.itch.gz  25.0%  3100000 messages  3.10 million/s  0:03 left");
  EXPECT_EQ(
      line.Format("/data/day.itch.gz", 500, 1000, 4'000'000, 207 * kSecond),
      "day.itch.gz  50.0%  4000000 messages  20000/s  3:20 left");
  EXPECT_EQ(
      line.Format("/data/day.itch.gz", 1000, 1000, 4'000'001, 208 * kSecond),
      "day.itch.gz  100.0%  4000001 messages  19901/s");
}

TEST(WorkLineTest, LeavesOutWhatIsNotKnown) {
  WorkLine line;
  EXPECT_EQ(line.Format("-", 10, 0, 0, 0), "-  0 messages");
  EXPECT_EQ(line.Format("-", 20, 0, 50, kSecond / 4), "-  50 messages");
  EXPECT_EQ(line.Format("-", 20, 0, 50, kSecond), "-  50 messages  50/s");
}

TEST(WorkLineTest, HoursHaveAPlaceOfTheirOwn) {
  WorkLine line;
  line.Format("a", 0, 10'000, 0, 0);
  EXPECT_EQ(line.Format("a", 1, 10'000, 5, kSecond),
            "a  0.0%  5 messages  5/s  2:46:39 left");
  // Of what nobody waits for nothing is said.
  EXPECT_EQ(line.Format("a", 2, 100'000'000, 5, kSecond),
            "a  0.0%  5 messages  5/s");
}

TEST(WorkLineTest, ANameDoesNotMoveTheCursor) {
  WorkLine line;
  EXPECT_EQ(line.Format("/x/a\x1b[2J", 0, 0, 1, 0), "a?[2J  1 messages");
}

}  // namespace
}  // namespace streamhub
