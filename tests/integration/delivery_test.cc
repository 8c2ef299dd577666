// What a client gets to know, and when: the last tick, freshness, symbols that
// appear later, and what a client that comes back is sent.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>

#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = StreamClient::Kind;

std::string KindName(const testing::TestParamInfo<Kind>& param) {
  return std::string(StreamClient::NameOf(param.param));
}

// A client of that kind that has asked for `names`, at every change.
StreamClient Subscribed(Kind kind, int port,
                        const std::vector<std::string>& names) {
  if (kind != Kind::kWebSocket) {
    return StreamClient(kind, port,
                        "?max_rate=unlimited&symbols=" + Joined(names));
  }
  StreamClient client(kind, port);
  client.Send(SubscribeText(names));
  return client;
}

class EveryStream : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(, EveryStream, testing::ValuesIn(StreamClient::kKinds),
                         KindName);

// A gateway that sleeps has no beat that would bring it: only the bell does.
TEST_P(EveryStream, SingleTickOfAnIdleGatewayComesAtOnce) {
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  StreamClient client = Subscribed(GetParam(), gateway.port(), {"A"});
  ASSERT_TRUE(client.Await("synced").has_value());
  std::vector<steady_clock::duration> took;
  for (int i = 1; i <= 50; ++i) {
    const auto begin = steady_clock::now();
    gateway.Tick(id, {{FieldId::kBid, i}});
    const std::string bid =
        i < 10 ? "0.0" + std::to_string(i) : "0." + std::to_string(i);
    ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
      return held.quotes.at("A").fields.at("bid") == bid;
    })) << i;
    took.push_back(steady_clock::now() - begin);
  }
  // Far below the slow tick, which comes four times a second: half of them,
  // as the machine may be busy.
  std::sort(took.begin(), took.end());
  EXPECT_LT(took[25], milliseconds(50));
}

TEST_P(EveryStream, HungFeedTurnsStaleByItselfAndBack) {
  Config config = TestConfig();
  config.stale_after_ms = 600;
  TestGateway gateway(config);
  gateway.Define({"A"});
  StreamClient client = Subscribed(GetParam(), gateway.port(), {"A"});
  const auto is = [](std::string_view status) {
    return [status](const HeldMarket& held) {
      return held.feeds.size() == 1 && held.feeds.begin()->second == status;
    };
  };
  ASSERT_TRUE(client.AwaitState(is("live")));

  std::promise<void> release;
  gateway.puppet->Start(
      [hung = release.get_future().share()](Publisher&) { hung.wait(); });
  const auto begin = steady_clock::now();
  EXPECT_TRUE(client.AwaitState(is("stale")));
  const auto took = steady_clock::now() - begin;
  EXPECT_GT(took, milliseconds(500));
  if (!kSanitized) {
    EXPECT_LT(took, milliseconds(600 + 250 + 400));
  }
  const HttpReply reply = Get(gateway.port(), "/v1/quotes?symbols=A");
  EXPECT_NE(reply.body.find(R"("state":"stale")"), std::string::npos);

  release.set_value();
  EXPECT_TRUE(client.AwaitState(is("live")));
}

TEST_P(EveryStream, SymbolThatAppearsLaterStartsByItself) {
  TestGateway gateway;
  StreamClient client = Subscribed(GetParam(), gateway.port(), {"LATE"});
  const auto ack = client.Await("ack");
  ASSERT_TRUE(ack.has_value());
  EXPECT_EQ(ack->Find("symbols")->Find("LATE")->Text("unknown"), "true");
  ASSERT_TRUE(client.Await("synced").has_value());

  const SymbolId id = gateway.Define({"LATE"})[0];
  const auto second = client.Await("ack");
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->Find("symbols")->Find("LATE")->Text("currency"), "USD");
  gateway.Tick(id, {{FieldId::kLast, 12345}});
  EXPECT_TRUE(client.AwaitState([](const HeldMarket& held) {
    const auto found = held.quotes.find("LATE");
    return found != held.quotes.end() &&
           found->second.fields.at("last") == "123.45";
  }));
}

TEST_P(EveryStream, HeartbeatsComeInSilence) {
  Config config = TestConfig();
  config.heartbeat_ms = 300;
  TestGateway gateway(config);
  gateway.Define({"A"});
  StreamClient client = Subscribed(GetParam(), gateway.port(), {"A"});
  for (int i = 0; i < 3; ++i) {
    const int64_t before = client.held().time;
    const auto beat = client.Await("heartbeat");
    ASSERT_TRUE(beat.has_value());
    EXPECT_GT(beat->Int("time"), before);
  }
  if (GetParam() == Kind::kSse) {
    EXPECT_GE(client.comments(), 3);
  }
}

TEST(ResumeTest, WithinAnEpochOnlyWhatChangedComes) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A", "B"});
  gateway.Tick(ids[0], {{FieldId::kBid, 100}, {FieldId::kAsk, 101}});
  gateway.Tick(ids[1], {{FieldId::kBid, 7}});
  std::string asked;
  {
    StreamClient client(Kind::kWebSocket, gateway.port());
    client.Send(SubscribeText({"A", "B"}));
    ASSERT_TRUE(client.Await("synced").has_value());
    const HeldMarket& held = client.held();
    asked = R"({"type":"subscribe","id":2,"at":")" + held.at +
            R"(","symbols":["A@)" +
            std::to_string(held.quotes.at("A").version) + R"(","B@)" +
            std::to_string(held.quotes.at("B").version) + R"("]})";
  }
  gateway.Tick(ids[0], {{FieldId::kBid, 99}});

  StreamClient again(Kind::kWebSocket, gateway.port());
  again.Send(asked);
  ASSERT_TRUE(again.Await("synced").has_value());
  const HeldMarket& held = again.held();
  ASSERT_TRUE(held.quotes.contains("A"));
  EXPECT_FALSE(held.quotes.at("A").last_was_snapshot);
  EXPECT_EQ(held.quotes.at("A").last_fields, std::vector<std::string>{"bid"});
  EXPECT_EQ(held.quotes.at("A").fields.at("bid"), "0.99");
  // That B is not quiet is all there is to say of it.
  EXPECT_FALSE(held.quotes.at("B").last_was_snapshot);
  EXPECT_TRUE(held.quotes.at("B").last_fields.empty());
}

TEST(ResumeTest, EventSourceResumesFromItsLastEventId) {
  TestGateway gateway;
  const auto ids = gateway.Define({"A", "B"});
  gateway.Tick(ids[0], {{FieldId::kBid, 100}, {FieldId::kAsk, 101}});
  constexpr char kQuery[] = "?symbols=A,B&fields=bid,ask&max_rate=unlimited";
  std::string id;
  {
    StreamClient client(Kind::kSse, gateway.port(), kQuery);
    ASSERT_TRUE(client.Await("synced").has_value());
    while (client.last_event_id().empty()) {
      ASSERT_TRUE(client.Next().has_value());
    }
    id = client.last_event_id();
  }
  gateway.Tick(ids[0], {{FieldId::kAsk, 103}});
  StreamClient again(Kind::kSse, gateway.port(), kQuery,
                     "Last-Event-ID: " + id + "\r\n");
  ASSERT_TRUE(again.Await("synced").has_value());
  ASSERT_TRUE(again.held().quotes.contains("A"));
  EXPECT_FALSE(again.held().quotes.at("A").last_was_snapshot);
  EXPECT_EQ(again.held().quotes.at("A").last_fields,
            std::vector<std::string>{"ask"});
  EXPECT_TRUE(again.held().quotes.at("B").last_fields.empty());
}

// Versions of another run mean nothing, however alike they look.
TEST(ResumeTest, AfterARestartEverythingIsReplaced) {
  std::string asked, epoch;
  {
    TestGateway gateway;
    const SymbolId id = gateway.Define({"A"})[0];
    gateway.Tick(id, {{FieldId::kBid, 100}});
    StreamClient client(Kind::kWebSocket, gateway.port());
    client.Send(SubscribeText({"A"}));
    ASSERT_TRUE(client.Await("synced").has_value());
    epoch = client.held().epoch;
    asked = R"({"type":"subscribe","at":")" + client.held().at +
            R"(","symbols":["A@)" +
            std::to_string(client.held().quotes.at("A").version) + R"("]})";
  }
  TestGateway gateway;
  const SymbolId id = gateway.Define({"A"})[0];
  gateway.Tick(id, {{FieldId::kAsk, 200}});
  StreamClient client(Kind::kWebSocket, gateway.port());
  client.Send(asked);
  ASSERT_TRUE(client.Await("synced").has_value());
  EXPECT_NE(client.held().epoch, epoch);
  EXPECT_TRUE(client.held().quotes.at("A").last_was_snapshot);
  EXPECT_EQ(client.held().quotes.at("A").fields.at("bid"), "null");
  EXPECT_EQ(client.held().quotes.at("A").fields.at("ask"), "2.00");
}

}  // namespace
}  // namespace streamhub
