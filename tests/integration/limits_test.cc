// The limits of strangers over real sockets: how each one that is not let in is
// told so, that a limit is counted, and that whoever is in notices nothing.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

Config Distrusting() {
  Config config = TestConfig();
  config.trusted_addresses = {"none"};
  config.connections_per_address = 0;
  config.connect_rate_per_address = 0;
  config.script_doors = {"jsonp", "frame"};
  return config;
}

std::string RefusalsBy(std::string_view limit) {
  return "refusals_total{limit=\"" + std::string(limit) + "\"}";
}

// All that comes until the end.
std::string AllOf(int port, std::string_view request) {
  LoopbackSocket socket(port);
  std::string bytes;
  EXPECT_TRUE(socket.Send(request));
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  return bytes;
}

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

// Every door tells `reason` in what its client can hear, with a time to return.
void ExpectEveryDoorTells(int port, std::string_view reason, int code) {
  const std::string quoted = "\"reason\":\"" + std::string(reason) + "\"";
  StreamClient socket(Kind::kWebSocket, port);
  EXPECT_TRUE(socket.open());
  EXPECT_TRUE(socket.AwaitEnd());
  EXPECT_EQ(socket.close_code(), code);
  const std::string frames = AllOf(
      port, RequestText("/v1/ws",
                        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  EXPECT_TRUE(Has(frames, std::string(reason) + " retry_ms=")) << frames;

  const std::string events = AllOf(port, RequestText("/v1/sse?symbols=A"));
  EXPECT_TRUE(events.starts_with("HTTP/1.1 200 ")) << events;
  EXPECT_TRUE(Has(events, "\r\n\r\nretry: ")) << events;
  EXPECT_TRUE(Has(
      events, "\ndata: {\"type\":\"closing\",\"code\":" + std::to_string(code)))
      << events;
  EXPECT_TRUE(events.ends_with("}\n\n")) << events;

  for (const char* target : {"/v1/stream?symbols=A", "/v1/poll?symbols=A"}) {
    SCOPED_TRACE(target);
    const HttpReply reply = Get(port, target);
    EXPECT_EQ(reply.status, 503);
    EXPECT_NE(reply.Header("retry-after"), "");
    EXPECT_EQ(reply.Header("content-type"), "application/json");
    EXPECT_TRUE(Has(reply.body, quoted)) << reply.body;
    const auto error = JsonReader(reply.body).Read();
    ASSERT_TRUE(error.has_value()) << reply.body;
    EXPECT_EQ(error->Text("code"), "unavailable");
    EXPECT_GE(error->Int("retry_ms"), 1000);
  }
  const std::string page = "Referer: http://localhost/\r\n";
  const HttpReply script = Get(port, "/v1/jsonp?callback=f&symbols=A", page);
  EXPECT_EQ(script.status, 200);
  EXPECT_TRUE(Has(script.body, "f([{\"type\":\"error\"")) << script.body;
  EXPECT_TRUE(Has(script.body, "\"retry_ms\":")) << script.body;
  const std::string frame =
      AllOf(port, RequestText("/v1/frame?symbols=A", page));
  EXPECT_TRUE(frame.starts_with("HTTP/1.1 200 ")) << frame;
  EXPECT_TRUE(Has(frame, "p('{\"type\":\"closing\"")) << frame;
}

TEST(RefusalTest, AFullGatewayIsHeardAtEveryDoor) {
  Config config = Distrusting();
  config.sessions_max = 1;
  TestGateway gateway(config);
  StreamClient first(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(first.Await("hello").has_value());
  ExpectEveryDoorTells(gateway.port(), "too many sessions", 4004);
  EXPECT_EQ(gateway.MetricOf(RefusalsBy("sessions_max")), 7);
  first.Send(R"({"type":"ping"})");
  EXPECT_TRUE(first.Await("pong").has_value());
}

TEST(RefusalTest, AnAddressWithTooManyConnectionsIsHeardAtEveryDoor) {
  Config config = Distrusting();
  config.connections_per_address = 1;
  TestGateway gateway(config);
  StreamClient first(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(first.Await("hello").has_value());
  ExpectEveryDoorTells(gateway.port(), "too many connections from this address",
                       4007);
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols").status, 503);
  EXPECT_EQ(Get(gateway.port(), "/").status, 503);
  EXPECT_EQ(gateway.MetricOf(RefusalsBy("connections_per_address")), 9);
  EXPECT_EQ(gateway.MetricOf("sessions"), 1);
  first.socket().Close();
  ASSERT_TRUE(gateway.AwaitMetric("sessions", 0));
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols").status, 200);
}

// So many that not even their requests are read.
TEST(RefusalTest, AFloodIsHungUpOn) {
  Config config = Distrusting();
  config.connections_per_address = 4;
  TestGateway gateway(config);
  std::vector<LoopbackSocket> held;
  for (int i = 0; i < 4 + 5; ++i) held.emplace_back(gateway.port());
  ASSERT_TRUE(gateway.AwaitMetric("connections_accepted_total", 9));
  LoopbackSocket one_more(gateway.port());
  std::string bytes;
  EXPECT_TRUE(one_more.ReceiveToEnd(&bytes));
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 503 ")) << bytes;
  EXPECT_TRUE(Has(bytes, "\r\nRetry-After: ")) << bytes;
}

TEST(RefusalTest, ConnectionsComeAtTheirRate) {
  Config config = Distrusting();
  config.connect_rate_per_address = 5;
  TestGateway gateway(config);
  int served = 0;
  for (int i = 0; i < 50; ++i) {
    served += Get(gateway.port(), "/v1/symbols").status == 200;
  }
  EXPECT_GE(served, 10);
  const int64_t refused =
      gateway.MetricOf(RefusalsBy("connect_rate_per_address"));
  EXPECT_GE(refused, 1);
  EXPECT_LE(served + refused, 50);
}

TEST(RefusalTest, LoopbackIsTrustedUnlessItIsSaidOtherwise) {
  Config config = TestConfig();
  config.connections_per_address = 1;
  config.connect_rate_per_address = 1;
  TestGateway gateway(config);
  std::vector<LoopbackSocket> held;
  for (int i = 0; i < 20; ++i) held.emplace_back(gateway.port());
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols").status, 200);
}

// Descriptors are gone, whoever took them: who comes is told to return, and is
// served again when there are some.
TEST(RefusalTest, WithoutDescriptorsStrangersAreTurnedAwayAndTheGatewayLives) {
  if (kSanitized) GTEST_SKIP() << "the sanitizers want descriptors themselves";
  TestGateway gateway(Distrusting());
  StreamClient first(Kind::kWebSocket, gateway.port());
  ASSERT_TRUE(first.Await("hello").has_value());
  LoopbackSocket stranger(0);  // takes no descriptor yet
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  const int probe = open("/dev/null", O_RDONLY);
  low.rlim_cur = static_cast<rlim_t>(probe) + 1;
  close(probe);
  // The stranger's own descriptor is the last one that there is.
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  stranger = LoopbackSocket(gateway.port());
  std::string bytes;
  const bool ended = stranger.ReceiveToEnd(&bytes);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 503 ")) << bytes;
  EXPECT_GE(gateway.MetricOf(RefusalsBy("descriptors")), 1);
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols").status, 200);
  first.Send(R"({"type":"ping"})");
  EXPECT_TRUE(first.Await("pong").has_value());
}

// --- sizes and times ---

TEST(RefusalTest, SizesAreWhatIsConfigured) {
  Config config = TestConfig();
  config.header_bytes_max = 2048;
  config.body_bytes_max = 1024;
  config.message_bytes_max = 1024;
  TestGateway gateway(config);
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols",
                "X: " + std::string(1500, 'x') + "\r\n")
                .status,
            200);
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols",
                "X: " + std::string(2500, 'x') + "\r\n")
                .status,
            431);
  LoopbackSocket post(gateway.port());
  std::string bytes;
  post.Send(RequestText("/v1/poll", "Content-Length: 1025\r\n", "POST") +
            std::string(1025, ' '));
  EXPECT_EQ(TakeReply(post, &bytes).status, 413);
  StreamClient socket(Kind::kWebSocket, gateway.port());
  socket.Send(std::string(1025, ' '));
  EXPECT_TRUE(socket.AwaitEnd());
  EXPECT_EQ(socket.close_code(), kWsMessageTooBig);
  for (const char* limit :
       {"header_bytes_max", "body_bytes_max", "message_bytes_max"}) {
    EXPECT_EQ(gateway.MetricOf(RefusalsBy(limit)), 1) << limit;
  }
}

// Between requests a connection may rest for longer than a request may take.
TEST(RefusalTest, AnIdleConnectionOutlivesASlowRequest) {
  Config config = TestConfig();
  config.handshake_ms = 200;
  config.keep_alive_ms = 60'000;
  TestGateway gateway(config);
  LoopbackSocket idle(gateway.port());
  std::string bytes;
  ASSERT_TRUE(idle.Send(RequestText("/nothing")));
  EXPECT_EQ(TakeReply(idle, &bytes).status, 404);
  LoopbackSocket slow(gateway.port());
  ASSERT_TRUE(slow.Send("GET /"));
  EXPECT_TRUE(slow.ReceiveToEnd(&bytes));
  EXPECT_EQ(gateway.MetricOf(RefusalsBy("handshake_ms")), 1);
  ASSERT_TRUE(idle.Send(RequestText("/nothing")));
  EXPECT_EQ(TakeReply(idle, &bytes).status, 404);
  // Once a request has begun it has its own time.
  ASSERT_TRUE(idle.Send("GET /"));
  EXPECT_TRUE(idle.ReceiveToEnd(&bytes));
}

TEST(RefusalTest, RequestsOverOneConnectionAreReadAtTheirRate) {
  Config config = TestConfig();
  config.requests_per_second = 20;
  TestGateway gateway(config);
  std::string many;
  for (int i = 0; i < 205; ++i) many += RequestText("/v1/symbols");
  LoopbackSocket socket(gateway.port());
  std::string bytes;
  ASSERT_TRUE(socket.Send(many));
  for (int i = 0; i < 205; ++i) {
    ASSERT_EQ(TakeReply(socket, &bytes).status, 200) << i;
  }
  const int64_t rests = gateway.MetricOf(RefusalsBy("requests_per_second"));
  EXPECT_GE(rests, 1);
  EXPECT_LE(rests, 5);
}

// --- publishing ---

TEST(RefusalTest, AnAddressPublishesNoMoreOverManyConnections) {
  Config config = Distrusting();
  config.publish_topics = {"*"};
  config.publish_rate_per_address = 5;
  config.topics_per_address = 3;
  TestGateway gateway(config);
  int published = 0, topics = 0, messages = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string body = R"({"type":"publish","topic":"t)" +
                             std::to_string(i) + R"(","data":1})";
    LoopbackSocket socket(gateway.port());
    std::string bytes;
    socket.Send(
        RequestText("/v1/publish",
                    "Content-Length: " + std::to_string(body.size()) + "\r\n",
                    "POST") +
        body);
    const HttpReply reply = TakeReply(socket, &bytes);
    published += reply.status == 200;
    topics += Has(reply.body, "too_many_topics");
    messages += Has(reply.body, "too_many_messages");
  }
  EXPECT_EQ(published, 3);
  EXPECT_GE(topics, 7);
  EXPECT_GE(messages, 1);
  EXPECT_EQ(published + topics + messages, 20);
  EXPECT_EQ(gateway.MetricOf(RefusalsBy("topics_per_address")), topics);
  EXPECT_EQ(gateway.MetricOf(RefusalsBy("publish_rate_per_address")), messages);
}

}  // namespace
}  // namespace streamhub
