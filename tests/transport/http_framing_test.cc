// Bodies of requests: where they end, and who is asked for them.

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"

namespace streamhub {
namespace {

const std::string kRequest = R"({"type":"subscribe","symbols":["A"]})";

std::string Length() {
  return "Content-Length: " + std::to_string(kRequest.size()) + "\r\n";
}

std::string Chunked() {
  std::string text = "24\r\n" + kRequest + "\r\n0\r\n\r\n";
  EXPECT_EQ(kRequest.size(), 0x24u);
  return text;
}

HttpReply Post(int port, const std::string& headers, const std::string& body,
               std::string* rest) {
  LoopbackSocket socket(port);
  EXPECT_TRUE(socket.Send(RequestText("/v1/poll", headers, "POST") + body));
  HttpReply reply = TakeReply(socket, rest);
  socket.EndSending();
  EXPECT_TRUE(socket.ReceiveToEnd(rest));
  return reply;
}

TEST(HttpFramingTest, OneChunkedBodyIsRead) {
  TestGateway gateway;
  std::string rest;
  EXPECT_EQ(
      Post(gateway.port(), "Transfer-Encoding: Chunked\r\n", Chunked(), &rest)
          .status,
      200);
}

// Another server before us may see another end of the body: nothing behind it
// is read as a request.
TEST(HttpFramingTest, BodiesOfUnknownLengthEndTheConnection) {
  TestGateway gateway;
  const std::pair<std::string, int> refused[] = {
      {"Transfer-Encoding: xchunked\r\n", 400},
      {"Transfer-Encoding: identity\r\n", 400},
      {"Transfer-Encoding: chunked, identity\r\n", 400},
      {"Transfer-Encoding: identity\r\n" + Length(), 400},
      {"Transfer-Encoding:\r\n" + Length(), 400},
      {"Transfer-Encoding: gzip, chunked\r\n", 501},
      {"Transfer-Encoding: chunked\r\n" + Length(), 400},
      {Length() + "Transfer-Encoding: chunked\r\n", 400},
      {Length() + "Content-Length: 3\r\n", 400},
  };
  for (const auto& [headers, status] : refused) {
    std::string rest;
    const HttpReply reply =
        Post(gateway.port(), headers, RequestText("/v1/symbols"), &rest);
    EXPECT_EQ(reply.status, status) << headers;
    EXPECT_EQ(reply.Header("connection"), "close") << headers;
    EXPECT_EQ(rest, "") << headers;
  }
}

TEST(HttpFramingTest, TransferCodingsAreNamed) {
  TestGateway gateway;
  std::string rest;
  const HttpReply reply = Post(
      gateway.port(), "Transfer-Encoding: gzip, chunked\r\n", Chunked(), &rest);
  EXPECT_NE(reply.body.find(R"("code":"not_supported")"), std::string::npos);
  EXPECT_NE(reply.body.find(R"("key":"Transfer-Encoding")"), std::string::npos);
}

TEST(HttpFramingTest, ChunksAreNotOfHttp10) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(
      socket.Send("POST /v1/poll HTTP/1.0\r\nConnection: keep-alive\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n" +
                  Chunked()));
  const HttpReply reply = TakeReply(socket, &bytes);
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find(R"("key":"Transfer-Encoding")"), std::string::npos);
}

TEST(HttpFramingTest, WhoAsksFirstIsToldToGoOn) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  const std::string head =
      RequestText("/v1/poll", Length() + "Expect: 100-Continue\r\n", "POST");
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(socket.Send(head));
    HttpReply go_on;
    ASSERT_TRUE(TakeHead(socket, &bytes, &go_on));
    EXPECT_EQ(go_on.status, 100);
    EXPECT_EQ(bytes, "");
    ASSERT_TRUE(socket.Send(kRequest));
    EXPECT_EQ(TakeReply(socket, &bytes).status, 200);
  }
}

TEST(HttpFramingTest, WhoAsksForTooMuchIsToldAtOnce) {
  TestGateway gateway;
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(RequestText(
      "/v1/poll", "Content-Length: 65537\r\nExpect: 100-continue\r\n",
      "POST")));
  EXPECT_EQ(TakeReply(socket, &bytes).status, 413);
}

// There is nothing to ask for.
TEST(HttpFramingTest, NobodyIsToldToGoOnWithoutABody) {
  TestGateway gateway;
  EXPECT_EQ(
      Get(gateway.port(), "/v1/symbols", "Expect: 100-continue\r\n").status,
      200);
}

}  // namespace
}  // namespace streamhub
