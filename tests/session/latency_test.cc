// Stamps of what sessions send: when it is with the kernel and with the client.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "gateway/session/latency_board.h"
#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

constexpr int kTicks = 400;
// How many of them are stamped.
constexpr double kStamped = double{kTicks} / ShardLatency::kStride;
constexpr double kNear = kStamped / 4;

class LatencyTest : public ShardFixture {
 protected:
  LatencyTest() : a(Add("A")) { board.Add(fanout.latency()); }

  void Subscribe(FakeClient* client) {
    Open(client);
    Say(client,
        R"({"type":"subscribe","max_rate":"unlimited","symbols":["A"]})");
  }

  LatencySeen Writes(TransportKind kind) const {
    return fanout.latency().write(kind).Read(home.clock.MonoNs());
  }
  LatencySeen Echoes(TransportKind kind) const {
    return fanout.latency().echo(kind).Read(home.clock.MonoNs());
  }

  // A ping whose client got what was sent `away_us` ago and held it so long.
  std::string Ping(FakeClient* client, int64_t away_us, int64_t held_us) {
    const int64_t time_us = home.clock.WallNs() / kMicrosecond - away_us;
    return Say(client, R"({"type":"ping","time":)" + std::to_string(time_us) +
                           R"(,"held_us":)" + std::to_string(held_us) + "}");
  }

  const SymbolId a;
  LatencyBoard board{home.market};
};

TEST_F(LatencyTest, AWriteIsStampedFromTheBeginOfItsTurn) {
  FakeClient client;
  client.as = TransportKind::kWebSocket;
  Subscribe(&client);
  const int64_t before = Writes(client.as).count;
  client.on_send = [&] { home.clock.Advance(20 * kMicrosecond); };
  for (int i = 0; i < kTicks; ++i) Bid(a, i);
  const LatencySeen seen = Writes(client.as);
  EXPECT_NEAR(static_cast<double>(seen.count - before), kStamped, kNear);
  EXPECT_EQ(seen.sum_ns, (seen.count - before) * 20 * kMicrosecond);
  EXPECT_EQ(Writes(TransportKind::kSse).count, 0);
  Drop(&client);
}

TEST_F(LatencyTest, WhoIsServedLaterWaitsForTheOthers) {
  FakeClient first, second;
  first.as = TransportKind::kSse;
  second.as = TransportKind::kStream;
  Subscribe(&first);
  Subscribe(&second);
  for (FakeClient* client : {&first, &second}) {
    client->on_send = [&] { home.clock.Advance(20 * kMicrosecond); };
  }
  for (int i = 0; i < kTicks; ++i) Bid(a, i);
  EXPECT_NEAR(static_cast<double>(Writes(first.as).recent.Percentile(99)),
              20 * kMicrosecond, 200);
  EXPECT_NEAR(static_cast<double>(Writes(second.as).recent.Percentile(99)),
              40 * kMicrosecond, 400);
  Drop(&first);
  Drop(&second);
}

TEST_F(LatencyTest, AFlushThatSendsNothingIsNoWrite) {
  FakeClient client;
  client.as = TransportKind::kWebSocket;
  Open(&client);
  Say(&client,
      R"({"type":"subscribe","fields":["ask"],"symbols":["A"],
          "max_rate":"unlimited"})");
  const int64_t before = Writes(client.as).count;
  for (int i = 0; i < kTicks; ++i) {
    home.clock.Advance(kMicrosecond);  // a turn is known by its time
    Bid(a, i);
  }
  EXPECT_EQ(Writes(client.as).count, before);
  Drop(&client);
}

TEST_F(LatencyTest, AWriteThatHadToWaitIsStampedWhenItIsOver) {
  FakeClient client;
  client.as = TransportKind::kWebSocket;
  Subscribe(&client);
  const LatencySeen before = Writes(client.as);
  client.slow = true;
  for (int i = 0; i < kTicks; ++i) {
    Bid(a, i);
    home.clock.Advance(kMillisecond);
    Written(&client);
  }
  const LatencySeen seen = Writes(client.as);
  EXPECT_NEAR(static_cast<double>(seen.count - before.count), kStamped, kNear);
  EXPECT_EQ(seen.sum_ns - before.sum_ns,
            (seen.count - before.count) * kMillisecond);
  Drop(&client);
}

// The connection ends a poll's session when the answer is out.
TEST_F(LatencyTest, APollIsStampedWhenItsAnswerIsOut) {
  for (int i = 0; i < kTicks; ++i) {
    FakeClient client;
    client.as = TransportKind::kPoll;
    client.session = fanout.Open(&client);
    client.session->OnPoll({{ParseQuery("symbols=A")}});
    Turns();
    ASSERT_EQ(client.messages.size(), 1u);
    home.clock.Advance(50 * kMicrosecond);
    Drop(&client);
  }
  const LatencySeen seen = Writes(TransportKind::kPoll);
  EXPECT_NEAR(static_cast<double>(seen.count), kStamped, kNear);
  EXPECT_EQ(seen.sum_ns, seen.count * 50 * kMicrosecond);
}

TEST_F(LatencyTest, APollThatHungUpIsNotStamped) {
  for (int i = 0; i < kTicks; ++i) {
    FakeClient client;
    client.as = TransportKind::kPoll;
    client.session = fanout.Open(&client);
    client.session->OnPoll({{ParseQuery("symbols=NEW&at=x")}});
    Drop(&client);
  }
  EXPECT_EQ(Writes(TransportKind::kPoll).count, 0);
}

TEST_F(LatencyTest, AnEchoIsHalfTheWayThereAndBack) {
  FakeClient client;
  client.as = TransportKind::kWebSocket;
  Open(&client);
  EXPECT_EQ(Ping(&client, /*away_us=*/100'700, /*held_us=*/100'000), "pong");
  EXPECT_EQ(Echoes(client.as).count, 1);
  EXPECT_EQ(Echoes(client.as).sum_ns, 350 * kMicrosecond);
  EXPECT_EQ(Say(&client, R"({"type":"ping"})"), "pong");
  EXPECT_EQ(Echoes(client.as).count, 1) << "a ping is not always an echo";
  EXPECT_EQ(Count(Metric::kEchoesRefused), 0);
  Drop(&client);
}

TEST_F(LatencyTest, EchoesThatCannotBeTrueAreCountedAndAnswered) {
  FakeClient client;
  client.as = TransportKind::kWebSocket;
  Open(&client);
  const std::pair<int64_t, int64_t> bad[] = {
      {1000, 1001},        // held for longer than it has been there
      {-1'000'000, 0},     // from the future
      {61'000'000, 1000},  // too old
      {1000, INT64_MAX},
      {-9'000'000'000'000'000'000, INT64_MAX},
      {1'699'000'000'000'000, 0},
  };
  int64_t refused = 0;
  for (const auto& [away_us, held_us] : bad) {
    EXPECT_EQ(Ping(&client, away_us, held_us), "pong");
    EXPECT_EQ(Count(Metric::kEchoesRefused), ++refused) << away_us;
  }
  EXPECT_EQ(Ping(&client, 0, 0), "pong");
  EXPECT_EQ(Echoes(client.as).count, 1);
  Drop(&client);
}

TEST_F(LatencyTest, TheBoardPutsShardsTogether) {
  ShardLatency other(1);
  other.BeginTurn(home.clock.MonoNs());
  other.Encoded(home.feed, 5);
  other.Arrived(TransportKind::kSse, 6);
  board.Add(other);
  FakeClient client;
  client.as = TransportKind::kWebSocket;
  Subscribe(&client);
  for (int i = 0; i < kTicks; ++i) Bid(a, i);
  Ping(&client, 10, 0);
  std::map<std::string, int64_t> counts;
  board.ForEach(home.clock.MonoNs(), [&](const LatencyBoard::Row& row) {
    const std::string of =
        row.of == LatencyBoard::Of::kFeed ? "feed " : "transport ";
    counts[of + std::string(row.name) + ' ' + std::string(row.stage)] =
        row.seen.count;
  });
  ASSERT_EQ(counts.size(), 5u);
  EXPECT_EQ(counts["feed test cache"], 1) << "the clock stood still";
  EXPECT_NEAR(static_cast<double>(counts["feed test encode"]), 1 + kStamped,
              kNear);
  EXPECT_GT(counts["transport websocket write"], 1);
  EXPECT_EQ(counts["transport websocket echo"], 1);
  EXPECT_EQ(counts["transport sse echo"], 1);
  Drop(&client);
}

}  // namespace
}  // namespace streamhub
