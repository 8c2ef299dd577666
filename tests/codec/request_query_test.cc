// Requests in the query of a GET.

#include "gateway/codec/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "tests/codec/request_outcome.h"

namespace streamhub {
namespace {

using testing::ElementsAre;

TEST(ParseQuery, IsASubscribe) {
  const Request request = Accepted(ParseQuery(
      "symbols=AAPL,EUR/USD@1842&fields=bid,ask&max_rate=2&at=a.b.c&id=7"));
  EXPECT_EQ(request.type, Request::Type::kSubscribe);
  EXPECT_THAT(NamesOf(request), ElementsAre("AAPL", "EUR/USD"));
  EXPECT_EQ(request.symbols[1].version, 1842u);
  EXPECT_THAT(request.fields, ElementsAre(FieldId::kBid, FieldId::kAsk));
  EXPECT_FALSE(request.all_fields);
  EXPECT_EQ(request.max_rate, 2);
  EXPECT_EQ(request.at, "a.b.c");
  EXPECT_EQ(request.id, "7");
}

TEST(ParseQuery, HistoryIsANumberOfMessages) {
  EXPECT_EQ(Accepted(ParseQuery("symbols=chat&history=20")).history, 20u);
  for (const std::string text : {"", "-1", "10001", "1.5", "many"}) {
    const auto error = Refused(ParseQuery("symbols=chat&history=" + text));
    EXPECT_EQ(error.code, "bad_request") << text;
    EXPECT_EQ(error.key, "history") << text;
  }
}

TEST(ParseQuery, DecodesPercentAndLeavesThePlus) {
  const Request request = Accepted(
      ParseQuery("symbols=EUR%2fUSD%2CA%26B%3D,C+D,%E2%82%AC%40%31&_=%00"));
  EXPECT_THAT(NamesOf(request),
              ElementsAre("EUR/USD", "A&B=", "C+D", "\xE2\x82\xAC"));
  EXPECT_EQ(request.symbols[3].version, 1u);
}

TEST(ParseQuery, EmptyPartsAreNothing) {
  EXPECT_THAT(NamesOf(Accepted(ParseQuery("&&symbols=A&"))), ElementsAre("A"));
}

TEST(ParseQuery, IdsAreNumbersOrStrings) {
  const auto id = [](std::string text) {
    return Accepted(ParseQuery("symbols=A&id=" + text)).id;
  };
  EXPECT_EQ(id("-5"), "-5");
  EXPECT_EQ(id("007"), R"("007")");
  EXPECT_EQ(id("-0"), R"("-0")");
  EXPECT_EQ(id("9223372036854775808"), R"("9223372036854775808")");
  EXPECT_EQ(id("a%22b"), R"("a\"b")");
  EXPECT_EQ(id(""), R"("")");
}

TEST(ParseQuery, RatesAreNumbersOrUnlimited) {
  const auto rate = [](std::string text) {
    return Accepted(ParseQuery("symbols=A&max_rate=" + std::string(text)))
        .max_rate;
  };
  EXPECT_EQ(rate("0.5"), 0.5);
  EXPECT_EQ(rate("100"), 100);
  EXPECT_TRUE(std::isinf(rate("unlimited")));
  for (const std::string_view text :
       {"", "0", "-1", "nan", "inf", "infinity", "2x", " 2", "1e999", "0x10",
        "0.01", "+2", "UNLIMITED"}) {
    const auto error =
        Refused(ParseQuery("symbols=A&max_rate=" + std::string(text)));
    EXPECT_EQ(error.code, "bad_rate") << text;
    EXPECT_EQ(error.key, "max_rate");
  }
}

TEST(ParseQuery, RefusalsNameWhatIsWrong) {
  struct {
    std::string query, code, key;
  } const refusals[] = {
      {"", "bad_request", "symbols"},
      {"symbols", "bad_request", "symbols"},
      {"symbols=", "bad_request", "symbols"},
      {"symbols=A,", "bad_symbol", ""},
      {"symbols=,A", "bad_symbol", ""},
      {"symbols=A,A", "bad_symbol", "A"},
      {"symbols=A%0A", "bad_symbol", "A\n"},
      {"symbols=A%FFB", "bad_symbol", "A?B"},
      {"symbols=A@b", "bad_symbol", "A@b"},
      {"symbols=A&fields=", "bad_request", "fields"},
      {"symbols=A&fields=bid,,ask", "unknown_field", ""},
      {"symbols=A&fields=bid%2", "bad_request", "fields"},
      {"symbols=A&fields=%zz", "bad_request", "fields"},
      {"symbols=A&fields=bid&fields=ask", "bad_request", "fields"},
      {"symbols=A&at=", "bad_at", "at"},
      {"symbols=A&at=%ff", "bad_at", "at"},
      {"symbols=A&colour=red", "bad_request", "colour"},
      {"symbols=A&=1", "bad_request", ""},
      {"symbols=A&type=subscribe", "bad_request", "type"},
      {"symbols=A&id=1&id=2", "bad_request", "id"},
      {"symbols=A&id=%ff", "bad_request", "id"},
      {"symbols=A&id=" + std::string(65, 'x'), "bad_request", "id"},
      {"symbols=" + Numbered(1001, ",", ""), "bad_request", "symbols"},
      {"symbols=" + std::string(65536, 'x'), "bad_request", ""},
  };
  for (const auto& refusal : refusals) {
    SCOPED_TRACE(refusal.query.substr(0, 80));
    const auto error = Refused(ParseQuery(refusal.query));
    EXPECT_EQ(error.code, refusal.code);
    EXPECT_EQ(error.key, refusal.key);
  }
  EXPECT_EQ(Refused(ParseQuery("symbols=&id=x")).id, R"("x")");
  EXPECT_EQ(
      Accepted(ParseQuery("symbols=" + Numbered(1000, ",", ""))).symbols.size(),
      1000u);
}

// --- the encoding ---

// What TakeEncoding leaves, and chose; the key and code of an error.
std::string Taken(std::string query) {
  Encoding encoding;
  if (const auto error = TakeEncoding(&query, &encoding)) {
    return error->code + ' ' + error->key;
  }
  return query + (encoding == Encoding::kFlat ? " fb" : " json");
}

TEST(TakeEncodingTest, TakesItOutOfTheQuery) {
  EXPECT_EQ(Taken(""), " json");
  EXPECT_EQ(Taken("symbols=A&fields=b%26"), "symbols=A&fields=b%26 json");
  EXPECT_EQ(Taken("encoding=fb"), " fb");
  EXPECT_EQ(Taken("encoding=json"), " json");
  EXPECT_EQ(Taken("a=1&encoding=fb&b=2"), "a=1&b=2 fb");
  EXPECT_EQ(Taken("a=1&&_encoding=x"), "a=1&&_encoding=x json");
}

TEST(TakeEncodingTest, NamesWhatIsWrong) {
  EXPECT_EQ(Taken("encoding="), "not_supported encoding");
  EXPECT_EQ(Taken("encoding"), "not_supported encoding");
  EXPECT_EQ(Taken("a=1&encoding=FB"), "not_supported encoding");
  EXPECT_EQ(Taken("encoding=fb&encoding=fb"), "bad_request encoding");
}

}  // namespace
}  // namespace streamhub
