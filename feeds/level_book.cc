#include "feeds/level_book.h"

#include <algorithm>

namespace streamhub {
namespace {

// Beyond this depth a binary search is cheaper than looking on.
constexpr size_t kLookDepth = 8;

bool Below(const Level& a, const Level& b) { return a.price < b.price; }

}  // namespace

// The index of the first level whose key is not below `key`.
size_t LevelSide::Find(int64_t key) const {
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

bool LevelSide::Set(const Level& level) {
  Level kept = level;
  kept.price *= sign_;
  const size_t i = Find(kept.price);
  const auto at = levels_.begin() + static_cast<ptrdiff_t>(i);
  const bool there = i < levels_.size() && at->price == kept.price;
  if (level.size == 0) {
    if (there) levels_.erase(at);
    return true;
  }
  if (there) {
    *at = kept;
    return true;
  }
  if (levels_.size() == kLevelsMax) return false;
  levels_.insert(at, kept);
  return true;
}

bool LevelSide::Assign(std::span<const Level> levels) {
  levels_.clear();
  if (levels.size() > kLevelsMax) return false;
  // Venues begin with the best.
  for (size_t i = levels.size(); i > 0; --i) {
    levels_.push_back(levels[i - 1]);
    levels_.back().price *= sign_;
  }
  if (!std::is_sorted(levels_.begin(), levels_.end(), Below)) {
    std::stable_sort(levels_.begin(), levels_.end(), Below);
  }
  // Of one price the last one told stands first here.
  levels_.erase(std::unique(levels_.begin(), levels_.end(),
                            [](const Level& a, const Level& b) {
                              return a.price == b.price;
                            }),
                levels_.end());
  std::erase_if(levels_, [](const Level& level) { return level.size == 0; });
  return true;
}

void LevelSide::Keep(size_t depth) {
  if (levels_.size() <= depth) return;
  levels_.erase(levels_.begin(), levels_.end() - static_cast<ptrdiff_t>(depth));
}

bool LevelBook::Assign(std::span<const Level> all_bids,
                       std::span<const Level> all_asks) {
  return bids.Assign(all_bids) && asks.Assign(all_asks);
}

bool LevelBook::Apply(std::span<const Level> new_bids,
                      std::span<const Level> new_asks) {
  for (const Level& level : new_bids) {
    if (!bids.Set(level)) return false;
  }
  for (const Level& level : new_asks) {
    if (!asks.Set(level)) return false;
  }
  return true;
}

void LevelBook::Keep(size_t depth) {
  bids.Keep(depth);
  asks.Keep(depth);
}

void LevelBook::Clear() {
  bids.Clear();
  asks.Clear();
}

}  // namespace streamhub
