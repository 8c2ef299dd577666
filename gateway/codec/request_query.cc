// Requests in the query of a GET.

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/codec/query_string.h"
#include "gateway/codec/request.h"
#include "gateway/codec/request_builder.h"

namespace streamhub {
namespace {

constexpr size_t kQueryBytesMax = 64 * 1024;

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

bool ReadHistory(std::string_view text, RequestBuilder* builder) {
  int64_t messages = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, messages);
  if (error != std::errc() || stop != end) messages = -1;  // is refused
  return builder->SetHistory(messages);
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

bool ReadParameter(const QueryParameter& parameter, RequestBuilder* builder) {
  // Not a parameter: a query is always a subscribe.
  if (parameter.name == "type") {
    return builder->Fail("bad_request", "not a part of a query", "type");
  }
  uint16_t key;
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
    case RequestBuilder::kHistory:
      return ReadHistory(parameter.value, builder);
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
  std::vector<QueryParameter> parameters;
  std::string bad;
  if (!SplitQuery(query, &parameters, &bad)) {
    builder->Fail("bad_request", "% not followed by two hex digits", bad);
    return;
  }
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name != "id") continue;
    if (!ReadId(parameter.value, builder)) return;
    break;
  }
  for (const QueryParameter& parameter : parameters) {
    if (!ReadParameter(parameter, builder)) return;
  }
}

constexpr std::string_view kEncodingKey = "encoding";

}  // namespace

std::optional<RequestError> TakeEncoding(std::string* query,
                                         Encoding* encoding) {
  *encoding = Encoding::kJson;
  const std::vector<std::string> values = TakeParameters(kEncodingKey, query);
  if (values.empty()) return std::nullopt;
  if (values.size() > 1) {
    return RequestError{"", "bad_request", "given twice",
                        std::string(kEncodingKey)};
  }
  if (values.front() == "fb") {
    *encoding = Encoding::kFlat;
  } else if (values.front() != "json") {
    return RequestError{"", "not_supported", "encoding must be json or fb",
                        std::string(kEncodingKey)};
  }
  return std::nullopt;
}

ParsedRequest ParseQuery(std::string_view query) {
  RequestBuilder builder;
  ReadQuery(query, &builder);
  return builder.Finish();
}

}  // namespace streamhub
