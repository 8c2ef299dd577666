#include "gateway/codec/request.h"

// simdjson makes no secret of its inline functions being many.
#include <simdjson.h>

#include <cstddef>
#include <utility>

#include "gateway/codec/raw_json.h"
#include "gateway/codec/request_builder.h"

namespace streamhub {
namespace {

namespace dom = simdjson::dom;

constexpr size_t kMessageBytesMax = 64 * 1024;
constexpr size_t kRequestsMax = 64;

RequestError Refusal(std::string_view code, std::string_view reason) {
  return {.id = {},
          .code = std::string(code),
          .reason = std::string(reason),
          .key = {}};
}

bool ReadId(dom::element value, RequestBuilder* builder) {
  std::string_view text;
  int64_t number;
  uint64_t big_number;
  if (value.get(text) == simdjson::SUCCESS) return builder->SetId(text);
  if (value.get(number) == simdjson::SUCCESS) return builder->SetId(number);
  if (value.get(big_number) == simdjson::SUCCESS) {
    return builder->SetId(big_number);
  }
  return builder->Fail("bad_request", "an id is an integer or a string", "id");
}

// Hands each string of the array `value` to `add`.
template <typename Add>
bool ReadStrings(dom::element value, std::string_view key, Add add,
                 RequestBuilder* builder) {
  dom::array array;
  if (value.get(array) != simdjson::SUCCESS) {
    return builder->Fail("bad_request", "must be an array of strings", key);
  }
  for (const dom::element item : array) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) {
      return builder->Fail("bad_request", "must be an array of strings", key);
    }
    if (!add(text)) return false;
  }
  return true;
}

bool ReadRate(dom::element value, RequestBuilder* builder) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS && text == "unlimited") {
    return builder->SetUnlimited();
  }
  double rate;
  // 0 is refused as every rate below the slowest.
  if (value.get(rate) != simdjson::SUCCESS) rate = 0;
  return builder->SetRate(rate);
}

// Negative, and so refused, if it is no integer.
int64_t ReadCount(dom::element value) {
  int64_t count;
  return value.get(count) == simdjson::SUCCESS ? count : -1;
}

// `raw` are the texts of the request's members, of which this is one.
bool ReadMember(dom::key_value_pair member, size_t index, RawParts* raw,
                RequestBuilder* builder) {
  uint16_t key;
  if (!builder->Meet(member.key, &key)) return false;
  switch (key) {
    case RequestBuilder::kSymbols:
      return ReadStrings(
          member.value, "symbols",
          [&](std::string_view text) { return builder->AddSymbol(text); },
          builder);
    case RequestBuilder::kFields:
      return ReadStrings(
          member.value, "fields",
          [&](std::string_view name) { return builder->AddField(name); },
          builder);
    case RequestBuilder::kMaxRate:
      return ReadRate(member.value, builder);
    case RequestBuilder::kAt: {
      std::string_view token;  // empty, and so refused, if it is no string
      if (member.value.get(token) != simdjson::SUCCESS) token = {};
      return builder->SetAt(token);
    }
    case RequestBuilder::kTime:
      return builder->SetTime(ReadCount(member.value));
    case RequestBuilder::kHeldUs:
      return builder->SetHeldUs(ReadCount(member.value));
    case RequestBuilder::kHistory:
      return builder->SetHistory(ReadCount(member.value));
    case RequestBuilder::kTopic: {
      std::string_view topic;  // empty, and so refused, if it is no string
      if (member.value.get(topic) != simdjson::SUCCESS) topic = {};
      return builder->SetTopic(topic);
    }
    case RequestBuilder::kData:
      return builder->SetData(raw->At(index));
    default:  // read before the others, or to be ignored
      return true;
  }
}

// The id comes first so that any error can name it, and then the type, which
// says what else there may be. `text` is that of `json`.
ParsedRequest ReadRequest(dom::element json, std::string_view text) {
  RequestBuilder builder;
  dom::object object;
  if (json.get(object) != simdjson::SUCCESS) {
    return Refusal("bad_request", "a request is an object");
  }
  const auto read = [&] {
    dom::element value;
    if (object.at_key("id").get(value) == simdjson::SUCCESS &&
        !ReadId(value, &builder)) {
      return;
    }
    std::string_view type;
    if (object.at_key("type").get(type) != simdjson::SUCCESS) {
      builder.Fail("bad_request", "a request has a type, a string", "type");
      return;
    }
    if (!builder.SetType(type)) return;
    RawParts raw(text);
    size_t index = 0;
    for (const dom::key_value_pair member : object) {
      if (!ReadMember(member, index++, &raw, &builder)) return;
    }
  };
  read();
  return builder.Finish();
}

}  // namespace

std::vector<ParsedRequest> ParseRequests(std::string_view json) {
  if (json.size() > kMessageBytesMax) {
    return {Refusal("bad_request", "a message of more than 65536 bytes")};
  }
  // The parser would copy from where nothing is.
  if (json.empty()) return {Refusal("bad_json", "an empty message")};
  // Kept for its buffers, which the limit bounds.
  thread_local dom::parser parser(kMessageBytesMax);
  dom::element document;
  const auto error = parser.parse(json.data(), json.size()).get(document);
  if (error != simdjson::SUCCESS) {
    return {Refusal("bad_json", simdjson::error_message(error))};
  }
  dom::array array;
  if (document.get(array) != simdjson::SUCCESS) {
    return {ReadRequest(document, json)};
  }
  if (array.size() == 0 || array.size() > kRequestsMax) {
    return {Refusal("bad_request", "an array holds 1 to 64 requests")};
  }
  std::vector<ParsedRequest> requests;
  RawParts raw(json);
  for (const dom::element item : array) {
    requests.push_back(ReadRequest(item, raw.At(requests.size())));
  }
  return requests;
}

}  // namespace streamhub
