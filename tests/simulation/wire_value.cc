#include "tests/simulation/wire_value.h"

#include <charconv>
#include <string>

namespace streamhub::simulation {

std::optional<int64_t> Scaled(std::string_view text, int decimals) {
  const size_t point = text.find('.');
  const size_t after = point == text.npos ? 0 : text.size() - point - 1;
  if (after != static_cast<size_t>(decimals)) return std::nullopt;
  std::string digits(text.substr(0, point));
  if (point != text.npos) digits += text.substr(point + 1);
  int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::optional<int64_t> WireValue(FieldId field, const JsonValue& json,
                                 int price_decimals, int quantity_decimals) {
  if (json.kind == JsonValue::Kind::kNull) return kEmpty;
  const FieldKind kind = KindOf(field);
  if (kind == FieldKind::kText) {
    if (json.kind != JsonValue::Kind::kString) return std::nullopt;
    return PackText(json.text);
  }
  if (json.kind != JsonValue::Kind::kNumber) return std::nullopt;
  switch (kind) {
    case FieldKind::kPrice:
      return Scaled(json.text, price_decimals);
    case FieldKind::kQuantity:
      return Scaled(json.text, quantity_decimals);
    default: {
      const auto us = Scaled(json.text, 0);
      if (!us.has_value()) return std::nullopt;
      return *us * 1000;
    }
  }
}

}  // namespace streamhub::simulation
