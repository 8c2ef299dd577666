#include "feeds/synthetic/wide_quotes.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

#include "feeds/synthetic/synthetic_market.h"
#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr int64_t kStartNs = 1'700'000'000 * kSecond;

SyntheticOptions Wide(int fields, int changes) {
  SyntheticOptions options;
  options.symbols = 20;
  options.ticks_per_second = 100;
  options.opening_burst = false;
  options.halts_per_minute = 0;
  options.even = true;
  options.fields = fields;
  options.changes = changes;
  return options;
}

// The last value of every field of every symbol.
class Held {
 public:
  explicit Held(size_t symbols) : rows_(symbols) {
    for (auto& row : rows_) row.fill(kEmpty);
  }
  int64_t Of(size_t symbol, FieldId field) const {
    return rows_[symbol][static_cast<size_t>(field)];
  }
  // Which fields got another value.
  std::set<FieldId> Apply(const SyntheticTick& tick) {
    std::set<FieldId> changed;
    for (const FieldValue& v : tick.values) {
      int64_t& held = rows_[tick.symbol][static_cast<size_t>(v.field)];
      if (held != v.value) changed.insert(v.field);
      held = v.value;
    }
    return changed;
  }

 private:
  std::vector<std::array<int64_t, kFieldCount>> rows_;
};

TEST(WideQuotes, EverySymbolBeginsWithAllItsFields) {
  for (const int fields : {5, 15, 40, 64}) {
    SyntheticMarket market(Wide(fields, 3), kStartNs);
    for (size_t i = 0; i < market.size(); ++i) {
      const Layout* layout = market.instrument(i).info.layout;
      ASSERT_EQ(layout, &DictionaryLayout(fields));
      const SyntheticTick tick = market.Next();
      ASSERT_EQ(tick.symbol, i);
      std::set<FieldId> told;
      for (const FieldValue& v : tick.values) {
        ASSERT_NE(v.value, kEmpty);
        ASSERT_GE(layout->PositionOf(v.field), 0);
        told.insert(v.field);
      }
      ASSERT_EQ(told.size(), static_cast<size_t>(fields));
    }
  }
}

TEST(WideQuotes, EveryTickChangesSoManyFieldsBidAndAskAmongThem) {
  for (const int changes : {2, 3, 26, 63}) {
    SyntheticMarket market(Wide(64, changes), kStartNs);
    Held held(market.size());
    for (size_t i = 0; i < market.size(); ++i) held.Apply(market.Next());
    std::vector<std::set<FieldId>> touched(market.size());
    for (int n = 0; n < 20'000; ++n) {
      const SyntheticTick tick = market.Next();
      const std::set<FieldId> changed = held.Apply(tick);
      ASSERT_EQ(changed.size(), static_cast<size_t>(changes)) << "tick " << n;
      ASSERT_EQ(tick.values.size(), changed.size());
      ASSERT_TRUE(changed.contains(FieldId::kBid));
      ASSERT_TRUE(changed.contains(FieldId::kAsk));
      ASSERT_FALSE(changed.contains(FieldId::kTrading));
      ASSERT_LT(held.Of(tick.symbol, FieldId::kBid),
                held.Of(tick.symbol, FieldId::kAsk));
      touched[tick.symbol].insert(changed.begin(), changed.end());
    }
    for (const std::set<FieldId>& fields : touched) {
      EXPECT_EQ(fields.size(), changes == 2 ? 2u : 63u) << "all take turns";
    }
  }
}

// Where all change at once they are of one moment, so a book is one.
TEST(WideQuotes, ATickOfAllFieldsIsABook) {
  SyntheticMarket market(Wide(64, 63), kStartNs);
  Held held(market.size());
  for (int n = 0; n < 5'000; ++n) {
    const uint32_t i = [&] {
      const SyntheticTick tick = market.Next();
      held.Apply(tick);
      return tick.symbol;
    }();
    for (int level = 2; level <= 10; ++level) {
      const BookLevelFields at = FieldsOfLevel(level);
      const BookLevelFields above = FieldsOfLevel(level - 1);
      ASSERT_LT(held.Of(i, at.bid), held.Of(i, above.bid));
      ASSERT_GT(held.Of(i, at.ask), held.Of(i, above.ask));
      ASSERT_GT(held.Of(i, at.bid), 0);
      ASSERT_GT(held.Of(i, at.bid_size), 0);
    }
  }
}

TEST(WideQuotes, TheirOptionsHaveRanges) {
  const auto refused = [](auto change) {
    SyntheticOptions options = Wide(64, 3);
    change(options);
    return Validate(options).code() == absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(Validate(Wide(64, 63)).ok());
  EXPECT_TRUE(Validate(Wide(5, 2)).ok());
  EXPECT_TRUE(refused([](auto& o) { o.fields = 4; }));
  EXPECT_TRUE(refused([](auto& o) { o.fields = 65; }));
  EXPECT_TRUE(refused([](auto& o) { o.fields = -1; }));
  EXPECT_TRUE(refused([](auto& o) { o.changes = 1; }));
  EXPECT_TRUE(refused([](auto& o) { o.changes = 64; }));
  EXPECT_TRUE(refused([](auto& o) { o.even = false; }));
  EXPECT_TRUE(refused([](auto& o) { o.halts_per_minute = 1; }));
  EXPECT_TRUE(refused([](auto& o) { o.opening_burst = true; }));
}

}  // namespace
}  // namespace streamhub
