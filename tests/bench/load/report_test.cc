#include "bench/load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

namespace streamhub::load {
namespace {

using testing::HasSubstr;
using testing::Not;

LoadReport Measured() {
  LoadReport report;
  report.url = "http://127.0.0.1:8080";
  report.transport = "ws";
  report.clients = 100;
  report.symbols_per_client = 10;
  report.symbols = 1000;
  report.fields = {"bid", "ask"};
  report.max_rate = "2";
  report.clock.same_host = true;
  report.connecting_s = 0.5;
  report.window_s = 4;
  report.tally.updates = 2000;
  report.tally.messages = 1000;
  report.tally.bytes = 400'000;
  for (int64_t us = 1; us <= 1000; ++us) report.tally.latency_us.Add(us * 100);
  ProcessReport server;
  server.pid = 42;
  server.before = {.cpu_s = 1, .rss_bytes = 10'000'000, .peak_rss_bytes = 0};
  server.begin = {.cpu_s = 1.5, .rss_bytes = 11'000'000, .peak_rss_bytes = 0};
  server.end = {
      .cpu_s = 1.7, .rss_bytes = 12'000'000, .peak_rss_bytes = 13'000'000};
  report.server = server;
  return report;
}

double NumberAt(const simdjson::dom::element& json, const char* pointer) {
  double number = -1;
  EXPECT_EQ(json.at_pointer(pointer).get(number), simdjson::SUCCESS) << pointer;
  return number;
}

TEST(ReportTest, JsonHasTheFigures) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const std::string text = ToJson(Measured());
  ASSERT_EQ(parser.parse(text).get(json), simdjson::SUCCESS) << text;
  EXPECT_EQ(NumberAt(json, "/clients"), 100);
  EXPECT_EQ(NumberAt(json, "/updates_per_second"), 500);
  EXPECT_EQ(NumberAt(json, "/messages_per_second"), 250);
  EXPECT_EQ(NumberAt(json, "/bytes_per_second"), 100'000);
  EXPECT_NEAR(NumberAt(json, "/latency_us/p50"), 50'000, 500);
  EXPECT_NEAR(NumberAt(json, "/latency_us/p99_9"), 99'900, 999);
  EXPECT_EQ(NumberAt(json, "/latency_us/max"), 100'000);
  EXPECT_NEAR(NumberAt(json, "/server/cpu_s"), 0.2, 1e-9);
  EXPECT_NEAR(NumberAt(json, "/server/cpu_us_per_update"), 100, 1e-6);
  EXPECT_EQ(NumberAt(json, "/server/bytes_per_client"), 20'000);
  EXPECT_EQ(NumberAt(json, "/server/rss_bytes_peak"), 13'000'000);
  EXPECT_TRUE(json.at_pointer("/check").error() != simdjson::SUCCESS);
}

TEST(ReportTest, TextSaysWhatLatencyContains) {
  LoadReport report = Measured();
  EXPECT_THAT(ToText(report), HasSubstr("wait for the beat of max_rate"));
  EXPECT_THAT(ToText(report), HasSubstr("received   500 updates/s"));
  EXPECT_THAT(ToText(report), Not(HasSubstr("clocks")));
  report.clock.same_host = false;
  report.clock.offset_us = -1500;
  report.clock.uncertainty_us = 250;
  EXPECT_THAT(ToText(report), HasSubstr("estimated to be -1.500 ms ahead, "
                                        "+-0.250 ms"));
}

TEST(ReportTest, IsGoodOnlyIfNothingWasFound) {
  LoadReport report = Measured();
  EXPECT_TRUE(report.Good());
  report.check.done = true;
  report.share_wanted = 0.95;
  EXPECT_FALSE(report.Good()) << "nothing was due: nothing is proved";
  report.check.due = report.check.received = 10;
  report.check.shares = {0.95, 1};
  EXPECT_TRUE(report.Good());
  const auto bad = [&report](auto change) {
    LoadReport changed = report;
    change(changed);
    return !changed.Good();
  };
  EXPECT_TRUE(bad([](auto& r) { r.failed = 1; }));
  EXPECT_TRUE(bad([](auto& r) { r.stopped = true; }));
  EXPECT_TRUE(bad([](auto& r) { r.trouble = "x"; }));
  EXPECT_TRUE(bad([](auto& r) { r.check.different = 1; }));
  EXPECT_TRUE(bad([](auto& r) { r.check.behind = 1; }));
  EXPECT_TRUE(bad([](auto& r) { r.check.shares[0] = 0.949; }));
  EXPECT_TRUE(bad([](auto& r) { r.tally.storm_cut = 1; }));
  EXPECT_TRUE(bad([](auto& r) { r.floor.emplace().failed = 1; }));
  EXPECT_TRUE(bad([](auto& r) {
    r.tally.recording.deliveries.messages = 1000;
    r.floor.emplace().messages = 949;
  }));
  report.floor.emplace();
  report.tally.storm_cut = 1;
  report.tally.storm_complete_us.Add(5);
  EXPECT_TRUE(report.Good());
}

TEST(ReportTest, AMarketThatTicksBringsUpdates) {
  LoadReport report = Measured();
  report.tally.updates = report.tally.snapshots = 1000;
  EXPECT_FALSE(report.Good()) << "nothing but snapshots";
  EXPECT_THAT(report.Trouble(), HasSubstr("no update came"));
  EXPECT_THAT(ToText(report), HasSubstr("trouble    no update came"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"trouble\":\"no update came"));
  report.slow_share = 1;
  EXPECT_TRUE(report.Good()) << "nobody reads";
  report.slow_share = 0;
  report.symbol_period_s = 2;
  EXPECT_FALSE(report.Good());
  // 1000 symbols, of which one ticks every 1000 s.
  report.symbol_period_s = 1e6;
  EXPECT_TRUE(report.Good()) << report.Trouble();
  // What a check finds of it.
  report.check.done = true;
  report.check.equal = 1000;
  EXPECT_TRUE(report.Good()) << report.Trouble();
  EXPECT_THAT(ToText(report), HasSubstr("no updates were due"));
  EXPECT_THAT(ToText(report), HasSubstr("equal to /v1/quotes: 1000,"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"share_min\":null"));
  report.check.behind = 3;
  EXPECT_THAT(report.Trouble(), HasSubstr("3 subscriptions are behind"));
}

// Its own stamps do not show that a gateway stood still: the latencies are
// good.
TEST(ReportTest, AGatewayThatStoodStillIsSeenByTheSilence) {
  LoadReport report = Measured();
  report.tally.longest_gap_us = 9'000'000;
  EXPECT_TRUE(report.Good()) << "nobody knows how often its symbols tick";
  EXPECT_THAT(ToText(report), HasSubstr("of a client was 9000.00 ms"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"longest_gap_us\":9000000,"));
  report.symbol_period_s = 2;
  EXPECT_THAT(report.Trouble(), HasSubstr("no message for 9.00 s"));
  report.tally.longest_gap_us = 5'900'000;
  EXPECT_TRUE(report.Good()) << report.Trouble();
  report.tally.longest_gap_us = 6'100'000;
  EXPECT_FALSE(report.Good());
  report.tally.granted_rate = 1;
  EXPECT_TRUE(report.Good()) << "a beat may be as late";
  report.tally.longest_gap_us = -1;
  EXPECT_THAT(ToText(report), Not(HasSubstr("silence")));
  EXPECT_THAT(ToJson(report), HasSubstr("\"longest_gap_us\":null"));
}

TEST(ReportTest, WhatIsNotKnownIsNoNumber) {
  LoadReport report = Measured();
  report.tally.updates = 0;
  report.failed = report.clients;
  const std::string text = ToText(report);
  EXPECT_THAT(text, HasSubstr("connect                        -         -"));
  EXPECT_THAT(text, HasSubstr(" - us per update"));
  EXPECT_THAT(text, HasSubstr(" - KB per client"));
  const std::string json = ToJson(report);
  EXPECT_THAT(json, HasSubstr("\"cpu_us_per_update\":null"));
  EXPECT_THAT(json, HasSubstr("\"bytes_per_client\":null"));
  EXPECT_THAT(json, HasSubstr("\"connect_us\":{\"count\":0,\"mean\":null"));
}

TEST(ReportTest, SaysWhatWasGranted) {
  LoadReport report = Measured();
  report.max_rate = "33";
  EXPECT_THAT(ToText(report), HasSubstr("max_rate 33, on"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"max_rate_granted\":\"\""));
  report.tally.granted_rate = 20;
  EXPECT_THAT(ToText(report), HasSubstr("max_rate 33 (granted: 20), on"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"max_rate_granted\":\"20\""));
  report.tally.granted_rate = 0;
  EXPECT_THAT(ToText(report), HasSubstr("(granted: unlimited)"));
}

TEST(ReportTest, SaysWhenAgesWereBelowZero) {
  LoadReport report = Measured();
  EXPECT_THAT(ToText(report), Not(HasSubstr("clocks")));
  report.tally.negative_ages = 7;
  EXPECT_THAT(ToText(report), HasSubstr("7 ages were below 0"));
  EXPECT_THAT(ToJson(report), HasSubstr("\"negative_ages\":7"));
}

// 500 writes in 2000 updates: 0.2 s of CPU are 400 us each.
LoadReport WithFloor() {
  LoadReport report = Measured();
  report.tally.recording.deliveries.messages = 500;
  report.server->begin.user_s = 1;
  report.server->end.user_s = 1.05;
  report.server->begin.system_s = 0.5;
  report.server->end.system_s = 0.65;
  FloorReport& floor = report.floor.emplace();
  floor.window_s = 4;
  floor.messages = 1000;
  floor.bytes = 400'000;
  floor.cpu_s = 0.25;
  floor.user_s = 0.02;
  floor.system_s = 0.23;
  return report;
}

TEST(FloorReportTest, ComparesWritesWithWrites) {
  const Round round = RoundOf(WithFloor());
  EXPECT_NEAR(round.per_message, 400, 1e-6);
  EXPECT_NEAR(round.floor_per_message, 250, 1e-6);
  EXPECT_NEAR(round.ratio, 1.6, 1e-9);
  EXPECT_NEAR(round.per_update, 100, 1e-6);
  EXPECT_NEAR(round.user_per_update, 25, 1e-6);
  EXPECT_NEAR(round.system_per_update, 75, 1e-6);
  EXPECT_NEAR(round.floor_per_update, 62.5, 1e-6);
  EXPECT_NEAR(round.floor_user_per_update, 5, 1e-6);
  EXPECT_EQ(round.updates_per_second, 500);
  EXPECT_EQ(RoundOf(Measured()).ratio, 0) << "there was no floor";
}

TEST(FloorReportTest, TheMedianIsOneOfTheRounds) {
  std::vector<Round> rounds(4);
  rounds[0].ratio = 1.3;
  rounds[1].ratio = 1.1;
  rounds[2].ratio = 9;
  rounds[3].ratio = 1.2;
  EXPECT_EQ(MedianRound(rounds), 3u);
  EXPECT_EQ(MedianRatio(rounds), 1.2);
  rounds.pop_back();
  EXPECT_EQ(MedianRound(rounds), 0u);
  rounds.resize(5);
  EXPECT_EQ(MedianRound(rounds), 0u) << "unknown ones move it not";
  EXPECT_EQ(MedianRatio(std::vector<Round>(2)), 0);
  rounds.resize(1);
  EXPECT_EQ(MedianRound(rounds), 0u);
}

TEST(FloorReportTest, IsInTextAndJson) {
  LoadReport report = WithFloor();
  report.rounds = {RoundOf(report), RoundOf(report)};
  report.rounds[1].ratio = 3;
  EXPECT_THAT(ToText(report), Not(HasSubstr("did not keep up")));
  LoadReport late = report;
  late.floor->messages = 400;
  late.rounds.clear();
  EXPECT_THAT(ToText(late), HasSubstr("the floor did not keep up: 400 of 500"));
  EXPECT_THAT(ToText(late), HasSubstr("the gateway takes - times the floor"));
  EXPECT_THAT(ToJson(late), HasSubstr("\"kept_up\":false,\"ratio\":null"));
  EXPECT_FALSE(late.Good());
  EXPECT_EQ(RoundOf(late).ratio, 0);
  EXPECT_THAT(ToText(report), HasSubstr("the gateway takes 1.60 times the"));
  EXPECT_THAT(ToText(report), HasSubstr("median of the ratios is 1.600"));
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const std::string text = ToJson(report);
  ASSERT_EQ(parser.parse(text).get(json), simdjson::SUCCESS) << text;
  EXPECT_NEAR(NumberAt(json, "/floor/ratio"), 1.6, 1e-5);
  EXPECT_NEAR(NumberAt(json, "/ratio_median"), 1.6, 1e-5);
  EXPECT_EQ(NumberAt(json, "/rounds/1/ratio"), 3);
  EXPECT_NEAR(NumberAt(json, "/server/user_s"), 0.05, 1e-5);
  EXPECT_EQ(NumberAt(json, "/server/rss_growth_bytes"), 1'000'000);
}

TEST(ReportTest, SaysWhenTheToolIsTheLimit) {
  LoadReport report = Measured();
  report.threads = 1;
  report.client.end.cpu_s = 3.5;
  EXPECT_THAT(ToText(report), Not(HasSubstr("it is the limit")));
  report.client.end.cpu_s = 3.8;
  EXPECT_THAT(ToText(report), HasSubstr("it is the limit"));
  report.threads = 2;
  EXPECT_THAT(ToText(report), Not(HasSubstr("it is the limit")));
  EXPECT_THAT(ToText(report), Not(HasSubstr("the machine")));
  report.server->end.wait_s = 0.5;
  EXPECT_THAT(ToText(report), HasSubstr("the server 0.50 s"));
}

TEST(ReportTest, ToldOfSlowClientsAndStorms) {
  LoadReport report = Measured();
  EXPECT_THAT(ToJson(report), Not(HasSubstr("\"storm\"")));
  report.slow_share = 0.1;
  report.tally.slow_updates = 5;
  report.storm_share = 0.5;
  report.tally.storm_cut = 50;
  report.tally.storm_complete_us.Add(2000);
  report.tally.storm_last_us = 1'500'000;
  report.kernel_before = {.tcp_bytes = 1000, .slab_bytes = 50'000};
  report.kernel_end = {.tcp_bytes = 2000, .slab_bytes = 549'000};
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const std::string text = ToJson(report);
  ASSERT_EQ(parser.parse(text).get(json), simdjson::SUCCESS) << text;
  EXPECT_EQ(NumberAt(json, "/slow/updates"), 5);
  EXPECT_EQ(NumberAt(json, "/storm/cut"), 50);
  EXPECT_EQ(NumberAt(json, "/storm/complete"), 1);
  EXPECT_EQ(NumberAt(json, "/storm/complete_us/max"), 2000);
  EXPECT_EQ(NumberAt(json, "/kernel/bytes_per_client"), 5000);
  EXPECT_THAT(ToText(report), HasSubstr("1 have all of their state again"));
}

}  // namespace
}  // namespace streamhub::load
