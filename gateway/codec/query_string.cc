#include "gateway/codec/query_string.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace streamhub {
namespace {

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// RFC 3986 section 2.1.
std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const auto high = HexDigit(text[i + 1]);
    const auto low = HexDigit(text[i + 2]);
    if (!high.has_value() || !low.has_value()) return std::nullopt;
    decoded += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return decoded;
}

}  // namespace

bool SplitQuery(std::string_view query, std::vector<QueryParameter>* parameters,
                std::string* bad) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(part.size() + (part.size() < query.size() ? 1 : 0));
    if (part.empty()) continue;
    const std::string_view raw_name = part.substr(0, part.find('='));
    const std::string_view raw_value =
        part.substr(std::min(raw_name.size() + 1, part.size()));
    auto name = PercentDecode(raw_name);
    auto value = PercentDecode(raw_value);
    if (!name.has_value() || !value.has_value()) {
      *bad = raw_name;
      return false;
    }
    parameters->push_back({std::move(*name), std::move(*value)});
  }
  return true;
}

std::vector<std::string> TakeParameters(std::string_view name,
                                        std::string* query) {
  std::vector<std::string> values;
  std::string rest;
  for (std::string_view all = *query; !all.empty();) {
    const std::string_view part = all.substr(0, all.find('&'));
    all.remove_prefix(part.size() + (part.size() < all.size() ? 1 : 0));
    std::vector<QueryParameter> parameter;
    std::string bad;
    if (part.substr(0, part.find('=')) == name &&
        SplitQuery(part, &parameter, &bad)) {
      values.push_back(std::move(parameter.front().value));
      continue;
    }
    if (!rest.empty()) rest += '&';
    rest += part;
  }
  if (!values.empty()) *query = std::move(rest);
  return values;
}

}  // namespace streamhub
