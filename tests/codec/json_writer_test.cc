#include "gateway/codec/json_writer.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/support/test_market.h"

namespace streamhub {
namespace {

class JsonWriterTest : public ::testing::Test {
 protected:
  std::string Message() { return writer.out().substr(kBatchHeadroom); }

  TestMarket home;
  JsonWriter writer{home.market};
  const std::vector<FeedStatus> feeds =
      std::vector(home.market.feeds().size(), FeedStatus::kLive);
};

TEST_F(JsonWriterTest, LinesStandBetweenObjects) {
  writer.Begin(Envelope::kLines);
  writer.Synced("7");
  EXPECT_EQ(Message(), R"({"type":"synced","id":7})");
  writer.Synced("");
  EXPECT_EQ(Message(), "{\"type\":\"synced\",\"id\":7}\n{\"type\":\"synced\"}");
}

TEST_F(JsonWriterTest, AnEventEndsWithAnEmptyLine) {
  writer.Begin(Envelope::kSse);
  writer.Synced("");
  writer.Error({"", "bad_json", "why", ""});
  writer.Heartbeat(5000);
  EXPECT_EQ(Message(),
            "data: {\"type\":\"synced\"}\n\n"
            "data: {\"type\":\"error\",\"code\":\"bad_json\","
            "\"reason\":\"why\"}\n\n"
            ": heartbeat\ndata: {\"type\":\"heartbeat\",\"time\":5}\n\n");
}

TEST_F(JsonWriterTest, TheHeadroomIsThereAndDoesNotCount) {
  writer.Begin(Envelope::kLines);
  EXPECT_TRUE(writer.empty());
  EXPECT_EQ(writer.size(), 0u);
  EXPECT_EQ(writer.out().size(), kBatchHeadroom);
  writer.Synced("");
  EXPECT_FALSE(writer.empty());
  EXPECT_EQ(writer.size(), Message().size());
}

TEST_F(JsonWriterTest, BeginForgetsTheLastBatch) {
  writer.Begin(Envelope::kSse);
  writer.Synced("");
  writer.Begin(Envelope::kLines);
  EXPECT_TRUE(writer.empty());
  writer.Pong("\"x\"", 2'000'000);
  EXPECT_EQ(Message(), R"({"type":"pong","id":"x","time":2000})");
}

TEST_F(JsonWriterTest, AnAckTellsWhatThereIsToTell) {
  const SymbolId a = home.Add("A");
  writer.Begin(Envelope::kLines);
  writer.BeginAck("9", "", 0);
  writer.EndAck(false);
  EXPECT_EQ(Message(), R"({"type":"ack","id":9})");

  writer.Begin(Envelope::kLines);
  writer.BeginAck("", "1.0.0", 0.5);
  writer.AckUnknown("NEW\"CO");
  writer.EndAck(true);
  EXPECT_EQ(Message(), R"({"type":"ack","at":"1.0.0","max_rate":0.5,"symbols":)"
                       R"({"NEW\"CO":{"unknown":true}},"more":true})");

  writer.Begin(Envelope::kLines);
  writer.BeginAck("", "", std::numeric_limits<double>::infinity());
  writer.AckSymbol(a);
  writer.AckUnknown("B");
  writer.EndAck(false);
  const std::string ack = Message();
  EXPECT_TRUE(ack.starts_with(
      R"({"type":"ack","max_rate":"unlimited","symbols":{"A":{"decimals":)"))
      << ack;
  EXPECT_TRUE(ack.ends_with(R"(},"B":{"unknown":true}}})")) << ack;
}

TEST_F(JsonWriterTest, QuotesAreMembersOfAnUpdate) {
  writer.Begin(Envelope::kLines);
  writer.BeginUpdate(0xAB, 1000);
  writer.Quote(R"("A":{"v":1})");
  writer.Quote(R"("B":{"v":2})");
  writer.EndUpdate();
  EXPECT_EQ(Message(), R"({"type":"update","epoch":"ab","time":1,"quotes":)"
                       R"({"A":{"v":1},"B":{"v":2}}})");
}

TEST_F(JsonWriterTest, AClosingSaysWhetherToComeBack) {
  writer.Begin(Envelope::kLines);
  writer.Closing(4001, "server stopping", 1000);
  EXPECT_EQ(Message(),
            R"({"type":"closing","code":4001,"reason":"server stopping",)"
            R"("retry":true,"after_ms":1000})");
  writer.Begin(Envelope::kLines);
  writer.Closing(4005, "x", -1);
  EXPECT_EQ(Message(),
            R"({"type":"closing","code":4005,"reason":"x","retry":false})");
}

TEST_F(JsonWriterTest, TheAckOfAPublishTellsItsSequence) {
  writer.Begin(Envelope::kLines);
  writer.Published("7", 1'700'000'000'000'000);
  writer.Published("", 2);
  EXPECT_EQ(Message(),
            "{\"type\":\"ack\",\"id\":7,\"seq\":1700000000000000}\n"
            "{\"type\":\"ack\",\"seq\":2}");
}

TEST_F(JsonWriterTest, HelloTellsTheMarketAndItsFeeds) {
  writer.Begin(Envelope::kSse);
  writer.Hello(0x5C, MakeSessionId(2, 117), 2 * kSecond, feeds, 3000);
  const std::string hello = Message();
  EXPECT_TRUE(hello.starts_with(
      "retry: 2000\ndata: {\"type\":\"hello\",\"version\":1,\"market\":\""))
      << hello;
  EXPECT_NE(hello.find("\"epoch\":\"5c\",\"session\":\"2-117\","
                       "\"heartbeat_ms\":2000,\"time\":3,\"feeds\":{"),
            hello.npos)
      << hello;
  writer.Begin(Envelope::kLines);
  writer.Feed(feeds, 3000);
  EXPECT_TRUE(Message().starts_with(R"({"type":"feed","time":3,"feeds":{)"))
      << Message();
}

}  // namespace
}  // namespace streamhub
