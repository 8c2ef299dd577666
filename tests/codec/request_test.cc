#include "gateway/codec/request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tests/codec/request_outcome.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Request AcceptedJson(std::string_view json) {
  const auto parsed = ParseRequests(json);
  EXPECT_EQ(parsed.size(), 1u) << json;
  return parsed.empty() ? Request{} : Accepted(parsed.front());
}

RequestError RefusedJson(std::string_view json) {
  const auto parsed = ParseRequests(json);
  EXPECT_EQ(parsed.size(), 1u) << json;
  return parsed.empty() ? RequestError{} : Refused(parsed.front());
}

TEST(ParseRequests, ReadsTheExamplesOfTheProtocol) {
  const Request subscribe = AcceptedJson(
      R"({"type":"subscribe","id":7,"symbols":["AAPL","EUR/USD@1842"],
          "at":"5c0e31.9a1b22.0","fields":["bid","ask"],"max_rate":4})");
  EXPECT_EQ(subscribe.type, Request::Type::kSubscribe);
  EXPECT_EQ(subscribe.id, "7");
  ASSERT_EQ(subscribe.symbols.size(), 2u);
  EXPECT_EQ(subscribe.symbols[0].name, "AAPL");
  EXPECT_EQ(subscribe.symbols[0].version, 0u);
  EXPECT_EQ(subscribe.symbols[1].name, "EUR/USD");
  EXPECT_EQ(subscribe.symbols[1].version, 1842u);
  EXPECT_EQ(subscribe.at, "5c0e31.9a1b22.0");
  EXPECT_TRUE(subscribe.has_fields);
  EXPECT_FALSE(subscribe.all_fields);
  EXPECT_THAT(subscribe.fields, ElementsAre(FieldId::kBid, FieldId::kAsk));
  EXPECT_TRUE(subscribe.has_rate);
  EXPECT_EQ(subscribe.max_rate, 4);

  const Request topics = AcceptedJson(
      R"({"type":"subscribe","symbols":["tape/AAPL",
          "chat/desk@1764480000000123"],"history":20})");
  EXPECT_EQ(topics.symbols[1].version, 1764480000000123u);
  EXPECT_EQ(topics.history, 20u);
  EXPECT_EQ(subscribe.history, 0u);

  const Request change = AcceptedJson(
      R"({"type":"change","id":8,"symbols":["AAPL"],"fields":["last"],
          "max_rate":1})");
  EXPECT_EQ(change.type, Request::Type::kChange);
  EXPECT_THAT(change.fields, ElementsAre(FieldId::kLast));

  const Request unsubscribe =
      AcceptedJson(R"({"type":"unsubscribe","id":9,"symbols":["AAPL"]})");
  EXPECT_EQ(unsubscribe.type, Request::Type::kUnsubscribe);
  EXPECT_THAT(NamesOf(unsubscribe), ElementsAre("AAPL"));

  const Request ping = AcceptedJson(R"({"type":"ping","id":10})");
  EXPECT_EQ(ping.type, Request::Type::kPing);
  EXPECT_EQ(ping.id, "10");
  EXPECT_LT(ping.echo_time_us, 0);

  const Request echo = AcceptedJson(
      R"({"type":"ping","id":11,"time":1700000000000000,"held_us":1250})");
  EXPECT_EQ(echo.type, Request::Type::kPing);
  EXPECT_EQ(echo.echo_time_us, 1'700'000'000'000'000);
  EXPECT_EQ(echo.echo_held_us, 1250);
}

TEST(ParseRequests, WhatIsLeftOutIsTold) {
  const Request request =
      AcceptedJson(R"({"type":"subscribe","symbols":["A"]})");
  EXPECT_EQ(request.id, "");
  EXPECT_EQ(request.at, "");
  EXPECT_FALSE(request.has_fields);
  EXPECT_TRUE(request.all_fields);
  EXPECT_THAT(request.fields, IsEmpty());
  EXPECT_FALSE(request.has_rate);
}

TEST(ParseRequests, IdsComeBackAsTheyWere) {
  const auto id = [](std::string_view json) {
    return AcceptedJson(R"({"type":"ping","id":)" + std::string(json) + "}").id;
  };
  EXPECT_EQ(id("0"), "0");
  EXPECT_EQ(id("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(id("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(id(R"("")"), R"("")");
  EXPECT_EQ(id(R"("a-1")"), R"("a-1")");
  EXPECT_EQ(id(R"("\"\\\n\u0041")"), R"("\"\\\u000aA")");
  EXPECT_EQ(id("\"\xE2\x82\xAC\""), "\"\xE2\x82\xAC\"");
  const std::string longest = '"' + std::string(64, 'x') + '"';
  EXPECT_EQ(id(longest), longest);
}

TEST(ParseRequests, BadIdsAreRefused) {
  for (const std::string& id :
       {std::string("1.5"), std::string("1e3"), std::string("null"),
        std::string("true"), std::string("[]"), std::string("{}"),
        '"' + std::string(65, 'x') + '"'}) {
    const auto error = RefusedJson(R"({"type":"ping","id":)" + id + "}");
    EXPECT_EQ(error.code, "bad_request") << id;
    EXPECT_EQ(error.key, "id");
    EXPECT_EQ(error.id, "");
  }
}

TEST(ParseRequests, RatesAreExactOrUnlimited) {
  const auto rate = [](std::string_view json) {
    const Request request =
        AcceptedJson(R"({"type":"change","symbols":["A"],"max_rate":)" +
                     std::string(json) + "}");
    EXPECT_TRUE(request.has_rate);
    return request.max_rate;
  };
  EXPECT_EQ(rate("4"), 4);
  EXPECT_EQ(rate("0.5"), 0.5);
  EXPECT_EQ(rate("0.016666666666666666"), 1.0 / 60);
  EXPECT_EQ(rate("1e6"), 1e6);
  EXPECT_TRUE(std::isinf(rate(R"("unlimited")")));
}

TEST(ParseRequests, FieldsAreASet) {
  const Request request = AcceptedJson(
      R"({"type":"subscribe","symbols":["A"],
          "fields":["ask10_size","ask","bid","ask"]})");
  EXPECT_THAT(request.fields,
              ElementsAre(FieldId::kBid, FieldId::kAsk, FieldId::kAsk10Size));
}

struct Refusal {
  std::string_view json, code, key;
};

TEST(ParseRequests, RefusalsNameWhatIsWrong) {
  const Refusal refusals[] = {
      {R"({"id":7})", "bad_request", "type"},
      {R"({"id":7,"type":3})", "bad_request", "type"},
      {R"({"id":7,"type":"dance"})", "unknown_type", "dance"},
      {R"({"id":7,"type":""})", "unknown_type", ""},
      {R"({"id":7,"type":"publish","symbols":["A"]})", "bad_request",
       "symbols"},
      {R"({"id":7,"type":"auth"})", "not_supported", "auth"},
      {R"({"id":7,"type":"subscribe"})", "bad_request", "symbols"},
      {R"({"id":7,"type":"subscribe","symbols":[]})", "bad_request", "symbols"},
      {R"({"id":7,"type":"subscribe","symbols":"A"})", "bad_request",
       "symbols"},
      {R"({"id":7,"type":"subscribe","symbols":[1]})", "bad_request",
       "symbols"},
      {R"({"id":7,"type":"subscribe","symbols":["A,B"]})", "bad_symbol", "A,B"},
      {R"({"id":7,"type":"subscribe","symbols":[""]})", "bad_symbol", ""},
      {R"({"id":7,"type":"subscribe","symbols":["@5"]})", "bad_symbol", "@5"},
      {R"({"id":7,"type":"subscribe","symbols":["A@"]})", "bad_symbol", "A@"},
      {R"({"id":7,"type":"subscribe","symbols":["A@x"]})", "bad_symbol", "A@x"},
      {R"({"id":7,"type":"subscribe","symbols":["A@-1"]})", "bad_symbol",
       "A@-1"},
      {R"({"id":7,"type":"subscribe","symbols":["A@q"]})", "bad_symbol", "A@q"},
      {R"({"id":7,"type":"subscribe","symbols":["A@1qq"]})", "bad_symbol",
       "A@1qq"},
      {R"({"id":7,"type":"subscribe","symbols":["A@1@2"]})", "bad_symbol",
       "A@1@2"},
      {R"({"id":7,"type":"subscribe","symbols":["A@18446744073709551616"]})",
       "bad_symbol", "A@18446744073709551616"},
      {R"({"id":7,"type":"subscribe","symbols":["A\n"]})", "bad_symbol", "A\n"},
      {R"({"id":7,"type":"subscribe","symbols":["A","B","A@3"]})", "bad_symbol",
       "A"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"fields":["bidd"]})",
       "unknown_field", "bidd"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"fields":[]})",
       "bad_request", "fields"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"fields":"bid"})",
       "bad_request", "fields"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"fields":[null]})",
       "bad_request", "fields"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"max_rate":0})",
       "bad_rate", "max_rate"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"max_rate":-1})",
       "bad_rate", "max_rate"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"max_rate":0.0166})",
       "bad_rate", "max_rate"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"max_rate":"fast"})",
       "bad_rate", "max_rate"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"max_rate":null})",
       "bad_rate", "max_rate"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"at":5})", "bad_at", "at"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"at":""})", "bad_at",
       "at"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"at":"a b"})", "bad_at",
       "at"},
      {R"({"id":7,"type":"change","symbols":["A"],"at":"a.b.c"})",
       "bad_request", "at"},
      {R"({"id":7,"type":"unsubscribe","symbols":["A"],"fields":["bid"]})",
       "bad_request", "fields"},
      {R"({"id":7,"type":"unsubscribe"})", "bad_request", "symbols"},
      {R"({"id":7,"type":"ping","symbols":["A"]})", "bad_request", "symbols"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"feilds":["bid"]})",
       "bad_request", "feilds"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"history":-1})",
       "bad_request", "history"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"history":10001})",
       "bad_request", "history"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"history":"5"})",
       "bad_request", "history"},
      {R"({"id":7,"type":"change","symbols":["A"],"history":5})", "bad_request",
       "history"},
      {R"({"id":7,"type":"ping","time":1})", "bad_request", "held_us"},
      {R"({"id":7,"type":"ping","held_us":1})", "bad_request", "time"},
      {R"({"id":7,"type":"ping","time":-1,"held_us":1})", "bad_request",
       "time"},
      {R"({"id":7,"type":"ping","time":1,"held_us":1.5})", "bad_request",
       "held_us"},
      {R"({"id":7,"type":"ping","time":"1","held_us":1})", "bad_request",
       "time"},
      {R"({"id":7,"type":"subscribe","symbols":["A"],"time":1})", "bad_request",
       "time"},
      {R"({"id":7,"type":"ping","id":8})", "bad_request", "id"},
      {R"({"id":7,"type":"ping","type":"ping"})", "bad_request", "type"},
  };
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.json);
    const auto error = RefusedJson(refusal.json);
    EXPECT_EQ(error.code, refusal.code);
    EXPECT_EQ(error.key, refusal.key);
    EXPECT_EQ(error.id, "7");
  }
}

TEST(ParseRequests, TheIdIsToldWhereverItStands) {
  const auto error =
      RefusedJson(R"({"type":"subscribe","symbols":[""],"id":"last"})");
  EXPECT_EQ(error.id, R"("last")");
}

TEST(ParseRequests, LongKeysAreCutAtACharacter) {
  std::string name(63, 'x');
  name += "\xE2\x82\xAC";
  const auto error =
      RefusedJson(R"({"type":"subscribe","symbols":[")" + name + R"("]})");
  EXPECT_EQ(error.code, "bad_symbol");
  EXPECT_EQ(error.key, std::string(63, 'x'));
}

TEST(ParseRequests, MembersWithAnUnderscoreAreIgnored) {
  EXPECT_EQ(AcceptedJson(R"({"type":"ping","_":[1],"_note":{}})").type,
            Request::Type::kPing);
}

TEST(ParseRequests, WhatIsNoJsonIsBadJson) {
  const std::vector<std::string_view> bad = {
      std::string_view(),
      "",
      " ",
      "{",
      "{}}",
      "[",
      R"({"type":"ping",})",
      "{'type':'ping'}",
      R"({"type":"ping"} {"type":"ping"})",
      "nul",
      "\xEF\xBB\xBF{}",
      "{\"type\":\"pi\xFFng\"}",
      "{\"type\":\"pi\nng\"}",
      R"({"id":01})",
      R"({"type":"ping","id":1e999})",
      R"({"type":"\ud800"})"};
  for (const std::string_view json : bad) {
    const auto error = RefusedJson(json);
    EXPECT_EQ(error.code, "bad_json") << json;
    EXPECT_EQ(error.id, "");
  }
  EXPECT_EQ(RefusedJson(std::string(5000, '[')).code, "bad_json");
}

TEST(ParseRequests, OnlyObjectsAreRequests) {
  for (const std::string_view json :
       {"1", "null", "\"ping\"", "[]", "[[]]", "[1]", "[null]"}) {
    EXPECT_EQ(RefusedJson(json).code, "bad_request") << json;
  }
}

TEST(ParseRequests, AnArrayIsAnsweredOneByOneAndInOrder) {
  const auto parsed = ParseRequests(
      R"([{"type":"ping","id":1},{"type":"nope","id":2},5,
          {"type":"unsubscribe","id":4,"symbols":["A"]}])");
  ASSERT_EQ(parsed.size(), 4u);
  EXPECT_EQ(Accepted(parsed[0]).id, "1");
  EXPECT_EQ(Refused(parsed[1]).id, "2");
  EXPECT_EQ(Refused(parsed[2]).code, "bad_request");
  EXPECT_EQ(Accepted(parsed[3]).id, "4");
}

TEST(ParseRequests, LimitsHold) {
  const auto subscribe = [](size_t count) {
    return R"({"type":"subscribe","symbols":[)" + Numbered(count, ",", "\"") +
           "]}";
  };
  EXPECT_EQ(AcceptedJson(subscribe(1000)).symbols.size(), 1000u);
  EXPECT_EQ(RefusedJson(subscribe(1001)).key, "symbols");

  std::string pings = R"({"type":"ping"})";
  for (int i = 1; i < 64; ++i) pings += R"(,{"type":"ping"})";
  EXPECT_EQ(ParseRequests('[' + pings + ']').size(), 64u);
  pings += R"(,{"type":"ping"})";
  EXPECT_EQ(RefusedJson('[' + pings + ']').code, "bad_request");

  std::string padded = R"({"type":"ping"})";
  padded.resize(65536, ' ');
  EXPECT_EQ(AcceptedJson(padded).type, Request::Type::kPing);
  EXPECT_EQ(RefusedJson(padded + ' ').code, "bad_request");
}

TEST(ParseRequests, ReadsNothingBehindTheMessage) {
  // Not padded, not terminated: the address sanitizer watches its end.
  const std::string_view json = R"({"type":"ping","id":3})";
  const std::vector<char> exact(json.begin(), json.end());
  EXPECT_EQ(AcceptedJson({exact.data(), exact.size()}).id, "3");
}

}  // namespace
}  // namespace streamhub
