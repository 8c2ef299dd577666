#include "feeds/synthetic/synthetic_feed.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "feeds/feed_thread.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

// Runs the feed on the test's thread: when it waits, the clock jumps to where
// it waits for, and the test looks on.
class JumpingControl final : public FeedControl {
 public:
  JumpingControl(ManualClock& clock, std::function<bool(int64_t)> look)
      : clock_(clock), look_(std::move(look)) {}

  bool stopping() const override { return stopping_; }

  bool WaitUntil(int64_t mono_ns) override {
    ++waits_;
    stopping_ = !look_(mono_ns);
    if (stopping_) return false;
    clock_.Advance(std::max<int64_t>(0, mono_ns - clock_.MonoNs()));
    return true;
  }

  int waits() const { return waits_; }

 private:
  ManualClock& clock_;
  const std::function<bool(int64_t)> look_;
  bool stopping_ = false;
  int waits_ = 0;
};

SyntheticOptions Calm(double ticks_per_second) {
  SyntheticOptions options;
  options.symbols = 20;
  options.ticks_per_second = ticks_per_second;
  options.opening_burst = false;
  options.halts_per_minute = 0;
  return options;
}

TEST(SyntheticFeed, EverySymbolHasAQuoteBeforeTheFirstWait) {
  TestMarket test(10'000);
  SyntheticOptions options;
  options.symbols = 10'000;
  SyntheticFeed feed(options);
  JumpingControl control(test.clock, [&](int64_t) {
    EXPECT_EQ(test.market.symbols().size(), 10'000u);
    for (SymbolId id = 0; id < 10'000; ++id) {
      EXPECT_NE(test.Value(id, FieldId::kBid), kEmpty);
      EXPECT_EQ(test.Value(id, FieldId::kTrading), PackText("auction"));
    }
    return false;
  });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_EQ(test.market.feeds().StatusAt(test.feed, test.clock.MonoNs()),
            FeedStatus::kLive);
  EXPECT_EQ(test.clock.MonoNs(), ManualClock::kStartMonoNs) << "at once";
}

TEST(SyntheticFeed, KeepsThePaceInBatchesOfAMillisecond) {
  TestMarket test;
  SyntheticFeed feed(Calm(10'000));
  const int64_t end_ns = ManualClock::kStartMonoNs + 10 * kSecond;
  JumpingControl control(test.clock,
                         [&](int64_t) { return test.clock.MonoNs() < end_ns; });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_NEAR(static_cast<double>(test.counters.Get(Metric::kTicks)), 100'000,
              2'000);
  EXPECT_NEAR(control.waits(), 10'000, 200);
}

TEST(SyntheticFeed, WaitsForEachTickWhenTheyAreRare) {
  TestMarket test;
  SyntheticFeed feed(Calm(1));
  int64_t ticks = 20;
  JumpingControl control(test.clock, [&](int64_t mono_ns) {
    EXPECT_EQ(test.counters.Get(Metric::kTicks), ticks++);
    EXPECT_GE(mono_ns - test.clock.MonoNs(), kSecond / 2 - 1);
    EXPECT_LE(mono_ns - test.clock.MonoNs(), 3 * kSecond / 2);
    return ticks < 120;
  });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_NEAR(
      static_cast<double>(test.clock.MonoNs() - ManualClock::kStartMonoNs),
      100e9, 10e9);
}

TEST(SyntheticFeed, PublishesWhatTheMarketSays) {
  TestMarket test;
  const SyntheticOptions options = Calm(5'000);
  SyntheticFeed feed(options);
  JumpingControl control(test.clock, [&](int64_t) {
    return test.clock.MonoNs() < ManualClock::kStartMonoNs + kSecond;
  });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());

  TestMarket reference;
  SyntheticMarket market(options, ManualClock::kStartWallNs);
  for (size_t i = 0; i < market.size(); ++i) {
    ASSERT_TRUE(reference.publisher.Define(market.instrument(i).info).ok());
  }
  const int64_t ticks = test.counters.Get(Metric::kTicks);
  ASSERT_GT(ticks, 4'000);
  for (int64_t n = 0; n < ticks; ++n) {
    const SyntheticTick tick = market.Next();
    reference.publisher.Publish(tick.symbol, tick.values, tick.event_ns);
  }
  for (SymbolId id = 0; id < options.symbols; ++id) {
    const QuoteView a = test.Read(id), b = reference.Read(id);
    const Layout& layout = *test.market.symbols().Get(id).layout;
    EXPECT_EQ(a.version, b.version);
    EXPECT_EQ(a.ticks, b.ticks);
    EXPECT_EQ(a.event_ns, b.event_ns);
    EXPECT_LE(a.event_ns, a.received_ns) << "nothing from the future";
    EXPECT_EQ(test.market.symbols().Get(id).code,
              reference.market.symbols().Get(id).code);
    for (int i = 0; i < layout.size(); ++i) {
      EXPECT_EQ(a.value[i], b.value[i]) << FieldName(layout.field(i));
    }
  }
}

TEST(SyntheticFeed, CatchesUpAfterAPauseWithoutSkipping) {
  TestMarket test;
  SyntheticFeed feed(Calm(10'000));
  bool paused = false;
  JumpingControl control(test.clock, [&](int64_t) {
    if (!paused) test.clock.Advance(60 * kSecond);
    return !std::exchange(paused, true);
  });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_NEAR(static_cast<double>(test.counters.Get(Metric::kTicks)), 600'000,
              3'000);
}

// Stopping is looked at between batches, even if it is late for ever.
TEST(SyntheticFeed, StopsWhileItIsLate) {
  TestMarket test;
  class Impatient final : public FeedControl {
   public:
    explicit Impatient(ManualClock& clock) : clock_(clock) {}
    bool stopping() const override {
      clock_.Advance(kSecond);
      return ++asked_ == 100;
    }
    bool WaitUntil(int64_t) override { return true; }

   private:
    ManualClock& clock_;
    mutable int asked_ = 0;
  } control(test.clock);
  SyntheticFeed feed(Calm(1e8));
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_LE(test.counters.Get(Metric::kTicks), 100 * 4096);
  EXPECT_GT(test.counters.Get(Metric::kTicks), 90 * 4096);
}

TEST(SyntheticFeed, EndsAfterItsTicks) {
  TestMarket test;
  SyntheticFeed feed(Calm(1'000), /*ticks_max=*/500);
  JumpingControl control(test.clock, [](int64_t) { return true; });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_EQ(test.counters.Get(Metric::kTicks), 20 + 500);
  EXPECT_EQ(test.market.feeds().StatusAt(test.feed, test.clock.MonoNs()),
            FeedStatus::kEnded);
  EXPECT_NEAR(
      static_cast<double>(test.clock.MonoNs() - ManualClock::kStartMonoNs),
      0.5e9, 0.05e9);
}

TEST(SyntheticFeed, SettingTheWallClockDoesNotDisturbIt) {
  TestMarket test;
  SyntheticFeed feed(Calm(1'000));
  JumpingControl control(test.clock, [&](int64_t) {
    test.clock.SetWallNs(5);
    return test.clock.MonoNs() < ManualClock::kStartMonoNs + kSecond;
  });
  EXPECT_TRUE(feed.Run(test.publisher, control).ok());
  EXPECT_NEAR(static_cast<double>(test.counters.Get(Metric::kTicks)), 1'020,
              20);
}

TEST(SyntheticFeed, TellsWhatIsWrong) {
  TestMarket test(/*symbols_max=*/10);
  JumpingControl control(test.clock, [](int64_t) { return false; });
  SyntheticOptions options;
  options.ticks_per_second = -1;
  EXPECT_EQ(SyntheticFeed(options).Run(test.publisher, control).code(),
            absl::StatusCode::kInvalidArgument);
  options = Calm(1);
  EXPECT_EQ(SyntheticFeed(options).Run(test.publisher, control).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(SyntheticFeed, IsMarkedSimulated) {
  const FeedInfo info = SyntheticFeedInfo("synthetic");
  EXPECT_EQ(info.name, "synthetic");
  EXPECT_EQ(info.source, Source::kSimulated);
}

TEST(SyntheticFeed, RunsOnAThreadAndStops) {
  Market market("live", 1000, 1);
  const FeedId feed = market.AddFeed(SyntheticFeedInfo("synthetic"));
  Counters counters;
  std::promise<absl::Status> done;
  auto thread = std::make_unique<FeedThread>(
      "synthetic", std::make_unique<SyntheticFeed>(SyntheticOptions{}),
      Publisher(market, feed, counters, SystemClock()),
      [&](const absl::Status& status) { done.set_value(status); });
  thread->Start();
  const int64_t limit_ns = SystemClock().MonoNs() + 60 * kSecond;
  while (counters.Get(Metric::kTicks) < 5'000) {
    ASSERT_LT(SystemClock().MonoNs(), limit_ns);
    std::this_thread::yield();
  }
  thread.reset();
  EXPECT_TRUE(done.get_future().get().ok());
  QuoteView view;
  ASSERT_TRUE(market.cache().Read(0, BookLayout().all(), &view));
  EXPECT_GT(view.value[BookLayout().PositionOf(FieldId::kBid)], 0);
}

}  // namespace
}  // namespace streamhub
