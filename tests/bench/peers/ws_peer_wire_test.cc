// The wires of the peers read the same from any pieces, and ask as their
// servers expect.

#include "bench/peers/ws_peer_wire.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/peers/mqtt_peer.h"
#include "bench/peers/peer.h"
#include "gateway/base/strings.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub::peers {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kUpgraded[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

class Heard final : public load::Sink {
 public:
  void OnAccepted() override { ++accepted; }
  void OnMessage(std::string_view text) override {
    messages.emplace_back(text);
  }

  int accepted = 0;
  std::vector<std::string> messages;
};

std::string Frame(WsOpcode opcode, std::string_view payload) {
  std::string frame;
  AppendServerFrame(opcode, payload, &frame);
  return frame;
}

// A frame of a message that goes on.
std::string Fragment(WsOpcode opcode, std::string_view payload) {
  std::string frame = Frame(opcode, payload);
  frame[0] = static_cast<char>(frame[0] & 0x7F);
  return frame;
}

class PeerWireTest : public testing::Test {
 protected:
  PeerWireTest() {
    wanted_.names = {"A", "B", "C"};
    wanted_.plain = wanted_.names;
  }

  absl::Status Read(std::string_view peer, std::string_view stream, size_t size,
                    bool await_update = false) {
    heard_ = {};
    out_.clear();
    const auto wire = FindPeer(peer)->make_wire({1, await_update});
    opened_ =
        wire->Open({"127.0.0.1", "80", ""}, load::Holding(wanted_, {0, 2}));
    while (!stream.empty()) {
      const std::string piece(stream.substr(0, size));
      stream.remove_prefix(piece.size());
      const absl::Status taken = wire->Take(piece, heard_, &out_);
      if (!taken.ok()) return taken;
    }
    return absl::OkStatus();
  }

  // In pieces of every size the frames are these messages and end so.
  void ExpectMessages(std::string_view peer, const std::string& frames,
                      const std::vector<std::string>& messages,
                      const std::string& end = "") {
    const std::string stream = kUpgraded + frames;
    for (size_t size = 1; size <= stream.size(); ++size) {
      SCOPED_TRACE(size);
      const absl::Status ended = Read(peer, stream, size);
      EXPECT_EQ(std::string(FromAbsl(ended.message())), end);
      ASSERT_THAT(heard_.messages, ElementsAreArray(messages));
      EXPECT_EQ(heard_.accepted, 1);
    }
  }

  // What the server reads of what the wire sent.
  std::vector<std::string> Sent() {
    WsFrameReader server({.allow_binary = true});
    std::span<char> input(out_);
    std::vector<std::string> sent;
    WsEvent event;
    while (server.Next(&input, &event) == WsFrameReader::Result::kEvent) {
      sent.emplace_back(event.payload);
    }
    EXPECT_TRUE(input.empty());
    return sent;
  }

  load::Wanted wanted_;
  Heard heard_;
  std::string opened_, out_;
};

TEST_F(PeerWireTest, TextInFragments) {
  const std::string medium(200, 'm');
  ExpectMessages(
      "beast",
      Frame(WsOpcode::kText, "one") + Fragment(WsOpcode::kText, "t") +
          Frame(WsOpcode::kPing, "are you there") +
          Fragment(WsOpcode::kContinuation, "w") +
          Frame(WsOpcode::kContinuation, "o") + Frame(WsOpcode::kText, medium) +
          Frame(WsOpcode::kClose, ClosePayload(1001, "")) +
          Frame(WsOpcode::kText, "never"),
      {"one", "two", medium}, "closed with code 1001");
  EXPECT_THAT(Sent(), ElementsAre("s0 s2", "are you there"));
  EXPECT_THAT(opened_, StartsWith("GET / HTTP/1.1\r\nHost: 127.0.0.1:80\r\n"));
  EXPECT_THAT(opened_, Not(HasSubstr("Protocol")));
}

TEST_F(PeerWireTest, SyncedIsNoStateToWhoAwaitsAnUpdate) {
  const std::string stream = kUpgraded + Frame(WsOpcode::kText, "one") +
                             Frame(WsOpcode::kText, kSynced);
  ASSERT_TRUE(Read("bun", stream, 7).ok());
  EXPECT_THAT(heard_.messages, ElementsAre("one", kSynced));
  ASSERT_TRUE(Read("bun", stream, 7, true).ok());
  EXPECT_THAT(heard_.messages, ElementsAre("one"));
}

TEST_F(PeerWireTest, FaultsAreTold) {
  EXPECT_EQ(Read("bun", "HTTP/1.1 426 No\r\n\r\n", 5).message(),
            "refused with status 426");
  for (const std::string& frames : std::vector<std::string>{
           Frame(WsOpcode::kContinuation, "x"),
           Fragment(WsOpcode::kText, "x") + Frame(WsOpcode::kText, "y"),
           {"\xC1\x00", 2},
           "\x81\x85xxxxx",
           "\x83\x01x"}) {
    EXPECT_EQ(Read("bun", kUpgraded + frames, 100).message(),
              "bad WebSocket frame");
  }
  EXPECT_EQ(Read("bun", kUpgraded + ("\x81\x7f" + std::string(8, '\1')), 100)
                .message(),
            "a message is too big");
}

TEST_F(PeerWireTest, NchanNamesItsChannelsInThePath) {
  ExpectMessages("nchan", Frame(WsOpcode::kText, "one"),
                 {std::string(kSynced), "one"});
  EXPECT_THAT(opened_, StartsWith("GET /sub/s0,s2 HTTP/1.1\r\n"));
  EXPECT_THAT(Sent(), IsEmpty());
  ASSERT_TRUE(Read("nchan", kUpgraded, 100, true).ok());
  EXPECT_THAT(heard_.messages, IsEmpty()) << "only an update is a state";
}

// A stream within frames that know nothing of it.
TEST_F(PeerWireTest, NatsInAnyFrames) {
  const std::string stream =
      "INFO {\"a\":1}\r\n+OK\r\nPONG\r\nMSG s0 1 4\r\na\r\nb\r\n"
      "PING\r\nMSG s2 2 reply 0\r\n\r\n";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    ExpectMessages("nats",
                   Frame(WsOpcode::kBinary, stream.substr(0, cut)) +
                       Fragment(WsOpcode::kBinary, stream.substr(cut)) +
                       Frame(WsOpcode::kContinuation, ""),
                   {std::string(kSynced), "a\r\nb", ""});
  }
  EXPECT_THAT(
      Sent(),
      ElementsAre(testing::AllOf(StartsWith("CONNECT {"),
                                 testing::EndsWith("}\r\nSUB s0 1\r\n"
                                                   "SUB s2 2\r\nPING\r\n")),
                  "PONG\r\n"));
  ExpectMessages("nats", Frame(WsOpcode::kBinary, "-ERR 'Slow Consumer'\r\n"),
                 {}, "NATS says -ERR 'Slow Consumer'");
  ExpectMessages("nats", Frame(WsOpcode::kBinary, "MSG s0 1 x\r\n"), {},
                 "NATS says MSG s0 1 x");
}

std::string Publish(std::string_view topic, std::string_view text) {
  std::string packet = "\x30";
  const size_t size = 2 + topic.size() + text.size();
  if (size < 128) {
    packet += static_cast<char>(size);
  } else {
    packet += static_cast<char>((size & 0x7F) | 0x80);
    packet += static_cast<char>(size >> 7);
  }
  packet += '\0';
  packet += static_cast<char>(topic.size());
  return packet.append(topic).append(text);
}

TEST_F(PeerWireTest, MqttInAnyFrames) {
  const std::string large(300, 'l');
  const std::string stream =
      std::string("\x20\x02\0\0", 4) + std::string("\x90\x04\0\1\0\0", 6) +
      Publish("s0", "one") + Publish("s2", large) + Publish("s2", "");
  for (size_t cut = 0; cut <= stream.size(); cut += 3) {
    ExpectMessages("mosquitto",
                   Frame(WsOpcode::kBinary, stream.substr(0, cut)) +
                       Frame(WsOpcode::kBinary, stream.substr(cut)),
                   {std::string(kSynced), "one", large, ""});
  }
  EXPECT_THAT(opened_, HasSubstr("Sec-WebSocket-Protocol: mqtt\r\n"));
  // MQTT 3.1.1, sections 3.1 and 3.8, by hand.
  EXPECT_THAT(Sent(), ElementsAre(std::string("\x10\x0c\0\4MQTT\4\2\0\0\0\0"
                                              "\x82\x0c\0\1\0\2s0\0\0\2s2\0",
                                              28)));
}

TEST_F(PeerWireTest, MqttRefusalsAreTold) {
  const auto end_of = [this](const std::string& packets) {
    return std::string(FromAbsl(
        Read("mosquitto", kUpgraded + Frame(WsOpcode::kBinary, packets), 1000)
            .message()));
  };
  EXPECT_EQ(end_of({"\x20\x02\0\5", 4}), "the broker refuses");
  EXPECT_EQ(end_of({"\x90\x04\0\1\0\x80", 6}), "the broker refuses");
  for (const std::string& packets : std::vector<std::string>{
           {"\x30\x01\0", 3},            // no topic's length
           {"\x30\x03\0\4x", 5},         // a topic that is longer than all
           {"\x30\xff\xff\xff\xff", 5},  // a length that does not end
           {"\x30\xff\xff\xff\x7f", 5},  // more than a message may have
           {"\xF0\x00", 2},
           {"\x20\x01\0", 3}}) {
    EXPECT_EQ(end_of(packets), "bad MQTT packet");
  }
}

}  // namespace
}  // namespace streamhub::peers
