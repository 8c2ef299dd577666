// A recorder that is killed while it writes a million ticks a second: what it
// has written reads back to the last whole block, and little more is lost than
// what one block holds.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "feeds/recorder/log_folder.h"
#include "gateway/base/clock.h"
#include "tests/cli/program.h"
#include "tests/feeds/recorder/logged.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using Kind = TickRecord::Kind;

constexpr int kKills = 20;
constexpr int kSoonestMs = 100, kLatestMs = 700;
// A busy machine writes late; an idle one loses some 50 ms.
constexpr int64_t kLostNsMax = 2 * kSecond;

struct Killed {
  int64_t ticks = 0;
  int64_t gaps = 0, lost = 0;
  int64_t lost_at_end_ns = 0;
};

// What the files of a folder hold, recorded from `began_ns` until `killed_ns`;
// each file has to be good.
Killed Inspect(const std::string& folder, int64_t began_ns, int64_t killed_ns) {
  Killed killed;
  int64_t last_ns = began_ns;  // no block may be whole yet
  for (const std::string& path : ListLogs(folder)) {
    const LoggedFile file = ReadLog(path);
    EXPECT_EQ(file.wrong, "") << path;
    ExpectReadBackAlike(path, file);
    for (const Logged& record : file.records) {
      if (record.kind == Kind::kGap) {
        ++killed.gaps;
        killed.lost += static_cast<int64_t>(record.lost);
      }
      if (record.kind != Kind::kTick) continue;
      ++killed.ticks;
      EXPECT_GE(record.time_ns, last_ns);
      last_ns = record.time_ns;
    }
  }
  killed.lost_at_end_ns = killed_ns - last_ns;
  return killed;
}

TEST(RecordKillTest, WhatWasWrittenReadsBackToTheLastWholeBlock) {
  std::mt19937 random(1);
  int whole = 0;
  int64_t ticks = 0, worst_ns = 0;
  for (int i = 0; i < kKills; ++i) {
    const TemporaryFolder folder;
    const int64_t began_ns = SystemClock().WallNs();
    // Small files now and then, so that it is killed while it begins one, too.
    Process process(Line({"record", folder.path(), "--ticks-per-second", "1e6",
                          "--record-rotate-mb", i % 4 == 3 ? "1" : "0"}));
    ASSERT_THAT(process.ReadLine(), HasSubstr("recording in "));
    // The moment is what the test is about: nothing is waited for.
    const int wait_ms =
        kSoonestMs + static_cast<int>(random() % (kLatestMs - kSoonestMs));
    poll(nullptr, 0, wait_ms);
    process.Signal(SIGKILL);
    const int64_t killed_ns = SystemClock().WallNs();
    EXPECT_EQ(process.Wait().status, 128 + SIGKILL);
    const Killed killed = Inspect(folder.path(), began_ns, killed_ns);
    std::printf(
        "killed after %3d ms: %7lld ticks read back, the last %3lld ms before; "
        "%lld gaps of %lld\n",
        wait_ms, static_cast<long long>(killed.ticks),
        static_cast<long long>(killed.lost_at_end_ns / kMillisecond),
        static_cast<long long>(killed.gaps),
        static_cast<long long>(killed.lost));
    ticks += killed.ticks;
    EXPECT_LT(killed.lost_at_end_ns, kLostNsMax);
    if (!HasFailure()) ++whole;
    worst_ns = std::max(worst_ns, killed.lost_at_end_ns);
  }
  EXPECT_GT(ticks, 0);
  std::printf("%d of %d read back; the longest loss at an end %lld ms\n", whole,
              kKills, static_cast<long long>(worst_ns / kMillisecond));
}

}  // namespace
}  // namespace streamhub
