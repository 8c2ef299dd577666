#include "gateway/cli/quote_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/cli/quote_line.h"
#include "gateway/cli/quote_table.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr std::string_view kHello =
    R"({"type":"hello","version":1,"market":"live","epoch":"e","time":1000000,)"
    R"("heartbeat_ms":2000,"feeds":{"synthetic":{"status":"live",)"
    R"("source":"simulated","delay_s":0}}})";
constexpr std::string_view kAck =
    R"({"type":"ack","id":1,"at":"e.f.0","max_rate":10,"symbols":{"A":)"
    R"({"decimals":2,"currency":"USD","feed":"synthetic"},)"
    R"("B":{"unknown":true}}})";
constexpr std::string_view kSnapshot =
    R"({"type":"update","epoch":"e","time":2000000,"quotes":{"A":{"v":7,)"
    R"("snapshot":true,"n":9,"t":1500000,"e":1400000,"quiet":false,)"
    R"("bid":189.90,"ask":null,"trading":"open"}}})";

class QuoteBoardTest : public testing::Test {
 protected:
  // Applies what must be good.
  const QuoteBoard::Message& Apply(std::string_view text) {
    const absl::Status applied = board_.Apply(text, now_ns_, &message_);
    EXPECT_TRUE(applied.ok()) << applied << " of " << text;
    return message_;
  }
  void Begin() {
    Apply(kHello);
    Apply(kAck);
    Apply(kSnapshot);
  }
  const QuoteBoard::Quote& A() const { return board_.quotes()[0]; }
  std::string StateOfA() const { return board_.StateOf(A(), now_ns_); }

  QuoteBoard board_{{"A", "B"}};
  QuoteBoard::Message message_;
  int64_t now_ns_ = 1000 * kSecond;
};

TEST_F(QuoteBoardTest, ASnapshotIsHeldAsItWasWritten) {
  Begin();
  ASSERT_EQ(message_.updates.size(), 1u);
  EXPECT_TRUE(message_.updates[0].snapshot);
  EXPECT_THAT(message_.updates[0].fields,
              ElementsAre(Pair("bid", "189.90"), Pair("ask", "null"),
                          Pair("trading", "\"open\"")));
  EXPECT_EQ(A().version, 7u);
  EXPECT_EQ(A().ticks, 9);
  EXPECT_EQ(A().received_us, 1'500'000);
  EXPECT_EQ(A().event_us, 1'400'000);
  EXPECT_EQ(A().feed, "synthetic");
  EXPECT_EQ(StateOfA(), "live");
}

TEST_F(QuoteBoardTest, AnUpdateMergesAndASnapshotReplaces) {
  Begin();
  Apply(R"({"type":"update","epoch":"e","time":3000000,"quotes":)"
        R"({"A":{"v":8,"n":11,"ask":190.1}}})");
  EXPECT_THAT(A().fields,
              UnorderedElementsAre(Pair("bid", "189.90"), Pair("ask", "190.1"),
                                   Pair("trading", "\"open\"")));
  Apply(R"({"type":"update","epoch":"f","time":3000001,"quotes":)"
        R"({"A":{"v":1,"snapshot":true,"n":1,"bid":5}}})");
  EXPECT_THAT(A().fields, UnorderedElementsAre(Pair("bid", "5")));
  EXPECT_EQ(A().event_us, 0) << "of the epoch before";
}

TEST_F(QuoteBoardTest, SeveralObjectsMayComeAtOnce) {
  Apply(std::string(kHello) + "\n" + std::string(kAck) + "\n" +
        std::string(kSnapshot) + "\n");
  EXPECT_EQ(StateOfA(), "live");
  EXPECT_EQ(message_.updates.size(), 1u);
}

TEST_F(QuoteBoardTest, NothingIsLiveWithoutItsConnection) {
  EXPECT_EQ(StateOfA(), "disconnected");
  Begin();
  board_.Disconnect();
  EXPECT_EQ(StateOfA(), "disconnected");
  // Not what was held before, until this connection has said so.
  Apply(kHello);
  EXPECT_EQ(StateOfA(), "waiting");
  Apply(R"({"type":"synced","id":1})");
  EXPECT_EQ(StateOfA(), "live");
}

TEST_F(QuoteBoardTest, WithoutTheServersClockAllIsStale) {
  Begin();
  now_ns_ += 5 * kSecond;
  EXPECT_EQ(StateOfA(), "live");
  now_ns_ += 1;
  EXPECT_EQ(StateOfA(), "stale");
  Apply(R"({"type":"heartbeat","time":7000000})");
  EXPECT_EQ(StateOfA(), "live");
}

TEST_F(QuoteBoardTest, AFeedsStatusIsItsSymbols) {
  Begin();
  for (const std::string status : {"stale", "down", "ended", "live"}) {
    Apply(R"({"type":"feed","time":2000001,"feeds":{"synthetic":{"status":")" +
          status + R"("}}})");
    EXPECT_EQ(StateOfA(), status);
  }
  Apply(R"({"type":"update","time":2000002,)"
        R"("quotes":{"A":{"v":7,"quiet":true}}})");
  EXPECT_EQ(StateOfA(), "quiet");
  Apply(R"({"type":"feed","feeds":{"synthetic":{"status":"down"}}})");
  EXPECT_EQ(StateOfA(), "down");
  EXPECT_EQ(board_.FeedsText(), "synthetic down simulated");
}

TEST_F(QuoteBoardTest, WhatIsWithdrawnIsSoWhateverItsFeedIs) {
  Begin();
  Apply(R"({"type":"update","time":2000002,"quotes":{"A":{"v":8,)"
        R"("snapshot":true,"withdrawn":true,"bid":null,"ask":null}}})");
  EXPECT_EQ(StateOfA(), "withdrawn");
  EXPECT_EQ(board_.quotes()[0].fields.size(), 2u);
  EXPECT_EQ(board_.PollNames()[0], "A@8w");
  Apply(R"({"type":"feed","feeds":{"synthetic":{"status":"down"}}})");
  EXPECT_EQ(StateOfA(), "withdrawn");
  Apply(R"({"type":"feed","feeds":{"synthetic":{"status":"live"}}})");
  Apply(R"({"type":"update","time":2000003,"quotes":{"A":{"v":8,)"
        R"("snapshot":true,"quiet":false,"bid":1.50,"ask":null}}})");
  EXPECT_EQ(StateOfA(), "live");
  EXPECT_EQ(board_.PollNames()[0], "A@8");
}

TEST_F(QuoteBoardTest, AnUnknownSymbolIsToldUntilItAppears) {
  Begin();
  EXPECT_EQ(board_.StateOf(board_.quotes()[1], now_ns_), "unknown");
  Apply(R"({"type":"ack","id":1,"symbols":{"B":{"feed":"synthetic"}}})");
  EXPECT_EQ(board_.StateOf(board_.quotes()[1], now_ns_), "waiting");
}

TEST_F(QuoteBoardTest, AgeIsByTheServersClock) {
  EXPECT_EQ(board_.AgeUs(A(), now_ns_), -1);
  Begin();
  EXPECT_EQ(board_.AgeUs(A(), now_ns_), 500'000);
  EXPECT_EQ(board_.AgeUs(A(), now_ns_ + 2 * kSecond), 2'500'000);
  EXPECT_EQ(FormatAge(2'500'000), "2.5 s");
  EXPECT_EQ(FormatAge(-1), "-");
  EXPECT_EQ(FormatAge(int64_t{600} * 1'000'000), "10 min");
}

TEST_F(QuoteBoardTest, AResumeSaysWhatIsHeld) {
  EXPECT_THAT(board_.Names(), ElementsAre("A", "B"));
  Begin();
  EXPECT_THAT(board_.Names(), ElementsAre("A@7", "B"));
  EXPECT_EQ(board_.token(), "e.f.0");
}

TEST_F(QuoteBoardTest, RefusalsAndFarewellsAreTold) {
  Apply(R"({"type":"error","id":1,"code":"unknown_field",)"
        R"("reason":"no such field","key":"bidd"})");
  EXPECT_TRUE(message_.refused);
  EXPECT_EQ(message_.reason, "no such field: bidd");
  Apply(R"({"type":"closing","code":4001,"reason":"server stopping",)"
        R"("retry":true,"after_ms":1000})");
  EXPECT_TRUE(message_.closing);
  EXPECT_TRUE(message_.retry);
  EXPECT_EQ(message_.after_ms, 1000);
  Apply(R"({"type":"closing","code":4005,"reason":"x","retry":false})");
  EXPECT_FALSE(message_.retry);
}

TEST_F(QuoteBoardTest, WhatItDoesNotKnowIsPassedOver) {
  Begin();
  Apply(
      R"({"type":"news","text":"\u00e9","list":[1,{"a":[]}],"time":2000001})");
  Apply(R"({"type":"update","quotes":{"Z":{"v":1},"A":{"v":8,)"
        R"("new":{"a":[1]},"list":[1],"bid":1}}})");
  EXPECT_EQ(A().fields.at("bid"), "1");
  EXPECT_EQ(A().fields.count("new"), 0u);
}

TEST_F(QuoteBoardTest, WhatIsNotJsonIsRefused) {
  for (const std::string_view bad :
       {"hello", "{", "[]", "[1]", "1", R"({"type":"update","quotes":[]})",
        R"({"type":"update","quotes":{"A":1}})", R"({"quotes":{"A":{"v":-1}}})",
        R"({"quotes":{"A":{"v":1)", R"({"type":"hello"} {})",
        R"({"feeds":{"a":3}})", "\x01\xff"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(board_.Apply(bad, now_ns_, &message_)))
        << bad;
  }
}

TEST_F(QuoteBoardTest, TheTableTellsStateAndAge) {
  Begin();
  const TableOptions options{.fields = {"bid", "ask"}, .color = false};
  auto lines = FormatTable(board_, options, now_ns_);
  EXPECT_THAT(
      lines,
      ElementsAre("SYMBOL              BID        ASK  STATE             AGE",
                  "A                189.90          -  live            0.5 s",
                  "B                     -          -  unknown             -"));
  Apply(R"({"type":"update","time":2000001,)"
        R"("quotes":{"A":{"v":8,"trading":"halted"}}})");
  lines = FormatTable(board_, options, now_ns_);
  EXPECT_THAT(lines[1], HasSubstr("live/halted"));
  board_.Disconnect();
  lines = FormatTable(board_, options, now_ns_ + 60 * kSecond);
  EXPECT_THAT(lines[1], HasSubstr("disconnected     60 s"));
}

TEST_F(QuoteBoardTest, TheTableIsCutToTheTerminal) {
  Begin();
  const TableOptions options{.fields = {"bid", "ask"},
                             .color = false,
                             .rows_max = 1,
                             .columns_max = 20};
  const auto lines = FormatTable(board_, options, now_ns_);
  EXPECT_THAT(lines, ElementsAre("SYMBOL              ", "A                189",
                                 "and 1 more"));
}

TEST_F(QuoteBoardTest, MessagesOfATopicAreKeptInOrder) {
  Apply(kHello);
  Apply(R"({"type":"ack","at":"e.f.0","symbols":{"A":{"topic":true,)"
        R"("keeps":10}}})");
  EXPECT_EQ(StateOfA(), "waiting");
  Apply(R"({"type":"messages","time":2000000,"topics":{"A":{"v":1002,)"
        R"("lost":3,"messages":[{"seq":1001,"time":5,"data":{"a":[1,"x y"]}},)"
        R"({"seq":1002,"time":6,"data":1.50}]},"other":{"v":1}}})");
  ASSERT_EQ(message_.parts.size(), 1u);
  EXPECT_EQ(MessageLines("A", message_.parts[0]),
            R"({"topic":"A","lost":3})"
            "\n"
            R"({"topic":"A","seq":1001,"time":5,"data":{"a":[1,"x y"]}})"
            "\n"
            R"({"topic":"A","seq":1002,"time":6,"data":1.50})"
            "\n");
  EXPECT_EQ(StateOfA(), "live") << "no feed fills it";
  EXPECT_EQ(A().received_us, 6);
  EXPECT_THAT(board_.Names(), ElementsAre("A@1002", "B"));
  EXPECT_THAT(board_.PollNames(), ElementsAre("A@1002", "B"));
  EXPECT_EQ(MessageTexts("A", message_.parts[0]),
            "A: 3 messages before this are lost\n"
            "00:00:00.000Z  A  {\"a\":[1,\"x y\"]}\n"
            "00:00:00.000Z  A  1.50\n");
  // Only what is no topic, or not known to be one, has a line of the table.
  const TableOptions options{.fields = {"bid"}, .color = false};
  const auto lines = FormatTable(board_, options, now_ns_);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[1], testing::StartsWith("B           "));

  Apply(R"({"type":"messages","topics":{"A":{"v":1002,"lost":null,)"
        R"("messages":[]}}})");
  EXPECT_EQ(MessageLines("A", message_.parts[0]),
            "{\"topic\":\"A\",\"lost\":null}\n");
  EXPECT_FALSE(board_
                   .Apply(R"({"type":"messages","topics":{"A":{"v":1,)"
                          R"("messages":{}}}})",
                          now_ns_, &message_)
                   .ok());
}

TEST(TopicsOnATerminalTest, MessagesAreWholeAndTheStatusIsTheTopics) {
  QuoteBoard board({"tape/A"});
  QuoteBoard::Message message;
  const std::string text(500, 'x');
  for (const std::string& json :
       {std::string(kHello),
        std::string(R"({"type":"ack","symbols":{"tape/A":{"topic":true,)"
                    R"("feed":"synthetic"}}})"),
        R"({"type":"messages","topics":{"tape/A":{"v":1,"messages":[{"seq":1,)"
        R"("time":1764513000123456,"data":")" +
            text + R"("}]}}})"}) {
    ASSERT_TRUE(board.Apply(json, kSecond, &message).ok()) << json;
  }
  EXPECT_THAT(FormatTable(board, {.fields = {"bid"}}, kSecond),
              testing::IsEmpty());
  EXPECT_EQ(MessageTexts("tape/A", message.parts[0]),
            "14:30:00.123Z  tape/A  \"" + text + "\"\n");
  const auto status = [&board](int64_t at_ns, size_t columns) {
    return FormatStatus(board, "http://h", "connected by ws", columns, at_ns);
  };
  EXPECT_EQ(status(kSecond, 99),
            "http://h  connected by ws: synthetic live simulated");
  EXPECT_THAT(status(9 * kSecond, 99), testing::EndsWith(", tape/A stale"));
  EXPECT_EQ(status(kSecond, 12), "http://h  co");
}

TEST_F(QuoteBoardTest, WhatIsNotLiveIsDimmed) {
  Begin();
  const TableOptions options{.fields = {"bid"}};
  EXPECT_THAT(FormatTable(board_, options, now_ns_)[1], HasSubstr("\033[32m"));
  const auto stale = FormatTable(board_, options, now_ns_ + 9 * kSecond);
  EXPECT_THAT(stale[1], testing::StartsWith("\033[2m"));
  EXPECT_THAT(stale[1], HasSubstr("\033[31mstale"));
}

}  // namespace
}  // namespace streamhub
