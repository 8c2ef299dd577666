#include "feeds/fix/price_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace streamhub::fix {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Change = PriceBook::Change;
using Result = PriceBook::Result;

constexpr int64_t kNo = kEmpty;

class FixPriceBookTest : public testing::Test {
 protected:
  using Levels = std::vector<std::pair<int64_t, int64_t>>;

  Levels Of(Side side) const {
    Levels all;
    const BookSide& its = book_.side(side);
    for (size_t i = 0; i < its.size(); ++i) {
      all.emplace_back(its.At(i).price, its.At(i).size);
    }
    return all;
  }
  Levels Bids() const { return Of(Side::kBid); }
  Levels Asks() const { return Of(Side::kAsk); }

  // By level number.
  Result Level(Action action, int level, std::optional<int64_t> price = {},
               std::optional<int64_t> size = {}, Side side = Side::kBid) {
    Change change;
    change.action = action;
    change.side = side;
    change.level = level;
    change.price = price;
    change.size = size;
    return book_.Apply(change);
  }
  // By entry id.
  Result Id(Action action, std::string_view id, std::optional<Side> side = {},
            std::optional<int64_t> price = {}, std::optional<int64_t> size = {},
            std::string_view ref_id = {}) {
    Change change;
    change.action = action;
    change.id = id;
    change.ref_id = ref_id;
    change.side = side;
    change.price = price;
    change.size = size;
    return book_.Apply(change);
  }
  // By price alone.
  Result Price(Action action, Side side, std::optional<int64_t> price,
               std::optional<int64_t> size = {}) {
    Change change;
    change.action = action;
    change.side = side;
    change.price = price;
    change.size = size;
    return book_.Apply(change);
  }

  PriceBook book_;
};

TEST_F(FixPriceBookTest, LevelsByNumberMoveOneAnother) {
  EXPECT_EQ(Level(Action::kNew, 1, 100, 1), Result::kDone);
  EXPECT_EQ(Level(Action::kNew, 2, 98, 2), Result::kDone);
  EXPECT_EQ(Level(Action::kNew, 3, 97, 3), Result::kDone);
  EXPECT_EQ(Level(Action::kNew, 2, 99, 9), Result::kDone);
  // No deeper than the venue ever went.
  EXPECT_THAT(Bids(), ElementsAre(Pair(100, 1), Pair(99, 9), Pair(98, 2)));
  EXPECT_EQ(Level(Action::kDelete, 1), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(99, 9), Pair(98, 2)));
  EXPECT_EQ(Level(Action::kChange, 2, {}, 7), Result::kDone);
  EXPECT_EQ(Level(Action::kOverlay, 1, 96, 6), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(96, 6), Pair(98, 7)));
  EXPECT_EQ(Level(Action::kChange, 3, 95), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(96, 6), Pair(98, 7), Pair(95, kNo)));
  EXPECT_THAT(Asks(), IsEmpty());
}

TEST_F(FixPriceBookTest, LevelsThatAreNotThereAreUnknown) {
  EXPECT_EQ(Level(Action::kNew, 2, 98, 2), Result::kUnknown);
  EXPECT_EQ(Level(Action::kDelete, 1), Result::kUnknown);
  EXPECT_EQ(Level(Action::kChange, 1, {}, 5), Result::kUnknown);
  EXPECT_EQ(Level(Action::kNew, 1, {}, 5), Result::kNoPrice);
  EXPECT_THAT(Bids(), IsEmpty());
}

TEST_F(FixPriceBookTest, RangesOfLevels) {
  const auto fill = [this] {
    book_.Clear();
    for (int i = 1; i <= 5; ++i) Level(Action::kNew, i, 100 - i, i);
  };
  fill();
  EXPECT_EQ(Level(Action::kDeleteThru, 2), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(97, 3), Pair(96, 4), Pair(95, 5)));
  fill();
  EXPECT_EQ(Level(Action::kDeleteFrom, 2), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(99, 1)));
  EXPECT_EQ(Level(Action::kDeleteFrom, 2), Result::kUnknown);
}

TEST_F(FixPriceBookTest, EntriesByIdOfOnePriceAreOneLevel) {
  EXPECT_EQ(Id(Action::kNew, "a", Side::kAsk, 10, 5), Result::kDone);
  EXPECT_EQ(Id(Action::kNew, "b", Side::kAsk, 11, 6), Result::kDone);
  EXPECT_EQ(Id(Action::kNew, "c", Side::kAsk, 10, 7), Result::kDone);
  EXPECT_EQ(Id(Action::kNew, "d", Side::kBid, 9, 1), Result::kDone);
  EXPECT_EQ(Id(Action::kNew, "e", Side::kBid, 8), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(10, 12), Pair(11, 6)));
  EXPECT_THAT(Bids(), ElementsAre(Pair(9, 1), Pair(8, kNo)));
  // What a change does not say stays.
  EXPECT_EQ(Id(Action::kChange, "c", {}, {}, 1), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(10, 6), Pair(11, 6)));
  EXPECT_EQ(Id(Action::kChange, "c", {}, 11), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(10, 5), Pair(11, 7)));
  EXPECT_EQ(Id(Action::kDelete, "b"), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(10, 5), Pair(11, 1)));
  EXPECT_EQ(Id(Action::kDelete, "c"), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(10, 5)));
  EXPECT_EQ(Id(Action::kDelete, "c"), Result::kUnknown);
}

TEST_F(FixPriceBookTest, AnIdMayBecomeAnother) {
  Id(Action::kNew, "a", Side::kBid, 10, 5);
  EXPECT_EQ(Id(Action::kChange, "b", {}, 11, {}, "a"), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(11, 5)));
  EXPECT_FALSE(book_.Has(EntryId("a")));
  EXPECT_TRUE(book_.Has(EntryId("b")));
  // By its reference alone.
  EXPECT_EQ(Id(Action::kChange, "", {}, 12, {}, "b"), Result::kDone);
  EXPECT_TRUE(book_.Has(EntryId("b")));
  EXPECT_EQ(Id(Action::kDelete, "", {}, {}, {}, "b"), Result::kDone);
  EXPECT_THAT(Bids(), IsEmpty());
}

TEST_F(FixPriceBookTest, ANewOneReplacesThatOfItsId) {
  Id(Action::kNew, "a", Side::kBid, 10, 5);
  EXPECT_EQ(Id(Action::kNew, "a", Side::kBid, 12, 6), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(12, 6)));
  EXPECT_EQ(Id(Action::kDelete, "a"), Result::kDone);
  EXPECT_THAT(Bids(), IsEmpty());
}

TEST_F(FixPriceBookTest, AChangeOfAnUnknownIdIsNewIfItSaysEnough) {
  EXPECT_EQ(Id(Action::kChange, "a", Side::kBid, 10), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(10, kNo)));
  EXPECT_EQ(Id(Action::kChange, "b", Side::kBid), Result::kNoPrice);
  EXPECT_EQ(Id(Action::kChange, "b", {}, 10), Result::kNoSide);
  EXPECT_EQ(Id(Action::kDeleteFrom, "a"), Result::kUnknown);
  EXPECT_EQ(Id(Action::kNew, std::string(48, 'x'), Side::kBid, 10),
            Result::kIdTooLong);
  EXPECT_EQ(Id(Action::kNew, std::string(47, 'x'), Side::kBid, 10),
            Result::kDone);
}

TEST_F(FixPriceBookTest, SizesBeyond64BitsAreRefused) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  Id(Action::kNew, "a", Side::kBid, 10, kMax);
  EXPECT_EQ(Id(Action::kNew, "b", Side::kBid, 10, 1), Result::kTooBig);
  EXPECT_THAT(Bids(), ElementsAre(Pair(10, kMax)));
  EXPECT_FALSE(book_.Has(EntryId("b")));
}

TEST_F(FixPriceBookTest, ByPriceAlone) {
  EXPECT_EQ(Price(Action::kNew, Side::kBid, 10, 1), Result::kDone);
  EXPECT_EQ(Price(Action::kNew, Side::kBid, 12, 2), Result::kDone);
  EXPECT_EQ(Price(Action::kNew, Side::kBid, 11, 3), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(12, 2), Pair(11, 3), Pair(10, 1)));
  EXPECT_EQ(Price(Action::kChange, Side::kBid, 11, 9), Result::kDone);
  EXPECT_EQ(Price(Action::kChange, Side::kBid, 13, 9), Result::kUnknown);
  EXPECT_EQ(Price(Action::kDelete, Side::kBid, 12), Result::kDone);
  EXPECT_EQ(Price(Action::kDelete, Side::kBid, 12), Result::kUnknown);
  EXPECT_EQ(Price(Action::kDelete, Side::kBid, {}), Result::kUnknown);
  EXPECT_THAT(Bids(), ElementsAre(Pair(11, 9), Pair(10, 1)));
  EXPECT_EQ(Price(Action::kDeleteThru, Side::kBid, 11), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(10, 1)));
  Price(Action::kNew, Side::kBid, 8, 8);
  Price(Action::kNew, Side::kBid, 9, 9);
  EXPECT_EQ(Price(Action::kDeleteFrom, Side::kBid, 9), Result::kDone);
  EXPECT_THAT(Bids(), ElementsAre(Pair(10, 1)));
  // Asks have the lowest one first.
  Price(Action::kNew, Side::kAsk, 21, 1);
  Price(Action::kNew, Side::kAsk, 20, 1);
  EXPECT_THAT(Asks(), ElementsAre(Pair(20, 1), Pair(21, 1)));
}

TEST_F(FixPriceBookTest, TheOnlyLevelMoves) {
  Price(Action::kNew, Side::kAsk, 20, 5);
  EXPECT_EQ(Price(Action::kChange, Side::kAsk, 22), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(22, kNo)));
  EXPECT_EQ(Price(Action::kChange, Side::kAsk, {}, 8), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(22, 8)));
  EXPECT_EQ(Price(Action::kDelete, Side::kAsk, {}), Result::kDone);
  EXPECT_THAT(Asks(), IsEmpty());
  EXPECT_EQ(Price(Action::kChange, Side::kAsk, 23), Result::kDone);
  EXPECT_THAT(Asks(), ElementsAre(Pair(23, kNo)));
}

TEST_F(FixPriceBookTest, ABookOfOneLevel) {
  Change change;
  change.top = true;
  change.side = Side::kBid;
  change.id = "1";
  for (const int64_t price : {10, 12, 11}) {
    change.price = price;
    EXPECT_EQ(book_.Apply(change), Result::kDone);
    EXPECT_THAT(Bids(), ElementsAre(Pair(price, kNo)));
  }
  change.price.reset();
  EXPECT_EQ(book_.Apply(change), Result::kNoPrice);
  change.action = Action::kDelete;
  EXPECT_EQ(book_.Apply(change), Result::kDone);
  EXPECT_THAT(Bids(), IsEmpty());
  EXPECT_EQ(book_.Apply(change), Result::kUnknown);
}

TEST_F(FixPriceBookTest, InASnapshotEntriesOfOnePriceAddUp) {
  Change change;
  change.side = Side::kBid;
  change.price = 10;
  change.size = 4;
  change.more = true;
  book_.Apply(change);
  book_.Apply(change);
  EXPECT_THAT(Bids(), ElementsAre(Pair(10, 8)));
}

TEST_F(FixPriceBookTest, TellsWhichLevelsMayDiffer) {
  BookSide& bids = book_.side(Side::kBid);
  const auto changed = [&] {
    const auto [first, end] = bids.TakeChanged();
    return std::pair(first, end);
  };
  EXPECT_GE(changed().first, changed().second);
  Price(Action::kNew, Side::kBid, 10, 1);
  Price(Action::kNew, Side::kBid, 9, 1);
  EXPECT_EQ(changed(), std::pair(size_t{0}, size_t{2}));
  Price(Action::kChange, Side::kBid, 9, 2);
  EXPECT_EQ(changed(), std::pair(size_t{1}, size_t{2}));
  Price(Action::kNew, Side::kBid, 8, 2);
  EXPECT_EQ(changed(), std::pair(size_t{2}, size_t{3}));
  Price(Action::kDelete, Side::kBid, 9);
  EXPECT_EQ(changed(), std::pair(size_t{1}, size_t{3}));
  book_.Clear();
  EXPECT_EQ(changed(), std::pair(size_t{0}, size_t{2}));
}

}  // namespace
}  // namespace streamhub::fix
