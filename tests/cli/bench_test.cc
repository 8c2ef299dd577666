// bench, run as people run it: small loads, on its own gateway and on others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/cli/bench_report.h"
#include "tests/cli/program.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A connection whose reads take at most 60 s.
int ConnectTo(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{.tv_sec = 60, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const auto* any = reinterpret_cast<const sockaddr*>(&address);
  if (connect(fd, any, sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

// 100 symbols that tick twice a second each, which beats of 50 ms all carry
// unless the machine stalls for half a second.
std::vector<std::string> SmallLoad(const std::string& transport,
                                   const std::string& encoding = "json") {
  return {"bench",   "--clients",          "20",      "--duration",
          "1",       "--warmup",           "0.2",     "--connect-rate",
          "1000",    "--transport",        transport, "--max-rate",
          "20",      "--server-symbols",   "100",     "--seed",
          "7",       "--ticks-per-second", "200",     "--json",
          "--check", "--check-share",      "0.8",     "--encoding",
          encoding};
}

void ExpectGoodReport(const std::string& transport,
                      const std::string& encoding = "json") {
  const Process::Ended ended = RunToEnd(SmallLoad(transport, encoding));
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_THAT(ended.out, HasSubstr("\"transport\":\"" + transport + "\""));
  EXPECT_THAT(ended.out, HasSubstr("\"encoding\":\"" + encoding + "\""));
  EXPECT_EQ(report.Number("/clients"), 20);
  EXPECT_EQ(report.Number("/connected"), 20);
  EXPECT_EQ(report.Number("/failed"), 0);
  EXPECT_EQ(report.Number("/symbols"), 100);
  EXPECT_NEAR(report.Number("/window_s"), 1, 0.5);
  // 20 clients, 10 symbols, 2 updates a second each.
  EXPECT_GT(report.Number("/updates"), 200);
  EXPECT_LT(report.Number("/updates"), 800);
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
  EXPECT_GE(report.Number("/check/share_min"), 0.8);
  EXPECT_GT(report.Number("/check/due"), 400);
  // Its gateway is gone.
  const auto pid = static_cast<pid_t>(report.Number("/server/pid"));
  EXPECT_TRUE(kill(pid, 0) != 0 && errno == ESRCH);
}

TEST(BenchTest, MeasuresAndChecksWebSocket) { ExpectGoodReport("ws"); }

TEST(BenchTest, MeasuresAndChecksServerSentEvents) { ExpectGoodReport("sse"); }

TEST(BenchTest, MeasuresAndChecksStreams) { ExpectGoodReport("stream"); }

TEST(BenchTest, MeasuresAndChecksLongPolling) { ExpectGoodReport("poll"); }

TEST(BenchTest, MeasuresAndChecksBinaryMessages) {
  for (const char* transport : {"ws", "stream", "poll"}) {
    SCOPED_TRACE(transport);
    ExpectGoodReport(transport, "fb");
  }
}

// Dozens of ticks of each symbol fall into every batch of the feed.
TEST(BenchTest, TheCheckFailsWhereUpdatesAreMissing) {
  const Process::Ended ended =
      RunToEnd({"bench", "--clients", "2", "--duration", "0.3", "--warmup", "0",
                "--max-rate", "unlimited", "--server-symbols", "10",
                "--ticks-per-second", "200000", "--json", "--check"});
  EXPECT_EQ(ended.status, 1) << ended.err;
  const Report report(ended.out);
  EXPECT_THAT(ended.out, HasSubstr("\"good\":false"));
  EXPECT_EQ(report.Number("/failed"), 0);
  EXPECT_EQ(report.Number("/check/clients_below"), 2);
  EXPECT_LT(report.Number("/check/share_min"), 0.5);
  EXPECT_EQ(report.Number("/check/states_equal"), 20);
}

// Some more arguments for SmallLoad().
Process::Ended RunSmallLoad(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = SmallLoad("ws");
  arguments.insert(arguments.end(), more.begin(), more.end());
  return RunToEnd(arguments);
}

TEST(BenchTest, MeasuresTheFloorInTurn) {
  Process::Ended ended;
  // A floor that a busy machine held up is none, and says so.
  for (int tries = 0; tries < 3 && ended.status != 0; ++tries) {
    ended = RunSmallLoad(
        {"--pairs", "2", "--server-cpu", "0", "--client-cpus", "0"});
  }
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/floor/failed"), 0);
  EXPECT_NEAR(report.Number("/floor/messages"), report.Number("/messages"),
              report.Number("/messages") / 2);
  EXPECT_GT(report.Number("/floor/cpu_us_per_update"), 0);
  EXPECT_GT(report.Number("/floor/ratio"), 0);
  EXPECT_GT(report.Number("/rounds/0/ratio"), 0);
  EXPECT_GT(report.Number("/rounds/1/ratio"), 0);
  EXPECT_FALSE(report.Has("/rounds/2"));
  EXPECT_EQ(report.Number("/ratio_median"), report.Number("/floor/ratio"));
}

TEST(BenchTest, WhatClientsSpinAwayIsNotTheirWork) {
  const Process::Ended ended = RunSmallLoad({"--spin"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/check/states_equal"), 200);
  EXPECT_GT(report.Number("/client/cpu_s"), 0);
  EXPECT_LT(report.Number("/client_cpu_share"), 0.5);
}

TEST(BenchTest, ClientsMayLiveInSeveralProcesses) {
  const Process::Ended ended =
      RunSmallLoad({"--processes", "3", "--threads", "2"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/processes"), 3);
  EXPECT_EQ(report.Number("/connected"), 20);
  EXPECT_EQ(report.Number("/first_data_us/count"), 20);
  EXPECT_GT(report.Number("/updates"), 200);
  EXPECT_EQ(report.Number("/check/states_equal"), 200);
  EXPECT_GE(report.Number("/check/share_min"), 0.8);
  EXPECT_GT(report.Number("/client/rss_bytes"), 3e6);
}

TEST(BenchTest, SlowClientsEndOnTheRightValues) {
  for (const char* rate : {"0", "300"}) {
    SCOPED_TRACE(rate);
    const Process::Ended ended =
        RunSmallLoad({"--slow-share", "0.25", "--slow-rate", rate});
    EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
    const Report report(ended.out);
    EXPECT_EQ(report.Number("/check/states_equal"), 200);
    EXPECT_LT(report.Number("/slow/updates"),
              report.Number("/updates") / 4 + 1);
    EXPECT_GT(report.Number("/latency_us/count"), 0);
  }
}

TEST(BenchTest, AfterAStormAllHaveTheirStateAgain) {
  const Process::Ended ended =
      RunSmallLoad({"--storm-share", "0.5", "--storm-within", "0.3"});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/storm/cut"), 10);
  EXPECT_EQ(report.Number("/storm/complete"), 10);
  EXPECT_GT(report.Number("/storm/last_us"), 0);
  EXPECT_EQ(report.Number("/storm/survivors_gap_us/count"), 10);
  EXPECT_EQ(report.Number("/connect_us/count"), 20) << "of the first time";
  EXPECT_EQ(report.Number("/check/states_equal"), 200);
}

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
                "--server-arg=--threads=1", "--server-symbols", "10",
                "--max-rate", "33"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out,
              StartsWith("3 ws clients (json), each with 10 of 10 symbols"));
  EXPECT_THAT(ended.out, HasSubstr(" --threads=1\n"));
  EXPECT_THAT(ended.out, HasSubstr("max_rate 33 (granted: 20), on"));
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

TEST(BenchTest, ItsGatewayDiesWithIt) {
  Process bench(
      Line({"bench", "--clients", "1", "--duration", "600", "--progress",
            "--warmup", "0", "--server-arg=--handshake-ms=3600000"}));
  const std::string line = AwaitLog(bench, "its gateway: http://127.0.0.1:");
  const int port = std::atoi(line.c_str() + line.rfind(':') + 1);
  ASSERT_GT(port, 0) << line;
  const int fd = ConnectTo(port);
  ASSERT_GE(fd, 0);
  bench.Signal(SIGKILL);
  char byte;
  EXPECT_LE(recv(fd, &byte, 1, 0), 0) << "closed by its end";
  EXPECT_NE(errno, EAGAIN);
  close(fd);
  EXPECT_EQ(bench.Wait().status, 128 + SIGKILL);
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
  ExpectUsageError({"bench", "--clients", "900000", "--processes", "1"},
                   "--clients 900000: a process");
  ExpectUsageError({"bench", "--processes", "0"}, "--processes");
  ExpectUsageError({"bench", "--pairs", "0"}, "--pairs");
  ExpectUsageError({"bench", "--server-cpu", "-1"}, "--server-cpu");
  ExpectUsageError({"bench", "--client-cpus", "0,x"}, "--client-cpus");
  ExpectUsageError({"bench", "--server-cpu", "1000"},
                   "--server-cpu 1000: there is no such core");
  ExpectUsageError({"bench", "--client-cpus", "0,1000"},
                   "--client-cpus 1000: there is no such core");
  ExpectUsageError({"bench", "--url", "http://127.0.0.1:1", "--floor"},
                   "--server-pid");
  ExpectUsageError({"bench", "--url", "http://127.0.0.1:1", "--pairs", "2"},
                   "--server-pid");
  ExpectUsageError({"bench", "--url", ""}, "--url: must not be empty");
  ExpectUsageError({"bench", "--max-rate", "inf"}, "--max-rate inf");
  ExpectUsageError({"bench", "--storm-share", "0.5", "--storm-within", "1.6",
                    "--duration", "2"},
                   "--storm-within 1.6");
  ExpectUsageError({"bench", "--transport", "carrier"}, "--transport");
  ExpectUsageError({"bench", "--encoding", "xml"}, "--encoding");
  ExpectUsageError({"bench", "--max-rate", "fast"}, "--max-rate fast");
  ExpectUsageError({"bench", "--max-rate", "0.001"}, "--max-rate 0.001");
  for (const char* flag :
       {"--connect-rate", "--warmup", "--duration", "--check-share",
        "--ticks-per-second", "--slow-share", "--slow-rate", "--storm-share",
        "--storm-within"}) {
    ExpectUsageError({"bench", flag, "nan"}, flag);
  }
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
  ExpectUsageError({"bench", "--transport", "sse", "--encoding", "fb"},
                   "--encoding fb");
}

// Its gateway says itself what is wrong, in a line before.
TEST(BenchTest, AWrongArgumentOfItsGatewayIsWrongUse) {
  const Process::Ended ended =
      RunToEnd({"bench", "--clients", "1", "--server-arg=--heartbeat-ms=no"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--heartbeat-ms"));
  EXPECT_THAT(ended.err, HasSubstr("the gateway did not start"));
  const Process::Ended wide =
      RunToEnd({"bench", "--symbol-fields", "10", "--changed-fields", "10"});
  EXPECT_EQ(wide.status, 2);
  EXPECT_THAT(wide.err, HasSubstr("--changed-fields 10: expected fewer than"));
}

}  // namespace
}  // namespace streamhub
