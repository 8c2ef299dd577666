// The limits of a session and a shard, and how sessions end.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class LimitsTest : public ShardFixture {
 protected:
  LimitsTest() : ShardFixture(Limits()) {
    a = Add("A");
    Add("B");
    Add("C");
    Open(&client);
  }

  static SessionLimits Limits() {
    static Quota sessions(3);
    SessionLimits limits;
    limits.sessions = &sessions;
    limits.subscriptions_max = 3;
    return limits;
  }

  // Pings until the session wants no more; how many it took.
  int PingUntilFull() {
    for (int i = 1; i <= 10'000; ++i) {
      if (!client.session->OnMessage(R"({"type":"ping"})")) return i;
    }
    ADD_FAILURE() << "answers pile up without end";
    return 0;
  }

  SymbolId a;
  FakeClient client;
};

// --- replies ---

TEST_F(LimitsTest, ReadingStopsWhenAnswersPileUpAndGoesOnWhenTheyAreOut) {
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  const int taken = PingUntilFull();
  EXPECT_GT(taken, 20);  // 16 KB of answers and what keeping them costs
  EXPECT_LT(taken, 1000);
  EXPECT_EQ(Count(Metric::kReadsPaused), 1);
  Pass(5 * kSecond);
  EXPECT_EQ(client.resumed, 0);
  EXPECT_EQ(client.Take(), "");

  Written(&client);
  EXPECT_EQ(client.resumed, 1);
  std::string pongs = client.Take();
  EXPECT_EQ(std::count(pongs.begin(), pongs.end(), '\n'), taken - 1);
  Written(&client);
  EXPECT_EQ(client.resumed, 1);
  EXPECT_TRUE(client.session->OnMessage(R"({"type":"ping"})"));
}

TEST_F(LimitsTest, OneLongMessageIsAnsweredInFull) {
  std::string array = R"([{"type":"ping"})";
  for (int i = 1; i < 64; ++i) array += R"(,{"type":"ping"})";
  array += ']';
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  int messages = 0;
  bool reading = true;
  while (reading && messages < 100) {
    ++messages;
    reading = client.session->OnMessage(array);
  }
  EXPECT_FALSE(reading);
  client.slow = false;
  Written(&client);
  std::string pongs = client.Take();
  size_t count = 0;
  for (size_t at = 0; (at = pongs.find("pong", at)) != pongs.npos; ++at) {
    ++count;
  }
  EXPECT_EQ(count, static_cast<size_t>(messages) * 64);
}

TEST_F(LimitsTest, UnknownSymbolsWeighUntilTheirAckIsOut) {
  // What a client may say in little is not to be kept in much: the names of a
  // long list that wait for their ack count as answers.
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  const std::string name(64, 'N');
  bool reading = true;
  int messages = 0;
  while (reading && messages < 10'000) {
    ++messages;
    reading = client.session->OnMessage(R"({"type":"subscribe","symbols":[")" +
                                        name + "\"]}");
  }
  EXPECT_FALSE(reading);
  EXPECT_LT(messages, 200);
  EXPECT_EQ(Count(Metric::kSubscriptions), 1);
}

// --- subscriptions ---

TEST_F(LimitsTest, TooManySubscriptionsAreRefusedWhole) {
  Say(&client, R"({"type":"subscribe","symbols":["A","X"],
                       "max_rate":"unlimited"})");
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","id":2,
                                 "symbols":["A","B","Y"],"fields":["ask"]})"),
            "error id=2 code=too_many_subscriptions "
            "reason=this session may hold 3 subscriptions key=symbols");
  EXPECT_EQ(Count(Metric::kSubscriptions), 2);
  Bid(a, 150);  // the subscription of A is what it was
  EXPECT_EQ(client.Take(), "update A{v=2 n=2 bid=1.50}");
}

TEST_F(LimitsTest, WhatIsReplacedDoesNotCountTwice) {
  const char* const request =
      R"({"type":"subscribe","symbols":["A","B","X"],"fields":["bid"]})";
  for (int i = 0; i < 3; ++i) {
    const std::string answer = Say(&client, request);
    EXPECT_TRUE(answer.starts_with("ack")) << answer;
    EXPECT_TRUE(answer.ends_with("synced")) << answer;
  }
  EXPECT_EQ(Count(Metric::kSubscriptions), 3);
  Say(&client, R"({"type":"unsubscribe","symbols":["X"]})");
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","symbols":["Y"]})"),
            "ack max_rate=10 Y{unknown=true}\nsynced");
}

// --- sessions ---

TEST_F(LimitsTest, SessionsBeyondTheLimitAreRefusedAndCounted) {
  FakeClient second, third, fourth;
  Open(&second);
  Open(&third);
  EXPECT_EQ(fanout.Open(&fourth), nullptr);
  EXPECT_EQ(Count(Metric::kSessionsRefused), 1);
  EXPECT_EQ(Count(Metric::kSessions), 3);
  Drop(&second);
  Open(&fourth);
  EXPECT_EQ(Count(Metric::kSessions), 3);
  EXPECT_EQ(Count(Metric::kSessionsOpened), 4);
  EXPECT_EQ(Count(Metric::kSessionsClosed), 1);
}

TEST_F(LimitsTest, AWriteThatStallsClosesTheSession) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                       "max_rate":"unlimited"})");
  client.slow = true;
  Bid(a, 150);
  client.TakeMessages();
  Pass(30 * kSecond);
  EXPECT_EQ(client.closed, std::nullopt);
  Pass(kSecond);
  ASSERT_EQ(client.closed, CloseReason::kWriteStalled);
  EXPECT_EQ(InfoOf(*client.closed).code, 4002);
  EXPECT_EQ(Count(Metric::kSessionsStalled), 1);
  // What cannot be written is not written.
  Bid(a, 151);
  Pass(60 * kSecond);
  EXPECT_EQ(client.Take(), "");
  EXPECT_EQ(Count(Metric::kSessionsStalled), 1);
  Drop(&client);
  EXPECT_EQ(fanout.session_count(), 0u);
}

TEST_F(LimitsTest, AWriteThatEndsInTimeIsNoStall) {
  client.slow = true;
  for (int i = 0; i < 5; ++i) {
    Say(&client, R"({"type":"ping"})");
    Pass(30 * kSecond);
    Written(&client);
  }
  EXPECT_EQ(client.closed, std::nullopt);
}

// --- the end ---

TEST_F(LimitsTest, ClosingIsToldAndIsTheLast) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],
                       "max_rate":"unlimited"})");
  client.session->OnMessage(R"({"type":"ping","id":1})");
  fanout.CloseAll(CloseReason::kServerStopping);
  Turns();
  EXPECT_EQ(client.Take(),
            "pong id=1\n"
            "closing code=4001 reason=server stopping retry=true "
            "after_ms=1000");
  EXPECT_EQ(client.closed, CloseReason::kServerStopping);
  Bid(a, 150);
  fanout.CloseAll(CloseReason::kTimeout);
  client.session->OnMessage(R"({"type":"ping","id":2})");
  Pass(60 * kSecond);
  EXPECT_EQ(client.Take(), "");
}

TEST_F(LimitsTest, AClientThatNeedNotComeBackIsToldSo) {
  client.session->Close(CloseReason::kLimitExceeded);
  Turns();
  EXPECT_EQ(client.Take(),
            "closing code=4005 reason=a limit of this session was exceeded "
            "retry=false");
}

TEST_F(LimitsTest, ClosingWaitsForTheOutstandingWrite) {
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  fanout.CloseAll(CloseReason::kServerStopping);
  Turns();
  EXPECT_EQ(client.Take(), "");
  EXPECT_EQ(client.closed, std::nullopt);
  Written(&client);
  EXPECT_EQ(client.Take(),
            "closing code=4001 reason=server stopping retry=true "
            "after_ms=1000");
  EXPECT_EQ(client.closed, CloseReason::kServerStopping);
}

TEST_F(LimitsTest, AStallEndsTheWaitForTheFarewell) {
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  fanout.CloseAll(CloseReason::kServerStopping);
  Pass(31 * kSecond);
  EXPECT_EQ(client.closed, CloseReason::kWriteStalled);
  EXPECT_EQ(client.Take(), "");
}

TEST_F(LimitsTest, ASessionThatATurnDidNotGetToOutlivesIt) {
  FakeClient second;
  Open(&second);
  client.on_send = [this] { home.clock.Advance(2 * kMillisecond); };
  client.session->OnMessage(R"({"type":"ping"})");
  second.session->OnMessage(R"({"type":"ping"})");
  second.session->OnClosed();
  EXPECT_TRUE(fanout.Turn());  // it is still in the queue
  EXPECT_EQ(fanout.session_count(), 2u);
  EXPECT_FALSE(fanout.Turn());
  EXPECT_EQ(fanout.session_count(), 1u);
  EXPECT_EQ(client.Take(), "pong");
  EXPECT_EQ(second.Take(), "");
}

TEST_F(LimitsTest, AConnectionMayEndWhileItsSessionIsToBeServed) {
  Say(&client, R"({"type":"subscribe","symbols":["A","X"],
                       "max_rate":"unlimited"})");
  home.Tick(a, {{FieldId::kBid, 150}});
  client.session->OnMessage(R"({"type":"ping"})");
  client.session->OnClosed();
  Add("X");
  Turns();
  EXPECT_EQ(client.Take(), "");
  EXPECT_EQ(fanout.session_count(), 0u);
  EXPECT_EQ(Count(Metric::kSubscriptions), 0);
}

class PollLimitsTest : public ShardFixture {};

TEST_F(PollLimitsTest, AThousandSymbolsAndNoMoreInOneAnswer) {
  const auto request = [](char letter, int count) {
    Request wanted;
    wanted.id = std::string(1, letter == 'X' ? '1' : '2');
    for (int i = 0; i < count; ++i) {
      wanted.symbols.push_back({letter + std::to_string(i)});
    }
    return wanted;
  };
  for (int i = 0; i < 900; ++i) home.Add("X" + std::to_string(i));
  Turns();
  FakeClient client;
  client.session = fanout.Open(&client);
  client.session->OnPoll(std::vector<ParsedRequest>{
      request('X', 900), request('Y', 101), request('Z', 100)});
  Turns();
  const auto messages = client.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_GT(messages[0].size(), 32u * 1024);
  const std::string brief = Brief(messages[0]);
  EXPECT_NE(brief.find("\nerror id=2 code=too_many_subscriptions"), brief.npos);
  EXPECT_NE(brief.find("X899{v=1"), brief.npos);
  EXPECT_NE(brief.find("Z99{unknown=true}"), brief.npos);
  EXPECT_EQ(brief.find("Y0"), brief.npos);
  Drop(&client);
}

}  // namespace
}  // namespace streamhub
