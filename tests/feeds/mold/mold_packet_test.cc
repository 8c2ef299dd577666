#include "feeds/mold/mold_packet.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"

namespace streamhub::mold {
namespace {

using packets::AsBytes;

std::string FaultOf(std::string_view payload) {
  Packet packet;
  return Describe(Parse(AsBytes(payload), &packet), AsBytes(payload));
}

TEST(MoldPacketTest, HandsOutTheMessages) {
  const std::vector<std::string> messages = {"one", "", "three",
                                             std::string(60'000, 'x')};
  const std::string payload = MakeMold("SESSION1", 5'000'000'000, messages);
  Packet packet;
  ASSERT_EQ(Parse(AsBytes(payload), &packet), Parsed::kPacket);
  EXPECT_EQ(NameOf(packet.session), "SESSION1");
  EXPECT_EQ(packet.sequence, 5'000'000'000u);
  EXPECT_EQ(packet.messages, 4);
  EXPECT_FALSE(packet.end_of_session);
  Messages reader(packet.blocks);
  std::span<const uint8_t> message;
  std::vector<std::string> got;
  while (reader.Next(&message))
    got.emplace_back(message.begin(), message.end());
  EXPECT_TRUE(got == messages);
}

TEST(MoldPacketTest, HeartbeatAndEndOfSession) {
  const std::string heartbeat = MakeMoldHeartbeat("S", 77);
  Packet packet;
  ASSERT_EQ(Parse(AsBytes(heartbeat), &packet), Parsed::kPacket);
  EXPECT_EQ(packet.sequence, 77u);
  EXPECT_EQ(packet.messages, 0);
  EXPECT_FALSE(packet.end_of_session);
  const std::string end = MakeMoldEnd("S", 78);
  ASSERT_EQ(Parse(AsBytes(end), &packet), Parsed::kPacket);
  EXPECT_EQ(packet.sequence, 78u);
  EXPECT_EQ(packet.messages, 0);
  EXPECT_TRUE(packet.end_of_session);
}

TEST(MoldPacketTest, NamesEndBeforeTheirPadding) {
  EXPECT_EQ(NameOf({'A', ' ', 'B', ' ', ' ', ' ', ' ', ' ', ' ', ' '}), "A B");
  EXPECT_EQ(NameOf({' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '}), "");
  EXPECT_EQ(NameOf({'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'}),
            "0123456789");
}

TEST(MoldPacketTest, AnyCutIsNone) {
  const std::string payload = MakeMold("S", 1, {"one", "two"});
  Packet packet;
  for (size_t size = 0; size < payload.size(); ++size) {
    const std::string part = payload.substr(0, size);
    EXPECT_EQ(Parse(AsBytes(part), &packet),
              size < kHeadBytes ? Parsed::kTooShort : Parsed::kBadBlocks)
        << size;
  }
}

TEST(MoldPacketTest, NamesTheFault) {
  EXPECT_EQ(FaultOf("abc"), "3 bytes, the header alone has 20");
  const std::string payload = MakeMold("S", 1, {"one", "two"});
  EXPECT_EQ(FaultOf(payload), "a MoldUDP64 packet");
  EXPECT_EQ(FaultOf(payload.substr(0, 29)),
            "message 2 of 2 ends past the packet, at byte 25");
  EXPECT_EQ(FaultOf(payload + "tail"),
            "4 bytes after the last of 2 messages, at byte 30");
  EXPECT_EQ(FaultOf(MakeMoldEnd("S", 1) + "tail"),
            "4 bytes after the last of 0 messages, at byte 20");
  for (const char bad : {'\x1F', '\x7F', '\x80', '\0'}) {
    std::string named = payload;
    named[9] = bad;
    EXPECT_EQ(FaultOf(named), "the name of the session is not printable");
  }
}

TEST(MoldPacketTest, TheLastNumberFits) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  Packet packet;
  const std::string fits = MakeMold("S", kMax - 2, {"one", "two"});
  EXPECT_EQ(Parse(AsBytes(fits), &packet), Parsed::kPacket);
  const std::string beyond = MakeMold("S", kMax - 1, {"one", "two"});
  EXPECT_EQ(Parse(AsBytes(beyond), &packet), Parsed::kBadSequence);
  EXPECT_EQ(FaultOf(beyond),
            "sequence number 18446744073709551614 and 2 messages");
}

}  // namespace
}  // namespace streamhub::mold
