#include "feeds/itch/framing.h"

#include <absl/strings/str_cat.h>

#include <cstring>

#include "feeds/itch/decoder.h"
#include "gateway/base/strings.h"

namespace streamhub::itch {
namespace {

constexpr size_t kBufferBytes = 128 * 1024;
constexpr size_t kLengthBytes = 2;
constexpr size_t kUnknownBytesMax = 255;

}  // namespace

FrameReader::FrameReader() : buffer_(kBufferBytes) {}

std::span<uint8_t> FrameReader::Room() {
  // What is left is at most a part of one message.
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return std::span(buffer_).subspan(end_);
}

FrameReader::Next FrameReader::Read(std::span<const uint8_t>* message) {
  if (!status_.ok()) return Next::kDamaged;
  offset_ = begin_offset_;
  const size_t have = end_ - begin_;
  if (have == 0) return finished_ ? Next::kEnd : Next::kNeedMore;
  if (have < kLengthBytes) {
    if (!finished_) return Next::kNeedMore;
    return Damaged("truncated: the input ends inside a message's length");
  }
  const uint8_t* const at = buffer_.data() + begin_;
  size_t size = static_cast<size_t>(at[0]) << 8 | at[1];
  if (have == kLengthBytes) {
    if (size == 0 && finished_) return Next::kEnd;
    return Incomplete(have, kLengthBytes + size);
  }
  const uint8_t type = at[kLengthBytes];
  const size_t wanted = MessageBytes(type);
  if (size == 0) {
    if (wanted == 0) {
      return Damaged(absl::StrCat(
          "zero length, and what follows is ",
          Describe(Decoded::kUnknownType, {at + kLengthBytes, 1})));
    }
    size = wanted;
  } else if (wanted == 0 && (size < kHeadBytes || size > kUnknownBytesMax)) {
    return Damaged(
        absl::StrCat("length ", size, " with ",
                     Describe(Decoded::kUnknownType, {at + kLengthBytes, 1})));
  } else if (wanted != 0 && wanted != size) {
    return Damaged(absl::StrCat("length ", size, " does not match type '",
                                std::string(1, static_cast<char>(type)),
                                "', which has ", wanted, " bytes"));
  }
  if (have < kLengthBytes + size) return Incomplete(have, kLengthBytes + size);
  *message = {at + kLengthBytes, size};
  begin_ += kLengthBytes + size;
  begin_offset_ += kLengthBytes + size;
  return Next::kMessage;
}

FrameReader::Next FrameReader::Incomplete(size_t have, size_t want) {
  if (!finished_) return Next::kNeedMore;
  return Damaged(absl::StrCat("truncated: the input ends ", have,
                              " bytes into a message of ", want,
                              ", its length included"));
}

FrameReader::Next FrameReader::Damaged(std::string_view what) {
  status_ = absl::DataLossError(
      absl::StrCat("at byte ", begin_offset_, ": ", ToAbsl(what)));
  return Next::kDamaged;
}

}  // namespace streamhub::itch
