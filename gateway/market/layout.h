// The ordered list of fields that a symbol has, fixed when the symbol is made.
// Masks are relative to it: bit i is the field at position i. Immutable, so any
// thread may read.

#ifndef STREAMHUB_GATEWAY_MARKET_LAYOUT_H_
#define STREAMHUB_GATEWAY_MARKET_LAYOUT_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "gateway/market/field.h"

namespace streamhub {

using FieldMask = uint64_t;  // bit i: the field at position i of a layout

inline constexpr int kLayoutFieldsMax = 64;

class Layout {
 public:
  // 1 to 64 distinct fields. kTrading must be among them: every update may
  // carry it.
  explicit Layout(std::span<const FieldId> fields);

  int size() const { return static_cast<int>(fields_.size()); }
  FieldId field(int position) const { return fields_[position]; }

  // -1 if the layout does not have the field.
  int PositionOf(FieldId field) const {
    return positions_[static_cast<size_t>(field)];
  }

  FieldMask all() const { return all_; }

  // The fields that the layout has among those asked for, and `trading`.
  FieldMask MaskOf(std::span<const FieldId> fields) const;

 private:
  std::vector<FieldId> fields_;
  std::array<int8_t, kFieldCount> positions_;
  FieldMask all_;
};

// Best bid and ask, last trade and day fields.
const Layout& QuoteLayout();

// The same and levels 2 to 10 of the book.
const Layout& BookLayout();

// The first `count` fields of the dictionary, 1 to 64.
const Layout& DictionaryLayout(int count);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_LAYOUT_H_
