#include "bench/load/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>

namespace streamhub::load {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Line = std::map<std::string, std::string>;

// A command line: what was typed, and defaults.
TypedFlags Typed(const Line& typed = {}) {
  Line all = {{"--transport", "ws"},
              {"--encoding", "json"},
              {"--ticks-per-second", "500"}};
  for (const auto& [name, value] : typed) all[name] = value;
  return {[typed](const std::string& name) { return typed.contains(name); },
          [all](const std::string& name) { return all.at(name); }, 20'000};
}

std::string Value(const RunSpec& spec, const std::string& name) {
  std::string found;
  for (const Flag& flag : spec.flags) {
    if (flag.name != name) continue;
    EXPECT_TRUE(found.empty()) << name << " is there twice";
    found = flag.value;
  }
  return found;
}

TEST(SuiteTest, NothingMoreIsOneRunWithWhatWasTyped) {
  const auto runs = PlanRuns({}, Typed({{"--transport", "sse"}}));
  ASSERT_TRUE(runs.ok());
  ASSERT_THAT(*runs, SizeIs(1));
  EXPECT_EQ((*runs)[0].label, "sse json");
  EXPECT_THAT((*runs)[0].flags, IsEmpty());
}

TEST(SuiteTest, WhatWasTypedGoesBeforeAPreset) {
  SuiteOptions options;
  options.presets = {"broadcast"};
  options.scale = 0.1;
  auto runs = PlanRuns(options, Typed());
  ASSERT_TRUE(runs.ok());
  ASSERT_THAT(*runs, SizeIs(1));
  EXPECT_EQ((*runs)[0].label, "broadcast");
  EXPECT_EQ((*runs)[0].preset, "broadcast");
  EXPECT_EQ(Value((*runs)[0], "--clients"), "500");
  EXPECT_EQ(Value((*runs)[0], "--max-rate"), "unlimited");
  EXPECT_EQ(Value((*runs)[0], "--ticks-per-second"), "10");
  runs = PlanRuns(options, Typed({{"--clients", "7"}, {"--max-rate", "2"}}));
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(Value((*runs)[0], "--clients"), "");
  EXPECT_EQ(Value((*runs)[0], "--max-rate"), "");
  EXPECT_EQ(Value((*runs)[0], "--ticks-per-second"), "10");
}

TEST(SuiteTest, PresetsTimesTransportsTimesValues) {
  SuiteOptions options;
  options.presets = {"caplin", "hot"};
  options.all_transports = true;
  options.growth = "clients=10,20";
  const auto runs = PlanRuns(options, Typed({{"--clients", "3"}}));
  ASSERT_TRUE(runs.ok());
  ASSERT_THAT(*runs, SizeIs(4 * 5 * 2));
  EXPECT_EQ((*runs)[0].label, "caplin-2, ws json, clients=10");
  EXPECT_EQ((*runs)[0].series, "caplin-2, ws json");
  EXPECT_EQ(Value((*runs)[0], "--clients"), "10");
  EXPECT_EQ((*runs)[1].value, 20);
  EXPECT_EQ(Value((*runs)[1], "--clients"), "20");
  EXPECT_EQ((*runs)[2].label, "caplin-2, ws fb, clients=10");
  EXPECT_EQ(Value((*runs)[2], "--encoding"), "fb");
  EXPECT_EQ((*runs)[39].label, "hot, poll, clients=20");
  EXPECT_EQ(Value((*runs)[39], "--transport"), "poll");
  EXPECT_EQ(Value((*runs)[39], "--ticks-per-second"), "100000");
}

TEST(SuiteTest, RateMultipliesTheTicksOfWhicheverSaysThem) {
  SuiteOptions options;
  options.growth = "rate=0.5,10";
  auto runs = PlanRuns(options, Typed());
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(Value((*runs)[0], "--ticks-per-second"), "250");
  EXPECT_EQ(Value((*runs)[1], "--ticks-per-second"), "5000");
  EXPECT_EQ((*runs)[1].label, "rate=10");
  EXPECT_EQ((*runs)[1].series, "ws json");
  options.presets = {"broadcast"};
  runs = PlanRuns(options, Typed());
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(Value((*runs)[1], "--ticks-per-second"), "100");
  runs = PlanRuns(options, Typed({{"--ticks-per-second", "3"}}));
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ(Value((*runs)[1], "--ticks-per-second"), "30");
}

TEST(SuiteTest, GrowthIsAVariableAndValues) {
  const auto growth = ParseGrowth("symbols=1,10,100");
  ASSERT_TRUE(growth.ok());
  EXPECT_EQ(growth->variable, "symbols");
  EXPECT_THAT(growth->values, ElementsAre(1, 10, 100));
  EXPECT_EQ(ParseGrowth("")->variable, "");
  for (const char* text :
       {"clients", "clients=", "clients=0", "clients=-1", "clients=1.5",
        "clients=1,,2", "clients=nan", "clients=1e99", "=1", "fields=1",
        "rate=x",
        "rate=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,"
        "22,23,24,25,26,27,28,29,30,31,32,33"}) {
    const absl::Status status = ParseGrowth(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(status.ToString(), HasSubstr("--growth"));
  }
}

RunResult Measured(const std::string& label, int64_t updates) {
  RunResult result;
  result.spec.label = label;
  result.spec.preset = "hot";
  result.spec.value = 20;
  result.report.clients = 20;
  result.report.window_s = 2;
  result.report.tally.updates = updates;
  result.report.tally.latency_us.Add(100'000);
  result.report.server.emplace().end.cpu_s = 0.5;
  return result;
}

TEST(SuiteTest, TheTableHasARowForEachRun) {
  const std::string table =
      TableText({Measured("ws json", 1000), Measured("a longer name", 500)});
  EXPECT_THAT(table, HasSubstr("\nws json            20        500 "));
  EXPECT_THAT(table, HasSubstr("\na longer name      20        250 "));
  EXPECT_THAT(table, HasSubstr(" 500.00 ")) << "us of CPU for an update";
  EXPECT_THAT(table, HasSubstr(" 1000.00 "));
}

TEST(SuiteTest, TheTableTellsTheMedianRatioToTheFloor) {
  RunResult result = Measured("ws json", 1000);
  EXPECT_EQ(TimesFloor(result.report), 0) << "no floor was measured";
  result.report.rounds.resize(3);
  result.report.rounds[0].ratio = 1.5;
  result.report.rounds[1].ratio = 1.125;
  result.report.rounds[2].ratio = 1.0625;
  EXPECT_EQ(TimesFloor(result.report), 1.125);
  EXPECT_THAT(TableText({result}), HasSubstr(" 1.12 "));
}

TEST(SuiteTest, TheTableHasNoNumbersOfWhatIsNotKnown) {
  RunResult result = Measured("ws json", 1000);
  result.report.server.reset();
  EXPECT_THAT(
      TableText({result}),
      HasSubstr("    100.00         -      -         -               -  "
                "good\n"));
  result = Measured("ws json", 1000);
  result.report.tally.latency_us = {};
  result.report.tally.recording.deliveries.messages = 100;
  result.report.floor.emplace().messages = 50;
  EXPECT_THAT(TableText({result}),
              HasSubstr("        -         -         -         -     25    "
                        "500.00       -     0.0  NOT GOOD: the floor did not"));
}

TEST(SuiteTest, JsonHasTheReportsAndWhatTellsThemApart) {
  simdjson::dom::parser parser;
  simdjson::dom::element json;
  const std::string text =
      ToJson({"clients", {20}}, 2, {Measured("x \"y\"", 1), Measured("z", 2)});
  ASSERT_EQ(parser.parse(text).get(json), simdjson::SUCCESS) << text;
  bool good = false;
  ASSERT_EQ(json.at_pointer("/good").get(good), simdjson::SUCCESS);
  EXPECT_TRUE(good);
  EXPECT_THAT(ToJson({}, 3, {Measured("x", 1)}),
              HasSubstr("\"good\":false,\"runs_planned\":3,"))
      << "two did not come";
  std::string_view string;
  ASSERT_EQ(json.at_pointer("/runs/0/label").get(string), simdjson::SUCCESS);
  EXPECT_EQ(string, "x \"y\"");
  ASSERT_EQ(json.at_pointer("/growth").get(string), simdjson::SUCCESS);
  EXPECT_EQ(string, "clients");
  double number = 0;
  ASSERT_EQ(json.at_pointer("/runs/1/report/updates").get(number),
            simdjson::SUCCESS);
  EXPECT_EQ(number, 2);
  ASSERT_EQ(json.at_pointer("/runs/1/value").get(number), simdjson::SUCCESS);
  EXPECT_EQ(number, 20);
}

}  // namespace
}  // namespace streamhub::load
