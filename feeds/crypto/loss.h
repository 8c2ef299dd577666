// What a venue sent and a recording lacks, as far as numbers and checksums tell
// it. Pure.

#ifndef STREAMHUB_FEEDS_CRYPTO_LOSS_H_
#define STREAMHUB_FEEDS_CRYPTO_LOSS_H_

#include <cstdint>
#include <string>

namespace streamhub::crypto {

struct Loss {
  enum class Kind : uint8_t {
    kUpdates,   // `first` to `last` are missing: there is no book now
    kTrades,    // likewise of trades
    kChecksum,  // `first` is the venue's, `last` that of the book there was
    kTooDeep,   // more levels than a book can have
  };

  Kind kind = Kind::kUpdates;
  std::string symbol = {};
  uint64_t first = 0;
  uint64_t last = 0;
  int64_t event_ns = 0;  // of the message that showed it; 0: not told

  friend bool operator==(const Loss&, const Loss&) = default;
};

// In one line: "BTCUSDT: updates 5 to 7 of its book are missing".
std::string Describe(const Loss& loss);

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_LOSS_H_
