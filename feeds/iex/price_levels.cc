#include "feeds/iex/price_levels.h"

namespace streamhub::iex {
namespace {

// Beyond this depth a binary search is cheaper than looking on.
constexpr size_t kLookDepth = 8;

}  // namespace

// The index of the first level whose key is not below `key`.
size_t PriceLevels::Find(int64_t key) const {
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

ChangedLevels PriceLevels::Set(int64_t price, uint32_t size) {
  const int64_t key = price ^ flip_;
  const size_t i = Find(key);
  const auto at = levels_.begin() + static_cast<ptrdiff_t>(i);
  const size_t before = levels_.size();
  const bool there = i < before && at->price == key;
  if (there && size != 0) {
    at->size = size;
    return {before - 1 - i, before - 1 - i};
  }
  if (there) {
    levels_.erase(at);
    // Worse levels moved up, and where the worst was there is nothing now.
    return {before - 1 - i, before - 1};
  }
  if (size == 0) return {};
  levels_.insert(at, Level{key, size});
  return {before - i, before};
}

}  // namespace streamhub::iex
