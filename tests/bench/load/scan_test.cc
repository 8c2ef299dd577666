#include "bench/load/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "gateway/codec/json.h"
#include "gateway/market/layout.h"

namespace streamhub::load {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ScanTest, AMessageIsItsLines) {
  std::string_view message =
      "{\"type\":\"hello\",\"version\":1}\n\n{\"type\":\"ack\"}\n"
      "{\"type\":\"update\"}\n{\"type\":\"synced\"}\n{\"type\":\"heartbeat\"}\n"
      "{\"type\":\"closing\"}\n{\"type\":\"error\"}\n{\"type\":\"feed\"}\n"
      "{\"type\":\"upd\nnonsense";
  std::vector<ObjectType> types;
  Object object;
  while (NextObject(&message, &object)) types.push_back(object.type);
  EXPECT_THAT(types, ElementsAre(ObjectType::kHello, ObjectType::kAck,
                                 ObjectType::kUpdate, ObjectType::kSynced,
                                 ObjectType::kHeartbeat, ObjectType::kClosing,
                                 ObjectType::kError, ObjectType::kOther,
                                 ObjectType::kBad, ObjectType::kBad));
}

TEST(ScanTest, MembersAreFoundByTheirKeys) {
  constexpr std::string_view kObject =
      "{\"type\":\"ack\",\"what\":\"at\",\"at\":\"a.\\\"b.0\",\"code\":4001,"
      "\"none\":null}";
  EXPECT_EQ(TextOf(kObject, "at"), "a.\\\"b.0");
  EXPECT_EQ(IntegerOf(kObject, "code"), 4001);
  EXPECT_EQ(TextOf(kObject, "code"), "");
  EXPECT_EQ(IntegerOf(kObject, "at"), -1);
  EXPECT_EQ(IntegerOf(kObject, "none"), -1);
  EXPECT_EQ(IntegerOf(kObject, "cod"), -1);
}

TEST(ScanTest, IntegersOfAnyLengthAreRead) {
  const std::string digits = "123456789012345678";
  for (size_t size = 1; size <= digits.size(); ++size) {
    const std::string text = digits.substr(0, size);
    for (const char* end : {",", "}", "/", ":", "a", "\"", ""}) {
      EXPECT_EQ(IntegerOf("{\"n\":" + text + end, "n"), std::stoll(text))
          << text << end;
    }
  }
  EXPECT_EQ(IntegerOf("{\"n\":00000000}", "n"), 0);
  EXPECT_EQ(IntegerOf("{\"n\":9999999999999999,\"m\":1}", "n"),
            9'999'999'999'999'999);
  EXPECT_EQ(IntegerOf("{\"n\":1234567890123456789}", "n"), -1) << "19 digits";
  EXPECT_EQ(IntegerOf("{\"n\":-5}", "n"), -1) << "no gateway writes that";
}

// What the gateway's own encoder writes is read back.
TEST(ScanTest, QuotesAreReadAsTheyAreEncoded) {
  SymbolInfo symbol;
  symbol.code = "A\"{}\\B";
  symbol.layout = &QuoteLayout();
  symbol.price_decimals = 2;
  QuoteView view{};
  for (int i = 0; i < QuoteLayout().size(); ++i) view.value[i] = 100 + i;
  view.version = 7;
  view.ticks = 9;
  view.received_ns = 1'700'000'000'000'001'000;
  std::string text = "{\"type\":\"update\",\"time\":5,\"quotes\":{";
  AppendQuoteOpen(symbol, view, QuoteLayout().all(), true, QuietNote::kNotQuiet,
                  &text);
  text += "},";
  symbol.code = "C";
  view.event_ns = 3'000;
  AppendQuoteOpen(symbol, view, 2, false, QuietNote::kQuiet, &text);
  text += "},";
  symbol.code = "D";
  AppendQuoteOpen(symbol, view, 0, false, QuietNote::kNone, &text);
  text += "}}}";

  QuoteScanner scanner(text);
  Quote quote;
  ASSERT_TRUE(scanner.Next(&quote));
  EXPECT_EQ(quote.name, "A\\\"{}\\\\B");
  EXPECT_EQ(quote.version, 7);
  EXPECT_EQ(quote.ticks, 9);
  EXPECT_EQ(quote.received_us, 1'700'000'000'000'001);
  EXPECT_TRUE(quote.snapshot);
  EXPECT_EQ(quote.quiet, 0);
  int fields = 0;
  std::string_view name, value;
  while (NextField(&quote.fields, &name, &value)) {
    EXPECT_EQ(name, FieldName(QuoteLayout().field(fields)));
    if (name == "bid") {
      EXPECT_EQ(value, "1.01");
    }
    ++fields;
  }
  EXPECT_EQ(fields, QuoteLayout().size());
  ASSERT_TRUE(scanner.Next(&quote));
  EXPECT_EQ(quote.name, "C");
  EXPECT_FALSE(quote.snapshot);
  EXPECT_EQ(quote.quiet, 1);
  EXPECT_EQ(quote.fields, "\"bid\":1.01");
  ASSERT_TRUE(scanner.Next(&quote));
  EXPECT_EQ(quote.name, "D");
  EXPECT_EQ(quote.quiet, -1);
  EXPECT_EQ(quote.fields, "");
  EXPECT_FALSE(scanner.Next(&quote));
  EXPECT_TRUE(scanner.ok());
}

TEST(ScanTest, WhatIsCutOffIsRefusedWhereverItIs) {
  constexpr std::string_view kWhole =
      "{\"quotes\":{\"A\":{\"v\":1,\"snapshot\":true,\"n\":2,\"t\":3,\"e\":4,"
      "\"quiet\":false,\"bid\":1.5}}}";
  QuoteScanner whole(kWhole);
  Quote quote;
  EXPECT_TRUE(whole.Next(&quote));
  const size_t end = kWhole.find("}}}");
  for (size_t size = 0; size <= end; ++size) {
    // As if another buffer were behind it.
    const std::string part(kWhole.substr(0, size));
    QuoteScanner scanner(part);
    EXPECT_FALSE(scanner.Next(&quote)) << part;
  }
}

TEST(ScanTest, SymbolsAreReadWithTheirDescriptions) {
  constexpr std::string_view kAck =
      "{\"type\":\"ack\",\"at\":\"x\",\"symbols\":{\"A\":{\"decimals\":2,"
      "\"name\":\"{odd} \\\"}\\\" \"},\"B\\\"\":{\"unknown\":true},\"C\":{}},"
      "\"more\":true}";
  SymbolScanner scanner(kAck);
  std::vector<std::pair<std::string, std::string>> symbols;
  std::string_view name, description;
  while (scanner.Next(&name, &description)) {
    symbols.emplace_back(name, description);
  }
  EXPECT_TRUE(scanner.ok());
  EXPECT_THAT(symbols,
              ElementsAre(Pair("A",
                               "\"decimals\":2,\"name\":\"{odd} "
                               "\\\"}\\\" \""),
                          Pair("B\\\"", "\"unknown\":true"), Pair("C", "")));
  SymbolScanner cut(kAck.substr(0, 50));
  EXPECT_FALSE(cut.Next(&name, &description));
  EXPECT_FALSE(cut.ok());
  SymbolScanner none("{\"symbols\":{}}");
  EXPECT_FALSE(none.Next(&name, &description));
  EXPECT_TRUE(none.ok());
}

}  // namespace
}  // namespace streamhub::load
