#include "gateway/base/quota.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

namespace streamhub {
namespace {

TEST(QuotaTest, ItGivesNoMoreThanThereIs) {
  Quota quota(2);
  Quota::Slot first = quota.Take();
  {
    Quota::Slot second = quota.Take();
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(quota.Take());
  }
  EXPECT_TRUE(quota.Take());
  const Quota::Slot moved = std::move(first);
  EXPECT_TRUE(moved);
  Quota::Slot last = quota.Take();
  EXPECT_TRUE(last);
  EXPECT_FALSE(quota.Take());
  last = Quota::Slot();
  EXPECT_TRUE(quota.Take());
}

TEST(QuotaTest, ThreadsShareIt) {
  constexpr int kMax = 3;
  Quota quota(kMax);
  std::atomic<int> inside = 0, most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 10'000; ++turn) {
        const Quota::Slot slot = quota.Take();
        if (!slot) continue;
        const int now = ++inside;
        int before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, kMax);
  std::vector<Quota::Slot> all;
  for (int i = 0; i < kMax; ++i) all.push_back(quota.Take());
  EXPECT_TRUE(all.back());
  EXPECT_FALSE(quota.Take());
}

}  // namespace
}  // namespace streamhub
