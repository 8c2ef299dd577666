#include "gateway/market/wake.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace streamhub {
namespace {

std::vector<SymbolId> TakeAll(ShardWake& wake, size_t symbols) {
  std::vector<SymbolId> ids;
  wake.Take(symbols, [&](size_t word, uint64_t bits) {
    for (; bits != 0; bits &= bits - 1) {
      ids.push_back(static_cast<SymbolId>(word * 64 + std::countr_zero(bits)));
    }
  });
  return ids;
}

using Ids = std::vector<SymbolId>;

TEST(ShardWake, TakesEachMarkOnce) {
  ShardWake wake(1000, [] {});
  EXPECT_EQ(TakeAll(wake, 1000), Ids{});
  for (const SymbolId id : {999, 0, 63, 64, 63, 500}) wake.Mark(id);
  EXPECT_EQ(TakeAll(wake, 1000), (Ids{0, 63, 64, 500, 999}));
  EXPECT_EQ(TakeAll(wake, 1000), Ids{});
}

TEST(ShardWake, LeavesTheMarksOfSymbolsThatTheShardDoesNotKnowYet) {
  ShardWake wake(200, [] {});
  for (const SymbolId id : {0, 69, 70, 71, 130}) wake.Mark(id);
  EXPECT_EQ(TakeAll(wake, 0), Ids{});
  EXPECT_EQ(TakeAll(wake, 70), (Ids{0, 69}));
  EXPECT_EQ(TakeAll(wake, 71), Ids{70});
  EXPECT_EQ(TakeAll(wake, 128), Ids{71});
  EXPECT_EQ(TakeAll(wake, 200), Ids{130});
}

TEST(ShardWake, RingsOnlyASleepingShardAndOnlyOnce) {
  int rings = 0;
  ShardWake wake(64, [&] { ++rings; });
  wake.Wake();
  EXPECT_EQ(rings, 0) << "it is awake";
  wake.BeginTurn();
  EXPECT_TRUE(wake.TrySleep());
  wake.Wake();
  EXPECT_EQ(rings, 1);
  wake.Wake();
  EXPECT_EQ(rings, 1) << "it has been woken already";
}

TEST(ShardWake, AShardThatWasWokenDuringItsTurnDoesNotSleep) {
  int rings = 0;
  ShardWake wake(64, [&] { ++rings; });
  wake.BeginTurn();
  wake.Wake();
  EXPECT_FALSE(wake.TrySleep());
  EXPECT_FALSE(wake.TrySleep());
  wake.BeginTurn();
  EXPECT_TRUE(wake.TrySleep());
  EXPECT_EQ(rings, 0);
}

TEST(ShardWake, AWakeBeforeTheFirstTurnIsTakenByIt) {
  ShardWake wake(64, [] {});
  wake.Mark(3);
  wake.Wake();
  EXPECT_FALSE(wake.TrySleep());
  wake.BeginTurn();
  EXPECT_EQ(TakeAll(wake, 64), Ids{3});
  EXPECT_TRUE(wake.TrySleep());
}

TEST(ShardWake, TicksLeaveAShardThatDozesAlone) {
  int rings = 0;
  ShardWake wake(64, [&] { ++rings; });
  wake.BeginTurn();
  EXPECT_TRUE(wake.TryDoze());
  wake.Mark(3);
  wake.Wake();
  EXPECT_EQ(rings, 0);
  wake.WakeNow();
  EXPECT_EQ(rings, 1) << "what cannot wait wakes it";
  wake.WakeNow();
  EXPECT_EQ(rings, 1);
  EXPECT_FALSE(wake.TryDoze()) << "it was woken";
  wake.BeginTurn();
  EXPECT_EQ(TakeAll(wake, 64), Ids{3});
  EXPECT_TRUE(wake.TryDoze());
  wake.BeginTurn();
  wake.Wake();
  EXPECT_FALSE(wake.TryDoze()) << "a tick during the turn is seen to";
}

// A shard's own timer or socket may start a turn while it sleeps.
TEST(ShardWake, ATurnThatNobodyRangForIsATurn) {
  int rings = 0;
  ShardWake wake(64, [&] { ++rings; });
  wake.BeginTurn();
  ASSERT_TRUE(wake.TrySleep());
  wake.BeginTurn();
  wake.Wake();
  EXPECT_EQ(rings, 0);
  EXPECT_FALSE(wake.TrySleep());
}

}  // namespace
}  // namespace streamhub
