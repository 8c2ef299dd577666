// HTTP streaming over real sockets: how the endless response looks, what a POST
// may ask for, and how it ends.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

std::string PostText(std::string_view target, std::string_view body) {
  return RequestText(target,
                     "Content-Length: " + std::to_string(body.size()) + "\r\n",
                     "POST") +
         std::string(body);
}

HttpReply Post(int port, std::string_view target, std::string_view body) {
  LoopbackSocket socket(port);
  std::string bytes;
  if (!socket.Send(PostText(target, body))) return {};
  return TakeReply(socket, &bytes);
}

TEST(HttpStreamTest, HeadersSayThatNobodyMayBuffer) {
  TestGateway gateway;
  StreamClient client(Kind::kStream, gateway.port(), "?symbols=A");
  ASSERT_TRUE(client.open());
  EXPECT_EQ(client.reply().Header("content-type"), "application/x-ndjson");
  EXPECT_EQ(client.reply().Header("transfer-encoding"), "chunked");
  EXPECT_EQ(client.reply().Header("cache-control"), "no-store, no-transform");
  EXPECT_EQ(client.reply().Header("x-accel-buffering"), "no");
  EXPECT_EQ(client.reply().Header("x-content-type-options"), "nosniff");
  const auto first = client.Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->Text("type"), "hello");
}

// By hand: each chunk is whole lines, the last of them ended.
TEST(HttpStreamTest, AChunkIsWholeLines) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  HttpReply reply;
  ASSERT_TRUE(
      socket.Send(RequestText("/v1/stream?symbols=A&max_rate=unlimited")));
  ASSERT_TRUE(TakeHead(socket, &bytes, &reply));
  for (int i = 1; i <= 3; ++i) {
    while (bytes.find("\n\r\n") == bytes.npos) {
      ASSERT_EQ(socket.Receive(&bytes), LoopbackSocket::Got::kBytes);
    }
    const size_t line = bytes.find("\r\n");
    const size_t size = std::stoul(bytes, nullptr, 16);
    ASSERT_GE(bytes.size(), line + 2 + size + 2);
    EXPECT_EQ(bytes[line + 2], '{');
    EXPECT_EQ(bytes.substr(line + 2 + size - 2, 4), "}\n\r\n");
    bytes.erase(0, line + 2 + size + 2);
    gateway.Tick(id, {{FieldId::kBid, i}});
  }
}

TEST(HttpStreamTest, Http10GetsNoChunks) {
  auto gateway = std::make_unique<TestGateway>();
  gateway->Define({"A"});
  LoopbackSocket socket(gateway->port());
  std::string bytes;
  HttpReply reply;
  ASSERT_TRUE(socket.Send("GET /v1/stream?symbols=A HTTP/1.0\r\n\r\n"));
  ASSERT_TRUE(TakeHead(socket, &bytes, &reply));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("transfer-encoding"), "");
  while (bytes.find("synced") == bytes.npos) {
    ASSERT_EQ(socket.Receive(&bytes), LoopbackSocket::Got::kBytes);
  }
  std::thread stop([&] { gateway.reset(); });
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  socket.Close();
  stop.join();
  EXPECT_TRUE(bytes.starts_with("{\"type\":\"hello\""));
  EXPECT_TRUE(bytes.ends_with("}\n"));
  EXPECT_NE(bytes.find("{\"type\":\"closing\""), bytes.npos);
}

TEST(HttpStreamTest, PostAsksForMuch) {
  TestGateway gateway;
  const auto names = Names(900);
  gateway.Define(names);
  // Far more than a request line holds.
  StreamClient client = StreamClient::Post(
      gateway.port(),
      "[" + SubscribeText(names) +
          R"(,{"type":"subscribe","id":2,"symbols":["NONE"],"max_rate":1},)"
          R"({"type":"subscribe","id":3,"symbols":["A"],"fields":["bidd"]},)"
          R"({"type":"ping","id":4}])");
  ASSERT_TRUE(client.open());
  int acks = 0;
  std::string errors;
  while (acks == 0 || errors.size() < 2 * sizeof("3 bidd")) {
    const auto object = client.Next();
    ASSERT_TRUE(object.has_value());
    if (object->Text("type") == "ack") ++acks;
    if (object->Text("type") == "error") {
      errors += std::string(object->Text("id")) + ' ' +
                std::string(object->Text("key")) + '\n';
    }
  }
  EXPECT_EQ(errors, "3 bidd\n4 type\n");
  EXPECT_TRUE(client.AwaitState([&](const HeldMarket& held) {
    return held.quotes.size() == names.size();
  }));
}

TEST(HttpStreamTest, WhereAllIsFaultyTheFirstErrorIsTheAnswer) {
  TestGateway gateway;
  struct Case {
    const char *target, *body, *key;
  };
  for (const auto& [target, body, key] : std::initializer_list<Case>{
           {"/v1/stream", R"({"type":"ping"})", "type"},
           {"/v1/stream", R"({"type":"unsubscribe","symbols":["A"]})", "type"},
           {"/v1/stream", R"([{"type":"subscribe","symbols":["A,B"]},5])",
            "A,B"},
           {"/v1/stream", "{", ""},
           {"/v1/stream", "", ""},
           {"/v1/stream?symbols=A", R"({"type":"subscribe","symbols":["A"]})",
            "symbols"},
           {"/v1/stream?%", R"({"type":"subscribe","symbols":["A"]})", "%"},
       }) {
    const HttpReply reply = Post(gateway.port(), target, body);
    EXPECT_EQ(reply.status, 400) << target << body;
    const auto error = JsonReader(reply.body).Read();
    ASSERT_TRUE(error.has_value()) << target << body;
    EXPECT_EQ(error->Text("type"), "error") << target << body;
    EXPECT_EQ(error->Text("key"), key) << target << body;
  }
  EXPECT_EQ(Get(gateway.port(), "/v1/stream").status, 400);
  EXPECT_EQ(Get(gateway.port(), "/v1/stream?symbols=A&fields=x").status, 400);
  EXPECT_EQ(gateway.MetricOf("sessions"), 0);
}

TEST(HttpStreamTest, OnlyStreamsTakeAPost) {
  TestGateway gateway;
  const HttpReply refused = Post(gateway.port(), "/v1/sse", "{}");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.Header("allow"), "GET, HEAD");
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText("/v1/stream", "", "DELETE")));
  EXPECT_EQ(TakeReply(socket, &bytes).Header("allow"), "GET, HEAD, POST");
}

TEST(HttpStreamTest, HeadHasAnEnd) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText("/v1/stream?symbols=A", "", "HEAD")));
  const HttpReply reply = TakeReply(socket, &bytes, /*head=*/true);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "application/x-ndjson");
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  EXPECT_EQ(bytes, "");
}

TEST(HttpStreamTest, TooManySessionsIs503) {
  Config config = TestConfig();
  config.sessions_max = 1;
  TestGateway gateway(config);
  StreamClient first(Kind::kStream, gateway.port(), "?symbols=A");
  ASSERT_TRUE(first.Await("hello").has_value());
  const HttpReply refused = Get(gateway.port(), "/v1/stream?symbols=A");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.Header("retry-after"), "");
}

TEST(HttpStreamTest, TheNextStreamGoesOnWhereThisOneEnded) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  gateway.Tick(id, {{FieldId::kBid, 100}, {FieldId::kAsk, 101}});
  StreamClient first(Kind::kStream, gateway.port(), "?symbols=A");
  ASSERT_TRUE(first.Await("synced").has_value());
  gateway.Tick(id, {{FieldId::kAsk, 102}});
  StreamClient second(Kind::kStream, gateway.port(),
                      "?at=" + first.held().at + "&symbols=A@" +
                          std::to_string(first.held().quotes.at("A").version));
  ASSERT_TRUE(second.Await("synced").has_value());
  EXPECT_FALSE(second.held().quotes.at("A").last_was_snapshot);
  EXPECT_EQ(second.held().quotes.at("A").last_fields,
            std::vector<std::string>{"ask"});
}

}  // namespace
}  // namespace streamhub
