#include "gateway/market/layout.h"

#include "gateway/base/check.h"

namespace streamhub {
namespace {

std::vector<Layout> DictionaryLayouts() {
  static_assert(kFieldCount >= kLayoutFieldsMax);
  std::vector<Layout> layouts;
  std::vector<FieldId> fields;
  for (int i = 0; i < kLayoutFieldsMax; ++i) {
    fields.push_back(static_cast<FieldId>(i));
    layouts.emplace_back(fields);
  }
  return layouts;
}

}  // namespace

Layout::Layout(std::span<const FieldId> fields)
    : fields_(fields.begin(), fields.end()) {
  STREAMHUB_CHECK(!fields.empty() && fields.size() <= kLayoutFieldsMax);
  positions_.fill(-1);
  for (size_t i = 0; i < fields_.size(); ++i) {
    int8_t& position = positions_[static_cast<size_t>(fields_[i])];
    STREAMHUB_CHECK(position == -1);
    position = static_cast<int8_t>(i);
  }
  STREAMHUB_CHECK(PositionOf(FieldId::kTrading) >= 0);
  all_ = ~FieldMask{0} >> (kLayoutFieldsMax - fields_.size());
}

FieldMask Layout::MaskOf(std::span<const FieldId> fields) const {
  FieldMask mask = FieldMask{1} << PositionOf(FieldId::kTrading);
  for (const FieldId field : fields) {
    const int position = PositionOf(field);
    if (position >= 0) mask |= FieldMask{1} << position;
  }
  return mask;
}

const Layout& QuoteLayout() {
  return DictionaryLayout(static_cast<int>(FieldId::kBid2));
}

const Layout& BookLayout() {
  return DictionaryLayout(static_cast<int>(FieldId::kBidCount));
}

const Layout& DictionaryLayout(int count) {
  STREAMHUB_CHECK(count >= 1 && count <= kLayoutFieldsMax);
  static const std::vector<Layout> layouts = DictionaryLayouts();
  return layouts[static_cast<size_t>(count) - 1];
}

}  // namespace streamhub
