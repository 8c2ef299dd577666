#include "gateway/market/feed_board.h"

#include <gtest/gtest.h>

namespace streamhub {
namespace {

FeedInfo Info(std::string name, int64_t stale_after_ns) {
  FeedInfo info;
  info.name = std::move(name);
  info.stale_after_ns = stale_after_ns;
  return info;
}

TEST(FeedBoard, AFeedStartsDown) {
  FeedBoard board;
  const FeedId a = board.Add(Info("a", kSecond));
  const FeedId b = board.Add(Info("b", 2 * kSecond));
  EXPECT_EQ(board.size(), 2u);
  EXPECT_EQ(board.info(a).name, "a");
  EXPECT_EQ(board.info(b).stale_after_ns, 2 * kSecond);
  EXPECT_EQ(board.StatusAt(a, 0), FeedStatus::kDown);
  board.Heartbeat(a, 10);
  EXPECT_EQ(board.StatusAt(a, 10), FeedStatus::kDown);
}

TEST(FeedBoard, ALiveFeedThatIsNotHeardOfIsStale) {
  FeedBoard board;
  const FeedId feed = board.Add(Info("a", kSecond));
  const int64_t t = 500 * kSecond;
  board.Heartbeat(feed, t);
  EXPECT_TRUE(board.SetStatus(feed, FeedStatus::kLive));
  EXPECT_EQ(board.StatusAt(feed, t), FeedStatus::kLive);
  EXPECT_EQ(board.StatusAt(feed, t + kSecond), FeedStatus::kLive);
  EXPECT_EQ(board.StatusAt(feed, t + kSecond + 1), FeedStatus::kStale);
  board.Heartbeat(feed, t + 5 * kSecond);
  EXPECT_EQ(board.StatusAt(feed, t + 5 * kSecond), FeedStatus::kLive);
  // A reader whose clock was read before the heartbeat.
  EXPECT_EQ(board.StatusAt(feed, t), FeedStatus::kLive);
}

TEST(FeedBoard, SilenceChangesNoOtherStatus) {
  FeedBoard board;
  const FeedId feed = board.Add(Info("a", kSecond));
  for (const FeedStatus status :
       {FeedStatus::kStale, FeedStatus::kEnded, FeedStatus::kDown}) {
    board.SetStatus(feed, status);
    EXPECT_EQ(board.StatusAt(feed, 1'000'000 * kSecond), status);
  }
}

TEST(FeedBoard, TellsWhetherTheStatusChanged) {
  FeedBoard board;
  const FeedId feed = board.Add(Info("a", kSecond));
  EXPECT_FALSE(board.SetStatus(feed, FeedStatus::kDown));
  EXPECT_TRUE(board.SetStatus(feed, FeedStatus::kLive));
  EXPECT_FALSE(board.SetStatus(feed, FeedStatus::kLive));
}

// The words of docs/protocol.md.
TEST(FeedBoard, WordsOfTheProtocol) {
  EXPECT_EQ(FeedStatusName(FeedStatus::kDown), "down");
  EXPECT_EQ(FeedStatusName(FeedStatus::kLive), "live");
  EXPECT_EQ(FeedStatusName(FeedStatus::kStale), "stale");
  EXPECT_EQ(FeedStatusName(FeedStatus::kEnded), "ended");
  EXPECT_EQ(SourceName(Source::kRealtime), "realtime");
  EXPECT_EQ(SourceName(Source::kDelayed), "delayed");
  EXPECT_EQ(SourceName(Source::kReplay), "replay");
  EXPECT_EQ(SourceName(Source::kSimulated), "simulated");
}

}  // namespace
}  // namespace streamhub
