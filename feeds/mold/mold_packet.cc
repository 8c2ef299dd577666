#include "feeds/mold/mold_packet.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>

namespace streamhub::mold {
namespace {

constexpr size_t kSequenceAt = 10;
constexpr size_t kCountAt = 18;

// How many whole messages `blocks` begin with, up to `count`; `*rest`: the
// bytes after them.
size_t WholeMessages(std::span<const uint8_t> blocks, size_t count,
                     size_t* rest) {
  Messages messages(blocks);
  std::span<const uint8_t> message;
  size_t whole = 0;
  while (whole < count && messages.Next(&message)) ++whole;
  *rest = messages.bytes();
  return whole;
}

uint16_t CountOf(std::span<const uint8_t> payload) {
  const uint16_t count = LoadBig16(payload.data() + kCountAt);
  return count == kEndOfSession ? 0 : count;
}

}  // namespace

std::string_view NameOf(const Session& session) {
  const std::string_view name(session.data(), session.size());
  return name.substr(0, name.find_last_not_of(' ') + 1);
}

Parsed Parse(std::span<const uint8_t> payload, Packet* packet) {
  if (payload.size() < kHeadBytes) return Parsed::kTooShort;
  std::copy_n(payload.begin(), packet->session.size(), packet->session.begin());
  if (std::any_of(packet->session.begin(), packet->session.end(),
                  [](char c) { return c < 0x20 || c > 0x7E; })) {
    return Parsed::kBadSession;
  }
  packet->sequence = LoadBig64(payload.data() + kSequenceAt);
  packet->messages = CountOf(payload);
  packet->end_of_session =
      LoadBig16(payload.data() + kCountAt) == kEndOfSession;
  packet->blocks = payload.subspan(kHeadBytes);
  if (packet->sequence >
      std::numeric_limits<uint64_t>::max() - packet->messages) {
    return Parsed::kBadSequence;
  }
  size_t rest = 0;
  const size_t whole = WholeMessages(packet->blocks, packet->messages, &rest);
  return whole == packet->messages && rest == 0 ? Parsed::kPacket
                                                : Parsed::kBadBlocks;
}

std::string Describe(Parsed parsed, std::span<const uint8_t> payload) {
  switch (parsed) {
    case Parsed::kPacket:
      return "a MoldUDP64 packet";
    case Parsed::kTooShort:
      return absl::StrCat(payload.size(), " bytes, the header alone has ",
                          kHeadBytes);
    case Parsed::kBadSession:
      return "the name of the session is not printable";
    case Parsed::kBadSequence:
      return absl::StrCat("sequence number ",
                          LoadBig64(payload.data() + kSequenceAt), " and ",
                          CountOf(payload), " messages");
    case Parsed::kBadBlocks:
      break;
  }
  const size_t count = CountOf(payload);
  size_t rest = 0;
  const size_t whole = WholeMessages(payload.subspan(kHeadBytes), count, &rest);
  const size_t at = payload.size() - rest;
  if (whole == count) {
    return absl::StrCat(rest, " bytes after the last of ", count,
                        " messages, at byte ", at);
  }
  return absl::StrCat("message ", whole + 1, " of ", count,
                      " ends past the packet, at byte ", at);
}

}  // namespace streamhub::mold
