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
}

}  // namespace
}  // namespace streamhub::load
