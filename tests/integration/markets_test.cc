// Two markets in one gateway: a feed that goes on, and a recording beside it,
// each with its own symbols, values and epoch, over every transport.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

#include "tests/feeds/itch/sample_session.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/loopback_socket.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using Kind = StreamClient::Kind;

// The base's feed is a puppet's; the recording is the market "monday".
Config TwoMarkets() {
  Config config = TestConfig();
  config.files = {STREAMHUB_SOURCE_DIR "/" + std::string(itch::kSamplePath)};
  config.replay_market = "monday";
  config.speed = std::numeric_limits<double>::infinity();
  return config;
}

std::string Field(const StreamClient& client, const std::string& name) {
  return client.held().quotes.at("EMBER").fields.at(name);
}

class MarketsTest : public testing::Test {
 protected:
  MarketsTest() { id_ = test_.Define({"EMBER"})[0]; }

  void SetUp() override {
    test_.Tick(id_, {{FieldId::kBid, 100}});
    // The recording's own symbol of that name has come to its end.
    ASSERT_TRUE(test_.AwaitMetric(
        R"(feed_status{market="monday",feed="replay",status="ended"})", 1));
  }

  HttpReply Get(std::string_view target) {
    return streamhub::Get(test_.port(), target);
  }

  TestGateway test_{TwoMarkets()};
  SymbolId id_;
};

TEST_F(MarketsTest, EachHasItsOwnValuesOverEveryTransport) {
  for (const Kind kind : StreamClient::kKinds) {
    SCOPED_TRACE(StreamClient::NameOf(kind));
    StreamClient base(kind, test_.port(), "?symbols=EMBER");
    StreamClient replay(kind, test_.port(), "?market=monday&symbols=EMBER");
    ASSERT_TRUE(base.Await("synced"));
    ASSERT_TRUE(replay.Await("synced"));
    if (!StreamClient::IsPoll(kind)) {
      EXPECT_EQ(base.held().market, "live");
      EXPECT_EQ(replay.held().market, "monday");
    }
    EXPECT_NE(base.held().epoch, replay.held().epoch);
    EXPECT_EQ(Field(base, "bid"), "1.00");
    EXPECT_NE(Field(replay, "bid"), "1.00");
    EXPECT_NE(Field(replay, "volume"), "null");
  }
}

TEST_F(MarketsTest, ATickOfOneReachesNobodyOfTheOther) {
  StreamClient base(Kind::kWebSocket, test_.port(),
                    "?symbols=EMBER&max_rate=unlimited");
  StreamClient replay(Kind::kWebSocket, test_.port(),
                      "?market=monday&symbols=EMBER&max_rate=unlimited");
  ASSERT_TRUE(base.Await("synced"));
  ASSERT_TRUE(replay.Await("synced"));
  const std::string before = Field(replay, "bid");
  const uint64_t bytes = replay.bytes_received();
  test_.Tick(id_, {{FieldId::kBid, 123}});
  ASSERT_TRUE(base.AwaitState([](const HeldMarket& held) {
    return held.quotes.at("EMBER").fields.at("bid") == "1.23";
  }));
  // What it asks for now comes after all that it was owed.
  ASSERT_TRUE(replay.Send(R"({"type":"ping","id":1})"));
  ASSERT_TRUE(replay.Await("pong"));
  EXPECT_EQ(Field(replay, "bid"), before);
  EXPECT_LT(replay.bytes_received() - bytes, 200u);
}

TEST_F(MarketsTest, ThePathNamesAMarketToo) {
  const std::string by_query = Get("/v1/symbols?market=monday&prefix=EMB").body;
  EXPECT_THAT(by_query, HasSubstr("EMBER"));
  EXPECT_EQ(Get("/market/monday/v1/symbols?prefix=EMB").body, by_query);
  EXPECT_NE(Get("/v1/symbols?prefix=EMB").body, by_query);
  EXPECT_EQ(Get("/v1/symbols?market=live&prefix=EMB").body,
            Get("/v1/symbols?prefix=EMB").body);
}

TEST_F(MarketsTest, AnUnknownOneIsToldByItsName) {
  for (const char* target :
       {"/v1/quotes?market=tuesday", "/market/tuesday/v1/poll?symbols=EMBER",
        "/market/tuesday/index.html", "/v1/ws?market=tuesday",
        "/v1/sse?market=&symbols=EMBER"}) {
    SCOPED_TRACE(target);
    const HttpReply reply = Get(target);
    EXPECT_EQ(reply.status, 404);
    EXPECT_THAT(reply.body, HasSubstr("unknown_market"));
  }
  EXPECT_THAT(Get("/v1/quotes?market=tuesday").body,
              HasSubstr(R"("key":"tuesday")"));
  const HttpReply twice = Get("/market/monday/v1/quotes?market=live");
  EXPECT_EQ(twice.status, 400);
  EXPECT_THAT(twice.body, HasSubstr("given twice"));
}

// One connection asks for both in turn: none sticks to it.
TEST_F(MarketsTest, AConnectionMayAskForEither) {
  LoopbackSocket socket(test_.port());
  std::string bytes;
  const auto ask = [&](std::string_view target) {
    socket.Send(RequestText(target));
    return TakeReply(socket, &bytes).body;
  };
  const std::string live = ask("/v1/quotes?symbols=EMBER&fields=bid");
  const std::string replay =
      ask("/v1/quotes?market=monday&symbols=EMBER&fields=bid");
  EXPECT_THAT(live, HasSubstr(R"("source":"realtime")"));
  EXPECT_THAT(replay, HasSubstr(R"("source":"replay")"));
  EXPECT_THAT(ask("/v1/quotes?symbols=EMBER&fields=bid"),
              HasSubstr(R"("source":"realtime")"));
}

TEST(MarketNamesTest, AReplayAloneIsTheBase) {
  Config config = TwoMarkets();
  config.feed = "replay";
  config.replay_market = "";
  const auto gateway = Gateway::Start(config);
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  StreamClient client(Kind::kSse, (*gateway)->port(), "?symbols=EMBER");
  ASSERT_TRUE(client.Await("synced"));
  EXPECT_EQ(client.held().market, "replay");
}

TEST(MarketNamesTest, TheLiveMarketsNameIsTaken) {
  Config config = TwoMarkets();
  config.replay_market = "live";
  const auto checked = Gateway::Check(config);
  EXPECT_EQ(checked.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(checked.message()),
              HasSubstr("--replay-market live"));
}

TEST(MarketNamesTest, ARecordingIsNeeded) {
  Config config = TestConfig();
  config.replay_market = "monday";
  EXPECT_FALSE(Gateway::Check(config).ok());
}

}  // namespace
}  // namespace streamhub
