// How the records of a feed lie in a WordRing: whole words, the first of which
// says what it is and how long.
//
//   word 0   bits 0-7 kind, 8-15 detail, 16-31 words in all, 32-63 symbol
//   word 1   time, ns since 1970 UTC: when the gateway received it
//   tick     event time; positions of the symbol's layout, eight a word, the
//            first in the lowest byte; then as many values. Detail: how many.
//   trade    event time; bits 0-15 length of the id, 16-31 of the cross, 32-39
//            the taker, 40 cancelled; price; size; the two texts, eight bytes
//            a word
// and the others, which have one more word:
//   status   0. Detail: the status
//   epoch    its id
//   symbol   0
//   lost     0: what comes after is lost, from the time in word 1 on
//   gap      how many messages the feed's source lost
//   found    how many were ever lost; word 1 is the time of the last of them
//
// Pure; the writing thread of a ring or its reading one.

#ifndef STREAMHUB_FEEDS_RECORDER_RING_RECORD_H_
#define STREAMHUB_FEEDS_RECORDER_RING_RECORD_H_

#include <cstddef>
#include <cstdint>

#include "gateway/market/conflation_cache.h"
#include "gateway/market/layout.h"

namespace streamhub {

enum class RingRecord : uint8_t {
  kTick,
  kTrade,
  kStatus,
  kEpoch,
  kSymbol,
  kLost,
  kFound,
  kSourceGap,
};

struct RingHead {
  RingRecord kind;
  uint8_t detail;
  uint16_t words;
  SymbolId symbol;

  static RingHead Of(uint64_t word) {
    return {static_cast<RingRecord>(word & 0xFF),
            static_cast<uint8_t>(word >> 8), static_cast<uint16_t>(word >> 16),
            static_cast<SymbolId>(word >> 32)};
  }
  uint64_t Word() const {
    return static_cast<uint64_t>(kind) | uint64_t{detail} << 8 |
           uint64_t{words} << 16 | uint64_t{symbol} << 32;
  }
};

inline constexpr size_t kRingTickHead = 3;      // words before the positions
inline constexpr size_t kRingTradeHead = 6;     // words before the texts
inline constexpr size_t kRingControlWords = 3;  // of the others

constexpr size_t WordsOfBytes(size_t bytes) { return (bytes + 7) / 8; }

constexpr size_t WordsOfTick(size_t values) {
  return kRingTickHead + WordsOfBytes(values) + values;
}

// Of both texts of a trade together: longer ones than any venue's.
inline constexpr size_t kRingTextMax = 4096;

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_RING_RECORD_H_
