// What a shard does about more than it can do: new sessions are paced while
// those that are in would wait, and requests that come too fast are read
// slowly.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "gateway/session/storm_governor.h"
#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

// --- the governor ---

// `waiting` sessions, of which each turn serves one in `turn_ns`.
void Busy(StormGovernor* governor, int64_t* now_ns, size_t waiting,
          int64_t turn_ns, int turns) {
  for (int i = 0; i < turns; ++i) {
    *now_ns += turn_ns;
    governor->OnTurn(*now_ns, 1, waiting);
  }
}

TEST(StormGovernorTest, ALongQueueThatIsServedInTimeIsNoStorm) {
  StormGovernor governor(100 * kMillisecond);
  int64_t now_ns = kSecond;
  Busy(&governor, &now_ns, 1000, 90 * kMicrosecond, 10'000);
  EXPECT_FALSE(governor.governs());
  EXPECT_GT(governor.lag_ns(), 80 * kMillisecond);
  EXPECT_EQ(governor.Admit(now_ns), 0);
}

TEST(StormGovernorTest, OneThatIsNotIsKnownBeforeTheRoundIsOver) {
  StormGovernor governor(100 * kMillisecond);
  int64_t now_ns = kSecond;
  Busy(&governor, &now_ns, 1000, kMillisecond, 90);
  EXPECT_FALSE(governor.governs());
  Busy(&governor, &now_ns, 1000, kMillisecond, 20);
  EXPECT_TRUE(governor.governs());
  // Not to and fro: below half of the limit it ends.
  Busy(&governor, &now_ns, 80, kMillisecond, 1000);
  EXPECT_TRUE(governor.governs());
  Busy(&governor, &now_ns, 40, kMillisecond, 200);
  EXPECT_FALSE(governor.governs());
}

TEST(StormGovernorTest, AnEmptyQueueEndsIt) {
  StormGovernor governor(100 * kMillisecond);
  int64_t now_ns = kSecond;
  Busy(&governor, &now_ns, 1000, kMillisecond, 200);
  ASSERT_TRUE(governor.governs());
  governor.OnTurn(now_ns, 1000, 0);
  EXPECT_FALSE(governor.governs());
  EXPECT_EQ(governor.Admit(now_ns), 0);
}

TEST(StormGovernorTest, FewComeInAndTheOthersReturnOneAfterTheOther) {
  StormGovernor governor(100 * kMillisecond);
  int64_t now_ns = kSecond;
  Busy(&governor, &now_ns, 1000, kMillisecond, 200);
  int let_in = 0;
  std::vector<int> waits_ms;
  for (int i = 0; i < 2000; ++i) {
    const int wait_ms = governor.Admit(now_ns);
    let_in += wait_ms == 0;
    if (wait_ms > 0) waits_ms.push_back(wait_ms);
  }
  EXPECT_EQ(let_in, StormGovernor::kPerWindow);
  const auto [least, most] =
      std::minmax_element(waits_ms.begin(), waits_ms.end());
  EXPECT_GE(*least, StormGovernor::kReturnNsMin / kMillisecond);
  EXPECT_LE(*most, StormGovernor::kReturnNsMax / kMillisecond * 5 / 4);
  // As many return in a tenth of a second as would be let in then, about.
  std::vector<int> returns(500);
  for (const int wait_ms : waits_ms)
    ++returns[static_cast<size_t>(wait_ms) / 100];
  EXPECT_LE(*std::max_element(returns.begin(), returns.end()),
            3 * StormGovernor::kPerWindow);
  // The next window lets in some more.
  now_ns += StormGovernor::kWindowNs;
  EXPECT_EQ(governor.Admit(now_ns), 0);
}

TEST(StormGovernorTest, TooManyForTheLongestWaitAreSpreadToo) {
  StormGovernor governor(100 * kMillisecond);
  int64_t now_ns = kSecond;
  Busy(&governor, &now_ns, 1000, kMillisecond, 200);
  std::set<int> waits_ms;
  for (int i = 0; i < 100'000; ++i) waits_ms.insert(governor.Admit(now_ns));
  EXPECT_GT(waits_ms.size(), 10'000u);
  EXPECT_LE(*waits_ms.rbegin(),
            StormGovernor::kReturnNsMax / kMillisecond * 5 / 4);
}

TEST(StormGovernorTest, ZeroIsNever) {
  StormGovernor governor(0);
  int64_t now_ns = kSecond;
  Busy(&governor, &now_ns, 1000, kSecond, 200);
  EXPECT_EQ(governor.Admit(now_ns), 0);
}

// --- a shard in a storm ---

class StormTest : public ShardFixture {
 protected:
  StormTest() : ShardFixture(Limits()) {}

  static SessionLimits Limits() {
    SessionLimits limits;
    limits.storm_lag_ns_max = 100 * kMillisecond;
    return limits;
  }

  // Each write takes 5 ms, and they are many.
  void Storm(int clients) {
    for (int i = 0; i < clients; ++i) {
      crowd.emplace_back();
      crowd.back().on_send = [this] { home.clock.Advance(5 * kMillisecond); };
      crowd.back().session = fanout.Open(&crowd.back());
      ASSERT_NE(crowd.back().session, nullptr);
    }
  }

  std::deque<FakeClient> crowd;
};

TEST_F(StormTest, WhoComesNowReturnsLaterAndPollsAreServed) {
  Storm(100);
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(fanout.Turn());
  std::deque<FakeClient> late(50);
  int refused = 0;
  for (FakeClient& client : late) {
    client.session = fanout.Open(&client);
    if (client.session != nullptr) continue;
    ++refused;
    EXPECT_EQ(fanout.refusal().reason, CloseReason::kBusy);
    EXPECT_GE(fanout.refusal().retry_ms, 500);
  }
  EXPECT_EQ(refused, 50 - StormGovernor::kPerWindow);
  EXPECT_EQ(Count(Metric::kSessionsRefused), refused);
  FakeClient poll;
  poll.as = TransportKind::kPoll;
  EXPECT_NE(poll.session = fanout.Open(&poll), nullptr);
  Turns();
  FakeClient after;
  EXPECT_NE(after.session = fanout.Open(&after), nullptr);
}

// --- requests that come too fast ---

class PaceTest : public ShardFixture {
 protected:
  PaceTest() : ShardFixture(Limits()) {
    Add("A");
    Open(&client);
  }

  static SessionLimits Limits() {
    SessionLimits limits;
    limits.requests_per_second = 10;
    limits.subscriptions_max = 5000;
    return limits;
  }

  // How many messages are read before reading rests; all are answered.
  int SayUntilRest(std::string_view message, int most = 1000) {
    int said = 0;
    while (said++ < most) {
      const bool more = client.session->OnMessage(message);
      Turns();
      if (!more) break;
    }
    return said;
  }

  FakeClient client;
};

TEST_F(PaceTest, ReadingRestsUntilTheDebtIsPaid) {
  EXPECT_EQ(SayUntilRest(R"({"type":"ping"})"), 101);  // ten seconds' at once
  EXPECT_EQ(client.resumed, 0);
  Pass(90 * kMillisecond);
  EXPECT_EQ(client.resumed, 0);
  Pass(20 * kMillisecond);
  EXPECT_EQ(client.resumed, 1);
  EXPECT_EQ(SayUntilRest(R"({"type":"ping"})"), 1);
  std::string pongs = client.Take();
  size_t count = 0;
  for (size_t at = 0; (at = pongs.find("pong", at)) != pongs.npos; ++at) {
    ++count;
  }
  EXPECT_EQ(count, 102u);
}

// What was read together with the one that was too many is done, and paid for.
TEST_F(PaceTest, WhatWasReadTogetherIsPaidFor) {
  SayUntilRest(R"({"type":"ping"})");
  for (int i = 0; i < 9; ++i) {
    EXPECT_FALSE(client.session->OnMessage(R"({"type":"ping"})"));
  }
  Pass(900 * kMillisecond);
  EXPECT_EQ(client.resumed, 0);
  Pass(200 * kMillisecond);
  EXPECT_EQ(client.resumed, 1);
}

TEST_F(PaceTest, FaultsAndArraysAndLongListsCount) {
  EXPECT_EQ(SayUntilRest("{"), 101);
  Pass(100 * kSecond);
  EXPECT_EQ(SayUntilRest(R"([{"type":"ping"},{"type":"ping"},{"type":"x"}])"),
            34);
  Pass(100 * kSecond);
  std::string list = R"({"type":"subscribe","symbols":["N0")";
  for (int i = 1; i < 250; ++i) list += ",\"N" + std::to_string(i) + '"';
  EXPECT_EQ(SayUntilRest(list + "]}"), 34);
}

TEST_F(PaceTest, AnswersThatPileUpAndThePaceWaitForEachOther) {
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  for (int i = 0; i < 900; ++i) client.session->OnMessage(R"({"type":"ping"})");
  EXPECT_GE(Count(Metric::kReadsPaused), 1);
  client.slow = false;
  Written(&client);
  EXPECT_EQ(client.resumed, 0);  // the debt is not paid
  Pass(100 * kSecond);
  EXPECT_EQ(client.resumed, 1);
}

TEST_F(PaceTest, WhoGoesWhileItRestsIsForgotten) {
  SayUntilRest(R"({"type":"ping"})");
  Drop(&client);
  Pass(10 * kSecond);
  EXPECT_EQ(fanout.session_count(), 0u);
  EXPECT_EQ(client.resumed, 0);
}

TEST_F(PaceTest, NamesThatAreWaitedForAreSubscriptions) {
  std::string list = R"({"type":"subscribe","id":1,"symbols":["N0")";
  for (int i = 1; i < 1000; ++i) list += ",\"N" + std::to_string(i) + '"';
  list += "]}";
  for (int i = 0; i < 5; ++i) {
    std::string other = list;
    for (char& c : other) c = c == 'N' ? static_cast<char>('P' + i) : c;
    client.session->OnMessage(other);
    Turns();
  }
  client.TakeMessages();
  client.session->OnMessage(R"({"type":"subscribe","symbols":["one"]})");
  Turns();
  EXPECT_NE(client.Take().find("too_many_subscriptions"), std::string::npos);
  EXPECT_EQ(Count(Metric::kSubscriptions), 5000);
}

}  // namespace
}  // namespace streamhub
