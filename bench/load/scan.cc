#include "bench/load/scan.h"

#include <bit>
#include <cstring>
#include <utility>

namespace streamhub::load {
namespace {

constexpr std::string_view kTypeKey = "{\"type\":\"";

// An array, and not a view, as a comparison of a constant size is a load or
// two: this runs ten times for each update that a client reads.
template <size_t N>
bool Skip(std::string_view* text, const char (&what)[N]) {
  constexpr size_t kSize = N - 1;
  if (text->size() < kSize || std::memcmp(text->data(), what, kSize) != 0) {
    return false;
  }
  text->remove_prefix(kSize);
  return true;
}

// What stands between the quotes, from behind the first of them.
bool TakeText(std::string_view* text, std::string_view* taken) {
  for (size_t i = 0; i < text->size(); ++i) {
    const char c = (*text)[i];
    if (c == '\\') {
      ++i;
    } else if (c == '"') {
      *taken = text->substr(0, i);
      text->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// The number that eight digits write; false if they are not all digits. Pairs
// of digits, then fours, then all are put together within a word.
bool TakeEightDigits(const char* bytes, uint64_t* value) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kZeros = 0x3030303030303030, kSixes = 0x0606060606060606;
  constexpr uint64_t kHigh = 0xF0F0F0F0F0F0F0F0, kPairs = 0x000000FF000000FF;
  uint64_t digits;
  std::memcpy(&digits, bytes, sizeof digits);
  digits ^= kZeros;
  // Above 9, adding 6 leaves the lower half of the byte.
  if (((digits | (digits + kSixes)) & kHigh) != 0) return false;
  const uint64_t pairs = digits * 10 + (digits >> 8);
  *value = ((pairs & kPairs) * (100 + (uint64_t{1'000'000} << 32)) +
            ((pairs >> 16) & kPairs) * (1 + (uint64_t{10'000} << 32))) >>
           32;
  return true;
}

// What a gateway writes: no sign, and no more than 18 digits. Times have 16.
bool TakeInteger(std::string_view* text, int64_t* value) {
  constexpr uint64_t kTenToTheEighth = 100'000'000;
  constexpr int kDigitsMax = 18, kEight = 8;
  const char* const begin = text->data();
  const char* const end = begin + text->size();
  const char* at = begin;
  uint64_t sum = 0, high = 0, low = 0;
  if (end - at >= 2 * kEight && TakeEightDigits(at + kEight, &low) &&
      TakeEightDigits(at, &high)) {
    sum = high * kTenToTheEighth + low;
    at += 2 * kEight;
  }
  for (; at < end && *at >= '0' && *at <= '9'; ++at) {
    if (at - begin == kDigitsMax) return false;
    sum = sum * 10 + static_cast<unsigned>(*at - '0');
  }
  if (at == begin) return false;
  *value = static_cast<int64_t>(sum);
  text->remove_prefix(static_cast<size_t>(at - begin));
  return true;
}

ObjectType TypeOf(std::string_view object) {
  if (!object.starts_with(kTypeKey)) return ObjectType::kBad;
  object.remove_prefix(kTypeKey.size());
  std::string_view word;
  if (!TakeText(&object, &word)) return ObjectType::kBad;
  constexpr std::pair<std::string_view, ObjectType> kTypes[] = {
      {"update", ObjectType::kUpdate}, {"heartbeat", ObjectType::kHeartbeat},
      {"ack", ObjectType::kAck},       {"synced", ObjectType::kSynced},
      {"hello", ObjectType::kHello},   {"closing", ObjectType::kClosing},
      {"error", ObjectType::kError},
  };
  for (const auto& [name, type] : kTypes) {
    if (word == name) return type;
  }
  return ObjectType::kOther;
}

// What follows `"key":`; null data if there is no such member.
std::string_view ValueOf(std::string_view object, std::string_view key) {
  for (size_t at = object.find(key); at != object.npos;
       at = object.find(key, at + 1)) {
    const size_t end = at + key.size();
    if (at > 0 && object[at - 1] == '"' && end + 1 < object.size() &&
        object[end] == '"' && object[end + 1] == ':') {
      return object.substr(end + 2);
    }
  }
  return {};
}

}  // namespace

bool NextObject(std::string_view* message, Object* object) {
  while (!message->empty()) {
    const size_t end = message->find('\n');
    const std::string_view line = message->substr(0, end);
    message->remove_prefix(end == message->npos ? message->size() : end + 1);
    if (line.empty()) continue;
    object->text = line;
    object->type = line.back() == '}' ? TypeOf(line) : ObjectType::kBad;
    return true;
  }
  return false;
}

int64_t IntegerOf(std::string_view object, std::string_view key) {
  std::string_view value = ValueOf(object, key);
  int64_t number = -1;
  return TakeInteger(&value, &number) ? number : -1;
}

std::string_view TextOf(std::string_view object, std::string_view key) {
  std::string_view value = ValueOf(object, key);
  std::string_view text;
  if (!Skip(&value, "\"") || !TakeText(&value, &text)) return {};
  return text;
}

QuoteScanner::QuoteScanner(std::string_view object)
    : rest_(ValueOf(object, "quotes")) {
  ok_ = Skip(&rest_, "{");
}

bool QuoteScanner::Fail() {
  ok_ = false;
  return false;
}

bool QuoteScanner::Next(Quote* quote) {
  if (!ok_) return false;
  if (Skip(&rest_, "}")) rest_ = {};
  if (rest_.empty()) return false;
  *quote = {};
  Skip(&rest_, ",");
  if (!Skip(&rest_, "\"") || !TakeText(&rest_, &quote->name) ||
      !Skip(&rest_, ":{\"v\":") || !TakeInteger(&rest_, &quote->version)) {
    return Fail();
  }
  quote->snapshot = Skip(&rest_, ",\"snapshot\":true");
  if (!Skip(&rest_, ",\"n\":") || !TakeInteger(&rest_, &quote->ticks) ||
      !Skip(&rest_, ",\"t\":") || !TakeInteger(&rest_, &quote->received_us)) {
    return Fail();
  }
  int64_t event_us = 0;
  if (Skip(&rest_, ",\"e\":") && !TakeInteger(&rest_, &event_us)) return Fail();
  if (Skip(&rest_, ",\"quiet\":")) {
    quote->quiet = rest_.starts_with("true") ? 1 : 0;
    if (!Skip(&rest_, "true") && !Skip(&rest_, "false")) return Fail();
  }
  Skip(&rest_, ",");
  // No value has a brace in it: `trading` is one of a few words.
  const size_t end = rest_.find('}');
  if (end == rest_.npos) return Fail();
  quote->fields = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return true;
}

SymbolScanner::SymbolScanner(std::string_view object)
    : rest_(ValueOf(object, "symbols")) {
  ok_ = Skip(&rest_, "{");
}

bool SymbolScanner::Next(std::string_view* name,
                         std::string_view* description) {
  if (!ok_) return false;
  if (Skip(&rest_, "}")) rest_ = {};
  if (rest_.empty()) return false;
  Skip(&rest_, ",");
  ok_ = Skip(&rest_, "\"") && TakeText(&rest_, name) && Skip(&rest_, ":{");
  if (!ok_) return false;
  // A description is flat, but a company's name may have braces.
  std::string_view after = rest_;
  size_t used = after.find_first_of("\"}");
  while (used != after.npos && after[used] == '"') {
    std::string_view text;
    after.remove_prefix(used + 1);
    used = TakeText(&after, &text) ? after.find_first_of("\"}") : after.npos;
  }
  ok_ = used != after.npos;
  if (!ok_) return false;
  after.remove_prefix(used);
  *description = rest_.substr(0, rest_.size() - after.size());
  rest_ = after.substr(1);
  return true;
}

bool NextField(std::string_view* fields, std::string_view* name,
               std::string_view* value) {
  Skip(fields, ",");
  if (!Skip(fields, "\"") || !TakeText(fields, name) || !Skip(fields, ":")) {
    return false;
  }
  const size_t end = fields->find(',');
  *value = fields->substr(0, end);
  fields->remove_prefix(end == fields->npos ? fields->size() : end);
  return true;
}

}  // namespace streamhub::load
