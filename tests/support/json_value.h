// A small strict JSON reader for tests (RFC 8259): numbers stay the text that
// was written, so that a test sees every digit. One thread; no recursion limit
// but the depth constant.

#ifndef STREAMHUB_TESTS_SUPPORT_JSON_VALUE_H_
#define STREAMHUB_TESTS_SUPPORT_JSON_VALUE_H_

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub {

struct JsonValue {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };

  Kind kind = Kind::kNull;
  std::string text;  // a number as written, a string decoded, true or false
  std::vector<JsonValue> items;
  std::vector<std::pair<std::string, JsonValue>> members;  // in order

  // Null if there is no such member.
  const JsonValue* Find(std::string_view name) const {
    for (const auto& [key, value] : members) {
      if (key == name) return &value;
    }
    return nullptr;
  }

  // The text of a member; empty if there is none.
  std::string_view Text(std::string_view name) const {
    const JsonValue* const found = Find(name);
    return found == nullptr ? std::string_view() : found->text;
  }

  // A member that is an integer; -1 if it is not.
  int64_t Int(std::string_view name) const {
    const JsonValue* const found = Find(name);
    if (found == nullptr || found->kind != Kind::kNumber) return -1;
    char* end = nullptr;
    const int64_t value = std::strtoll(found->text.c_str(), &end, 10);
    return *end == '\0' ? value : -1;
  }
};

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  // nullopt if the text is not exactly one JSON value, or an object has a
  // member twice.
  std::optional<JsonValue> Read() {
    JsonValue value;
    if (!ReadValue(&value, 0)) return std::nullopt;
    SkipSpace();
    if (!rest_.empty()) return std::nullopt;
    return value;
  }

 private:
  static constexpr int kDepthMax = 16;

  void SkipSpace() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t' ||
                              rest_[0] == '\n' || rest_[0] == '\r')) {
      rest_.remove_prefix(1);
    }
  }

  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool TakeWord(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool ReadValue(JsonValue* value, int depth) {
    if (depth > kDepthMax) return false;
    SkipSpace();
    if (rest_.empty()) return false;
    switch (rest_[0]) {
      case '{':
        return ReadObject(value, depth);
      case '[':
        return ReadArray(value, depth);
      case '"':
        value->kind = JsonValue::Kind::kString;
        return ReadString(&value->text);
      case 'n':
        return TakeWord("null");
      case 't':
        value->kind = JsonValue::Kind::kBool;
        value->text = "true";
        return TakeWord("true");
      case 'f':
        value->kind = JsonValue::Kind::kBool;
        value->text = "false";
        return TakeWord("false");
      default:
        return ReadNumber(value);
    }
  }

  bool ReadObject(JsonValue* value, int depth) {
    value->kind = JsonValue::Kind::kObject;
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      SkipSpace();
      auto& [key, member] = value->members.emplace_back();
      if (!ReadString(&key) || !Take(':')) return false;
      if (value->Find(key) != &member) return false;
      if (!ReadValue(&member, depth + 1)) return false;
    } while (Take(','));
    return Take('}');
  }

  bool ReadArray(JsonValue* value, int depth) {
    value->kind = JsonValue::Kind::kArray;
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      if (!ReadValue(&value->items.emplace_back(), depth + 1)) return false;
    } while (Take(','));
    return Take(']');
  }

  bool ReadString(std::string* text) {
    if (rest_.empty() || rest_[0] != '"') return false;
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"') {
      const char c = rest_[0];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      rest_.remove_prefix(1);
      if (c != '\\') {
        *text += c;
      } else if (!ReadEscape(text)) {
        return false;
      }
    }
    if (rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Of \u only what fits in a byte: the server writes no other.
  bool ReadEscape(std::string* text) {
    if (rest_.empty()) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (c == '"' || c == '\\' || c == '/') {
      *text += c;
      return true;
    }
    if (c != 'u' || rest_.size() < 4) return false;
    const std::string hex(rest_.substr(0, 4));
    rest_.remove_prefix(4);
    char* end = nullptr;
    const unsigned long code = std::strtoul(hex.c_str(), &end, 16);
    if (*end != '\0' || code >= 0x80) return false;
    *text += static_cast<char>(code);
    return true;
  }

  bool ReadDigits(size_t* at) {
    const size_t begin = *at;
    while (*at < rest_.size() && rest_[*at] >= '0' && rest_[*at] <= '9') ++*at;
    return *at > begin;
  }

  // No exponents: the protocol has none.
  bool ReadNumber(JsonValue* value) {
    value->kind = JsonValue::Kind::kNumber;
    size_t at = rest_[0] == '-' ? 1 : 0;
    const size_t whole = at;
    if (!ReadDigits(&at)) return false;
    if (rest_[whole] == '0' && at > whole + 1) return false;
    if (at < rest_.size() && rest_[at] == '.') {
      ++at;
      if (!ReadDigits(&at)) return false;
    }
    value->text = rest_.substr(0, at);
    rest_.remove_prefix(at);
    return true;
  }

  std::string_view rest_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_JSON_VALUE_H_
