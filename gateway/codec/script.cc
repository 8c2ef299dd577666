#include "gateway/codec/script.h"

#include <absl/strings/ascii.h>

namespace streamhub {
namespace {

constexpr size_t kCallbackBytesMax = 64;

// U+2028 and U+2029 end a line in scripts before ECMAScript 2019, and a string
// literal with it. As UTF-8 they differ in their last byte.
constexpr std::string_view kLineSeparator = "\xE2\x80\xA8";
constexpr std::string_view kParagraphSeparator = "\xE2\x80\xA9";

std::string_view EscapeOf(std::string_view rest) {
  switch (rest.front()) {
    case '\\':
      return "\\\\";
    case '\'':
      return "\\'";
    case '\n':
      return "\\n";
    case '<':  // of "</script>" and "<!--"
      return "\\x3C";
    case '\xE2':
      if (rest.starts_with(kLineSeparator)) return "\\u2028";
      if (rest.starts_with(kParagraphSeparator)) return "\\u2029";
      return {};
    default:
      return {};
  }
}

}  // namespace

bool IsCallbackName(std::string_view name) {
  if (name.empty() || name.size() > kCallbackBytesMax) return false;
  bool begins = true;  // an identifier
  for (const char c : name) {
    if (c == '.') {
      if (begins) return false;
      begins = true;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = absl::ascii_isalpha(byte) || c == '_' || c == '$';
    if (!letter && (begins || !absl::ascii_isdigit(byte))) return false;
    begins = false;
  }
  return !begins;
}

std::string CallbackScript(std::string_view callback, std::string_view lines) {
  std::string script = "/**/";
  script += callback;
  script += "([";
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string_view rest = lines.substr(i);
    if (rest.front() == '\n') {
      script += ",\n";
    } else if (rest.starts_with(kLineSeparator) ||
               rest.starts_with(kParagraphSeparator)) {
      script += EscapeOf(rest);
      i += kLineSeparator.size() - 1;
    } else {
      script += rest.front();
    }
  }
  script += "]);\n";
  return script;
}

void AppendScriptText(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view escape = EscapeOf(text.substr(i));
    if (escape.empty()) {
      *out += text[i];
      continue;
    }
    *out += escape;
    if (text[i] == '\xE2') i += kLineSeparator.size() - 1;
  }
}

}  // namespace streamhub
