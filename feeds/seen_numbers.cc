#include "feeds/seen_numbers.h"

#include <algorithm>

namespace streamhub {

void SeenNumbers::Begin(uint64_t first) {
  next_ = first;
  open_.clear();
  open_.reserve(kOpenMax + 1);
}

uint64_t SeenNumbers::Add(uint64_t first, uint64_t end) {
  if (first >= end) return 0;
  uint64_t fresh = 0;
  if (first < next_) fresh = Fill(first, std::min(end, next_));
  if (end <= next_) return fresh;
  Expect(first);
  fresh += end - next_;
  next_ = end;
  return fresh;
}

void SeenNumbers::Expect(uint64_t next) {
  if (next <= next_) return;
  Open(next_, next);
  next_ = next;
}

void SeenNumbers::Open(uint64_t first, uint64_t end) {
  missing_ += end - first;
  if (!open_.empty() && open_.back().end == first) {
    open_.back().end = end;
    return;
  }
  open_.push_back({first, end});
  if (open_.size() > kOpenMax) open_.erase(open_.begin());
}

// How many of `first` to `end` - 1 were missing; they are no more.
uint64_t SeenNumbers::Fill(uint64_t first, uint64_t end) {
  uint64_t filled = 0;
  auto range = std::lower_bound(
      open_.begin(), open_.end(), first,
      [](const Range& r, uint64_t number) { return r.end <= number; });
  while (range != open_.end() && range->first < end) {
    const Range was = *range;
    const Range part = {std::max(was.first, first), std::min(was.end, end)};
    filled += part.end - part.first;
    if (part.first == was.first && part.end == was.end) {
      range = open_.erase(range);
    } else if (part.first == was.first) {
      (range++)->first = part.end;
    } else {
      range->end = part.first;
      ++range;
      if (part.end < was.end) {
        range = open_.insert(range, {part.end, was.end}) + 1;
      }
    }
  }
  missing_ -= filled;
  if (open_.size() > kOpenMax) open_.erase(open_.begin());
  return filled;
}

}  // namespace streamhub
