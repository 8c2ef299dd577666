#include "feeds/soup/stream_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "feeds/big_endian.h"
#include "gateway/base/strings.h"

namespace streamhub::soup {
namespace {

constexpr size_t kBufferBytes = 128 * 1024;
constexpr size_t kLengthBytes = 2;
constexpr size_t kSessionBytes = 10;
constexpr size_t kNumberBytes = 20;

Type TypeOf(uint8_t letter) {
  switch (letter) {
    case '+':
      return Type::kDebug;
    case 'A':
      return Type::kLoginAccepted;
    case 'J':
      return Type::kLoginRejected;
    case 'S':
      return Type::kSequenced;
    case 'U':
      return Type::kUnsequenced;
    case 'H':
      return Type::kHeartbeat;
    case 'Z':
      return Type::kEndOfSession;
    default:
      return Type::kUnknown;
  }
}

// Without the spaces on both sides.
std::string_view Text(std::span<const uint8_t> bytes) {
  std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                        bytes.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

}  // namespace

StreamReader::StreamReader() : buffer_(kBufferBytes) {}

std::span<uint8_t> StreamReader::Room() {
  // What is left is at most a part of one packet.
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return std::span(buffer_).subspan(end_);
}

StreamReader::Next StreamReader::Read(Packet* packet) {
  if (!status_.ok()) return Next::kDamaged;
  while (true) {
    const bool first = begin_offset_ == 0;
    offset_ = begin_offset_;
    const size_t have = end_ - begin_;
    if (have == 0) return finished_ ? Next::kEnd : Next::kNeedMore;
    if (have < kLengthBytes) return Incomplete(have, kLengthBytes);
    const uint8_t* const at = buffer_.data() + begin_;
    const size_t size = LoadBig16(at);
    if (size == 0) return Damaged("a packet of length 0, which has no type");
    if (have > kLengthBytes && first &&
        TypeOf(at[kLengthBytes]) == Type::kUnknown) {
      return Damaged(
          absl::StrCat("no packet of a SoupBinTCP server: type 0x",
                       absl::Hex(at[kLengthBytes], absl::kZeroPad2)));
    }
    if (have < kLengthBytes + size) {
      return Incomplete(have, kLengthBytes + size);
    }
    packet->type = TypeOf(at[kLengthBytes]);
    packet->payload = {at + kLengthBytes + 1, size - 1};
    packet->sequence = 0;
    if (packet->type == Type::kLoginAccepted && !AcceptLogin(packet->payload)) {
      return Damaged(
          "login accepted, but not with a session and the number "
          "of its next message");
    }
    begin_ += kLengthBytes + size;
    begin_offset_ += kLengthBytes + size;
    ++counts_[static_cast<size_t>(packet->type)];
    if (packet->type == Type::kUnknown || IsRepeated(packet)) continue;
    return Next::kPacket;
  }
}

// Numbers a sequenced message.
bool StreamReader::IsRepeated(Packet* packet) {
  if (packet->type != Type::kSequenced || next_ == 0) return false;
  packet->sequence = next_++;
  if (packet->sequence < highest_) {
    ++repeated_;
    return true;
  }
  highest_ = next_;
  return false;
}

bool StreamReader::AcceptLogin(std::span<const uint8_t> payload) {
  if (payload.size() != kSessionBytes + kNumberBytes) return false;
  const std::string_view session = Text(payload.first(kSessionBytes));
  const std::string_view digits = Text(payload.subspan(kSessionBytes));
  const char* const end = digits.data() + digits.size();
  uint64_t number = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end || number == 0) return false;
  if (session != session_ || highest_ == 0) {
    session_ = session;
    highest_ = number;
  } else if (number > highest_) {
    gaps_.Add(session_, highest_, number - 1);
    highest_ = number;
  }
  next_ = number;
  return true;
}

StreamReader::Next StreamReader::Incomplete(size_t have, size_t want) {
  if (!finished_) return Next::kNeedMore;
  return Damaged(absl::StrCat(
      "truncated: the input ends ", have, " bytes into a packet of ", want,
      have < kLengthBytes ? " or more" : "", ", its length included"));
}

StreamReader::Next StreamReader::Damaged(std::string_view what) {
  status_ = absl::DataLossError(
      absl::StrCat("at byte ", begin_offset_, ": ", ToAbsl(what)));
  return Next::kDamaged;
}

}  // namespace streamhub::soup
