// Cuts a byte stream into ITCH messages: NASDAQ "BinaryFILE", that is a 16-bit
// big-endian length and the message, repeated; a zero length marks the end of
// the session. Bytes come in pieces of any size. One thread.
//
// Some writers leave all lengths zero. So a zero length followed by a message
// type of ITCH 5.0 is a message of that type's size, and only a zero length at
// the end of the input is an end of session.

#ifndef STREAMHUB_FEEDS_ITCH_FRAMING_H_
#define STREAMHUB_FEEDS_ITCH_FRAMING_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace streamhub::itch {

class FrameReader {
 public:
  enum class Next {
    kMessage,
    kNeedMore,  // put bytes into Room(), then Filled(); or Finish()
    kEnd,       // the input ended where a message could have begun
    kDamaged,   // see status(); nothing more will come
  };

  FrameReader();

  // Space for the bytes that follow, never empty after kNeedMore. Spans that
  // Read gave out become invalid.
  std::span<uint8_t> Room();

  // The first `bytes` of Room() are there.
  void Filled(size_t bytes) { end_ += bytes; }

  // No bytes will follow.
  void Finish() { finished_ = true; }

  // The next message, without its length. It has the size of its type; or its
  // type is unknown and its size is 11 to 255 bytes: a later version of ITCH.
  Next Read(std::span<const uint8_t>* message);

  // Where in the stream the last message that Read gave out begins, with its
  // length; after kDamaged, where the damage is.
  uint64_t offset() const { return offset_; }

  // DataLoss "at byte N: what is wrong" after kDamaged, else OK.
  const absl::Status& status() const { return status_; }

 private:
  Next Damaged(std::string_view what);
  Next Incomplete(size_t have, size_t want);

  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what is not yet given out
  size_t end_ = 0;
  uint64_t begin_offset_ = 0;  // in the stream
  uint64_t offset_ = 0;
  bool finished_ = false;
  absl::Status status_;
};

}  // namespace streamhub::itch

#endif  // STREAMHUB_FEEDS_ITCH_FRAMING_H_
