// Derived symbols, once they are there, are computed and published without
// allocating.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feeds/derived/derived_engine.h"
#include "tests/allocations/allocation_count.h"
#include "tests/support/test_market.h"

namespace streamhub::derived {
namespace {

TEST(DerivedAllocationTest, NoneForAnotherTick) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  TestMarket test;
  const auto sets = AddFeedSets(test.market);
  ShardWake& wake = test.market.AddShard([] {});
  Counters counters;
  Publisher publisher(test.market, sets[0].feed, counters, test.clock);
  const std::vector<std::string> texts = {"M=mid(A)", "X=cross(A,B)",
                                          "Y=basket(X,0.5*M,-1*C) divisor=3"};
  DerivedEngine engine(MakePlan(texts).value(), sets, {&publisher}, wake);
  const SymbolId ids[] = {test.Add("A"), test.Add("B"), test.Add("C")};
  test.publisher.SetStatus(FeedStatus::kLive);
  const auto ticks = [&](int times) {
    for (int i = 0; i < times; ++i) {
      for (const SymbolId id : ids) {
        test.Tick(id, {{FieldId::kBid, 100 + i},
                       {FieldId::kAsk, 102 + i},
                       {FieldId::kLast, 101 + i}});
      }
      test.clock.Advance(kMillisecond);
      engine.Turn();
    }
  };
  ticks(100);
  const int64_t before = engine.computed();
  BeginAllocationCount(CountedThreads::kAll);
  ticks(1000);
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 0) << counted.sites;
  EXPECT_EQ(engine.computed(), before + 3 * 1000);
}

}  // namespace
}  // namespace streamhub::derived
