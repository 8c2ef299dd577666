#include "feeds/derived/feed_sets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/test_market.h"

namespace streamhub::derived {
namespace {

using ::testing::ElementsAre;

FeedInfo Info(std::string name, Source source) {
  FeedInfo info;
  info.name = std::move(name);
  info.source = source;
  return info;
}

TEST(FeedSets, OfOneFeedThereIsOne) {
  Market market("live", 10, 1);
  FeedInfo info = Info("lemons", Source::kDelayed);
  info.delay_s = 900;
  info.stale_after_ns = 7 * kSecond;
  market.AddFeed(info);
  const auto sets = AddFeedSets(market);
  ASSERT_EQ(sets.size(), 1u);
  EXPECT_EQ(sets[0].feed, 1);
  EXPECT_THAT(sets[0].inputs, ElementsAre(0));
  const FeedInfo& made = market.feeds().info(1);
  EXPECT_EQ(made.name, "derived/lemons");
  EXPECT_EQ(made.source, Source::kDelayed);
  EXPECT_EQ(made.delay_s, 900);
  EXPECT_EQ(made.stale_after_ns, 7 * kSecond);
}

TEST(FeedSets, OfNoneThereIsNone) {
  Market market("live", 10, 1);
  EXPECT_TRUE(AddFeedSets(market).empty());
  EXPECT_EQ(market.feeds().size(), 0u);
}

TEST(FeedSets, OfSeveralOneForEachSetWithTheMostSpecialSource) {
  Market market("live", 10, 1);
  FeedInfo a = Info("a", Source::kRealtime);
  a.quiet_after_ns = 5 * kSecond;
  market.AddFeed(a);
  FeedInfo b = Info("b", Source::kDelayed);
  b.delay_s = 60;
  market.AddFeed(b);
  market.AddFeed(Info("c", Source::kSimulated));
  const auto sets = AddFeedSets(market);
  ASSERT_EQ(sets.size(), 7u);
  const auto at = [&](const std::vector<FeedId>& feeds) -> const FeedSet& {
    return sets[FindFeedSet(sets, feeds)];
  };
  EXPECT_THAT(at({0}).inputs, ElementsAre(0));
  EXPECT_THAT(at({2, 0}).inputs, ElementsAre(0, 2));
  EXPECT_THAT(at({0, 1, 2}).inputs, ElementsAre(0, 1, 2));
  const FeedInfo& both = market.feeds().info(at({0, 1}).feed);
  EXPECT_EQ(both.name, "derived/a+b");
  EXPECT_EQ(both.source, Source::kDelayed);
  EXPECT_EQ(both.delay_s, 60);
  EXPECT_EQ(both.quiet_after_ns, 5 * kSecond);
  EXPECT_EQ(market.feeds().info(at({1, 2}).feed).source, Source::kSimulated);
  EXPECT_EQ(market.feeds().info(at({0}).feed).source, Source::kRealtime);
}

TEST(FeedSets, OfManyForEachAndForAll) {
  Market market("live", 10, 1);
  for (int i = 0; i < 6; ++i) {
    market.AddFeed(
        Info(std::string(40, static_cast<char>('a' + i)), Source::kRealtime));
  }
  const auto sets = AddFeedSets(market);
  ASSERT_EQ(sets.size(), 7u);
  EXPECT_THAT(sets[FindFeedSet(sets, std::vector<FeedId>{3})].inputs,
              ElementsAre(3));
  EXPECT_EQ(sets[FindFeedSet(sets, std::vector<FeedId>{3, 4})].inputs.size(),
            6u);
  // Names too long to be told are numbered.
  EXPECT_EQ(market.feeds().info(sets[6].feed).name, "derived/6");
}

TEST(FeedSets, TheWorstStatusIsDownThenStaleThenEnded) {
  TestMarket test;
  const FeedId other = test.market.AddFeed(Info("b", Source::kRealtime));
  Publisher second(test.market, other, test.counters, test.clock);
  const auto worst = [&](FeedStatus a, FeedStatus b) {
    test.publisher.SetStatus(a);
    second.SetStatus(b);
    return WorstStatus(test.market.feeds(), std::vector<FeedId>{0, 1},
                       test.clock.MonoNs());
  };
  using enum FeedStatus;
  constexpr FeedStatus kWorstFirst[] = {kDown, kStale, kEnded, kLive};
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      EXPECT_EQ(worst(kWorstFirst[a], kWorstFirst[b]),
                kWorstFirst[std::min(a, b)]);
    }
  }
  // One that hangs is stale, whatever the other is.
  ASSERT_EQ(worst(kLive, kLive), kLive);
  test.clock.Advance(2 * kSecond);
  second.Heartbeat();
  test.clock.Advance(2 * kSecond);
  EXPECT_EQ(WorstStatus(test.market.feeds(), std::vector<FeedId>{0, 1},
                        test.clock.MonoNs()),
            kStale);
  EXPECT_EQ(WorstStatus(test.market.feeds(), std::vector<FeedId>{1},
                        test.clock.MonoNs()),
            kLive);
}

}  // namespace
}  // namespace streamhub::derived
