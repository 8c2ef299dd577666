// What is particular to server-sent events (WHATWG HTML, 9.2).

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "gateway/codec/event_id.h"
#include "tests/session/shard_fixture.h"

namespace streamhub {
namespace {

class SseTest : public ShardFixture {
 protected:
  SseTest() {
    a = Add("A");
    b = Add("B");
  }

  static Request Parse(const std::string& query) {
    const auto parsed = ParseQuery(query);
    EXPECT_TRUE(std::holds_alternative<Request>(parsed)) << query;
    return std::get<Request>(parsed);
  }

  // A stream as the transport opens it: with its one request, and with what
  // the browser says it saw last.
  std::string Stream(FakeClient* to, const std::string& query,
                     const std::string& last_event_id = "") {
    Request request = Parse(query);
    if (!last_event_id.empty()) ApplyEventId(last_event_id, &request);
    to->session = fanout.Open(to);
    to->session->OnRequest(request);
    Turns();
    return All(to);
  }

  static std::string All(FakeClient* from) {
    std::string all;
    for (const std::string& message : from->TakeMessages()) all += message;
    return all;
  }

  // As a browser keeps it: the newest `id:` line.
  static std::string IdIn(const std::string& stream) {
    const size_t line = stream.rfind("\nid: ");
    if (line == stream.npos) return "";
    const size_t begin = line + 5;
    return stream.substr(begin, stream.find('\n', begin) - begin);
  }

  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != text.npos;
  }

  SymbolId a, b;
  FakeClient client{Envelope::kSse};
};

TEST_F(SseTest, TheStreamBeginsWithHelloTheStateAndAnId) {
  Bid(a, 150);
  const std::string stream = Stream(&client, "symbols=A&fields=bid&id=1");
  std::vector<std::string> begins;
  for (size_t at = 0; at < stream.size();) {
    const size_t end = stream.find('\n', at);
    ASSERT_NE(end, stream.npos);
    const std::string line = stream.substr(at, end - at);
    begins.push_back(line.substr(0, line.find_first_of(",.;")));
    at = end + 1;
  }
  std::string epoch;
  AppendEpoch(home.market.epoch(), &epoch);
  EXPECT_EQ(begins,
            (std::vector<std::string>{
                "retry: 2000", R"(data: {"type":"hello")", "",
                R"(data: {"type":"ack")", "", R"(data: {"type":"update")", "",
                R"(data: {"type":"synced")", "", "id: " + epoch, ""}));
  EXPECT_TRUE(IdIn(stream).ends_with(";A@2")) << stream;
}

TEST_F(SseTest, AnIdComesOnceASecondAtMost) {
  Stream(&client, "symbols=A&max_rate=unlimited");
  std::vector<int> at_ms;
  for (int ms = 0; ms < 3000; ms += 50) {
    Bid(a, 100 + ms);
    const std::string stream = All(&client);
    EXPECT_TRUE(Has(stream, "\"type\":\"update\""));
    if (IdIn(stream) != "") at_ms.push_back(ms);
    Pass(50 * kMillisecond);
  }
  EXPECT_EQ(at_ms, (std::vector<int>{1000, 2000}));
}

TEST_F(SseTest, AnEventSourceThatComesBackGetsWhatItMissed) {
  const std::string query = "symbols=A,B&fields=bid,ask&max_rate=unlimited";
  const std::string id = IdIn(Stream(&client, query));
  EXPECT_TRUE(id.ends_with(";A@1,B@1")) << id;
  Bid(a, 150);
  Drop(&client);
  Ask(a, 160);

  FakeClient again(Envelope::kSse);
  const std::string stream = Stream(&again, query, id);
  EXPECT_FALSE(Has(stream, "snapshot")) << stream;
  EXPECT_TRUE(Has(stream, R"("A":{"v":3,"n":3,)")) << stream;
  EXPECT_TRUE(Has(stream, R"("bid":1.50,"ask":1.60})")) << stream;
  EXPECT_TRUE(IdIn(stream).ends_with(";A@3,B@1")) << stream;
}

TEST_F(SseTest, AnIdOfAnotherQueryOrEpochResumesNothing) {
  const std::string id = IdIn(Stream(&client, "symbols=A&fields=bid"));
  FakeClient other(Envelope::kSse);
  EXPECT_TRUE(
      Has(Stream(&other, "symbols=A&fields=ask", id), "\"snapshot\":true"));
  home.publisher.StartEpoch();
  Turns();
  FakeClient late(Envelope::kSse);
  EXPECT_TRUE(
      Has(Stream(&late, "symbols=A&fields=bid", id), "\"snapshot\":true"));
}

TEST_F(SseTest, AnIdAfterANewEpochBelongsToIt) {
  Stream(&client, "symbols=A&fields=bid&max_rate=unlimited");
  Pass(kSecond);
  All(&client);
  home.publisher.StartEpoch();
  Turns();
  const std::string id = IdIn(All(&client));
  std::string epoch;
  AppendEpoch(home.market.epoch(), &epoch);
  EXPECT_TRUE(id.starts_with(epoch + '.')) << id;
  EXPECT_TRUE(id.ends_with(";A@3")) << id;
}

TEST_F(SseTest, AHeartbeatIsACommentAndAnEvent) {
  Stream(&client, "symbols=A&fields=bid");
  Pass(2 * kSecond);
  EXPECT_EQ(All(&client),
            ": heartbeat\n"
            "data: {\"type\":\"heartbeat\",\"time\":1700000002000000}\n\n");
}

TEST_F(SseTest, ASubscriptionOfNothingKnownHasNoId) {
  EXPECT_EQ(IdIn(Stream(&client, "symbols=X&fields=bid")), "");
  Add("X");
  const std::string stream = All(&client);
  EXPECT_TRUE(Has(stream, "\"snapshot\":true")) << stream;
  EXPECT_TRUE(IdIn(stream).ends_with(";X@1")) << stream;
}

TEST_F(SseTest, AnIdTooLongForARequestHeaderIsLeftOut) {
  std::string names;
  for (int i = 0; i < 100; ++i) {
    const std::string code = std::string(50, 'N') + std::to_string(i);
    Add(code);
    names += (i == 0 ? "" : ",") + code;
  }
  const std::string stream = Stream(&client, "symbols=" + names);
  EXPECT_TRUE(Has(stream, "\"type\":\"synced\"")) << stream;
  EXPECT_EQ(IdIn(stream), "");
  EXPECT_TRUE(stream.ends_with("}\n\n"));
}

}  // namespace
}  // namespace streamhub
