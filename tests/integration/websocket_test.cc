// WebSocket over a real socket: requests and their answers, control frames,
// how a connection ends (RFC 6455), and what came with the handshake.

#include <gtest/gtest.h>

#include <string>

#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

class WebSocketTest : public testing::Test {
 protected:
  WebSocketTest() : client_(Kind::kWebSocket, gateway_.port()) {}

  // Sends `text`; the answer must be an error of that code.
  void ExpectError(std::string_view text, std::string_view code,
                   std::string_view key) {
    ASSERT_TRUE(client_.Send(text));
    const auto error = client_.Await("error");
    ASSERT_TRUE(error.has_value()) << text;
    EXPECT_EQ(error->Text("code"), code) << text;
    EXPECT_EQ(error->Text("key"), key) << text;
    EXPECT_FALSE(error->Text("reason").empty()) << text;
  }

  // Sends raw bytes; the server must close with `code`, without a reset.
  void ExpectCloses(std::string_view bytes, uint16_t code) {
    ASSERT_TRUE(client_.socket().Send(bytes));
    EXPECT_TRUE(client_.AwaitEnd());
    EXPECT_EQ(client_.close_code(), code);
    EXPECT_FALSE(client_.was_reset());
  }

  TestGateway gateway_;
  StreamClient client_;
};

std::string Masked(WsOpcode opcode, std::string_view payload) {
  std::string frame;
  AppendClientFrame(opcode, payload, 0x12345678, &frame);
  return frame;
}

TEST_F(WebSocketTest, HelloComesFirst) {
  ASSERT_TRUE(client_.open());
  const auto hello = client_.Next();
  ASSERT_TRUE(hello.has_value());
  EXPECT_EQ(hello->Text("type"), "hello");
  EXPECT_EQ(hello->Int("version"), 1);
  EXPECT_EQ(client_.reply().Header("sec-websocket-protocol"), "");
}

TEST_F(WebSocketTest, FaultyRequestsAreAnsweredAndTheSessionLives) {
  ExpectError("{", "bad_json", "");
  ExpectError(
      R"({"type":"subscribe","id":5,"symbols":["A"],"fields":["bidd"]})",
      "unknown_field", "bidd");
  ExpectError(R"({"type":"fly"})", "unknown_type", "fly");
  ExpectError(R"({"type":"subscribe","symbols":["A"],"max_rat":1})",
              "bad_request", "max_rat");
  ExpectError(R"({"type":"unsubscribe","symbols":["A"]})", "not_subscribed",
              "A");
  client_.Send(R"({"type":"ping","id":"x"})");
  const auto pong = client_.Await("pong");
  ASSERT_TRUE(pong.has_value());
  EXPECT_EQ(pong->Text("id"), "x");
}

TEST_F(WebSocketTest, UnsubscribedSymbolIsSilent) {
  const auto ids = gateway_.Define({"A", "B"});
  client_.Send(SubscribeText({"A", "B"}));
  ASSERT_TRUE(client_.Await("synced").has_value());
  client_.Send(R"({"type":"unsubscribe","id":2,"symbols":["A"]})");
  ASSERT_TRUE(client_.Await("ack").has_value());
  const int64_t before = client_.held().quotes.at("A").updates;
  gateway_.Tick(ids[0], {{FieldId::kBid, 1}});
  gateway_.Tick(ids[1], {{FieldId::kBid, 1}});
  EXPECT_TRUE(client_.AwaitState([](const HeldMarket& held) {
    return held.quotes.at("B").fields.at("bid") == "0.01";
  }));
  EXPECT_EQ(client_.held().quotes.at("A").updates, before);
}

TEST_F(WebSocketTest, RequestComesByteByByteInFragments) {
  gateway_.Define({"A"});
  const std::string text = R"({"type":"subscribe","id":9,"symbols":["A"]})";
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    std::string frame = Masked(
        i == 0 ? WsOpcode::kText : WsOpcode::kContinuation, text.substr(i, 1));
    if (i + 1 < text.size()) frame[0] &= 0x7F;  // not the final one
    bytes += frame;
    if (i == 10) bytes += Masked(WsOpcode::kPing, "between");
  }
  for (const char byte : bytes) {
    ASSERT_TRUE(client_.socket().Send(std::string_view(&byte, 1)));
  }
  const auto ack = client_.Await("ack");
  ASSERT_TRUE(ack.has_value());
  EXPECT_EQ(ack->Int("id"), 9);
  EXPECT_EQ(client_.pongs(), std::vector<std::string>{"between"});
}

TEST_F(WebSocketTest, PingsAreAnsweredInOrder) {
  for (int i = 0; i < 20; ++i) {
    client_.SendFrame(WsOpcode::kPing, std::to_string(i));
  }
  client_.SendFrame(WsOpcode::kPong, "unasked");  // is passed over
  client_.Send(R"({"type":"ping"})");
  ASSERT_TRUE(client_.Await("pong").has_value());
  ASSERT_EQ(client_.pongs().size(), 20u);
  EXPECT_EQ(client_.pongs().front(), "0");
  EXPECT_EQ(client_.pongs().back(), "19");
}

TEST_F(WebSocketTest, CloseIsEchoedWithItsCode) {
  ExpectCloses(Masked(WsOpcode::kClose, ClosePayload(4321, "enough")), 4321);
}

TEST_F(WebSocketTest, CloseWithoutCodeIsEchoedWithoutCode) {
  ExpectCloses(Masked(WsOpcode::kClose, ""), kWsNoCode);
}

TEST_F(WebSocketTest, BinaryMessageCloses) {
  ExpectCloses(Masked(WsOpcode::kBinary, "x"), kWsUnsupportedData);
}

TEST_F(WebSocketTest, UnmaskedFrameCloses) {
  std::string frame;
  AppendServerFrame(WsOpcode::kText, "{}", &frame);
  ExpectCloses(frame, kWsProtocolError);
}

TEST_F(WebSocketTest, MessageAboveTheLimitCloses) {
  ExpectCloses(Masked(WsOpcode::kText, std::string(64 * 1024 + 1, ' ')),
               kWsMessageTooBig);
}

TEST_F(WebSocketTest, BadUtf8Closes) {
  ExpectCloses(Masked(WsOpcode::kText, "\xff"), kWsInvalidPayload);
}

// Prices that are on their way must not follow the close frame.
TEST_F(WebSocketTest, NothingFollowsTheCloseFrame) {
  const SymbolId id = gateway_.Define({"A"})[0];
  client_.Send(SubscribeText({"A"}));
  ASSERT_TRUE(client_.Await("synced").has_value());
  client_.SendFrame(WsOpcode::kClose, ClosePayload(kWsNormal, ""));
  for (int i = 0; i < 200; ++i) gateway_.Tick(id, {{FieldId::kBid, i}});
  std::string rest;
  EXPECT_TRUE(client_.socket().ReceiveToEnd(&rest));
  const std::string tail = ClosePayload(kWsNormal, "");
  EXPECT_TRUE(rest.ends_with("\x88\x02" + tail));
}

TEST_F(WebSocketTest, EndWithoutCloseEndsTheSession) {
  client_.Await("hello");
  EXPECT_EQ(gateway_.MetricOf("sessions"), 1);
  client_.socket().EndSending();
  EXPECT_TRUE(client_.AwaitEnd());
  EXPECT_TRUE(gateway_.AwaitMetric("sessions", 0));
}

TEST_F(WebSocketTest, ResetEndsTheSession) {
  const SymbolId id = gateway_.Define({"A"})[0];
  client_.Send(SubscribeText({"A"}));
  ASSERT_TRUE(client_.Await("synced").has_value());
  client_.socket().Reset();
  gateway_.Tick(id, {{FieldId::kBid, 1}});
  EXPECT_TRUE(gateway_.AwaitMetric("sessions", 0));
  EXPECT_EQ(gateway_.MetricOf("subscriptions"), 0);
}

TEST(WebSocketOpeningTest, SubscribesByItsUrlAndChoosesTheProtocol) {
  TestGateway gateway;
  gateway.Define({"A"});
  StreamClient client(Kind::kWebSocket, gateway.port(),
                      "?symbols=A&fields=bid&id=3",
                      "Sec-WebSocket-Protocol: other, streamhub.v1.json\r\n");
  ASSERT_TRUE(client.open());
  EXPECT_EQ(client.reply().Header("sec-websocket-protocol"),
            "streamhub.v1.json");
  const auto synced = client.Await("synced");
  ASSERT_TRUE(synced.has_value());
  EXPECT_EQ(client.held().quotes.at("A").fields,
            (std::map<std::string, std::string>{{"bid", "null"},
                                                {"trading", "unknown"}}));
}

// The encoding is chosen by the client's order of subprotocols, unless its URL
// says it.
TEST(WebSocketOpeningTest, ChoosesTheEncoding) {
  struct Case {
    std::string_view query, offered, chosen;
    bool binary;
  };
  constexpr Case kCases[] = {
      {"", "", "", false},
      {"", "streamhub.v1.fb, streamhub.v1.json", "streamhub.v1.fb", true},
      {"", "streamhub.v1.json, streamhub.v1.fb", "streamhub.v1.json", false},
      {"?encoding=fb", "", "", true},
      {"?encoding=fb", "streamhub.v1.json, streamhub.v1.fb", "streamhub.v1.fb",
       true},
      {"?encoding=json", "streamhub.v1.fb", "", false},
  };
  TestGateway gateway;
  for (const Case& c : kCases) {
    std::string headers;
    if (!c.offered.empty()) {
      headers = "Sec-WebSocket-Protocol: " + std::string(c.offered) + "\r\n";
    }
    StreamClient client(c.binary ? Kind::kWebSocketFlat : Kind::kWebSocket,
                        gateway.port(), c.query, headers);
    ASSERT_TRUE(client.open()) << c.query << ' ' << c.offered;
    EXPECT_EQ(client.reply().Header("sec-websocket-protocol"), c.chosen);
    EXPECT_TRUE(client.Await("hello").has_value())
        << c.query << ' ' << c.offered;
  }
  StreamClient bad(Kind::kWebSocket, gateway.port(), "?encoding=xml");
  EXPECT_EQ(bad.reply().status, 400);
}

// Impatient clients do not wait for the answer to the handshake.
TEST(WebSocketOpeningTest, FramesBehindTheHandshakeAreRead) {
  Config config = TestConfig();
  config.requests_per_second = 0;  // they come at once, and are many
  TestGateway gateway(config);
  gateway.Define({"A"});
  std::string behind;
  for (int i = 0; i < 2000; ++i) {
    behind += Masked(WsOpcode::kText, R"({"type":"ping"})");
  }
  behind += Masked(WsOpcode::kText, SubscribeText({"A"}));
  StreamClient client(Kind::kWebSocket, gateway.port(), "", "", behind);
  ASSERT_TRUE(client.open());
  int pongs = 0;
  while (const auto object = client.Next()) {
    if (object->Text("type") == "synced") break;
    pongs += object->Text("type") == "pong";
  }
  EXPECT_EQ(pongs, 2000);
}

TEST(WebSocketOpeningTest, RefusesWhatIsNoHandshake) {
  TestGateway gateway;
  const HttpReply plain = Get(gateway.port(), "/v1/ws");
  EXPECT_EQ(plain.status, 426);
  EXPECT_EQ(plain.Header("upgrade"), "websocket");
  EXPECT_EQ(plain.Header("sec-websocket-version"), "13");
  constexpr char kUpgrade[] = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(Get(gateway.port(), "/v1/ws",
                std::string(kUpgrade) + "Sec-WebSocket-Version: 8\r\n")
                .status,
            426);
  EXPECT_EQ(Get(gateway.port(), "/v1/ws",
                std::string(kUpgrade) +
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n")
                .status,
            400);
  StreamClient bad(Kind::kWebSocket, gateway.port(), "?symbols=A&fields=bidd");
  EXPECT_EQ(bad.reply().status, 400);
}

TEST(WebSocketOpeningTest, OneSessionTooManyIsToldSo) {
  Config config = TestConfig();
  config.sessions_max = 1;
  TestGateway gateway(config);
  StreamClient first(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(first.Await("hello").has_value());
  StreamClient second(Kind::kWebSocket, gateway.port());
  EXPECT_TRUE(second.AwaitEnd());
  EXPECT_EQ(second.close_code(), 4004);
  StreamClient third(Kind::kSse, gateway.port(), "?symbols=A");
  EXPECT_EQ(third.reply().status, 200);
  const auto closing = third.Await("closing");
  ASSERT_TRUE(closing.has_value());
  EXPECT_EQ(closing->Int("code"), 4004);
  EXPECT_TRUE(third.AwaitEnd());
  EXPECT_EQ(gateway.MetricOf("sessions_refused_total"), 2);
  first.Send(R"({"type":"ping"})");
  EXPECT_TRUE(first.Await("pong").has_value());
}

}  // namespace
}  // namespace streamhub
