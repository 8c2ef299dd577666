// A feed of a crypto venue's messages, once books and tape are as large as they
// get, allocates nothing for another one: neither decoding nor the book nor the
// tick.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "feeds/crypto/capture_line.h"
#include "feeds/crypto/crypto_handler.h"
#include "feeds/crypto/decoder.h"
#include "feeds/csv/decimals.h"
#include "tests/allocations/allocation_count.h"
#include "tests/feeds/crypto/sample_venue.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using crypto::SampleVenue;

TEST(CryptoAllocationTest, NoneForAnotherMessage) {
  if (!kAllocationsAreCounted) GTEST_SKIP() << "a sanitizer has malloc";
  for (const auto kind :
       {SampleVenue::Kind::kSpot, SampleVenue::Kind::kFutures,
        SampleVenue::Kind::kCoinbase, SampleVenue::Kind::kKraken}) {
    SampleVenue venue(kind, /*seed=*/5);
    std::vector<std::string> lines = {venue.Update(1), venue.Snapshot()};
    for (int i = 0; i < 3000; ++i) {
      lines.push_back(i % 4 == 3 ? venue.Trade() : venue.Update(1 + i % 3));
    }
    for (std::string& line : lines) {
      if (line.ends_with('\n')) line.pop_back();
    }
    TestMarket test(100, TestMarket::Info(), /*tape=*/50);
    crypto::CryptoHandler handler(test.publisher,
                                  *csv::DecimalsFinder::Create("2/3"));
    crypto::Decoder decoder;
    crypto::Message message;
    int64_t done = 0;
    const auto play = [&](size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        crypto::CaptureLine line;
        if (crypto::SplitLine(lines[i], &line) != nullptr ||
            !decoder.Decode(line.json, &message)) {
          continue;
        }
        test.publisher.BeginBatch();
        done += handler.On(message) == crypto::CryptoHandler::Outcome::kDone;
        test.publisher.EndBatch();
      }
    };
    play(0, 2000);
    const int64_t warm = done;
    BeginAllocationCount(CountedThreads::kAll);
    play(2000, lines.size());
    const AllocationCount counted = EndAllocationCount();
    EXPECT_EQ(counted.count, 0) << counted.sites;
    EXPECT_EQ(done - warm, static_cast<int64_t>(lines.size()) - 2000);
  }
}

}  // namespace
}  // namespace streamhub
