#include "feeds/iex/segment.h"

#include <absl/strings/str_cat.h>

#include <limits>

#include "feeds/iex/decoder.h"

namespace streamhub::iex {
namespace {

using internal::Load;

constexpr size_t kLengthBytes = 2;

// Where the fields are.
enum : size_t {
  kVersionAt = 0,
  kProtocolAt = 2,
  kChannelAt = 4,
  kSessionAt = 8,
  kPayloadBytesAt = 12,
  kMessagesAt = 14,
  kStreamOffsetAt = 16,
  kFirstSequenceAt = 24,
  kSentAt = 32,
};

// So that no sum of a number and a count is beyond 63 bits.
constexpr int64_t kSequenceMax =
    std::numeric_limits<int64_t>::max() - std::numeric_limits<uint16_t>::max();

// Whether `blocks` are exactly `messages` messages; if not, `*at` is where the
// first that does not fit begins.
bool BlocksFit(std::span<const uint8_t> blocks, size_t messages, size_t* at) {
  *at = 0;
  for (size_t i = 0; i < messages; ++i) {
    const size_t left = blocks.size() - *at;
    if (left < kLengthBytes) return false;
    const size_t size = Load<uint16_t>(blocks.data() + *at);
    if (left - kLengthBytes < size) return false;
    *at += kLengthBytes + size;
  }
  return *at == blocks.size();
}

}  // namespace

SegmentFault ParseSegment(std::span<const uint8_t> payload, Segment* segment) {
  if (payload.size() < kSegmentHeadBytes) return SegmentFault::kShort;
  const uint8_t* const p = payload.data();
  if (p[kVersionAt] != kSegmentVersion) return SegmentFault::kVersion;
  SegmentHead head;
  head.protocol = static_cast<Protocol>(Load<uint16_t>(p + kProtocolAt));
  if (head.protocol != Protocol::kTops && head.protocol != Protocol::kDeep) {
    return SegmentFault::kProtocol;
  }
  const auto blocks = payload.subspan(kSegmentHeadBytes);
  const size_t bytes = Load<uint16_t>(p + kPayloadBytesAt);
  if (blocks.size() < bytes) return SegmentFault::kTruncated;
  if (blocks.size() > bytes) return SegmentFault::kTooLong;
  head.channel = Load<uint32_t>(p + kChannelAt);
  head.session = Load<uint32_t>(p + kSessionAt);
  head.messages = Load<uint16_t>(p + kMessagesAt);
  head.stream_offset = Load<int64_t>(p + kStreamOffsetAt);
  head.first_sequence = Load<int64_t>(p + kFirstSequenceAt);
  head.sent_ns = Load<int64_t>(p + kSentAt);
  if (head.first_sequence < 1 || head.first_sequence > kSequenceMax) {
    return SegmentFault::kSequence;
  }
  size_t at = 0;
  if (!BlocksFit(blocks, head.messages, &at)) return SegmentFault::kBlocks;
  *segment = {head, blocks};
  return SegmentFault::kNone;
}

std::string Describe(SegmentFault fault, std::span<const uint8_t> payload) {
  const uint8_t* const p = payload.data();
  switch (fault) {
    case SegmentFault::kNone:
      break;
    case SegmentFault::kShort:
      return absl::StrCat("at byte ", payload.size(),
                          ": ends inside the head of an IEX-TP segment, which "
                          "has ",
                          kSegmentHeadBytes, " bytes");
    case SegmentFault::kVersion:
      return absl::StrCat("at byte ", +kVersionAt, ": version ",
                          uint32_t{p[kVersionAt]}, " of IEX-TP, want ",
                          uint32_t{kSegmentVersion});
    case SegmentFault::kProtocol:
      return absl::StrCat(
          "at byte ", +kProtocolAt, ": message protocol 0x",
          absl::Hex(Load<uint16_t>(p + kProtocolAt), absl::kZeroPad4),
          ", want 0x8003 (TOPS 1.6) or 0x8004 (DEEP 1.0)");
    case SegmentFault::kTruncated:
    case SegmentFault::kTooLong:
      return absl::StrCat("at byte ", +kPayloadBytesAt, ": payload length of ",
                          Load<uint16_t>(p + kPayloadBytesAt), ", but ",
                          payload.size() - kSegmentHeadBytes,
                          " bytes follow the head");
    case SegmentFault::kSequence:
      return absl::StrCat("at byte ", +kFirstSequenceAt,
                          ": first sequence number is ",
                          Load<int64_t>(p + kFirstSequenceAt));
    case SegmentFault::kBlocks: {
      const auto blocks = payload.subspan(kSegmentHeadBytes);
      const size_t messages = Load<uint16_t>(p + kMessagesAt);
      size_t at = 0;
      BlocksFit(blocks, messages, &at);
      return absl::StrCat(
          "at byte ", kSegmentHeadBytes + at, ": the lengths of ", messages,
          " messages do not fit the payload length of ", blocks.size());
    }
  }
  return "a sound segment";
}

bool NextMessage(std::span<const uint8_t>* blocks,
                 std::span<const uint8_t>* message) {
  if (blocks->size() < kLengthBytes) return false;
  const size_t size = Load<uint16_t>(blocks->data());
  const auto rest = blocks->subspan(kLengthBytes);
  if (rest.size() < size) return false;
  *message = rest.first(size);
  *blocks = rest.subspan(size);
  return true;
}

}  // namespace streamhub::iex
