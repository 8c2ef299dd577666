// How a shard's clients are moved elsewhere: in slices, each told when to come
// back; and the limits that change while they are there.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "gateway/session/drain_plan.h"
#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

constexpr int64_t kBegin = 1000 * kSecond;

// How many are closed in each slice of a drain, and when the last one is.
std::vector<size_t> Slices(const DrainPlan& plan, size_t sessions,
                           int64_t* last_ns) {
  std::vector<size_t> slices;
  size_t closed = 0;
  for (int64_t at = kBegin; closed < sessions; at = plan.NextAfter(at)) {
    slices.push_back(plan.DueAt(at) - closed);
    closed = plan.DueAt(at);
    *last_ns = at;
    if (slices.size() > 10'000) break;
  }
  return slices;
}

TEST(DrainPlanTest, ClientsAreSpreadOverSevenTenthsOfTheTime) {
  for (const int64_t drain_ns : {kSecond, 5 * kSecond, 60 * kSecond}) {
    constexpr size_t kClients = 100'000;
    const DrainPlan plan(kBegin, drain_ns, kClients, 1);
    int64_t last_ns = 0;
    const auto slices = Slices(plan, kClients, &last_ns);
    EXPECT_LE(last_ns - kBegin, drain_ns * 7 / 10);
    EXPECT_GE(last_ns - kBegin, drain_ns * 6 / 10);
    // No slice is much more than its share.
    const size_t most = *std::max_element(slices.begin(), slices.end());
    EXPECT_LE(most, 2 * kClients / slices.size());
    EXPECT_GE(slices.size(), 30u);
  }
}

TEST(DrainPlanTest, AFewClientsAreNotStrungOut) {
  constexpr size_t kClients = 50;
  const DrainPlan plan(kBegin, 600 * kSecond, kClients, 1);
  int64_t last_ns = 0;
  Slices(plan, kClients, &last_ns);
  EXPECT_LE(last_ns - kBegin, 100 * kMillisecond);
  EXPECT_EQ(DrainPlan(kBegin, 600 * kSecond, 1, 1).DueAt(kBegin), 1u);
  EXPECT_EQ(DrainPlan(kBegin, 600 * kSecond, 0, 1).DueAt(kBegin), 0u);
}

TEST(DrainPlanTest, TheyComeBackAtRandomBeforeTheDeadline) {
  DrainPlan plan(kBegin, 5 * kSecond, 1000, 7);
  std::vector<int> tenths(10);
  for (int i = 0; i < 10'000; ++i) {
    const int after_ms = plan.AfterMs();
    ASSERT_GE(after_ms, 0);
    ASSERT_LE(after_ms, 1000);
    ++tenths[static_cast<size_t>(std::min(after_ms / 100, 9))];
  }
  for (const int tenth : tenths) EXPECT_NEAR(tenth, 1000, 200);
}

TEST(DrainPlanTest, WithoutADrainAllGoAtOnceAndComeBackOneAfterTheOther) {
  constexpr size_t kClients = 20'000;
  DrainPlan plan(kBegin, 0, kClients, 7);
  EXPECT_EQ(plan.DueAt(kBegin), kClients);
  int least = 1'000'000, most = 0;
  for (int i = 0; i < 10'000; ++i) {
    const int after_ms = plan.AfterMs();
    least = std::min(least, after_ms);
    most = std::max(most, after_ms);
  }
  EXPECT_GE(least, 1000);
  EXPECT_LT(least, 1200);
  EXPECT_GT(most, 20'000);
  EXPECT_LE(most, 21'000);
}

class DrainTest : public ShardFixture {
 protected:
  DrainTest() : ShardFixture(Limits()), a(Add("A")) {}

  static SessionLimits Limits() {
    SessionLimits limits;
    limits.subscriptions_max = 2;
    return limits;
  }

  SymbolId a;
};

TEST_F(DrainTest, TheNextOnesAreToldInTheirOrderAndTheOthersServed) {
  std::vector<std::unique_ptr<FakeClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<FakeClient>());
    Open(clients.back().get());
    Say(clients.back().get(), R"({"type":"subscribe","symbols":["A"],
                                  "max_rate":"unlimited"})");
    clients.back()->Take();
  }
  int told = 0;
  const auto after_ms = [&told] { return 100 + told++; };
  EXPECT_EQ(fanout.CloseNext(2, CloseReason::kServerStopping, after_ms), 2u);
  Turns();
  EXPECT_EQ(clients[0]->Take(),
            "closing code=4001 reason=server stopping retry=true after_ms=100");
  EXPECT_EQ(clients[1]->Take(),
            "closing code=4001 reason=server stopping retry=true after_ms=101");
  Bid(a, 150);
  EXPECT_EQ(clients[1]->Take(), "");
  for (int i = 2; i < 5; ++i) {
    EXPECT_EQ(clients[static_cast<size_t>(i)]->Take(),
              "update A{v=2 n=2 bid=1.50}");
  }

  // One goes by itself: it is not counted as one that was told.
  clients[2]->session->OnClosed();
  Turns();
  EXPECT_EQ(fanout.CloseNext(9, CloseReason::kServerStopping, after_ms), 2u);
  EXPECT_EQ(fanout.CloseNext(9, CloseReason::kServerStopping, after_ms), 0u);
  Turns();
  EXPECT_EQ(clients[4]->Take(),
            "closing code=4001 reason=server stopping retry=true after_ms=103");
  EXPECT_EQ(clients[4]->closed, CloseReason::kServerStopping);
}

// By itself EventSource comes back after what `retry` says.
TEST_F(DrainTest, EventSourceIsToldInItsOwnWords) {
  FakeClient client(Envelope::kSse);
  Open(&client);
  client.session->Close(CloseReason::kServerStopping, 740);
  Turns();
  ASSERT_EQ(client.messages.size(), 1u);
  EXPECT_EQ(
      client.messages[0].rfind("retry: 740\ndata: {\"type\":\"closing\"", 0),
      0u)
      << client.messages[0];
}

TEST_F(DrainTest, OtherLimitsHoldForWhatIsAskedFromThenOn) {
  FakeClient client;
  Open(&client);
  const auto subscribe = [&](std::string_view names) {
    return Say(&client, R"({"type":"subscribe","symbols":[)" +
                            std::string(names) + "]}");
  };
  EXPECT_NE(subscribe(R"("X","Y","Z")").find("too_many_subscriptions"),
            std::string::npos);
  SessionLimits limits = Limits();
  limits.subscriptions_max = 3;
  limits.default_rate = 1;
  fanout.Relimit(limits);
  EXPECT_NE(subscribe(R"("A","Y","Z")").find("max_rate=1"), std::string::npos);
  limits.subscriptions_max = 1;
  limits.write_stall_ns_max = kSecond;
  fanout.Relimit(limits);
  EXPECT_NE(subscribe(R"("B")").find("too_many_subscriptions"),
            std::string::npos);
  // Who has more keeps them.
  client.slow = true;
  Bid(a, 150);
  EXPECT_NE(client.Take().find("bid=1.50"), std::string::npos);
  Pass(2 * kSecond);
  EXPECT_EQ(client.closed, CloseReason::kWriteStalled);
}

}  // namespace
}  // namespace streamhub
