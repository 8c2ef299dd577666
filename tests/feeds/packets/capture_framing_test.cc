#include "feeds/packets/capture_framing.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/capture_writer.h"
#include "tests/support/packet_writer.h"

namespace streamhub::packets {
namespace {

using Next = CaptureFraming::Next;

std::vector<CaptureWriter::Form> Forms() {
  std::vector<CaptureWriter::Form> forms;
  for (const bool big : {false, true}) {
    for (const bool nanoseconds : {false, true}) {
      for (const bool pcapng : {false, true}) {
        forms.push_back(
            {.pcapng = pcapng, .nanoseconds = nanoseconds, .big_endian = big});
      }
    }
    forms.push_back(
        {.nanoseconds = false, .big_endian = big, .long_heads = true});
  }
  return forms;
}

// The steps, where each is offered one byte more until it is found.
std::vector<size_t> StepsOf(std::string_view bytes) {
  CaptureFraming framing;
  std::vector<size_t> steps;
  size_t have = 0;
  while (have <= bytes.size()) {
    size_t step = 0;
    const Next next = framing.Find(AsBytes(bytes.substr(0, have)), &step);
    if (next == Next::kDamaged) {
      ADD_FAILURE() << framing.fault();
      break;
    }
    if (next == Next::kNeedMore) {
      ++have;
      continue;
    }
    EXPECT_EQ(step, have) << "found late or early";
    steps.push_back(step);
    bytes.remove_prefix(step);
    have = 0;
  }
  EXPECT_EQ(bytes.size(), 0u);
  return steps;
}

TEST(CaptureFramingTest, AStepIsThereWithItsLastByteAndNotBefore) {
  for (const auto& form : Forms()) {
    CaptureWriter writer(form);
    std::vector<size_t> ends = {writer.bytes().size()};
    for (const char* frame : {"one", "", "three and more", "4444"}) {
      writer.Add(1'000'000'000, frame);
      ends.push_back(writer.bytes().size());
    }
    const std::vector<size_t> steps = StepsOf(writer.bytes());
    ASSERT_EQ(steps.size(), ends.size());
    size_t end = 0;
    for (size_t i = 0; i < steps.size(); ++i) {
      end += steps[i];
      EXPECT_EQ(end, ends[i]) << i;
    }
  }
}

TEST(CaptureFramingTest, BlocksWithoutPacketsBelongToTheNextOne) {
  CaptureWriter writer({.pcapng = true});
  const size_t opening = writer.bytes().size();
  writer.AddBlock(5, "statistics  ");
  writer.AddBlock(4, "");
  writer.AddBlock(1, std::string(8, '\0'));  // another interface
  writer.Add(1, "frame");
  EXPECT_EQ(StepsOf(writer.bytes()),
            (std::vector<size_t>{opening, writer.bytes().size() - opening}));
}

TEST(CaptureFramingTest, ASectionMayHaveAnotherByteOrder) {
  CaptureWriter little({.pcapng = true});
  little.Add(1, "frame");
  CaptureWriter big({.pcapng = true, .big_endian = true});
  big.Add(2, "frame");
  const std::vector<size_t> steps = StepsOf(little.bytes() + big.bytes());
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[2], big.bytes().size());
}

TEST(CaptureFramingTest, RecognizesCaptures) {
  for (const auto& form : Forms()) {
    EXPECT_TRUE(IsCapture(AsBytes(CaptureWriter(form).bytes())));
  }
  EXPECT_FALSE(IsCapture(AsBytes("")));
  EXPECT_FALSE(IsCapture(AsBytes("\x0A\x0D\x0D")));
  EXPECT_FALSE(IsCapture(AsBytes("time,bid,ask")));
}

std::string FaultOf(std::string_view bytes, size_t* at = nullptr) {
  CaptureFraming framing;
  size_t step = 0;
  Next next = Next::kStep;
  while ((next = framing.Find(AsBytes(bytes), &step)) == Next::kStep) {
    bytes.remove_prefix(step);
  }
  if (at != nullptr) *at = framing.fault_at();
  return next == Next::kDamaged ? std::string(framing.fault()) : "none";
}

TEST(CaptureFramingTest, NamesTheFault) {
  EXPECT_EQ(FaultOf("time,bid"),
            "neither pcap nor pcapng: the first bytes are 0x74696d65");
  CaptureWriter pcap;
  pcap.Add(1, "frame");
  std::string bytes = pcap.bytes();
  bytes[24 + 11] = '\x7F';
  EXPECT_EQ(FaultOf(bytes), "a packet of 2130706437 bytes");

  CaptureWriter pcapng({.pcapng = true});
  const size_t opening = pcapng.bytes().size();
  pcapng.AddBlock(5, "1234");
  const size_t before = pcapng.bytes().size();
  pcapng.Add(1, "frame");
  const auto with = [&](size_t place, char byte) {
    std::string bad = pcapng.bytes();
    bad[place] = byte;
    return bad;
  };
  size_t at = 0;
  EXPECT_EQ(FaultOf(with(before + 4, '\x05'), &at),
            "a block of type 6 and 5 bytes");
  EXPECT_EQ(at, before - opening);
  EXPECT_EQ(FaultOf(with(before + 4, '\x29')),
            "a block of type 6 and 41 bytes");
  EXPECT_EQ(FaultOf(with(before + 7, '\x02')),
            "a block of type 6 and 33554472 bytes");
  EXPECT_EQ(FaultOf(with(8, '\x4E')),
            "a section that does not tell its byte order");
}

TEST(CaptureFramingTest, AStepHasALimit) {
  CaptureWriter writer({.pcapng = true});
  const size_t opening = writer.bytes().size();
  const std::string body((16 << 20) - 12, '\0');
  writer.AddBlock(5, body);
  writer.AddBlock(5, body);
  EXPECT_EQ(FaultOf(writer.bytes()),
            "no packet in " + std::to_string(writer.bytes().size() - opening) +
                " bytes");
}

}  // namespace
}  // namespace streamhub::packets
