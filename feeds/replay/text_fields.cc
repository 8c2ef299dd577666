#include "feeds/replay/text_fields.h"

#include "gateway/base/json_text.h"
#include "gateway/base/utc_text.h"
#include "gateway/base/utf8.h"

namespace streamhub {

bool IsNumber(FieldId field) {
  const FieldKind kind = KindOf(field);
  return kind == FieldKind::kPrice || kind == FieldKind::kQuantity;
}

void AppendFieldText(const SymbolInfo& symbol, FieldId field, int64_t value,
                     std::string* out) {
  switch (KindOf(field)) {
    case FieldKind::kPrice:
      AppendDecimal(value, symbol.price_decimals, out);
      break;
    case FieldKind::kQuantity:
      AppendDecimal(value, symbol.quantity_decimals, out);
      break;
    case FieldKind::kTime:
      AppendUtc(value, out);
      break;
    case FieldKind::kText: {
      char storage[8];
      out->append(ShownText(UnpackText(value, storage)));
      break;
    }
  }
}

std::string_view SideText(Taker taker) {
  switch (taker) {
    case Taker::kBuyer:
      return "buy";
    case Taker::kSeller:
      return "sell";
    case Taker::kUnknown:
      break;
  }
  return {};
}

}  // namespace streamhub
