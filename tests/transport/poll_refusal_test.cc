// Polls of which nothing is left to wait for.

#include <gtest/gtest.h>

#include <string>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"

namespace streamhub {
namespace {

HttpReply Poll(LoopbackSocket& socket, const std::string& requests) {
  std::string bytes;
  EXPECT_TRUE(socket.Send(
      RequestText("/v1/poll",
                  "Content-Length: " + std::to_string(requests.size()) + "\r\n",
                  "POST") +
      requests));
  return TakeReply(socket, &bytes);
}

// A client that takes 200 for success would ask again at once, for ever.
TEST(PollRefusalTest, TooManySymbolsAreAFault) {
  Config config = TestConfig();
  config.subscriptions_max = 2;
  TestGateway gateway(config);
  LoopbackSocket socket(gateway.port());
  const std::string many =
      R"({"type":"subscribe","id":1,"symbols":["A","B","C"]})";
  const HttpReply refused = Poll(socket, many);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            R"({"type":"error","id":1,"code":"too_many_subscriptions",)"
            R"("reason":"a poll may ask for 2 symbols","key":"symbols"})"
            "\n");
  // The connection lives on, and what is left of others is answered.
  const HttpReply partly = Poll(
      socket, "[" + many + R"(,{"type":"subscribe","id":2,"symbols":["A"]}])");
  EXPECT_EQ(partly.status, 200);
  EXPECT_NE(partly.body.find(R"("type":"ack","id":2)"), std::string::npos);
}

}  // namespace
}  // namespace streamhub
