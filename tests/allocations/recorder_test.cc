// A feed that is recorded allocates nothing for a tick or a trade, whether the
// ring has room or not.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "feeds/recorder/recorder.h"
#include "tests/allocations/allocation_count.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

absl::StatusOr<std::unique_ptr<ticklog::LogWriter>> ToNowhere(
    const std::string&) {
  return std::make_unique<ticklog::LogWriter>(
      [](std::string_view) { return absl::OkStatus(); },
      ticklog::WriterOptions{});
}

TEST(RecorderAllocationTest, NoneForAnotherTick) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  TestMarket test;
  Recorder::Options options;
  options.series.folder = testing::TempDir();
  options.series.open = ToNowhere;
  options.ring_bytes = 64 * 1024;
  const auto recorder =
      Recorder::Create(std::move(options), test.market, test.clock);
  ASSERT_TRUE(recorder.ok()) << recorder.status();
  test.publisher.SetTap((*recorder)->AddTap(test.feed));
  const SymbolId ids[] = {test.Add("A"), test.Add("B")};
  const auto ticks = [&](int times) {
    for (int i = 0; i < times; ++i) {
      test.publisher.BeginBatch();
      for (const SymbolId id : ids) {
        test.publisher.Publish(id, {{FieldId::kBid, i}, {FieldId::kAsk, i + 1}},
                               i);
        test.publisher.Report(id, {.price = i, .id = "no small string at all"},
                              i);
      }
      test.publisher.EndBatch();
    }
  };

  // This thread is the recorder's, the other one the feed's, which is counted.
  std::atomic<bool> go{false};
  std::atomic<bool> done{false};
  std::thread feed([&] {
    ticks(1'000);
    go.wait(false);
    ticks(50'000);
    done = true;
  });
  while ((*recorder)->Turn()) {
  }
  BeginAllocationCount(CountedThreads::kOthers);
  go = true;
  go.notify_one();
  while (!done) (*recorder)->Turn();
  const AllocationCount counted = EndAllocationCount();
  feed.join();
  EXPECT_EQ(counted.count, 0) << counted.sites;
  ASSERT_TRUE((*recorder)->Stop().ok());
  // Both ways were gone.
  EXPECT_GT((*recorder)->counters().Get(Metric::kRecordLost), 0);
  EXPECT_GT((*recorder)->counters().Get(Metric::kRecordedRecords), 500);
}

}  // namespace
}  // namespace streamhub
