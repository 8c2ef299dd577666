// Publish requests, and the text of their messages.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/raw_json.h"
#include "gateway/codec/request.h"
#include "tests/codec/request_outcome.h"

namespace streamhub {
namespace {

std::string Publish(std::string_view data) {
  return R"({"type":"publish","topic":"t","data":)" + std::string(data) + "}";
}

// What is passed on of the message `data`.
std::string Passed(std::string_view data) {
  const auto parsed = ParseRequests(Publish(data));
  EXPECT_EQ(parsed.size(), 1u);
  return Accepted(parsed.front()).data;
}

std::string Nested(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

RequestError RefusedText(std::string_view json) {
  const auto parsed = ParseRequests(json);
  EXPECT_EQ(parsed.size(), 1u) << json;
  return Refused(parsed.front());
}

TEST(PublishRequest, ReadsTheExampleOfTheProtocol) {
  const auto parsed = ParseRequests(
      R"({"type":"publish","id":12,"topic":"chat/desk",
          "data":{"from":"Ada","text":"hello"}})");
  ASSERT_EQ(parsed.size(), 1u);
  const Request request = Accepted(parsed.front());
  EXPECT_EQ(request.type, Request::Type::kPublish);
  EXPECT_EQ(request.id, "12");
  EXPECT_EQ(request.topic, "chat/desk");
  EXPECT_EQ(request.data, R"({"from":"Ada","text":"hello"})");
  EXPECT_TRUE(request.symbols.empty());
}

TEST(PublishRequest, PassesValuesOnAsTheyWereWritten) {
  for (const std::string_view same :
       {"1", "-0.0", "1.10", "1e5", "0.1000000000000000055511151231257827",
        "18446744073709551615", "true", "null", "\"\"", "[]", "{}",
        R"("\u00e9\n\"\\")", R"({"a":1,"a":2})", "\"\xE2\x80\xA8\""}) {
    EXPECT_EQ(Passed(same), same);
  }
}

// A line feed would end a line, or an event, of other clients.
TEST(PublishRequest, LeavesBlanksOutButNotThoseOfStrings) {
  EXPECT_EQ(Passed("\n{ \"a b\" :\r\n[ 1 ,\t2 , \" x \\\" , \" ] }\n"),
            R"({"a b":[1,2," x \" , "]})");
  // They do not count.
  EXPECT_EQ(Passed("[" + std::string(50'000, '\n') + "1]"), "[1]");
}

TEST(PublishRequest, TakesTheDataOfEachOfSeveral) {
  const auto parsed = ParseRequests(
      R"( [ {"data" : {"x":["]",{"data":0}]} , "type":"publish","topic":"a"},
           {"type":"ping","_data":[1,"}"]},
           {"type":"publish","_":"}","topic":"b","\u0064ata":"second"} ] )");
  ASSERT_EQ(parsed.size(), 3u);
  EXPECT_EQ(Accepted(parsed[0]).data, R"({"x":["]",{"data":0}]})");
  EXPECT_EQ(Accepted(parsed[1]).type, Request::Type::kPing);
  EXPECT_EQ(Accepted(parsed[2]).data, R"("second")");
}

// A script of /v1/jsonp would set a prototype.
TEST(PublishRequest, NoObjectHasAMemberProto) {
  for (const char* data :
       {R"({"__proto__":1})", R"([{"a":{"b":1,"__proto__" : {}}}])",
        R"({"\u005f_pr\u006Fto\u005F\u005f":1})"}) {
    const RequestError error = RefusedText(Publish(data));
    EXPECT_EQ(error.code, "bad_request") << data;
    EXPECT_EQ(error.key, "data") << data;
  }
  for (const char* data :
       {R"("__proto__")", R"(["__proto__",{"proto":1}])", R"({"":"__proto__"})",
        R"({"__proto__x":1,"_proto__":"\\"})", R"({"\\u005f_proto__":1})"}) {
    EXPECT_EQ(Passed(data), data);
  }
}

TEST(PublishRequest, BoundsItsSizeAndDepth) {
  const std::string most = '"' + std::string(kPublishBytesMax - 2, 'x') + '"';
  EXPECT_EQ(Passed(most), most);
  const std::string more = '"' + std::string(kPublishBytesMax - 1, 'x') + '"';
  EXPECT_EQ(RefusedText(Publish(more)).key, "data");
  EXPECT_EQ(Passed(Nested(kPublishDepthMax)), Nested(kPublishDepthMax));
  const RequestError deep = RefusedText(Publish(Nested(kPublishDepthMax + 1)));
  EXPECT_EQ(deep.code, "bad_request");
  EXPECT_EQ(deep.key, "data");
  EXPECT_EQ(RefusedText(Publish(Nested(2000))).code, "bad_json");
}

TEST(PublishRequest, RefusesWhatIsFaulty) {
  struct Case {
    std::string json;
    std::string_view code, key;
  };
  const std::vector<Case> kCases = {
      {R"({"type":"publish","data":1})", "bad_request", "topic"},
      {R"({"type":"publish","topic":"t"})", "bad_request", "data"},
      {R"({"type":"publish","topic":7,"data":1})", "bad_symbol", ""},
      {R"({"type":"publish","topic":"a,b","data":1})", "bad_symbol", "a,b"},
      {R"({"type":"publish","topic":"a@1","data":1})", "bad_symbol", "a@1"},
      {R"({"type":"publish","topic":"a\nb","data":1})", "bad_symbol", "a\nb"},
      {R"({"type":"publish","topic":"t","data":1,"data":2})", "bad_request",
       "data"},
      {R"({"type":"publish","topic":"t","topic":"u","data":1})", "bad_request",
       "topic"},
      {R"({"type":"publish","topic":"t","data":1,"symbols":["A"]})",
       "bad_request", "symbols"},
      {R"({"type":"subscribe","symbols":["A"],"data":1})", "bad_request",
       "data"},
      {Publish("\"\xFF\""), "bad_json", ""},
      {Publish("\"\n\""), "bad_json", ""},
      {Publish("1e999"), "bad_json", ""},
      {Publish("[1"), "bad_json", ""},
      {Publish("NaN"), "bad_json", ""},
  };
  for (const auto& [json, code, key] : kCases) {
    const RequestError error = RefusedText(json);
    EXPECT_EQ(error.code, code) << json;
    EXPECT_EQ(error.key, key) << json;
  }
}

TEST(RawJson, TakesAContainerApart) {
  const auto parts = [](std::string_view text) {
    RawParts raw(text);
    std::vector<std::string> all;
    for (size_t i = 0; !raw.At(i).empty(); ++i) all.emplace_back(raw.At(i));
    return all;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(parts("[]"), Texts());
  EXPECT_EQ(parts(" { } "), Texts());
  EXPECT_EQ(parts(R"([1, "a]" ,{"b":[2]},[ ],null])"),
            (Texts{"1", "\"a]\"", R"({"b":[2]})", "[ ]", "null"}));
  EXPECT_EQ(parts(R"({"a":1,"b" : [3,4] , "c":"\\\"}"})"),
            (Texts{"1", "[3,4]", R"("\\\"}")"}));
  RawParts raw("[1,2,3]");
  EXPECT_EQ(raw.At(2), "3");
  EXPECT_EQ(raw.At(2), "3");
  EXPECT_EQ(raw.At(3), "");
}

TEST(RawJson, WhatIsNoJsonIsSomeOfItsBytes) {
  for (const std::string_view text :
       {"", "{", "[", "\"", "[\"", "{\"a", "{\"a\":", "]", "}}", ",", ":",
        "[1 2]", "{1:2", "\"\\", "[[[", "{]"}) {
    RawParts raw(text);
    for (size_t i = 0; i < 4; ++i) {
      EXPECT_LE(raw.At(i).size(), text.size()) << text;
    }
    std::string minified;
    AppendMinified(text, &minified);
    EXPECT_LE(minified.size(), text.size()) << text;
  }
}

}  // namespace
}  // namespace streamhub
