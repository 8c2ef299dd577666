// What a message of a crypto venue says, as the text that the venue wrote and
// in one form for all of them. The decoder makes it, the handler takes it; all
// views are good until the decoder's next message.

#ifndef STREAMHUB_FEEDS_CRYPTO_MESSAGES_H_
#define STREAMHUB_FEEDS_CRYPTO_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "feeds/tape.h"

namespace streamhub::crypto {

enum class Venue : uint8_t { kBinance, kCoinbase, kKraken };

std::string_view NameOf(Venue venue);

// A price level. The size is what there is now; "0" in any spelling: none.
struct LevelText {
  std::string_view price;
  std::string_view size;  // empty: not told
};

// Binance's numbers of a book's updates, each below 2^63: those that a message
// holds, and (futures only) the last one of the message before it.
struct UpdateIds {
  uint64_t first = 0;                // "U"
  uint64_t last = 0;                 // "u"; not below `first`
  std::optional<uint64_t> previous;  // "pu"

  friend bool operator==(const UpdateIds&, const UpdateIds&) = default;
};

struct BookText {
  bool snapshot = false;  // all levels, not those that changed
  std::span<const LevelText> bids;
  std::span<const LevelText> asks;
  UpdateIds ids;     // Binance; of a snapshot only `last`
  size_t depth = 0;  // Kraken: levels that each side keeps; 0: all
  std::optional<uint32_t> checksum;  // Kraken: of the book after this update
};

// The best bid and ask alone.
struct BestText {
  LevelText bid;
  LevelText ask;
  uint64_t id = 0;  // the venue's number; later ones are not smaller
  // `id` counts with the book's updates, so that one can tell which is newer.
  bool of_book = false;
};

struct TradeText {
  enum class Counts : uint8_t {
    kYes,
    kBefore,  // was told before: the last trade as the subscription begins
    kOther,   // no trade of the market: an insurance fund, a liquidation
  };

  std::string_view price;
  std::string_view size;
  Taker taker = Taker::kUnknown;
  Counts counts = Counts::kYes;
  std::optional<uint64_t> id;  // consecutive within the symbol
  int64_t time_ns = 0;
};

struct Message {
  enum class Kind : uint8_t {
    kBook,
    kBest,
    kTrades,
    kNotice,  // the connection's affair: heartbeats, acknowledgements, status
    kOther,   // of a channel that is not read here
  };

  Kind kind = Kind::kOther;
  Venue venue = Venue::kBinance;
  std::string_view type;    // what the venue calls it: "depthUpdate", "match"
  std::string_view symbol;  // IsValidSymbol; may be empty with the last two
  int64_t event_ns = 0;     // the venue's time since 1970 UTC; 0: not told
  // Of its kind; the others are empty.
  BookText book;
  BestText best;
  std::span<const TradeText> trades;
  bool ended = false;  // a notice that no more updates of the book will come
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_MESSAGES_H_
