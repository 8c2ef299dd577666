// Publishing, over WebSockets and by POST: what arrives, in which order, and
// what is refused; and the tapes that feeds fill.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/json_value.h"
#include "tests/support/stream_client.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using Kind = StreamClient::Kind;

constexpr std::string_view kForeign = "Origin: https://evil.example\r\n";

Config WithTopics(std::vector<std::string> topics) {
  Config config = TestConfig();
  config.publish_topics = std::move(topics);
  config.publish_rate = 1'000'000;
  return config;
}

std::string PublishText(std::string_view topic, std::string_view data,
                        int id = 1) {
  std::string text = R"({"type":"publish","id":)" + std::to_string(id);
  text += R"(,"topic":")" + std::string(topic) + R"(","data":)";
  return text + std::string(data) + "}";
}

HttpReply Post(LoopbackSocket& socket, std::string_view body,
               std::string_view headers = "",
               std::string_view target = "/v1/publish") {
  std::string all(headers), bytes;
  all += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  socket.Send(RequestText(target, all, "POST") + std::string(body));
  return TakeReply(socket, &bytes);
}

HttpReply Post(int port, std::string_view body, std::string_view headers = "",
               std::string_view target = "/v1/publish") {
  LoopbackSocket socket(port);
  return Post(socket, body, headers, target);
}

// The objects of a body, one per line.
std::vector<JsonValue> Lines(std::string_view body) {
  std::vector<JsonValue> all;
  while (!body.empty()) {
    const size_t end = std::min(body.find('\n'), body.size() - 1);
    const auto line = JsonReader(body.substr(0, end)).Read();
    EXPECT_TRUE(line.has_value()) << body;
    if (line.has_value()) all.push_back(*line);
    body.remove_prefix(end + 1);
  }
  return all;
}

// The code of the one error that the body is.
std::string CodeOf(const HttpReply& reply) {
  const auto lines = Lines(reply.body);
  EXPECT_EQ(lines.size(), 1u) << reply.body;
  return lines.empty() ? "" : std::string(lines.front().Text("code"));
}

// Reads until `wanted` messages of the topic came; what they say, in order.
// Their numbers must grow by one.
std::vector<std::string> Messages(StreamClient& client, const std::string& name,
                                  size_t wanted) {
  std::vector<std::string> all;
  int64_t last = 0;
  while (all.size() < wanted) {
    const auto object = client.Await("messages");
    if (!object.has_value()) break;
    const JsonValue* const topics = object->Find("topics");
    const JsonValue* const topic =
        topics == nullptr ? nullptr : topics->Find(name);
    if (topic == nullptr) continue;
    EXPECT_EQ(topic->Find("lost"), nullptr);
    for (const JsonValue& message : topic->Find("messages")->items) {
      const int64_t seq = message.Int("seq");
      EXPECT_TRUE(last == 0 || seq == last + 1) << last << ' ' << seq;
      last = seq;
      all.emplace_back(message.Text("data"));
    }
    EXPECT_EQ(topic->Int("v"), last == 0 ? topic->Int("v") : last);
  }
  return all;
}

// Two who chat, on a shard each or the same one, see the same.
TEST(PublishTest, AThousandMessagesOfTwoArriveInOrderAtBoth) {
  constexpr int kEach = 500;
  Config config = WithTopics({"chat/*"});
  config.threads = 2;
  TestGateway gateway(config);
  StreamClient ada(Kind::kWebSocket, gateway.port());
  StreamClient ben(Kind::kWebSocketFlat, gateway.port());
  for (StreamClient* client : {&ada, &ben}) {
    client->Send(R"({"type":"subscribe","id":1,"symbols":["chat/desk"],)"
                 R"("max_rate":"unlimited"})");
    ASSERT_TRUE(client->Await("ack").has_value());
  }
  for (int i = 0; i < kEach; ++i) {
    const std::string number = std::to_string(i);
    ASSERT_TRUE(ada.Send(PublishText("chat/desk", "\"a" + number + '"')));
    ASSERT_TRUE(ben.Send(PublishText("chat/desk", "\"b" + number + '"')));
  }
  const auto at_ada = Messages(ada, "chat/desk", 2 * kEach);
  const auto at_ben = Messages(ben, "chat/desk", 2 * kEach);
  ASSERT_EQ(at_ada.size(), size_t{2} * kEach);
  EXPECT_EQ(at_ada, at_ben);
  for (const char who : {'a', 'b'}) {
    int next = 0;
    for (const std::string& text : at_ada) {
      if (text[0] != who) continue;
      EXPECT_EQ(text, who + std::to_string(next++));
    }
    EXPECT_EQ(next, kEach);
  }
  EXPECT_EQ(gateway.MetricOf("published_total"), 2 * kEach);
  EXPECT_EQ(gateway.MetricOf("topics"), 1);
}

TEST(PublishTest, AWebSocketIsToldWhatBecameOfIt) {
  TestGateway gateway(WithTopics({"chat/*"}));
  gateway.Define({"AAPL"});
  StreamClient client(Kind::kWebSocket, gateway.port());
  client.Send(PublishText("chat/desk", R"( { "text" : "hi" } )", 9));
  const auto first = client.Await("ack");
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->Int("id"), 9);
  client.Send(PublishText("chat/desk", "2", 10));
  const auto second = client.Await("ack");
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->Int("seq"), first->Int("seq") + 1);

  const auto refused = [&](std::string_view topic, std::string_view data) {
    client.Send(PublishText(topic, data));
    const auto error = client.Await("error");
    return error.has_value() ? std::string(error->Text("code")) + ' ' +
                                   std::string(error->Text("key"))
                             : "nothing";
  };
  EXPECT_EQ(refused("AAPL", "1"), "forbidden AAPL");
  EXPECT_EQ(refused("tape/AAPL", "1"), "forbidden tape/AAPL");
  EXPECT_EQ(refused("chat/desk", '"' + std::string(4096, 'x') + '"'),
            "bad_request data");
  EXPECT_EQ(gateway.MetricOf("publishes_refused_total"), 2);
  EXPECT_EQ(gateway.MetricOf("published_total"), 2);
}

TEST(PublishTest, NobodyMayByDefault) {
  TestGateway gateway;
  StreamClient client(Kind::kWebSocket, gateway.port());
  client.Send(PublishText("chat", "1"));
  const auto error = client.Await("error");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->Text("code"), "forbidden");
  const HttpReply reply = Post(gateway.port(), PublishText("chat", "1"));
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(CodeOf(reply), "forbidden");
}

TEST(PublishTest, APostIsAnsweredLineByLine) {
  TestGateway gateway(WithTopics({"news"}));
  HttpReply reply = Post(
      gateway.port(),
      "[" + PublishText("news", "1", 1) + "," + PublishText("other", "2", 2) +
          R"(,{"type":"ping","id":3},)" + PublishText("news", "4", 4) + "]");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("content-type"), "application/x-ndjson");
  const auto lines = Lines(reply.body);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0].Text("type"), "ack");
  EXPECT_EQ(lines[1].Text("code"), "forbidden");
  EXPECT_EQ(lines[1].Int("id"), 2);
  EXPECT_EQ(lines[2].Text("code"), "bad_request");
  EXPECT_EQ(lines[2].Int("id"), 3);
  EXPECT_EQ(lines[3].Int("id"), 4);
  EXPECT_EQ(lines[3].Int("seq"), lines[0].Int("seq") + 1);

  reply = Post(gateway.port(), "[" + PublishText("other", "1") + "," +
                                   PublishText("third", "1") + "]");
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(Lines(reply.body).size(), 2u);
  reply = Post(gateway.port(), "[" + PublishText("other", "1") + ",7]");
  EXPECT_EQ(reply.status, 400);
  for (const std::string_view body : {"", "{", "[]", "\xff", "7"}) {
    reply = Post(gateway.port(), body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_FALSE(CodeOf(reply).empty());
  }
  EXPECT_EQ(
      Post(gateway.port(), PublishText("news", "1"), "", "/v1/publish?a=1")
          .status,
      400);
  EXPECT_EQ(Post(gateway.port(), std::string(70'000, ' ')).status, 413);
  const HttpReply get = Get(gateway.port(), "/v1/publish");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.Header("allow"), "POST");
  // Where one can only listen.
  EXPECT_EQ(
      Post(gateway.port(), PublishText("news", "1"), "", "/v1/stream").status,
      400);
  EXPECT_EQ(Get(gateway.port(), "/v1/poll?topic=news&data=1&symbols=A").status,
            400);
}

TEST(PublishTest, AForeignPageMayNotUnlessItIsListed) {
  TestGateway gateway(WithTopics({"news"}));
  const std::string text = PublishText("news", "1");
  const HttpReply reply = Post(gateway.port(), text, kForeign);
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(Lines(reply.body).front().Text("key"), "Origin");
  // What was compared: behind a proxy that changes Host it is a page of ours.
  const std::string compared =
      "Origin https://evil.example is not of Host localhost ";
  EXPECT_THAT(std::string(Lines(reply.body).front().Text("reason")),
              HasSubstr(compared));
  EXPECT_EQ(Post(gateway.port(), text, "Origin: null\r\n").status, 403);
  // It may listen over a WebSocket, where no origins are configured.
  StreamClient foreign(Kind::kWebSocket, gateway.port(), "", kForeign);
  ASSERT_TRUE(foreign.open());
  foreign.Send(text);
  const auto error = foreign.Await("error");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->Text("code"), "forbidden");
  EXPECT_EQ(error->Text("key"), "Origin");
  EXPECT_THAT(std::string(error->Text("reason")), HasSubstr(compared));
  EXPECT_EQ(gateway.MetricOf("publishes_refused_total"), 3);

  Config config = WithTopics({"news"});
  config.cors_origins = {"https://evil.example"};
  TestGateway open(config);
  EXPECT_EQ(Post(open.port(), text, kForeign).status, 200);
  StreamClient listed(Kind::kWebSocket, open.port(), "", kForeign);
  listed.Send(text);
  EXPECT_TRUE(listed.Await("ack").has_value());
}

TEST(PublishTest, ARateHoldsForAConnection) {
  Config config = WithTopics({"news"});
  config.publish_rate = 0.1;  // so that time does not matter
  TestGateway gateway(config);
  const std::string text = PublishText("news", "1");
  LoopbackSocket socket(gateway.port());
  EXPECT_EQ(Post(socket, text).status, 200);
  const HttpReply reply = Post(socket, text);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(CodeOf(reply), "too_many_messages");
  StreamClient client(Kind::kWebSocket, gateway.port());
  client.Send(text);
  EXPECT_TRUE(client.Await("ack").has_value());
  client.Send(text);
  const auto error = client.Await("error");
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->Text("code"), "too_many_messages");
}

class RunOn final : public FeedControl {
 public:
  bool stopping() const override { return false; }
  bool WaitUntil(int64_t) override { return true; }
};

// What a client gets of the tapes of a recording is what a second run of it
// leaves in a market.
TEST(TapeTest, OfAReplayArrivesComplete) {
  const TemporaryFile file("20240102.sample.itch50", itch::MakeSampleSession());
  ReplayOptions options;
  options.files = {file.path()};
  options.speed = ReplayOptions::kMaxSpeed;
  TestMarket second(1000, TestMarket::Info(), /*tape=*/10'000);
  RunOn control;
  auto feed = ReplayFeed::Create(options);
  ASSERT_TRUE(feed.ok()) << feed.status();
  ASSERT_EQ((*feed)->Run(second.publisher, control), absl::OkStatus());
  const auto wanted = TapeOf(second.market, "EMBER");
  ASSERT_GT(wanted.size(), 20u);

  Config config = TestConfig();
  config.feed = "replay";
  config.files = {file.path()};
  config.speed = ReplayOptions::kMaxSpeed;
  config.tape = 10'000;
  const auto gateway = Gateway::Start(config);
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  StreamClient client(Kind::kWebSocket, (*gateway)->port());
  client.Send(R"({"type":"subscribe","symbols":["tape/EMBER"],)"
              R"("history":10000,"max_rate":"unlimited"})");
  std::vector<std::string> times, expected;
  while (times.size() < wanted.size()) {
    const auto object = client.Await("messages");
    ASSERT_TRUE(object.has_value()) << times.size();
    const JsonValue& tape = *object->Find("topics")->Find("tape/EMBER");
    for (const JsonValue& message : tape.Find("messages")->items) {
      const JsonValue& trade = *message.Find("data");
      times.push_back(std::string(trade.Text("time")) + ' ' +
                      std::string(trade.Text("price")) + ' ' +
                      std::string(trade.Text("size")) + ' ' +
                      std::string(trade.Text("id")));
    }
  }
  for (const std::string& text : wanted) {
    const auto trade = JsonReader(text).Read();
    ASSERT_TRUE(trade.has_value());
    expected.push_back(std::string(trade->Text("time")) + ' ' +
                       std::string(trade->Text("price")) + ' ' +
                       std::string(trade->Text("size")) + ' ' +
                       std::string(trade->Text("id")));
  }
  EXPECT_EQ(times, expected);
}

}  // namespace
}  // namespace streamhub
