// Order books the plain way, one map of orders and nothing else: what the fast
// ones are compared with.

#ifndef STREAMHUB_TESTS_FEEDS_ITCH_NAIVE_BOOKS_H_
#define STREAMHUB_TESTS_FEEDS_ITCH_NAIVE_BOOKS_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "feeds/itch/messages.h"
#include "feeds/itch/order_book.h"

namespace streamhub::itch {

struct NaiveBooks {
  struct Order {
    uint32_t book;
    Side side;
    uint32_t shares;
    uint32_t price;
  };

  bool Add(uint64_t ref, const Order& order) {
    return order.shares > 0 && orders.try_emplace(ref, order).second;
  }

  bool Take(uint64_t ref, uint32_t shares) {
    const auto it = orders.find(ref);
    if (it == orders.end()) return false;
    if (shares >= it->second.shares) {
      orders.erase(it);
    } else {
      it->second.shares -= shares;
    }
    return true;
  }

  bool Replace(uint64_t old_ref, uint64_t new_ref, uint32_t shares,
               uint32_t price) {
    const auto it = orders.find(old_ref);
    if (it == orders.end()) return false;
    Order order = it->second;
    orders.erase(it);
    order.shares = shares;
    order.price = price;
    return Add(new_ref, order);
  }

  // Best first.
  std::vector<Level> Levels(uint32_t book, Side side) const {
    std::map<uint32_t, Level> by_price;
    for (const auto& [ref, order] : orders) {
      if (order.book != book || order.side != side) continue;
      Level& level = by_price[order.price];
      level.price = order.price;
      ++level.orders;
      level.shares += order.shares;
    }
    std::vector<Level> levels;
    for (const auto& [price, level] : by_price) levels.push_back(level);
    if (side == Side::kBuy) std::reverse(levels.begin(), levels.end());
    return levels;
  }

  std::map<uint64_t, Order> orders;
};

inline std::vector<Level> LevelsOf(const BookSide& side) {
  std::vector<Level> levels;
  for (size_t i = 0; i < side.size(); ++i) levels.push_back(side.At(i));
  return levels;
}

}  // namespace streamhub::itch

#endif  // STREAMHUB_TESTS_FEEDS_ITCH_NAIVE_BOOKS_H_
