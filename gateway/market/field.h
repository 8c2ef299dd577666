// The field dictionary: every named value that a symbol can have. Append only;
// clients know fields by name, this process by FieldId.

#ifndef STREAMHUB_GATEWAY_MARKET_FIELD_H_
#define STREAMHUB_GATEWAY_MARKET_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace streamhub {

// What a value's 64-bit word means.
enum class FieldKind : uint8_t {
  kPrice,     // integer, scaled by the symbol's price_decimals
  kQuantity,  // integer, scaled by the symbol's quantity_decimals
  kTime,      // nanoseconds since 1970-01-01 UTC
  kText,      // up to 8 bytes of text, see PackText
};

// One pattern means *empty*: nothing traded yet, a book side that is gone.
// It is not a value and never 0.
inline constexpr int64_t kEmpty = std::numeric_limits<int64_t>::min();

// X(identifier, name, kind)
#define STREAMHUB_FIELDS(X)                    \
  X(kTrading, "trading", kText)                \
  X(kBid, "bid", kPrice)                       \
  X(kBidSize, "bid_size", kQuantity)           \
  X(kAsk, "ask", kPrice)                       \
  X(kAskSize, "ask_size", kQuantity)           \
  X(kQuoteTime, "quote_time", kTime)           \
  X(kLast, "last", kPrice)                     \
  X(kLastSize, "last_size", kQuantity)         \
  X(kTradeTime, "trade_time", kTime)           \
  X(kVolume, "volume", kQuantity)              \
  X(kOpen, "open", kPrice)                     \
  X(kHigh, "high", kPrice)                     \
  X(kLow, "low", kPrice)                       \
  X(kPrevClose, "prev_close", kPrice)          \
  X(kChange, "change", kPrice)                 \
  STREAMHUB_BOOK_LEVEL(X, 2)                   \
  STREAMHUB_BOOK_LEVEL(X, 3)                   \
  STREAMHUB_BOOK_LEVEL(X, 4)                   \
  STREAMHUB_BOOK_LEVEL(X, 5)                   \
  STREAMHUB_BOOK_LEVEL(X, 6)                   \
  STREAMHUB_BOOK_LEVEL(X, 7)                   \
  STREAMHUB_BOOK_LEVEL(X, 8)                   \
  STREAMHUB_BOOK_LEVEL(X, 9)                   \
  STREAMHUB_BOOK_LEVEL(X, 10)                  \
  X(kBidCount, "bid_count", kQuantity)         \
  X(kAskCount, "ask_count", kQuantity)         \
  X(kTradeCount, "trade_count", kQuantity)     \
  X(kTurnover, "turnover", kQuantity)          \
  X(kVwap, "vwap", kPrice)                     \
  X(kAuctionPrice, "auction_price", kPrice)    \
  X(kAuctionSize, "auction_size", kQuantity)   \
  X(kSettlement, "settlement", kPrice)         \
  X(kOpenInterest, "open_interest", kQuantity) \
  X(kLimitUp, "limit_up", kPrice)              \
  X(kLimitDown, "limit_down", kPrice)          \
  X(kYearHigh, "year_high", kPrice)            \
  X(kYearLow, "year_low", kPrice)

// A level below the best, which is bid, bid_size, ask, ask_size.
#define STREAMHUB_BOOK_LEVEL(X, n)              \
  X(kBid##n, "bid" #n, kPrice)                  \
  X(kBid##n##Size, "bid" #n "_size", kQuantity) \
  X(kAsk##n, "ask" #n, kPrice)                  \
  X(kAsk##n##Size, "ask" #n "_size", kQuantity)

enum class FieldId : uint16_t {
#define X(id, name, kind) id,
  STREAMHUB_FIELDS(X)
#undef X
      kCount
};

inline constexpr size_t kFieldCount = static_cast<size_t>(FieldId::kCount);

std::string_view FieldName(FieldId field);
FieldKind KindOf(FieldId field);

// nullopt if the dictionary has no field of that name.
std::optional<FieldId> FindField(std::string_view name);

// The fields of a book level, 1 (the best) to 10.
struct BookLevelFields {
  FieldId bid, bid_size, ask, ask_size;
};
BookLevelFields FieldsOfLevel(int level);

// Text of up to 8 bytes as a word. Longer text is cut at a UTF-8 boundary.
// Never equal to kEmpty. Empty text is not kEmpty.
int64_t PackText(std::string_view text);

// The inverse; `storage` holds the bytes that the result points to.
std::string_view UnpackText(int64_t word, char (&storage)[8]);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_FIELD_H_
