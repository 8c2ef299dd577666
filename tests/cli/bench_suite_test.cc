// bench with presets, over all transports, with what grows: small loads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/bench_report.h"
#include "tests/cli/program.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::Not;

// Few clients and short times, on whatever workload is asked for.
std::vector<std::string> Small(std::vector<std::string> arguments) {
  for (const char* argument :
       {"--clients", "5", "--warmup", "0", "--duration", "0.5"}) {
    arguments.emplace_back(argument);
  }
  arguments.insert(arguments.begin(), "bench");
  return arguments;
}

TEST(BenchSuiteTest, PresetsAreListedAndEachIsALineThatItTakes) {
  const Process::Ended listed = RunToEnd({"bench", "--list-presets"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("\nreconnect-storm\n"));
  // All of them are looked at before the first run, which finds no server.
  const std::string all =
      "caplin,lightstreamer,migratory,broadcast,hot,slow-mix,reconnect-storm,"
      "idle";
  const Process::Ended ended =
      RunToEnd(Small({"--preset", all, "--storm-within", "0.3",
                      "--server-arg=--no-such-flag"}));
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("the gateway did not start"));
}

TEST(BenchSuiteTest, APresetBringsItsMarketAndItsClients) {
  const Process::Ended ended =
      RunToEnd(Small({"--preset", "lightstreamer-s3", "--json", "--check",
                      "--check-share", "0.5"}));
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_THAT(ended.out, HasSubstr(R"("preset":"lightstreamer-s3")"));
  EXPECT_THAT(ended.out, HasSubstr("--changed-fields=3"));
  EXPECT_THAT(ended.out, HasSubstr(R"("max_rate":"unlimited")"));
  EXPECT_EQ(report.Number("/symbols"), 40);
  EXPECT_EQ(report.Number("/clients"), 5) << "typed: goes before the preset";
  EXPECT_EQ(report.Number("/check/states_equal"), 5);
}

// As many bytes as the workloads that they recreate.
TEST(BenchSuiteTest, UpdatesOfPresetsAreAsLargeAsPublished) {
  for (const auto& [preset, bytes] :
       {std::pair{"lightstreamer-s1", 1024}, {"migratory", 512}}) {
    SCOPED_TRACE(preset);
    const Process::Ended ended =
        RunToEnd(Small({"--preset", preset, "--json"}));
    EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
    const Report report(ended.out);
    EXPECT_NEAR(report.Number("/bytes") / report.Number("/updates"), bytes,
                bytes / 16);
  }
}

TEST(BenchSuiteTest, AllTransportsAreOneTableAndOnePage) {
  const std::string page = testing::TempDir() + "/bench_all.html";
  const Process::Ended ended =
      RunToEnd(Small({"--preset", "hot", "--ticks-per-second", "500",
                      "--all-transports", "--plot", page}));
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  for (const char* label : {"ws json", "ws fb", "sse", "stream", "poll"}) {
    EXPECT_THAT(ended.out, HasSubstr("--- " + std::string(label) + "\n"));
    EXPECT_THAT(ended.out, HasSubstr("\n" + std::string(label) + "  "));
  }
  EXPECT_THAT(ended.out, HasSubstr("5 ws clients (fb)"));
  EXPECT_THAT(ended.out, HasSubstr("5 poll clients (json)"));
  std::ifstream file(page);
  std::stringstream html;
  html << file.rdbuf();
  EXPECT_THAT(html.str(), HasSubstr("<h1>hot</h1>"));
  EXPECT_EQ(LinesWith(html.str(), "<tr><td>"), 5);
  EXPECT_THAT(html.str(),
              HasSubstr("--ticks-per-second 500 --preset hot --all-"));
  EXPECT_THAT(html.str(), Not(HasSubstr(page)));
}

TEST(BenchSuiteTest, GrowthIsARunForEachValue) {
  const Process::Ended ended = RunToEnd(
      {"bench", "--growth", "clients=2,4", "--warmup", "0", "--duration", "0.3",
       "--server-symbols", "10", "--ticks-per-second", "50", "--json"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_THAT(ended.out, HasSubstr(R"("growth":"clients")"));
  EXPECT_EQ(report.Number("/runs/0/value"), 2);
  EXPECT_EQ(report.Number("/runs/0/report/clients"), 2);
  EXPECT_EQ(report.Number("/runs/1/report/clients"), 4);
  EXPECT_FALSE(report.Has("/runs/2"));
}

// The second run asks for more symbols than there are.
TEST(BenchSuiteTest, OneThatDoesNotComeToItsEndIsNotGood) {
  Served served({"serve", "--symbols", "10", "--ticks-per-second", "200"});
  const Process::Ended ended = RunToEnd(
      {"bench", "--url", served.url(), "--clients", "2", "--growth",
       "symbols=5,20", "--warmup", "0", "--duration", "0.3", "--json"});
  EXPECT_NE(ended.status, 0);
  EXPECT_THAT(ended.err, HasSubstr("--symbols-per-client 20"));
  EXPECT_THAT(ended.out, HasSubstr(R"("good":false,"runs_planned":2)"));
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/runs/0/report/connected"), 2);
  EXPECT_FALSE(report.Has("/runs/1"));
}

TEST(BenchSuiteTest, AMarketThatDoesNotTickIsCheckedForWhatThereIs) {
  const Process::Ended ended =
      RunToEnd(Small({"--preset", "idle-10", "--check", "--json"}));
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/check/states_equal"), 50);
  EXPECT_EQ(report.Number("/check/due"), 0);
  EXPECT_THAT(ended.out, HasSubstr(R"("latency_us":{"count":0,"mean":null)"));
}

TEST(BenchSuiteTest, ARunThatIsWrongIsToldBeforeAnyBegins) {
  ExpectUsageError({"bench", "--preset", "nobody"}, "--preset nobody");
  ExpectUsageError({"bench", "--preset", "hot", "--url", "http://127.0.0.1:1"},
                   "--url");
  ExpectUsageError({"bench", "--scale", "2"}, "--preset");
  ExpectUsageError({"bench", "--all-transports", "--transport", "sse"},
                   "--transport");
  ExpectUsageError({"bench", "--growth", "colours=1"}, "--growth colours=1");
  ExpectUsageError(
      {"bench", "--growth", "clients=5,900000", "--processes", "1"},
      "--clients 900000");
  ExpectUsageError({"bench", "--growth", "symbols=5,2000"},
                   "--symbols-per-client");
  ExpectUsageError(
      {"bench", "--growth", "rate=1,2", "--url", "http://127.0.0.1:1"},
      "--growth rate");
  ExpectUsageError({"bench", "--plot", "/nowhere/at/all.html"},
                   "--plot /nowhere/at/all.html");
  ExpectUsageError({"bench", "--plot", ""}, "--plot: must not be empty");
  ExpectUsageError({"bench", "--preset", "reconnect-storm", "--duration", "2"},
                   "--storm-within 5");
}

}  // namespace
}  // namespace streamhub
