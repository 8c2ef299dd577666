#include "bench/load/process.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <thread>
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

TEST(ProcessTest, UserAndSystemAreItsParts) {
  const auto use = UseOf(getpid());
  ASSERT_TRUE(use.ok());
  EXPECT_NEAR(use->user_s + use->system_s, use->cpu_s, 0.05);
  ProcessUse sum = *use;
  sum += *use;
  EXPECT_EQ(sum.cpu_s, 2 * use->cpu_s);
  EXPECT_EQ(sum.rss_bytes, 2 * use->rss_bytes);
}

TEST(ProcessTest, TheKernelHoldsSomething) {
  EXPECT_GT(UseOfKernel().slab_bytes, 1 << 20);
  EXPECT_GE(UseOfKernel().tcp_bytes, 0);
}

TEST(ProcessTest, AThreadRunsWhereItIsPinned) {
  cpu_set_t allowed;
  ASSERT_EQ(sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<size_t>(cpu), &allowed)) ++cpu;
  bool pinned = false;
  cpu_set_t after;
  std::thread([cpu, &pinned, &after] {
    pinned = PinThread(cpu);
    sched_getaffinity(0, sizeof after, &after);
  }).join();
  EXPECT_TRUE(pinned);
  EXPECT_EQ(CPU_COUNT(&after), 1);
  EXPECT_TRUE(CPU_ISSET(static_cast<size_t>(cpu), &after));
  EXPECT_FALSE(PinThread(-1));
  EXPECT_FALSE(PinThread(1 << 20));
}

TEST(ProcessTest, ToAskWhetherItCouldBePinnedPinsNobody) {
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  int cpu = 0;
  while (!CPU_ISSET(static_cast<size_t>(cpu), &before)) ++cpu;
  EXPECT_TRUE(CanPin(cpu));
  EXPECT_FALSE(CanPin(CPU_SETSIZE - 1));
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(ProcessTest, NobodyUsesNothing) { EXPECT_FALSE(UseOf(1 << 30).ok()); }

TEST(ProcessTest, OpenFilesAreRaisedToTheHardLimit) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(RaiseOpenFiles(), static_cast<int64_t>(limit.rlim_max));
}

}  // namespace
}  // namespace streamhub::load
