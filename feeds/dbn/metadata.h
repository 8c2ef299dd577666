// What a DBN stream says of itself before its records (specification
// "Databento Binary Encoding", section "Metadata", versions 1 to 3). Pure:
// never reads outside the bytes it is given; any thread.

#ifndef STREAMHUB_FEEDS_DBN_METADATA_H_
#define STREAMHUB_FEEDS_DBN_METADATA_H_

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "feeds/dbn/messages.h"

namespace streamhub::dbn {

// "DBN", the version, and the length of what follows.
inline constexpr size_t kPreludeBytes = 8;

// A symbol of the request, and what it was at which time.
struct Mapping {
  // From the day `start` on, up to the day before `end`; as the number
  // yyyymmdd, days of UTC.
  struct Interval {
    uint32_t start = 0;
    uint32_t end = 0;
    std::string symbol;
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  std::string raw_symbol;
  std::vector<Interval> intervals;
  friend bool operator==(const Mapping&, const Mapping&) = default;
};

struct Metadata {
  int version = 3;
  std::string dataset;
  std::optional<uint16_t> schema;  // none: several
  uint64_t start = 0;
  uint64_t end = kUndefinedTime;
  uint64_t limit = 0;         // of records; 0: none
  uint64_t record_count = 0;  // version 1 only; kUndefinedTime: not told
  uint8_t stype_in = kNoSymbols;
  uint8_t stype_out = kInstrumentIds;
  // Each record ends with the time at which it was sent, 8 bytes.
  bool ts_out = false;
  uint16_t symbol_bytes = 71;  // of each symbol that follows, with its NUL
  std::vector<std::string> symbols;
  std::vector<std::string> partial;    // resolved for a part of the time
  std::vector<std::string> not_found;  // or not at all
  std::vector<Mapping> mappings;

  friend bool operator==(const Metadata&, const Metadata&) = default;
};

// `bytes` are those after the prelude, `version` is 1 to 3. What follows the
// last mapping is padding. DataLoss says at which byte of the stream what is
// wrong.
absl::StatusOr<Metadata> ParseMetadata(int version,
                                       std::span<const uint8_t> bytes);

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_METADATA_H_
