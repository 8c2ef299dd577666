// Delivery rules 3 and 4: for what a cursor holds that a client brings along.

#include <gtest/gtest.h>

#include <string>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

// A is at version 3: a bid of version 2, an ask of version 3.
class ResumeTest : public ShardFixture {
 protected:
  ResumeTest() {
    a = Add("A");
    b = Add("B");
    Bid(a, 150);
    Ask(a, 160);
    token = TokenFor("");
  }

  // The token that a client is told for a subscription with `fields`.
  std::string TokenFor(const std::string& fields) {
    FakeClient client;
    Open(&client);
    Say(&client, R"({"type":"subscribe","symbols":["A"])" + fields + "}");
    Drop(&client);
    return client.at;
  }

  // What a new connection gets that brings along `symbols` and `at`.
  std::string Resume(const std::string& symbols, const std::string& at,
                     const std::string& fields = "") {
    FakeClient client;
    Open(&client);
    const std::string answer =
        Say(&client, R"({"type":"subscribe","symbols":[)" + symbols + "]" +
                         (at.empty() ? "" : R"(,"at":")" + at + '"') + fields +
                         "}");
    Drop(&client);
    return answer;
  }

  SymbolId a, b;
  std::string token;
};

constexpr char kSnapshot[] =
    "ack max_rate=10 A\n"
    "update A{v=3 snapshot=true n=3 quiet=false trading=unknown bid=1.50 "
    "ask=1.60 last=null}\n"
    "synced";

// --- rule 3 ---

TEST_F(ResumeTest, WhatChangedSinceIsMerged) {
  EXPECT_EQ(Resume(R"("A@2")", token),
            "ack max_rate=10 A\n"
            "update A{v=3 n=3 quiet=false ask=1.60}\n"
            "synced");
}

TEST_F(ResumeTest, AClientThatHoldsAllIsToldOnlyHowFreshItIs) {
  EXPECT_EQ(Resume(R"("A@3")", token),
            "ack max_rate=10 A\n"
            "update A{v=3 n=3 quiet=false}\n"
            "synced");
  EXPECT_EQ(Count(Metric::kSnapshots), 1);  // of the client of the token
}

TEST_F(ResumeTest, EachSymbolHasACursorOfItsOwn) {
  EXPECT_EQ(Resume(R"("A@2","B")", token),
            "ack max_rate=10 A B\n"
            "update A{v=3 n=3 quiet=false ask=1.60} "
            "B{v=1 snapshot=true n=1 quiet=false trading=unknown bid=null "
            "ask=null last=null}\n"
            "synced");
}

TEST_F(ResumeTest, AVersionWithoutATokenIsWorthNothing) {
  EXPECT_EQ(Resume(R"("A@2")", ""), kSnapshot);
}

TEST_F(ResumeTest, ATokenWithoutAVersionIsWorthNothing) {
  EXPECT_EQ(Resume(R"("A")", token), kSnapshot);
  EXPECT_EQ(Resume(R"("A@0")", token), kSnapshot);
}

TEST_F(ResumeTest, TheTokenMustBeThisOne) {
  EXPECT_EQ(Resume(R"("A@2")", "1.0.0"), kSnapshot);
  EXPECT_EQ(Resume(R"("A@2")", token + "0"), kSnapshot);
  EXPECT_EQ(Resume(R"("A@2")", token.substr(0, token.size() - 1)), kSnapshot);
  EXPECT_EQ(Resume(R"("A@2")", "x"), kSnapshot);
}

TEST_F(ResumeTest, TheFieldsMustBeThoseOfTheToken) {
  EXPECT_EQ(Resume(R"("A@2")", TokenFor(R"(,"fields":["bid"])")), kSnapshot);
  EXPECT_EQ(Resume(R"("A@2")", token, R"(,"fields":["ask"])"),
            "ack max_rate=10 A\n"
            "update A{v=3 snapshot=true n=3 quiet=false trading=unknown "
            "ask=1.60}\n"
            "synced");
}

TEST_F(ResumeTest, TheOrderOfTheFieldsDoesNotMatter) {
  EXPECT_EQ(Resume(R"("A@2")", TokenFor(R"(,"fields":["bid","ask"])"),
                   R"(,"fields":["ask","bid"])"),
            "ack max_rate=10 A\n"
            "update A{v=3 n=3 quiet=false ask=1.60}\n"
            "synced");
}

TEST_F(ResumeTest, AVersionFromTheFutureIsWorthNothing) {
  EXPECT_EQ(Resume(R"("A@4")", token), kSnapshot);
  EXPECT_EQ(Resume(R"("A@18446744073709551615")", token), kSnapshot);
}

TEST_F(ResumeTest, AVersionThatIsReachedAfterTheRequestWasFromTheFuture) {
  FakeClient client;
  Open(&client);
  client.session->OnMessage(R"({"type":"subscribe","symbols":["A@4"],"at":")" +
                            token + "\"}");
  home.Tick(a, {{FieldId::kBid, 151}});  // A is at version 4 now
  Turns();
  EXPECT_EQ(client.Take(),
            "ack max_rate=10 A\n"
            "update A{v=4 snapshot=true n=4 quiet=false trading=unknown "
            "bid=1.51 ask=1.60 last=null}\n"
            "synced");
}

TEST_F(ResumeTest, AnotherEpochReplaces) {
  home.publisher.StartEpoch();
  Turns();
  EXPECT_EQ(Resume(R"("A@3")", token),
            "ack max_rate=10 A\n"
            "update A{v=5 snapshot=true n=4 quiet=false trading=unknown "
            "bid=null ask=null last=null}\n"
            "synced");
}

TEST_F(ResumeTest, AnEpochThatStartsBeforeTheFirstUpdateReplaces) {
  FakeClient client;
  Open(&client);
  client.session->OnMessage(R"({"type":"subscribe","symbols":["A@3"],"at":")" +
                            token + "\"}");
  home.publisher.StartEpoch();
  Turns();
  EXPECT_EQ(client.Take(),
            "ack max_rate=10 A\n"
            "update A{v=5 snapshot=true n=4 quiet=false trading=unknown "
            "bid=null ask=null last=null}\n"
            "synced");
}

TEST_F(ResumeTest, AnEpochThatStartsWhileAWriteIsOutstandingReplaces) {
  FakeClient client;
  Open(&client);
  client.slow = true;
  Say(&client, R"({"type":"ping"})");
  client.session->OnMessage(R"({"type":"subscribe","symbols":["A@3"],"at":")" +
                            token + "\"}");
  home.publisher.StartEpoch();
  Turns();
  // Asked for again with the old token, when the shard knows the new epoch.
  client.session->OnMessage(R"({"type":"subscribe","symbols":["A@3"],"at":")" +
                            token + "\"}");
  Written(&client);
  const std::string answer = client.Take();
  EXPECT_NE(answer.find("update A{v=5 snapshot=true n=4"), answer.npos)
      << answer;
  EXPECT_EQ(answer.find("update"), answer.rfind("update")) << answer;
}

// --- rule 4 ---

TEST_F(ResumeTest, WhatWasSentToADeadConnectionDoesNotCount) {
  FakeClient dead;
  Open(&dead);
  Say(&dead, R"({"type":"subscribe","symbols":["A"],
                     "max_rate":"unlimited"})");
  dead.slow = true;
  Bid(a, 151);  // version 4: sent, and never arrived
  EXPECT_EQ(dead.Take(), "update A{v=4 n=4 bid=1.51}");
  Drop(&dead);
  EXPECT_EQ(Resume(R"("A@3")", token),
            "ack max_rate=10 A\n"
            "update A{v=4 n=4 quiet=false bid=1.51}\n"
            "synced");
}

TEST_F(ResumeTest, ALivingSessionThatAsksAgainIsServedFromWhatItSays) {
  FakeClient client;
  Open(&client);
  Say(&client, R"({"type":"subscribe","symbols":["A"]})");
  const std::string again =
      R"({"type":"subscribe","symbols":["A@2"],"at":")" + client.at + "\"}";
  EXPECT_EQ(Say(&client, again),
            "ack max_rate=10 A\n"
            "update A{v=3 n=3 quiet=false ask=1.60}\n"
            "synced");
}

TEST_F(ResumeTest, ATokenOfAChangeHoldsForItsFields) {
  FakeClient client;
  Open(&client);
  Say(&client, R"({"type":"subscribe","symbols":["A"]})");
  Say(&client, R"({"type":"change","symbols":["A"],"fields":["ask"]})");
  EXPECT_EQ(Resume(R"("A@2")", client.at, R"(,"fields":["ask"])"),
            "ack max_rate=10 A\n"
            "update A{v=3 n=3 quiet=false ask=1.60}\n"
            "synced");
}

}  // namespace
}  // namespace streamhub
