#include "bench/load/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/load/http.h"

namespace streamhub::load {
namespace {

TEST(ReferenceTest, ReadsRepliesAndWhetherAllIsOver) {
  Wanted wanted;
  wanted.names = {"A", "B"};
  Reference reference(wanted);
  EXPECT_TRUE(reference.Add(
      "{\"epoch\":\"e\",\"time\":5,\"quotes\":{\"B\":{\"v\":7,\"snapshot\":"
      "true,"
      "\"n\":8,\"t\":9,\"quiet\":false,\"bid\":1.5,\"state\":\"ended\","
      "\"source\":\"simulated\"}},\"unknown\":[]}"));
  EXPECT_EQ(reference.Of(0).version, 0);
  EXPECT_EQ(reference.Of(1).version, 7);
  EXPECT_EQ(reference.Of(1).ticks, 8);
  EXPECT_EQ(reference.Of(1).values, (Values{{FieldId::kBid, "1.5"}}));
  EXPECT_TRUE(reference.ended());
  EXPECT_TRUE(reference.Add(
      "{\"quotes\":{\"A\":{\"v\":1,\"n\":1,\"t\":1,\"state\":\"live\","
      "\"source\":\"simulated\"}}}"));
  EXPECT_FALSE(reference.ended());
  EXPECT_FALSE(reference.Add("{\"error\":1}"));
  EXPECT_FALSE(reference.Add(
      "{\"quotes\":{\"C\":{\"v\":1,\"n\":1,\"t\":1,\"state\":\"live\"}}}"))
      << "of a symbol that nobody asked for";
}

TEST(ReferenceTest, ADifferenceSaysWhere) {
  const Values a = {{FieldId::kBid, "1.5"}, {FieldId::kAsk, "2"}};
  EXPECT_EQ(Difference(a, a), "");
  EXPECT_EQ(Difference(a, {{FieldId::kBid, "1.50"}, {FieldId::kAsk, "2"}}),
            "bid: 1.5, the gateway says 1.50");
  EXPECT_EQ(Difference(a, {{FieldId::kBid, "1.5"}}),
            "ask: 2, the gateway says nothing");
  EXPECT_EQ(Difference({{FieldId::kAsk, "2"}}, a),
            "bid: nothing, the gateway says 1.5");
  EXPECT_EQ(Difference({}, {}), "");
}

TEST(ReferenceTest, DueIsWhatTicksAndBeatsAllow) {
  EXPECT_EQ(DueUpdates(10, 20, 2), 10) << "a tick every 2 s, a beat every 0.5";
  EXPECT_EQ(DueUpdates(200, 20.3, 2), 40) << "no more than beats";
  EXPECT_EQ(DueUpdates(3, 0.1, 2), 1) << "the first comes at once";
  EXPECT_EQ(DueUpdates(200, 20, 0), 200) << "unlimited";
  EXPECT_EQ(DueUpdates(0, 20, 2), 0);
  EXPECT_EQ(DueUpdates(-1, 20, 0), 0);
}

TEST(ClockOffsetTest, TheFastestAnswerCounts) {
  // The server's clock is 1000 ahead; answers lie anywhere in their trips.
  const ClockOffset offset =
      EstimateOffset({{.asked_us = 0, .time_us = 1090, .answered_us = 100},
                      {.asked_us = 200, .time_us = 1206, .answered_us = 210},
                      {.asked_us = 300, .time_us = 1301, .answered_us = 350}});
  EXPECT_EQ(offset.offset_us, 1001);
  EXPECT_EQ(offset.uncertainty_us, 5);
  EXPECT_FALSE(offset.same_host);
  EXPECT_EQ(EstimateOffset({}).offset_us, 0);
}

TEST(CheckResultTest, SharesOfAllClients) {
  CheckResult a, b;
  EXPECT_EQ(a.ShareMin(), 0);
  EXPECT_EQ(a.ShareMedian(), 0);
  a.shares = {1, 0.5};
  a.due = 10;
  a.received = 8;
  b.shares = {0.94, 0.95, 0.96};
  b.due = 1;
  b.received = 1;
  b.first_difference = "x";
  a.Merge(b);
  EXPECT_EQ(a.due, 11);
  EXPECT_EQ(a.received, 9);
  EXPECT_EQ(a.ShareMin(), 0.5);
  EXPECT_EQ(a.ShareMedian(), 0.95);
  EXPECT_EQ(a.ClientsBelow(0.95), 2);
  EXPECT_EQ(a.first_difference, "x");
}

}  // namespace
}  // namespace streamhub::load
