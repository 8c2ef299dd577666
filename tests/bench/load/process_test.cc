#include "bench/load/process.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <vector>

namespace streamhub::load {
namespace {

double OwnCpuSeconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

TEST(ProcessTest, ReadsWhatAProcessUses) {
  const auto before = UseOf(getpid());
  ASSERT_TRUE(before.ok());
  std::vector<char> memory(64 << 20, 'x');
  while (OwnCpuSeconds() < before->cpu_s + 0.1) memory[1] = memory[0];
  const auto after = UseOf(getpid());
  ASSERT_TRUE(after.ok());
  EXPECT_NEAR(after->cpu_s, OwnCpuSeconds(), 0.05);
  EXPECT_GT(after->rss_bytes, before->rss_bytes + (60 << 20));
  EXPECT_GE(after->peak_rss_bytes, after->rss_bytes);
}

TEST(ProcessTest, NobodyUsesNothing) { EXPECT_FALSE(UseOf(1 << 30).ok()); }

TEST(ProcessTest, OpenFilesAreRaisedToTheHardLimit) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(RaiseOpenFiles(), static_cast<int64_t>(limit.rlim_max));
}

}  // namespace
}  // namespace streamhub::load
