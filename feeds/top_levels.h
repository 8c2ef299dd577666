// The levels of a book that clients see, how a best quote that is newer than
// the book goes with it, and what of them changed. Pure.

#ifndef STREAMHUB_FEEDS_TOP_LEVELS_H_
#define STREAMHUB_FEEDS_TOP_LEVELS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "feeds/field_value.h"
#include "feeds/level_book.h"
#include "gateway/market/field.h"

namespace streamhub {

inline constexpr size_t kTopDepth = 10;

struct TopLevel {
  int64_t price = kEmpty;
  int64_t size = kEmpty;  // kEmpty beside a price: not told

  friend bool operator==(const TopLevel&, const TopLevel&) = default;
};

// The best first; behind the last one all are empty.
using TopSide = std::array<TopLevel, kTopDepth>;

// The fields that tell them.
struct TopFields {
  std::array<FieldId, kTopDepth> price;
  std::array<FieldId, kTopDepth> size;
};
const TopFields& FieldsOfBids();
const TopFields& FieldsOfAsks();

// Of one side: `levels`, null if there is no book. `best`, null if there is
// none that is newer, takes the first place, and levels that are better than it
// have gone; if its size is 0, the whole side has.
TopSide TopOf(const LevelSide* levels, const TopLevel* best);

// The fields of `now` that differ from `*told`, which becomes it, to `out`,
// which has room for all of them. How many there are.
size_t PutChanged(const TopFields& fields, const TopSide& now, TopSide* told,
                  FieldValue* out);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_TOP_LEVELS_H_
