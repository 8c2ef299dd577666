#include "gateway/codec/request_builder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "gateway/base/utf8.h"
#include "gateway/codec/json.h"
#include "gateway/codec/raw_json.h"
#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

constexpr size_t kIdBytesMax = 64;
constexpr size_t kAtBytesMax = 128;
constexpr size_t kSymbolsMax = 1000;
constexpr int64_t kHistoryMax = 10'000;

// Once a minute, with room for a client's rounding of 1/60.
constexpr double kRateMin = (1 - 1e-9) / 60;

struct KeyName {
  std::string_view name;
  RequestBuilder::Key key;
};
constexpr KeyName kKeys[] = {
    {"type", RequestBuilder::kType},
    {"id", RequestBuilder::kId},
    {"symbols", RequestBuilder::kSymbols},
    {"fields", RequestBuilder::kFields},
    {"max_rate", RequestBuilder::kMaxRate},
    {"at", RequestBuilder::kAt},
    {"time", RequestBuilder::kTime},
    {"held_us", RequestBuilder::kHeldUs},
    {"history", RequestBuilder::kHistory},
    {"topic", RequestBuilder::kTopic},
    {"data", RequestBuilder::kData},
};

struct TypeRule {
  std::string_view name;
  Request::Type type;
  uint16_t keys;
};
constexpr uint16_t kEvery = RequestBuilder::kType | RequestBuilder::kId;
constexpr TypeRule kTypes[] = {
    {"subscribe", Request::Type::kSubscribe,
     kEvery | RequestBuilder::kSymbols | RequestBuilder::kFields |
         RequestBuilder::kMaxRate | RequestBuilder::kAt |
         RequestBuilder::kHistory},
    {"change", Request::Type::kChange,
     kEvery | RequestBuilder::kSymbols | RequestBuilder::kFields |
         RequestBuilder::kMaxRate},
    {"unsubscribe", Request::Type::kUnsubscribe,
     kEvery | RequestBuilder::kSymbols},
    {"ping", Request::Type::kPing,
     kEvery | RequestBuilder::kTime | RequestBuilder::kHeldUs},
    {"publish", Request::Type::kPublish,
     kEvery | RequestBuilder::kTopic | RequestBuilder::kData},
};

bool IsToken(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

bool RequestBuilder::SetId(std::string_view text) {
  if (text.size() > kIdBytesMax || !IsValidUtf8(text)) {
    return Fail("bad_request", "an id is UTF-8 of up to 64 bytes", "id");
  }
  AppendString(text, &request_.id);
  return true;
}

bool RequestBuilder::SetId(int64_t number) {
  request_.id = std::to_string(number);
  return true;
}

bool RequestBuilder::SetId(uint64_t number) {
  request_.id = std::to_string(number);
  return true;
}

bool RequestBuilder::SetType(std::string_view name) {
  for (const TypeRule& rule : kTypes) {
    if (rule.name == name) {
      request_.type = rule.type;
      allowed_ = rule.keys;
      return true;
    }
  }
  if (name == "auth") {
    return Fail("not_supported", "this gateway asks for no token", name);
  }
  return Fail("unknown_type", "no such type of request", name);
}

bool RequestBuilder::Meet(std::string_view name, uint16_t* key) {
  *key = 0;
  if (name.starts_with('_')) return true;
  for (const KeyName& known : kKeys) {
    if (known.name != name) continue;
    if ((allowed_ & known.key) == 0) {
      return Fail("bad_request", "not a part of this type of request", name);
    }
    if ((met_ & known.key) != 0) {
      return Fail("bad_request", "is there twice", name);
    }
    met_ |= known.key;
    *key = known.key;
    return true;
  }
  return Fail("bad_request", "not a part of a request", name);
}

bool RequestBuilder::AddSymbol(std::string_view text) {
  if (request_.symbols.size() == kSymbolsMax) {
    return Fail("bad_request", "more than 1000 symbols", "symbols");
  }
  RequestSymbol symbol;
  const size_t at = text.find('@');
  const std::string_view name = text.substr(0, at);
  if (!IsValidSymbol(name)) {
    return Fail("bad_symbol",
                "a symbol is UTF-8 of 1 to 64 bytes without control "
                "characters, comma or @",
                text);
  }
  if (at != text.npos) {
    std::string_view version = text.substr(at + 1);
    symbol.told = true;
    symbol.quiet = version.ends_with('q');
    symbol.withdrawn = version.ends_with('w');
    if (symbol.quiet || symbol.withdrawn) version.remove_suffix(1);
    const char* const end = version.data() + version.size();
    const auto [stop, error] =
        std::from_chars(version.data(), end, symbol.version);
    if (error != std::errc() || stop != end) {
      return Fail(
          "bad_symbol",
          "after @ comes a version, an integer, and q if it is quiet or "
          "w if it is withdrawn",
          text);
    }
  }
  symbol.name = name;
  if (!names_.insert(symbol.name).second) {
    return Fail("bad_symbol", "is there twice", name);
  }
  request_.symbols.push_back(std::move(symbol));
  return true;
}

bool RequestBuilder::AddField(std::string_view name) {
  const auto field = FindField(name);
  if (!field.has_value()) {
    return Fail("unknown_field", "no field has this name", name);
  }
  auto& fields = request_.fields;
  const auto place = std::lower_bound(fields.begin(), fields.end(), *field);
  if (place == fields.end() || *place != *field) fields.insert(place, *field);
  return true;
}

bool RequestBuilder::SetRate(double updates_per_second) {
  // Written so that it refuses a NaN, too.
  if (!(updates_per_second >= kRateMin) || std::isinf(updates_per_second)) {
    return Fail("bad_rate", "max_rate is a number from 1/60 on or unlimited",
                "max_rate");
  }
  request_.has_rate = true;
  request_.max_rate = updates_per_second;
  return true;
}

bool RequestBuilder::SetUnlimited() {
  request_.has_rate = true;
  request_.max_rate = std::numeric_limits<double>::infinity();
  return true;
}

bool RequestBuilder::SetHistory(int64_t messages) {
  if (messages < 0 || messages > kHistoryMax) {
    return Fail("bad_request", "history is a number of messages, 0 to 10000",
                "history");
  }
  request_.history = static_cast<uint32_t>(messages);
  return true;
}

bool RequestBuilder::SetAt(std::string_view token) {
  if (token.empty() || token.size() > kAtBytesMax || !IsToken(token)) {
    return Fail("bad_at", "not a token of an ack", "at");
  }
  request_.at = token;
  return true;
}

bool RequestBuilder::SetTime(int64_t us) {
  request_.echo_time_us = us;
  return us >= 0 ||
         Fail("bad_request", "a time is microseconds since 1970", "time");
}

bool RequestBuilder::SetHeldUs(int64_t us) {
  request_.echo_held_us = us;
  return us >= 0 ||
         Fail("bad_request", "held_us is a number of microseconds", "held_us");
}

bool RequestBuilder::SetTopic(std::string_view name) {
  request_.topic = name;
  return IsValidSymbol(name) ||
         Fail("bad_symbol",
              "a topic is UTF-8 of 1 to 64 bytes without control characters, "
              "comma or @",
              name);
}

bool RequestBuilder::SetData(std::string_view json) {
  const size_t depth = AppendMinified(json, &request_.data);
  if (request_.data.size() > kPublishBytesMax) {
    return Fail("bad_request", "a message is up to 4096 bytes, without blanks",
                "data");
  }
  if (HasPrototypeMember(request_.data)) {
    return Fail("bad_request", "no object may have a member __proto__", "data");
  }
  return depth <= kPublishDepthMax ||
         Fail("bad_request", "a message nests up to 64 deep", "data");
}

bool RequestBuilder::Fail(std::string_view code, std::string_view reason,
                          std::string_view key) {
  if (failed_) return false;
  failed_ = true;
  error_.code = code;
  error_.reason = reason;
  error_.key = ShownText(key);
  return false;
}

ParsedRequest RequestBuilder::Finish() {
  if ((allowed_ & kSymbols) != 0 && request_.symbols.empty()) {
    Fail("bad_request", "1 to 1000 symbols are needed", "symbols");
  }
  for (const auto& [name, key] : kKeys) {
    const auto lacks = static_cast<uint16_t>(allowed_ & ~met_);
    if ((lacks & key & (kTopic | kData)) == 0) continue;
    Fail("bad_request", "a publish has a topic and data", name);
  }
  if ((met_ & kFields) != 0) {
    request_.has_fields = true;
    request_.all_fields = false;
    if (request_.fields.empty()) {
      Fail("bad_request", "fields are left out or one at least", "fields");
    }
  }
  constexpr uint16_t kEcho = kTime | kHeldUs;
  if ((met_ & kEcho) != 0 && (met_ & kEcho) != kEcho) {
    Fail("bad_request", "time and held_us come together",
         (met_ & kTime) != 0 ? "held_us" : "time");
  }
  if (!failed_) return std::move(request_);
  error_.id = std::move(request_.id);
  return std::move(error_);
}

}  // namespace streamhub
