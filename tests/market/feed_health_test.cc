#include "gateway/market/feed_health.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "gateway/market/market.h"

namespace streamhub {
namespace {

constexpr int64_t kNowNs = 1'700'000'000 * kSecond;

TEST(FeedHealth, BeginsWithNothing) {
  const FeedHealth health;
  EXPECT_EQ(health.ticks(), 0);
  EXPECT_EQ(health.last_tick_ns(), 0);
  EXPECT_EQ(health.RateAt(1000 * kSecond), 0);
  EXPECT_EQ(health.gaps(), 0);
  EXPECT_TRUE(health.Gaps().empty());
  EXPECT_TRUE(health.Lines().lines.empty());
  EXPECT_EQ(health.LastFailure(), FeedFailure());
}

TEST(FeedHealth, TheRateIsOfTheLastTenWholeSeconds) {
  FeedHealth health;
  const int64_t begin = 1000 * kSecond;
  for (int second = 0; second < 30; ++second) {
    for (int i = 0; i < 4; ++i) {
      health.AddTicks(25, kNowNs, begin + second * kSecond + i);
    }
  }
  EXPECT_EQ(health.ticks(), 3000);
  EXPECT_EQ(health.last_tick_ns(), kNowNs);
  EXPECT_EQ(health.RateAt(begin + 30 * kSecond), 100);
  // The second that goes on does not count yet.
  EXPECT_EQ(health.RateAt(begin + 29 * kSecond + 1), 100);
  EXPECT_EQ(health.RateAt(begin + 35 * kSecond), 50);
  EXPECT_EQ(health.RateAt(begin + 39 * kSecond + 999'999'999), 10);
  EXPECT_EQ(health.RateAt(begin + 40 * kSecond), 0);
  // Not even where the ring has come around.
  EXPECT_EQ(health.RateAt(begin + 46 * kSecond), 0);
}

TEST(FeedHealth, GapsThatFollowOnEachOtherAreOne) {
  FeedHealth health;
  health.AddGap("S", 5, 7, kNowNs);
  health.AddGap("S", 8, 8, kNowNs + 1);
  health.AddGap("S", 10, 10, kNowNs + 2);
  health.AddGap("T", 11, 11, kNowNs + 3);
  EXPECT_EQ(health.gaps(), 3);
  EXPECT_EQ(health.messages_lost(), 6);
  const std::vector<FeedGap> want = {{"S", 5, 8, kNowNs},
                                     {"S", 10, 10, kNowNs + 2},
                                     {"T", 11, 11, kNowNs + 3}};
  EXPECT_EQ(health.Gaps(), want);
}

TEST(FeedHealth, TheNewestHundredAreKeptAndAllCounted) {
  FeedHealth health;
  for (uint64_t i = 1; i <= 250; ++i) health.AddGap("S", 2 * i, 2 * i, kNowNs);
  health.AddGapsWithoutRange(3, 10);
  EXPECT_EQ(health.gaps(), 253);
  EXPECT_EQ(health.messages_lost(), 260);
  const auto gaps = health.Gaps();
  ASSERT_EQ(gaps.size(), FeedHealth::kGapsKept);
  EXPECT_EQ(gaps.front().first, 302u);
  EXPECT_EQ(gaps.back().first, 500u);
}

TEST(FeedHealth, NoNumbersAreTooLarge) {
  FeedHealth health;
  const uint64_t max = std::numeric_limits<uint64_t>::max();
  health.AddGap("S", 0, max, kNowNs);
  health.AddGap("T", 1, max, kNowNs);
  EXPECT_EQ(health.messages_lost(), std::numeric_limits<int64_t>::max());
}

TEST(FeedHealth, TheLastFailureIsKept) {
  FeedHealth health;
  health.AddFailure("torn", kNowNs, kNowNs + 5);
  health.AddReopening();
  health.AddFailure(std::string(10'000, 'x'), kNowNs + 9, 0);
  EXPECT_EQ(health.failures(), 2);
  EXPECT_EQ(health.reopenings(), 1);
  const FeedFailure last = health.LastFailure();
  EXPECT_EQ(last.failed_ns, kNowNs + 9);
  EXPECT_EQ(last.again_ns, 0);
  EXPECT_EQ(last.reason, std::string(FeedHealth::kReasonBytesMax, 'x'));
}

// --- the gap that turns a feed stale ---

class GapTest : public testing::Test {
 protected:
  GapTest() {
    FeedInfo info;
    info.name = "a";
    info.gap_stale_ns = 2 * kSecond;
    info.stale_after_ns = 3600 * kSecond;
    feed_ = market_.AddFeed(info);
    market_.Heartbeat(feed_, kBegin);
    market_.SetFeedStatus(feed_, FeedStatus::kLive);
  }
  FeedStatus At(int64_t mono_ns) const {
    return market_.feeds().StatusAt(feed_, mono_ns);
  }

  static constexpr int64_t kBegin = 500 * kSecond;
  Market market_{"live", 10, 1};
  FeedId feed_ = 0;
};

TEST_F(GapTest, StaleForAWhileAfterTheLastOne) {
  const uint64_t control = market_.control_version();
  market_.BeginGap(feed_, kBegin);
  EXPECT_GT(market_.control_version(), control);  // shards look at once
  EXPECT_EQ(At(kBegin), FeedStatus::kStale);
  EXPECT_TRUE(market_.feeds().InGapAt(feed_, kBegin));
  const uint64_t in_gap = market_.control_version();
  market_.BeginGap(feed_, kBegin + kSecond);
  EXPECT_EQ(market_.control_version(), in_gap);
  EXPECT_EQ(At(kBegin + 3 * kSecond - 1), FeedStatus::kStale);
  EXPECT_EQ(At(kBegin + 3 * kSecond), FeedStatus::kLive);
}

TEST_F(GapTest, RepairedItIsOverAtOnce) {
  market_.BeginGap(feed_, kBegin);
  const uint64_t control = market_.control_version();
  market_.RepairGap(feed_);
  EXPECT_GT(market_.control_version(), control);
  EXPECT_EQ(At(kBegin), FeedStatus::kLive);
}

TEST_F(GapTest, ChangesNoOtherStatus) {
  market_.BeginGap(feed_, kBegin);
  for (const FeedStatus status : {FeedStatus::kDown, FeedStatus::kEnded}) {
    market_.SetFeedStatus(feed_, status);
    EXPECT_EQ(At(kBegin), status);
  }
}

TEST_F(GapTest, ZeroMeansNever) {
  FeedInfo info;
  info.name = "b";
  info.gap_stale_ns = 0;
  const FeedId feed = market_.AddFeed(info);
  market_.Heartbeat(feed, kBegin);
  market_.SetFeedStatus(feed, FeedStatus::kLive);
  const uint64_t control = market_.control_version();
  market_.BeginGap(feed, kBegin);
  EXPECT_EQ(market_.feeds().StatusAt(feed, kBegin), FeedStatus::kLive);
  EXPECT_EQ(market_.control_version(), control);
}

}  // namespace
}  // namespace streamhub
