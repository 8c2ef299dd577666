// A tick log that is written or read allocates nothing for another record.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "feeds/ticklog/log_reader.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/allocations/allocation_count.h"

namespace streamhub::ticklog {
namespace {

constexpr int kSymbols = 100;

void Define(LogWriter& writer) {
  for (uint32_t number = 0; number < kSymbols; ++number) {
    SymbolInfo info;
    info.code = "S" + std::to_string(number);
    info.layout = &BookLayout();
    writer.Symbol(number, info, "feed");
  }
}

void Write(LogWriter& writer, int ticks) {
  for (int i = 0; i < ticks; ++i) {
    const auto number = static_cast<uint32_t>(i % kSymbols);
    const FieldValue values[] = {{FieldId::kBid, 1000 + i % 7},
                                 {FieldId::kAsk, 1001 + i % 5}};
    writer.Tick(number, values, i, i);
    if (i % 5 == 0) {
      writer.Trade(number,
                   {.price = 1000, .id = "ccc3c1fa-212c-e8b0-1706-9b9c4f3d"}, i,
                   i);
    }
  }
}

TEST(TickLogAllocationTest, NoneForAnotherRecord) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  size_t bytes = 0;
  LogWriter writer(
      [&bytes](std::string_view piece) {
        bytes += piece.size();
        return absl::OkStatus();
      },
      {});
  Define(writer);
  Write(writer, 100'000);
  ASSERT_TRUE(writer.Flush().ok());
  const size_t before = bytes;
  // Batches, but no block: of that the index keeps something.
  BeginAllocationCount(CountedThreads::kAll);
  Write(writer, 12'000);
  const AllocationCount counted = EndAllocationCount();
  EXPECT_EQ(counted.count, 0) << counted.sites;
  EXPECT_EQ(bytes, before);
  BeginAllocationCount(CountedThreads::kAll);
  for (int block = 0; block < 20; ++block) {
    Write(writer, 100);
    ASSERT_TRUE(writer.Flush().ok());
  }
  const AllocationCount blocks = EndAllocationCount();
  EXPECT_LE(blocks.count, 20 * 2) << blocks.sites;
}

TEST(TickLogAllocationTest, NoneToReadOne) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  std::string log;
  {
    LogWriter writer(
        [&log](std::string_view piece) {
          log += piece;
          return absl::OkStatus();
        },
        {.block_bytes = 50'000, .level = 1});
    Define(writer);
    Write(writer, 50'000);
  }
  LogReader reader;
  TickRecord record;
  std::string_view left = log;
  uint64_t records = 0;
  // True once there are so many.
  const auto read_until = [&](uint64_t wanted) {
    while (records < wanted) {
      switch (reader.Read(&record)) {
        case LogReader::Next::kRecord:
          ++records;
          break;
        case LogReader::Next::kNeedMore: {
          const std::span<uint8_t> room = reader.Room();
          const size_t count =
              std::min({room.size(), left.size(), size_t{64 * 1024}});
          if (count == 0) reader.Finish();
          std::copy_n(left.begin(), count, room.begin());
          reader.Filled(count);
          left.remove_prefix(count);
          break;
        }
        default:
          return false;
      }
    }
    return true;
  };
  ASSERT_TRUE(read_until(20'000));
  BeginAllocationCount(CountedThreads::kAll);
  const bool all = read_until(55'000);
  const AllocationCount counted = EndAllocationCount();
  EXPECT_TRUE(all) << reader.status();
  EXPECT_EQ(counted.count, 0) << counted.sites;
}

}  // namespace
}  // namespace streamhub::ticklog
