#include "gateway/server/feed_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gateway/server/admin_pages.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string Page(const TestMarket& test) {
  const Market* const market = &test.market;
  return FeedsPage({&market, 1}, test.clock);
}
std::string Metrics(const TestMarket& test) {
  std::string out;
  const Market* const market = &test.market;
  AppendFeedMetrics({&market, 1}, &out);
  return out;
}

TEST(FeedPages, AFeedThatIsNew) {
  const TestMarket test;
  EXPECT_EQ(
      Page(test),
      R"({"time":1700000000000000,"feeds":{"test":{"market":"live",)"
      R"("status":"down","source":"realtime","ticks":0,"ticks_per_second":0,)"
      R"("last_tick":null,"in_gap":false,"gaps":0,"messages_lost":0,)"
      R"("failures":0,"reopenings":0,"stale_after_ms":3000,)"
      R"("quiet_after_ms":15000,"gap_stale_ms":3000,"recent_gaps":[],)"
      R"("last_failure":null,"lines":[],"used_since":null}}})"
      "\n");
}

TEST(FeedPages, TicksAndGaps) {
  TestMarket test;
  test.publisher.SetStatus(FeedStatus::kLive);
  const SymbolId id = test.Add("A");
  for (int i = 0; i < 25; ++i) test.Tick(id, {{FieldId::kBid, i}});
  test.clock.Advance(kSecond);
  test.publisher.ReportGap("S", 7, 9);
  const std::string page = Page(test);
  EXPECT_THAT(
      page,
      HasSubstr(R"({"market":"live","status":"stale","source":"realtime",)"
                R"("ticks":25,"ticks_per_second":2.5,)"
                R"("last_tick":1700000000000000,"in_gap":true,)"
                R"("gaps":1,"messages_lost":3,)"));
  EXPECT_THAT(page, HasSubstr(R"("recent_gaps":[{"session":"S","first":7,)"
                              R"("last":9,"time":1700000001000000}],)"));
  const std::string metrics = Metrics(test);
  EXPECT_THAT(
      metrics,
      HasSubstr(
          "\nstreamhub_feed_ticks_total{market=\"live\",feed=\"test\"} 25\n"));
  EXPECT_THAT(
      metrics,
      HasSubstr("\nstreamhub_feed_last_tick_seconds{market=\"live\",feed="
                "\"test\"} 1700000000.000000\n"));
  EXPECT_THAT(
      metrics,
      HasSubstr(
          "\nstreamhub_feed_gaps_total{market=\"live\",feed=\"test\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_messages_lost_total{market="
                                 "\"live\",feed=\"test\"} 3\n"));
}

TEST(FeedPages, WhatFailedAndWhenItIsOpenedAgain) {
  TestMarket test;
  FeedHealth& health = test.publisher.health();
  health.AddFailure("caf\xE9 \"torn\"", test.clock.WallNs(),
                    test.clock.WallNs() + kSecond);
  health.AddReopening();
  EXPECT_THAT(Page(test),
              HasSubstr(R"("last_failure":{"reason":"caf? \"torn\"",)"
                        R"("time":1700000000000000,)"
                        R"("again":1700000001000000},)"));
  EXPECT_THAT(Page(test), HasSubstr(R"("failures":1,"reopenings":1,)"));
  const std::string metrics = Metrics(test);
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_failures_total{market="
                                 "\"live\",feed=\"test\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_reopenings_total{market="
                                 "\"live\",feed=\"test\"} 1\n"));
  health.AddFailure("for good", test.clock.WallNs(), 0);
  EXPECT_THAT(Page(test), HasSubstr(R"("again":null})"));
}

TEST(FeedPages, EachLine) {
  TestMarket test;
  FeedLines lines;
  lines.lines = {{"a.pcap", false, 3'000, 2'000, 0, 10, 20, 30, 40},
                 {"b\".pcap", true, 1'000, 4'000, 1'500'000, 11, 21, 31, 41}};
  lines.used = 1;
  lines.used_since_ns = 5'000;
  test.publisher.health().SetLines(lines);
  EXPECT_THAT(
      Page(test),
      HasSubstr(
          R"("lines":[{"name":"a.pcap","up":false,"since":3,"used":false,)"
          R"("heard":2,"lag_us":0,"packets":10,"first":20,"copies":30,)"
          R"("missed":40},{"name":"b\".pcap","up":true,"since":1,)"
          R"("used":true,"heard":4,"lag_us":1500,"packets":11,"first":21,)"
          R"("copies":31,"missed":41}],"used_since":5})"));
  const std::string metrics = Metrics(test);
  const std::string b = R"({market="live",feed="test",line="b\".pcap"} )";
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_line_up" + b + "1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_line_used" + b + "1\n"));
  EXPECT_THAT(metrics,
              HasSubstr("\nstreamhub_feed_line_first_total" + b + "21\n"));
  EXPECT_THAT(metrics,
              HasSubstr("\nstreamhub_feed_line_copies_total" + b + "31\n"));
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_line_missed" + b + "41\n"));
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_feed_line_lag_seconds" + b +
                                 "0.001500\n"));
  EXPECT_THAT(metrics,
              HasSubstr("streamhub_feed_line_up{market=\"live\",feed=\"test\","
                        "line=\"a.pcap\"} 0\n"));
}

TEST(FeedPages, HealthAndMetricsHaveTheirPart) {
  TestMarket test;
  test.publisher.SetStatus(FeedStatus::kLive);
  test.publisher.ReportGap("S", 7, 9);
  const Counters* set = &test.counters;
  const LatencyBoard board(test.market);
  const ShownMarket shown{test.market, board};
  const std::string health =
      HealthPage({&shown, 1}, {&set, 1}, 0, test.clock.MonoNs());
  EXPECT_THAT(health, HasSubstr(R"({"status":"degraded")"));
  EXPECT_THAT(health, HasSubstr(R"("quiet_after_ms":15000,"ticks":0,)"
                                R"("ticks_per_second":0,"last_tick":null,)"
                                R"("in_gap":true,"gaps":1,"messages_lost":3,)"
                                R"("failures":0,"reopenings":0})"));
  EXPECT_THAT(health, EndsWith("}}\n"));
  EXPECT_THAT(MetricsPage({&shown, 1}, {&set, 1}, test.clock.MonoNs()),
              HasSubstr(Metrics(test)));
}

}  // namespace
}  // namespace streamhub
