// Messages given to a decoder and its handler, and what the market shows then.

#ifndef STREAMHUB_TESTS_FEEDS_CRYPTO_FEEDING_H_
#define STREAMHUB_TESTS_FEEDS_CRYPTO_FEEDING_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/crypto/capture_line.h"
#include "feeds/crypto/crypto_handler.h"
#include "feeds/crypto/decoder.h"
#include "feeds/csv/decimals.h"
#include "gateway/market/field.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::crypto {

class Feeding {
 public:
  using Outcome = CryptoHandler::Outcome;
  using Levels = std::vector<std::pair<int64_t, int64_t>>;  // price, size

  explicit Feeding(std::string_view decimals = "2/3")
      : handler(market.publisher, *csv::DecimalsFinder::Create(decimals)) {}

  // A message alone.
  Outcome Give(std::string_view json) {
    EXPECT_TRUE(decoder.Decode(json, &message)) << decoder.fault();
    market.publisher.BeginBatch();
    const Outcome outcome = handler.On(message);
    market.publisher.EndBatch();
    return outcome;
  }

  // A line of a capture, with or without its end.
  Outcome GiveLine(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    CaptureLine split;
    const char* const wrong = SplitLine(line, &split);
    EXPECT_EQ(wrong, nullptr) << wrong;
    if (wrong != nullptr) return Outcome::kRefused;
    return Give(split.json);
  }

  bool Knows(std::string_view symbol) {
    return market.market.symbols().Find(symbol).has_value();
  }
  const SymbolInfo& Info(std::string_view symbol) {
    return market.market.symbols().Get(*market.market.symbols().Find(symbol));
  }
  int64_t Value(std::string_view symbol, FieldId field) {
    return market.Value(*market.market.symbols().Find(symbol), field);
  }
  QuoteView Read(std::string_view symbol) {
    return market.Read(*market.market.symbols().Find(symbol));
  }

  // The levels that the market shows, best first.
  Levels Shown(std::string_view symbol, bool bids) {
    const QuoteView view = Read(symbol);
    Levels levels;
    bool ended = false;
    for (int i = 1; i <= 10; ++i) {
      const BookLevelFields f = FieldsOfLevel(i);
      const int64_t price =
          view.value[BookLayout().PositionOf(bids ? f.bid : f.ask)];
      const int64_t size =
          view.value[BookLayout().PositionOf(bids ? f.bid_size : f.ask_size)];
      // There is nothing behind the first level that is empty.
      EXPECT_FALSE(ended && (price != kEmpty || size != kEmpty));
      ended = ended || price == kEmpty;
      if (!ended) levels.emplace_back(price, size);
    }
    return levels;
  }
  Levels Bids(std::string_view symbol) { return Shown(symbol, true); }
  Levels Asks(std::string_view symbol) { return Shown(symbol, false); }

  TestMarket market{100, TestMarket::Info(), /*tape=*/100};
  CryptoHandler handler;
  Decoder decoder;
  Message message;
};

inline std::vector<std::pair<int64_t, int64_t>> LevelsOf(
    const LevelSide& side) {
  std::vector<std::pair<int64_t, int64_t>> levels;
  for (size_t i = 0; i < side.size(); ++i) {
    const Level level = side.At(i);
    levels.emplace_back(level.price, level.size);
  }
  return levels;
}

}  // namespace streamhub::crypto

#endif  // STREAMHUB_TESTS_FEEDS_CRYPTO_FEEDING_H_
