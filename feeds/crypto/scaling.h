// The texts of messages to scaled integers, exactly: what does not fit the
// symbol's decimals is refused, never rounded. Pure; allocates only to say what
// was wrong.

#ifndef STREAMHUB_FEEDS_CRYPTO_SCALING_H_
#define STREAMHUB_FEEDS_CRYPTO_SCALING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/crypto/messages.h"
#include "feeds/csv/decimals.h"
#include "feeds/csv/row_reader.h"
#include "feeds/level_book.h"
#include "feeds/top_levels.h"

namespace streamhub::crypto {

// The message as a row of a price file, for what finds a symbol's decimals:
// of its prices and sizes those that need the most.
csv::Row FinestOf(const Message& message);

struct ScaledTrade {
  int64_t price = 0;
  int64_t size = 0;  // not negative
};

// Each false if a value does not fit; `*why` says which and why, for a line
// about the symbol: "bid '1.255' has more than the 2 decimals of the symbol".
bool ScaleLevels(std::span<const LevelText> texts, std::string_view what,
                 const csv::Decimals& decimals, std::vector<Level>* levels,
                 std::string* why);
bool ScaleLevel(const LevelText& text, std::string_view what,
                const csv::Decimals& decimals, TopLevel* level,
                std::string* why);
bool ScaleTrade(const TradeText& text, const csv::Decimals& decimals,
                ScaledTrade* trade, std::string* why);

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_SCALING_H_
