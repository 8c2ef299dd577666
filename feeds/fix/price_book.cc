#include "feeds/fix/price_book.h"

#include <algorithm>

namespace streamhub::fix {

size_t BookSide::PlaceOf(int64_t price) const {
  if (numbered_) {
    // The venue's order, which need not be that of prices.
    const auto it = std::find_if(
        levels_.begin(), levels_.end(),
        [&](const Level& level) { return !IsBetter(level.price, price); });
    return static_cast<size_t>(it - levels_.begin());
  }
  const auto it = std::lower_bound(
      levels_.begin(), levels_.end(), price,
      [&](const Level& level, int64_t p) { return IsBetter(level.price, p); });
  return static_cast<size_t>(it - levels_.begin());
}

size_t BookSide::Find(int64_t price) const {
  const size_t depth = PlaceOf(price);
  return depth < levels_.size() && levels_[depth].price == price ? depth
                                                                 : kNone;
}

void BookSide::Insert(size_t depth, const Level& level) {
  levels_.insert(levels_.begin() + static_cast<std::ptrdiff_t>(depth), level);
  Touch(depth, levels_.size());
}

bool BookSide::Erase(size_t first, size_t end) {
  const size_t before = levels_.size();
  end = std::min(end, before);
  if (first >= end) return false;
  levels_.erase(levels_.begin() + static_cast<std::ptrdiff_t>(first),
                levels_.begin() + static_cast<std::ptrdiff_t>(end));
  Touch(first, before);
  return true;
}

bool BookSide::Add(int64_t price, int64_t size) {
  const size_t depth = PlaceOf(price);
  if (depth == levels_.size() || levels_[depth].price != price) {
    Insert(depth, {price, size, 1});
    return true;
  }
  Level& level = levels_[depth];
  if (level.size == kEmpty) {
    level.size = size;
  } else if (size != kEmpty) {
    int64_t sum = 0;
    if (__builtin_add_overflow(level.size, size, &sum)) return false;
    level.size = sum;
  }
  ++level.entries;
  Touch(depth, depth + 1);
  return true;
}

void BookSide::Take(int64_t price, int64_t size) {
  const size_t depth = Find(price);
  if (depth == kNone) return;
  Level& level = levels_[depth];
  if (level.entries <= 1) {
    Erase(depth, depth + 1);
    return;
  }
  --level.entries;
  if (size != kEmpty && level.size != kEmpty) {
    level.size = std::max<int64_t>(level.size - size, 0);
  }
  Touch(depth, depth + 1);
}

void BookSide::Set(int64_t price, int64_t size) {
  const size_t depth = PlaceOf(price);
  if (depth == levels_.size() || levels_[depth].price != price) {
    Insert(depth, {price, size, 1});
    return;
  }
  levels_[depth] = {price, size, 1};
  Touch(depth, depth + 1);
}

bool BookSide::InsertAt(size_t depth, int64_t price, int64_t size) {
  if (depth > levels_.size()) return false;
  numbered_ = true;
  numbers_ = std::max(numbers_, depth + 1);
  Insert(depth, {price, size, 1});
  Erase(numbers_, levels_.size());
  return true;
}

bool BookSide::SetAt(size_t depth, int64_t price, int64_t size) {
  if (depth >= levels_.size()) return InsertAt(depth, price, size);
  numbered_ = true;
  numbers_ = std::max(numbers_, depth + 1);
  levels_[depth] = {price, size, 1};
  Touch(depth, depth + 1);
  return true;
}

PriceBook::Result PriceBook::Apply(const Change& change) {
  if (change.level == 0 && !(change.id.empty() && change.ref_id.empty()) &&
      !change.top) {
    return ById(change);
  }
  if (!change.side.has_value()) return Result::kNoSide;
  BookSide& its = side(*change.side);
  const bool puts = change.action == Action::kNew ||
                    change.action == Action::kChange ||
                    change.action == Action::kOverlay;
  if (change.top) {
    if (puts && !change.price.has_value()) return Result::kNoPrice;
    if (!puts && its.size() == 0) return Result::kUnknown;
    its.Clear();
    if (puts) its.Set(*change.price, change.size.value_or(kEmpty));
    return Result::kDone;
  }
  return change.level > 0 ? ByLevel(change, its) : ByPrice(change, its);
}

PriceBook::Result PriceBook::ByLevel(const Change& change, BookSide& side) {
  const auto depth = static_cast<size_t>(change.level) - 1;
  bool done = false;
  switch (change.action) {
    case Action::kNew:
      if (!change.price.has_value()) return Result::kNoPrice;
      done = side.InsertAt(depth, *change.price, change.size.value_or(kEmpty));
      break;
    case Action::kChange:
    case Action::kOverlay: {
      const bool there = depth < side.size();
      if (!there && !change.price.has_value()) return Result::kUnknown;
      const Level old = there ? side.At(depth) : Level();
      done = side.SetAt(depth, change.price.value_or(old.price),
                        change.size.value_or(old.size));
      break;
    }
    case Action::kDelete:
      done = side.Erase(depth, depth + 1);
      break;
    case Action::kDeleteThru:
      done = side.Erase(0, depth + 1);
      break;
    case Action::kDeleteFrom:
      done = side.Erase(depth, side.size());
      break;
  }
  return done ? Result::kDone : Result::kUnknown;
}

PriceBook::Result PriceBook::ById(const Change& change) {
  // What is there has the id that is referred to, where there are two.
  const std::string_view old_id =
      change.ref_id.empty() ? change.id : change.ref_id;
  const std::string_view new_id = change.id.empty() ? old_id : change.id;
  if (old_id.size() > EntryId::kBytesMax ||
      new_id.size() > EntryId::kBytesMax) {
    return Result::kIdTooLong;
  }
  const bool fresh = change.action == Action::kNew;
  const auto it = entries_.find(EntryId(fresh ? new_id : old_id));
  const bool known = it != entries_.end();
  if (change.action == Action::kDelete) {
    if (!known) return Result::kUnknown;
    side(it->second.side).Take(it->second.price, it->second.size);
    entries_.erase(it);
    return Result::kDone;
  }
  if (!fresh && change.action != Action::kChange &&
      change.action != Action::kOverlay) {
    return Result::kUnknown;  // a range of ids
  }
  const bool stays = known && !fresh;
  if (!change.side.has_value() && !stays) return Result::kNoSide;
  if (!change.price.has_value() && !stays) return Result::kNoPrice;
  Resting now = stays ? it->second : Resting{Side::kBid, 0, kEmpty};
  now.side = change.side.value_or(now.side);
  now.price = change.price.value_or(now.price);
  now.size = change.size.value_or(now.size);
  if (known) {
    side(it->second.side).Take(it->second.price, it->second.size);
    entries_.erase(it);
  }
  // Another one may have the new id.
  if (const auto other = entries_.find(EntryId(new_id));
      other != entries_.end()) {
    side(other->second.side).Take(other->second.price, other->second.size);
    entries_.erase(other);
  }
  if (!side(now.side).Add(now.price, now.size)) return Result::kTooBig;
  entries_.emplace(EntryId(new_id), now);
  return Result::kDone;
}

PriceBook::Result PriceBook::ByPrice(const Change& change, BookSide& side) {
  const size_t depth =
      change.price.has_value() ? side.Find(*change.price) : BookSide::kNone;
  const bool only = side.size() == 1;
  switch (change.action) {
    case Action::kNew:
    case Action::kChange:
    case Action::kOverlay: {
      if (!change.price.has_value() && !only) return Result::kNoPrice;
      const int64_t size = change.size.value_or(kEmpty);
      if (!change.price.has_value()) {
        side.Set(side.At(0).price, size);
        return Result::kDone;
      }
      if (change.more) {
        return side.Add(*change.price, size) ? Result::kDone : Result::kTooBig;
      }
      if (change.action != Action::kNew && depth == BookSide::kNone) {
        if (side.size() > 1) return Result::kUnknown;
        side.Clear();
      }
      side.Set(*change.price, size);
      return Result::kDone;
    }
    case Action::kDelete: {
      const size_t gone = !change.price.has_value() && only ? size_t{0} : depth;
      if (gone == BookSide::kNone) return Result::kUnknown;
      side.Erase(gone, gone + 1);
      return Result::kDone;
    }
    case Action::kDeleteThru:
    case Action::kDeleteFrom:
      if (depth == BookSide::kNone) return Result::kUnknown;
      if (change.action == Action::kDeleteThru) {
        side.Erase(0, depth + 1);
      } else {
        side.Erase(depth, side.size());
      }
      return Result::kDone;
  }
  return Result::kUnknown;
}

void PriceBook::Clear() {
  bids_.Clear();
  asks_.Clear();
  entries_.clear();
}

}  // namespace streamhub::fix
