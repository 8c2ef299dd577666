// Both transports of a client, and servers of every kind at the other end.

#include "gateway/cli/stream_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/codec/ws_handshake.h"
#include "tests/cli/scripted_server.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

int64_t Soon() { return SystemClock().MonoNs() + 50 * kSecond; }

struct Heard {
  std::vector<std::string> messages;
  absl::Status end;  // why there are no more
};

Heard Listen(absl::StatusOr<std::unique_ptr<StreamClient>> client) {
  Heard heard;
  heard.end = client.status();
  while (heard.end.ok()) {
    auto message = (*client)->Next(Soon());
    heard.end = message.status();
    if (message.ok()) heard.messages.push_back(*std::move(message));
  }
  return heard;
}

StreamRequest Request() {
  StreamRequest request;
  request.names = {"EUR/USD"};
  return request;
}

Heard HearSse(ScriptedServer& server) {
  const StopSignal stop;
  return Listen(ConnectSse(server.url(), Request(), stop, Soon()));
}

Heard HearWebSocket(ScriptedServer& server) {
  const StopSignal stop;
  return Listen(ConnectWebSocket(server.url(), Request(), stop, Soon()));
}

// Takes the WebSocket of a request and sends those bytes over it.
ScriptedServer::Answer Upgrade(const std::string& frames) {
  return [frames](const std::string& head) {
    constexpr std::string_view kField = "Sec-WebSocket-Key: ";
    const size_t at = head.find(kField) + kField.size();
    const std::string key = head.substr(at, head.find("\r\n", at) - at);
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
           std::string(WebSocketAccept(key)) + "\r\n\r\n" + frames;
  };
}

// A server's frame (RFC 6455 section 5.2) of less than 126 bytes.
std::string Frame(WsOpcode opcode, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(0x80 | static_cast<int>(opcode));
  frame += static_cast<char>(payload.size());
  return frame + std::string(payload);
}

std::string CloseFrame(int code, std::string_view reason) {
  std::string payload;
  payload += static_cast<char>(code >> 8);
  payload += static_cast<char>(code & 0xff);
  return Frame(WsOpcode::kClose, payload + std::string(reason));
}

TEST(SseClientTest, EventsComeUntilTheServerCloses) {
  ScriptedServer server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
      "\r\nretry: 1\n\ndata: {\"a\":1}\n\ndata: two\n\ndata: cut");
  const Heard heard = HearSse(server);
  EXPECT_THAT(heard.messages, ElementsAre("{\"a\":1}", "two"));
  EXPECT_EQ(heard.end, absl::UnavailableError("the server closed"));
  EXPECT_THAT(server.Received(),
              StartsWith("GET /v1/sse?symbols=EUR%2fUSD HTTP/1.0\r\n"
                         "Host: 127.0.0.1:" +
                         server.url().port + "\r\n"));
}

TEST(SseClientTest, WhatIsNoEventStreamIsRefused) {
  ScriptedServer server("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
  EXPECT_EQ(HearSse(server).end,
            absl::FailedPreconditionError("the server sends no event stream"));
}

TEST(SseClientTest, AnEventWithoutEndIsGivenUp) {
  ScriptedServer server(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: " +
      std::string(5'000'000, 'x'));
  EXPECT_EQ(HearSse(server).end,
            absl::FailedPreconditionError("an event is too big"));
}

// As behind nginx with nothing but an address to pass on to.
TEST(WsClientTest, AnUpgradeThatIsLostOnTheWaySaysWhatToDo) {
  ScriptedServer server(
      "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
  const Heard heard = HearWebSocket(server);
  EXPECT_TRUE(absl::IsFailedPrecondition(heard.end));
  EXPECT_EQ(FromAbsl(heard.end.message()),
            "the server answers with status 426: no WebSocket gets through to "
            "it; take --transport sse, or see what `streamhub doctor http://" +
                server.url().HostField() + "` finds");
}

TEST(WsClientTest, MessagesComeAndPingsAreAnswered) {
  ScriptedServer server(Upgrade(
      Frame(WsOpcode::kText, "{\"a\":1}") + Frame(WsOpcode::kPing, "there?") +
      Frame(WsOpcode::kText, "two") + CloseFrame(4001, "server stopping")));
  const Heard heard = HearWebSocket(server);
  EXPECT_THAT(heard.messages, ElementsAre("{\"a\":1}", "two"));
  EXPECT_EQ(heard.end,
            absl::UnavailableError(
                "the server closed with code 4001: server stopping"));
  std::string sent = server.Received();
  EXPECT_THAT(sent, StartsWith("GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1:"));
  sent.erase(0, sent.find("\r\n\r\n") + 4);
  // Read as a server reads: the frames of a client are masked.
  WsFrameReader reader({.role = WsFrameReader::Role::kServer,
                        .max_message_bytes = 1000,
                        .allow_binary = false});
  std::span<char> input(sent);
  WsEvent event;
  ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kEvent);
  EXPECT_EQ(event.payload, ToJson(Request()));
  ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kEvent);
  EXPECT_EQ(event.type, WsEvent::Type::kPong);
  EXPECT_EQ(event.payload, "there?");
}

// docs/protocol.md says after which codes a client must not come back.
TEST(WsClientTest, SomeClosesAreForGood) {
  for (const auto& [code, for_good] :
       std::vector<std::pair<int, bool>>{{1000, false},
                                         {1001, false},
                                         {4001, false},
                                         {4002, false},
                                         {1002, true},
                                         {1007, true},
                                         {1009, true},
                                         {4005, true}}) {
    ScriptedServer server(Upgrade(CloseFrame(code, "why")));
    const absl::Status end = HearWebSocket(server).end;
    EXPECT_EQ(absl::IsFailedPrecondition(end), for_good) << end;
    EXPECT_EQ(absl::IsUnavailable(end), !for_good) << end;
    EXPECT_THAT(std::string(FromAbsl(end.message())),
                EndsWith("code " + std::to_string(code) + ": why"));
  }
}

TEST(WsClientTest, AWrongHandshakeIsRefused) {
  ScriptedServer server(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Accept: "
      "AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
  const absl::Status end = HearWebSocket(server).end;
  EXPECT_TRUE(absl::IsFailedPrecondition(end)) << end;
  EXPECT_THAT(std::string(FromAbsl(end.message())), HasSubstr("handshake"));
}

TEST(WsClientTest, AServerWithoutWebSocketsIsTold) {
  ScriptedServer server("HTTP/1.1 200 OK\r\n\r\n<html>");
  EXPECT_EQ(
      HearWebSocket(server).end,
      absl::FailedPreconditionError("the server answers with status 200"));
}

TEST(WsClientTest, ABadFrameEndsTheConnection) {
  // Masked, which only a client may do.
  ScriptedServer server(Upgrade(std::string("\x81\x81\0\0\0\0x", 7)));
  const Heard heard = HearWebSocket(server);
  EXPECT_TRUE(heard.messages.empty());
  EXPECT_TRUE(absl::IsUnavailable(heard.end)) << heard.end;
  EXPECT_THAT(std::string(FromAbsl(heard.end.message())),
              StartsWith("bad frame: "));
}

TEST(StreamClientTest, NobodyThereIsTold) {
  const StopSignal stop;
  WatchUrl url;
  {
    ScriptedServer server("");
    url = server.url();
  }
  for (const absl::Status& end :
       {ConnectSse(url, Request(), stop, Soon()).status(),
        ConnectWebSocket(url, Request(), stop, Soon()).status()}) {
    EXPECT_EQ(end, absl::UnavailableError("cannot connect to 127.0.0.1 port " +
                                          url.port + ": Connection refused"));
  }
}

TEST(StreamClientTest, WhenToReturnIsInTheReason) {
  EXPECT_EQ(RetryMsIn("the server closed with code 4004: too many sessions "
                      "retry_ms=5230"),
            5230);
  EXPECT_EQ(RetryMsIn("retry_ms=700; trying again"), 700);
  EXPECT_EQ(RetryMsIn("retry_ms=99999999"), 60'000);
  for (const char* none : {"", "gone", "retry_ms=", "retry_ms=x",
                           "retry_ms=99999999999999999999"}) {
    EXPECT_EQ(RetryMsIn(none), 0) << none;
  }
}

}  // namespace
}  // namespace streamhub
