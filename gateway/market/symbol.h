// What a symbol is, apart from its values.

#ifndef STREAMHUB_GATEWAY_MARKET_SYMBOL_H_
#define STREAMHUB_GATEWAY_MARKET_SYMBOL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/market/layout.h"

namespace streamhub {

class TopicRing;

using FeedId = uint16_t;  // index of a feed in its market

// Of a topic that no feed fills.
inline constexpr FeedId kNoFeed = 0xFFFF;

inline constexpr int kDecimalsMax = 12;

// So begin the topics that feeds fill with trades: `tape/CODE`. Nobody else
// may.
inline constexpr std::string_view kTapePrefix = "tape/";

// The description of a symbol, fixed for an epoch. Immutable once in the table.
struct SymbolInfo {
  std::string code;           // what clients call it, see IsValidSymbol
  std::string name;           // for people; may be empty
  std::string currency;       // ISO 4217 or a crypto-currency's usual code
  int price_decimals = 2;     // 0 to kDecimalsMax
  int quantity_decimals = 0;  // 0 to kDecimalsMax
  int64_t pip = 0;            // smallest usual price step, scaled; 0: not known
  FeedId feed = 0;  // the one feed that may write it; set by the publisher
  const Layout* layout = nullptr;  // outlives the market
  // Set if this is a topic, by Market::DefineTopic: it has messages instead of
  // values, and of what is above only `code` and `feed` mean anything.
  TopicRing* topic = nullptr;
};

// 1-64 bytes of UTF-8 without control characters, comma or '@'.
bool IsValidSymbol(std::string_view code);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_SYMBOL_H_
