// The thread: it is woken by ticks, by time, and by the end.

#include "feeds/derived/derived_feed.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "feeds/feed_thread.h"
#include "tests/support/test_market.h"

namespace streamhub::derived {
namespace {

class DerivedFeedTest : public testing::Test {
 protected:
  DerivedFeedTest() {
    const std::vector<std::string> texts = {"M=mid(A)"};
    auto plan = MakePlan(texts);
    const auto sets = AddFeedSets(test_.market);
    ShardWake& wake = test_.market.AddShard([this] { bell_.Ring(); });
    id_ = test_.Add("A");
    thread_ = std::make_unique<FeedThread>(
        "derived",
        std::make_unique<DerivedFeed>(*std::move(plan), sets, wake, bell_),
        Publisher(test_.market, sets[0].feed, counters_, test_.clock),
        [](const absl::Status& status) { EXPECT_TRUE(status.ok()); });
    thread_->Start();
    test_.publisher.SetStatus(FeedStatus::kLive);
  }

  // A minute of real time, if need be.
  template <typename Happened>
  bool Await(Happened happened) {
    const int64_t limit_ns = SystemClock().MonoNs() + 60 * kSecond;
    while (!happened()) {
      if (SystemClock().MonoNs() > limit_ns) return false;
    }
    return true;
  }

  bool AwaitMid(int64_t value) {
    return Await([&] {
      const auto id = test_.market.symbols().Find("M");
      QuoteView view;
      if (!id.has_value()) return false;
      const Layout& layout = *test_.market.symbols().Get(*id).layout;
      return test_.market.cache().Read(*id, layout.all(), &view) &&
             view.value[layout.PositionOf(FieldId::kLast)] == value;
    });
  }

  Bell bell_;
  TestMarket test_;
  Counters counters_;
  SymbolId id_ = 0;
  std::unique_ptr<FeedThread> thread_;
};

TEST_F(DerivedFeedTest, EveryTickArrives) {
  for (int i = 1; i <= 1000; ++i) {
    test_.Tick(id_, {{FieldId::kBid, i}, {FieldId::kAsk, i + 2}});
    ASSERT_TRUE(AwaitMid((i + 1) * 10)) << i;
  }
}

TEST_F(DerivedFeedTest, AFeedThatHangsIsSeenWithoutATick) {
  test_.Tick(id_, {{FieldId::kBid, 1}, {FieldId::kAsk, 3}});
  ASSERT_TRUE(AwaitMid(20));
  const auto is = [&](FeedStatus status) {
    return [this, status] {
      return test_.market.feeds().StatusAt(1, test_.clock.MonoNs()) == status;
    };
  };
  ASSERT_TRUE(Await(is(FeedStatus::kLive)));
  test_.clock.Advance(4 * kSecond);
  EXPECT_TRUE(Await(is(FeedStatus::kStale)));
  test_.publisher.Heartbeat();
  EXPECT_TRUE(Await(is(FeedStatus::kLive)));
}

TEST_F(DerivedFeedTest, ItStopsWhileItWaits) {
  const int64_t begin_ns = SystemClock().MonoNs();
  thread_.reset();
  EXPECT_LT(SystemClock().MonoNs() - begin_ns, 30 * kSecond);
}

TEST(BellTest, WaitsForARingOrForTheTime) {
  Bell bell;
  const int64_t begin_ns = SystemClock().MonoNs();
  bell.Wait(10 * kMillisecond);
  EXPECT_GE(SystemClock().MonoNs() - begin_ns, 10 * kMillisecond);
  bell.Ring();
  bell.Ring();
  bell.Wait(3600 * kSecond);  // at once
  bell.Wait(kMillisecond);    // both rings are over
}

}  // namespace
}  // namespace streamhub::derived
