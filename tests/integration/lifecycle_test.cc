// How a gateway starts and stops: what is in its way is named, clients are told
// when it goes, and a storm of connects does not hold up who is there.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using Kind = StreamClient::Kind;

// The error of a start that must fail, in one line.
std::string ErrorOf(const Config& config) {
  auto started =
      Gateway::Start(config, {}, Puppet::MakeFeed(std::make_shared<Puppet>()));
  if (started.ok()) return "it started";
  const std::string message(started.status().message());
  EXPECT_EQ(message.find('\n'), message.npos) << message;
  return message;
}

TEST(StartTest, PortInUseIsNamed) {
  for (const int threads : {1, 3}) {
    Config first = TestConfig();
    first.threads = threads;
    const TestGateway gateway(first);
    Config config = TestConfig();
    config.threads = threads;
    config.port = gateway.port();
    EXPECT_EQ(ErrorOf(config).rfind(
                  "--port " + std::to_string(gateway.port()) + ": ", 0),
              0u)
        << ErrorOf(config);
    // By somebody else, who knows nothing of SO_REUSEPORT.
    config.port = gateway.gateway->admin_port();
    EXPECT_EQ(ErrorOf(config).rfind("--port ", 0), 0u) << ErrorOf(config);
    config.port = 0;
    config.admin_port = gateway.port();
    EXPECT_EQ(ErrorOf(config).rfind("--admin-port ", 0), 0u) << ErrorOf(config);
    // Who was refused has disturbed nobody.
    EXPECT_EQ(Get(gateway.port(), "/v1/quotes?symbols=A").status, 200);
  }
}

TEST(StartTest, AddressThatIsNotOursIsNamed) {
  for (const char* address : {"localhost", "203.0.113.7", "1.2.3"}) {
    for (const int port : {0, 18080}) {
      Config config = TestConfig();
      config.listen = address;
      config.port = port;
      EXPECT_EQ(
          ErrorOf(config).rfind("--listen " + std::string(address) + ": ", 0),
          0u)
          << ErrorOf(config);
    }
    Config config = TestConfig();
    config.admin_listen = address;
    EXPECT_EQ(ErrorOf(config).rfind("--admin-listen ", 0), 0u)
        << ErrorOf(config);
  }
}

TEST(StartTest, PortIsFreeAgainAfterAStop) {
  Config config = TestConfig();
  for (int i = 0; i < 3; ++i) {
    TestGateway gateway(config);
    config.port = gateway.port();
    StreamClient client(Kind::kWebSocket, gateway.port());
    EXPECT_TRUE(client.Await("hello").has_value());
  }
}

TEST(StopTest, ClientsAreToldAndClosed) {
  Config config = TestConfig();
  config.threads = 3;
  auto gateway = std::make_unique<TestGateway>(config);
  gateway->Define({"A"});
  std::vector<StreamClient> clients;
  for (int i = 0; i < 10; ++i) {
    // Polls have a test of their own.
    const Kind kind = StreamClient::kEndless[i % 3];
    clients.emplace_back(kind, gateway->port(), "?symbols=A");
    ASSERT_TRUE(clients.back().Await("synced").has_value());
  }
  const auto begin = steady_clock::now();
  std::thread stop([&] { gateway.reset(); });
  for (size_t i = 0; i < clients.size(); ++i) {
    const auto closing = clients[i].Await("closing");
    ASSERT_TRUE(closing.has_value());
    EXPECT_EQ(closing->Int("code"), 4001);
    EXPECT_EQ(closing->Text("retry"), "true");
    EXPECT_TRUE(clients[i].AwaitEnd());
    EXPECT_FALSE(clients[i].was_reset());
    if (StreamClient::IsWebSocket(clients[i].kind())) {
      EXPECT_EQ(clients[i].close_code(), 4001);
    }
    const Kind kind = clients[i].kind();
    EXPECT_EQ(clients[i].saw_last_chunk(),
              kind == Kind::kStream || kind == Kind::kStreamFlat);
    clients[i].socket().Close();
  }
  stop.join();
  if (!kSanitized) {
    EXPECT_LT(steady_clock::now() - begin, seconds(2));
  }
}

// Neither one that does not read, nor one that does not hang up, nor one that
// has not said what it wants.
TEST(StopTest, NobodyHoldsItUp) {
  Config config = TestConfig();
  config.threads = 2;
  auto gateway = std::make_unique<TestGateway>(config);
  const auto names = Names(500);
  const auto ids = gateway->Define(names);
  std::vector<StreamClient> clients;
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back(Kind::kWebSocket, gateway->port());
    ASSERT_TRUE(clients.back().Send(SubscribeText(names)));
    ASSERT_TRUE(clients.back().Await("synced").has_value());
  }
  LoopbackSocket silent(gateway->port());
  ASSERT_TRUE(silent.connected());
  // Ticks go on until a write is stuck.
  const int64_t blocked = gateway->MetricOf("writes_blocked_total");
  auto done = std::make_shared<std::atomic<bool>>(false);
  gateway->puppet->Start([ids, done](Publisher& publisher) {
    for (int64_t value = 1; !done->load(); ++value) {
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id, {{FieldId::kBid, value}}, 0);
      }
      publisher.EndBatch();
    }
  });
  EXPECT_TRUE(gateway->AwaitAtLeast("writes_blocked_total", blocked + 6));
  const auto begin = steady_clock::now();
  std::thread release([done, begin] {
    while (steady_clock::now() < begin + seconds(1)) std::this_thread::yield();
    done->store(true);
  });
  gateway.reset();
  release.join();
  EXPECT_LT(steady_clock::now() - begin, seconds(kSanitized ? 8 : 4));
}

// The kernel spreads connections over the shards as it likes.
TEST(LimitTest, SessionsCountForAllShardsTogether) {
  constexpr size_t kMax = 8;
  Config config = TestConfig();
  config.threads = 4;
  config.sessions_max = kMax;
  TestGateway gateway(config);
  std::vector<StreamClient> clients;
  for (size_t i = 0; i < kMax; ++i) {
    clients.emplace_back(Kind::kSse, gateway.port(), "?symbols=A");
    ASSERT_TRUE(clients.back().Await("hello").has_value()) << i;
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(Get(gateway.port(), "/v1/stream?symbols=A").status, 503);
  }
  clients.pop_back();
  ASSERT_TRUE(gateway.AwaitMetric("sessions", kMax - 1));
  StreamClient again(Kind::kSse, gateway.port(), "?symbols=A");
  EXPECT_TRUE(again.Await("hello").has_value());
}

TEST(StormTest, AllGetTheirSnapshotWhileABroadcastRuns) {
  constexpr int kClients = kSanitized ? 300 : 2000;
  TestGateway gateway;
  const auto names = Names(20);
  const auto ids = gateway.Define(names);
  StreamClient first(Kind::kWebSocket, gateway.port());
  first.Send(SubscribeText(names));
  auto done = std::make_shared<std::atomic<bool>>(false);
  gateway.puppet->Start([ids, done](Publisher& publisher) {
    for (int64_t value = 1; !done->load(); ++value) {
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id, {{FieldId::kBid, value}}, 0);
      }
      publisher.EndBatch();
      std::this_thread::yield();
    }
  });
  const auto begin = steady_clock::now();
  std::vector<StreamClient> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    const Kind kind = i % 4 == 3 ? Kind::kSse : Kind::kWebSocket;
    clients.emplace_back(kind, gateway.port(),
                         "?max_rate=2&symbols=" + Joined(names));
    ASSERT_TRUE(clients.back().open()) << i;
  }
  for (StreamClient& client : clients) {
    ASSERT_TRUE(client.Await("synced").has_value());
    ASSERT_EQ(client.held().quotes.size(), names.size());
  }
  const auto took = steady_clock::now() - begin;
  std::printf(
      "%d clients connected and had their state after %lld ms\n", kClients,
      static_cast<long long>(
          std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  done->store(true);
  // Who was there first was served all the time.
  const HeldMarket truth = gateway.Quotes("symbols=" + Joined(names));
  EXPECT_TRUE(first.AwaitState([&](const HeldMarket& held) {
    return held.quotes.contains("S19") &&
           held.quotes.at("S19").version == truth.quotes.at("S19").version;
  }));
}

}  // namespace
}  // namespace streamhub
