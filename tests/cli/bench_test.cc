// bench, run as people run it: small loads, on its own gateway and on others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <simdjson.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/cli/program.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A report of bench --json.
class Report {
 public:
  explicit Report(const std::string& text) : text_(text) {
    EXPECT_EQ(parser_.parse(text_).get(json_), simdjson::SUCCESS) << text_;
  }

  double Number(const char* pointer) const {
    double number = -1;
    EXPECT_EQ(json_.at_pointer(pointer).get(number), simdjson::SUCCESS)
        << pointer << " in " << text_;
    return number;
  }
  bool Has(const char* pointer) const {
    return json_.at_pointer(pointer).error() == simdjson::SUCCESS;
  }

 private:
  const std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element json_;
};

// 100 symbols that tick ten times a second each, all of which is due.
std::vector<std::string> SmallLoad(const std::string& transport) {
  return {"bench",  "--clients",          "20",      "--duration",
          "1",      "--warmup",           "0.2",     "--connect-rate",
          "1000",   "--transport",        transport, "--max-rate",
          "20",     "--server-symbols",   "100",     "--seed",
          "7",      "--ticks-per-second", "1000",    "--json",
          "--check"};
}

void ExpectGoodReport(const std::string& transport) {
  const Process::Ended ended = RunToEnd(SmallLoad(transport));
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_THAT(ended.out, HasSubstr("\"transport\":\"" + transport + "\""));
  EXPECT_EQ(report.Number("/clients"), 20);
  EXPECT_EQ(report.Number("/connected"), 20);
  EXPECT_EQ(report.Number("/failed"), 0);
  EXPECT_EQ(report.Number("/symbols"), 100);
  EXPECT_NEAR(report.Number("/window_s"), 1, 0.5);
  // 20 clients, 10 symbols, 10 updates a second each.
  EXPECT_GT(report.Number("/updates"), 1000);
  EXPECT_LT(report.Number("/updates"), 4000);
  EXPECT_GT(report.Number("/messages"), 0);
  EXPECT_GT(report.Number("/bytes"), 100 * report.Number("/updates") / 2);
  EXPECT_GT(report.Number("/latency_us/count"), 0);
  EXPECT_LE(report.Number("/latency_us/p50"), report.Number("/latency_us/p99"));
  EXPECT_LE(report.Number("/latency_us/p99"), report.Number("/latency_us/max"));
  EXPECT_LE(report.Number("/delivery_us/p50"),
            report.Number("/latency_us/max"));
  EXPECT_EQ(report.Number("/connect_us/count"), 20);
  EXPECT_EQ(report.Number("/first_data_us/count"), 20);
  EXPECT_GT(report.Number("/server/pid"), 0);
  EXPECT_GT(report.Number("/server/rss_bytes"), 1e6);
  EXPECT_EQ(report.Number("/check/states_equal"), 200);
  EXPECT_EQ(report.Number("/check/states_different"), 0);
  EXPECT_EQ(report.Number("/check/states_behind"), 0);
  EXPECT_GE(report.Number("/check/share_min"), 0.95);
  EXPECT_GT(report.Number("/check/due"), 2000);
  // Its gateway is gone.
  const auto pid = static_cast<pid_t>(report.Number("/server/pid"));
  EXPECT_TRUE(kill(pid, 0) != 0 && errno == ESRCH);
}

TEST(BenchTest, MeasuresAndChecksWebSocket) { ExpectGoodReport("ws"); }

TEST(BenchTest, MeasuresAndChecksServerSentEvents) { ExpectGoodReport("sse"); }

TEST(BenchTest, MeasuresAnyGatewayOnWhichTheFeedGoesOn) {
  Served served({"serve", "--symbols", "50", "--ticks-per-second", "100"});
  const Process::Ended ended = RunToEnd({"bench",
                                         "--url",
                                         served.url(),
                                         "--clients",
                                         "5",
                                         "--threads",
                                         "2",
                                         "--symbols-of",
                                         "20",
                                         "--symbols-per-client",
                                         "3",
                                         "--warmup",
                                         "0",
                                         "--duration",
                                         "0.5",
                                         "--fields",
                                         "bid,quote_time",
                                         "--max-rate",
                                         "unlimited",
                                         "--json",
                                         "--check",
                                         "--check-share",
                                         "0",
                                         "--progress"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/symbols"), 20);
  EXPECT_EQ(report.Number("/connected"), 5);
  EXPECT_EQ(report.Number("/check/states_equal"), 15);
  EXPECT_FALSE(report.Has("/server")) << "nobody said which process it is";
  EXPECT_EQ(served.Stop().status, 0);
}

TEST(BenchTest, SaysInTextWhatTheNumbersContain) {
  const Process::Ended ended =
      RunToEnd({"bench", "--clients", "3", "--warmup", "0", "--duration", "0.3",
                "--server-arg=--threads=1", "--server-symbols", "10"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out,
              StartsWith("3 ws clients, each with 10 of 10 symbols"));
  EXPECT_THAT(ended.out, HasSubstr(" --threads=1\n"));
  EXPECT_THAT(ended.out, HasSubstr("contains the wait for the beat"));
  EXPECT_THAT(ended.out, HasSubstr("us per update"));
  EXPECT_THAT(ended.out, Not(HasSubstr("check ")));
}

TEST(BenchTest, ASignalEndsItAndItsGateway) {
  Process bench(Line({"bench", "--clients", "2", "--duration", "600", "--json",
                      "--progress", "--warmup", "0"}));
  AwaitLog(bench, "measuring: 2 of 2 clients are in");
  bench.Signal(SIGTERM);
  const Process::Ended ended = bench.Wait();
  EXPECT_EQ(ended.status, 1);
  const Report report(ended.out);
  EXPECT_THAT(ended.out, HasSubstr("\"stopped\":true"));
  const auto pid = static_cast<pid_t>(report.Number("/server/pid"));
  EXPECT_TRUE(kill(pid, 0) != 0 && errno == ESRCH);
}

TEST(BenchTest, ClientsThatFailAreCountedByKind) {
  const Process::Ended ended =
      RunToEnd({"bench", "--clients", "3", "--warmup", "0", "--duration", "0.2",
                "--server-arg=--sessions-max=1", "--json"});
  EXPECT_EQ(ended.status, 1);
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/failed"), 2);
  EXPECT_EQ(report.Number("/errors/closed with code 4004"), 2);
}

TEST(BenchTest, AGatewayThatIsNotThereIsTold) {
  const Process::Ended ended =
      RunToEnd({"bench", "--url", "http://127.0.0.1:1", "--clients", "1"});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.err, "streamhub: 127.0.0.1:1: Connection refused\n");
  EXPECT_THAT(ended.out, IsEmpty());
}

TEST(BenchTest, WrongUseNamesTheFlag) {
  ExpectUsageError({"bench", "--clients", "0"}, "--clients");
  ExpectUsageError({"bench", "--clients", "900000"}, "--clients 900000: this");
  ExpectUsageError({"bench", "--transport", "carrier"}, "--transport");
  ExpectUsageError({"bench", "--encoding", "xml"}, "--encoding");
  ExpectUsageError({"bench", "--max-rate", "fast"}, "--max-rate fast");
  ExpectUsageError({"bench", "--max-rate", "0.001"}, "--max-rate 0.001");
  ExpectUsageError({"bench", "--fields", "bid,bidd"}, "--fields bidd");
  ExpectUsageError({"bench", "--check", "--fields", "last"}, "--check");
  ExpectUsageError(
      {"bench", "--symbols-per-client", "20", "--server-symbols", "10"},
      "--symbols-per-client 20");
  ExpectUsageError({"bench", "--url", "https://x"}, "https://x");
  ExpectUsageError(
      {"bench", "--url", "http://127.0.0.1:1", "--ticks-per-second", "5"},
      "--ticks-per-second");
  ExpectUsageError({"bench", "--server-pid", "5"}, "--server-pid");
}

// Its gateway says itself what is wrong, in a line before.
TEST(BenchTest, AWrongArgumentOfItsGatewayIsWrongUse) {
  const Process::Ended ended =
      RunToEnd({"bench", "--clients", "1", "--server-arg=--heartbeat-ms=no"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--heartbeat-ms"));
  EXPECT_THAT(ended.err, HasSubstr("the gateway did not start"));
}

}  // namespace
}  // namespace streamhub
