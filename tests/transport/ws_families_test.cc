// WebSocket over real sockets, by the families of the public Autobahn suite: 1
// framing, 2 pings and pongs, 3 reserved bits, 4 opcodes, 5 fragmentation, 6
// UTF-8, 7 closing, 9 limits, 10 many fragments. The server is the gateway's
// transport that says back what it is told; the cases are our own.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/codec/ws_frame.h"
#include "tests/support/http_client.h"
#include "tests/support/loopback_socket.h"
#include "tests/transport/ws_echo.h"

namespace streamhub {
namespace {

constexpr size_t kMessageMax = 1 << 20;

// A frame as a client sends it, with any first byte.
std::string Frame(uint8_t first, std::string_view payload, bool masked = true) {
  std::string frame;
  if (masked) {
    AppendClientFrame(WsOpcode::kText, payload, 0xA5C3960F, &frame);
  } else {
    AppendServerFrame(WsOpcode::kText, payload, &frame);
  }
  frame[0] = static_cast<char>(first);
  return frame;
}

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kText = 1, kBinary = 2, kCont = 0, kClose = 8, kPing = 9,
                  kPong = 10;

std::string Close(uint16_t code, std::string_view reason = "") {
  return Frame(kFin | kClose, ClosePayload(code, reason));
}

// What the server says, one word a message: "text:", "binary:", "ping:",
// "pong:" with its payload, "close:" with its code; then "end".
class Client {
 public:
  explicit Client(int port) : socket_(port) {
    EXPECT_TRUE(
        socket_.Send("GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    HttpReply reply;
    EXPECT_TRUE(TakeHead(socket_, &input_, &reply));
    EXPECT_EQ(reply.status, 101);
    EXPECT_EQ(reply.Header("sec-websocket-accept"),
              "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  }

  void Send(std::string_view bytes) { socket_.Send(bytes); }

  std::string Next() {
    for (;;) {
      WsEvent event;
      std::span<char> rest(input_);
      const auto result = reader_.Next(&rest, &event);
      std::string said;
      if (result == WsFrameReader::Result::kEvent) said = Say(event);
      input_ = std::string(rest.begin(), rest.end());
      if (result == WsFrameReader::Result::kFailed) return "bad frame";
      if (!said.empty()) return said;
      switch (socket_.Receive(&input_)) {
        case LoopbackSocket::Got::kBytes:
          break;
        case LoopbackSocket::Got::kEnd:
          return "end";
        case LoopbackSocket::Got::kReset:
          return "reset";
        case LoopbackSocket::Got::kTimeout:
          return "nothing";
      }
    }
  }

 private:
  static std::string Say(const WsEvent& event) {
    const std::string payload(event.payload);
    switch (event.type) {
      case WsEvent::Type::kText:
        return "text:" + payload;
      case WsEvent::Type::kBinary:
        return "binary:" + payload;
      case WsEvent::Type::kPing:
        return "ping:" + payload;
      case WsEvent::Type::kPong:
        return "pong:" + payload;
      case WsEvent::Type::kClose:
        return "close:" + std::to_string(event.close_code);
    }
    return "";
  }

  LoopbackSocket socket_;
  std::string input_;
  WsFrameReader reader_{{.role = WsFrameReader::Role::kClient,
                         .max_message_bytes = 2 * kMessageMax,
                         .allow_binary = true}};
};

using Said = std::vector<std::string>;

class WsFamiliesTest : public testing::Test {
 protected:
  ~WsFamiliesTest() override {
    server_.Stop();
    thread_.join();
  }

  // Whole, and byte by byte if it is not long.
  void Expect(std::string_view bytes, const Said& wanted) {
    for (const bool chopped : {false, true}) {
      if (chopped && bytes.size() > 60) continue;
      SCOPED_TRACE(chopped ? "byte by byte" : "whole");
      Client client(server_.port());
      if (chopped) {
        for (const char byte : bytes) client.Send({&byte, 1});
      } else {
        client.Send(bytes);
      }
      for (const std::string& each : wanted) {
        const std::string got = client.Next();
        ASSERT_EQ(got.size(), each.size()) << got.substr(0, 100);
        ASSERT_TRUE(got == each) << got.substr(0, 100);
      }
    }
  }

  // It is failed with that code, and nothing is said before or behind.
  void ExpectFails(std::string_view bytes, uint16_t code) {
    Expect(std::string(bytes) + Frame(kFin | kText, "behind"),
           {"close:" + std::to_string(code), "end"});
  }

  WsEchoServer server_{0, kMessageMax};
  std::thread thread_{[this] { server_.Run(); }};
};

// --- 1 ---

TEST_F(WsFamiliesTest, Framing) {
  for (const size_t size : {0, 1, 125, 126, 127, 128, 65535, 65536, 65537}) {
    SCOPED_TRACE(size);
    const std::string payload(size, '*');
    Expect(Frame(kFin | kText, payload), {"text:" + payload});
    Expect(Frame(kFin | kBinary, payload), {"binary:" + payload});
  }
}

// --- 2 ---

TEST_F(WsFamiliesTest, PingsAndPongs) {
  Expect(Frame(kFin | kPing, ""), {"pong:"});
  const std::string bytes("\x00\xff\xfe\xfd", 4);
  Expect(Frame(kFin | kPing, bytes), {"pong:" + bytes});
  Expect(Frame(kFin | kPing, std::string(125, 'p')),
         {"pong:" + std::string(125, 'p')});
  ExpectFails(Frame(kFin | kPing, std::string(126, 'p')), 1002);
  // Pongs that nobody asked for are passed over.
  Expect(Frame(kFin | kPong, "x") + Frame(kFin | kPing, "y"), {"pong:y"});
  std::string ten;
  Said answers;
  for (int i = 0; i < 10; ++i) {
    ten += Frame(kFin | kPing, std::to_string(i));
    answers.push_back("pong:" + std::to_string(i));
  }
  Expect(ten, answers);
}

// --- 3, 4 ---

TEST_F(WsFamiliesTest, ReservedBitsAndOpcodes) {
  for (int bits = 1; bits < 8; ++bits) {
    SCOPED_TRACE(bits);
    for (const uint8_t opcode : {kText, kBinary, kPing, kClose}) {
      ExpectFails(
          Frame(static_cast<uint8_t>(kFin | bits << 4 | opcode), "small"),
          1002);
    }
  }
  for (const uint8_t opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    SCOPED_TRACE(static_cast<int>(opcode));
    ExpectFails(Frame(kFin | opcode, ""), 1002);
    ExpectFails(Frame(kFin | opcode, "x"), 1002);
    Client client(server_.port());
    client.Send(Frame(kFin | kText, "before") + Frame(kFin | opcode, "x"));
    EXPECT_EQ(client.Next(), "text:before");
    EXPECT_EQ(client.Next(), "close:1002");
  }
  ExpectFails(Frame(kFin | kText, "not masked", false), 1002);
}

// --- 5 ---

TEST_F(WsFamiliesTest, Fragmentation) {
  const std::string ping = Frame(kFin | kPing, "p");
  Expect(Frame(kText, "a") + Frame(kFin | kCont, "b"), {"text:ab"});
  Expect(Frame(kBinary, "a") + Frame(kFin | kCont, "b"), {"binary:ab"});
  Expect(Frame(kText, "") + Frame(kCont, "") + Frame(kFin | kCont, ""),
         {"text:"});
  Expect(Frame(kText, "a") + ping + Frame(kFin | kCont, "b"),
         {"pong:p", "text:ab"});
  Expect(Frame(kText, "a") + ping + Frame(kCont, "b") + ping +
             Frame(kFin | kCont, "c"),
         {"pong:p", "pong:p", "text:abc"});
  // Control frames are not split, nothing goes on that has not begun, and
  // nothing begins before the end of what has.
  ExpectFails(Frame(kPing, "a") + Frame(kFin | kCont, "b"), 1002);
  ExpectFails(Frame(kPong, "a"), 1002);
  ExpectFails(Frame(kClose, ""), 1002);
  ExpectFails(Frame(kFin | kCont, "a"), 1002);
  ExpectFails(Frame(kCont, "a"), 1002);
  ExpectFails(Frame(kText, "a") + Frame(kFin | kText, "b"), 1002);
  ExpectFails(Frame(kText, "a") + Frame(kFin | kBinary, "b"), 1002);
}

// --- 6 ---

TEST_F(WsFamiliesTest, Utf8) {
  for (const char* good :
       {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80",
        "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xef\xbf\xbd"}) {
    const std::string text(good);
    Expect(Frame(kFin | kText, text), {"text:" + text});
    std::string split;  // in the middle of characters
    for (size_t i = 0; i < text.size(); ++i) {
      split += Frame(i == 0 ? kText : kCont, text.substr(i, 1));
    }
    Expect(split + Frame(kFin | kCont, ""), {"text:" + text});
  }
  for (const char* bad :
       {"\xce", "\xce\xba\xe1\xbd", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc0\xaf", "\xe0\x80\xaf",
        "\xf0\x80\x80\xaf", "\x80", "\xbf", "\xfe", "\xff", "\xc0\x80",
        "\xf5\x80\x80\x80", "\xe1\x80\xc0"}) {
    SCOPED_TRACE(testing::PrintToString(bad));
    ExpectFails(Frame(kFin | kText, bad), 1007);
    // Of a binary message it is nobody's business.
    Expect(Frame(kFin | kBinary, bad), {"binary:" + std::string(bad)});
  }
  // As soon as it is known, before the end of the message.
  ExpectFails(Frame(kText, "ok\xed\xa0"), 1007);
}

// --- 7 ---

TEST_F(WsFamiliesTest, Closing) {
  ExpectFails(Frame(kFin | kClose, ""), 1005);
  ExpectFails(Close(1000, "bye"), 1000);
  ExpectFails(Close(1000, std::string(123, 'r')), 1000);
  Expect(Frame(kFin | kText, "a") + Close(1000) + Frame(kFin | kPing, "x"),
         {"text:a", "close:1000", "end"});
  Expect(Frame(kText, "a") + Close(1000), {"close:1000", "end"});
  ExpectFails(Frame(kFin | kClose, "x"), 1002);
  ExpectFails(Frame(kFin | kClose, std::string(126, 'x')), 1002);
  ExpectFails(Frame(kFin | kClose, std::string("\x03\xe8\xff", 3)), 1007);
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011,
                         3000, 3999, 4000, 4999}) {
    ExpectFails(Close(static_cast<uint16_t>(code)),
                static_cast<uint16_t>(code));
  }
  for (const int code :
       {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    SCOPED_TRACE(code);
    const char payload[] = {static_cast<char>(code >> 8),
                            static_cast<char>(code & 0xFF)};
    ExpectFails(Frame(kFin | kClose, {payload, 2}), 1002);
  }
}

// --- 9, 10 ---

TEST_F(WsFamiliesTest, Limits) {
  const std::string most(kMessageMax, 'm');
  Expect(Frame(kFin | kText, most), {"text:" + most});
  Expect(Frame(kFin | kBinary, most), {"binary:" + most});
  ExpectFails(Frame(kFin | kText, most + "m"), 1009);
  std::string pieces;
  for (size_t at = 0; at < most.size(); at += 1024) {
    pieces += Frame(at == 0 ? kText : kCont, most.substr(at, 1024));
  }
  Expect(pieces + Frame(kFin | kCont, ""), {"text:" + most});
  ExpectFails(pieces + Frame(kCont, "m"), 1009);
  // Told by the length alone: nothing of it has to come.
  std::string huge = Frame(kFin | kBinary, std::string(70'000, 'x'));
  huge.resize(14);
  huge[2] = 0x7F;
  ExpectFails(huge, 1009);
  // A length with its highest bit set is none (RFC 6455 section 5.2).
  huge[2] = '\xFF';
  ExpectFails(huge, 1002);
}

TEST_F(WsFamiliesTest, ManyMessages) {
  std::string bytes;
  for (int i = 0; i < 2000; ++i)
    bytes += Frame(kFin | kText, std::to_string(i));
  Client client(server_.port());
  client.Send(bytes);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(client.Next(), "text:" + std::to_string(i));
  }
}

}  // namespace
}  // namespace streamhub
