#include "feeds/dbn/order_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace streamhub::dbn {
namespace {

using Result = OrderBook::Result;

std::vector<Level> LevelsOf(const OrderBook& book, Side side) {
  std::vector<Level> levels;
  for (size_t i = 0; i < book.side(side).size(); ++i) {
    levels.push_back(book.side(side).At(i));
  }
  return levels;
}

// The orders and nothing else: levels are added up when asked for.
struct NaiveBook {
  struct Order {
    Side side;
    int64_t price;
    uint32_t size;
  };
  std::map<uint64_t, Order> orders;

  std::vector<Level> Levels(Side side) const {
    std::map<int64_t, Level> by_price;
    for (const auto& [id, o] : orders) {
      if (o.side != side) continue;
      Level& level = by_price[o.price];
      level.price = o.price;
      level.size += o.size;
      ++level.orders;
    }
    std::vector<Level> levels;
    for (const auto& [price, level] : by_price) levels.push_back(level);
    if (side == Side::kBid) std::reverse(levels.begin(), levels.end());
    return levels;
  }
};

TEST(DbnOrderBookTest, AddsCancelsAndModifies) {
  OrderBook book;
  EXPECT_EQ(book.Add(1, Side::kBid, -5, 10), Result::kDone);
  EXPECT_EQ(book.Add(2, Side::kBid, 7, 20), Result::kDone);
  EXPECT_EQ(book.Add(3, Side::kBid, 7, 1), Result::kDone);
  EXPECT_EQ(book.Add(4, Side::kAsk, -9, 2), Result::kDone);
  EXPECT_EQ(book.Add(4, Side::kAsk, 1, 2), Result::kKnownOrder);
  EXPECT_EQ(book.Add(5, Side::kAsk, 1, 0), Result::kNoSize);
  EXPECT_EQ(LevelsOf(book, Side::kBid),
            (std::vector<Level>{{7, 21, 2}, {-5, 10, 1}}));
  EXPECT_EQ(LevelsOf(book, Side::kAsk), (std::vector<Level>{{-9, 2, 1}}));
  EXPECT_EQ(book.Cancel(2, 5), Result::kDone);
  EXPECT_EQ(book.Cancel(3, 100), Result::kDone);
  EXPECT_EQ(book.Cancel(3, 1), Result::kUnknownOrder);
  EXPECT_EQ(LevelsOf(book, Side::kBid),
            (std::vector<Level>{{7, 15, 1}, {-5, 10, 1}}));
  // A known order keeps its side, an unknown one is added.
  EXPECT_EQ(book.Modify(1, Side::kAsk, 8, 4), Result::kDone);
  EXPECT_EQ(book.Modify(6, Side::kAsk, 3, 4), Result::kDone);
  EXPECT_EQ(book.Modify(7, Side::kAsk, 3, 0), Result::kNoSize);
  EXPECT_EQ(book.Modify(4, Side::kAsk, -9, 0), Result::kDone);
  EXPECT_EQ(LevelsOf(book, Side::kBid),
            (std::vector<Level>{{8, 4, 1}, {7, 15, 1}}));
  EXPECT_EQ(LevelsOf(book, Side::kAsk), (std::vector<Level>{{3, 4, 1}}));
  EXPECT_EQ(book.orders(), 3u);
  EXPECT_TRUE(book.Has(6));
  EXPECT_FALSE(book.Has(4));
  book.Clear();
  EXPECT_EQ(book.orders(), 0u);
  EXPECT_TRUE(LevelsOf(book, Side::kBid).empty());
  EXPECT_TRUE(LevelsOf(book, Side::kAsk).empty());
}

TEST(DbnOrderBookTest, TheTopReplacesItsSide) {
  OrderBook book;
  book.Add(1, Side::kBid, 5, 10);
  book.Add(2, Side::kBid, 6, 10);
  book.Add(3, Side::kAsk, 9, 10);
  book.SetTop(4, Side::kBid, 4, 3);
  EXPECT_EQ(LevelsOf(book, Side::kBid), (std::vector<Level>{{4, 3, 1}}));
  EXPECT_EQ(LevelsOf(book, Side::kAsk), (std::vector<Level>{{9, 10, 1}}));
  book.SetTop(4, Side::kBid, 5, 2);
  EXPECT_EQ(LevelsOf(book, Side::kBid), (std::vector<Level>{{5, 2, 1}}));
  book.SetTop(0, Side::kBid, 0, 0);
  EXPECT_TRUE(LevelsOf(book, Side::kBid).empty());
  EXPECT_EQ(book.orders(), 1u);
}

// A copy that is corrected from the depth on that the book tells is the book.
TEST(DbnOrderBookTest, IsTheSumOfItsOrdersAndTellsWhatChanged) {
  OrderBook book;
  NaiveBook naive;
  std::array<std::vector<Level>, 2> copy;
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t id = random() % 60;
    const Side side = random() % 2 == 0 ? Side::kBid : Side::kAsk;
    const auto price = static_cast<int64_t>(random() % 30) - 15;
    const auto size = static_cast<uint32_t>(random() % 5);
    const bool known = naive.orders.contains(id);
    switch (random() % 4) {
      case 0:
        book.Add(id, side, price, size);
        if (!known && size > 0) naive.orders[id] = {side, price, size};
        break;
      case 1:
        book.Modify(id, side, price, size);
        if (size == 0) {
          naive.orders.erase(id);
        } else {
          naive.orders[id] = {known ? naive.orders[id].side : side, price,
                              size};
        }
        break;
      default:
        book.Cancel(id, size);
        if (known && naive.orders[id].size <= size) {
          naive.orders.erase(id);
        } else if (known) {
          naive.orders[id].size -= size;
        }
    }
    if (i % 1000 == 999) {
      book.Clear();
      naive.orders.clear();
    }
    if (random() % 3 != 0) continue;  // several changes at once
    for (const Side s : {Side::kBid, Side::kAsk}) {
      const std::vector<Level> want = naive.Levels(s);
      ASSERT_EQ(LevelsOf(book, s), want) << i;
      std::vector<Level>& had = copy[static_cast<size_t>(s)];
      const size_t from = book.TakeChanged(s);
      if (from <= had.size()) {
        had.resize(from);
        for (size_t d = from; d < want.size(); ++d) had.push_back(want[d]);
      }
      ASSERT_EQ(had, want) << i;
      ASSERT_GT(book.TakeChanged(s), want.size());
    }
    ASSERT_EQ(book.orders(), naive.orders.size());
  }
}

}  // namespace
}  // namespace streamhub::dbn
