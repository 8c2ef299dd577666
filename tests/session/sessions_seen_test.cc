// What operators see of sessions: their ids, and which there are.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class SessionsSeenTest : public ShardFixture {
 protected:
  SessionsSeenTest() : ShardFixture(Limits(&numbers_)) {
    a = Add("A");
    Add("B");
  }

  static SessionLimits Limits(SessionNumbers* numbers) {
    SessionLimits limits;
    limits.numbers = numbers;
    return limits;
  }

  SessionNumbers numbers_{.shard = 2, .next = 116};
  SymbolId a;
};

TEST_F(SessionsSeenTest, HelloTellsTheIdThatOperatorsUse) {
  FakeClient client;
  client.session = fanout.Open(&client);
  Turns();
  ASSERT_EQ(client.messages.size(), 1u);
  EXPECT_NE(client.messages[0].find(R"("session":"2-117")"), std::string::npos);
  EXPECT_EQ(SessionText(client.session->id()), "2-117");
  EXPECT_TRUE(fanout.Knows(MakeSessionId(2, 117)));
  EXPECT_FALSE(fanout.Knows(MakeSessionId(2, 118)));
  EXPECT_FALSE(fanout.Knows(MakeSessionId(1, 117)));
  Drop(&client);
  EXPECT_FALSE(fanout.Knows(MakeSessionId(2, 117)));
}

TEST_F(SessionsSeenTest, SessionsAreListedInPieces) {
  std::vector<std::unique_ptr<FakeClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<FakeClient>(i == 4 ? Envelope::kFlat
                                                          : Envelope::kLines));
    clients.back()->as = TransportKind::kWebSocket;
    Open(clients.back().get());
  }
  home.clock.Advance(kSecond);
  Say(clients[1].get(), R"({"type":"subscribe","symbols":["A","B","C"],
                             "max_rate":"unlimited"})");
  clients[1]->slow = true;
  Bid(a, 150);
  std::vector<SessionSeen> seen;
  auto next = fanout.LookAtSessions(0, 2, std::nullopt, &seen);
  EXPECT_EQ(seen.size(), 2u);
  ASSERT_TRUE(next.has_value());
  next = fanout.LookAtSessions(*next, 3, std::nullopt, &seen);
  EXPECT_FALSE(next.has_value());
  ASSERT_EQ(seen.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(seen[i].id, clients[i]->session->id());
    EXPECT_EQ(seen[i].encoding, i == 4 ? Encoding::kFlat : Encoding::kJson);
    EXPECT_EQ(seen[i].transport, TransportKind::kWebSocket);
    EXPECT_EQ(seen[i].since_ns, home.clock.WallNs() - kSecond);
  }
  EXPECT_EQ(seen[1].subscriptions, 3u);  // C, which is to come, among them
  EXPECT_EQ(seen[1].messages, 3u);
  EXPECT_EQ(seen[1].last_sent_ns, home.clock.WallNs());
  EXPECT_TRUE(seen[1].waiting);
  EXPECT_EQ(seen[0].messages, 1u);
  EXPECT_EQ(seen[0].subscriptions, 0u);
  EXPECT_EQ(seen[0].last_sent_ns, home.clock.WallNs() - kSecond);
  EXPECT_FALSE(seen[0].waiting);
  EXPECT_GT(seen[1].bytes, seen[0].bytes);

  seen.clear();
  EXPECT_FALSE(fanout.LookAtSessions(0, 10, "A", &seen).has_value());
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].id, clients[1]->session->id());
  seen.clear();
  EXPECT_FALSE(fanout.LookAtSessions(0, 10, "NONE", &seen).has_value());
  EXPECT_TRUE(seen.empty());
  for (auto& client : clients) Drop(client.get());
}

}  // namespace
}  // namespace streamhub
