// What a comparison's table says of results that are given.

#include "bench/peers/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bench/peers/results.h"

namespace streamhub::peers {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kCaplin[] =
    R"({"name":"caplin-10","kind":"delivery","clients":5000,"each":10,)"
    R"("symbols":1000,"ticks_per_second":500,"duration_s":10,"pairs":3,)"
    R"("systems":[{"name":"gateway","max_rate":"unlimited"},)"
    R"({"name":"gateway-4","max_rate":"4"},)"
    R"({"name":"bun","max_rate":"unlimited"},)"
    R"({"name":"nchan","max_rate":"unlimited"}]})";

Workload Parsed(const std::string& json) {
  auto workload = ParseWorkload(json);
  EXPECT_TRUE(workload.ok()) << workload.status();
  return *workload;
}

// Of a round in which everything was delivered.
Result Once(const std::string& system, int64_t round, double cpu_us,
            double age_p99_ms = 10) {
  Result result;
  result.system = system;
  result.round = round;
  result.delivered = 1;
  result.updates_per_second = 25'000;
  result.cpu_us = cpu_us;
  result.age_p99_ms = age_p99_ms;
  result.bytes_per_client = 4000;
  if (system == "gateway") {
    result.floor_us_per_message = 10;
    result.floor_ratio = cpu_us / 10;
  }
  return result;
}

TEST(Results, WorkloadsSayWhatIsDue) {
  const Workload workload = Parsed(kCaplin);
  ASSERT_EQ(workload.systems.size(), 4u);
  EXPECT_TRUE(workload.systems[1].is_gateway());
  EXPECT_FALSE(workload.systems[2].is_gateway());
  // A symbol ticks every two seconds: a limit of 4 a second holds nothing back.
  EXPECT_DOUBLE_EQ(workload.Due(workload.systems[0]), 25'000);
  EXPECT_DOUBLE_EQ(workload.Due(workload.systems[1]), 25'000);
  EXPECT_DOUBLE_EQ(workload.Due({"gateway", 0.2}), 10'000);
}

TEST(Results, ReportsOfBothPrograms) {
  const Workload workload = Parsed(kCaplin);
  const auto result = ParseResult(
      R"({"version":1,"failed":2,"updates":50000,"updates_per_second":12500,)"
      R"("latency_us":{"p50":1500,"p99":20000},)"
      R"("first_data_us":{"p50":1000,"p99":2000,"max":3000},)"
      R"("server":{"cpu_us_per_update":12.5,"user_s":0.1,)"
      R"("bytes_per_client":4096,"rss_growth_bytes":-8192,"wait_s":0.5},)"
      R"("window_s":10,)"
      R"("floor":{"ratio":1.25,"cpu_us_per_message":10}})",
      workload, workload.systems[0], 2);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->system, "gateway");
  EXPECT_EQ(result->round, 2);
  EXPECT_EQ(result->failed, 2);
  EXPECT_DOUBLE_EQ(result->delivered, 0.5);
  EXPECT_DOUBLE_EQ(result->cpu_us, 12.5);
  EXPECT_DOUBLE_EQ(result->user_us, 2);
  EXPECT_DOUBLE_EQ(result->floor_ratio, 1.25);
  EXPECT_DOUBLE_EQ(result->floor_us_per_message, 10);
  EXPECT_DOUBLE_EQ(result->age_p50_ms, 1.5);
  EXPECT_DOUBLE_EQ(result->age_p99_ms, 20);
  EXPECT_DOUBLE_EQ(result->first_max_ms, 3);
  EXPECT_DOUBLE_EQ(result->growth_bytes, -8192);
  EXPECT_DOUBLE_EQ(result->waited, 0.05);
}

TEST(Results, AFloorThatDidNotKeepUpIsNone) {
  const Workload workload = Parsed(kCaplin);
  const auto result = ParseResult(
      R"({"version":1,"floor":{"ratio":null,"cpu_us_per_message":10}})",
      workload, workload.systems[0], 0);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->floor_ratio, 0);
  EXPECT_EQ(result->floor_us_per_message, 0);
}

TEST(Results, NonsenseIsRefused) {
  const Workload workload = Parsed(kCaplin);
  EXPECT_FALSE(ParseWorkload("").ok());
  EXPECT_FALSE(ParseWorkload("{}").ok());
  EXPECT_FALSE(ParseWorkload(R"({"kind":"x","symbols":1,"systems":[]})").ok());
  EXPECT_FALSE(
      ParseWorkload(R"({"kind":"storm","symbols":0,"systems":[]})").ok());
  for (const char* json : {"", "{", "[]", "{\"version\":2}"}) {
    EXPECT_FALSE(ParseResult(json, workload, workload.systems[0], 0).ok());
  }
}

// Ratios are those within a round: another round may be slower for all.
TEST(Table, SaysInWordsWhoIsAhead) {
  const std::string text = ToMarkdown(
      Parsed(kCaplin),
      {Once("gateway", 0, 12), Once("bun", 0, 10), Once("gateway", 1, 24),
       Once("bun", 1, 20), Once("gateway", 2, 15), Once("bun", 2, 10),
       Once("gateway-4", 0, 3), Once("gateway-4", 1, 6),
       Once("gateway-4", 2, 3)});
  EXPECT_THAT(text, HasSubstr("| gateway | 25000 | 100.0 % | 15.00 |"));
  EXPECT_THAT(text, HasSubstr("| 1.50 | - / 10.0 | 4.0 |"));
  EXPECT_THAT(text, HasSubstr("- **bun wins**, CPU for an update: gateway "
                              "takes 1.20 times as much.\n"));
  EXPECT_THAT(text, HasSubstr("- CPU for an update: gateway-4 takes 0.30 of "
                              "the best peer's, bun.\n"));
  EXPECT_THAT(text, HasSubstr("- 99th percentile of age: gateway and the best "
                              "peer, bun, are level (1.00).\n"));
  EXPECT_THAT(text, Not(HasSubstr("age: gateway-4")))
      << "it is held back on purpose";
  EXPECT_THAT(text, HasSubstr("| nchan | no result | | |"));
  EXPECT_THAT(text, HasSubstr("- nchan brought no result.\n"));
}

TEST(Table, WhoDeliversLessIsNotCompared) {
  Result lossy = Once("nchan", 0, 1);
  lossy.delivered = 0.63;
  Result refuser = Once("bun", 0, 1);
  refuser.failed = 7;
  const std::string text =
      ToMarkdown(Parsed(kCaplin), {Once("gateway", 0, 12), lossy, refuser});
  EXPECT_THAT(text, HasSubstr("- nchan delivered 63.0 % of what was due: not "
                              "compared.\n"));
  EXPECT_THAT(text, HasSubstr("- bun lost or refused up to 7 clients: not "
                              "compared.\n"));
  EXPECT_THAT(text,
              HasSubstr("- CPU for an update: no peer to compare gateway"));
  EXPECT_THAT(text, Not(HasSubstr("wins")));
  Result late = Once("bun", 0, 1);
  late.delivered = 1.4;
  EXPECT_THAT(ToMarkdown(Parsed(kCaplin), {Once("gateway", 0, 12), late}),
              HasSubstr("- bun was catching up with what it owed from before: "
                        "not compared.\n"));
}

TEST(Table, WhatIsNotKnownIsNoNumber) {
  Result gateway = Once("gateway", 0, 0, 0);
  gateway.bytes_per_client = gateway.floor_ratio = 0;
  EXPECT_THAT(
      ToMarkdown(Parsed(kCaplin), {gateway}),
      HasSubstr("| gateway | 25000 | 100.0 % | - | - | - | - / - | - |"));
  // Nor does it move the median of what is.
  Result known = Once("gateway", 1, 15), other = Once("gateway", 2, 20);
  EXPECT_THAT(ToMarkdown(Parsed(kCaplin), {gateway, known, other}),
              HasSubstr("| 1.50 | - / "));
}

TEST(Table, AGatewayThatDeliversLessSaysSo) {
  Result gateway = Once("gateway", 0, 1);
  gateway.delivered = 0.5;
  EXPECT_THAT(
      ToMarkdown(Parsed(kCaplin), {gateway, Once("bun", 0, 10)}),
      HasSubstr("But gateway did not deliver everything to everybody.\n"));
}

// Where nobody can take everything a cheap update may be an old one.
TEST(Table, WhereTicksAreConflatedTheAgeStandsBesideTheCost) {
  const Workload workload =
      Parsed(R"({"name":"hot","kind":"conflation","clients":500,"each":10,)"
             R"("symbols":100,"ticks_per_second":100000,"pairs":1,"systems":[)"
             R"({"name":"gateway-10","max_rate":"10"},)"
             R"({"name":"bun","max_rate":"unlimited"}]})");
  EXPECT_DOUBLE_EQ(workload.Due(workload.systems[0]), 50'000);
  Result bun = Once("bun", 0, 0.5, 9000);
  bun.delivered = 0.08;
  const std::string text =
      ToMarkdown(workload, {Once("gateway-10", 0, 1.5, 12), bun});
  EXPECT_THAT(text, HasSubstr("- **bun wins**, CPU for an update: gateway-10 "
                              "takes 3.00 times as much.\n  The age of what "
                              "they delivered: gateway-10 12 ms, bun 9000 ms."
                              "\n"));
  EXPECT_THAT(text, HasSubstr("- 99th percentile of age: gateway-10 takes "
                              "0.0013 of the best peer's, bun.\n"));
}

TEST(Table, StormsAreAboutTheFirstUpdate) {
  const Workload workload = Parsed(
      R"({"name":"storm","kind":"storm","clients":5000,"each":1,"symbols":1,)"
      R"("ticks_per_second":10,"pairs":1,"systems":[)"
      R"({"name":"gateway","max_rate":"unlimited"},)"
      R"({"name":"beast","max_rate":"unlimited"}]})");
  Result gateway = Once("gateway", 0, 1), beast = Once("beast", 0, 1);
  gateway.first_max_ms = 400;
  beast.first_max_ms = 1600;
  const std::string text = ToMarkdown(workload, {gateway, beast});
  EXPECT_THAT(text, HasSubstr("| beast | - / - / 1600 | 4.0 | 0 |\n"));
  EXPECT_THAT(text, HasSubstr("- time until the last client has its first "
                              "update: gateway takes 0.25 of the best peer's, "
                              "beast.\n"));
  EXPECT_THAT(text, Not(HasSubstr("CPU")));
}

}  // namespace
}  // namespace streamhub::peers
