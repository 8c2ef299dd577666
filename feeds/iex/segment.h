// The payload of one UDP packet of IEX-TP 1 (specification "IEX Transport
// Protocol", section "Outbound Segment"): a header of 40 bytes, then message
// blocks, each a 16-bit length and a message of TOPS or DEEP. Little-endian.
// Pure: no state, no allocation but for errors, never reads outside the bytes
// it is given. Any thread.
//
// A segment is believed as a whole or not at all: its header and the lengths
// of all its blocks are checked before the first message is given out.

#ifndef STREAMHUB_FEEDS_IEX_SEGMENT_H_
#define STREAMHUB_FEEDS_IEX_SEGMENT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace streamhub::iex {

inline constexpr size_t kSegmentHeadBytes = 40;
inline constexpr uint8_t kSegmentVersion = 1;

// Which messages a segment holds; its message protocol id.
enum class Protocol : uint16_t { kTops = 0x8003, kDeep = 0x8004 };

struct SegmentHead {
  Protocol protocol = Protocol::kTops;
  uint32_t channel = 1;
  uint32_t session = 0;  // another one begins at sequence number 1
  uint16_t messages = 0;
  int64_t stream_offset = 0;   // of the first byte behind the head
  int64_t first_sequence = 1;  // of its first message, or of the next one
  int64_t sent_ns = 0;         // since 1970 UTC

  // Nothing but the number of the next message.
  bool heartbeat() const { return messages == 0; }

  friend bool operator==(const SegmentHead&, const SegmentHead&) = default;
};

struct Segment {
  SegmentHead head;
  std::span<const uint8_t> blocks;  // of the payload
};

enum class SegmentFault {
  kNone,
  kShort,      // no room for the head
  kVersion,    // of IEX-TP
  kProtocol,   // neither TOPS 1.6 nor DEEP 1.0
  kTruncated,  // fewer bytes than the head says
  kTooLong,    // more
  kSequence,   // numbers below 1, or beyond all bounds
  kBlocks,     // lengths and number of the messages do not fit the bytes
};

// Without kNone `*segment` is unchanged.
SegmentFault ParseSegment(std::span<const uint8_t> payload, Segment* segment);

// In words and with an offset, for an error: "at byte 0: version 2 of IEX-TP,
// want 1". `fault` is what ParseSegment said of that payload, not kNone.
std::string Describe(SegmentFault fault, std::span<const uint8_t> payload);

// Takes the next message off `*blocks`, which are a parsed segment's or what
// an earlier call left of them. False: there is none.
bool NextMessage(std::span<const uint8_t>* blocks,
                 std::span<const uint8_t>* message);

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_SEGMENT_H_
