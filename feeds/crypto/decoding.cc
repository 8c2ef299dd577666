#include "feeds/crypto/decoding.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstring>

#include "feeds/csv/decimal.h"
#include "feeds/session_time.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/market/symbol.h"

namespace streamhub::crypto {
namespace {

using simdjson::SUCCESS;

// 2201-01-01, as other times of recordings.
constexpr int64_t kTimeNsEnd = int64_t{84371} * 86400 * kSecond;
constexpr uint64_t kNumberEnd = uint64_t{1} << 63;
constexpr int kNsDecimals = 9;

}  // namespace

Decoding::Decoding()
    : times_(csv::TimeForm(), *SessionTime::Create("UTC"), 0) {}

bool Decoding::Parse(std::string_view json, Element* root) {
  // The parser reads on behind the end.
  const size_t wanted = json.size() + simdjson::SIMDJSON_PADDING;
  if (padded_.size() < wanted) padded_.resize(wanted);
  std::memcpy(padded_.data(), json.data(), json.size());
  std::memset(padded_.data() + json.size(), 0, simdjson::SIMDJSON_PADDING);
  const auto error =
      parser_.parse(padded_.data(), json.size(), /*realloc_if_needed=*/false)
          .get(*root);
  if (error == SUCCESS) return true;
  return Fail("is no JSON", simdjson::error_message(error));
}

bool Decoding::Fail(std::string_view name, std::string_view why) {
  fault = ForTerminal(absl::StrCat(ToAbsl(name), ": ", ToAbsl(why)));
  return false;
}

bool Decoding::Find(const Object& object, std::string_view name,
                    Element* value) {
  return object.at_key(name).get(*value) == SUCCESS;
}

bool Decoding::Has(const Object& object, std::string_view name) {
  Element value;
  return Find(object, name, &value);
}

std::string_view Decoding::Word(const Object& object, std::string_view name) {
  std::string_view word;
  return object.at_key(name).get(word) == SUCCESS ? word : std::string_view();
}

bool Decoding::CheckSymbol(std::string_view name, std::string_view symbol) {
  return IsValidSymbol(symbol) || Fail(name, "is no symbol");
}

bool Decoding::Symbol(const Object& object, std::string_view name,
                      std::string_view* symbol) {
  *symbol = Word(object, name);
  return CheckSymbol(name, *symbol);
}

bool Decoding::Decimal(const Object& object, std::string_view name,
                       std::string_view* text) {
  *text = Word(object, name);
  return csv::IsDecimal(*text) || Fail(name, "want a decimal as a string");
}

bool Decoding::Number(const Object& object, std::string_view name,
                      uint64_t* number) {
  return (object.at_key(name).get(*number) == SUCCESS &&
          *number < kNumberEnd) ||
         Fail(name, "want a number without a sign, below 2^63");
}

bool Decoding::Millis(const Object& object, std::string_view name,
                      int64_t* ns) {
  uint64_t ms = 0;
  if (object.at_key(name).get(ms) != SUCCESS ||
      ms >= uint64_t{kTimeNsEnd / kMillisecond}) {
    return Fail(name, "want milliseconds since 1970");
  }
  *ns = static_cast<int64_t>(ms) * kMillisecond;
  return true;
}

bool Decoding::DateTime(const Object& object, std::string_view name,
                        int64_t* ns) {
  *ns = 0;
  if (!Has(object, name)) return true;
  return times_.Read(Word(object, name), ns) ||
         Fail(name, "want a date and time");
}

bool Decoding::List(const Object& object, std::string_view name, Array* list) {
  return object.at_key(name).get(*list) == SUCCESS || Fail(name, "want a list");
}

bool Decoding::Levels(const Object& object, std::string_view name,
                      std::vector<LevelText>* levels) {
  Array list;
  if (!List(object, name, &list)) return false;
  for (const Element item : list) {
    std::string_view texts[2];
    if (!Texts(item, texts, 2) || !csv::IsDecimal(texts[0]) ||
        !csv::IsDecimal(texts[1])) {
      return Fail(absl::StrCat(ToAbsl(name), "[", levels->size(), "]"),
                  "want price and size as decimal strings");
    }
    levels->push_back({texts[0], texts[1]});
  }
  return true;
}

bool Decoding::Texts(const Element& list, std::string_view* texts,
                     size_t count) {
  Array array;
  if (list.get(array) != SUCCESS) return false;
  size_t found = 0;
  for (const Element item : array) {
    if (found == count) break;
    if (item.get(texts[found]) != SUCCESS) return false;
    ++found;
  }
  return found == count;
}

bool Decoding::Seconds(std::string_view text, int64_t* ns) {
  return csv::ParseScaled(text, kNsDecimals, ns) == csv::Fit::kFits &&
         *ns >= 0 && *ns < kTimeNsEnd;
}

void Decoding::PutLevels(Message* message) const {
  message->book.bids = bids;
  message->book.asks = asks;
}

void Decoding::PutTrades(Message* message) const { message->trades = trades; }

}  // namespace streamhub::crypto
