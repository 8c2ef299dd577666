#include "tests/tidy/source_text.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace streamhub::tidy {
namespace {

bool IsWordChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The end of the quoted literal whose opening quote is at `begin`.
size_t EndOfQuoted(std::string_view text, size_t begin) {
  size_t end = begin + 1;
  while (end < text.size() && text[end] != text[begin] && text[end] != '\n') {
    end += text[end] == '\\' ? 2 : 1;
  }
  return std::min(end + 1, text.size());
}

// The end of the raw literal whose opening quote is at `begin`.
size_t EndOfRaw(std::string_view text, size_t begin) {
  const size_t open = text.find('(', begin);
  if (open == std::string_view::npos) return text.size();
  const std::string close =
      ")" + std::string(text.substr(begin + 1, open - begin - 1)) + "\"";
  const size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

// The end of the comment or literal that begins at `begin`; `begin` if none.
size_t EndOfNonCode(std::string_view text, size_t begin) {
  const std::string_view rest = text.substr(begin);
  const char before = begin == 0 ? '\n' : text[begin - 1];
  if (rest.starts_with("//")) {
    return std::min(text.find('\n', begin), text.size());
  }
  if (rest.starts_with("/*")) {
    const size_t end = text.find("*/", begin + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (rest.starts_with('"')) {
    return before == 'R' ? EndOfRaw(text, begin) : EndOfQuoted(text, begin);
  }
  // In 1'000 the quote separates digits.
  if (rest.starts_with('\'') && !IsWordChar(before)) {
    return EndOfQuoted(text, begin);
  }
  return begin;
}

}  // namespace

bool SourceFile::IsIn(std::string_view folder) const {
  return path.starts_with(folder) &&
         (path.size() == folder.size() || path[folder.size()] == '/');
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string CodeOnly(std::string_view text) {
  std::string code(text);
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = EndOfNonCode(text, at);
    for (size_t i = at; i < end; ++i) {
      if (code[i] != '\n') code[i] = ' ';
    }
    at = std::max(end, at + 1);
  }
  return code;
}

}  // namespace streamhub::tidy
