// The attacks of bench/attack.sh in small: whoever behaves is served meanwhile,
// and afterwards nothing is left behind. Times are for the bench to measure.

#include <dirent.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "bench/attack/attack.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using attack::Kind;

size_t OpenDescriptors() {
  size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

struct Case {
  const char* name;
  Kind kind;
  int connections;
  double per_second;
  int64_t bytes_max;
};

class AttackTest : public testing::TestWithParam<Case> {};

TEST_P(AttackTest, TheOthersAreServedAndNothingIsLeft) {
  Config config = TestConfig();
  config.trusted_addresses = {"127.0.0.1"};
  config.handshake_ms = 500;
  TestGateway gateway(config);
  const SymbolId id = gateway.Define({"A"})[0];
  StreamClient healthy(StreamClient::Kind::kWebSocket, gateway.port(),
                       "?symbols=A&max_rate=unlimited");
  ASSERT_TRUE(healthy.Await("synced").has_value());
  const size_t before = OpenDescriptors();

  const Case& c = GetParam();
  std::atomic<bool> enough{false};
  attack::Tally tally;
  std::thread attacker([&] {
    tally = attack::Run({.kind = c.kind,
                         .port = gateway.port(),
                         .connections = c.connections,
                         .connects_per_second = c.per_second,
                         .seconds = 10,
                         .bytes_max = c.bytes_max,
                         .stop = [&] { return enough.load(); }});
  });
  // It is under way once the gateway has seen it.
  EXPECT_TRUE(gateway.AwaitAtLeast("connections_accepted_total", 50));
  for (int i = 1; i <= 100; ++i) {
    gateway.Tick(id, {{FieldId::kBid, i}});
    ASSERT_TRUE(healthy.AwaitState([i](const HeldMarket& held) {
      const std::string cents = std::to_string(100 + i).substr(1);
      return held.quotes.at("A").fields.at("bid") ==
             std::to_string(i / 100) + '.' + cents;
    }));
    // A stranger who behaves gets in, too: from another address.
    if (i % 25 == 0) {
      EXPECT_EQ(Get(gateway.port(), "/v1/symbols").status, 200);
    }
  }
  enough = true;
  attacker.join();
  EXPECT_GE(tally.connects, 30);
  EXPECT_TRUE(gateway.AwaitMetric("sessions", 1));
  EXPECT_TRUE(gateway.AwaitMetric("subscriptions", 1));
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (OpenDescriptors() > before &&
         std::chrono::steady_clock::now() < deadline) {
    gateway.MetricOf("sessions");
  }
  EXPECT_LE(OpenDescriptors(), before);
}

INSTANTIATE_TEST_SUITE_P(
    All, AttackTest,
    testing::Values(Case{"Slowloris", Kind::kSlowloris, 150, 500, 0},
                    Case{"Connects", Kind::kConnects, 300, 500, 0},
                    Case{"Churn", Kind::kChurn, 50, 500, 0},
                    Case{"Garbage", Kind::kGarbage, 20, 500, 0}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace streamhub
