// Which of the subprotocols that a client offers is taken.

#include <gtest/gtest.h>

#include <string>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"

namespace streamhub {
namespace {

std::string Taken(int port, const std::string& offers) {
  LoopbackSocket socket(port);
  std::string bytes;
  HttpReply reply;
  EXPECT_TRUE(socket.Send(
      RequestText("/v1/ws",
                  "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                      offers)));
  EXPECT_TRUE(TakeHead(socket, &bytes, &reply));
  EXPECT_EQ(reply.status, 101) << offers;
  return reply.Header("sec-websocket-protocol");
}

// RFC 6455 section 11.3.4.
TEST(SubprotocolTest, OffersMayComeInSeveralFields) {
  TestGateway gateway;
  const auto taken = [&](const std::string& offers) {
    return Taken(gateway.port(), offers);
  };
  const std::string field = "Sec-WebSocket-Protocol: ";
  EXPECT_EQ(taken(""), "");
  EXPECT_EQ(taken(field + "other\r\n"), "");
  EXPECT_EQ(taken(field + "other, streamhub.v1.json\r\n"), "streamhub.v1.json");
  EXPECT_EQ(taken(field + "other\r\n" + field + "streamhub.v1.fb\r\n"),
            "streamhub.v1.fb");
  EXPECT_EQ(
      taken(field + "streamhub.v1.json\r\n" + field + "streamhub.v1.fb\r\n"),
      "streamhub.v1.json");
}

}  // namespace
}  // namespace streamhub
