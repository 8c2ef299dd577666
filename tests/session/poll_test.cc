// Polls: when the one answer comes and what it holds.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "gateway/codec/at_token.h"
#include "tests/session/shard_fixture.h"
#include "tests/support/stuck_writer.h"

namespace streamhub {
namespace {

class PollTest : public ShardFixture {
 protected:
  PollTest() {
    a = Add("A");
    Bid(a, 150);
  }
  ~PollTest() override { HangUp(); }

  // A poll of the query's request, with `at` if there is one; its answer,
  // empty while it waits.
  std::string Poll(const std::string& query, const std::string& at = "") {
    return PollAll({ParseQuery(at.empty() ? query : query + "&at=" + at)});
  }

  std::string PollAll(const std::vector<ParsedRequest>& requests) {
    HangUp();
    client = std::make_unique<FakeClient>();
    client->session = fanout.Open(client.get());
    client->session->OnPoll(requests);
    Turns();
    return Answer();
  }

  // What has come by now.
  std::string Answer() {
    std::string answer = client->Take();
    if (!client->at.empty()) token = client->at;
    return answer;
  }

  // The connection of the last poll is gone, or has its answer.
  void HangUp() {
    if (client != nullptr && client->session != nullptr) Drop(client.get());
  }

  // Parts of a token.
  static int64_t IssuedMs(const std::string& at) {
    return ParseAt(at).issued_ms;
  }
  static std::string Cursors(const std::string& at) {
    return std::string(ParseAt(at).cursors);
  }

  // So long after its updates a client of 4 a second gets none.
  static constexpr int64_t kPeriod = 250 * kMillisecond;

  SymbolId a;
  std::unique_ptr<FakeClient> client;
  std::string token;  // of the newest answer
};

constexpr char kFirst[] =
    "hello version=1 market=live heartbeat_ms=2000 test{status=live}\n"
    "ack max_rate=4 A\n"
    "update A{v=2 snapshot=true n=2 quiet=false trading=unknown bid=1.50 "
    "ask=null last=null}\n"
    "synced";

TEST_F(PollTest, WhoHoldsNothingIsAnsweredAtOnce) {
  EXPECT_EQ(Poll("symbols=A&max_rate=4"), kFirst);
  EXPECT_EQ(IssuedMs(token), home.clock.WallNs() / kMillisecond);
  // Nothing follows the answer.
  Bid(a, 151);
  Pass(10 * kSecond);
  EXPECT_EQ(Answer(), "");
}

// Its session lives on while it takes the answer, and costs no tick anything.
TEST_F(PollTest, NothingIsSubscribedOnceItIsAnswered) {
  Poll("symbols=A,B&max_rate=4");
  EXPECT_EQ(Count(Metric::kSessions), 1);
  EXPECT_EQ(Count(Metric::kSubscriptions), 0);
  HangUp();
  EXPECT_EQ(Count(Metric::kSubscriptions), 0);
}

TEST_F(PollTest, WhoHoldsAllWaitsForTheFirstChange) {
  Poll("symbols=A&max_rate=4");
  Pass(kPeriod);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
  Bid(a, 150);  // the same value is no news
  EXPECT_EQ(Answer(), "");
  Bid(a, 151);
  EXPECT_EQ(Answer(),
            "ack max_rate=4\n"
            "update A{v=3 n=4 bid=1.51}");
}

TEST_F(PollTest, WhoIsBehindIsAnsweredAtOnce) {
  Poll("symbols=A&max_rate=4");
  Bid(a, 151);
  Ask(a, 152);
  Pass(kPeriod);
  EXPECT_EQ(Poll("symbols=A@3&max_rate=4", token),
            "ack max_rate=4\n"
            "update A{v=4 n=4 ask=1.52}");
}

TEST_F(PollTest, ANewSymbolIsDescribedAndSynced) {
  Poll("symbols=A&max_rate=4");
  Add("B");
  Pass(kPeriod);
  EXPECT_EQ(Poll("symbols=A@2,B&max_rate=4&id=7", token),
            "ack id=7 max_rate=4 B\n"
            "update B{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null ask=null last=null}\n"
            "synced id=7");
}

// --- quiet ---

TEST_F(PollTest, QuietIsToldToWhoBelievesOtherwise) {
  Poll("symbols=A&max_rate=4");
  Pass(16 * kSecond);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token),
            "ack max_rate=4\n"
            "update A{v=2 n=2 quiet=true}");
  Pass(kPeriod);
  EXPECT_EQ(Poll("symbols=A@2q&max_rate=4", token), "");
  Bid(a, 150);
  EXPECT_EQ(Answer(),
            "ack max_rate=4\n"
            "update A{v=2 n=3 quiet=false}");
}

TEST_F(PollTest, TurningQuietAnswersAPollThatWaits) {
  Poll("symbols=A&max_rate=4");
  Pass(14 * kSecond);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
  Pass(1500 * kMillisecond);
  EXPECT_EQ(Answer(),
            "ack max_rate=4\n"
            "update A{v=2 n=2 quiet=true}");
}

// --- symbols that do not exist yet ---

TEST_F(PollTest, AnUnknownSymbolIsToldOnceAndStartsWhenItAppears) {
  EXPECT_EQ(Poll("symbols=LATE&max_rate=4"),
            "hello version=1 market=live heartbeat_ms=2000 test{status=live}\n"
            "ack max_rate=4 LATE{unknown=true}\n"
            "synced\n"
            "heartbeat");
  EXPECT_EQ(Poll("symbols=LATE@0&max_rate=4", token), "");
  Add("LATE");
  EXPECT_EQ(Answer(),
            "ack max_rate=4 LATE\n"
            "update LATE{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null ask=null last=null}\n"
            "synced");
}

TEST_F(PollTest, ASymbolThatAppearedBetweenTwoPolls) {
  Poll("symbols=LATE&max_rate=4");
  Add("LATE");
  EXPECT_EQ(Poll("symbols=LATE@0&max_rate=4", token),
            "ack max_rate=4 LATE\n"
            "update LATE{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null ask=null last=null}\n"
            "synced");
}

// It is unknown when the request comes and known when it is answered.
TEST_F(PollTest, ASymbolThatAppearsJustNowIsNotUnknownToo) {
  client = std::make_unique<FakeClient>();
  client->session = fanout.Open(client.get());
  client->session->OnPoll(
      std::vector<ParsedRequest>{ParseQuery("symbols=LATE&fields=bid")});
  home.Add("LATE", SmallLayout());
  Turns();
  EXPECT_EQ(Answer(),
            "hello version=1 market=live heartbeat_ms=2000 test{status=live}\n"
            "ack max_rate=10 LATE\n"
            "update LATE{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null}\n"
            "synced");
}

// --- the rate ---

TEST_F(PollTest, UpdatesComeNoSoonerThanAPeriodAfterTheLast) {
  Poll("symbols=A&max_rate=4");
  Bid(a, 151);
  Pass(100 * kMillisecond);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
  Ask(a, 152);
  Pass(149 * kMillisecond);
  EXPECT_EQ(Answer(), "");
  EXPECT_EQ(fanout.NextDeadline(), home.clock.MonoNs() + kMillisecond);
  Pass(kMillisecond);
  EXPECT_EQ(Answer(),
            "ack max_rate=4\n"
            "update A{v=4 n=4 bid=1.51 ask=1.52}");
}

TEST_F(PollTest, UnlimitedIsNotHeldBack) {
  Poll("symbols=A&max_rate=unlimited");
  Bid(a, 151);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=unlimited", token),
            "ack max_rate=unlimited\n"
            "update A{v=3 n=3 bid=1.51}");
}

// A heartbeat is no update: a slow request waits no longer for it.
TEST_F(PollTest, AHeartbeatDoesNotPostponeUpdates) {
  Poll("symbols=A&max_rate=0.2");
  const int64_t issued_ms = IssuedMs(token);
  Bid(a, 151);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Poll("symbols=A@2&max_rate=0.2", token), "");
    Pass(2250 * kMillisecond);
    EXPECT_EQ(Answer(), "ack max_rate=0.2\nheartbeat");
    EXPECT_EQ(IssuedMs(token), issued_ms);
  }
  EXPECT_EQ(Poll("symbols=A@2&max_rate=0.2", token), "");
  Pass(500 * kMillisecond);
  EXPECT_EQ(Answer(), "ack max_rate=0.2\nupdate A{v=3 n=3 bid=1.51}");
}

TEST_F(PollTest, EachRequestHasARateOfItsOwn) {
  Add("B");
  const auto ask = [&](const std::string& slow, const std::string& fast) {
    const std::string at = token.empty() ? "" : "&at=" + token;
    return PollAll({ParseQuery("id=1&max_rate=1&symbols=" + slow + at),
                    ParseQuery("id=2&max_rate=100&symbols=" + fast + at)});
  };
  ask("A", "B");
  Pass(10 * kMillisecond);
  EXPECT_EQ(ask("A@2", "B@1"), "");
  Bid(a, 151);
  EXPECT_EQ(Answer(), "");
  home.Tick(1, {{FieldId::kBid, 7}});
  Turns();
  EXPECT_EQ(Answer(),
            "ack id=1 max_rate=1\n"
            "ack id=2 max_rate=100\n"
            "update B{v=2 n=2 bid=0.07}");
}

TEST_F(PollTest, AnIssueOfTheFutureCountsAsNow) {
  Poll("symbols=A&max_rate=4");
  std::string future = Cursors(token);
  AppendPollParts(*ParseAt(token).feeds,
                  home.clock.WallNs() / kMillisecond + 1'000'000,
                  ParseAt(token).session, &future);
  Bid(a, 151);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", future), "");
  Pass(kPeriod);
  EXPECT_EQ(Answer(), "ack max_rate=4\nupdate A{v=3 n=3 bid=1.51}");
}

TEST_F(PollTest, WhoHangsUpWhileHeldBackLeavesNothingBehind) {
  Poll("symbols=A&max_rate=4");
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
  EXPECT_EQ(Count(Metric::kSessions), 1);
  HangUp();
  EXPECT_EQ(Count(Metric::kSessions), 0);
  EXPECT_EQ(Count(Metric::kSubscriptions), 0);
  Pass(1 * kSecond);
}

// --- what cursors hold for ---

TEST_F(PollTest, OfOtherFieldsAllIsNew) {
  Poll("symbols=A&max_rate=4");
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4&fields=bid", token),
            "ack max_rate=4 A\n"
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50}\n"
            "synced");
}

TEST_F(PollTest, AVersionOfTheFutureIsReplaced) {
  Poll("symbols=A&max_rate=4");
  Pass(kPeriod);
  EXPECT_EQ(Poll("symbols=A@9&max_rate=4", token),
            "ack max_rate=4\n"
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50 ask=null last=null}");
}

TEST_F(PollTest, ANewEpochAnswersWithEverythingAnew) {
  Poll("symbols=A&max_rate=4");
  const std::string old = token;
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");  // held back, even
  home.market.StartEpoch();
  Turns();
  EXPECT_EQ(Answer(), kFirst);
  EXPECT_NE(Cursors(token), Cursors(old));
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", old), kFirst);
  Pass(kPeriod);
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
}

TEST_F(PollTest, TokensOfStreamsAndPollsAreGoodForBoth) {
  FakeClient stream;
  Open(&stream);
  Say(&stream, R"({"type":"subscribe","symbols":["A"]})");
  Drop(&stream);
  // The feeds were never told to a poll.
  EXPECT_EQ(Poll("symbols=A@2", stream.at),
            "feed test{status=live}\nack max_rate=10\nheartbeat");
  Pass(kSecond);
  EXPECT_EQ(Poll("symbols=A@2", token), "");
  Open(&stream);
  EXPECT_EQ(Say(&stream, R"({"type":"subscribe","symbols":["A@2"],"at":")" +
                             token + R"("})"),
            "ack max_rate=10 A\n"
            "update A{v=2 n=2 quiet=false}\n"
            "synced");
  Drop(&stream);
}

// --- feeds, silence, the end ---

TEST_F(PollTest, AChangeOfAFeedAnswers) {
  Poll("symbols=A&max_rate=4");
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
  home.publisher.SetStatus(FeedStatus::kDown);
  Turns();
  EXPECT_EQ(Answer(), "feed test{status=down}\nack max_rate=4\nheartbeat");
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
}

TEST_F(PollTest, StoppingIsTold) {
  Poll("symbols=A&max_rate=4");
  EXPECT_EQ(Poll("symbols=A@2&max_rate=4", token), "");
  fanout.CloseAll(CloseReason::kServerStopping);
  Turns();
  EXPECT_EQ(Answer(),
            "ack max_rate=4\n"
            "heartbeat\n"
            "closing code=4001 reason=server stopping retry=true "
            "after_ms=1000");
  EXPECT_EQ(client->closed, CloseReason::kServerStopping);
}

// --- what cannot be done ---

TEST_F(PollTest, WhatCannotBeReadIsLeftToTheNextPoll) {
  Add("B");
  StuckWriter::Enter(home.market.cache(), a);
  client = std::make_unique<FakeClient>();
  client->session = fanout.Open(client.get());
  client->session->OnPoll(std::vector<ParsedRequest>{
      ParseQuery("symbols=A,B&max_rate=4&fields=bid")});
  fanout.Turn();
  EXPECT_EQ(Answer(),
            "hello version=1 market=live heartbeat_ms=2000 test{status=live}\n"
            "ack max_rate=4 A B\n"
            "update B{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null}");
  EXPECT_EQ(IssuedMs(token), 0);
  StuckWriter::Leave(home.market.cache(), a);
  EXPECT_EQ(Poll("symbols=A@0,B@1&max_rate=4&fields=bid", token),
            "ack max_rate=4 A\n"
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50}\n"
            "synced");
}

TEST_F(PollTest, ErrorsComeWithTheAnswer) {
  EXPECT_EQ(PollAll({RequestError{"5", "bad_rate", "too slow", "max_rate"},
                     ParseQuery("symbols=A&max_rate=4&fields=bid")}),
            "hello version=1 market=live heartbeat_ms=2000 test{status=live}\n"
            "error id=5 code=bad_rate reason=too slow key=max_rate\n"
            "ack max_rate=4 A\n"
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50}\n"
            "synced");
}

}  // namespace
}  // namespace streamhub
