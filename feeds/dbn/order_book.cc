#include "feeds/dbn/order_book.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace streamhub::dbn {
namespace {

// Beyond this depth a binary search is cheaper than looking on.
constexpr size_t kLookDepth = 8;

constexpr size_t kUntouched = std::numeric_limits<size_t>::max();

}  // namespace

// The index of the first level whose key is not below `key`.
size_t BookSide::Find(int64_t key) const {
  size_t i = levels_.size();
  const size_t stop = i > kLookDepth ? i - kLookDepth : 0;
  while (i > stop) {
    if (levels_[i - 1].price < key) return i;
    --i;
  }
  const auto it = std::lower_bound(
      levels_.begin(), levels_.begin() + static_cast<ptrdiff_t>(i), key,
      [](const Level& level, int64_t k) { return level.price < k; });
  return static_cast<size_t>(it - levels_.begin());
}

size_t BookSide::Add(int64_t price, uint32_t size) {
  const int64_t key = price ^ flip_;
  const size_t i = Find(key);
  if (i < levels_.size() && levels_[i].price == key) {
    levels_[i].size += size;
    ++levels_[i].orders;
  } else {
    levels_.insert(levels_.begin() + static_cast<ptrdiff_t>(i),
                   Level{key, size, 1});
  }
  return levels_.size() - 1 - i;
}

size_t BookSide::Take(int64_t price, uint32_t size, bool order_gone) {
  const size_t i = Find(price ^ flip_);
  const size_t depth = levels_.size() - 1 - i;
  Level& level = levels_[i];
  level.size -= size;
  if (order_gone && --level.orders == 0) {
    levels_.erase(levels_.begin() + static_cast<ptrdiff_t>(i));
  }
  return depth;
}

void OrderBook::Touch(Side side, size_t depth) {
  size_t& changed = changed_[static_cast<size_t>(side)];
  changed = std::min(changed, depth);
}

size_t OrderBook::TakeChanged(Side side) {
  return std::exchange(changed_[static_cast<size_t>(side)], kUntouched);
}

OrderBook::Result OrderBook::Add(uint64_t id, Side side, int64_t price,
                                 uint32_t size) {
  if (size == 0) return Result::kNoSize;
  if (!orders_.try_emplace(id, Order{price, size, side}).second) {
    return Result::kKnownOrder;
  }
  Touch(side, sides_[static_cast<size_t>(side)].Add(price, size));
  return Result::kDone;
}

void OrderBook::TakeFrom(Orders::iterator it, uint32_t size) {
  Order& order = it->second;
  size = std::min(size, order.size);
  const bool gone = size == order.size;
  Touch(order.side,
        sides_[static_cast<size_t>(order.side)].Take(order.price, size, gone));
  if (gone) {
    orders_.erase(it);
  } else {
    order.size -= size;
  }
}

OrderBook::Result OrderBook::Modify(uint64_t id, Side side, int64_t price,
                                    uint32_t size) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return Add(id, side, price, size);
  const Side stays = it->second.side;
  TakeFrom(it, it->second.size);
  if (size > 0) Add(id, stays, price, size);
  return Result::kDone;
}

OrderBook::Result OrderBook::Cancel(uint64_t id, uint32_t size) {
  const auto it = orders_.find(id);
  if (it == orders_.end()) return Result::kUnknownOrder;
  TakeFrom(it, size);
  return Result::kDone;
}

void OrderBook::SetTop(uint64_t id, Side side, int64_t price, uint32_t size) {
  absl::erase_if(orders_,
                 [side](const auto& o) { return o.second.side == side; });
  sides_[static_cast<size_t>(side)].Clear();
  Touch(side, 0);
  if (size > 0) Modify(id, side, price, size);
}

void OrderBook::Clear() {
  orders_.clear();
  for (BookSide& side : sides_) side.Clear();
  changed_ = {0, 0};
}

}  // namespace streamhub::dbn
