#include "gateway/market/market.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "tests/support/test_market.h"

namespace streamhub {
namespace {

TEST(Market, EpochsDifferByRunAndByReset) {
  std::set<uint64_t> epochs;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Market market("live", 10, seed);
    EXPECT_TRUE(epochs.insert(market.epoch()).second);
    market.StartEpoch();
    EXPECT_TRUE(epochs.insert(market.epoch()).second);
  }
}

TEST(Market, EveryResetIsAnEpochOfItsOwnWhoeverAsks) {
  Market market("live", 10, 1);
  const uint64_t control = market.control_version();
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10'000; ++k) market.StartEpoch();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(market.control_version(), control + 20'000);

  Market reference("live", 10, 1);
  for (int k = 0; k < 20'000; ++k) reference.StartEpoch();
  EXPECT_EQ(market.epoch(), reference.epoch());
}

TEST(Market, ControlVersionMovesWithSymbolsFeedsAndEpoch) {
  TestMarket test;
  Market& market = test.market;
  uint64_t seen = market.control_version();
  const auto moved = [&] {
    const uint64_t now = market.control_version();
    return std::exchange(seen, now) != now;
  };
  EXPECT_FALSE(moved());
  const SymbolId id = test.Add("A");
  EXPECT_TRUE(moved()) << "a new symbol";
  SymbolInfo again;
  again.code = "A";
  again.layout = &QuoteLayout();
  EXPECT_EQ(*test.publisher.Define(again), id);
  EXPECT_FALSE(moved()) << "a known one";
  test.Tick(id, {{FieldId::kBid, 5}});
  EXPECT_FALSE(moved()) << "a tick";
  test.publisher.SetStatus(FeedStatus::kLive);
  EXPECT_TRUE(moved()) << "a status";
  test.publisher.SetStatus(FeedStatus::kLive);
  EXPECT_FALSE(moved()) << "the same status";
  test.publisher.StartEpoch();
  EXPECT_TRUE(moved()) << "an epoch";
}

TEST(Market, EveryShardIsMarkedAndWoken) {
  TestMarket test;
  int rings_a = 0, rings_b = 0;
  ShardWake& a = test.market.AddShard([&] { ++rings_a; });
  ShardWake& b = test.market.AddShard([&] { ++rings_b; });
  const SymbolId id = test.Add("A");
  const auto take = [&](ShardWake& wake) {
    wake.BeginTurn();
    uint64_t taken = 0;
    wake.Take(test.market.symbols().size(),
              [&](size_t, uint64_t bits) { taken |= bits; });
    return taken;
  };
  EXPECT_EQ(take(a), 1u) << "its trading status";
  EXPECT_EQ(take(b), 1u);
  ASSERT_TRUE(a.TrySleep());

  test.publisher.BeginBatch();
  test.publisher.Publish(id, {{FieldId::kBid, 5}}, 0);
  EXPECT_EQ(rings_a, 0) << "not before the batch ends";
  test.publisher.EndBatch();
  EXPECT_EQ(rings_a, 1);
  EXPECT_EQ(rings_b, 0) << "it does not sleep";
  EXPECT_FALSE(b.TrySleep());
  EXPECT_EQ(take(a), 1u);
  EXPECT_EQ(take(b), 1u);

  ASSERT_TRUE(a.TrySleep());
  test.market.Clear(id);
  test.market.Wake();
  EXPECT_EQ(take(a), 1u) << "becoming empty is told, too";
  ASSERT_TRUE(a.TrySleep());
  test.publisher.SetStatus(FeedStatus::kStale);
  EXPECT_EQ(rings_a, 3) << "a feed's status wakes";
}

TEST(Market, ASymbolOfItsOwnLayoutGetsASlotOfThatSize) {
  TestMarket test;
  const SymbolId quote = test.Add("Q", QuoteLayout());
  const SymbolId book = test.Add("B", BookLayout());
  test.Tick(book, {{FieldId::kAsk10Size, 77}});
  test.Tick(quote, {{FieldId::kChange, -3}});
  EXPECT_EQ(test.Value(book, FieldId::kAsk10Size), 77);
  EXPECT_EQ(test.Value(quote, FieldId::kChange), -3);
  EXPECT_EQ(test.Value(quote, FieldId::kBid), kEmpty);
}

TEST(Market, ATopicIsASymbolThatHasMessages) {
  TestMarket test;
  Market& market = test.market;
  int rings = 0;
  ShardWake& shard = market.AddShard([&] { ++rings; });
  const SymbolId plain = test.Add("A");
  const uint64_t control = market.control_version();
  SymbolId id = 0;
  ASSERT_EQ(market.DefineTopic("chat", kNoFeed, 5, 77 * kMicrosecond, &id),
            SymbolTable::Added::kNew);
  EXPECT_NE(market.control_version(), control) << "who waits for it is told";
  EXPECT_EQ(market.symbols().Find("chat"), id);
  ASSERT_NE(market.topic(id), nullptr);
  EXPECT_EQ(market.topic(id)->keeps(), 5u);
  EXPECT_EQ(market.topic(id)->first_seq(), 77u);
  EXPECT_EQ(market.topic(plain), nullptr);

  SymbolId again = 99;
  EXPECT_EQ(market.DefineTopic("chat", 0, 9, 88 * kMicrosecond, &again),
            SymbolTable::Added::kKnown);
  EXPECT_EQ(again, id);
  EXPECT_EQ(market.topic(id)->keeps(), 5u) << "as it was";
  EXPECT_EQ(market.DefineTopic("A", kNoFeed, 9, 88 * kMicrosecond, &again),
            SymbolTable::Added::kKnown);
  EXPECT_EQ(again, plain);
  EXPECT_EQ(market.topic(plain), nullptr) << "it stays a symbol";

  shard.BeginTurn();
  shard.Take(market.symbols().size(), [](size_t, uint64_t) {});
  ASSERT_TRUE(shard.TrySleep());
  const int before = rings;
  EXPECT_EQ(market.Append(id, "1", 0), 77u);
  EXPECT_EQ(rings, before) << "not before the batch ends";
  market.Wake();
  EXPECT_EQ(rings, before + 1);
  shard.BeginTurn();
  uint64_t taken = 0;
  shard.Take(market.symbols().size(),
             [&](size_t, uint64_t bits) { taken |= bits; });
  EXPECT_EQ(taken, uint64_t{1} << id);
}

TEST(Market, TopicsTakeNoSymbolsRoomNorTheOtherWayRound) {
  TestMarket test(1);
  SymbolId id = 0;
  EXPECT_EQ(test.market.DefineTopic("chat", kNoFeed, 5, 1, &id),
            SymbolTable::Added::kNew);
  EXPECT_EQ(test.market.DefineTopic("desk", kNoFeed, 5, 1, &id),
            SymbolTable::Added::kFull);
  test.Add("A");
  SymbolInfo more;
  more.code = "B";
  more.layout = &QuoteLayout();
  EXPECT_FALSE(test.publisher.Define(more).ok());
}

TEST(Market, AFeedCannotWriteATopic) {
  TestMarket test;
  SymbolId id = 0;
  test.market.DefineTopic("tape/A", test.feed, 5, 1, &id);
  SymbolInfo info;
  info.code = "tape/A";
  info.layout = &QuoteLayout();
  EXPECT_EQ(test.publisher.Define(info).status().code(),
            absl::StatusCode::kPermissionDenied);
}

}  // namespace
}  // namespace streamhub
