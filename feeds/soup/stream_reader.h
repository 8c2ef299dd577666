// What a SoupBinTCP server sends -> its packets, one by one. Bytes come in
// pieces of any size. One thread; pure.
//
// Nasdaq "SoupBinTCP" 3.00 and 4.00, which agree on what a server sends: a
// 16-bit big-endian length that counts all that follows, a type, a payload.
// Sequenced messages carry no number: the server tells that of the next one
// when it accepts a login, and from there they are counted.
//
// - A stream may hold several logins, one after the other, as a recorder writes
//   it whose connection broke. Within a session each message is given out once:
//   what a later login repeats is counted, what it leaves out is a gap.
// - A stream that begins after its login has messages without numbers.
// - Packets of a type that servers do not send are counted and passed over,
//   but for the first one: then this is no such stream.

#ifndef STREAMHUB_FEEDS_SOUP_STREAM_READER_H_
#define STREAMHUB_FEEDS_SOUP_STREAM_READER_H_

#include <absl/status/status.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/gap_list.h"

namespace streamhub::soup {

enum class Type : uint8_t {
  kDebug,          // '+', text
  kLoginAccepted,  // 'A', session and number of the next message
  kLoginRejected,  // 'J', a letter that says why
  kSequenced,      // 'S', a message of the session
  kUnsequenced,    // 'U', a message beside it
  kHeartbeat,      // 'H'
  kEndOfSession,   // 'Z'
  kUnknown,
};
inline constexpr size_t kTypes = 8;

struct Packet {
  Type type = Type::kUnknown;
  std::span<const uint8_t> payload;  // may be empty
  uint64_t sequence = 0;             // of a sequenced message; 0: not known
};

class StreamReader {
 public:
  enum class Next {
    kPacket,
    kNeedMore,  // put bytes into Room(), then Filled(); or Finish()
    kEnd,       // the input ended where a packet could have begun
    kDamaged,   // see status(); nothing more will come
  };

  StreamReader();

  // Space for the bytes that follow, never empty after kNeedMore. Spans that
  // Read gave out become invalid.
  std::span<uint8_t> Room();

  // The first `bytes` of Room() are there.
  void Filled(size_t bytes) { end_ += bytes; }

  // No bytes will follow.
  void Finish() { finished_ = true; }

  // The next packet, of a type that is known.
  Next Read(Packet* packet);

  // Where in the stream the last packet that Read gave out begins, with its
  // length; after kDamaged, where the damage is.
  uint64_t offset() const { return offset_; }

  // DataLoss "at byte N: what is wrong" after kDamaged, else OK.
  const absl::Status& status() const { return status_; }

  // Of the last login that was accepted; empty: there was none.
  const std::string& session() const { return session_; }

  // The number that the next sequenced message has; 0: not known.
  uint64_t next_sequence() const { return next_; }

  // Packets of that type, those that were not given out included.
  int64_t count(Type type) const { return counts_[static_cast<size_t>(type)]; }

  // Sequenced messages that were there before, and not given out again.
  int64_t repeated() const { return repeated_; }

  // Between logins.
  const GapList& gaps() const { return gaps_; }

 private:
  Next Damaged(std::string_view what);
  Next Incomplete(size_t have, size_t want);
  bool AcceptLogin(std::span<const uint8_t> payload);
  bool IsRepeated(Packet* packet);

  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what is not yet given out
  size_t end_ = 0;
  uint64_t begin_offset_ = 0;  // in the stream
  uint64_t offset_ = 0;
  bool finished_ = false;

  std::string session_;
  uint64_t next_ = 0;
  uint64_t highest_ = 0;  // what next_ was at most in this session
  std::array<int64_t, kTypes> counts_ = {};
  int64_t repeated_ = 0;
  GapList gaps_;
  absl::Status status_;
};

}  // namespace streamhub::soup

#endif  // STREAMHUB_FEEDS_SOUP_STREAM_READER_H_
