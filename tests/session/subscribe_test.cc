// Requests and their answers.

#include <gtest/gtest.h>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class SubscribeTest : public ShardFixture {
 protected:
  SubscribeTest() {
    a = Add("A");
    b = Add("B");
    Open(&client);
  }

  SymbolId a, b;
  FakeClient client;
};

TEST_F(SubscribeTest, AckSnapshotAndSyncedLeaveInOneMessage) {
  Bid(a, 150);
  client.session->OnMessage(
      R"({"type":"subscribe","id":7,"symbols":["A"],"max_rate":4})");
  Turns();
  std::string epoch;
  AppendEpoch(home.market.epoch(), &epoch);
  const std::string expected =
      R"({"type":"ack","id":7,"at":")" + epoch +
      R"(.0.0","max_rate":4,"symbols":{"A":{"decimals":2,)"
      R"("quantity_decimals":0,"currency":"USD","pip":0.01,)"
      R"("name":"Name of A","feed":"test"}}})"
      "\n"
      R"({"type":"update","epoch":")" +
      epoch +
      R"(","time":1700000000000000,"quotes":{"A":{"v":2,"snapshot":true,)"
      R"("n":2,"t":1700000000000000,"quiet":false,"trading":"unknown",)"
      R"("bid":1.50,"ask":null,"last":null}}})"
      "\n"
      R"({"type":"synced","id":7})";
  EXPECT_EQ(client.TakeMessages(), std::vector<std::string>{expected});
}

TEST_F(SubscribeTest, ASubsetOfFieldsComesWithTrading) {
  EXPECT_EQ(
      Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"]})"),
      "ack max_rate=10 A\n"
      "update A{v=1 snapshot=true n=1 quiet=false trading=unknown "
      "bid=null}\n"
      "synced");
}

TEST_F(SubscribeTest, FieldsThatASymbolDoesNotHaveAreLeftOut) {
  EXPECT_EQ(Say(&client,
                R"({"type":"subscribe","symbols":["A"],
                        "fields":["bid2","last"]})"),
            "ack max_rate=10 A\n"
            "update A{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "last=null}\n"
            "synced");
}

TEST_F(SubscribeTest, TheAckTellsTheStepOfTheLadder) {
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","symbols":["NEW"],
                                 "max_rate":7})"),
            "ack max_rate=5 NEW{unknown=true}\nsynced");
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","symbols":["NEW"],
                                 "max_rate":"unlimited"})"),
            "ack max_rate=unlimited NEW{unknown=true}\nsynced");
}

TEST_F(SubscribeTest, SubscribingAgainReplaces) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                       "max_rate":"unlimited"})");
  EXPECT_EQ(Say(&client,
                R"({"type":"subscribe","id":2,"symbols":["A"],
                        "fields":["ask"],"max_rate":"unlimited"})"),
            "ack id=2 max_rate=unlimited A\n"
            "update A{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "ask=null}\n"
            "synced id=2");
  EXPECT_EQ(Count(Metric::kSubscriptions), 1);
  Bid(a, 150);
  EXPECT_EQ(client.Take(), "");
  Ask(a, 160);
  EXPECT_EQ(client.Take(), "update A{v=3 n=3 ask=1.60}");
}

TEST_F(SubscribeTest, TheRateChangesInPlace) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"max_rate":1})");
  Pass(kSecond);
  Bid(a, 150);
  EXPECT_EQ(client.Take(), "update A{v=2 n=2 bid=1.50}");
  Bid(a, 151);  // marked, and due in a second or so
  EXPECT_EQ(client.Take(), "");
  // What the old rate had marked is not lost, and nothing is replaced.
  EXPECT_EQ(Say(&client, R"({"type":"change","id":2,"symbols":["A"],
                                 "max_rate":"unlimited"})"),
            "ack id=2 max_rate=unlimited A\n"
            "update A{v=3 n=3 bid=1.51}\n"
            "synced id=2");
  Bid(a, 152);
  EXPECT_EQ(client.Take(), "update A{v=4 n=4 bid=1.52}");
  Pass(5 * kSecond);
  EXPECT_EQ(Count(Metric::kUpdates), 4);
}

TEST_F(SubscribeTest, FieldsChangedInPlaceAreReplaced) {
  Bid(a, 150);
  Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["ask"],
                       "max_rate":"unlimited"})");
  const std::string before = client.at;
  EXPECT_EQ(Say(&client, R"({"type":"change","id":"x","symbols":["A"],
                                 "fields":["bid"]})"),
            "ack id=x A\n"
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50}\n"
            "synced id=x");
  EXPECT_NE(client.at, before);
  EXPECT_EQ(Count(Metric::kSubscriptions), 1);
  Bid(a, 151);  // the rate is still unlimited
  EXPECT_EQ(client.Take(), "update A{v=3 n=3 bid=1.51}");
}

TEST_F(SubscribeTest, FieldsThatStayTheSameReplaceNothing) {
  Say(&client,
      R"({"type":"subscribe","symbols":["A"],"fields":["bid","ask"]})");
  const std::string before = client.at;
  EXPECT_EQ(Say(&client, R"({"type":"change","symbols":["A"],
                                 "fields":["ask","bid","trading"]})"),
            "ack A\nsynced");
  // Another list, but the token of a list with the same fields is the same.
  Say(&client, R"({"type":"change","symbols":["A"],
                       "fields":["ask","bid"]})");
  EXPECT_EQ(client.at, before);
}

TEST_F(SubscribeTest, ARequestIsDoneWholeOrNotAtAll) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                       "max_rate":"unlimited"})");
  const std::string error =
      "error id=3 code=not_subscribed "
      "reason=this session has no such subscription key=B";
  EXPECT_EQ(Say(&client, R"({"type":"change","id":3,"symbols":["A","B"],
                                 "fields":["ask"],"max_rate":1})"),
            error);
  EXPECT_EQ(
      Say(&client, R"({"type":"unsubscribe","id":3,"symbols":["A","B"]})"),
      error);
  EXPECT_EQ(Count(Metric::kRequestErrors), 2);
  Bid(a, 150);
  Bid(a, 151);
  EXPECT_EQ(client.Take(),
            "update A{v=2 n=2 bid=1.50}\n--\n"
            "update A{v=3 n=3 bid=1.51}");
}

TEST_F(SubscribeTest, UnsubscribeEndsTheUpdates) {
  Say(&client, R"({"type":"subscribe","symbols":["A","B","NEW"],
                       "max_rate":"unlimited"})");
  EXPECT_EQ(Count(Metric::kSubscriptions), 3);
  EXPECT_EQ(
      Say(&client, R"({"type":"unsubscribe","id":9,"symbols":["A","NEW"]})"),
      "ack id=9");
  EXPECT_EQ(Count(Metric::kSubscriptions), 1);
  Bid(a, 150);
  Add("NEW");
  EXPECT_EQ(client.Take(), "");
  Bid(b, 150);
  EXPECT_EQ(client.Take(), "update B{v=2 n=2 bid=1.50}");
}

TEST_F(SubscribeTest, AnUnknownSymbolIsDescribedWhenItAppears) {
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","id":5,
                                 "symbols":["A","NEW"],"fields":["bid"],
                                 "max_rate":"unlimited"})"),
            "ack id=5 max_rate=unlimited A NEW{unknown=true}\n"
            "update A{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null}\n"
            "synced id=5");
  const std::string token = client.at;
  const SymbolId id = Add("NEW");
  EXPECT_EQ(client.Take(),
            "ack id=5 max_rate=unlimited NEW\n"
            "update NEW{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "bid=null}");
  EXPECT_EQ(client.at, token);
  EXPECT_EQ(Count(Metric::kSubscriptions), 2);
  Bid(id, 150);
  EXPECT_EQ(client.Take(), "update NEW{v=2 n=2 bid=1.50}");
}

TEST_F(SubscribeTest, ASubscriptionThatWaitsCanBeChanged) {
  Say(&client, R"({"type":"subscribe","id":5,"symbols":["NEW"],
                       "fields":["bid"],"max_rate":1})");
  EXPECT_EQ(Say(&client, R"({"type":"change","id":6,"symbols":["NEW"],
                                 "fields":["ask"],"max_rate":2})"),
            "ack id=6 max_rate=2 NEW{unknown=true}\nsynced id=6");
  Add("NEW");
  EXPECT_EQ(client.Take(),
            "ack id=5 max_rate=2 NEW\n"
            "update NEW{v=1 snapshot=true n=1 quiet=false trading=unknown "
            "ask=null}");
}

TEST_F(SubscribeTest, AnArrayIsAnsweredInItsOrder) {
  EXPECT_EQ(Say(&client, R"([{"type":"ping","id":1},
                                 {"type":"dance","id":2},
                                 {"type":"unsubscribe","id":3,"symbols":["A"]},
                                 {"type":"ping","id":4}])"),
            "pong id=1\n"
            "error id=2 code=unknown_type reason=no such type of request "
            "key=dance\n"
            "error id=3 code=not_subscribed "
            "reason=this session has no such subscription key=A\n"
            "pong id=4");
}

TEST_F(SubscribeTest, WhoLeavesTakesNobodyAlong) {
  // All in one list, whose last entry moves to where one was removed.
  FakeClient clients[4];
  for (FakeClient& each : clients) {
    Open(&each);
    Say(&each, R"({"type":"subscribe","symbols":["B","A"],"fields":["bid"],
                   "max_rate":"unlimited"})");
  }
  Drop(&clients[0]);
  Say(&clients[3], R"({"type":"unsubscribe","symbols":["A"]})");
  Drop(&clients[1]);
  home.Tick(a, {{FieldId::kBid, 150}});
  home.Tick(b, {{FieldId::kBid, 150}});
  Turns();
  EXPECT_EQ(clients[2].Take(),
            "update B{v=2 n=2 bid=1.50} A{v=2 n=2 bid=1.50}");
  EXPECT_EQ(clients[3].Take(), "update B{v=2 n=2 bid=1.50}");
  Drop(&clients[2]);
  Drop(&clients[3]);
  Bid(a, 151);
  EXPECT_EQ(Count(Metric::kSubscriptions), 0);
}

TEST_F(SubscribeTest, AConnectionThatIsGoneLeavesNothingBehind) {
  Say(&client, R"({"type":"subscribe","symbols":["A","NEW"]})");
  EXPECT_EQ(Count(Metric::kSubscriptions), 2);
  Drop(&client);
  EXPECT_EQ(Count(Metric::kSubscriptions), 0);
  EXPECT_EQ(Count(Metric::kSessions), 0);
  EXPECT_EQ(fanout.session_count(), 0u);
  Add("NEW");
  Bid(a, 150);
  EXPECT_EQ(client.Take(), "");
}

}  // namespace
}  // namespace streamhub
