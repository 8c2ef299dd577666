// What the wires read is the same in any pieces.

#include "bench/load/wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/wires.h"
#include "gateway/base/strings.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub::load {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class Heard final : public Sink {
 public:
  void OnAccepted() override { ++accepted; }
  void OnMessage(std::string_view text) override {
    messages.emplace_back(text);
  }

  int accepted = 0;
  std::vector<std::string> messages;
};

class WireTest : public testing::Test {
 protected:
  WireTest() {
    wanted_.names = {"A", "B\\\""};
    wanted_.plain = {"A", "B\""};
    wanted_.fields = {"bid"};
    wanted_.max_rate = "2";
  }

  // Reads `stream` in pieces of `size` bytes. What was wrong at last.
  absl::Status Read(Wire& wire, std::string_view stream, size_t size) {
    heard_ = {};
    out_.clear();
    opened_ = wire.Open({"::1", "80", "/p"}, Holding(wanted_, {0, 1}));
    while (!stream.empty()) {
      const std::string piece(stream.substr(0, size));
      stream.remove_prefix(piece.size());
      const absl::Status taken = wire.Take(piece, heard_, &out_);
      if (!taken.ok()) return taken;
    }
    return absl::OkStatus();
  }

  // In pieces of every size the stream is these messages and ends so.
  void ExpectMessages(WireKind kind, std::string_view stream,
                      const std::vector<std::string>& messages,
                      const std::string& end) {
    for (size_t size = 1; size <= stream.size(); ++size) {
      SCOPED_TRACE(size);
      const auto wire = MakeWire(kind, 1);
      const absl::Status ended = Read(*wire, stream, size);
      EXPECT_EQ(std::string(FromAbsl(ended.message())), end);
      ASSERT_THAT(heard_.messages, ElementsAreArray(messages));
      EXPECT_EQ(heard_.accepted, messages.empty() ? 0 : 1);
    }
  }

  Wanted wanted_;
  Heard heard_;
  std::string opened_, out_;
};

constexpr char kUpgraded[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

TEST_F(WireTest, WebSocketMessagesInAnyPieces) {
  std::string stream = kUpgraded;
  const std::string medium(200, 'm'), large(70'000, 'l');
  AppendServerFrame(WsOpcode::kText, "one", &stream);
  AppendServerFrame(WsOpcode::kPing, "are you there", &stream);
  AppendServerFrame(WsOpcode::kText, medium, &stream);
  AppendServerFrame(WsOpcode::kText, "", &stream);
  AppendServerFrame(WsOpcode::kPong, "", &stream);
  const std::string small = stream;
  AppendServerFrame(WsOpcode::kClose, ClosePayload(4001, "stopping"), &stream);
  ExpectMessages(WireKind::kWs, stream, {"one", medium, ""},
                 "closed with code 4001");
  stream = small;
  AppendServerFrame(WsOpcode::kText, large, &stream);
  AppendServerFrame(WsOpcode::kText, "end", &stream);
  for (const size_t size : {1000u, 4096u, 65'536u, 100'000u}) {
    WsWire wire(1);
    EXPECT_TRUE(Read(wire, stream, size).ok());
    EXPECT_THAT(heard_.messages, ElementsAre("one", medium, "", large, "end"));
  }
}

// What it sends is what a server reads: the request, then the pong.
TEST_F(WireTest, WebSocketAnswersAsAServerExpects) {
  std::string stream = kUpgraded;
  AppendServerFrame(WsOpcode::kPing, "are you there", &stream);
  WsWire wire(1);
  ASSERT_TRUE(Read(wire, stream, 5).ok());
  EXPECT_THAT(opened_,
              StartsWith("GET /p/v1/ws HTTP/1.1\r\nHost: [::1]:80\r\n"));
  WsFrameReader server({});
  std::span<char> input(out_);
  WsEvent event;
  ASSERT_EQ(server.Next(&input, &event), WsFrameReader::Result::kEvent);
  EXPECT_EQ(event.payload,
            "{\"type\":\"subscribe\",\"id\":1,\"symbols\":[\"A\",\"B\\\"\"],"
            "\"fields\":[\"bid\"],\"max_rate\":2}");
  ASSERT_EQ(server.Next(&input, &event), WsFrameReader::Result::kEvent);
  EXPECT_EQ(event.type, WsEvent::Type::kPong);
  EXPECT_EQ(event.payload, "are you there");
}

TEST_F(WireTest, WebSocketFaultsAreTold) {
  const std::string start = kUpgraded;
  ExpectMessages(WireKind::kWs, "HTTP/1.1 503 Busy\r\n\r\n", {},
                 "refused with status 503");
  ExpectMessages(WireKind::kWs, "SSH-2.0", {}, "the answer is not HTTP/1");
  for (const std::string& frame : std::vector<std::string>{
           {"\x01\x00", 2}, "\x81\x85xxxxx", {"\xC1\x00", 2}, "\x83\x01x"}) {
    WsWire wire(1);
    EXPECT_EQ(Read(wire, start + frame, 100).message(), "bad WebSocket frame");
  }
  WsWire wire(1);
  EXPECT_EQ(
      Read(wire, start + "\x81\x7f" + std::string(8, '\x01'), 100).message(),
      "a message is too big");
}

TEST_F(WireTest, EventsInAnyPieces) {
  ExpectMessages(WireKind::kSse,
                 "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                 "retry: 2000\ndata: {\"a\":1}\n\nid: x;A@1\n\n"
                 ": heartbeat\ndata: two\n\ndata: cut",
                 {"{\"a\":1}", "two"}, "");
  EXPECT_THAT(opened_,
              StartsWith("GET /p/v1/sse?symbols=A,B%22&fields=bid&max_rate=2 "
                         "HTTP/1.1\r\nHost: [::1]:80\r\n"));
  ExpectMessages(WireKind::kSse,
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", {},
                 "event streams in chunks are not read here");
}

TEST_F(WireTest, ChunksInAnyPieces) {
  const std::string head =
      "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n";
  const std::string twenty(20, 'x');
  ExpectMessages(WireKind::kStream,
                 head + "4\r\none\n\r\n14;ext=1\r\n" + twenty +
                     "\r\n5\r\nthree\r\n0\r\nTrailer: x\r\n\r\n",
                 {"one\n", twenty, "three"}, "the stream has ended");
  EXPECT_THAT(opened_, StartsWith("POST /p/v1/stream HTTP/1.1\r\n"));
  EXPECT_THAT(opened_, HasSubstr("\r\n\r\n{\"type\":\"subscribe\""));
  for (const std::string_view bad :
       {"x\r\n", "\r\n", "123456789\r\n", "1\r\nab\r\n"}) {
    StreamWire wire;
    EXPECT_EQ(Read(wire, head + std::string(bad), 1).message(), "bad chunk")
        << bad;
  }
  StreamWire wire;
  EXPECT_EQ(Read(wire, "HTTP/1.1 200 OK\r\n\r\n", 7).message(),
            "the stream does not come in chunks");
}

// Twice on one connection, and the second time with what it holds.
TEST_F(WireTest, PollsOneAfterTheOther) {
  const std::string answer =
      "{\"type\":\"ack\",\"id\":1,\"at\":\"e.f.0.1.2\",\"max_rate\":2,"
      "\"symbols\":{\"A\":{\"decimals\":2},\"B\\\"\":{\"unknown\":true}}}\n"
      "{\"type\":\"update\",\"epoch\":\"e\",\"time\":1,\"quotes\":{\"A\":{"
      "\"v\":5,\"snapshot\":true,\"n\":6,\"t\":7,\"quiet\":true,"
      "\"bid\":1.5}}}\n";
  const std::string stream =
      "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(answer.size()) +
      "\r\n\r\n" + answer;
  for (size_t size = 1; size <= stream.size(); ++size) {
    PollWire wire;
    ASSERT_TRUE(Read(wire, stream, size).ok());
    EXPECT_THAT(heard_.messages, ElementsAre(answer));
    EXPECT_TRUE(wire.wants_request());
    Holding holding(wanted_, {0, 1});
    std::string_view message = answer;
    Object object;
    ASSERT_TRUE(NextObject(&message, &object));
    holding.OnAck(object.text);
    ASSERT_TRUE(NextObject(&message, &object));
    QuoteScanner quotes(object.text);
    Quote quote;
    ASSERT_TRUE(quotes.Next(&quote));
    ASSERT_NE(holding.Apply(quote, 1), nullptr);
    std::string next;
    wire.Request(holding, &next);
    EXPECT_FALSE(wire.wants_request());
    EXPECT_THAT(next, StartsWith("POST /p/v1/poll HTTP/1.1\r\n"));
    EXPECT_THAT(
        next, HasSubstr("\r\n\r\n{\"type\":\"subscribe\",\"id\":1,\"symbols\":"
                        "[\"A@5q\",\"B\\\"@0\"],\"fields\":[\"bid\"],"
                        "\"max_rate\":2,\"at\":\"e.f.0.1.2\"}"));
    Heard again;
    ASSERT_TRUE(wire.Take(stream, again, &next).ok());
    EXPECT_THAT(again.messages, ElementsAre(answer));
    EXPECT_EQ(again.accepted, 0) << "only the first time";
  }
}

TEST_F(WireTest, PollFaultsAreTold) {
  ExpectMessages(WireKind::kPoll, "HTTP/1.1 400 No\r\n\r\n", {},
                 "refused with status 400");
  ExpectMessages(WireKind::kPoll, "HTTP/1.1 200 OK\r\n\r\n", {},
                 "an answer without a length that makes sense");
  ExpectMessages(WireKind::kPoll,
                 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close"
                 "\r\n\r\n{}",
                 {"{}"}, "the server closed after an answer");
}

}  // namespace
}  // namespace streamhub::load
