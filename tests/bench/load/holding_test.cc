#include "bench/load/holding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "bench/load/http.h"
#include "bench/load/run.h"

namespace streamhub::load {
namespace {

using testing::ElementsAre;
using testing::Pair;

Quote QuoteOf(std::string_view name, int64_t version, int64_t ticks,
              bool snapshot, std::string_view fields) {
  Quote quote;
  quote.name = name;
  quote.version = version;
  quote.ticks = ticks;
  quote.snapshot = snapshot;
  quote.fields = fields;
  return quote;
}

TEST(HoldingTest, FindsEachOfManyInAnyOrder) {
  Wanted wanted;
  std::vector<uint32_t> all;
  for (uint32_t i = 0; i < 1000; ++i) {
    wanted.names.push_back(std::string(i % 60, 'S') + std::to_string(i));
    all.push_back(999 - i);
  }
  wanted.plain = wanted.names;
  Holding holding(wanted, all);
  for (uint32_t i = 0; i < 1000; ++i) {
    const uint32_t symbol = i * 389 % 1000;
    const Held* held =
        holding.Apply(QuoteOf(wanted.names[symbol], 1, 1, true, ""), 0);
    ASSERT_NE(held, nullptr) << wanted.names[symbol];
    EXPECT_EQ(held->symbol, symbol);
  }
  EXPECT_EQ(holding.Apply(QuoteOf("S", 1, 1, true, ""), 0), nullptr);
  EXPECT_EQ(holding.Apply(QuoteOf("", 1, 1, true, ""), 0), nullptr);
}

TEST(HoldingTest, CountsTheUpdatesThatBroughtTicks) {
  Wanted wanted;
  wanted.names = wanted.plain = {"A", "B", "C"};
  wanted.keep_values = true;
  Holding holding(wanted, {2, 0});
  EXPECT_EQ(holding.Apply(QuoteOf("B", 1, 1, true, ""), 0), nullptr)
      << "not asked for";
  const Held* held =
      holding.Apply(QuoteOf("A", 5, 50, true, "\"bid\":1,\"ask\":null"), 1000);
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(held->symbol, 0u);
  EXPECT_EQ(held->first_ticks, 50);
  EXPECT_EQ(held->first_us, 1000);
  EXPECT_EQ(held->updates, 0);
  held = holding.Apply(QuoteOf("A", 6, 53, false, "\"ask\":2"), 2000);
  EXPECT_EQ(held->updates, 1);
  EXPECT_EQ(held->version, 6);
  EXPECT_EQ(held->first_us, 1000);
  EXPECT_EQ(held->last_us, 2000);
  EXPECT_THAT(held->values,
              ElementsAre(Pair(FieldId::kBid, "1"), Pair(FieldId::kAsk, "2")));
  Quote quiet = QuoteOf("A", 6, 53, false, "");
  quiet.quiet = 1;
  held = holding.Apply(quiet, 3000);
  EXPECT_EQ(held->updates, 1) << "no tick";
  EXPECT_TRUE(held->quiet);
  held = holding.Apply(QuoteOf("A", 9, 60, true, "\"bid\":3"), 4000);
  EXPECT_EQ(held->updates, 0) << "from here";
  EXPECT_EQ(held->first_ticks, 60);
  EXPECT_THAT(held->values, ElementsAre(Pair(FieldId::kBid, "3")));
  EXPECT_EQ(holding.Apply(QuoteOf("C", 1, 1, true, "\"bidd\":3"), 0), nullptr)
      << "no such field";
}

TEST(HoldingTest, TheHeldIsAskedForOnlyUnderAToken) {
  Wanted wanted;
  wanted.names = {"A", "E\\\\"};
  wanted.plain = {"A", "E\\"};
  Holding holding(wanted, {0, 1});
  ASSERT_NE(holding.Apply(QuoteOf("A", 5, 50, true, ""), 0), nullptr);
  EXPECT_EQ(ToQuery(holding), "symbols=A,E%5c");
  holding.OnAck("{\"type\":\"ack\",\"at\":\"x.y.0\",\"symbols\":{}}");
  EXPECT_EQ(ToQuery(holding), "symbols=A@5,E%5c&at=x.y.0");
  wanted.max_rate = "unlimited";
  EXPECT_EQ(ToJson(holding),
            "{\"type\":\"subscribe\",\"id\":1,\"symbols\":[\"A@5\",\"E\\\\\"],"
            "\"max_rate\":\"unlimited\",\"at\":\"x.y.0\"}");
  EXPECT_EQ(Unescape("E\\\\\\\"x"), "E\\\"x");
}

TEST(ChooseSymbolsTest, EachClientHasDifferentOnesBySeed) {
  const auto chosen = ChooseSymbols(1000, 10, 100, 7);
  ASSERT_EQ(chosen.size(), 1000u);
  std::vector<int> times(100);
  for (const auto& own : chosen) {
    EXPECT_EQ(std::set<uint32_t>(own.begin(), own.end()).size(), 10u);
    for (const uint32_t symbol : own) ++times.at(symbol);
  }
  for (const int n : times) EXPECT_NEAR(n, 100, 50);
  EXPECT_EQ(ChooseSymbols(1000, 10, 100, 7), chosen);
  EXPECT_NE(ChooseSymbols(1000, 10, 100, 8), chosen);
  EXPECT_THAT(ChooseSymbols(1, 3, 3, 1)[0],
              testing::UnorderedElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace streamhub::load
