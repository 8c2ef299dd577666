// A feed that reports trades, once their topics hold what they keep, allocates
// nothing for another one.

#include <gtest/gtest.h>

#include <string>

#include "feeds/publisher.h"
#include "tests/allocations/allocation_count.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

TEST(TapeAllocationTest, NoneForAnotherTrade) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  TestMarket test(100, TestMarket::Info(), /*tape=*/50);
  const SymbolId ids[] = {test.Add("A"), test.Add("B")};
  int64_t event_ns = 1'700'000'000 * kSecond;
  const auto trade = [&](int times) {
    for (int i = 0; i < times; ++i) {
      test.publisher.BeginBatch();
      for (const SymbolId id : ids) {
        event_ns += kMillisecond;
        test.publisher.Report(id,
                              {.price = 1'000'000 + i,
                               .size = 100 + i % 7,
                               .taker = Taker::kBuyer,
                               .id = "ccc3c1fa-212c-e8b0-1706-9b9c4f3d5ecf"},
                              event_ns);
      }
      test.publisher.EndBatch();
    }
  };
  trade(200);
  BeginAllocationCount(CountedThreads::kAll);
  trade(1000);
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 0) << counted.sites;
  EXPECT_EQ(test.counters.Get(Metric::kTrades), 2 * 1200);
}

}  // namespace
}  // namespace streamhub
