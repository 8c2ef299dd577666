#include "feeds/itch/order_book.h"

#include <algorithm>

namespace streamhub::itch {
namespace {

// Beyond this depth a binary search is cheaper than looking on.
constexpr size_t kLookDepth = 8;

}  // namespace

// The index of the first level whose key is not below `key`.
size_t BookSide::Find(uint32_t key) const {
  size_t i = levels_.size();
  const size_t stop = i > kLookDepth ? i - kLookDepth : 0;
  while (i > stop) {
    if (levels_[i - 1].price < key) return i;
    --i;
  }
  const auto it = std::lower_bound(
      levels_.begin(), levels_.begin() + static_cast<ptrdiff_t>(i), key,
      [](const Level& level, uint32_t k) { return level.price < k; });
  return static_cast<size_t>(it - levels_.begin());
}

BookSide::Place BookSide::Add(uint32_t price, uint32_t shares) {
  const uint32_t key = price ^ flip_;
  const size_t i = Find(key);
  if (i < levels_.size() && levels_[i].price == key) {
    ++levels_[i].orders;
    levels_[i].shares += shares;
    return {levels_.size() - 1 - i, false};
  }
  levels_.insert(levels_.begin() + static_cast<ptrdiff_t>(i),
                 Level{key, 1, shares});
  return {levels_.size() - 1 - i, true};
}

BookSide::Place BookSide::Take(uint32_t price, uint32_t shares,
                               bool order_gone) {
  const size_t i = Find(price ^ flip_);
  Level& level = levels_[i];
  const size_t depth = levels_.size() - 1 - i;
  level.shares -= shares;
  if (!order_gone) return {depth, false};
  if (--level.orders > 0) return {depth, false};
  levels_.erase(levels_.begin() + static_cast<ptrdiff_t>(i));
  return {depth, true};
}

OrderBooks::BookId OrderBooks::AddBook() {
  books_.push_back({BookSide(Side::kBuy), BookSide(Side::kSell)});
  return static_cast<BookId>(books_.size() - 1);
}

OrderBooks::Result OrderBooks::Add(uint64_t ref, BookId book, Side side,
                                   uint32_t shares, uint32_t price,
                                   Change* change) {
  if (shares == 0) return Result::kNoShares;
  const Order order{price, shares, book, side == Side::kSell};
  if (!orders_.try_emplace(ref, order).second) return Result::kKnownRef;
  BookSide& levels = SideFor(order);
  const auto [depth, moved] = levels.Add(price, shares);
  *change = {book, side, price, depth, moved ? levels.size() - 1 : depth,
             moved};
  return Result::kDone;
}

// A level that has gone leaves one less, so that `last` is where there is
// nothing now.
void OrderBooks::TakeFrom(Orders::iterator it, uint32_t shares,
                          Change* change) {
  Order& order = it->second;
  shares = std::min(shares, order.shares);
  const bool gone = shares == order.shares;
  BookSide& levels = SideFor(order);
  const auto [depth, moved] = levels.Take(order.price, shares, gone);
  *change = {order.book,
             SideOf(order),
             order.price,
             depth,
             moved ? levels.size() : depth,
             moved};
  if (gone) {
    orders_.erase(it);
  } else {
    order.shares -= shares;
  }
}

OrderBooks::Result OrderBooks::Take(uint64_t ref, uint32_t shares,
                                    Change* change) {
  const auto it = orders_.find(ref);
  if (it == orders_.end()) return Result::kUnknownRef;
  TakeFrom(it, shares, change);
  return Result::kDone;
}

OrderBooks::Result OrderBooks::Delete(uint64_t ref, Change* change) {
  const auto it = orders_.find(ref);
  if (it == orders_.end()) return Result::kUnknownRef;
  TakeFrom(it, it->second.shares, change);
  return Result::kDone;
}

OrderBooks::Result OrderBooks::Replace(uint64_t old_ref, uint64_t new_ref,
                                       uint32_t shares, uint32_t price,
                                       Change* change) {
  const auto it = orders_.find(old_ref);
  if (it == orders_.end()) return Result::kUnknownRef;
  TakeFrom(it, it->second.shares, change);
  const Change taken = *change;
  Change added;
  const Result result =
      Add(new_ref, taken.book, taken.side, shares, price, &added);
  if (result != Result::kDone) return result;
  change->first = std::min(taken.first, added.first);
  change->moved = taken.moved || added.moved;
  // Where one level went and another came, those below both are where they
  // were.
  change->last = taken.moved == added.moved ? std::max(taken.first, added.first)
                                            : std::max(taken.last, added.last);
  return Result::kDone;
}

void OrderBooks::Clear() {
  orders_.clear();
  for (auto& book : books_) {
    for (BookSide& side : book) side.Clear();
  }
}

}  // namespace streamhub::itch
