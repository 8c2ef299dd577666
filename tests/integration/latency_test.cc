// Latencies as operators and pages see them, over real sockets.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

std::string Count(std::string_view kind, std::string_view stage) {
  return "transport_latency_seconds_count{market=\"live\",transport=\"" +
         std::string(kind) + "\",stage=\"" + std::string(stage) + "\"}";
}

// How many there are; 0 where nothing was stamped.
int64_t CountOf(const TestGateway& gateway, const std::string& metric) {
  const HttpReply page = Get(gateway.gateway->admin_port(), "/metrics");
  const bool there =
      page.body.find("\nstreamhub_" + metric) != std::string::npos;
  return there ? gateway.MetricOf(metric) : 0;
}

TEST(LatencyTest, EveryTransportsWritesAreStamped) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  const std::string query = "?symbols=A&fields=bid&max_rate=unlimited";
  const std::pair<Kind, std::string_view> kinds[] = {
      {Kind::kWebSocket, "websocket"},
      {Kind::kSse, "sse"},
      {Kind::kStream, "stream"},
      {Kind::kPoll, "poll"}};
  int64_t bid = 0;
  for (const auto& [kind, name] : kinds) {
    SCOPED_TRACE(name);
    StreamClient client(kind, gateway.port(), query);
    ASSERT_TRUE(client.AwaitState(
        [](const HeldMarket& held) { return held.quotes.contains("A"); }));
    // One in eight is stamped: of 200 none would be a wonder.
    for (int i = 0; i < 200; ++i) {
      gateway.Tick(id, {{FieldId::kBid, ++bid}});
      const std::string text = std::to_string(bid / 100) + "." +
                               std::to_string(bid / 10 % 10) +
                               std::to_string(bid % 10);
      ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
        return held.quotes.at("A").fields.at("bid") == text;
      }));
    }
    EXPECT_GT(CountOf(gateway, Count(name, "write")), 0);
  }
  EXPECT_GT(
      CountOf(gateway,
              "feed_latency_seconds_count{market=\"live\",feed=\"synthetic\","
              "stage=\"encode\"}"),
      0);
  EXPECT_GT(
      CountOf(gateway,
              "feed_latency_seconds_count{market=\"live\",feed=\"synthetic\","
              "stage=\"cache\"}"),
      0);
}

TEST(LatencyTest, AClientsEchoIsItsArrival) {
  TestGateway gateway;
  StreamClient client(Kind::kWebSocket, gateway.port());
  const auto hello = client.Await("hello");
  ASSERT_TRUE(hello.has_value());
  const int64_t time_us = std::stoll(hello->Find("time")->text);
  // Its clock is ours: held since just now.
  const int64_t held_us = SystemClock().WallNs() / kMicrosecond - time_us;
  ASSERT_TRUE(client.Send(R"({"type":"ping","id":1,"time":)" +
                          std::to_string(time_us) + R"(,"held_us":)" +
                          std::to_string(held_us) + "}"));
  ASSERT_TRUE(client.Await("pong").has_value());
  EXPECT_EQ(CountOf(gateway, Count("websocket", "echo")), 1);
  EXPECT_EQ(gateway.MetricOf("echoes_refused_total"), 0);

  ASSERT_TRUE(client.Send(R"({"type":"ping","time":5,"held_us":5})"));
  ASSERT_TRUE(client.Await("pong").has_value());
  EXPECT_EQ(CountOf(gateway, Count("websocket", "echo")), 1);
  EXPECT_EQ(gateway.MetricOf("echoes_refused_total"), 1);
}

TEST(LatencyTest, PagesAreToldOfAllShards) {
  Config config = TestConfig();
  config.threads = 2;
  TestGateway gateway(config);
  const HttpReply before = Get(gateway.port(), "/v1/latency");
  EXPECT_EQ(before.status, 200);
  EXPECT_EQ(before.Header("content-type"), "application/json");
  const auto empty = JsonReader(before.body).Read();
  ASSERT_TRUE(empty.has_value()) << before.body;
  EXPECT_EQ(empty->Find("window_s")->text, "60");

  const SymbolId id = gateway.Define({"A"})[0];
  for (int i = 0; i < 3; ++i) gateway.Tick(id, {{FieldId::kBid, i}});
  std::vector<std::unique_ptr<StreamClient>> clients;
  for (int i = 0; i < 64; ++i) {  // on both shards, or it would be a wonder
    clients.push_back(std::make_unique<StreamClient>(Kind::kSse, gateway.port(),
                                                     "?symbols=A"));
    ASSERT_TRUE(clients.back()->Await("synced").has_value());
  }
  // The text is put together anew now and then.
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    const HttpReply reply = Get(gateway.port(), "/v1/latency");
    const auto document = JsonReader(reply.body).Read();
    ASSERT_TRUE(document.has_value()) << reply.body;
    const JsonValue* cache = nullptr;
    const JsonValue* write = nullptr;
    if (const auto* feed = document->Find("feeds")->Find("synthetic")) {
      cache = feed->Find("cache");
    }
    if (const auto* sse = document->Find("transports")->Find("sse")) {
      write = sse->Find("write");
    }
    if (cache != nullptr && write != nullptr) {
      for (const JsonValue* stage : {cache, write}) {
        EXPECT_GE(std::stod(stage->Find("count")->text), 1);
        const double p50 = std::stod(stage->Find("p50_us")->text);
        const double p99 = std::stod(stage->Find("p99_us")->text);
        EXPECT_GE(p50, 0);
        EXPECT_LE(p50, p99);
        EXPECT_LE(p99, std::stod(stage->Find("max_us")->text));
      }
      break;
    }
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << reply.body;
  }
}

TEST(LatencyTest, AMisspeltParameterIsRefused) {
  TestGateway gateway;
  EXPECT_EQ(Get(gateway.port(), "/v1/latency?feed=x").status, 400);
  EXPECT_EQ(Get(gateway.port(), "/v1/latency?_=1").status, 200);
}

}  // namespace
}  // namespace streamhub
