// What operators do to a gateway that runs: move its clients, give it another
// configuration, look whether its threads hang.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/address_limits.h"
#include "gateway/server/shard.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = StreamClient::Kind;

bool AwaitDrained(const Gateway& gateway) {
  const auto deadline = steady_clock::now() + kPatience;
  while (!gateway.drained()) {
    if (steady_clock::now() > deadline) return false;
  }
  return true;
}

TEST(DrainTest, EveryKindOfClientIsToldWhenToComeBack) {
  Config config = TestConfig();
  config.threads = 3;
  config.drain_ms = 5000;
  TestGateway gateway(config);
  gateway.Define({"A"});
  std::vector<StreamClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.emplace_back(StreamClient::kEndless[i % 5], gateway.port(),
                         "?symbols=A");
    ASSERT_TRUE(clients.back().Await("synced").has_value());
  }
  EXPECT_FALSE(gateway.gateway->draining());
  EXPECT_EQ(gateway.MetricOf("draining"), 0);
  gateway.gateway->BeginDrain();
  EXPECT_TRUE(gateway.gateway->draining());
  EXPECT_EQ(gateway.MetricOf("draining"), 1);
  for (StreamClient& client : clients) {
    const auto closing = client.Await("closing");
    ASSERT_TRUE(closing.has_value());
    EXPECT_EQ(closing->Int("code"), 4001);
    EXPECT_GE(closing->Int("after_ms"), 0);
    EXPECT_LE(closing->Int("after_ms"), 1000);
    EXPECT_TRUE(client.AwaitEnd());
    EXPECT_FALSE(client.was_reset());
    client.socket().Close();
  }
  EXPECT_TRUE(AwaitDrained(*gateway.gateway));
  // The port is free for the next one; the admin port still answers.
  EXPECT_FALSE(LoopbackSocket(gateway.port()).connected());
  EXPECT_EQ(gateway.MetricOf("sessions"), 0);
}

// A connection that is kept open between requests outlives the begin of the
// drain: what comes over it is answered, and a poll is told what a stream is.
TEST(DrainTest, WhoAsksWhileItDrainsIsTold) {
  Config config = TestConfig();
  config.drain_ms = 5000;
  TestGateway gateway(config);
  gateway.Define({"A"});
  // One that stays: with nobody left it would be over at once.
  StreamClient stays(Kind::kWebSocket, gateway.port(), "?symbols=A");
  ASSERT_TRUE(stays.Await("synced").has_value());
  LoopbackSocket poll(gateway.port()), page(gateway.port());
  std::string poll_bytes, page_bytes;
  for (auto& [socket, bytes] :
       {std::pair(&poll, &poll_bytes), std::pair(&page, &page_bytes)}) {
    ASSERT_TRUE(socket->Send(RequestText("/v1/quotes?symbols=A")));
    EXPECT_EQ(TakeReply(*socket, bytes).status, 200);
  }
  gateway.gateway->BeginDrain();
  // The shard has begun when the first client is told. Its own connection ends
  // only when it hangs up, so the shard is still there.
  ASSERT_TRUE(stays.Await("closing").has_value());
  ASSERT_TRUE(poll.Send(RequestText("/v1/poll?symbols=A")));
  const HttpReply told = TakeReply(poll, &poll_bytes);
  EXPECT_EQ(told.status, 200);
  EXPECT_THAT(told.body, HasSubstr("\"type\":\"closing\",\"code\":4001"));
  ASSERT_TRUE(page.Send(RequestText("/v1/quotes?symbols=A")));
  EXPECT_EQ(TakeReply(page, &page_bytes).status, 503);
  EXPECT_TRUE(stays.AwaitEnd());
  stays.socket().Close();
  EXPECT_TRUE(AwaitDrained(*gateway.gateway));
}

// While a shard is busy connections wait in the kernel's queue: to close that
// would reset them, and their clients would not know why.
TEST(DrainTest, WhoHasConnectedAlreadyIsLetInAndTold) {
  Market market("live", 100, 1);
  LatencyBoard latency(market);
  Quota connections(1000);
  Shard::Options options;
  options.connections = &connections;
  AddressLimits addresses({});
  options.addresses = &addresses;
  const Shard::Shown shown{market, latency};
  const StaticFiles files;
  Shard shard({&shown, 1}, files, Cors(), SystemClock(), options);
  boost::asio::ip::tcp::endpoint endpoint(
      boost::asio::ip::address_v4::loopback(), 0);
  ASSERT_TRUE(shard.Start(&endpoint).ok());
  std::promise<void> release;
  shard.Post(
      0, [future = release.get_future().share()](Fanout&) { future.wait(); });
  std::vector<LoopbackSocket> waiting;
  for (int i = 0; i < 300; ++i) {
    waiting.emplace_back(endpoint.port());
    ASSERT_TRUE(waiting.back().connected());
    ASSERT_TRUE(waiting.back().Send(RequestText("/v1/poll?symbols=A")));
  }
  shard.BeginDrain(5 * kSecond);
  release.set_value();
  for (LoopbackSocket& socket : waiting) {
    std::string bytes;
    EXPECT_THAT(TakeReply(socket, &bytes).body, HasSubstr("\"code\":4001"));
    socket.Close();
  }
  shard.AwaitStop();
  EXPECT_TRUE(shard.ended());
  EXPECT_FALSE(LoopbackSocket(endpoint.port()).connected());
}

// A client that takes nothing and does not hang up.
TEST(DrainTest, ADeadlineBoundsIt) {
  Config config = TestConfig();
  config.drain_ms = 1;  // as little as a stop takes: 3 s
  auto gateway = std::make_unique<TestGateway>(config);
  const std::vector<std::string> names = Names(500);
  const auto ids = gateway->Define(names);
  StreamClient client(Kind::kWebSocket, gateway->port());
  ASSERT_TRUE(client.Send(SubscribeText(names)));
  ASSERT_TRUE(client.Await("synced").has_value());
  const int64_t blocked = gateway->MetricOf("writes_blocked_total");
  for (int64_t value = 1; gateway->MetricOf("writes_blocked_total") == blocked;
       ++value) {
    gateway->puppet->Do([&](Publisher& publisher) {
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id, {{FieldId::kBid, value}}, 0);
      }
      publisher.EndBatch();
    });
  }
  const auto begin = steady_clock::now();
  gateway->gateway->BeginDrain();
  EXPECT_TRUE(AwaitDrained(*gateway->gateway));
  EXPECT_LT(steady_clock::now() - begin, seconds(kSanitized ? 8 : 5));
}

TEST(DrainTest, WhoIsAbandonedIsNotWaitedFor) {
  Config config = TestConfig();
  config.drain_ms = 600'000;
  config.threads = 2;
  auto gateway = std::make_unique<TestGateway>(config);
  StreamClient client(Kind::kWebSocket, gateway->port());
  ASSERT_TRUE(client.Await("hello").has_value());
  gateway->gateway->BeginDrain();
  // It does not hang up.
  ASSERT_TRUE(client.Await("closing").has_value());
  const auto begin = steady_clock::now();
  gateway->gateway->Abandon();
  gateway.reset();
  EXPECT_LT(steady_clock::now() - begin,
            milliseconds(kSanitized ? 5000 : 1000));
}

// Two that both know of it share a port; one that does not is refused.
TEST(ReusePortTest, OnlyWhoAsksForItIsLetBeside) {
  Config config = TestConfig();
  const TestGateway first(config);
  config.port = first.port();
  const auto puppet = std::make_shared<Puppet>();
  EXPECT_FALSE(Gateway::Start(config, {}, Puppet::MakeFeed(puppet)).ok());
  config.reuse_port = true;
  const TestGateway second(config);
  EXPECT_EQ(second.port(), first.port());
  // Not beside a stranger, who does not share.
  config.port = first.gateway->admin_port();
  EXPECT_FALSE(Gateway::Start(config, {}, Puppet::MakeFeed(puppet)).ok());
}

TEST(ReloadTest, SettingsHoldForWhoIsThereAlready) {
  Config config = TestConfig();
  config.threads = 2;
  config.publish_topics = {"news"};
  config.sessions_max = 1;
  TestGateway gateway(config);
  StreamClient client(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(client.Await("hello").has_value());
  const auto publish = [&] {
    EXPECT_TRUE(
        client.Send(R"({"type":"publish","topic":"chat","data":1,"id":1})"));
    for (;;) {
      const auto answer = client.Next();
      if (!answer.has_value()) return std::string("none");
      const std::string type(answer->Text("type"));
      if (type == "error" || type == "ack") return type;
    }
  };
  EXPECT_EQ(publish(), "error");
  EXPECT_EQ(Get(gateway.port(), "/v1/poll?symbols=A").status, 503);
  const std::string page = "Origin: https://desk.example\r\n";
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols", page)
                .Header("access-control-allow-origin"),
            "");

  config.publish_topics = {"news", "chat"};
  config.cors_origins = {"https://desk.example"};
  config.sessions_max = 10;
  config.threads = 7;
  const ReloadOutcome outcome = gateway.gateway->Reload([&] { return config; });
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_EQ(outcome.restart, std::vector<std::string>{"threads"});
  EXPECT_EQ(gateway.MetricOf("config_restart_needed"), 1);
  EXPECT_EQ(publish(), "ack");
  EXPECT_EQ(Get(gateway.port(), "/v1/poll?symbols=A").status, 200);
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols", page)
                .Header("access-control-allow-origin"),
            "https://desk.example");
}

TEST(StuckThreadsTest, AFeedThatHangsIsNamed) {
  TestGateway gateway;
  EXPECT_THAT(gateway.gateway->StuckThreads(), IsEmpty());
  // Both threads turn by themselves, whatever else happens.
  const auto turned = [&](size_t stuck) {
    const auto deadline = steady_clock::now() + kPatience;
    std::vector<std::string> names = gateway.gateway->StuckThreads();
    while (names.size() != stuck && steady_clock::now() < deadline) {
      const int64_t turns = gateway.MetricOf("turns_total");
      gateway.AwaitAtLeast("turns_total", turns + 2);
      names = gateway.gateway->StuckThreads();
    }
    return names;
  };
  EXPECT_THAT(turned(0), IsEmpty());
  std::promise<void> release;
  gateway.puppet->Start(
      [future = release.get_future().share()](Publisher&) { future.wait(); });
  EXPECT_THAT(turned(1), testing::ElementsAre("feed synthetic"));
  release.set_value();
  EXPECT_THAT(turned(0), IsEmpty());
}

}  // namespace
}  // namespace streamhub
