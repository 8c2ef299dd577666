// A book by price level, as venues send it that tell each level's new size.
// Knows nothing of messages or of publishing. A book may be crossed: that is
// data. One thread.
//
// Each side is one sorted array with its best level last. A change finds its
// level among the best few or by binary search, in O(log n); a level that comes
// or goes moves those that are better, so that n levels cost O(n) bytes only
// far from the best, where changes are rare: 5,000 levels of 24 bytes are what
// a processor moves in two microseconds. A snapshot in the venue's order is
// O(n), in any other O(n log n). Depth 0 is the best level.

#ifndef STREAMHUB_FEEDS_LEVEL_BOOK_H_
#define STREAMHUB_FEEDS_LEVEL_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace streamhub {

struct Level {
  int64_t price = 0;
  int64_t size = 0;
  // How many decimals the venue wrote, for its checksum.
  uint8_t price_written = 0;
  uint8_t size_written = 0;

  friend bool operator==(const Level&, const Level&) = default;
};

class LevelSide {
 public:
  // Many times the deepest book there is; what would be more is refused.
  static constexpr size_t kLevelsMax = 100'000;

  explicit LevelSide(bool bids) : sign_(bids ? 1 : -1) {}

  size_t size() const { return levels_.size(); }

  // `depth` < size().
  Level At(size_t depth) const {
    Level level = levels_[levels_.size() - 1 - depth];
    level.price *= sign_;
    return level;
  }

  // True if `price` is better than or the same as `other`.
  bool NotWorse(int64_t price, int64_t other) const {
    return price * sign_ >= other * sign_;
  }

  // The level's size is this now; 0: there is none. False, and nothing
  // changes, if it would be one too many. The price is not kEmpty.
  bool Set(const Level& level);

  // These levels and no others, of one price the last one. False, and the side
  // is empty, if they are too many.
  bool Assign(std::span<const Level> levels);

  // The best `depth` levels only.
  void Keep(size_t depth);

  void Clear() { levels_.clear(); }

 private:
  size_t Find(int64_t key) const;

  // Asks keep their prices with the sign turned, so that on both sides the
  // best is the largest.
  const int64_t sign_;
  std::vector<Level> levels_;
};

struct LevelBook {
  LevelSide bids{true};
  LevelSide asks{false};

  // Each false as above: then what is left is no book.
  bool Assign(std::span<const Level> all_bids, std::span<const Level> all_asks);
  bool Apply(std::span<const Level> new_bids, std::span<const Level> new_asks);
  void Keep(size_t depth);
  void Clear();
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_LEVEL_BOOK_H_
