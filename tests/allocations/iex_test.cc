// Segments of TOPS and DEEP, from the payload to the cache and the tape: once
// every security has been heard of, nothing is allocated for another one.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "feeds/iex/iex_handler.h"
#include "feeds/iex/receiver.h"
#include "feeds/iex/writer.h"
#include "tests/allocations/allocation_count.h"
#include "tests/support/test_market.h"

namespace streamhub::iex {
namespace {

// Levels that come and go, quotes, trades and a break.
std::vector<std::string> Segments(Protocol protocol) {
  SegmentWriter writer(protocol, 1);
  std::vector<std::string> segments;
  for (int64_t i = 0; i < 2'000; ++i) {
    const Symbol symbol = MakeSymbol(i % 2 == 0 ? "ALPHA" : "OMEGA");
    const auto size = static_cast<uint32_t>(i / 2 % 20 < 10 ? 100 : 0);
    const int64_t price = 10'000 + i / 2 % 10;
    if (protocol == Protocol::kDeep) {
      writer.Add(PriceLevel{Side::kBuy, 1, i, symbol, size, price});
    } else {
      writer.Add(QuoteUpdate{0, i, symbol, size, price, price + 1, 7});
    }
    writer.Add(Trade{0, i, symbol, 3, price, i});
    if (i % 10 == 0) writer.Add(TradeBreak{0, i, symbol, 3, price, i});
    segments.push_back(writer.Cut(i));
    segments.push_back(writer.Cut(i));
  }
  return segments;
}

class IexAllocationTest : public testing::TestWithParam<Protocol> {};

TEST_P(IexAllocationTest, NoneForAnotherSegment) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  TestMarket test(100, TestMarket::Info(), /*tape=*/50);
  IexHandler handler(test.publisher);
  Receiver receiver(test.counters);
  const std::vector<std::string> segments = Segments(GetParam());
  bool ok = true;
  const auto take = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const auto* const bytes =
          reinterpret_cast<const uint8_t*>(segments[i].data());
      test.publisher.BeginBatch();
      ok &= receiver.Take({bytes, segments[i].size()}, 1, handler).ok();
      test.publisher.EndBatch();
    }
  };
  take(0, segments.size() / 2);
  BeginAllocationCount(CountedThreads::kAll);
  take(segments.size() / 2, segments.size());
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 0) << counted.sites;
  EXPECT_TRUE(ok);
  EXPECT_EQ(handler.traded().reports, 2'000);
}

INSTANTIATE_TEST_SUITE_P(Protocols, IexAllocationTest,
                         testing::Values(Protocol::kTops, Protocol::kDeep),
                         [](const auto& protocol) {
                           return protocol.param == Protocol::kTops ? "Tops"
                                                                    : "Deep";
                         });

}  // namespace
}  // namespace streamhub::iex
