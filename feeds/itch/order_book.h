// Full order books by order reference, many stocks at once, as ITCH's order
// messages build them. Knows nothing of ITCH's bytes or of publishing. A book
// may be crossed: that is data. One thread.
//
// Each change tells which levels differ from before, so that what follows
// costs what changed. Depth 0 is the best level.

#ifndef STREAMHUB_FEEDS_ITCH_ORDER_BOOK_H_
#define STREAMHUB_FEEDS_ITCH_ORDER_BOOK_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "feeds/itch/messages.h"

namespace streamhub::itch {

struct Level {
  uint32_t price = 0;
  uint32_t orders = 0;
  uint64_t shares = 0;

  friend bool operator==(const Level&, const Level&) = default;
};

// The levels of one side of one book.
class BookSide {
 public:
  explicit BookSide(Side side) : flip_(side == Side::kBuy ? 0 : ~uint32_t{0}) {}

  size_t size() const { return levels_.size(); }

  // `depth` < size().
  Level At(size_t depth) const {
    Level level = levels_[levels_.size() - 1 - depth];
    level.price ^= flip_;
    return level;
  }

  // One more order. Tells its level's depth and whether that level is new.
  struct Place {
    size_t depth;
    bool moved;  // the level is new, or has gone: worse levels moved
  };
  Place Add(uint32_t price, uint32_t shares);

  // `shares` less at `price`, and an order less if `order_gone`. There is an
  // order with as many shares there.
  Place Take(uint32_t price, uint32_t shares, bool order_gone);

  void Clear() { levels_.clear(); }

 private:
  size_t Find(uint32_t key) const;

  // Sells keep their prices with all bits flipped, so that on both sides the
  // best is the largest. It is last: most changes are near it.
  const uint32_t flip_;
  std::vector<Level> levels_;
};

class OrderBooks {
 public:
  using BookId = uint32_t;  // 0, 1, 2, ... as added

  // What a change did. Levels `first` to `last` may differ from before, in
  // size and, if `moved`, in price.
  struct Change {
    BookId book;
    Side side;
    uint32_t price;  // of the order that was there before
    size_t first;
    size_t last;
    bool moved;
  };

  // Why a message changed nothing.
  enum class Result { kDone, kUnknownRef, kKnownRef, kNoShares };

  BookId AddBook();

  // Errors: kKnownRef, kNoShares.
  Result Add(uint64_t ref, BookId book, Side side, uint32_t shares,
             uint32_t price, Change* change);

  // An execution or a partial cancel: takes shares off; the order goes with
  // its last one. More shares than there are take all. Errors: kUnknownRef.
  Result Take(uint64_t ref, uint32_t shares, Change* change);

  // Errors: kUnknownRef.
  Result Delete(uint64_t ref, Change* change);

  // Errors: kUnknownRef; kKnownRef and kNoShares of the new order: then the
  // old one has gone and `*change` tells so.
  Result Replace(uint64_t old_ref, uint64_t new_ref, uint32_t shares,
                 uint32_t price, Change* change);

  // No orders any more; the books stay.
  void Clear();

  size_t books() const { return books_.size(); }
  size_t orders() const { return orders_.size(); }
  const BookSide& side(BookId book, Side side) const {
    return books_[book][static_cast<size_t>(side)];
  }

  // Calls `visit(ref, book, side, shares, price)` for each live order, in no
  // order.
  template <typename Visit>
  void ForEachOrder(Visit visit) const {
    for (const auto& [ref, o] : orders_) {
      visit(ref, BookId{o.book}, o.sell ? Side::kSell : Side::kBuy, o.shares,
            o.price);
    }
  }

 private:
  struct Order {
    uint32_t price;
    uint32_t shares;
    BookId book : 31;
    uint32_t sell : 1;
  };
  using Orders = absl::flat_hash_map<uint64_t, Order>;

  static Side SideOf(const Order& order) {
    return order.sell ? Side::kSell : Side::kBuy;
  }
  BookSide& SideFor(const Order& order) {
    return books_[order.book][order.sell];
  }
  void TakeFrom(Orders::iterator it, uint32_t shares, Change* change);

  Orders orders_;
  std::vector<std::array<BookSide, 2>> books_;
};

}  // namespace streamhub::itch

#endif  // STREAMHUB_FEEDS_ITCH_ORDER_BOOK_H_
