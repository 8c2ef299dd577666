// The lines of a capture: when the recorder received a message, and the message
// as the venue sent it. Two forms are read, as two known recorders write them:
//
//   1723161254087891268 {"stream":...     ns since 1970 UTC, a blank
//   1618677817.08014: {"type":...         seconds, a colon and a blank
//
// Pure; any thread.

#ifndef STREAMHUB_FEEDS_CRYPTO_CAPTURE_LINE_H_
#define STREAMHUB_FEEDS_CRYPTO_CAPTURE_LINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "feeds/crypto/messages.h"

namespace streamhub::crypto {

// The snapshot of a deep book is one line.
inline constexpr size_t kCaptureLineBytesMax = 16 << 20;

struct CaptureLine {
  int64_t received_ns = 0;  // by the recorder's clock, since 1970 UTC
  std::string_view json;    // never empty
};

// Null if it went well; else what is wrong with the line.
const char* SplitLine(std::string_view line, CaptureLine* split);

// Whose capture begins so? `start` is a first line, or the first bytes of one:
// it is told by its time and the first name or bracket behind it.
std::optional<Venue> VenueOfStart(std::string_view start);

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_CAPTURE_LINE_H_
