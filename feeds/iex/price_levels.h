// One side of a book as DEEP tells it: prices and all that is displayed at
// each. Sizes are absolute. Knows nothing of DEEP's bytes or of publishing. A
// book may be crossed: that is data. One thread.
//
// Each change tells which levels differ from before, so that what follows
// costs what changed. Depth 0 is the best level.

#ifndef STREAMHUB_FEEDS_IEX_PRICE_LEVELS_H_
#define STREAMHUB_FEEDS_IEX_PRICE_LEVELS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "feeds/iex/messages.h"

namespace streamhub::iex {

// The levels `first` to `last` may differ from before; none if first > last.
struct ChangedLevels {
  size_t first = ~size_t{0};
  size_t last = 0;

  bool none() const { return first > last; }

  // What may differ from before both.
  void Add(const ChangedLevels& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }

  friend bool operator==(const ChangedLevels&, const ChangedLevels&) = default;
};

class PriceLevels {
 public:
  struct Level {
    int64_t price = 0;
    uint32_t size = 0;
    friend bool operator==(const Level&, const Level&) = default;
  };

  explicit PriceLevels(Side side)
      : flip_(side == Side::kBuy ? 0 : ~int64_t{0}) {}

  size_t size() const { return levels_.size(); }

  // `depth` < size().
  Level At(size_t depth) const {
    Level level = levels_[levels_.size() - 1 - depth];
    level.price ^= flip_;
    return level;
  }

  // From now on `size` is displayed at `price`; 0: nothing. Nothing changed if
  // there was nothing either.
  ChangedLevels Set(int64_t price, uint32_t size);

  void Clear() { levels_.clear(); }

 private:
  size_t Find(int64_t key) const;

  // Sells keep their prices with all bits flipped, so that on both sides the
  // best is the largest. It is last: most changes are near it.
  int64_t flip_;
  std::vector<Level> levels_;
};

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_PRICE_LEVELS_H_
