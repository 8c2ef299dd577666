#include "gateway/codec/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/json_value.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

std::string Int(int64_t value) {
  std::string out;
  AppendInt(value, &out);
  return out;
}

std::string Decimal(int64_t value, int decimals) {
  std::string out;
  AppendDecimal(value, decimals, &out);
  return out;
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendString(text, &out);
  return out;
}

std::string Rate(double value) {
  std::string out;
  AppendRate(value, &out);
  return out;
}

// --- numbers ---

TEST(JsonTest, IntegersAreExact) {
  EXPECT_EQ(Int(0), "0");
  EXPECT_EQ(Int(-7), "-7");
  EXPECT_EQ(Int(kMax), "9223372036854775807");
  EXPECT_EQ(Int(kMin), "-9223372036854775808");
}

// At each number of digits, and around it.
TEST(JsonTest, IntegersOfEveryLength) {
  int64_t ten = 1;
  for (int digits = 1; digits <= 19; ++digits) {
    for (int64_t around = -2; around <= 2; ++around) {
      const int64_t value = ten + around;
      EXPECT_EQ(Int(value), std::to_string(value));
      EXPECT_EQ(Int(-value), std::to_string(-value));
      EXPECT_EQ(Decimal(value, 0), std::to_string(value));
    }
    if (digits < 19) ten *= 10;
  }
}

TEST(JsonTest, DecimalsHaveAllTheirDigits) {
  EXPECT_EQ(Decimal(18995, 2), "189.95");
  EXPECT_EQ(Decimal(18900, 2), "189.00");
  EXPECT_EQ(Decimal(5, 2), "0.05");
  EXPECT_EQ(Decimal(0, 2), "0.00");
  EXPECT_EQ(Decimal(42, 0), "42");
  EXPECT_EQ(Decimal(0, 0), "0");
  EXPECT_EQ(Decimal(100, 1), "10.0");
}

TEST(JsonTest, NegativePricesHaveOneSign) {
  EXPECT_EQ(Decimal(-3763, 2), "-37.63");  // crude oil, 20 April 2020
  EXPECT_EQ(Decimal(-5, 2), "-0.05");
  EXPECT_EQ(Decimal(-100, 2), "-1.00");
  EXPECT_EQ(Decimal(-1, 0), "-1");
}

TEST(JsonTest, ExtremesAreExactAtEveryScale) {
  EXPECT_EQ(Decimal(1, 18), "0.000000000000000001");
  EXPECT_EQ(Decimal(-1, 18), "-0.000000000000000001");
  EXPECT_EQ(Decimal(kMax, 18), "9.223372036854775807");
  EXPECT_EQ(Decimal(kMin, 18), "-9.223372036854775808");
  EXPECT_EQ(Decimal(kMax, 0), "9223372036854775807");
  EXPECT_EQ(Decimal(kMin, 0), "-9223372036854775808");
  EXPECT_EQ(Decimal(kMax, 2), "92233720368547758.07");
}

TEST(JsonTest, DecimalsAreTheIntegerWithAPoint) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = static_cast<int64_t>(random()) >> (random() % 63);
    const int decimals = static_cast<int>(random() % 19);
    std::string text = Decimal(value, decimals);
    ASSERT_TRUE(JsonReader(text).Read().has_value()) << text;
    const size_t point = text.find('.');
    ASSERT_EQ(point == text.npos ? 0 : text.size() - point - 1,
              static_cast<size_t>(decimals))
        << text;
    if (point != text.npos) text.erase(point, 1);
    ASSERT_EQ(std::stoll(text), value) << text;
  }
}

TEST(JsonTest, RatesAreShort) {
  EXPECT_EQ(Rate(100), "100");
  EXPECT_EQ(Rate(10), "10");
  EXPECT_EQ(Rate(0.5), "0.5");
  EXPECT_EQ(Rate(0.2), "0.2");
  EXPECT_EQ(Rate(1.0 / 30), "0.033333");
  EXPECT_EQ(Rate(1.0 / 60), "0.016667");
}

TEST(JsonTest, EpochsAreLowerCaseHex) {
  std::string out;
  AppendEpoch(0, &out);
  out += ' ';
  AppendEpoch(0x5C0E31, &out);
  out += ' ';
  AppendEpoch(~uint64_t{0}, &out);
  EXPECT_EQ(out, "0 5c0e31 ffffffffffffffff");
}

// --- text ---

TEST(JsonTest, TextIsEscapedWhereItMustBe) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted("EUR/USD"), R"("EUR/USD")");
  EXPECT_EQ(Quoted(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(Quoted("\n\r\t\x1F"), R"("\u000a\u000d\u0009\u001f")");
  EXPECT_EQ(Quoted(std::string_view("\0x", 2)), R"("\u0000x")");
  EXPECT_EQ(Quoted("\x7F Zürich €"), "\"\x7F Zürich €\"");
}

TEST(JsonTest, EveryByteComesBackAsItWas) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = {'a', static_cast<char>(c), 'z'};
    const auto read = JsonReader(Quoted(text)).Read();
    ASSERT_TRUE(read.has_value()) << c;
    EXPECT_EQ(read->text, text);
  }
}

// --- quotes and descriptions ---

class JsonQuoteTest : public ::testing::Test {
 protected:
  std::string Quote(SymbolId id, FieldMask fields, bool snapshot,
                    QuietNote quiet) {
    std::string out;
    AppendQuoteOpen(home.market.symbols().Get(id), home.Read(id), fields,
                    snapshot, quiet, &out);
    return out + '}';
  }

  FieldMask MaskOf(SymbolId id, std::initializer_list<FieldId> fields) {
    const Layout& layout = *home.market.symbols().Get(id).layout;
    return layout.MaskOf(std::vector<FieldId>(fields));
  }

  TestMarket home;
};

TEST_F(JsonQuoteTest, EachKindOfValueIsWrittenInItsWay) {
  SymbolInfo info;
  info.code = "BTC/USD";
  info.price_decimals = 1;
  info.quantity_decimals = 8;
  info.layout = &QuoteLayout();
  const SymbolId id = *home.publisher.Define(info);
  home.Tick(id,
            {{FieldId::kBid, -15},
             {FieldId::kBidSize, 250'000'000},
             {FieldId::kQuoteTime, 1'700'000'000'123'456'789},
             {FieldId::kTrading, PackText("open")}},
            /*event_ns=*/1'699'999'999'000'001'999);
  EXPECT_EQ(Quote(id,
                  MaskOf(id, {FieldId::kBid, FieldId::kBidSize, FieldId::kAsk,
                              FieldId::kAskSize, FieldId::kQuoteTime,
                              FieldId::kTradeTime}),
                  true, QuietNote::kNotQuiet),
            R"("BTC/USD":{"v":2,"snapshot":true,"n":2,"t":1700000000000000,)"
            R"("e":1699999999000001,"quiet":false,"trading":"open",)"
            R"("bid":-1.5,"bid_size":2.50000000,"ask":null,"ask_size":null,)"
            R"("quote_time":1700000000123456,"trade_time":null})");
}

TEST_F(JsonQuoteTest, ADeltaIsWhatWasAskedForAndNoMore) {
  const SymbolId id = home.Add("A");
  home.Tick(id, {{FieldId::kBid, 150}, {FieldId::kAsk, 160}});
  const FieldMask bid = FieldMask{1} << QuoteLayout().PositionOf(FieldId::kBid);
  EXPECT_EQ(Quote(id, bid, false, QuietNote::kNone),
            R"("A":{"v":2,"n":2,"t":1700000000000000,"bid":1.50})");
  EXPECT_EQ(Quote(id, 0, false, QuietNote::kQuiet),
            R"("A":{"v":2,"n":2,"t":1700000000000000,"quiet":true})");
}

TEST_F(JsonQuoteTest, WhatIsEmptyIsNullAndNeverZero) {
  const SymbolId id = home.Add("A");
  home.Tick(id, {{FieldId::kBid, 0}});
  const FieldMask bid = FieldMask{1} << QuoteLayout().PositionOf(FieldId::kBid);
  EXPECT_NE(Quote(id, bid, false, QuietNote::kNone).find("\"bid\":0.00}"),
            std::string::npos);
  home.Tick(id, {{FieldId::kBid, kEmpty}});
  EXPECT_NE(Quote(id, bid, false, QuietNote::kNone).find("\"bid\":null}"),
            std::string::npos);
}

TEST_F(JsonQuoteTest, ADescriptionLeavesOutWhatIsNotKnown) {
  SymbolInfo info;
  info.code = "X\"Y";
  info.price_decimals = 5;
  info.quantity_decimals = 3;
  info.layout = &QuoteLayout();
  const SymbolId bare = *home.publisher.Define(info);
  info.code = "FULL";
  info.name = "A \"full\" one";
  info.currency = "EUR";
  info.pip = 10;
  const SymbolId full = *home.publisher.Define(info);
  std::string out;
  AppendDescription(home.market.symbols().Get(bare), home.market.feeds(), &out);
  EXPECT_EQ(out,
            R"("X\"Y":{"decimals":5,"quantity_decimals":3,"feed":"test"})");
  out.clear();
  AppendDescription(home.market.symbols().Get(full), home.market.feeds(), &out);
  EXPECT_EQ(out,
            R"("FULL":{"decimals":5,"quantity_decimals":3,"currency":"EUR",)"
            R"("pip":0.00010,"name":"A \"full\" one","feed":"test"})");
}

TEST(JsonTest, AFeedTellsItsSourceAndItsLimits) {
  FeedInfo info;
  info.name = "late";
  info.source = Source::kDelayed;
  info.delay_s = 900;
  info.stale_after_ns = 1500 * kMillisecond;
  info.quiet_after_ns = kSecond;
  std::string out;
  AppendFeed(info, FeedStatus::kDown, &out);
  EXPECT_EQ(out, R"("late":{"status":"down","source":"delayed","delay_s":900,)"
                 R"("stale_after_ms":1500,"quiet_after_ms":1000})");
}

TEST(JsonTest, AnErrorRepeatsWhatTheClientSaidEscaped) {
  std::string out;
  AppendError({"\"x\"", "bad_symbol", "no", "a\"\n"}, &out);
  EXPECT_EQ(out,
            R"({"type":"error","id":"x","code":"bad_symbol","reason":"no",)"
            R"("key":"a\"\u000a"})");
  out.clear();
  AppendError({"", "bad_json", "no", ""}, &out);
  EXPECT_EQ(out, R"({"type":"error","code":"bad_json","reason":"no"})");
}

}  // namespace
}  // namespace streamhub
