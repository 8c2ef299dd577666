// What is withdrawn: nobody sees a value of it, everybody is told, and it comes
// back. And why a client gets what it gets, told by the same fan-out.

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/codec/at_token.h"
#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

constexpr char kAll[] =
    R"({"type":"subscribe","max_rate":"unlimited","symbols":["A","B"]})";

class WithdrawTest : public ShardFixture {
 protected:
  WithdrawTest() : ShardFixture() {
    a = Add("A");
    b = Add("B");
    Bid(a, 150);
    Bid(b, 250);
  }
  ~WithdrawTest() override {
    for (FakeClient* client : {&client_, &other_}) {
      if (client->session != nullptr) Drop(client);
    }
  }

  // From now on it is these patterns.
  void Withdraw(std::vector<std::string> patterns) {
    auto next = std::make_shared<Withdrawals>();
    for (std::string& pattern : patterns) {
      next->list.push_back({std::move(pattern), "a reason", 0});
    }
    next->generation = ++generation_;
    fanout.Withdraw(std::move(next));
  }

  // What a client is told because of it.
  std::string Told(std::vector<std::string> patterns) {
    Withdraw(std::move(patterns));
    Turns();
    return client_.Take();
  }

  SymbolId a, b;
  FakeClient client_, other_;
  uint64_t generation_ = 0;
};

TEST_F(WithdrawTest, EverybodyIsBlankByTheNextTurnWhateverTheRate) {
  Open(&client_);
  Open(&other_);
  Say(&client_, kAll);
  Say(&other_, R"({"type":"subscribe","max_rate":0.02,"fields":["bid"],)"
               R"("symbols":["A"]})");
  EXPECT_EQ(Told({"A"}),
            "update A{v=2 snapshot=true n=2 withdrawn=true trading=null "
            "bid=null ask=null last=null}");
  EXPECT_EQ(other_.Take(),
            "update A{v=2 snapshot=true n=2 withdrawn=true trading=null "
            "bid=null}")
      << "though its rate is one in a minute";
  // The market goes on, and nobody hears of it.
  Bid(a, 151);
  Bid(a, 152);
  Bid(b, 251);
  EXPECT_EQ(client_.Take(), "update B{v=3 n=3 bid=2.51}");
  Pass(70 * kSecond);
  for (const std::string& message : client_.TakeMessages()) {
    EXPECT_EQ(message.find("\"A\""), std::string::npos) << message;
  }
  other_.TakeMessages();
  EXPECT_EQ(home.Value(a, FieldId::kBid), 152);

  EXPECT_EQ(Told({}),
            "update A{v=4 snapshot=true n=4 quiet=true trading=unknown "
            "bid=1.52 ask=null last=null}");
  EXPECT_EQ(other_.Take(),
            "update A{v=4 snapshot=true n=4 quiet=true trading=unknown "
            "bid=1.52}");
  Bid(a, 153);
  EXPECT_EQ(client_.Take(), "update A{v=5 n=5 quiet=false bid=1.53}");
}

TEST_F(WithdrawTest, BackWithoutATickItIsToldWhole) {
  Open(&client_);
  Say(&client_, kAll);
  Told({"A"});
  EXPECT_EQ(Told({}),
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50 ask=null last=null}");
  EXPECT_EQ(Told({}), "") << "nothing changed";
}

TEST_F(WithdrawTest, ASlowClientIsToldTheLastOfIt) {
  Open(&client_);
  client_.slow = true;
  Say(&client_, kAll);  // stays outstanding
  EXPECT_EQ(Told({"A"}), "");
  EXPECT_EQ(Told({}), "");
  Bid(a, 160);
  client_.slow = false;
  Written(&client_);
  EXPECT_EQ(client_.Take(), "update A{v=3 n=3 bid=1.60}")
      << "it never held the blank";
  client_.slow = true;
  Bid(b, 260);
  client_.Take();
  Withdraw({"A"});
  client_.slow = false;
  Written(&client_);
  EXPECT_EQ(client_.Take(),
            "update A{v=3 snapshot=true n=3 withdrawn=true trading=null "
            "bid=null ask=null last=null}");
}

TEST_F(WithdrawTest, PatternsHoldForSymbolsToComeAndForTapes) {
  Open(&client_);
  Say(&client_, R"({"type":"subscribe","max_rate":"unlimited",)"
                R"("symbols":["EUR/USD","tape/EUR/USD","EURO"]})");
  Told({"EUR/*", "B"});
  SymbolId tape = 0;
  home.market.DefineTopic("tape/EUR/USD", kNoFeed, 10, home.clock.WallNs(),
                          &tape);
  const SymbolId eur = Add("EUR/USD");
  Bid(eur, 111);
  Add("EURO");
  home.market.Append(tape, "1", home.clock.WallNs());
  home.market.Wake();
  Turns();
  const std::string told = client_.Take();
  EXPECT_NE(told.find("EUR/USD{v=1 snapshot=true n=1 withdrawn=true"),
            std::string::npos)
      << told;
  EXPECT_EQ(told.find("bid=1"), std::string::npos) << told;
  EXPECT_NE(told.find("EURO{v=1 snapshot=true n=1 quiet=false"),
            std::string::npos)
      << told;
  EXPECT_TRUE(fanout.withdrawn().Has(tape));
  EXPECT_TRUE(fanout.withdrawn().Has(b));
  EXPECT_FALSE(fanout.withdrawn().Has(a));
  Told({"*"});
  EXPECT_TRUE(fanout.withdrawn().Has(a));
  Add("NEW");
  EXPECT_TRUE(fanout.withdrawn().Has(*home.market.symbols().Find("NEW")));
}

// Held back, told to be, and in order once it is back.
TEST_F(WithdrawTest, ATopicKeepsItsMessages) {
  SymbolId tape = 0;
  home.market.DefineTopic("tape/A", kNoFeed, 10, home.clock.WallNs(), &tape);
  const auto publish = [&](const char* data) {
    home.market.Append(tape, data, home.clock.WallNs());
    home.market.Wake();
    Turns();
    const auto messages = client_.TakeMessages();
    return messages.empty() ? std::string() : messages.back();
  };
  Turns();
  Open(&client_);
  Say(&client_, R"({"type":"subscribe","max_rate":"unlimited",)"
                R"("symbols":["tape/A"]})");
  EXPECT_NE(publish("1").find("\"data\":1"), std::string::npos);
  Withdraw({"A"});
  Turns();
  auto messages = client_.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("\"withdrawn\":true,\"messages\":[]"),
            std::string::npos)
      << messages[0];
  EXPECT_EQ(publish("2"), "");
  EXPECT_EQ(publish("3"), "");
  Withdraw({});
  Turns();
  messages = client_.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].find("withdrawn"), std::string::npos);
  EXPECT_NE(messages[0].find("\"data\":2"), std::string::npos);
  EXPECT_NE(messages[0].find("\"data\":3"), std::string::npos);
  EXPECT_EQ(messages[0].find("lost"), std::string::npos);
  // Without any message it is told to be back.
  Withdraw({"tape/*"});
  Turns();
  client_.TakeMessages();
  Withdraw({});
  Turns();
  messages = client_.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("\"messages\":[]"), std::string::npos);
  EXPECT_EQ(messages[0].find("withdrawn"), std::string::npos);
}

TEST_F(WithdrawTest, AResumeGoesOnFromNoBlank) {
  Open(&client_);
  Say(&client_, kAll);
  const std::string before = client_.at;
  const auto resume = [this](const std::string& at, const char* versions) {
    if (other_.session != nullptr) Drop(&other_);
    Open(&other_);
    return Say(&other_, R"({"type":"subscribe","max_rate":"unlimited","at":")" +
                            at + R"(","symbols":[)" + versions + "]}");
  };
  EXPECT_NE(resume(before, R"("A@2","B@2")").find("A{v=2 n=2 quiet=false}"),
            std::string::npos)
      << "nothing was withdrawn: only what is not known is told";
  Told({"A"});
  const std::string blank = "A{v=2 snapshot=true n=2 withdrawn=true";
  EXPECT_NE(resume(before, R"("A@2","B@2")").find(blank), std::string::npos);
  const std::string during = other_.at;
  EXPECT_NE(during, before);
  EXPECT_NE(resume(during, R"("A@2","B@2")").find(blank), std::string::npos);
  Told({});
  // Of the blank the client says what is true: it holds version 2.
  for (const std::string& at : {before, during}) {
    EXPECT_NE(resume(at, R"("A@2","B@2")")
                  .find("A{v=2 snapshot=true n=2 quiet=false "
                        "trading=unknown bid=1.50"),
              std::string::npos)
        << at;
  }
}

TEST_F(WithdrawTest, AnEventIdGoesOnFromNoBlank) {
  FakeClient events(Envelope::kSse);
  Open(&events);
  events.session->OnMessage(kAll);
  Turns();
  Withdraw({"A"});
  home.clock.Advance(2 * kSecond);  // ids come once a second
  Turns();
  std::string all;
  for (const std::string& message : events.TakeMessages()) all += message;
  const size_t at = all.rfind("id: ");
  ASSERT_NE(at, std::string::npos);
  EXPECT_NE(all.find(";A@0,B@2\n", at), std::string::npos) << all.substr(at);
  EXPECT_NE(all.find("w1;", at), std::string::npos) << all.substr(at);
  Drop(&events);
}

class WithdrawPollTest : public WithdrawTest {
 protected:
  std::string Poll(const std::string& query) {
    if (other_.session != nullptr) Drop(&other_);
    other_.messages.clear();
    other_.session = fanout.Open(&other_);
    other_.session->OnPoll(std::vector<ParsedRequest>{ParseQuery(query)});
    Turns();
    return other_.Take();
  }
};

TEST_F(WithdrawPollTest, APollIsToldOnceAndThenWaits) {
  const std::string query = "max_rate=unlimited&symbols=";
  Poll(query + "A,B");
  EXPECT_EQ(Poll(query + "A@2,B@2&at=" + other_.at), "") << "it waits";
  Withdraw({"A"});
  Turns();
  const std::string told = other_.Take();
  EXPECT_NE(told.find("A{v=2 snapshot=true n=2 withdrawn=true trading=null"),
            std::string::npos)
      << told;
  const std::string at = other_.at;
  for (const char* const held : {"A@2,B@2", "A@2w,B@2"}) {
    EXPECT_EQ(Poll(query + held + "&at=" + at), "") << held;
    Bid(a, 170);
    EXPECT_EQ(other_.Take(), "") << held;
  }
  Withdraw({});
  Turns();
  const std::string back = other_.Take();
  EXPECT_NE(back.find("A{v=3 snapshot=true n=4 quiet=false trading=unknown "
                      "bid=1.70"),
            std::string::npos)
      << back;
  // One that asks only now, with the blank's token.
  EXPECT_NE(Poll(query + "A@2w,B@2&at=" + at).find("bid=1.70"),
            std::string::npos);
}

TEST_F(WithdrawTest, AnOperatorIsToldWhyAClientGetsWhatItGets) {
  Open(&client_);
  Say(&client_, R"({"type":"subscribe","max_rate":7,"symbols":["A"]})");
  Say(&client_, R"({"type":"subscribe","symbols":["B","LATER"]})");
  const SessionId id = client_.session->id();
  const auto explain = [&](const char* code) {
    const auto explained = fanout.Explain(id, code, 0, 10);
    EXPECT_TRUE(explained.found);
    EXPECT_TRUE(explained.seen.has_value()) << code;
    return explained.seen.value_or(SubscriptionSeen{});
  };
  const auto limit = [&](const char* code) {
    return std::string(RateLimitName(explain(code).limit));
  };
  EXPECT_EQ(limit("A"), "client");
  EXPECT_EQ(limit("B"), "default");
  EXPECT_EQ(limit("LATER"), "default");
  EXPECT_TRUE(explain("LATER").unknown);
  EXPECT_NEAR(*explain("A").asked, 7, 0.005);
  EXPECT_EQ(explain("A").effective, 5) << "the next step of the ladder";
  EXPECT_FALSE(explain("B").asked.has_value());
  EXPECT_EQ(explain("B").effective, 10);
  EXPECT_FALSE(fanout.Explain(id, "C", 0, 10).seen.has_value());
  EXPECT_FALSE(fanout.Explain(id + 5, "A", 0, 10).found);

  // Ten ticks in one beat are one update, besides the snapshot.
  for (int i = 0; i < 10; ++i) home.Tick(a, {{FieldId::kBid, 300 + i}});
  Pass(kSecond);
  EXPECT_EQ(explain("A").ticks, 10);
  EXPECT_EQ(explain("A").updates, 2);
  EXPECT_EQ(explain("A").version, explain("A").cursor);
  EXPECT_TRUE(explain("A").complete);

  client_.slow = true;
  Bid(a, 400);
  Pass(kSecond);
  EXPECT_EQ(limit("A"), "stall");
  EXPECT_EQ(explain("A").session.stalls, 1u);
  EXPECT_GE(explain("A").session.waiting_ns, 700 * kMillisecond);
  Withdraw({"A"});
  EXPECT_EQ(limit("A"), "withdrawn");
  client_.slow = false;
  Written(&client_);
  Withdraw({});
  Turns();
  EXPECT_EQ(limit("A"), "client");
  // A shard that comes late by more than a beat.
  Bid(a, 500);
  Bid(a, 501);
  home.clock.Advance(3 * kSecond);
  home.publisher.Heartbeat();
  Turns();
  EXPECT_EQ(limit("A"), "overload");
  Pass(6 * kSecond);
  EXPECT_EQ(limit("A"), "client");

  // A rate that is changed is another one asked for.
  Say(&client_, R"({"type":"change","max_rate":"unlimited","symbols":["B"]})");
  EXPECT_EQ(limit("B"), "client");
  EXPECT_TRUE(std::isinf(*explain("B").asked));
  Add("LATER");
  EXPECT_FALSE(explain("LATER").unknown);
  EXPECT_EQ(explain("LATER").ticks, 0);
}

TEST_F(WithdrawTest, APollIsExplainedWhileItWaits) {
  Open(&client_);
  other_.session = fanout.Open(&other_);
  other_.session->OnPoll(
      std::vector<ParsedRequest>{ParseQuery("symbols=A&max_rate=2")});
  const SessionId id = other_.session->id();
  ASSERT_TRUE(IsPoll(id));
  // It is the second session: one at a time is looked at.
  const auto first = fanout.Explain(id, "A", 0, 1);
  EXPECT_FALSE(first.found);
  ASSERT_TRUE(first.next.has_value());
  const auto second = fanout.Explain(id, "A", *first.next, 1);
  ASSERT_TRUE(second.seen.has_value());
  EXPECT_EQ(second.seen->limit, RateLimit::kPoll);
  EXPECT_EQ(second.seen->effective, 2);
  EXPECT_FALSE(second.seen->updates.has_value());
  Turns();
}

TEST_F(WithdrawTest, TheStatusCountsAndRanks) {
  Open(&client_);
  Open(&other_);
  Say(&client_, kAll);
  Say(&other_, R"({"type":"subscribe","symbols":["A"]})");
  std::vector<uint32_t> counts;
  size_t at = 0;
  do {
    at = fanout.CountSubscribers(at, 1, &counts);
  } while (at < counts.size());
  EXPECT_EQ(counts, (std::vector<uint32_t>{2, 1}));
  for (int i = 0; i < 3; ++i) Bid(a, 500 + i);
  other_.slow = true;
  Pass(kSecond);
  StatusSeen seen;
  const auto next = fanout.LookForStatus(0, 1, &seen);
  ASSERT_TRUE(next.has_value());
  EXPECT_FALSE(fanout.LookForStatus(*next, 10, &seen).has_value());
  EXPECT_EQ(seen.sessions[static_cast<size_t>(TransportKind::kOther)], 2);
  EXPECT_EQ(seen.subscriptions_sampled, 3);
  EXPECT_EQ(seen.ticks, 6);
  EXPECT_GE(seen.updates, 3 + 4);
  ASSERT_EQ(seen.slow.size(), 1u);
  EXPECT_EQ(seen.slow[0].id, other_.session->id());
}

}  // namespace
}  // namespace streamhub
