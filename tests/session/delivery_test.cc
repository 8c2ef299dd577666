// The delivery rules of ARCHITECTURE.md that concern living sessions: 1, 2, 5,
// 6 and 7, and when an update is sent. (3 and 4 are in resume_test.cc.)

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/session/shard_fixture.h"
#include "tests/support/stuck_writer.h"

namespace streamhub {
namespace {

class DeliveryTest : public ShardFixture {
 protected:
  DeliveryTest() {
    a = Add("A");
    b = Add("B");
    Open(&client);
  }

  SymbolId a, b;
  FakeClient client;
};

// --- rule 1 ---

TEST_F(DeliveryTest, ACursorMovesOnlyWithAnUpdate) {
  FakeClient events(Envelope::kSse);  // its event ids tell the cursors
  Open(&events);
  events.session->OnMessage(R"({"type":"subscribe","symbols":["A","B"],
                                "fields":["bid"],"max_rate":"unlimited"})");
  Turns();
  events.messages.clear();
  for (int i = 0; i < 5; ++i) Ask(a, 160 + i);
  EXPECT_TRUE(events.messages.empty());

  Pass(kSecond);
  Bid(b, 150);
  ASSERT_EQ(events.messages.size(), 1u);
  EXPECT_NE(events.messages[0].find(";A@1,B@2\n"), std::string::npos)
      << events.messages[0];
  events.messages.clear();

  Pass(kSecond);
  Bid(a, 150);
  ASSERT_EQ(events.messages.size(), 1u);
  EXPECT_NE(events.messages[0].find(R"("A":{"v":7,"n":7,)"), std::string::npos)
      << events.messages[0];
  EXPECT_NE(events.messages[0].find(";A@7,B@2\n"), std::string::npos)
      << events.messages[0];
}

// --- rule 2 ---

TEST_F(DeliveryTest, NothingIsBuiltWhileAWriteIsOutstanding) {
  Say(&client,
      R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
  client.slow = true;
  Bid(a, 150);
  EXPECT_EQ(client.Take(), "update A{v=2 n=2 bid=1.50}");
  const int64_t built = Count(Metric::kFramesBuilt);
  Bid(a, 151);
  Ask(a, 160);
  Bid(a, 152);
  EXPECT_EQ(client.Take(), "");
  EXPECT_EQ(Count(Metric::kFramesBuilt), built);
  EXPECT_EQ(Count(Metric::kFlushesSkipped), 3);

  // One update tells what the three ticks came to.
  Written(&client);
  EXPECT_EQ(client.Take(), "update A{v=5 n=5 bid=1.52 ask=1.60}");
  Written(&client);
  EXPECT_EQ(client.Take(), "");
}

TEST_F(DeliveryTest, AnswersWaitForTheOutstandingWrite) {
  client.slow = true;
  EXPECT_EQ(Say(&client, R"({"type":"ping","id":1})"), "pong id=1");
  EXPECT_EQ(Say(&client, R"({"type":"ping","id":2})"), "");
  EXPECT_EQ(Say(&client, R"({"type":"ping","id":3})"), "");
  Written(&client);
  EXPECT_EQ(client.Take(), "pong id=2\npong id=3");
}

// --- rule 5 ---

TEST_F(DeliveryTest, TheFirstUpdateReplacesAndTheNextOnesMerge) {
  Bid(a, 150);
  EXPECT_EQ(Say(&client, R"({"type":"subscribe","symbols":["A"],
                                 "max_rate":"unlimited"})"),
            "ack max_rate=unlimited A\n"
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50 ask=null last=null}\n"
            "synced");
  Ask(a, 160);
  EXPECT_EQ(client.Take(), "update A{v=3 n=3 ask=1.60}");
  home.Tick(a, {{FieldId::kBid, kEmpty}, {FieldId::kLast, 155}});
  Turns();
  EXPECT_EQ(client.Take(), "update A{v=4 n=4 bid=null last=1.55}");
}

TEST_F(DeliveryTest, ANewEpochReplacesWhatLivingSessionsHold) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                   "max_rate":1})");
  Bid(a, 150);
  client.TakeMessages();
  home.publisher.StartEpoch();
  Turns();  // at once, though the next beat is most of a second away
  const std::vector<std::string> messages = client.TakeMessages();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(Brief(messages[0]),
            "update A{v=4 snapshot=true n=3 quiet=false trading=unknown "
            "bid=null}");
  std::string epoch;
  AppendEpoch(home.market.epoch(), &epoch);
  EXPECT_EQ(LastText(messages[0], "epoch"), epoch);
}

// Versions compare only within an epoch, whichever feed began it.
TEST_F(DeliveryTest, ANewEpochReplacesWhatDidNotTick) {
  Bid(a, 150);
  Say(&client, R"({"type":"subscribe","symbols":["A"],"fields":["bid"],
                   "max_rate":"unlimited"})");
  home.market.StartEpoch();
  Turns();
  EXPECT_EQ(client.Take(),
            "update A{v=2 snapshot=true n=2 quiet=false trading=unknown "
            "bid=1.50}");
}

// --- rule 6 ---

TEST_F(DeliveryTest, TheLastTickBeforeASilenceArrivesAtEveryRate) {
  for (const char* const rate : {"100", "10", "1", "0.2", "\"unlimited\""}) {
    FakeClient other;
    Open(&other);
    Say(&other, std::string(R"({"type":"subscribe","symbols":["A"],
                                    "fields":["bid"],"max_rate":)") +
                    rate + "}");
    // Twice, so that the second falls between the beats.
    Bid(a, 150);
    Pass(kMillisecond);
    Bid(a, 151);
    Pass(10 * kSecond);
    std::string last;
    for (const std::string& message : other.TakeMessages()) {
      const std::string brief = Brief(message);
      if (brief.find("bid=") != brief.npos) last = brief;
    }
    EXPECT_NE(last.find("bid=1.51"), last.npos) << rate << ": " << last;
    Drop(&other);
  }
}

// --- rule 7 ---

TEST_F(DeliveryTest, ATickThatChangesNothingIsCountedAndNotSent) {
  Say(&client,
      R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
  Bid(a, 150);
  EXPECT_EQ(client.Take(), "update A{v=2 n=2 bid=1.50}");
  Bid(a, 150);
  Bid(a, 150);
  EXPECT_EQ(client.Take(), "");
  Bid(a, 151);  // the next version, the third tick since
  EXPECT_EQ(client.Take(), "update A{v=3 n=5 bid=1.51}");
}

// --- when ---

TEST_F(DeliveryTest, UnlimitedIsServedInTheTurnOfTheTick) {
  Say(&client,
      R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
  for (int i = 0; i < 10; ++i) {
    home.Tick(a, {{FieldId::kBid, 200 + i}});
    fanout.Turn();
    EXPECT_EQ(client.TakeMessages().size(), 1u);
  }
}

TEST_F(DeliveryTest, ARateFoldsTheTicksBetweenItsBeats) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"max_rate":10})");
  for (int i = 0; i < 1000; ++i) {
    Bid(a, 1000 + i);
    Pass(kMillisecond);
  }
  // The beats of a second, and the one with which it began.
  const int64_t sent = Count(Metric::kUpdates) - Count(Metric::kSnapshots);
  EXPECT_GE(sent, 10);
  EXPECT_LE(sent, 11);
  Pass(kSecond);
  const std::string all = client.Take();
  EXPECT_TRUE(all.ends_with("update A{v=1001 n=1001 bid=19.99}")) << all;
}

TEST_F(DeliveryTest, BeatsThatTheShardMissedAreCountedNotMadeUpFor) {
  Say(&client, R"({"type":"subscribe","symbols":["A"],"max_rate":10})");
  Bid(a, 150);
  Bid(a, 151);
  client.TakeMessages();
  home.clock.Advance(kSecond);  // and no turn
  Turns();
  EXPECT_EQ(client.Take(), "update A{v=3 n=3 bid=1.51}");
  EXPECT_GE(Count(Metric::kBeatsOverrun), 8);
}

TEST_F(DeliveryTest, ASymbolThatIsBeingWrittenIsAskedForAgain) {
  Say(&client, R"({"type":"subscribe","symbols":["A","B"],
                       "fields":["bid"],"max_rate":"unlimited"})");
  home.Tick(a, {{FieldId::kBid, 150}});
  home.Tick(b, {{FieldId::kBid, 150}});
  StuckWriter::Enter(home.market.cache(), a);
  EXPECT_TRUE(fanout.Turn());
  EXPECT_EQ(client.Take(), "update B{v=2 n=2 bid=1.50}");
  EXPECT_TRUE(fanout.Turn());
  EXPECT_EQ(client.Take(), "");
  StuckWriter::Leave(home.market.cache(), a);
  EXPECT_FALSE(fanout.Turn());
  EXPECT_EQ(client.Take(), "update A{v=2 n=2 bid=1.50}");
}

TEST_F(DeliveryTest, ATurnThatTookLongGoesOnAfterOthersHadTheirTurn) {
  FakeClient second;
  Open(&second);
  for (FakeClient* const each : {&client, &second}) {
    Say(each, R"({"type":"subscribe","symbols":["A"],"max_rate":"unlimited"})");
    each->on_send = [this] { home.clock.Advance(2 * kMillisecond); };
  }
  home.Tick(a, {{FieldId::kBid, 150}});
  EXPECT_TRUE(fanout.Turn());
  EXPECT_EQ(client.Take() + second.Take(), "update A{v=2 n=2 bid=1.50}");
  EXPECT_LE(fanout.NextDeadline(), home.clock.MonoNs());
  EXPECT_EQ(Count(Metric::kTurnsCut), 1);
  EXPECT_FALSE(fanout.Turn());
  EXPECT_EQ(client.Take() + second.Take(), "update A{v=2 n=2 bid=1.50}");
}

}  // namespace
}  // namespace streamhub
