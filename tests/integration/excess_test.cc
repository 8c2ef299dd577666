// Too much, or what makes no sense, at every door that takes a request: a clear
// error, in the form that the door's client can read, and nobody else notices.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"

namespace streamhub {
namespace {

constexpr std::string_view kPage = "Referer: http://localhost/\r\n";

Config WithAllDoors() {
  Config config = TestConfig();
  config.script_doors = {"jsonp", "frame"};
  return config;
}

struct Door {
  std::string path;       // with '?', up to the parameters
  int refusal;            // its status of a faulty request
  std::string_view head;  // what else it asks with
};

std::vector<Door> Doors() {
  return {{"/v1/sse?", 400, ""},
          {"/v1/stream?", 400, ""},
          {"/v1/poll?", 400, ""},
          {"/v1/quotes?", 400, ""},
          {"/v1/jsonp?callback=f&", 200, kPage},
          {"/v1/frame?", 200, kPage}};
}

HttpReply Post(int port, std::string_view target, std::string_view body) {
  LoopbackSocket socket(port);
  std::string bytes;
  const std::string length =
      "Content-Length: " + std::to_string(body.size()) + "\r\n";
  socket.Send(RequestText(target, length, "POST") + std::string(body));
  return TakeReply(socket, &bytes);
}

// The error's code and key, as text, wherever the door put them.
void ExpectError(const Door& door, const HttpReply& reply,
                 std::string_view code, std::string_view key) {
  EXPECT_EQ(reply.status, door.refusal) << reply.body;
  const std::string wanted_code = "\"code\":\"" + std::string(code) + '"';
  const std::string wanted_key = "\"key\":\"" + std::string(key) + '"';
  EXPECT_NE(reply.body.find(wanted_code), reply.body.npos) << reply.body;
  EXPECT_NE(reply.body.find(wanted_key), reply.body.npos) << reply.body;
}

TEST(ExcessTest, MoreSymbolsThanARequestMayHave) {
  TestGateway gateway(WithAllDoors());
  const std::string symbols = Joined(Names(1001));
  for (const Door& door : Doors()) {
    SCOPED_TRACE(door.path);
    ExpectError(
        door, Get(gateway.port(), door.path + "symbols=" + symbols, door.head),
        "bad_request", "symbols");
  }
}

TEST(ExcessTest, TenThousandSymbols) {
  TestGateway gateway(WithAllDoors());
  const std::vector<std::string> names = Names(10'000);
  for (const Door& door : Doors()) {
    SCOPED_TRACE(door.path);
    EXPECT_EQ(
        Get(gateway.port(), door.path + "symbols=" + Joined(names), door.head)
            .status,
        431);
  }
  const std::string body = SubscribeText(names);
  ASSERT_GT(body.size(), size_t{64 * 1024});
  for (const char* target : {"/v1/stream", "/v1/poll"}) {
    EXPECT_EQ(Post(gateway.port(), target, body).status, 413) << target;
  }
}

TEST(ExcessTest, CursorsThatAreNone) {
  TestGateway gateway(WithAllDoors());
  gateway.Define({"A"});
  for (const char* cursor : {"-1", "x", "1x", "+1", "", "1.0", "0x1",
                             "99999999999999999999", "1@2"}) {
    for (const Door& door : Doors()) {
      if (door.path == "/v1/quotes?") continue;  // it takes none
      SCOPED_TRACE(door.path + cursor);
      const std::string name = std::string("A@") + cursor;
      const std::string escaped = cursor[0] == '+' ? "A@%2B1" : name;
      ExpectError(door,
                  Get(gateway.port(), door.path + "at=1.1.0&symbols=" + escaped,
                      door.head),
                  "bad_symbol", name);
    }
  }
}

TEST(ExcessTest, OthersAreServedMeanwhile) {
  TestGateway gateway(WithAllDoors());
  const SymbolId id = gateway.Define({"A"})[0];
  for (int i = 0; i < 100; ++i) {
    Get(gateway.port(), "/v1/poll?symbols=A@x");
  }
  gateway.Tick(id, {{FieldId::kBid, 150}});
  EXPECT_NE(Get(gateway.port(), "/v1/quotes?symbols=A").body.find("1.50"),
            std::string::npos);
  EXPECT_EQ(gateway.MetricOf("sessions"), 0);
}

}  // namespace
}  // namespace streamhub
