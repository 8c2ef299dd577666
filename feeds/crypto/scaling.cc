#include "feeds/crypto/scaling.h"

#include <absl/strings/str_cat.h>

#include <cstddef>

#include "feeds/csv/decimal.h"
#include "gateway/base/strings.h"

namespace streamhub::crypto {
namespace {

using csv::Column;

// Of a text that is repeated in an error.
constexpr size_t kShownMax = 40;

bool Scale(std::string_view text, std::string_view what, int decimals,
           int64_t* value, std::string* why) {
  const csv::Fit fit = csv::ParseScaled(text, decimals, value);
  if (fit == csv::Fit::kFits) return true;
  *why =
      absl::StrCat(ToAbsl(what), " '", ToAbsl(text.substr(0, kShownMax)), "' ");
  if (fit == csv::Fit::kTooFine) {
    absl::StrAppend(why, "has more than the ", decimals,
                    " decimals of the symbol");
  } else if (fit == csv::Fit::kTooBig) {
    absl::StrAppend(why, "with ", decimals, " decimals is beyond 64 bits");
  } else {
    absl::StrAppend(why, "is no decimal");
  }
  return false;
}

bool ScaleSize(std::string_view text, std::string_view what, int decimals,
               int64_t* value, std::string* why) {
  if (!Scale(text, what, decimals, value, why)) return false;
  if (*value >= 0) return true;
  *why = absl::StrCat(ToAbsl(what), ": a size is negative");
  return false;
}

uint8_t Written(std::string_view text) {
  return static_cast<uint8_t>(csv::DigitsAfterPoint(text));
}

}  // namespace

csv::Row FinestOf(const Message& message) {
  csv::Row row;
  row.symbol = message.symbol;
  const auto raise = [&row](Column column, std::string_view text) {
    std::string_view& most = row.values[static_cast<size_t>(column)];
    if (!csv::IsDecimal(text)) return;
    if (most.empty() ||
        csv::DigitsAfterPoint(text) > csv::DigitsAfterPoint(most)) {
      most = text;
    }
  };
  const auto raise_both = [&raise](std::string_view price,
                                   std::string_view size) {
    raise(Column::kBid, price);
    raise(Column::kBidSize, size);
  };
  for (const auto& level : message.book.bids) {
    raise_both(level.price, level.size);
  }
  for (const auto& level : message.book.asks) {
    raise_both(level.price, level.size);
  }
  for (const auto& trade : message.trades) raise_both(trade.price, trade.size);
  raise_both(message.best.bid.price, message.best.bid.size);
  raise_both(message.best.ask.price, message.best.ask.size);
  return row;
}

bool ScaleLevels(std::span<const LevelText> texts, std::string_view what,
                 const csv::Decimals& decimals, std::vector<Level>* levels,
                 std::string* why) {
  levels->clear();
  for (const LevelText& text : texts) {
    Level level;
    if (!Scale(text.price, what, decimals.price, &level.price, why) ||
        !ScaleSize(text.size, what, decimals.quantity, &level.size, why)) {
      return false;
    }
    level.price_written = Written(text.price);
    level.size_written = Written(text.size);
    levels->push_back(level);
  }
  return true;
}

bool ScaleLevel(const LevelText& text, std::string_view what,
                const csv::Decimals& decimals, TopLevel* level,
                std::string* why) {
  return Scale(text.price, what, decimals.price, &level->price, why) &&
         (text.size.empty() ||
          ScaleSize(text.size, what, decimals.quantity, &level->size, why));
}

bool ScaleTrade(const TradeText& text, const csv::Decimals& decimals,
                ScaledTrade* trade, std::string* why) {
  return Scale(text.price, "price", decimals.price, &trade->price, why) &&
         ScaleSize(text.size, "size", decimals.quantity, &trade->size, why);
}

}  // namespace streamhub::crypto
