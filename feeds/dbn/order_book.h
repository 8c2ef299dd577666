// The book of one instrument by order, as mbo records build it (specification
// "Databento Binary Encoding", schema "mbo"). Knows nothing of bytes or of
// publishing. A book may be crossed: that is data. One thread.
//
// That of ITCH (feeds/itch/order_book.h) does not fit: its prices are 32 bits
// without a sign, here they are signed and of 1e-9; its orders are numbered
// across all stocks, here within an instrument, which is also what is cleared;
// and here an order is modified in place, whether it was known or not.
//
// Depth 0 is the best level. Each change is remembered by the best depth that
// it touched, so that what follows costs what changed.

#ifndef STREAMHUB_FEEDS_DBN_ORDER_BOOK_H_
#define STREAMHUB_FEEDS_DBN_ORDER_BOOK_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace streamhub::dbn {

enum class Side : uint8_t { kBid, kAsk };

struct Level {
  int64_t price = 0;
  uint64_t size = 0;
  uint32_t orders = 0;

  friend bool operator==(const Level&, const Level&) = default;
};

// The levels of one side.
class BookSide {
 public:
  explicit BookSide(Side side) : flip_(side == Side::kBid ? 0 : -1) {}

  size_t size() const { return levels_.size(); }

  // `depth` < size().
  Level At(size_t depth) const {
    Level level = levels_[levels_.size() - 1 - depth];
    level.price ^= flip_;
    return level;
  }

  // One more order; of its level the depth.
  size_t Add(int64_t price, uint32_t size);

  // `size` less at `price`, and an order less if `order_gone`; of the level
  // the depth that it has or had. There is an order with as much there.
  size_t Take(int64_t price, uint32_t size, bool order_gone);

  void Clear() { levels_.clear(); }

 private:
  size_t Find(int64_t key) const;

  // Asks keep their prices with all bits flipped, so that on both sides the
  // best is the largest. It is last: most changes are near it.
  int64_t flip_;
  std::vector<Level> levels_;
};

class OrderBook {
 public:
  // Why a record changed nothing.
  enum class Result { kDone, kUnknownOrder, kKnownOrder, kNoSize };

  OrderBook() : sides_{BookSide(Side::kBid), BookSide(Side::kAsk)} {}

  // Errors: kKnownOrder, kNoSize.
  Result Add(uint64_t id, Side side, int64_t price, uint32_t size);

  // A new price and size of the order, which stays on its side; one that is
  // not known is added. Without a size it is gone. Errors: kNoSize of one that
  // is not known.
  Result Modify(uint64_t id, Side side, int64_t price, uint32_t size);

  // Takes `size` off; the order goes with its last. More than there is takes
  // all. Errors: kUnknownOrder.
  Result Cancel(uint64_t id, uint32_t size);

  // The venue tells of this side the best level only: it replaces the side. No
  // size: there is none.
  void SetTop(uint64_t id, Side side, int64_t price, uint32_t size);

  void Clear();

  size_t orders() const { return orders_.size(); }
  bool Has(uint64_t id) const { return orders_.contains(id); }
  const BookSide& side(Side side) const {
    return sides_[static_cast<size_t>(side)];
  }

  // The best depth of that side that may differ from when this was last asked;
  // past all levels: none does. The first time it is 0.
  size_t TakeChanged(Side side);

  // Calls `visit(id, side, price, size)` for each live order, in no order.
  template <typename Visit>
  void ForEachOrder(Visit visit) const {
    for (const auto& [id, o] : orders_) visit(id, o.side, o.price, o.size);
  }

 private:
  struct Order {
    int64_t price;
    uint32_t size;
    Side side;
  };
  using Orders = absl::flat_hash_map<uint64_t, Order>;

  void TakeFrom(Orders::iterator it, uint32_t size);
  void Touch(Side side, size_t depth);

  Orders orders_;
  std::array<BookSide, 2> sides_;
  std::array<size_t, 2> changed_ = {0, 0};
};

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_ORDER_BOOK_H_
