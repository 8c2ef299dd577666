#include "gateway/market/conflation_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace streamhub {
namespace {

constexpr FieldMask kAll4 = 0xF;

class ConflationCacheTest : public testing::Test {
 protected:
  ConflationCacheTest() { cache_.AddSlot(0, 4); }

  void Tick(std::initializer_list<Change> changes, int64_t received_ns = 1,
            int64_t event_ns = 0) {
    cache_.Update(0, std::span(changes.begin(), changes.size()), received_ns,
                  event_ns);
  }

  QuoteView Read(FieldMask mask = kAll4, SymbolId id = 0) {
    QuoteView view;
    EXPECT_TRUE(cache_.Read(id, mask, &view));
    return view;
  }

  ConflationCache cache_{100};
};

TEST_F(ConflationCacheTest, ANewSlotIsEmptyAtVersionZero) {
  const QuoteView view = Read();
  EXPECT_EQ(view.version, 0u);
  EXPECT_EQ(view.ticks, 0u);
  EXPECT_EQ(view.received_ns, 0);
  EXPECT_EQ(view.event_ns, 0);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(view.value[i], kEmpty);
    EXPECT_EQ(view.stamp[i], 0u);
  }
  EXPECT_EQ(view.ChangedSince(0, kAll4), 0u);
}

TEST_F(ConflationCacheTest, ATickMovesTheVersionOnceAndStampsWhatChanged) {
  Tick({{0, 10}, {2, 30}}, 111, 222);
  const QuoteView view = Read();
  EXPECT_EQ(view.version, 1u);
  EXPECT_EQ(view.ticks, 1u);
  EXPECT_EQ(view.received_ns, 111);
  EXPECT_EQ(view.event_ns, 222);
  EXPECT_EQ(view.value[0], 10);
  EXPECT_EQ(view.value[1], kEmpty);
  EXPECT_EQ(view.value[2], 30);
  EXPECT_EQ(view.stamp[0], 1u);
  EXPECT_EQ(view.stamp[1], 0u);
  EXPECT_EQ(view.stamp[2], 1u);
}

// Delivery rule 7: it counts and is heard of, and moves no version.
TEST_F(ConflationCacheTest, ATickThatChangesNothingCountsAndIsHeardOf) {
  Tick({{0, 10}}, 100, 90);
  Tick({{0, 10}}, 200, 190);
  Tick({}, 300, 0);
  const QuoteView view = Read();
  EXPECT_EQ(view.version, 1u);
  EXPECT_EQ(view.stamp[0], 1u);
  EXPECT_EQ(view.ticks, 3u);
  EXPECT_EQ(view.received_ns, 300);
  EXPECT_EQ(view.event_ns, 0);
}

TEST_F(ConflationCacheTest, OnlyTheFieldsThatDifferAreStamped) {
  Tick({{0, 10}, {1, 20}, {2, 30}});
  Tick({{0, 10}, {1, 21}, {2, 30}});
  const QuoteView view = Read();
  EXPECT_EQ(view.version, 2u);
  EXPECT_EQ(view.ChangedSince(0, kAll4), 0b0111u);
  EXPECT_EQ(view.ChangedSince(1, kAll4), 0b0010u);
  EXPECT_EQ(view.ChangedSince(1, 0b1101), 0u);
  EXPECT_EQ(view.ChangedSince(2, kAll4), 0u);
  EXPECT_EQ(view.ChangedSince(1000, kAll4), 0u);
}

TEST_F(ConflationCacheTest, BecomingEmptyIsAChange) {
  Tick({{0, 10}});
  Tick({{0, kEmpty}});
  Tick({{0, kEmpty}});
  const QuoteView view = Read();
  EXPECT_EQ(view.version, 2u);
  EXPECT_EQ(view.value[0], kEmpty);
  EXPECT_EQ(view.ChangedSince(1, kAll4), 1u);
}

TEST_F(ConflationCacheTest, ZeroAndNegativeAreValues) {
  Tick({{0, 0}, {1, -5}, {2, std::numeric_limits<int64_t>::max()}});
  const QuoteView view = Read();
  EXPECT_EQ(view.value[0], 0);
  EXPECT_EQ(view.value[1], -5);
  EXPECT_EQ(view.value[2], std::numeric_limits<int64_t>::max());
  EXPECT_EQ(view.ChangedSince(0, kAll4), 0b0111u);
}

TEST_F(ConflationCacheTest, AReadCopiesOnlyWhatTheMaskAsksFor) {
  Tick({{0, 10}, {1, 20}, {2, 30}, {3, 40}});
  QuoteView view;
  view.value.fill(-1);
  view.stamp.fill(77);
  ASSERT_TRUE(cache_.Read(0, 0b1010, &view));
  EXPECT_EQ(view.value[0], -1);
  EXPECT_EQ(view.value[1], 20);
  EXPECT_EQ(view.value[2], -1);
  EXPECT_EQ(view.value[3], 40);
  EXPECT_EQ(view.stamp[0], 77u);
  EXPECT_EQ(view.stamp[3], 1u);
  ASSERT_TRUE(cache_.Read(0, 0, &view));
  EXPECT_EQ(view.version, 1u);
}

TEST_F(ConflationCacheTest, ClearEmptiesEveryFieldInANewVersion) {
  Tick({{0, 10}, {1, 20}}, 100, 90);
  cache_.Clear(0, 4);
  const QuoteView view = Read();
  EXPECT_EQ(view.version, 2u);
  EXPECT_EQ(view.ticks, 1u);
  EXPECT_EQ(view.received_ns, 0);
  EXPECT_EQ(view.event_ns, 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(view.value[i], kEmpty);
  EXPECT_EQ(view.ChangedSince(1, kAll4), kAll4);
}

TEST_F(ConflationCacheTest, SlotsDoNotTouchEachOther) {
  // More than one block of memory: 100 slots of 64 fields are over 100 KB,
  // and a million more bytes follow.
  ConflationCache cache(5000);
  for (SymbolId id = 0; id < 5000; ++id) {
    cache.AddSlot(id, 1 + static_cast<int>(id) % kLayoutFieldsMax);
  }
  for (SymbolId id = 0; id < 5000; ++id) {
    const int fields = 1 + static_cast<int>(id) % kLayoutFieldsMax;
    std::vector<Change> changes;
    for (int i = 0; i < fields; ++i) changes.push_back({i, id * 100L + i});
    cache.Update(id, changes, id, 0);
  }
  QuoteView view;
  for (SymbolId id = 0; id < 5000; ++id) {
    const int fields = 1 + static_cast<int>(id) % kLayoutFieldsMax;
    const FieldMask all = ~FieldMask{0} >> (kLayoutFieldsMax - fields);
    ASSERT_TRUE(cache.Read(id, all, &view));
    ASSERT_EQ(view.version, 1u);
    ASSERT_EQ(view.received_ns, static_cast<int64_t>(id));
    for (int i = 0; i < fields; ++i) {
      ASSERT_EQ(view.value[i], id * 100L + i);
      ASSERT_EQ(view.stamp[i], 1u);
    }
  }
}

// Against a model: any client that applies ChangedSince(cursor) from any
// earlier state ends with the present one.
TEST_F(ConflationCacheTest, ChangedSinceIsWhatAClientMisses) {
  const uint32_t seed = 7;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::map<uint64_t, std::array<int64_t, 4>> history;
  history[0] = {kEmpty, kEmpty, kEmpty, kEmpty};
  for (int round = 0; round < 2000; ++round) {
    std::vector<Change> changes;
    for (int n = random() % 4; n > 0; --n) {
      const int64_t value = random() % 4 == 0 ? kEmpty : random() % 3;
      changes.push_back({static_cast<int>(random() % 4), value});
    }
    cache_.Update(0, changes, round, 0);
    const QuoteView now = Read();
    ASSERT_EQ(now.ticks, static_cast<uint64_t>(round + 1));
    history[now.version] = {now.value[0], now.value[1], now.value[2],
                            now.value[3]};
    auto held = history.begin();
    std::advance(held, random() % history.size());
    std::array<int64_t, 4> client = held->second;
    const FieldMask changed = now.ChangedSince(held->first, kAll4);
    for (int i = 0; i < 4; ++i) {
      if ((changed >> i & 1) != 0) client[i] = now.value[i];
    }
    ASSERT_EQ(client, history[now.version]);
  }
  EXPECT_GT(history.size(), 500u);
}

TEST(ConflationCacheDeathTest, RefusesSlotsThatAreNone) {
  ConflationCache cache(2);
  cache.AddSlot(0, 4);
  EXPECT_DEATH(cache.AddSlot(0, 4), "check failed") << "twice";
  EXPECT_DEATH(cache.AddSlot(2, 4), "check failed") << "beyond the limit";
  EXPECT_DEATH(cache.AddSlot(1, 65), "check failed");
  EXPECT_DEATH(cache.AddSlot(1, 0), "check failed");
}

}  // namespace
}  // namespace streamhub
