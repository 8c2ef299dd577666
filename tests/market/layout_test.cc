#include "gateway/market/layout.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

namespace streamhub {
namespace {

FieldMask Bit(const Layout& layout, FieldId field) {
  return FieldMask{1} << layout.PositionOf(field);
}

TEST(Layout, PositionsAndFieldsAreInverse) {
  for (const Layout* layout : {&QuoteLayout(), &BookLayout()}) {
    for (int i = 0; i < layout->size(); ++i) {
      EXPECT_EQ(layout->PositionOf(layout->field(i)), i);
    }
    EXPECT_EQ(std::popcount(layout->all()), layout->size());
    EXPECT_EQ(layout->all() >> (layout->size() - 1), 1u);
  }
}

TEST(Layout, TheTwoUsualOnes) {
  EXPECT_EQ(QuoteLayout().PositionOf(FieldId::kBid2), -1);
  EXPECT_GE(QuoteLayout().PositionOf(FieldId::kChange), 0);
  EXPECT_EQ(BookLayout().size(), QuoteLayout().size() + 9 * 4);
  for (int level = 1; level <= 10; ++level) {
    EXPECT_GE(BookLayout().PositionOf(FieldsOfLevel(level).ask_size), 0);
  }
}

TEST(Layout, TheDictionaryFillsTheWidestOne) {
  EXPECT_EQ(&DictionaryLayout(QuoteLayout().size()), &QuoteLayout());
  EXPECT_EQ(&DictionaryLayout(BookLayout().size()), &BookLayout());
  const Layout& widest = DictionaryLayout(kLayoutFieldsMax);
  EXPECT_EQ(widest.size(), 64);
  EXPECT_EQ(widest.all(), ~FieldMask{0});
  EXPECT_EQ(FieldName(widest.field(63)), "year_low");
}

TEST(Layout, KeepsItsOwnOrder) {
  const std::vector<FieldId> fields = {FieldId::kLast, FieldId::kTrading,
                                       FieldId::kBid};
  const Layout layout{fields};
  EXPECT_EQ(layout.size(), 3);
  EXPECT_EQ(layout.PositionOf(FieldId::kLast), 0);
  EXPECT_EQ(layout.PositionOf(FieldId::kTrading), 1);
  EXPECT_EQ(layout.PositionOf(FieldId::kBid), 2);
  EXPECT_EQ(layout.PositionOf(FieldId::kAsk), -1);
  EXPECT_EQ(layout.all(), 7u);
}

TEST(Layout, MaskAlwaysHasTradingAndOnlyFieldsOfTheLayout) {
  const Layout& layout = QuoteLayout();
  const FieldMask trading = Bit(layout, FieldId::kTrading);
  EXPECT_EQ(layout.MaskOf({}), trading);
  const std::vector<FieldId> some = {FieldId::kBid, FieldId::kAsk9,
                                     FieldId::kBid, FieldId::kVolume};
  EXPECT_EQ(layout.MaskOf(some), trading | Bit(layout, FieldId::kBid) |
                                     Bit(layout, FieldId::kVolume));
  std::vector<FieldId> every;
  for (size_t i = 0; i < kFieldCount; ++i) {
    every.push_back(static_cast<FieldId>(i));
  }
  EXPECT_EQ(layout.MaskOf(every), layout.all());
}

TEST(LayoutDeathTest, RefusesWhatIsNoLayout) {
  const std::vector<FieldId> none;
  EXPECT_DEATH(Layout{none}, "check failed");
  const std::vector<FieldId> twice = {FieldId::kTrading, FieldId::kBid,
                                      FieldId::kBid};
  EXPECT_DEATH(Layout{twice}, "check failed");
  const std::vector<FieldId> no_trading = {FieldId::kBid};
  EXPECT_DEATH(Layout{no_trading}, "check failed");
}

}  // namespace
}  // namespace streamhub
