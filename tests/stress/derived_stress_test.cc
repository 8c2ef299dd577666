// A feed at full rate beside the thread of the derived symbols and a reader of
// what that publishes. Every tick of the feed keeps a rule that every derived
// value then keeps, too, so that one made of halves of two ticks is seen; and
// when the feed falls silent the last values are those of the last ticks.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "feeds/derived/derived_feed.h"
#include "feeds/feed_thread.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "tests/support/test_market.h"

namespace streamhub::derived {
namespace {

constexpr int64_t kTicks = 300'000;
constexpr int64_t kFeedNsMax = 3 * kSecond;
constexpr int64_t kPatienceNs = 60 * kSecond;

constexpr std::array kInputs = {"A", "B", "C", "D"};

int64_t LastOf(const Market& market, SymbolId id, bool* read) {
  const Layout& layout = *market.symbols().Get(id).layout;
  QuoteView view;
  *read = market.cache().Read(id, layout.all(), &view);
  return view.value[layout.PositionOf(FieldId::kLast)];
}

TEST(DerivedStress, EveryValueIsOfWholeTicksAndTheLastOnesArrive) {
  Bell bell;
  Market market("live", 100, 1);
  Counters counters, derived_counters;
  const Clock& clock = SystemClock();
  const FeedId feed = market.AddFeed(TestMarket::Info());
  const auto sets = AddFeedSets(market);
  ShardWake& wake = market.AddShard([&] { bell.Ring(); });
  Publisher publisher(market, feed, counters, clock);
  std::array<SymbolId, kInputs.size()> ids;
  for (size_t i = 0; i < ids.size(); ++i) {
    SymbolInfo info;
    info.code = kInputs[i];
    info.layout = &QuoteLayout();
    ids[i] = publisher.Define(info).value();
  }
  publisher.SetStatus(FeedStatus::kLive);
  const std::vector<std::string> texts = {
      "MID=mid(A) decimals=2", "WIDTH=spread(A)", "ALL=basket(A,B,C,D)",
      "TWICE=basket(2*MID) decimals=2"};
  FeedThread thread(
      "derived",
      std::make_unique<DerivedFeed>(MakePlan(texts).value(), sets, wake, bell),
      Publisher(market, sets[0].feed, derived_counters, clock),
      [](const absl::Status&) {});
  thread.Start();
  const int64_t limit_ns = clock.MonoNs() + kPatienceNs;
  std::vector<SymbolId> made;
  for (const char* code : {"MID", "WIDTH", "ALL", "TWICE"}) {
    while (!market.symbols().Find(code)) {
      ASSERT_LT(clock.MonoNs(), limit_ns);
      std::this_thread::yield();
    }
    made.push_back(*market.symbols().Find(code));
  }

  // In every tick: ask = bid + 2 and bid is odd. So the middle is even, the
  // width is 2, and twice the middle is a multiple of four.
  std::atomic<bool> over{false};
  int64_t reads = 0, wrong = 0;
  std::thread reader([&] {
    while (!over.load()) {
      bool read = false;
      const int64_t mid = LastOf(market, made[0], &read);
      if (read && mid != kEmpty && mid % 2 != 0) ++wrong;
      const int64_t width = LastOf(market, made[1], &read);
      if (read && width != kEmpty && width != 2) ++wrong;
      const int64_t twice = LastOf(market, made[3], &read);
      if (read && twice != kEmpty && twice % 4 != 0) ++wrong;
      ++reads;
      std::this_thread::yield();
    }
  });
  const int64_t begin_ns = clock.MonoNs();
  int64_t n = 0;
  for (; n < kTicks && clock.MonoNs() - begin_ns < kFeedNsMax; ++n) {
    publisher.BeginBatch();
    publisher.Publish(ids[static_cast<size_t>(n) % ids.size()],
                      {{FieldId::kBid, 2 * n + 1},
                       {FieldId::kAsk, 2 * n + 3},
                       {FieldId::kLast, n}},
                      n);
    publisher.EndBatch();
  }
  const double seconds =
      static_cast<double>(clock.MonoNs() - begin_ns) / kSecond;

  // Of each input the last tick was that much before the end.
  const auto last_of = [&](size_t input) {
    const auto back = (static_cast<size_t>(n) - 1 - input) % ids.size();
    return n - 1 - static_cast<int64_t>(back);
  };
  const int64_t mid = 2 * last_of(0) + 2;
  int64_t all = 0;
  for (size_t i = 0; i < ids.size(); ++i) all += last_of(i);
  const auto arrives = [&](SymbolId id, int64_t value) {
    bool read = false;
    while (LastOf(market, id, &read) != value || !read) {
      if (clock.MonoNs() > begin_ns + kPatienceNs) return false;
      std::this_thread::yield();
    }
    return true;
  };
  EXPECT_TRUE(arrives(made[0], mid));
  EXPECT_TRUE(arrives(made[1], 2));
  EXPECT_TRUE(arrives(made[2], all));
  EXPECT_TRUE(arrives(made[3], 2 * mid));
  over = true;
  reader.join();
  EXPECT_EQ(wrong, 0);
  std::printf("%.0f ticks/s in, %lld reads, %lld ticks out\n",
              static_cast<double>(n) / seconds, static_cast<long long>(reads),
              static_cast<long long>(derived_counters.Get(Metric::kTicks)));
  EXPECT_LE(derived_counters.Get(Metric::kTicks), 3 * n + 100);
}

}  // namespace
}  // namespace streamhub::derived
