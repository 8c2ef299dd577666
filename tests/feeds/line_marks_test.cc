#include "feeds/line_marks.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace streamhub {
namespace {

constexpr int64_t kSilentNs = 3 * kSecond;
constexpr int64_t kBegin = 1'700'000'000 * kSecond;

class LineMarksTest : public testing::Test {
 protected:
  LineMarksTest() { marks_.Begin(1); }

  // One message.
  void Heard(size_t line, uint64_t number, int64_t after_ns) {
    marks_.Heard(line, number, number + 1, kBegin + after_ns);
  }
  FeedLine Line(size_t line) const { return marks_.marks().lines[line]; }

  LineMarks marks_{{"A", "B"}, kSilentNs};
};

TEST_F(LineMarksTest, BeginDown) {
  const FeedLines marks = marks_.marks();
  ASSERT_EQ(marks.lines.size(), 2u);
  EXPECT_EQ(marks.lines[0].name, "A");
  EXPECT_FALSE(marks.lines[0].up);
  EXPECT_FALSE(marks.lines[1].up);
  EXPECT_EQ(marks.used, 0u);
  EXPECT_EQ(marks.used_since_ns, 0);
}

TEST_F(LineMarksTest, TheFirstCopyCountsAndTheOtherIsBehind) {
  for (uint64_t n = 1; n <= 100; ++n) {
    const int64_t at_ns = static_cast<int64_t>(n) * kMillisecond;
    Heard(0, n, at_ns);
    Heard(1, n, at_ns + 200 * kMicrosecond);
  }
  EXPECT_EQ(Line(0).first, 100);
  EXPECT_EQ(Line(0).copies, 0);
  EXPECT_EQ(Line(0).lag_ns, 0);
  EXPECT_EQ(Line(1).first, 0);
  EXPECT_EQ(Line(1).copies, 100);
  EXPECT_EQ(Line(1).lag_ns, 200 * kMicrosecond);
  EXPECT_EQ(marks_.marks().used, 0u);
  EXPECT_EQ(marks_.marks().used_since_ns, kBegin + kMillisecond);
  EXPECT_EQ(Line(0).packets, 100);
  EXPECT_EQ(marks_.missing(), 0u);
}

// Whatever cuts the messages into packets.
TEST_F(LineMarksTest, LagIsByMessages) {
  marks_.Heard(0, 1, 11, kBegin);
  marks_.Heard(0, 11, 21, kBegin + 10 * kMillisecond);
  marks_.Heard(1, 1, 6, kBegin + 12 * kMillisecond);
  EXPECT_EQ(Line(1).lag_ns, 12 * kMillisecond);
  marks_.Heard(1, 6, 16, kBegin + 15 * kMillisecond);
  EXPECT_EQ(Line(1).lag_ns, 5 * kMillisecond);
  EXPECT_EQ(Line(1).copies, 15);
}

TEST_F(LineMarksTest, EachLineHasItsOwnLosses) {
  // A lacks 3, B lacks 5, both lack 7.
  for (uint64_t n = 1; n <= 10; ++n) {
    if (n != 3 && n != 7) Heard(0, n, static_cast<int64_t>(2 * n));
    if (n != 5 && n != 7) Heard(1, n, static_cast<int64_t>(2 * n + 1));
  }
  EXPECT_EQ(Line(0).missed, 2);
  EXPECT_EQ(Line(1).missed, 2);
  EXPECT_EQ(Line(0).first, 8);
  EXPECT_EQ(Line(1).first, 1);
  EXPECT_EQ(Line(1).copies, 7);
  EXPECT_EQ(marks_.missing(), 1u);
  // What comes late is taken off.
  Heard(1, 7, 100);
  EXPECT_EQ(Line(1).missed, 1);
  EXPECT_EQ(Line(1).first, 2);
  EXPECT_EQ(marks_.missing(), 0u);
}

TEST_F(LineMarksTest, AHeartbeatTellsWhatWasSent) {
  Heard(0, 1, 0);
  marks_.Heard(1, 4, 4, kBegin + 1);
  EXPECT_EQ(Line(1).missed, 3);
  EXPECT_EQ(Line(0).missed, 0);  // it may still be on its way
  EXPECT_EQ(marks_.missing(), 2u);
  Heard(0, 2, 2);
  Heard(0, 3, 3);
  EXPECT_EQ(marks_.missing(), 0u);
  EXPECT_EQ(Line(0).first, 3);
}

TEST_F(LineMarksTest, ASilentLineIsDownAndTheOtherTakesOver) {
  Heard(0, 1, 0);
  Heard(1, 1, 1);
  // A is heard no more.
  for (uint64_t n = 2; n <= 5; ++n) {
    Heard(1, n, static_cast<int64_t>(n - 1) * kSecond);
  }
  EXPECT_FALSE(Line(0).up);
  EXPECT_EQ(Line(0).since_ns, kBegin + kSilentNs);
  EXPECT_EQ(Line(0).heard_ns, kBegin);
  EXPECT_EQ(Line(0).missed, 4);
  EXPECT_TRUE(Line(1).up);
  EXPECT_EQ(marks_.marks().used, 1u);
  EXPECT_EQ(marks_.marks().used_since_ns, kBegin + 4 * kSecond);
  // A is back, behind: B stays in use.
  Heard(0, 5, 5 * kSecond);
  EXPECT_TRUE(Line(0).up);
  EXPECT_EQ(Line(0).since_ns, kBegin + 5 * kSecond);
  EXPECT_EQ(Line(0).missed, 3);
  EXPECT_EQ(marks_.marks().used, 1u);
}

TEST_F(LineMarksTest, LinesThatAreLevelDoNotTakeTurns) {
  for (uint64_t n = 1; n <= 200; ++n) {
    Heard(n % 2, n, static_cast<int64_t>(2 * n));
    Heard(1 - n % 2, n, static_cast<int64_t>(2 * n + 1));
  }
  EXPECT_EQ(marks_.marks().used_since_ns, kBegin + 2);  // since the first
  // One that is first many times in a row is in use from then on.
  const size_t used = marks_.marks().used;
  for (uint64_t n = 201; n <= 240; ++n) {
    Heard(1 - used, n, static_cast<int64_t>(2 * n));
    EXPECT_EQ(marks_.marks().used == used,
              n < 200 + static_cast<uint64_t>(LineMarks::kTakeOver) - 1)
        << n;
  }
}

TEST_F(LineMarksTest, WhatHasNotComeByTheEndIsMissed) {
  for (uint64_t n = 1; n <= 10; ++n) {
    Heard(0, n, 1);
    if (n <= 8) Heard(1, n, 2);
  }
  EXPECT_EQ(Line(1).missed, 0);
  marks_.End();
  EXPECT_EQ(Line(1).missed, 2);
  // Another session's numbers begin anew, the counts go on.
  marks_.Begin(1);
  Heard(0, 1, 3);
  Heard(1, 1, 4);
  EXPECT_EQ(Line(1).missed, 2);
  EXPECT_EQ(Line(0).first, 11);
  EXPECT_EQ(Line(1).copies, 9);
}

}  // namespace
}  // namespace streamhub
