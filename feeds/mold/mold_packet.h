// The payload of one UDP datagram -> a MoldUDP64 packet. Pure: no state, no
// allocation, never reads outside the bytes it is given, whatever they are.
// Any thread.
//
// Nasdaq "MoldUDP64 Protocol Specification" 1.00, Downstream Packet: session
// (10 characters), number of the first message, count of messages; then so
// many message blocks, each a 16-bit length and that many bytes. Count 0 is a
// heartbeat and 0xFFFF the end of the session; both tell the number that the
// next message will have. All integers big-endian.
//
// What does not add up to its last byte is no such packet: a capture may hold
// other datagrams, and this is how they are told apart. A packet is good or
// bad as a whole; what a bad one held is missing, like what was lost.

#ifndef STREAMHUB_FEEDS_MOLD_MOLD_PACKET_H_
#define STREAMHUB_FEEDS_MOLD_MOLD_PACKET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "feeds/big_endian.h"

namespace streamhub::mold {

// Printable ASCII, padded with spaces.
using Session = std::array<char, 10>;

// Without the padding.
std::string_view NameOf(const Session& session);

inline constexpr size_t kHeadBytes = 20;
inline constexpr uint16_t kEndOfSession = 0xFFFF;

struct Packet {
  Session session = {};
  uint64_t sequence = 0;  // of the first message, or of the next one to come
  uint16_t messages = 0;  // 0: a heartbeat or the end of the session
  bool end_of_session = false;
  std::span<const uint8_t> blocks;  // for Messages
};

enum class Parsed : uint8_t {
  kPacket,
  kTooShort,     // for a header
  kBadSession,   // not printable
  kBadSequence,  // its last message has no number
  kBadBlocks,    // they end in the midst of one, or before or after the last
};

// `*packet` is right after kPacket only.
Parsed Parse(std::span<const uint8_t> payload, Packet* packet);

// In words, for an error: "message 3 of 5 ends past the packet, at byte 61".
// `parsed` is what Parse() said of `payload`.
std::string Describe(Parsed parsed, std::span<const uint8_t> payload);

// The messages of a packet that was parsed, one after the other.
class Messages {
 public:
  Messages() = default;
  explicit Messages(std::span<const uint8_t> blocks) : blocks_(blocks) {}

  // False: there is none left. A message may be empty.
  bool Next(std::span<const uint8_t>* message) {
    constexpr size_t kLength = 2;
    if (blocks_.size() < kLength) return false;
    const size_t end = kLength + LoadBig16(blocks_.data());
    if (blocks_.size() < end) return false;
    *message = blocks_.subspan(kLength, end - kLength);
    blocks_ = blocks_.subspan(end);
    return true;
  }

  // What is left of the blocks.
  size_t bytes() const { return blocks_.size(); }

 private:
  std::span<const uint8_t> blocks_;
};

}  // namespace streamhub::mold

#endif  // STREAMHUB_FEEDS_MOLD_MOLD_PACKET_H_
