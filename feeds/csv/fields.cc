#include "feeds/csv/fields.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "gateway/base/strings.h"

namespace streamhub::csv {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

void SkipBlanks(std::string_view* text) {
  while (!text->empty() && IsBlank(text->front())) text->remove_prefix(1);
}

}  // namespace

std::string QuotedText(std::string_view text) {
  constexpr size_t kShown = 40;
  return absl::StrCat("'", absl::CHexEscape(ToAbsl(text.substr(0, kShown))),
                      text.size() > kShown ? "...'" : "'");
}

const char* FieldSplitter::Split(std::string_view line) {
  count_ = 0;
  unquoted_.clear();
  // Views into it stay good: it never grows beyond the line.
  unquoted_.reserve(line.size());
  while (true) {
    if (count_ == fields_.size()) return "has more than 256 columns";
    SkipBlanks(&line);
    if (line.starts_with('"')) {
      if (const char* wrong = TakeQuoted(&line)) return wrong;
    } else {
      TakeBare(&line);
    }
    if (line.empty()) return nullptr;
    line.remove_prefix(1);
  }
}

void FieldSplitter::TakeBare(std::string_view* left) {
  const size_t comma = std::min(left->find(','), left->size());
  std::string_view field = left->substr(0, comma);
  while (!field.empty() && IsBlank(field.back())) field.remove_suffix(1);
  fields_[count_++] = field;
  left->remove_prefix(comma);
}

const char* FieldSplitter::TakeQuoted(std::string_view* left) {
  left->remove_prefix(1);
  const size_t start = unquoted_.size();
  std::string_view field;
  while (true) {
    const size_t quote = left->find('"');
    if (quote == left->npos) return "has a quote that is not closed";
    const bool pair = quote + 1 < left->size() && (*left)[quote + 1] == '"';
    if (!pair && unquoted_.size() == start) {
      field = left->substr(0, quote);
      left->remove_prefix(quote + 1);
      break;
    }
    unquoted_.append(left->substr(0, pair ? quote + 1 : quote));
    left->remove_prefix(pair ? quote + 2 : quote + 1);
    if (pair) continue;
    field = std::string_view(unquoted_).substr(start);
    break;
  }
  SkipBlanks(left);
  if (!left->empty() && left->front() != ',') {
    return "has text behind a quoted field";
  }
  fields_[count_++] = field;
  return nullptr;
}

}  // namespace streamhub::csv
