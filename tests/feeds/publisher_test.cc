#include "feeds/publisher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using ::testing::HasSubstr;

SymbolInfo Info(std::string code) {
  SymbolInfo info;
  info.code = std::move(code);
  info.layout = &QuoteLayout();
  return info;
}

TEST(Publisher, ANewSymbolsTradingIsUnknown) {
  TestMarket test;
  const auto id = test.publisher.Define(Info("A"));
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(test.Value(*id, FieldId::kTrading), PackText("unknown"));
  EXPECT_EQ(test.Value(*id, FieldId::kBid), kEmpty);
  EXPECT_EQ(test.market.symbols().Get(*id).feed, test.feed);
  EXPECT_EQ(test.counters.Get(Metric::kTicks), 0);
}

TEST(Publisher, DefiningAgainGivesTheSameSymbolAndKeepsItsState) {
  TestMarket test;
  const SymbolId id = *test.publisher.Define(Info("A"));
  test.Tick(id, {{FieldId::kBid, 5}});
  EXPECT_EQ(*test.publisher.Define(Info("A")), id);
  EXPECT_EQ(test.Value(id, FieldId::kBid), 5);
  EXPECT_EQ(test.market.symbols().size(), 1u);
  EXPECT_EQ(test.counters.Get(Metric::kSymbolsRefused), 0);
}

TEST(Publisher, RefusesBadDescriptionsAndCountsThem) {
  TestMarket test;
  std::vector<SymbolInfo> bad = {Info(""), Info("A,B"), Info("A@1"),
                                 Info(std::string(65, 'x'))};
  bad.push_back(Info("A"));
  bad.back().layout = nullptr;
  bad.push_back(Info("A"));
  bad.back().price_decimals = -1;
  bad.push_back(Info("A"));
  bad.back().price_decimals = kDecimalsMax + 1;
  bad.push_back(Info("A"));
  bad.back().quantity_decimals = kDecimalsMax + 1;
  bad.push_back(Info("A"));
  bad.back().name = "\xFF";
  bad.push_back(Info("A"));
  bad.back().currency = "\xC3";
  for (const SymbolInfo& info : bad) {
    const auto id = test.publisher.Define(info);
    EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(id.status().message().empty());
  }
  EXPECT_EQ(test.counters.Get(Metric::kSymbolsRefused),
            static_cast<int64_t>(bad.size()));
  EXPECT_EQ(test.market.symbols().size(), 0u);
}

TEST(Publisher, RefusesSymbolsBeyondTheMarketsLimit) {
  TestMarket test(/*symbols_max=*/2);
  test.Add("A");
  test.Add("B");
  const auto id = test.publisher.Define(Info("C"));
  EXPECT_EQ(id.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(id.status().message()), HasSubstr("C"));
  EXPECT_EQ(test.counters.Get(Metric::kSymbolsRefused), 1);
}

TEST(Publisher, RefusesAndNamesASecondOwner) {
  TestMarket test;
  FeedInfo other;
  other.name = "other";
  const FeedId feed = test.market.AddFeed(other);
  Counters counters;
  Publisher second(test.market, feed, counters, test.clock);
  test.Add("A");
  const auto id = second.Define(Info("A"));
  EXPECT_EQ(id.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(id.status().message()), HasSubstr("A: owned by"));
  EXPECT_THAT(std::string(id.status().message()), HasSubstr("test"));
  EXPECT_EQ(counters.Get(Metric::kForeignWrites), 1);
  EXPECT_EQ(counters.Get(Metric::kSymbolsRefused), 0);
  EXPECT_TRUE(second.Define(Info("B")).ok());
}

TEST(PublisherDeathTest, AFeedCannotWriteWhatIsNotItsOwn) {
  TestMarket test;
  const FeedId feed = test.market.AddFeed(TestMarket::Info());
  Publisher second(test.market, feed, test.counters, test.clock);
  const SymbolId id = test.Add("A");
  EXPECT_DEATH(second.Publish(id, {{FieldId::kBid, 1}}, 0), "check failed");
}

TEST(Publisher, PublishStoresCountsAndStampsTheBatchsTime) {
  TestMarket test;
  const SymbolId id = test.Add("A");
  const uint64_t ticks = test.Read(id).ticks;
  test.clock.Advance(kSecond);
  test.publisher.BeginBatch();
  const int64_t batch_ns = test.clock.WallNs();
  test.clock.Advance(kSecond);
  test.publisher.Publish(id, {{FieldId::kBid, 10}, {FieldId::kAsk, 11}}, 77);
  test.publisher.Publish(id, {{FieldId::kBid, 10}}, 78);
  test.publisher.EndBatch();
  const QuoteView view = test.Read(id);
  EXPECT_EQ(view.ticks, ticks + 2);
  EXPECT_EQ(view.received_ns, batch_ns);
  EXPECT_EQ(view.event_ns, 78);
  EXPECT_EQ(test.Value(id, FieldId::kBid), 10);
  EXPECT_EQ(test.Value(id, FieldId::kAsk), 11);
  EXPECT_EQ(test.counters.Get(Metric::kTicks), 2);
}

TEST(Publisher, TicksAndGapsAreTheFeedsHealth) {
  TestMarket test;
  const FeedHealth& health = test.market.feeds().health(test.feed);
  const SymbolId id = test.Add("A");
  EXPECT_EQ(health.ticks(), 0);
  test.Tick(id, {{FieldId::kBid, 1}});
  EXPECT_EQ(health.last_tick_ns(), test.clock.WallNs());
  test.clock.Advance(kSecond);
  // Of a batch without ticks nothing is told.
  test.publisher.BeginBatch();
  test.publisher.EndBatch();
  EXPECT_EQ(health.last_tick_ns(), test.clock.WallNs() - kSecond);
  test.publisher.BeginBatch();
  for (int i = 0; i < 3; ++i) {
    test.publisher.Publish(id, {{FieldId::kBid, i}}, 0);
  }
  test.publisher.EndBatch();
  test.publisher.EndBatch();
  EXPECT_EQ(health.ticks(), 4);
  test.publisher.ReportGap("S", 3, 5);
  test.publisher.ReportGaps(2, 9);
  EXPECT_EQ(health.gaps(), 3);
  EXPECT_EQ(health.messages_lost(), 12);
}

TEST(Publisher, KnowsSinceWhenItIsLive) {
  TestMarket test;
  EXPECT_EQ(test.publisher.live_since_ns(), 0);
  test.publisher.SetStatus(FeedStatus::kLive);
  const int64_t since_ns = test.clock.MonoNs();
  test.clock.Advance(kSecond);
  test.publisher.SetStatus(FeedStatus::kLive);
  EXPECT_EQ(test.publisher.live_since_ns(), since_ns);
  test.publisher.SetStatus(FeedStatus::kDown);
  EXPECT_EQ(test.publisher.live_since_ns(), 0);
}

TEST(Publisher, LeavesOutFieldsThatTheLayoutLacks) {
  TestMarket test;
  const SymbolId id = test.Add("A", QuoteLayout());
  test.Tick(id, {{FieldId::kBid5, 9}, {FieldId::kBid, 10}});
  EXPECT_EQ(test.Value(id, FieldId::kBid), 10);
  const std::vector<FieldValue> many(1000, {FieldId::kAsk, 12});
  test.publisher.Publish(id, many, 0);
  EXPECT_EQ(test.Value(id, FieldId::kAsk), 12);
}

TEST(Publisher, TheLastOfTwoValuesOfAFieldCounts) {
  TestMarket test;
  const SymbolId id = test.Add("A");
  test.Tick(id, {{FieldId::kBid, 1}, {FieldId::kBid, 2}});
  EXPECT_EQ(test.Value(id, FieldId::kBid), 2);
}

TEST(Publisher, BatchesHeartbeatsAndStatusAreSignsOfLife) {
  TestMarket test;
  test.publisher.SetStatus(FeedStatus::kLive);
  const auto status = [&] {
    return test.market.feeds().StatusAt(test.feed, test.clock.MonoNs());
  };
  EXPECT_EQ(status(), FeedStatus::kLive);
  test.clock.Advance(4 * kSecond);
  EXPECT_EQ(status(), FeedStatus::kStale);
  test.publisher.BeginBatch();
  test.publisher.EndBatch();
  EXPECT_EQ(status(), FeedStatus::kLive);
  test.clock.Advance(4 * kSecond);
  EXPECT_EQ(status(), FeedStatus::kStale);
  test.publisher.Heartbeat();
  EXPECT_EQ(status(), FeedStatus::kLive);
}

TEST(Publisher, AnEpochEmptiesThisFeedsSymbolsOnly) {
  TestMarket test;
  const FeedId other = test.market.AddFeed(TestMarket::Info());
  Publisher second(test.market, other, test.counters, test.clock);
  const SymbolId ours = test.Add("A");
  const SymbolId theirs = *second.Define(Info("B"));
  test.Tick(ours, {{FieldId::kBid, 1}, {FieldId::kTrading, PackText("open")}});
  second.Publish(theirs, {{FieldId::kBid, 2}}, 0);
  const uint64_t epoch = test.market.epoch();
  const uint64_t version = test.Read(ours).version;
  test.publisher.StartEpoch();
  EXPECT_NE(test.market.epoch(), epoch);
  EXPECT_GT(test.Read(ours).version, version) << "never goes back";
  EXPECT_EQ(test.Value(ours, FieldId::kBid), kEmpty);
  EXPECT_EQ(test.Value(ours, FieldId::kTrading), PackText("unknown"));
  EXPECT_EQ(test.Value(theirs, FieldId::kBid), 2);
  EXPECT_EQ(test.counters.Get(Metric::kEpochs), 1);
}

// From the receive of a batch to the last of its writes: of one batch in ten
// milliseconds.
TEST(Publisher, StampsHowLongABatchTookToBeWritten) {
  TestMarket test;
  const SymbolId id = test.Add("A");
  const auto seen = [&] {
    return test.market.feeds().written(test.feed).Read(test.clock.MonoNs());
  };
  const auto batch = [&](int64_t ns, bool ticks = true) {
    test.publisher.BeginBatch();
    if (ticks) test.publisher.Publish(id, {{FieldId::kBid, 1}}, 0);
    test.clock.Advance(ns);
    test.publisher.EndBatch();
  };
  batch(7 * kMicrosecond, /*ticks=*/false);
  EXPECT_EQ(seen().count, 0) << "nothing was written";
  batch(7 * kMicrosecond);
  EXPECT_EQ(seen().count, 1);
  EXPECT_EQ(seen().sum_ns, 7 * kMicrosecond);
  for (int i = 0; i < 1000; ++i) batch(100 * kMicrosecond);
  EXPECT_GE(seen().count, 9);
  EXPECT_LE(seen().count, 11);
  EXPECT_EQ(seen().sum_ns,
            7 * kMicrosecond + (seen().count - 1) * 100 * kMicrosecond);
}

// A batch that lasts is not stamped for lasting: what is timed is decided
// before it begins.
TEST(Publisher, LongBatchesAreNotPreferred) {
  TestMarket test;
  const SymbolId id = test.Add("A");
  test.Tick(id, {{FieldId::kBid, 1}});  // is stamped
  test.publisher.BeginBatch();
  test.publisher.Publish(id, {{FieldId::kBid, 2}}, 0);
  test.clock.Advance(kSecond);
  test.publisher.EndBatch();
  EXPECT_EQ(
      test.market.feeds().written(test.feed).Read(test.clock.MonoNs()).count,
      1);
}

// Paused, nothing renews what was lost.
TEST(PublisherTest, TheTimeAfterAGapCanBeHeld) {
  TestMarket test;
  test.publisher.SetStatus(FeedStatus::kLive);
  const int64_t stale_ns = test.market.feeds().info(test.feed).gap_stale_ns;
  test.publisher.HoldGap();
  EXPECT_FALSE(test.publisher.in_gap());
  test.publisher.ReportGap("S", 1, 2);
  test.clock.Advance(stale_ns - 1);
  test.publisher.HoldGap();
  test.clock.Advance(stale_ns - 1);
  EXPECT_TRUE(test.publisher.in_gap());
  test.clock.Advance(1);
  EXPECT_FALSE(test.publisher.in_gap());
}

}  // namespace
}  // namespace streamhub
