#include "feeds/packets/capture_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/capture_writer.h"
#include "tests/support/packet_writer.h"

namespace streamhub::packets {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Next = CaptureReader::Next;

struct Seen {
  std::string bytes;
  uint64_t wire_bytes;
  int64_t time_ns;

  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Content {
  std::vector<Seen> packets;
  std::vector<uint64_t> offsets;
  Link link = Link::kUnknown;
  Next last = Next::kEnd;
  std::string error;
};

// Reads all of `bytes`, given in pieces of `piece` bytes.
Content ReadAll(std::string_view bytes, size_t piece = 1 << 20) {
  CaptureReader reader;
  Content content;
  while (true) {
    Packet packet;
    content.last = reader.Read(&packet);
    switch (content.last) {
      case Next::kPacket:
        content.packets.push_back(
            {std::string(packet.bytes.begin(), packet.bytes.end()),
             packet.wire_bytes, packet.time_ns});
        content.offsets.push_back(reader.offset());
        content.link = reader.link();
        break;
      case Next::kNeedMore: {
        if (bytes.empty()) {
          reader.Finish();
          break;
        }
        const auto room = reader.Room();
        EXPECT_FALSE(room.empty());
        const size_t count = std::min({piece, bytes.size(), room.size()});
        std::copy_n(bytes.begin(), count, room.begin());
        reader.Filled(count);
        bytes.remove_prefix(count);
        break;
      }
      case Next::kEnd:
      case Next::kDamaged:
        EXPECT_EQ(reader.packets(),
                  static_cast<int64_t>(content.packets.size()));
        content.error = std::string(reader.status().message());
        return content;
    }
  }
}

constexpr int64_t kTimeNs = 1'700'000'000'123'456'789;
constexpr int64_t kTimeUs = kTimeNs / 1000 * 1000;

// Three packets, the second of which was cut.
std::string ThreePackets(const CaptureWriter::Form& form) {
  CaptureWriter writer(form);
  writer.Add(kTimeNs, "first");
  writer.Add(kTimeNs + 1'000'000, "second", 1000);
  writer.Add(kTimeNs - 2'000'000'000, "");
  return writer.bytes();
}

TEST(CaptureReaderTest, EveryFormInPiecesOfAnySize) {
  for (const bool pcapng : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      for (const bool big : {false, true}) {
        const std::string bytes = ThreePackets(
            {.pcapng = pcapng, .nanoseconds = nanoseconds, .big_endian = big});
        const int64_t time_ns = nanoseconds ? kTimeNs : kTimeUs;
        const std::vector<Seen> want = {{"first", 5, time_ns},
                                        {"second", 1000, time_ns + 1'000'000},
                                        {"", 0, time_ns - 2'000'000'000}};
        for (const size_t piece : {size_t{1}, size_t{7}, bytes.size()}) {
          const Content content = ReadAll(bytes, piece);
          EXPECT_EQ(content.last, Next::kEnd) << content.error;
          EXPECT_TRUE(content.packets == want);
          EXPECT_EQ(content.link, Link::kEthernet);
          EXPECT_EQ(content.offsets.front(), pcapng && nanoseconds ? 60u
                                             : pcapng              ? 48u
                                                                   : 24u);
        }
      }
    }
  }
}

TEST(CaptureReaderTest, RecordsWithLongHeads) {
  const Content content =
      ReadAll(ThreePackets({.nanoseconds = false, .long_heads = true}), 5);
  EXPECT_EQ(content.last, Next::kEnd) << content.error;
  ASSERT_EQ(content.packets.size(), 3u);
  EXPECT_EQ(content.packets[1].bytes, "second");
}

TEST(CaptureReaderTest, KnowsTheLink) {
  const std::vector<std::pair<uint32_t, Link>> links = {
      {1, Link::kEthernet}, {113, Link::kCooked}, {276, Link::kCookedV2},
      {101, Link::kRawIp},  {228, Link::kRawIp},  {229, Link::kRawIp},
      {105, Link::kUnknown}};
  for (const auto& [number, link] : links) {
    CaptureWriter writer({.link = number});
    writer.Add(kTimeNs, "frame");
    EXPECT_EQ(ReadAll(writer.bytes()).link, link) << number;
  }
}

TEST(CaptureReaderTest, APacketIsThereBeforeTheNextOneBegins) {
  for (const bool pcapng : {false, true}) {
    CaptureWriter writer({.pcapng = pcapng});
    const size_t opening = writer.bytes().size();
    writer.Add(kTimeNs, "frame");
    const std::string bytes = writer.bytes();
    CaptureReader reader;
    Packet packet;
    for (size_t i = 0; i < bytes.size(); ++i) {
      // Asking in between, as one does who waits, changes nothing.
      ASSERT_EQ(reader.Read(&packet), Next::kNeedMore) << i;
      ASSERT_EQ(reader.Read(&packet), Next::kNeedMore) << i;
      reader.Room()[0] = static_cast<uint8_t>(bytes[i]);
      reader.Filled(1);
    }
    EXPECT_EQ(reader.Read(&packet), Next::kPacket);
    EXPECT_EQ(reader.offset(), opening);
    EXPECT_EQ(reader.Read(&packet), Next::kNeedMore);
  }
}

TEST(CaptureReaderTest, PacketsLargerThanTheBuffer) {
  // 262144 is libpcap's own limit.
  CaptureWriter writer({.snap_bytes = 262144});
  const std::string large(262'000, 'x');
  for (int i = 0; i < 3; ++i) writer.Add(kTimeNs + i, large);
  for (const size_t piece : {1000, 1 << 20}) {
    const Content content = ReadAll(writer.bytes(), piece);
    EXPECT_EQ(content.last, Next::kEnd) << content.error;
    ASSERT_EQ(content.packets.size(), 3u);
    EXPECT_TRUE(content.packets[2].bytes == large);
  }
}

TEST(CaptureReaderTest, APcapngMayEndInOtherBlocks) {
  CaptureWriter writer({.pcapng = true});
  writer.AddBlock(4, "names   ");
  writer.Add(kTimeNs, "frame");
  writer.AddBlock(5, std::string(12, '\0'));
  for (const size_t piece : {1, 1000}) {
    const Content content = ReadAll(writer.bytes(), piece);
    EXPECT_EQ(content.last, Next::kEnd) << content.error;
    EXPECT_EQ(content.packets.size(), 1u);
  }
}

TEST(CaptureReaderTest, AnyCutGivesAllWholePacketsFirst) {
  for (const bool pcapng : {false, true}) {
    CaptureWriter writer({.pcapng = pcapng});
    std::vector<size_t> ends = {writer.bytes().size()};
    for (const char* frame : {"first", "second", "third"}) {
      writer.Add(kTimeNs, frame);
      ends.push_back(writer.bytes().size());
    }
    const std::string& bytes = writer.bytes();
    for (size_t size = 1; size < bytes.size(); ++size) {
      const auto whole = static_cast<size_t>(
          std::count_if(ends.begin(), ends.end(),
                        [size](size_t end) { return end <= size; }));
      const Content content = ReadAll(bytes.substr(0, size));
      const size_t packets = whole == 0 ? 0 : whole - 1;
      EXPECT_EQ(content.packets.size(), packets) << size;
      if (whole > 0 && ends[whole - 1] == size) {
        EXPECT_EQ(content.last, Next::kEnd) << size;
        continue;
      }
      EXPECT_EQ(content.last, Next::kDamaged) << size;
      const size_t at = whole == 0 ? 0 : ends[whole - 1];
      EXPECT_THAT(content.error,
                  StartsWith("at byte " + std::to_string(at) + ", after " +
                             std::to_string(packets) + " packet"));
      // libpcap's words; that of a pcapng's first block are others.
      if (!pcapng) {
        EXPECT_THAT(content.error, HasSubstr("truncated"));
      }
    }
  }
  EXPECT_EQ(ReadAll("").last, Next::kEnd);
}

TEST(CaptureReaderTest, DamageNamesThePlace) {
  EXPECT_EQ(ReadAll("time,bid,ask").error,
            "at byte 0, after 0 packets: neither pcap nor pcapng: the first "
            "bytes are 0x74696d65");
  CaptureWriter writer;
  writer.Add(kTimeNs, "first");
  const size_t at = writer.bytes().size();
  writer.Add(kTimeNs, "second");
  std::string bytes = writer.bytes();
  bytes[at + 11] = '\x70';
  Content content = ReadAll(bytes);
  EXPECT_EQ(content.packets.size(), 1u);
  EXPECT_EQ(content.error,
            "at byte 45, after 1 packet: a packet of 1879048198 bytes");
  // What only libpcap knows: a version, a packet of an interface that is none.
  bytes = writer.bytes();
  bytes[4] = '\x7F';
  EXPECT_THAT(ReadAll(bytes).error, HasSubstr("version"));
  CaptureWriter pcapng({.pcapng = true});
  const size_t packet_at = pcapng.bytes().size();
  pcapng.Add(kTimeNs, "frame");
  bytes = pcapng.bytes();
  bytes[packet_at + 8] = '\x05';
  EXPECT_THAT(ReadAll(bytes).error, HasSubstr("interface"));
}

TEST(CaptureReaderTest, TimesThatCannotBeAreNone) {
  CaptureWriter writer;
  writer.Add(kTimeNs, "frame");
  std::string bytes = writer.bytes();
  bytes[24 + 7] = '\x7F';  // nanoseconds of the second
  const Content content = ReadAll(bytes);
  ASSERT_EQ(content.packets.size(), 1u);
  EXPECT_EQ(content.packets[0].time_ns, 0);
  CaptureWriter late({.pcapng = true, .nanoseconds = false});
  const size_t at = late.bytes().size();
  late.Add(kTimeNs, "frame");
  bytes = late.bytes();
  bytes[at + 12 + 3] = '\x7F';  // microseconds, the highest byte
  ASSERT_EQ(ReadAll(bytes).packets.size(), 1u);
  EXPECT_EQ(ReadAll(bytes).packets[0].time_ns, 0);
}

}  // namespace
}  // namespace streamhub::packets
