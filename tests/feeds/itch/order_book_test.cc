#include "feeds/itch/order_book.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/feeds/itch/naive_books.h"

namespace streamhub::itch {

// For GoogleTest's messages.
void PrintTo(const Level& level, std::ostream* os) {
  *os << level.shares << "@" << level.price << "/" << level.orders;
}

namespace {

using Result = OrderBooks::Result;

TEST(OrderBooksTest, SumsSharesAndSortsLevels) {
  OrderBooks books;
  OrderBooks::Change change;
  const auto book = books.AddBook();
  ASSERT_EQ(books.Add(1, book, Side::kSell, 100, 10'00, &change),
            Result::kDone);
  EXPECT_TRUE(change.moved);
  books.Add(2, book, Side::kSell, 50, 10'00, &change);
  EXPECT_FALSE(change.moved);
  EXPECT_EQ(change.first, 0u);
  EXPECT_EQ(change.last, 0u);
  books.Add(3, book, Side::kSell, 7, 9'00, &change);
  EXPECT_EQ(change.first, 0u);
  EXPECT_EQ(change.last, 1u);
  EXPECT_EQ(LevelsOf(books.side(book, Side::kSell)),
            (std::vector<Level>{{9'00, 1, 7}, {10'00, 2, 150}}));
  EXPECT_EQ(books.side(book, Side::kBuy).size(), 0u);
}

TEST(OrderBooksTest, CrossedBooksAreData) {
  OrderBooks books;
  OrderBooks::Change change;
  const auto book = books.AddBook();
  books.Add(1, book, Side::kBuy, 1, 20, &change);
  books.Add(2, book, Side::kSell, 1, 10, &change);
  EXPECT_EQ(books.side(book, Side::kBuy).At(0).price, 20u);
  EXPECT_EQ(books.side(book, Side::kSell).At(0).price, 10u);
}

TEST(OrderBooksTest, SaysWhyNothingChanged) {
  OrderBooks books;
  OrderBooks::Change change;
  const auto book = books.AddBook();
  EXPECT_EQ(books.Take(1, 1, &change), Result::kUnknownRef);
  EXPECT_EQ(books.Delete(1, &change), Result::kUnknownRef);
  EXPECT_EQ(books.Replace(1, 2, 1, 1, &change), Result::kUnknownRef);
  EXPECT_EQ(books.Add(1, book, Side::kBuy, 0, 1, &change), Result::kNoShares);
  EXPECT_EQ(books.Add(1, book, Side::kBuy, 5, 1, &change), Result::kDone);
  EXPECT_EQ(books.Add(1, book, Side::kBuy, 5, 1, &change), Result::kKnownRef);
  EXPECT_EQ(books.Add(2, book, Side::kBuy, 5, 2, &change), Result::kDone);
  // The old order goes although the new one cannot come.
  EXPECT_EQ(books.Replace(1, 2, 5, 9, &change), Result::kKnownRef);
  EXPECT_EQ(books.orders(), 1u);
  EXPECT_EQ(LevelsOf(books.side(book, Side::kBuy)),
            (std::vector<Level>{{2, 1, 5}}));
}

TEST(OrderBooksTest, MoreSharesThanThereAreTakeAll) {
  OrderBooks books;
  OrderBooks::Change change;
  const auto book = books.AddBook();
  books.Add(1, book, Side::kBuy, 5, 1, &change);
  EXPECT_EQ(books.Take(1, 6, &change), Result::kDone);
  EXPECT_EQ(books.orders(), 0u);
  EXPECT_EQ(books.side(book, Side::kBuy).size(), 0u);
}

// What a subscriber has who applies only the levels that a change names.
void Follow(const BookSide& side, const OrderBooks::Change& change,
            std::vector<Level>* copy) {
  for (size_t i = change.first; i <= change.last; ++i) {
    if (i >= side.size()) {
      copy->resize(std::min(copy->size(), i));
      return;
    }
    if (i == copy->size()) copy->emplace_back();
    const uint32_t price = (*copy)[i].price;
    (*copy)[i] = side.At(i);
    if (!change.moved) {
      ASSERT_EQ((*copy)[i].price, price);
    }
  }
}

TEST(OrderBooksTest, EqualsTheNaiveModelAfterAnyOperations) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t end) { return random() % end; };
  for (int round = 0; round < 40; ++round) {
    OrderBooks books;
    NaiveBooks naive;
    const uint32_t count = 1 + static_cast<uint32_t>(below(3));
    for (uint32_t i = 0; i < count; ++i) books.AddBook();
    std::vector<std::array<std::vector<Level>, 2>> followed(count);
    const uint64_t prices = 1 + below(40);
    const uint64_t refs = 2 + below(200);
    for (int step = 0; step < 1500; ++step) {
      const uint64_t ref = below(refs);
      const auto price = static_cast<uint32_t>(below(prices));
      const auto shares = static_cast<uint32_t>(below(6));
      OrderBooks::Change change = {};
      bool done = false;
      bool expected = false;
      bool changed = false;
      switch (below(5)) {
        case 0:
        case 1: {
          const auto book = static_cast<uint32_t>(below(count));
          const Side side = below(2) == 0 ? Side::kBuy : Side::kSell;
          done = books.Add(ref, book, side, shares, price, &change) ==
                 Result::kDone;
          expected = naive.Add(ref, {book, side, shares, price});
          changed = done;
          break;
        }
        case 2:
          done = books.Take(ref, shares, &change) == Result::kDone;
          expected = naive.Take(ref, shares);
          changed = done;
          break;
        case 3:
          done = books.Delete(ref, &change) == Result::kDone;
          expected = naive.Take(ref, ~uint32_t{0});
          changed = done;
          break;
        default: {
          const uint64_t other = below(refs);
          const Result result =
              books.Replace(ref, other, shares, price, &change);
          done = result == Result::kDone;
          expected = naive.Replace(ref, other, shares, price);
          changed = result != Result::kUnknownRef;
        }
      }
      ASSERT_EQ(done, expected) << "step " << step;
      if (changed) {
        Follow(books.side(change.book, change.side), change,
               &followed[change.book][static_cast<size_t>(change.side)]);
      }
      for (uint32_t book = 0; book < count; ++book) {
        for (const Side side : {Side::kBuy, Side::kSell}) {
          const auto levels = naive.Levels(book, side);
          ASSERT_EQ(LevelsOf(books.side(book, side)), levels)
              << "round " << round << " step " << step;
          ASSERT_EQ(followed[book][static_cast<size_t>(side)], levels)
              << "round " << round << " step " << step;
        }
      }
    }
    EXPECT_EQ(books.orders(), naive.orders.size());
  }
}

}  // namespace
}  // namespace streamhub::itch
