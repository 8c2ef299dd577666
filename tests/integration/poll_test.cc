// Long polling over real sockets: answers with an end on a connection that
// lives on, and clients that hang up.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/polled_symbols.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;
using std::chrono::milliseconds;

// A connection on which polls are sent by hand.
class Poller {
 public:
  Poller(int port, std::string_view query)
      : socket(port), symbols_(query, &others_) {}

  std::string Target() const {
    return "/v1/poll?" + (others_ + symbols_.Parameters()).substr(1);
  }
  bool Ask(std::string_view headers = "") {
    return socket.Send(RequestText(Target(), headers));
  }
  HttpReply Answer() {
    const HttpReply reply = TakeReply(socket, &bytes_);
    std::string_view lines = reply.body;
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      const auto object = JsonReader(line).Read();
      if (object.has_value()) symbols_.Apply(*object);
      lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    }
    return reply;
  }

  LoopbackSocket socket;

 private:
  std::string others_, bytes_;
  PolledSymbols symbols_;
};

TEST(PollTest, AnswersHaveAnEndAndTheConnectionLivesOn) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  Poller poller(gateway.port(), "?symbols=A&max_rate=unlimited&fields=bid");
  ASSERT_TRUE(poller.Ask());
  const HttpReply first = poller.Answer();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.Header("content-type"), "application/x-ndjson");
  EXPECT_EQ(first.Header("cache-control"), "no-store");
  EXPECT_EQ(first.Header("content-length"), std::to_string(first.body.size()));
  EXPECT_EQ(first.Header("transfer-encoding"), "");
  EXPECT_TRUE(first.body.starts_with("{\"type\":\"hello\""));
  EXPECT_TRUE(first.body.ends_with("{\"type\":\"synced\"}\n"));
  for (int i = 1; i <= 3; ++i) {
    ASSERT_TRUE(poller.Ask());
    ASSERT_TRUE(gateway.AwaitMetric("sessions", 1));
    gateway.Tick(id, {{FieldId::kBid, i}});
    const HttpReply next = poller.Answer();
    EXPECT_TRUE(next.body.starts_with("{\"type\":\"ack\"")) << next.body;
    EXPECT_NE(next.body.find("\"bid\":0.0" + std::to_string(i)),
              next.body.npos);
  }
  // Documents come over the same connection.
  ASSERT_TRUE(poller.socket.Send(RequestText("/v1/quotes?symbols=A")));
  EXPECT_TRUE(poller.Answer().body.starts_with("{\"epoch\""));
  EXPECT_TRUE(gateway.AwaitMetric("sessions", 0));
  EXPECT_EQ(gateway.MetricOf("subscriptions"), 0);
}

TEST(PollTest, WhoHangsUpFreesItsSessionAtOnce) {
  Config config = TestConfig();
  config.heartbeat_ms = 600'000;
  TestGateway gateway(config);
  gateway.Define({"A"});
  for (const bool reset : {false, true}) {
    for (const bool half : {false, true}) {
      Poller poller(gateway.port(), "?symbols=A");
      ASSERT_TRUE(poller.Ask());
      EXPECT_EQ(poller.Answer().status, 200);
      ASSERT_TRUE(poller.Ask());
      ASSERT_TRUE(gateway.AwaitMetric("sessions", 1));
      if (reset) {
        poller.socket.Reset();
      } else if (half) {
        poller.socket.EndSending();
      } else {
        poller.socket.Close();
      }
      EXPECT_TRUE(gateway.AwaitMetric("sessions", 0));
      EXPECT_EQ(gateway.MetricOf("subscriptions"), 0);
    }
  }
}

TEST(PollTest, WhatIsSentWhileItWaitsIsAnsweredAfterIt) {
  Config config = TestConfig();
  config.heartbeat_ms = 600'000;
  TestGateway gateway(config);
  const SymbolId id = gateway.Define({"A"})[0];
  Poller poller(gateway.port(), "?symbols=A");
  ASSERT_TRUE(poller.Ask());
  EXPECT_EQ(poller.Answer().status, 200);
  ASSERT_TRUE(poller.Ask());
  ASSERT_TRUE(gateway.AwaitMetric("sessions", 1));
  ASSERT_TRUE(poller.socket.Send(RequestText("/v1/symbols")));
  gateway.Tick(id, {{FieldId::kBid, 7}});
  EXPECT_NE(poller.Answer().body.find("\"bid\":0.07"), std::string::npos);
  EXPECT_TRUE(poller.Answer().body.starts_with("{\"symbols\""));
  // One that is reset is noticed even so.
  ASSERT_TRUE(poller.Ask());
  ASSERT_TRUE(gateway.AwaitMetric("sessions", 1));
  ASSERT_TRUE(poller.socket.Send(RequestText("/v1/symbols")));
  poller.socket.Reset();
  EXPECT_TRUE(gateway.AwaitMetric("sessions", 0));
}

TEST(PollTest, PostsAskForManySymbols) {
  TestGateway gateway;
  const auto names = Names(1000);
  gateway.Define(names);
  const std::string body = SubscribeText(names);
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(
      socket.Send(RequestText("/v1/poll",
                              "Content-Type: text/plain\r\nContent-Length: " +
                                  std::to_string(body.size()) + "\r\n",
                              "POST") +
                  body));
  const HttpReply reply = TakeReply(socket, &bytes);
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("\"S999\":{\"v\":"), std::string::npos);
  EXPECT_TRUE(reply.body.ends_with("{\"type\":\"synced\",\"id\":1}\n"));
}

TEST(PollTest, FaultyOnesAndHeads) {
  TestGateway gateway;
  for (const char* bad : {"", "?symbols=", "?symbols=A&fields=bidd",
                          "?symbols=A@x", "?symbols=A&max_rate=0"}) {
    const HttpReply reply = Get(gateway.port(), "/v1/poll" + std::string(bad));
    EXPECT_EQ(reply.status, 400) << bad;
    EXPECT_TRUE(reply.body.starts_with("{\"type\":\"error\"")) << bad;
  }
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText("/v1/poll?symbols=A", "", "HEAD") +
                          RequestText("/v1/poll?symbols=A")));
  const HttpReply head = TakeReply(socket, &bytes, /*head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-type"), "application/x-ndjson");
  EXPECT_EQ(TakeReply(socket, &bytes).status, 200);
}

TEST(PollTest, OneThatIsTooMuchIs503AndMayComeAgain) {
  Config config = TestConfig();
  config.sessions_max = 1;
  TestGateway gateway(config);
  auto first =
      std::make_unique<StreamClient>(Kind::kSse, gateway.port(), "?symbols=A");
  ASSERT_TRUE(first->Await("hello").has_value());
  Poller poller(gateway.port(), "?symbols=A");
  ASSERT_TRUE(poller.Ask());
  const HttpReply refused = poller.Answer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("retry-after"), "5");
  first.reset();
  ASSERT_TRUE(gateway.AwaitMetric("sessions", 0));
  ASSERT_TRUE(poller.Ask());
  EXPECT_EQ(poller.Answer().status, 200);
}

TEST(PollTest, AStopAnswersWhoWaits) {
  auto gateway = std::make_unique<TestGateway>();
  gateway->Define({"A"});
  std::vector<Poller> pollers;
  for (int i = 0; i < 20; ++i) {
    pollers.emplace_back(gateway->port(), "?symbols=A");
    ASSERT_TRUE(pollers.back().Ask());
    EXPECT_EQ(pollers.back().Answer().status, 200);
    ASSERT_TRUE(pollers.back().Ask());
  }
  ASSERT_TRUE(gateway->AwaitMetric("sessions", 20));
  std::thread stop([&] { gateway.reset(); });
  for (Poller& poller : pollers) {
    const HttpReply reply = poller.Answer();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.Header("connection"), "close");
    EXPECT_NE(reply.body.find("{\"type\":\"closing\",\"code\":4001"),
              std::string::npos);
    std::string rest;
    EXPECT_TRUE(poller.socket.ReceiveToEnd(&rest));
    EXPECT_EQ(rest, "");
    poller.socket.Close();
  }
  stop.join();
}

TEST(PollTest, AClientOfHttp10IsAnsweredToo) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send("GET /v1/poll?symbols=A HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(TakeReply(socket, &bytes).body.ends_with("}\n"));
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
}

TEST(PollTest, UpdatesKeepToTheRate) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  Poller poller(gateway.port(), "?symbols=A&max_rate=10");
  ASSERT_TRUE(poller.Ask());
  poller.Answer();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 1; i <= 5; ++i) {
    gateway.Tick(id, {{FieldId::kBid, i}});
    ASSERT_TRUE(poller.Ask());
    EXPECT_NE(poller.Answer().body.find("\"bid\":"), std::string::npos);
  }
  // The token says when it was issued in whole ms.
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            5 * milliseconds(100) - 5 * milliseconds(1));
}

}  // namespace
}  // namespace streamhub
