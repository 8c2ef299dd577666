// bench where something goes wrong while it measures, or could not but go
// wrong.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/bench_report.h"
#include "tests/cli/program.h"

namespace streamhub {
namespace {

using testing::HasSubstr;

// What came before it stood still is read, and looks as fresh as ever.
TEST(BenchTroubleTest, AGatewayThatStandsStillIsNotGood) {
  Served served({"serve", "--symbols", "20", "--ticks-per-second", "500"});
  Process bench(
      Line({"bench", "--url", served.url(), "--clients", "3", "--warmup", "2",
            "--duration", "1", "--json", "--progress"}));
  AwaitLog(bench, "warming up: 3 of 3 clients are in");
  served.process().Signal(SIGSTOP);
  const Process::Ended ended = bench.Wait();
  served.process().Signal(SIGCONT);
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("\"trouble\":\"no update came"));
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/failed"), 0);
  EXPECT_GE(report.Number("/longest_gap_us"), 500'000);
}

// Nobody waits for the clients of a process that was killed.
TEST(BenchTroubleTest, AProcessWithClientsThatIsGoneIsTold) {
  std::vector<std::string> line =
      Line({"bench", "--clients", "30", "--processes", "3", "--connect-rate",
            "1", "--server-symbols", "10", "--progress"});
  line.insert(line.begin(),
              {"/bin/sh", "-c", "echo $$ >&2; exec \"$0\" \"$@\""});
  Process bench(line);
  const std::string own = bench.ReadErrorLine();
  AwaitLog(bench, "connecting: ");
  // Its gateway is the first one of them.
  std::ifstream children("/proc/" + own + "/task/" + own + "/children");
  pid_t last = 0;
  int count = 0;
  for (pid_t pid = 0; children >> pid; ++count) last = pid;
  ASSERT_EQ(count, 4);
  kill(last, SIGKILL);
  const Process::Ended ended = bench.Wait();
  EXPECT_EQ(ended.status, 1) << ended.out;
  EXPECT_THAT(ended.err,
              HasSubstr("streamhub: a process with clients has ended early"));
}

TEST(BenchTroubleTest, FilesOfThreadsCountAsWell) {
  std::vector<std::string> line =
      Line({"bench", "--clients", "5", "--threads", "64"});
  line.insert(line.begin(),
              {"/bin/sh", "-c", "ulimit -n 130; exec \"$0\" \"$@\""});
  const Process::Ended ended = Process(line).Wait();
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("--threads 64: a process may open 130"));
}

}  // namespace
}  // namespace streamhub
