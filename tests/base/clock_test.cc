#include "gateway/base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

#include "tests/support/manual_clock.h"

namespace streamhub {
namespace {

TEST(Clock, SystemClockIsTheOperatingSystems) {
  const Clock& clock = SystemClock();
  const int64_t before_s = std::time(nullptr);
  const int64_t wall_ns = clock.WallNs();
  EXPECT_GE(wall_ns / kSecond, before_s);
  EXPECT_LE(wall_ns / kSecond, std::time(nullptr));

  int64_t last_ns = clock.MonoNs();
  for (int i = 0; i < 10'000; ++i) {
    const int64_t now_ns = clock.MonoNs();
    ASSERT_GE(now_ns, last_ns);
    last_ns = now_ns;
  }
}

TEST(Clock, ManualClockMovesOnlyByHand) {
  ManualClock clock;
  const int64_t wall_ns = clock.WallNs();
  const int64_t mono_ns = clock.MonoNs();
  EXPECT_EQ(clock.WallNs(), wall_ns);
  clock.Advance(5 * kMillisecond);
  EXPECT_EQ(clock.WallNs(), wall_ns + 5 * kMillisecond);
  EXPECT_EQ(clock.MonoNs(), mono_ns + 5 * kMillisecond);
  clock.SetWallNs(7);
  EXPECT_EQ(clock.WallNs(), 7);
  EXPECT_EQ(clock.MonoNs(), mono_ns + 5 * kMillisecond);
}

}  // namespace
}  // namespace streamhub
