// Pages of other origins: what they are told they may read (WHATWG Fetch, CORS
// protocol), and which WebSockets are refused.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

constexpr char kDesk[] = "https://desk.example:8443";
constexpr char kAllow[] = "access-control-allow-origin";

std::string Origin(std::string_view origin) {
  return "Origin: " + std::string(origin) + "\r\n";
}

Config WithOrigins(std::vector<std::string> origins) {
  Config config = TestConfig();
  config.cors_origins = std::move(origins);
  return config;
}

HttpReply Ask(int port, std::string_view method, std::string_view target,
              std::string_view headers, std::string_view body = "") {
  LoopbackSocket socket(port);
  std::string bytes, all(headers);
  if (!body.empty()) {
    all += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  socket.Send(RequestText(target, all, method) + std::string(body));
  return TakeReply(socket, &bytes, method == "HEAD");
}

TEST(CorsTest, NothingIsSaidWhereNothingIsConfigured) {
  TestGateway gateway;
  const HttpReply reply =
      Get(gateway.port(), "/v1/quotes?symbols=A", Origin(kDesk));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header(kAllow), "");
  EXPECT_EQ(reply.Header("vary"), "");
  EXPECT_TRUE(
      StreamClient(Kind::kWebSocket, gateway.port(), "", Origin(kDesk)).open());
}

TEST(CorsTest, AListedOriginMayReadEveryAnswer) {
  TestGateway gateway(WithOrigins({"http://other.example", kDesk}));
  for (const char* target :
       {"/v1/quotes?symbols=A", "/v1/quotes", "/v1/symbols",
        "/v1/sse?symbols=", "/v1/stream", "/v1/poll", "/v1/nothing"}) {
    const HttpReply reply = Get(gateway.port(), target, Origin(kDesk));
    EXPECT_EQ(reply.Header(kAllow), kDesk) << target;
    EXPECT_EQ(reply.Header("vary"), "Origin") << target;
    const HttpReply foreign =
        Get(gateway.port(), target, Origin("https://desk.example"));
    EXPECT_EQ(foreign.Header(kAllow), "") << target;
    EXPECT_EQ(foreign.Header("vary"), "Origin") << target;
  }
  for (const Kind kind : {Kind::kSse, Kind::kStream, Kind::kPoll}) {
    StreamClient client(kind, gateway.port(), "?symbols=A", Origin(kDesk));
    EXPECT_TRUE(client.open());
    EXPECT_EQ(client.reply().Header(kAllow), kDesk);
    EXPECT_EQ(client.reply().Header("vary"), "Origin");
  }
  EXPECT_EQ(Ask(gateway.port(), "HEAD", "/v1/sse?symbols=A", Origin(kDesk))
                .Header(kAllow),
            kDesk);
  EXPECT_EQ(Ask(gateway.port(), "POST", "/v1/stream", Origin(kDesk),
                std::string(70'000, 'x'))
                .Header(kAllow),
            kDesk);
  EXPECT_EQ(
      Ask(gateway.port(), "POST", "/v1/sse", Origin(kDesk), "x").Header(kAllow),
      kDesk);
  EXPECT_EQ(Get(gateway.port(), "/page", Origin(kDesk)).Header(kAllow), "");
}

TEST(CorsTest, WhereASessionIsRefusedItMayBeReadToo) {
  Config config = WithOrigins({kDesk});
  config.sessions_max = 1;
  TestGateway gateway(config);
  StreamClient first(Kind::kSse, gateway.port(), "?symbols=A");
  ASSERT_TRUE(first.Await("hello").has_value());
  for (const char* target :
       {"/v1/sse?symbols=A", "/v1/stream?symbols=A", "/v1/poll?symbols=A"}) {
    const HttpReply reply = Get(gateway.port(), target, Origin(kDesk));
    // An event stream that fails shows a page nothing: it is refused within.
    const bool events = std::string_view(target).starts_with("/v1/sse");
    EXPECT_EQ(reply.status, events ? 200 : 503) << target;
    EXPECT_EQ(reply.Header(kAllow), kDesk) << target;
  }
}

TEST(CorsTest, AnswersOfOneConnectionDoNotMix) {
  TestGateway gateway(WithOrigins({kDesk}));
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText("/v1/symbols", Origin(kDesk)) +
                          RequestText("/v1/symbols") + RequestText("/page")));
  EXPECT_EQ(TakeReply(socket, &bytes).Header(kAllow), kDesk);
  const HttpReply second = TakeReply(socket, &bytes);
  EXPECT_EQ(second.Header(kAllow), "");
  EXPECT_EQ(second.Header("vary"), "Origin");
  EXPECT_EQ(TakeReply(socket, &bytes).Header("vary"), "");
}

TEST(CorsTest, PreflightsAreAnswered) {
  TestGateway gateway(WithOrigins({kDesk}));
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  const std::string headers =
      Origin(kDesk) + "Access-Control-Request-Method: POST\r\n";
  // The connection lives on: 204 has no body and no length.
  for (const char* target : {"/v1/stream", "/v1/sse", "/v1/quotes"}) {
    ASSERT_TRUE(socket.Send(RequestText(target, headers, "OPTIONS")));
    const HttpReply reply = TakeReply(socket, &bytes);
    EXPECT_EQ(reply.status, 204) << target;
    EXPECT_EQ(reply.Header(kAllow), kDesk) << target;
    EXPECT_EQ(reply.Header("vary"), "Origin") << target;
    EXPECT_EQ(reply.Header("access-control-allow-methods"), "GET, HEAD, POST");
    EXPECT_EQ(reply.Header("access-control-allow-headers"),
              "Authorization, Content-Type, Last-Event-ID");
    EXPECT_EQ(reply.Header("access-control-max-age"), "600");
    EXPECT_EQ(reply.Header("content-length"), "") << target;
  }
  const HttpReply foreign =
      Ask(gateway.port(), "OPTIONS", "/v1/stream", Origin("https://x"));
  EXPECT_EQ(foreign.status, 204);
  EXPECT_EQ(foreign.Header(kAllow), "");
  EXPECT_EQ(foreign.Header("access-control-allow-methods"), "");
  EXPECT_EQ(Ask(gateway.port(), "OPTIONS", "/page", "").status, 405);
  EXPECT_EQ(Ask(gateway.port(), "OPTIONS", "*", "").status, 405);
}

TEST(CorsTest, AnyOriginMayBeAllowed) {
  TestGateway gateway(WithOrigins({"*"}));
  const HttpReply reply =
      Get(gateway.port(), "/v1/symbols", Origin("https://x"));
  EXPECT_EQ(reply.Header(kAllow), "*");
  EXPECT_TRUE(
      StreamClient(Kind::kWebSocket, gateway.port(), "", Origin("https://x"))
          .open());
}

TEST(CorsTest, ForeignWebSocketsAreRefused) {
  TestGateway gateway(WithOrigins({kDesk}));
  for (const char* good : {kDesk, "http://localhost", "https://LOCALHOST"}) {
    EXPECT_TRUE(
        StreamClient(Kind::kWebSocket, gateway.port(), "", Origin(good)).open())
        << good;
  }
  EXPECT_TRUE(StreamClient(Kind::kWebSocket, gateway.port()).open());
  for (const char* bad : {"https://desk.example", "http://localhost:81",
                          "https://evil.example", "null", "localhost"}) {
    StreamClient client(Kind::kWebSocket, gateway.port(), "", Origin(bad));
    EXPECT_EQ(client.reply().status, 403) << bad;
  }
  const HttpReply refused =
      Get(gateway.port(), "/v1/ws",
          Origin("https://evil.example") +
              "Connection: Upgrade\r\nUpgrade: websocket\r\n"
              "Sec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(refused.status, 403);
  const auto error = JsonReader(refused.body).Read();
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->Text("key"), "Origin");
  EXPECT_EQ(refused.Header(kAllow), "");
}

}  // namespace
}  // namespace streamhub
