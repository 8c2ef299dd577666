// What wakes a shard that rests: ticks only where somebody could be served.

#include <gtest/gtest.h>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class RestTest : public ShardFixture {
 protected:
  RestTest() {
    a = Add("A");
    Open(&client);
  }

  // A tick, but no turn: whether it rang.
  bool Rings(int64_t cents) {
    const int before = rings;
    home.Tick(a, {{FieldId::kBid, cents}});
    return rings != before;
  }

  void Subscribe(const std::string& rate) {
    Say(&client,
        R"({"type":"subscribe","symbols":["A"],"max_rate":)" + rate + "}");
  }

  SymbolId a;
  FakeClient client;
};

TEST_F(RestTest, ATickWakesForWhoWantsItAtOnce) {
  Subscribe(R"("unlimited")");
  ASSERT_TRUE(fanout.TrySleep());
  EXPECT_TRUE(Rings(150));
}

TEST_F(RestTest, ATickOfAServedClassWaitsForItsBeat) {
  Subscribe("2");
  Bid(a, 150);  // on the first beat
  client.messages.clear();
  ASSERT_TRUE(fanout.TrySleep());
  EXPECT_FALSE(Rings(151));
  const int64_t wait_ns = fanout.NextDeadline() - home.clock.MonoNs();
  EXPECT_GT(wait_ns, 0);
  EXPECT_LE(wait_ns, kSecond / 2);

  Pass(kSecond / 2);
  EXPECT_NE(client.Take().find("1.51"), std::string::npos);
}

// Ticks come all the time, and nobody knows of them before the beat, which the
// shard is woken for a little late: every beat brings one of them.
TEST_F(RestTest, NoBeatIsMissedForDozing) {
  Subscribe("10");
  Bid(a, 150);
  const int64_t from_ns = home.clock.MonoNs();
  for (int64_t beat = 1; beat <= 20; ++beat) {
    client.messages.clear();
    ASSERT_TRUE(fanout.TrySleep());
    EXPECT_FALSE(Rings(150 + beat));
    const int64_t due_ns = fanout.NextDeadline();
    EXPECT_LE(due_ns, from_ns + beat * kSecond / 10);
    home.clock.Advance(due_ns + kMillisecond - home.clock.MonoNs());
    fanout.Turn();
    if (client.messages.empty()) --beat;  // a slow tick
    ASSERT_LT(home.clock.MonoNs(), from_ns + 3 * kSecond);
  }
}

TEST_F(RestTest, OneClassThatIsFreeIsEnoughToRing) {
  Subscribe("2");
  Bid(a, 150);
  FakeClient other;
  Open(&other);
  Say(&other, R"({"type":"subscribe","symbols":["A"],"max_rate":5})");
  Pass(kSecond / 4);  // the other's beat has passed, with nothing to send
  ASSERT_TRUE(fanout.TrySleep());
  EXPECT_TRUE(Rings(151));
}

TEST_F(RestTest, WhatCannotWaitRingsADozingShard) {
  Subscribe("2");
  Bid(a, 150);
  ASSERT_TRUE(fanout.TrySleep());
  EXPECT_FALSE(Rings(151));
  const int before = rings;
  home.publisher.SetStatus(FeedStatus::kStale);
  EXPECT_EQ(rings, before + 1);
}

TEST_F(RestTest, WhereNobodySubscribesTicksRingForNobody) {
  ASSERT_TRUE(fanout.TrySleep());
  EXPECT_FALSE(Rings(150));
}

}  // namespace
}  // namespace streamhub
