// What a client is told of how fresh its prices are: feeds that are silent or
// over, symbols that are quiet, heartbeats.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class FreshnessTest : public ShardFixture {
 protected:
  FreshnessTest() {
    a = Add("A");
    Open(&client);
  }

  // What was sent, without the heartbeats.
  std::string News() {
    std::string news;
    for (const std::string& message : client.TakeMessages()) {
      const std::string brief = Brief(message);
      if (brief == "heartbeat") continue;
      if (!news.empty()) news += "\n--\n";
      news += brief;
    }
    return news;
  }

  void Subscribe() {
    Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                         "max_rate":"unlimited"})");
  }

  SymbolId a;
  FakeClient client;
};

// --- symbols ---

TEST_F(FreshnessTest, ASymbolWithoutTicksTurnsQuietWhileItsFeedLives) {
  Subscribe();
  Pass(15 * kSecond);
  EXPECT_EQ(News(), "");
  Pass(kSecond);
  EXPECT_EQ(News(), "update A{v=1 n=1 quiet=true}");
  Pass(60 * kSecond);
  EXPECT_EQ(News(), "");
}

// Delivery rule 7.
TEST_F(FreshnessTest, ATickThatChangesNothingBringsAQuietSymbolBack) {
  Bid(a, 150);
  Subscribe();
  Pass(16 * kSecond);
  EXPECT_EQ(News(), "update A{v=2 n=2 quiet=true}");
  const int64_t now_us = home.clock.WallNs() / kMicrosecond;
  Bid(a, 150);
  const auto messages = client.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(Brief(messages[0]), "update A{v=2 n=3 quiet=false}");
  EXPECT_NE(messages[0].find(",\"t\":" + std::to_string(now_us) + ','),
            std::string::npos)
      << messages[0];
  Pass(16 * kSecond);
  EXPECT_EQ(News(), "update A{v=2 n=3 quiet=true}");
}

TEST_F(FreshnessTest, ASnapshotSaysWhetherTheSymbolIsQuiet) {
  Pass(16 * kSecond);
  client.TakeMessages();
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","symbols":["A"],
                                 "fields":["bid"],"max_rate":"unlimited"})"),
            "ack max_rate=unlimited A\n"
            "update A{v=1 snapshot=true n=1 quiet=true trading=unknown "
            "bid=null}\n"
            "synced");
  Pass(kSecond);
  EXPECT_EQ(News(), "");
  Bid(a, 150);
  EXPECT_EQ(News(), "update A{v=2 n=2 quiet=false bid=1.50}");
}

TEST_F(FreshnessTest, QuietIsToldToSlowClientsToo) {
  Subscribe();
  client.slow = true;
  Bid(a, 150);
  client.TakeMessages();
  Pass(16 * kSecond);
  EXPECT_EQ(News(), "");
  Written(&client);
  EXPECT_EQ(News(), "update A{v=2 n=2 quiet=true}");
}

TEST_F(FreshnessTest, ATickBetweenTwoLooksLeavesNoOneInDoubt) {
  Subscribe();
  Pass(16 * kSecond);
  EXPECT_EQ(News(), "update A{v=1 n=1 quiet=true}");
  // A slow rate: quiet, alive and quiet again between its beats.
  FakeClient slow;
  Open(&slow);
  Say(&slow, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                     "max_rate":0.016667})");
  Bid(a, 150);
  Bid(a, 151);
  Pass(120 * kSecond);
  std::string last;
  for (const std::string& message : slow.TakeMessages()) {
    if (Brief(message) != "heartbeat") last = Brief(message);
  }
  EXPECT_NE(last.find("v=3 n=3 quiet=true"), last.npos) << last;
}

TEST_F(FreshnessTest, ASymbolThatIsQuietAgainWhenTheShardLooksIsToldSo) {
  Subscribe();
  Pass(16 * kSecond);
  EXPECT_EQ(News(), "update A{v=1 n=1 quiet=true}");
  home.clock.Advance(kMillisecond);
  Bid(a, 150);
  EXPECT_EQ(News(), "update A{v=2 n=2 quiet=false bid=1.50}");
  home.clock.Advance(20 * kSecond);  // the machine was asleep
  home.publisher.Heartbeat();
  Turns();
  EXPECT_EQ(News(), "update A{v=2 n=2 quiet=true}");
}

TEST_F(FreshnessTest, ASlowSymbolIsNotQuietAllTheTime) {
  Subscribe();
  for (int i = 0; i < 40; ++i) {
    Bid(a, 150 + i);
    Pass(20 * kSecond);
  }
  // At the beginning nobody could know.
  News();
  Bid(a, 300);
  EXPECT_EQ(News(), "update A{v=42 n=42 bid=3.00}");
  Pass(99 * kSecond);
  EXPECT_EQ(News(), "");
  Pass(2 * kSecond);
  EXPECT_EQ(News(), "update A{v=42 n=42 quiet=true}");
}

// A feed whose symbols are quiet by their own pace alone.
class OwnPaceTest : public ShardFixture {
 protected:
  OwnPaceTest() : ShardFixture({}, Info()) {}
  static FeedInfo Info() {
    FeedInfo info = TestMarket::Info();
    info.quiet_after_ns = 0;
    return info;
  }
};

TEST_F(OwnPaceTest, AQuickSymbolIsQuietSooner) {
  const SymbolId quick = Add("QUICK");
  FakeClient client;
  Open(&client);
  Say(&client, R"({"type":"subscribe","symbols":["QUICK"],"fields":["bid"],
                       "max_rate":"unlimited"})");
  const auto quiet_after_ns = [&](int64_t gap_ns) {
    for (int i = 0; i < 60; ++i) {
      Pass(gap_ns);
      Bid(quick, 150 + i);
    }
    client.Take();
    const int64_t begin_ns = home.clock.MonoNs();
    for (int i = 0; i < 1000; ++i) {
      Pass(100 * kMillisecond);
      if (client.Take().find("quiet=true") != std::string::npos) break;
    }
    return home.clock.MonoNs() - begin_ns;
  };
  // Told within a slow tick.
  const int64_t quick_ns = quiet_after_ns(10 * kMillisecond);
  EXPECT_GT(quick_ns, kSecond);
  EXPECT_LE(quick_ns, kSecond + 400 * kMillisecond);
  const int64_t slower_ns = quiet_after_ns(2 * kSecond);
  EXPECT_GT(slower_ns, 9 * kSecond);
  EXPECT_LE(slower_ns, 10 * kSecond + 400 * kMillisecond);
  Drop(&client);
}

// --- feeds ---

TEST_F(FreshnessTest, AGapIsToldAtOnceAndWhatRepairsIt) {
  home.publisher.ReportGap("S", 5, 7);
  Turns();
  EXPECT_EQ(News(), "feed test{status=stale}");
  Pass(3 * kSecond - kMillisecond);
  EXPECT_EQ(News(), "");
  Pass(kSecond / 2);
  EXPECT_EQ(News(), "feed test{status=live}");
  for (const bool run : {false, true}) {
    home.publisher.ReportGap("S", 9, 9);
    Turns();
    EXPECT_EQ(News(), "feed test{status=stale}");
    run ? home.publisher.StartEpoch() : home.publisher.RepairGap();
    Turns();
    EXPECT_EQ(News(), "feed test{status=live}");
  }
}

TEST_F(FreshnessTest, HelloTellsTheFeeds) {
  FakeClient late;
  late.session = fanout.Open(&late);
  Turns();
  const auto messages = late.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  std::string epoch;
  AppendEpoch(home.market.epoch(), &epoch);
  EXPECT_EQ(messages[0],
            R"({"type":"hello","version":1,"market":"live","epoch":")" + epoch +
                R"(","session":"0-2","heartbeat_ms":2000,)"
                R"("time":1700000000000000,)"
                R"("feeds":{"test":{"status":"live","source":"realtime",)"
                R"("delay_s":0,"stale_after_ms":3000,)"
                R"("quiet_after_ms":15000}}})");
}

TEST_F(FreshnessTest, AFeedThatHangsIsStaleUntilItIsHeardOf) {
  PassInSilence(3 * kSecond);
  EXPECT_EQ(News(), "");
  PassInSilence(kSecond);
  EXPECT_EQ(News(), "feed test{status=stale}");
  PassInSilence(60 * kSecond);
  EXPECT_EQ(News(), "");
  Pass(kSecond);
  EXPECT_EQ(News(), "feed test{status=live}");
}

TEST_F(FreshnessTest, WhatAFeedSaysOfItselfIsToldAtOnce) {
  for (const auto& [status, name] :
       std::vector<std::pair<FeedStatus, std::string>>{
           {FeedStatus::kStale, "stale"},
           {FeedStatus::kLive, "live"},
           {FeedStatus::kDown, "down"},
           {FeedStatus::kEnded, "ended"}}) {
    home.publisher.SetStatus(status);
    Turns();
    EXPECT_EQ(News(), "feed test{status=" + name + "}");
    home.publisher.SetStatus(status);
    Turns();
    EXPECT_EQ(News(), "");
  }
  PassInSilence(60 * kSecond);  // over is over, not stale
  EXPECT_EQ(News(), "");
}

TEST_F(FreshnessTest, ASlowClientIsToldWhereAFeedIsNotWhereItWas) {
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  home.publisher.SetStatus(FeedStatus::kStale);
  Turns();
  home.publisher.SetStatus(FeedStatus::kDown);
  Turns();
  EXPECT_EQ(News(), "");
  Written(&client);
  EXPECT_EQ(News(), "feed test{status=down}");
}

TEST_F(FreshnessTest, TheFeedComesBeforeThePricesOfItsNewState) {
  Subscribe();
  home.publisher.SetStatus(FeedStatus::kStale);
  home.Tick(a, {{FieldId::kBid, 150}});
  Turns();
  EXPECT_EQ(News(),
            "feed test{status=stale}\n"
            "update A{v=2 n=2 bid=1.50}");
}

// --- heartbeats ---

TEST_F(FreshnessTest, AHeartbeatComesWhenNothingElseDoes) {
  Pass(2 * kSecond - 1);
  EXPECT_EQ(client.Take(), "");
  Pass(1);
  const auto messages = client.TakeMessages();
  EXPECT_EQ(messages, std::vector<std::string>{
                          R"({"type":"heartbeat","time":1700000002000000})"});
  Pass(10 * kSecond);
  EXPECT_EQ(client.TakeMessages().size(), 5u);
}

TEST_F(FreshnessTest, WhateverIsSentStandsForAHeartbeat) {
  Subscribe();
  for (int i = 0; i < 10; ++i) {
    Pass(kSecond);
    Bid(a, 150 + i);
    const std::string sent = client.Take();
    EXPECT_TRUE(sent.starts_with("update")) << sent;
  }
}

TEST_F(FreshnessTest, AnOutstandingWriteGetsNoHeartbeat) {
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  Pass(10 * kSecond);
  EXPECT_EQ(client.Take(), "");
  Written(&client);
  EXPECT_EQ(client.Take(), "");
  Pass(kSecond / 4);
  EXPECT_EQ(client.Take(), "heartbeat");
}

// A client shows all as stale where none came for 2.5 times as long.
class ShortHeartbeatTest : public ShardFixture {
 protected:
  ShortHeartbeatTest() : ShardFixture(Limits()) {}
  static SessionLimits Limits() {
    SessionLimits limits;
    limits.heartbeat_ns = 100 * kMillisecond;
    return limits;
  }
};

TEST_F(ShortHeartbeatTest, ComesInTimeToo) {
  FakeClient client;
  Open(&client);
  client.Take();
  for (int i = 0; i < 10; ++i) {
    Pass(150 * kMillisecond);
    EXPECT_GE(client.TakeMessages().size(), 1u);
  }
  Drop(&client);
}

}  // namespace
}  // namespace streamhub
