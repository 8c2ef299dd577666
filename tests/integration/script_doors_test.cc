// Long polling by script elements and the hidden frame over real sockets: what
// a page gets, which pages get nothing, and that no request writes a script.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"

namespace streamhub {
namespace {

constexpr char kDesk[] = "https://desk.example:8443";

Config WithDoors(std::vector<std::string> origins = {kDesk}) {
  Config config = TestConfig();
  config.script_doors = {"jsonp", "frame"};
  config.cors_origins = std::move(origins);
  return config;
}

std::string From(std::string_view url) {
  return "Referer: " + std::string(url) + "\r\n";
}

// The text between `begin` and the last `end` behind it.
std::string Between(std::string_view text, std::string_view begin,
                    std::string_view end) {
  const size_t from = text.find(begin);
  const size_t to = text.rfind(end);
  if (from == text.npos || to == text.npos || to < from + begin.size()) {
    return {};
  }
  return std::string(
      text.substr(from + begin.size(), to - from - begin.size()));
}

// What the only script of a page that ends hands over.
std::string PostedText(const HttpReply& reply) {
  return Between(reply.body, "p('", "')</script>");
}

TEST(ScriptDoorsTest, AreClosedWhereNobodyOpenedThem) {
  TestGateway gateway;
  for (const char* target :
       {"/v1/jsonp?callback=f&symbols=A", "/v1/frame?symbols=A"}) {
    const HttpReply reply =
        Get(gateway.port(), target, From("http://localhost/"));
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_NE(reply.body.find("script_doors"), std::string::npos) << target;
  }
}

TEST(ScriptDoorsTest, OneDoorDoesNotOpenTheOther) {
  Config config = WithDoors();
  config.script_doors = {"frame"};
  TestGateway gateway(config);
  EXPECT_EQ(
      Get(gateway.port(), "/v1/jsonp?callback=f&symbols=A", From(kDesk)).status,
      404);
  EXPECT_EQ(Get(gateway.port(), "/v1/frame", From(kDesk)).status, 200);
}

TEST(ScriptDoorsTest, ACallbackGetsTheObjectsOfAPoll) {
  TestGateway gateway(WithDoors());
  gateway.Tick(gateway.Define({"A"})[0], {{FieldId::kBid, 1234}});
  const HttpReply reply =
      Get(gateway.port(), "/v1/jsonp?callback=x.%24y&symbols=A&fields=bid",
          From(std::string(kDesk) + "/page?a=1"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(reply.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.Header("cache-control"), "no-store");
  const std::string array = Between(reply.body, "/**/x.$y(", ");\n");
  const auto value = JsonReader(array).Read();
  ASSERT_TRUE(value.has_value()) << reply.body;
  EXPECT_NE(array.find("\"bid\":12.34"), std::string::npos) << array;
}

TEST(ScriptDoorsTest, AScriptMayAskAsABodyDoes) {
  TestGateway gateway(WithDoors());
  const std::vector<SymbolId> ids = gateway.Define({"A", "B"});
  for (const SymbolId id : ids) gateway.Tick(id, {{FieldId::kBid, 1234}});
  const std::string target =
      "/v1/jsonp?callback=f&requests=%5B"
      "%7B%22type%22:%22subscribe%22,%22id%22:1,%22symbols%22:%5B%22A%22%5D%7D,"
      "%7B%22type%22:%22subscribe%22,%22id%22:2,%22symbols%22:%5B%22B%22%5D%7D"
      "%5D";
  const HttpReply reply = Get(gateway.port(), target, From(kDesk));
  EXPECT_EQ(reply.status, 200);
  for (const char* part : {"\"synced\",\"id\":1", "\"synced\",\"id\":2"}) {
    EXPECT_NE(reply.body.find(part), std::string::npos) << reply.body;
  }
  const HttpReply both =
      Get(gateway.port(), target + "&symbols=A", From(kDesk));
  EXPECT_NE(both.body.find("\"key\":\"symbols\""), std::string::npos)
      << both.body;
}

TEST(ScriptDoorsTest, ACallbackIsToldWhatWasWrong) {
  TestGateway gateway(WithDoors());
  const HttpReply reply =
      Get(gateway.port(), "/v1/jsonp?symbols=A&fields=bidd&callback=f",
          From(kDesk));
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("/**/f([{\"type\":\"error\",\"code\":"
                            "\"unknown_field\""),
            std::string::npos)
      << reply.body;
}

TEST(ScriptDoorsTest, NoOtherTextBecomesACallback) {
  TestGateway gateway(WithDoors());
  for (const char* query :
       {"symbols=A", "callback=&symbols=A", "callback=alert(1)&symbols=A",
        "callback=%3Cscript%3E&symbols=A", "callback=f&callback=g&symbols=A",
        "callback=f%0A&symbols=A", "callback=1&symbols=A",
        "callback=%zz&symbols=A"}) {
    const HttpReply reply =
        Get(gateway.port(), std::string("/v1/jsonp?") + query, From(kDesk));
    EXPECT_EQ(reply.status, 400) << query;
    EXPECT_EQ(reply.Header("content-type"), "application/json") << query;
    EXPECT_NE(reply.body.find("\"key\":\"callback\""), std::string::npos)
        << reply.body;
  }
}

TEST(ScriptDoorsTest, PagesOfOtherOriginsGetNothing) {
  TestGateway gateway(WithDoors());
  for (const char* target :
       {"/v1/jsonp?callback=f&symbols=A", "/v1/frame?symbols="}) {
    for (const std::string& from :
         {std::string(), From("https://evil.example/"),
          From("https://desk.example/"), From("https://desk.example:84431/"),
          From("https://desk.example:8443.evil.example/"),
          From("https://evil.example/?https://desk.example:8443/"),
          From("desk.example:8443")}) {
      const HttpReply reply = Get(gateway.port(), target, from);
      EXPECT_EQ(reply.status, 403) << target << ' ' << from;
      EXPECT_NE(reply.body.find("\"key\":\"Referer\""), std::string::npos);
    }
  }
}

TEST(ScriptDoorsTest, TheOwnPagesNeedNoList) {
  TestGateway gateway(WithDoors({}));
  const HttpReply reply =
      Get(gateway.port(), "/v1/frame?symbols=", From("http://localhost/x"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_NE(reply.body.find("parent.postMessage(t,location.protocol"),
            std::string::npos)
      << reply.body;
  EXPECT_NE(
      reply.Header("content-security-policy").find("frame-ancestors 'self'"),
      std::string::npos);
}

TEST(ScriptDoorsTest, AFramePostsToTheListedPageOnly) {
  TestGateway gateway(WithDoors({"http://other.example", kDesk}));
  const HttpReply reply =
      Get(gateway.port(), "/v1/frame?symbols=", From(kDesk));
  EXPECT_NE(
      reply.body.find("parent.postMessage(t,'https://desk.example:8443')"),
      std::string::npos)
      << reply.body;
  const std::string policy = reply.Header("content-security-policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << policy;
  EXPECT_NE(policy.find("frame-ancestors 'self' http://other.example "
                        "https://desk.example:8443"),
            std::string::npos)
      << policy;
  const std::string nonce = Between(policy, "'nonce-", "';");
  EXPECT_GE(nonce.size(), 16u);
  EXPECT_NE(reply.body.find("<script nonce=\"" + nonce + "\">"),
            std::string::npos);
  EXPECT_NE(PostedText(reply).find("\"key\":\"symbols\""), std::string::npos)
      << reply.body;
}

TEST(ScriptDoorsTest, WhatARequestSaysIsNoScriptOfTheFrame) {
  TestGateway gateway(WithDoors());
  const HttpReply reply =
      Get(gateway.port(), "/v1/frame?symbols=A&fields=%3C/script%3E'%5C",
          From(kDesk));
  EXPECT_EQ(reply.status, 200);
  const std::string posted = PostedText(reply);
  EXPECT_EQ(posted.find('<'), std::string::npos) << posted;
  EXPECT_NE(posted.find("\\x3C/script>\\'"), std::string::npos) << posted;
}

TEST(ScriptDoorsTest, MessagesOfATopicAreNoScriptEither) {
  TestGateway gateway(WithDoors());
  gateway.puppet->Do([](Publisher& publisher) {
    Market& market = publisher.market();
    const int64_t now_ns = publisher.clock().WallNs();
    SymbolId id = 0;
    market.DefineTopic("chat", kNoFeed, 10, now_ns, &id);
    market.Append(id, "\"</script>'\xE2\x80\xA8\"", now_ns);
  });
  const HttpReply called =
      Get(gateway.port(), "/v1/jsonp?callback=f&symbols=chat&history=5",
          From(kDesk));
  EXPECT_NE(called.body.find("</script>'\\u2028"), std::string::npos)
      << called.body;
  EXPECT_NE(called.body.find("\"messages\":[{\"seq\":"), std::string::npos)
      << called.body;

  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(
      RequestText("/v1/frame?symbols=chat&history=5", From(kDesk))));
  while (bytes.find("\"messages\":[{") == std::string::npos) {
    ASSERT_EQ(socket.Receive(&bytes), LoopbackSocket::Got::kBytes) << bytes;
  }
  EXPECT_EQ(bytes.find("</script>'"), std::string::npos) << bytes;
  EXPECT_NE(bytes.find("\\x3C/script>"), std::string::npos) << bytes;
}

TEST(ScriptDoorsTest, BothAreText) {
  TestGateway gateway(WithDoors());
  for (const char* target : {"/v1/jsonp?callback=f&symbols=A&encoding=fb",
                             "/v1/frame?symbols=A&encoding=fb"}) {
    const HttpReply reply = Get(gateway.port(), target, From(kDesk));
    EXPECT_NE(reply.body.find("not_supported"), std::string::npos) << target;
  }
}

// Browsers keep the document whole: it has to end before it is too much.
TEST(ScriptDoorsTest, ALongFrameEndsAndSaysSo) {
  TestGateway gateway(WithDoors());
  std::vector<std::string> codes;
  std::string query;
  for (int i = 0; i < 500; ++i) {
    codes.push_back("SYMBOL" + std::to_string(i));
    query += (i == 0 ? "" : ",") + codes.back();
  }
  const std::vector<SymbolId> ids = gateway.Define(codes);
  LoopbackSocket socket(gateway.port());
  ASSERT_TRUE(socket.Send(RequestText(
      "/v1/frame?max_rate=unlimited&symbols=" + query, From(kDesk))));
  std::string bytes;
  auto got = LoopbackSocket::Got::kBytes;
  for (int64_t tick = 1; got == LoopbackSocket::Got::kBytes && tick < 5000;
       ++tick) {
    gateway.puppet->Do([&](Publisher& publisher) {
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id, {{FieldId::kBid, tick}}, 0);
      }
      publisher.EndBatch();
    });
    got = socket.Receive(&bytes);
  }
  EXPECT_EQ(got, LoopbackSocket::Got::kEnd);
  EXPECT_GT(bytes.size(), 4u * 1024 * 1024);
  EXPECT_LT(bytes.size(), 5u * 1024 * 1024);
  EXPECT_NE(bytes.find("\"type\":\"closing\",\"code\":4006"),
            std::string::npos);
  EXPECT_TRUE(bytes.ends_with("0\r\n\r\n"));
}

}  // namespace
}  // namespace streamhub
