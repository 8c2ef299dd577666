#include "feeds/top_levels.h"

namespace streamhub {

const TopFields& FieldsOfBids() {
  static const TopFields fields = [] {
    TopFields made;
    for (size_t i = 0; i < kTopDepth; ++i) {
      const BookLevelFields level = FieldsOfLevel(static_cast<int>(i) + 1);
      made.price[i] = level.bid;
      made.size[i] = level.bid_size;
    }
    return made;
  }();
  return fields;
}

const TopFields& FieldsOfAsks() {
  static const TopFields fields = [] {
    TopFields made;
    for (size_t i = 0; i < kTopDepth; ++i) {
      const BookLevelFields level = FieldsOfLevel(static_cast<int>(i) + 1);
      made.price[i] = level.ask;
      made.size[i] = level.ask_size;
    }
    return made;
  }();
  return fields;
}

TopSide TopOf(const LevelSide* levels, const TopLevel* best) {
  TopSide top;
  size_t count = 0;
  size_t depth = 0;
  if (best != nullptr) {
    if (best->size == 0) return top;
    top[count++] = *best;
  }
  if (levels == nullptr) return top;
  if (best != nullptr) {
    while (depth < levels->size() &&
           levels->NotWorse(levels->At(depth).price, best->price)) {
      ++depth;
    }
  }
  for (; count < kTopDepth && depth < levels->size(); ++depth) {
    const Level level = levels->At(depth);
    top[count++] = {level.price, level.size};
  }
  return top;
}

size_t PutChanged(const TopFields& fields, const TopSide& now, TopSide* told,
                  FieldValue* out) {
  size_t count = 0;
  for (size_t i = 0; i < kTopDepth; ++i) {
    TopLevel& before = (*told)[i];
    if (now[i].price != before.price) {
      out[count++] = {fields.price[i], now[i].price};
    }
    if (now[i].size != before.size) {
      out[count++] = {fields.size[i], now[i].size};
    }
    before = now[i];
  }
  return count;
}

}  // namespace streamhub
