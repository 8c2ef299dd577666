// What a replay tells of its own health: gaps, lines, and pipes whose writer
// comes back.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include <string>
#include <utility>
#include <vector>

#include "feeds/fix/writer.h"
#include "feeds/itch/writer.h"
#include "feeds/replay/gap_watch.h"
#include "feeds/replay/replay_feed.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/fake_control.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/capture_writer.h"
#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Strings = std::vector<std::string>;

// --- gaps are told once ---

TEST(GapWatchTest, EachIsToldOnceAndMayGrow) {
  TestMarket market;
  const FeedHealth& health = market.market.feeds().health(market.feed);
  GapList gaps;
  GapWatch watch(&gaps);
  watch.Look(market.publisher);
  EXPECT_EQ(health.gaps(), 0);
  gaps.Add("S", 5, 6);
  gaps.Add("S", 9, 9);
  watch.Look(market.publisher);
  watch.Look(market.publisher);
  EXPECT_EQ(health.gaps(), 2);
  EXPECT_EQ(health.messages_lost(), 3);
  gaps.Add("S", 10, 12);
  gaps.Add("S", 20, 20);
  watch.Look(market.publisher);
  EXPECT_EQ(health.gaps(), 3);
  EXPECT_EQ(health.messages_lost(), 7);
  const int64_t now_ns = market.clock.WallNs();
  const std::vector<FeedGap> want = {
      {"S", 5, 6, now_ns}, {"S", 9, 12, now_ns}, {"S", 20, 20, now_ns}};
  EXPECT_EQ(health.Gaps(), want);
}

// A reader may make its list only when it is asked for it.
TEST(GapWatchTest, OfFixLogsTheyAreToldToo) {
  std::string log;
  for (const int number : {1, 2, 5}) {
    fix::AppendMessage({{35, "X"},
                        {49, "VENUE"},
                        {56, "US"},
                        {34, std::to_string(number)},
                        {52, "20240102-10:00:00.000"},
                        {268, "1"},
                        {279, "0"},
                        {269, "0"},
                        {55, "A"},
                        {270, "1.25"}},
                       &log);
  }
  const TemporaryFile file("gap.fix", log);
  ReplayOptions options;
  options.files = {file.path()};
  options.speed = ReplayOptions::kMaxSpeed;
  auto feed = ReplayFeed::Create(options);
  ASSERT_TRUE(feed.ok()) << feed.status();
  TestMarket market;
  FakeControl control(market);
  (*feed)->Run(market.publisher, control).IgnoreError();
  const FeedHealth& health = market.market.feeds().health(market.feed);
  EXPECT_EQ(health.gaps(), 1);
  EXPECT_EQ(health.messages_lost(), 2);
}

TEST(GapWatchTest, BeyondWhatTheListKeepsTheyAreCounted) {
  TestMarket market;
  const FeedHealth& health = market.market.feeds().health(market.feed);
  GapList gaps;
  GapWatch watch(&gaps);
  for (uint64_t i = 1; i <= GapList::kKeptMax + 50; ++i) {
    gaps.Add("S", 3 * i, 3 * i + 1);
    if (i % 7 == 0) watch.Look(market.publisher);
  }
  watch.Look(market.publisher);
  EXPECT_EQ(health.gaps(), gaps.gaps());
  EXPECT_EQ(health.messages_lost(), static_cast<int64_t>(gaps.messages()));
  EXPECT_EQ(health.Gaps().size(), FeedHealth::kGapsKept);
}

TEST(GapWatchTest, WithoutNumbersThereIsNothingToTell) {
  TestMarket market;
  GapWatch watch(nullptr);
  watch.Look(market.publisher);
  EXPECT_EQ(market.market.feeds().health(market.feed).gaps(), 0);
}

// --- replays ---

class ReplayHealthTest : public testing::Test {
 protected:
  const FeedHealth& Health() {
    return market_.market.feeds().health(market_.feed);
  }
  FeedStatus Status() {
    return market_.market.feeds().StatusAt(market_.feed,
                                           market_.clock.MonoNs());
  }
  std::unique_ptr<ReplayFeed> Feed(Strings files, bool arbitrate = false) {
    ReplayOptions options;
    options.files = std::move(files);
    options.speed = ReplayOptions::kMaxSpeed;
    options.date = "2024-01-02";
    options.arbitrate = arbitrate;
    auto feed = ReplayFeed::Create(std::move(options));
    EXPECT_TRUE(feed.ok()) << feed.status();
    return *std::move(feed);
  }

  TestMarket market_;
  FakeControl control_{market_};
};

// One message to a packet, without those of the numbers `lost`.
std::string CaptureWithout(const std::vector<size_t>& lost, int64_t late_ns) {
  const Strings messages = MessagesOf(itch::MakeSampleSession());
  packets::CaptureWriter writer;
  for (size_t i = 1; i <= messages.size(); ++i) {
    if (std::find(lost.begin(), lost.end(), i) != lost.end()) continue;
    writer.Add(1'800'000'000 * kSecond +
                   static_cast<int64_t>(i) * kMillisecond + late_ns,
               packets::MakeFrame(packets::Flow(),
                                  MakeMold("S", i, {messages[i - 1]})));
  }
  return writer.bytes();
}

TEST_F(ReplayHealthTest, AGapOfARecordingTurnsTheFeedStaleForAWhile) {
  const TemporaryFile file("a.pcap", CaptureWithout({100, 101, 700}, 0));
  std::vector<FeedStatus> seen;
  control_.on_asked = [&] {
    seen.push_back(Status());
    market_.clock.Advance(kSecond / 2);
    return false;
  };
  EXPECT_EQ(Feed({file.path()})->Run(market_.publisher, control_),
            absl::OkStatus());
  EXPECT_EQ(seen.front(), FeedStatus::kLive);
  EXPECT_NE(std::find(seen.begin(), seen.end(), FeedStatus::kStale),
            seen.end());
  EXPECT_EQ(Status(), FeedStatus::kEnded);
  EXPECT_EQ(Health().gaps(), 2);
  EXPECT_EQ(Health().messages_lost(), 3);
  ASSERT_EQ(Health().Gaps().size(), 2u);
  EXPECT_EQ(Health().Gaps()[0].session, "S");
  EXPECT_EQ(Health().Gaps()[0].first, 100u);
  EXPECT_EQ(Health().Gaps()[0].last, 101u);
  EXPECT_EQ(Health().ticks(), market_.counters.Get(Metric::kTicks));
  EXPECT_GT(Health().ticks(), 100);
}

TEST_F(ReplayHealthTest, LinesFillEachOthersGaps) {
  const TemporaryFile a("a.pcap", CaptureWithout({100, 101, 700}, 0));
  const TemporaryFile b("b.pcap", CaptureWithout({101, 500}, kMicrosecond));
  EXPECT_EQ(Feed({a.path(), b.path()}, true)->Run(market_.publisher, control_),
            absl::OkStatus());
  EXPECT_EQ(Health().gaps(), 1);
  EXPECT_EQ(Health().messages_lost(), 1);
  const FeedLines lines = Health().Lines();
  ASSERT_EQ(lines.lines.size(), 2u);
  EXPECT_EQ(lines.lines[0].name, a.path());
  EXPECT_EQ(lines.lines[0].missed, 3);
  EXPECT_EQ(lines.lines[1].missed, 2);
  EXPECT_EQ(lines.lines[1].first, 2);
  EXPECT_EQ(lines.lines[1].lag_ns, kMicrosecond);
}

TEST_F(ReplayHealthTest, LinesMustBeOfOneStream) {
  const TemporaryFile capture("a.pcap", CaptureWithout({}, 0));
  const TemporaryFile binary("a.itch50", itch::MakeSampleSession());
  const auto error = [](Strings files) {
    ReplayOptions options;
    options.files = std::move(files);
    options.date = "2024-01-02";
    options.arbitrate = true;
    const auto feed = ReplayFeed::Create(std::move(options));
    EXPECT_FALSE(feed.ok());
    return std::string(feed.status().message());
  };
  EXPECT_THAT(error({capture.path()}), StartsWith("--arbitrate: wants two"));
  EXPECT_THAT(error({capture.path(), binary.path()}),
              HasSubstr(binary.path() + "' is no capture of ITCH"));
}

// --- pipes ---

// A trade of ALPHA at that price.
std::string TradeAt(uint32_t price) {
  std::string bytes;
  itch::Trade trade;
  trade.head.time_ns = uint64_t{34'200} * kSecond;
  trade.stock = itch::MakeStock("ALPHA");
  trade.shares = 10;
  trade.price = price;
  itch::Append(trade, &bytes);
  return bytes;
}

TEST_F(ReplayHealthTest, OnlyANamedPipeCanBeOpenedAgain) {
  const TemporaryFile file("a", TradeAt(1));
  EXPECT_FALSE(Feed({file.path()})->CanReopen());
  const std::string path = file.path() + ".pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(Feed({path})->CanReopen());
  EXPECT_FALSE(Feed({file.path(), path})->CanReopen());
}

TEST_F(ReplayHealthTest, APipesNextWriterBringsItBackToLife) {
  const TemporaryFile neighbour("a", "");
  const std::string path = neighbour.path() + ".pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const auto feed = Feed({path});
  const auto value = [this] {
    return market_.Value(*market_.market.symbols().Find("ALPHA"),
                         FieldId::kLast);
  };
  int writer = -1;
  const auto write_and_close = [&](const std::string& bytes) {
    const auto size = static_cast<ssize_t>(bytes.size());
    EXPECT_EQ(write(writer, bytes.data(), bytes.size()), size);
    close(writer);
  };
  // The first writer dies amid a message.
  control_.on_asked = [&] {
    if (control_.asked == 2) {
      writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      write_and_close(TradeAt(7) + TradeAt(8).substr(0, 9));
    }
    return control_.asked > 100;
  };
  EXPECT_EQ(feed->Run(market_.publisher, control_).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(value(), 7);
  market_.publisher.SetStatus(FeedStatus::kDown);
  const uint64_t epoch = market_.market.epoch();

  control_.asked = 0;
  std::vector<FeedStatus> seen;
  control_.on_asked = [&] {
    seen.push_back(Status());
    if (control_.asked == 4) {
      EXPECT_EQ(value(), kEmpty);
      writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      const std::string bytes = TradeAt(9);
      EXPECT_EQ(write(writer, bytes.data(), bytes.size()),
                static_cast<ssize_t>(bytes.size()));
    }
    return seen.back() == FeedStatus::kLive || control_.asked > 100;
  };
  EXPECT_EQ(feed->Run(market_.publisher, control_), absl::OkStatus());
  close(writer);
  EXPECT_EQ(value(), 9);
  EXPECT_NE(market_.market.epoch(), epoch);
  // Without a writer it was down, and not stale.
  EXPECT_EQ(seen.front(), FeedStatus::kDown);
  EXPECT_EQ(seen[3], FeedStatus::kDown);
  EXPECT_EQ(seen.back(), FeedStatus::kLive);
}

}  // namespace
}  // namespace streamhub
