#include "gateway/codec/raw_json.h"

#include <algorithm>
#include <charconv>

namespace streamhub {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void SkipBlanks(std::string_view* text) {
  while (!text->empty() && IsBlank(text->front())) text->remove_prefix(1);
}

// Bytes of the string that `text` begins with, its quotes included.
size_t StringSize(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// Bytes of the value that `text` begins with.
size_t ValueSize(std::string_view text) {
  size_t depth = 0;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = std::min(i + StringSize(text.substr(i)), text.size());
      if (depth == 0) return i;
      continue;
    }
    const bool ends = c == ']' || c == '}';
    if (depth == 0 && (ends || c == ',' || c == ':' || IsBlank(c))) return i;
    if (ends && --depth == 0) return i + 1;
    if (c == '[' || c == '{') ++depth;
    ++i;
  }
  return text.size();
}

std::string_view TakeValue(std::string_view* text) {
  const std::string_view value = text->substr(0, ValueSize(*text));
  text->remove_prefix(value.size());
  return value;
}

// Whether the string literal says `text`, which is ASCII.
bool Says(std::string_view literal, std::string_view text) {
  constexpr std::string_view kEscape = "\\u00";
  literal.remove_prefix(1);
  for (const char c : text) {
    char said = literal.front();
    size_t size = 1;
    if (literal.starts_with(kEscape)) {
      const std::string_view digits = literal.substr(kEscape.size(), 2);
      unsigned code = 0;
      std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      said = static_cast<char>(code);
      size = kEscape.size() + digits.size();
    }
    if (said != c) return false;
    literal.remove_prefix(size);
    if (literal.empty()) return false;
  }
  return literal == "\"";
}

}  // namespace

RawParts::RawParts(std::string_view container) : rest_(container) {
  SkipBlanks(&rest_);
  object_ = rest_.starts_with('{');
  if (!rest_.empty()) rest_.remove_prefix(1);
}

bool RawParts::Next() {
  const auto take_value = [this] {
    SkipBlanks(&rest_);
    return TakeValue(&rest_);
  };
  const auto skip = [this](char mark) {
    SkipBlanks(&rest_);
    if (rest_.starts_with(mark)) rest_.remove_prefix(1);
  };
  if (read_ > 0) skip(',');
  if (object_) {
    take_value();
    skip(':');
  }
  part_ = take_value();
  ++read_;
  return !part_.empty();
}

std::string_view RawParts::At(size_t index) {
  while (read_ <= index) {
    if (!Next()) {
      rest_ = {};
      return {};
    }
  }
  return part_;
}

size_t AppendMinified(std::string_view value, std::string* out) {
  size_t depth = 0, deepest = 0;
  for (size_t i = 0; i < value.size();) {
    const char c = value[i];
    size_t size = 1;
    if (c == '"') {
      size = std::min(StringSize(value.substr(i)), value.size() - i);
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
    if (!IsBlank(c)) out->append(value, i, size);
    i += size;
  }
  return deepest;
}

bool HasPrototypeMember(std::string_view minified) {
  for (size_t i = 0; i < minified.size();) {
    if (minified[i] != '"') {
      ++i;
      continue;
    }
    const size_t size = StringSize(minified.substr(i));
    const std::string_view literal = minified.substr(i, size);
    i += literal.size();
    if (minified.substr(i).starts_with(':') && Says(literal, "__proto__")) {
      return true;
    }
  }
  return false;
}

}  // namespace streamhub
