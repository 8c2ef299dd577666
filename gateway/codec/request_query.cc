// Requests in the query of a GET.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/codec/request.h"
#include "gateway/codec/request_builder.h"

namespace streamhub {
namespace {

constexpr size_t kQueryBytesMax = 64 * 1024;

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// RFC 3986 section 2.1. A '+' is a plus.
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

struct Parameter {
  std::string name, value;
};

// nullopt if `builder` was told why.
std::optional<std::vector<Parameter>> Split(std::string_view query,
                                            RequestBuilder* builder) {
  std::vector<Parameter> parameters;
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
      builder->Fail("bad_request", "% not followed by two hex digits",
                    raw_name);
      return std::nullopt;
    }
    parameters.push_back({std::move(*name), std::move(*value)});
  }
  return parameters;
}

// An id that JSON would write just so is that number, any other a string.
bool ReadId(std::string_view text, RequestBuilder* builder) {
  int64_t number;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end && std::to_string(number) == text) {
    return builder->SetId(number);
  }
  return builder->SetId(text);
}

bool ReadRate(std::string_view text, RequestBuilder* builder) {
  if (text == "unlimited") return builder->SetUnlimited();
  double rate = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, rate);
  if (error != std::errc() || stop != end) rate = 0;  // refused as too slow
  return builder->SetRate(rate);
}

// Hands each name of a comma-separated list to `add`. An empty list has none.
template <typename Add>
bool ReadList(std::string_view list, Add add) {
  if (list.empty()) return true;
  while (true) {
    const size_t comma = list.find(',');
    if (!add(list.substr(0, comma))) return false;
    if (comma == list.npos) return true;
    list.remove_prefix(comma + 1);
  }
}

bool ReadParameter(const Parameter& parameter, RequestBuilder* builder) {
  // Not a parameter: a query is always a subscribe.
  if (parameter.name == "type") {
    return builder->Fail("bad_request", "not a part of a query", "type");
  }
  uint8_t key;
  if (!builder->Meet(parameter.name, &key)) return false;
  switch (key) {
    case RequestBuilder::kSymbols:
      return ReadList(parameter.value, [&](std::string_view text) {
        return builder->AddSymbol(text);
      });
    case RequestBuilder::kFields:
      return ReadList(parameter.value, [&](std::string_view name) {
        return builder->AddField(name);
      });
    case RequestBuilder::kMaxRate:
      return ReadRate(parameter.value, builder);
    case RequestBuilder::kAt:
      return builder->SetAt(parameter.value);
    default:  // the id, read before the others, or to be ignored
      return true;
  }
}

void ReadQuery(std::string_view query, RequestBuilder* builder) {
  builder->SetType("subscribe");
  if (query.size() > kQueryBytesMax) {
    builder->Fail("bad_request", "a query of more than 65536 bytes", "");
    return;
  }
  const auto parameters = Split(query, builder);
  if (!parameters.has_value()) return;
  for (const Parameter& parameter : *parameters) {
    if (parameter.name != "id") continue;
    if (!ReadId(parameter.value, builder)) return;
    break;
  }
  for (const Parameter& parameter : *parameters) {
    if (!ReadParameter(parameter, builder)) return;
  }
}

}  // namespace

ParsedRequest ParseQuery(std::string_view query) {
  RequestBuilder builder;
  ReadQuery(query, &builder);
  return builder.Finish();
}

}  // namespace streamhub
