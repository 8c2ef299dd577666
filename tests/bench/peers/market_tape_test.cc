// What a publisher sends is what the load test's clients can read.

#include "bench/peers/market_tape.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "bench/load/scan.h"
#include "bench/peers/feeder.h"
#include "gateway/base/clock.h"

namespace streamhub::peers {
namespace {

constexpr int64_t kNowUs = 1'795'628'853'580'321;

TEST(MarketTape, TicksEverySymbolInTurn) {
  constexpr size_t kSymbols = 50;
  MarketTape tape(kSymbols, 1);
  ASSERT_EQ(tape.names().size(), kSymbols);
  std::set<std::string> texts;
  for (size_t i = 0; i < 10 * kSymbols; ++i) {
    uint32_t symbol = 0;
    const int64_t now_us = kNowUs + static_cast<int64_t>(i);
    std::string_view text = tape.Next(now_us, &symbol);
    EXPECT_EQ(symbol, i % kSymbols);
    texts.emplace(text);
    load::Object object;
    ASSERT_TRUE(load::NextObject(&text, &object));
    EXPECT_TRUE(text.empty()) << "one line";
    ASSERT_EQ(object.type, load::ObjectType::kUpdate);
    EXPECT_EQ(load::IntegerOf(object.text, "time"), now_us);
    load::QuoteScanner quotes(object.text);
    load::Quote quote;
    ASSERT_TRUE(quotes.Next(&quote));
    EXPECT_EQ(quote.name, tape.names()[symbol]);
    EXPECT_EQ(quote.received_us, now_us);
    EXPECT_FALSE(quote.snapshot);
    EXPECT_NE(quote.fields.find("\"bid\":"), quote.fields.npos);
    EXPECT_FALSE(quotes.Next(&quote));
    EXPECT_TRUE(quotes.ok());
  }
  EXPECT_EQ(texts.size(), 10 * kSymbols) << "each has a time of its own";
}

TEST(MarketTape, OneSymbolDoesNotRepeatItself) {
  MarketTape tape(1, 1);
  std::set<std::string> texts;
  for (int i = 0; i < 100; ++i) {
    uint32_t symbol = 1;
    texts.emplace(tape.Next(kNowUs, &symbol));
    EXPECT_EQ(symbol, 0u);
  }
  EXPECT_EQ(texts.size(), 100u);
}

TEST(Feeder, TicksAreDueAtTheirRate) {
  EXPECT_EQ(TicksDue(0, 500), 0);
  EXPECT_EQ(TicksDue(2 * kMillisecond - 1, 500), 0);
  EXPECT_EQ(TicksDue(2 * kMillisecond, 500), 1);
  EXPECT_EQ(TicksDue(3600 * kSecond, 100'000), 360'000'000);
  EXPECT_EQ(TicksDue(10 * kSecond, 0.1), 1);
}

}  // namespace
}  // namespace streamhub::peers
