// What reads a capture allocates nothing for another packet, be it in order or
// swapped with its neighbour, nor what reads a stream for another message.

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "feeds/mold/session_tracker.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/soup/stream_reader.h"
#include "gateway/base/check.h"
#include "tests/allocations/allocation_count.h"
#include "tests/support/capture_writer.h"
#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"

namespace streamhub {
namespace {

constexpr uint64_t kPackets = 6000;  // more than a reader's buffer holds

// Each third packet comes after the one that follows it.
std::string Capture(bool pcapng) {
  packets::CaptureWriter writer({.pcapng = pcapng});
  for (uint64_t i = 0; i < kPackets; ++i) {
    const uint64_t first = i % 3 == 0 ? i + 1 : i % 3 == 1 ? i - 1 : i;
    writer.Add(
        1'700'000'000'000'000'000,
        packets::MakeFrame(packets::Flow(), MakeMold("SESSION", 2 * first + 1,
                                                     {"message", "another"})));
  }
  return writer.bytes();
}

template <typename Reader>
void Feed(std::string_view* bytes, Reader& reader) {
  const auto room = reader.Room();
  const size_t count = std::min(bytes->size(), room.size());
  STREAMHUB_CHECK(count > 0);
  std::copy_n(bytes->begin(), count, room.begin());
  reader.Filled(count);
  bytes->remove_prefix(count);
}

TEST(PacketsAllocationTest, NoneForAnotherPacket) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  for (const bool pcapng : {false, true}) {
    const std::string capture = Capture(pcapng);
    std::string_view left = capture;
    packets::CaptureReader reader;
    mold::SessionTracker tracker;
    const auto play = [&](uint64_t until) {
      std::span<const uint8_t> message;
      while (tracker.counts().messages < static_cast<int64_t>(2 * until)) {
        packets::Packet packet;
        if (reader.Read(&packet) == packets::CaptureReader::Next::kNeedMore) {
          Feed(&left, reader);
          continue;
        }
        packets::Datagram datagram;
        mold::Packet one;
        ParseDatagram(reader.link(), packet, &datagram);
        mold::Parse(datagram.payload, &one);
        tracker.Add(one);
        while (tracker.Next(&message)) continue;
      }
    };
    play(kPackets / 2);
    BeginAllocationCount(CountedThreads::kAll);
    play(kPackets);
    const AllocationCount counted = EndAllocationCount();
    EXPECT_EQ(counted.count, 0) << counted.sites;
    EXPECT_EQ(tracker.counts().reordered, static_cast<int64_t>(kPackets / 3));
    EXPECT_EQ(tracker.gaps().gaps(), 0);
  }
}

TEST(SoupAllocationTest, NoneForAnotherMessage) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  std::string stream = MakeSoupLogin("SESSION", 1);
  for (uint64_t i = 0; i < 20'000; ++i) {
    stream += MakeSoup('S', "some message") + MakeSoup('H');
  }
  std::string_view left = stream;
  soup::StreamReader reader;
  const auto play = [&](uint64_t next) {
    soup::Packet packet;
    while (reader.next_sequence() != next) {
      if (reader.Read(&packet) == soup::StreamReader::Next::kNeedMore) {
        Feed(&left, reader);
      }
    }
  };
  play(2000);
  BeginAllocationCount(CountedThreads::kAll);
  play(20'001);
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 0) << counted.sites;
}

}  // namespace
}  // namespace streamhub
