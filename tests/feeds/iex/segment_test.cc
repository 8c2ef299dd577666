#include "feeds/iex/segment.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "feeds/iex/writer.h"
#include "tests/feeds/iex/any_message.h"

namespace streamhub::iex {
namespace {

constexpr uint32_t kSession = 0x43850000;

// Three messages, the last of them empty.
std::string ThreeMessages() {
  SegmentWriter writer(Protocol::kDeep, kSession);
  writer.head().channel = 7;
  writer.head().stream_offset = 1'000'000;
  writer.SetNext(55);
  writer.AddBytes("abc").AddBytes("defgh").AddBytes("");
  return writer.Cut(1'493'132'598'742'110'851);
}

std::string Fault(const std::string& payload) {
  Segment segment;
  const SegmentFault fault = ParseSegment(SpanOf(payload), &segment);
  EXPECT_EQ(segment.head, SegmentHead{});
  return Describe(fault, SpanOf(payload));
}

TEST(SegmentTest, ReadsWhatTheWriterWrote) {
  const std::string payload = ThreeMessages();
  Segment segment;
  ASSERT_EQ(ParseSegment(SpanOf(payload), &segment), SegmentFault::kNone);
  EXPECT_EQ(segment.head,
            (SegmentHead{Protocol::kDeep, 7, kSession, 3, 1'000'000, 55,
                         1'493'132'598'742'110'851}));
  EXPECT_FALSE(segment.head.heartbeat());
  std::vector<std::string> messages;
  std::span<const uint8_t> message;
  while (NextMessage(&segment.blocks, &message)) {
    messages.emplace_back(message.begin(), message.end());
  }
  EXPECT_EQ(messages, (std::vector<std::string>{"abc", "defgh", ""}));
  EXPECT_TRUE(segment.blocks.empty());
}

// Bytes put down by hand from the specification, independent of the writer.
TEST(SegmentTest, ReadsAHeaderByTheSpecification) {
  const uint8_t bytes[] = {0x01, 0x00, 0x03, 0x80, 0x01, 0x00, 0x00, 0x00, 0x00,
                           0x00, 0x87, 0x42, 0x05, 0x00, 0x01, 0x00, 0x8C, 0xA6,
                           0x21, 0x00, 0x00, 0x00, 0x00, 0x00, 0xCA, 0xC3, 0x00,
                           0x00, 0x00, 0x00, 0x00, 0x00, 0xEC, 0x45, 0xC2, 0x20,
                           0x96, 0x86, 0x6D, 0x14, 0x03, 0x00, 'x',  'y',  'z'};
  Segment segment;
  ASSERT_EQ(ParseSegment(bytes, &segment), SegmentFault::kNone);
  EXPECT_EQ(segment.head, (SegmentHead{Protocol::kTops, 1, 0x42870000, 1,
                                       0x21A68C, 0xC3CA, 0x146D869620C245EC}));
  std::span<const uint8_t> message;
  ASSERT_TRUE(NextMessage(&segment.blocks, &message));
  EXPECT_EQ(std::string(message.begin(), message.end()), "xyz");
  EXPECT_FALSE(NextMessage(&segment.blocks, &message));
}

TEST(SegmentTest, AHeartbeatHasTheNextNumber) {
  SegmentWriter writer(Protocol::kTops, kSession);
  writer.AddBytes("abc").Cut(1);
  const std::string payload = writer.Cut(2);
  EXPECT_EQ(payload.size(), kSegmentHeadBytes);
  Segment segment;
  ASSERT_EQ(ParseSegment(SpanOf(payload), &segment), SegmentFault::kNone);
  EXPECT_TRUE(segment.head.heartbeat());
  EXPECT_EQ(segment.head.first_sequence, 2);
  EXPECT_EQ(segment.head.stream_offset, 5);
  EXPECT_TRUE(segment.blocks.empty());
}

TEST(SegmentTest, RefusesEveryPartOfASegment) {
  const std::string payload = ThreeMessages();
  for (size_t size = 0; size < payload.size(); ++size) {
    // A copy of its own, so that a sanitizer sees a read beyond its end.
    const std::vector<uint8_t> part(
        payload.begin(), payload.begin() + static_cast<ptrdiff_t>(size));
    Segment segment;
    EXPECT_EQ(ParseSegment(part, &segment), size < kSegmentHeadBytes
                                                ? SegmentFault::kShort
                                                : SegmentFault::kTruncated);
  }
}

TEST(SegmentTest, SaysWhatIsWrongAndWhere) {
  const std::string good = ThreeMessages();
  EXPECT_EQ(Fault(good.substr(0, 39)),
            "at byte 39: ends inside the head of an IEX-TP segment, which has "
            "40 bytes");
  std::string bad = good;
  bad[0] = 2;
  EXPECT_EQ(Fault(bad), "at byte 0: version 2 of IEX-TP, want 1");
  bad = good;
  bad[2] = 2;
  EXPECT_EQ(Fault(bad),
            "at byte 2: message protocol 0x8002, want 0x8003 (TOPS 1.6) or "
            "0x8004 (DEEP 1.0)");
  EXPECT_EQ(Fault(good.substr(0, 50)),
            "at byte 12: payload length of 14, but 10 bytes follow the head");
  EXPECT_EQ(Fault(good + "x"),
            "at byte 12: payload length of 14, but 15 bytes follow the head");
  bad = good;
  bad[24] = 0;
  EXPECT_EQ(Fault(bad), "at byte 24: first sequence number is 0");
  bad[31] = '\x7F';
  for (int i = 24; i < 31; ++i) bad[i] = '\xFF';
  EXPECT_EQ(Fault(bad),
            "at byte 24: first sequence number is 9223372036854775807");
}

TEST(SegmentTest, RefusesLengthsThatDoNotFit) {
  const std::string good = ThreeMessages();
  std::string bad = good;
  bad[45] = 8;  // of the second message: one byte beyond the third's length
  EXPECT_EQ(Fault(bad),
            "at byte 45: the lengths of 3 messages do not fit the payload "
            "length of 14");
  bad[45] = 7;  // the third message would begin at the end
  EXPECT_EQ(Fault(bad),
            "at byte 54: the lengths of 3 messages do not fit the payload "
            "length of 14");
  bad = good;
  bad[14] = 2;
  EXPECT_EQ(Fault(bad),
            "at byte 52: the lengths of 2 messages do not fit the payload "
            "length of 14");
  bad[14] = 0;
  EXPECT_EQ(Fault(bad),
            "at byte 40: the lengths of 0 messages do not fit the payload "
            "length of 14");
}

}  // namespace
}  // namespace streamhub::iex
