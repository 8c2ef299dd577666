// The grammar of definition.h, read from left to right.

#include <absl/strings/str_cat.h>

#include <charconv>
#include <utility>

#include "feeds/derived/definition.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub::derived {
namespace {

constexpr std::string_view kMarks = ",()=*;";

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::Status Parse(Definition* d);

 private:
  absl::Status ParseInputs(Definition* d);
  absl::Status ParseInput(Input* input);
  absl::Status ParseOption(Definition* d);
  absl::Status SetOption(std::string_view name, const std::string& value,
                         Definition* d);

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  // Takes the mark if it is what comes next.
  bool Take(char mark) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  absl::Status Expect(char mark) {
    if (Take(mark)) return absl::OkStatus();
    return Wrong(at_, absl::StrCat("expected '", std::string(1, mark), "'"));
  }

  // A word or a text in quotes. `what` is what it should be. The place where it
  // began is in word_at_.
  absl::Status Word(std::string_view what, std::string* word);
  absl::Status Quoted(std::string* word);

  // "at byte 9: expected a kind, found "crss"": what stands there, up to the
  // next mark, is put behind `what`.
  absl::Status Wrong(size_t at, std::string_view what) const;

  const std::string_view text_;
  size_t at_ = 0;
  size_t word_at_ = 0;
};

absl::Status Parser::Wrong(size_t at, std::string_view what) const {
  std::string found = "the end";
  if (at < text_.size()) {
    size_t end = text_.find_first_of(",()=*; \t", at + 1);
    if (end == text_.npos) end = text_.size();
    found = absl::StrCat("\"", ShownText(text_.substr(at, end - at)), "\"");
  }
  return absl::InvalidArgumentError(
      absl::StrCat("at byte ", at + 1, ": ", ToAbsl(what), ", found ", found));
}

absl::Status Parser::Quoted(std::string* word) {
  const size_t begin = at_++;
  for (; at_ < text_.size(); ++at_) {
    char c = text_[at_];
    if (c == '"') {
      ++at_;
      return absl::OkStatus();
    }
    if (c == '\\') {
      if (++at_ == text_.size()) break;
      c = text_[at_];
      if (c != '"' && c != '\\') {
        return Wrong(at_ - 1, "expected \\\" or \\\\");
      }
    }
    *word += c;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("at byte ", begin + 1, ": a quote without its end"));
}

absl::Status Parser::Word(std::string_view what, std::string* word) {
  SkipSpace();
  word->clear();
  word_at_ = at_;
  if (at_ < text_.size() && text_[at_] == '"') return Quoted(word);
  while (at_ < text_.size()) {
    const auto byte = static_cast<unsigned char>(text_[at_]);
    if (byte <= 0x20 || byte == 0x7F || byte == '"' || byte == '\\' ||
        kMarks.find(text_[at_]) != kMarks.npos) {
      break;
    }
    *word += text_[at_++];
  }
  if (!word->empty()) return absl::OkStatus();
  return Wrong(at_, absl::StrCat("expected ", ToAbsl(what)));
}

absl::Status Parser::Parse(Definition* d) {
  absl::Status read = Word("the name of a symbol", &d->symbol);
  if (read.ok()) read = Expect('=');
  if (!read.ok()) return read;
  std::string word;
  read = Word("a kind", &word);
  if (!read.ok()) return read;
  const auto kind = FindKind(word);
  if (!kind.has_value()) {
    return Wrong(word_at_, "expected a kind: mid, spread, cross or basket");
  }
  d->kind = *kind;
  read = Expect('(');
  if (read.ok()) read = ParseInputs(d);
  if (!read.ok()) return read;
  SkipSpace();
  while (at_ < text_.size()) {
    read = ParseOption(d);
    if (!read.ok()) return read;
    SkipSpace();
  }
  return absl::OkStatus();
}

absl::Status Parser::ParseInputs(Definition* d) {
  do {
    if (d->inputs.size() == kInputsMax) {
      SkipSpace();
      return Wrong(at_,
                   absl::StrCat("expected at most ", kInputsMax, " symbols"));
    }
    Input input;
    absl::Status read = ParseInput(&input);
    if (!read.ok()) return read;
    d->inputs.push_back(std::move(input));
  } while (Take(','));
  if (Take(')')) return absl::OkStatus();
  return Wrong(at_, "expected ',' or ')'");
}

absl::Status Parser::ParseInput(Input* input) {
  std::string word;
  absl::Status read = Word("a symbol", &word);
  if (!read.ok()) return read;
  const size_t weight_at = word_at_;
  if (!Take('*')) {
    input->symbol = std::move(word);
    return absl::OkStatus();
  }
  const auto weight = ParseDecimal(word);
  if (!weight.has_value()) {
    return Wrong(weight_at,
                 "expected a weight, up to 18 digits, 12 of them decimals");
  }
  input->weight = *weight;
  return Word("a symbol", &input->symbol);
}

absl::Status Parser::ParseOption(Definition* d) {
  std::string name;
  absl::Status read = Word("an option", &name);
  if (!read.ok()) return read;
  const size_t name_at = word_at_;
  const bool known = name == "decimals" || name == "rounding" ||
                     name == "operation" || name == "divisor" ||
                     name == "name" || name == "currency";
  if (!known) {
    return Wrong(name_at,
                 "expected decimals, rounding, operation, divisor, name or "
                 "currency");
  }
  read = Expect('=');
  if (!read.ok()) return read;
  std::string value;
  read = Word("a value", &value);
  if (!read.ok()) return read;
  return SetOption(name, value, d);
}

absl::Status Parser::SetOption(std::string_view name, const std::string& value,
                               Definition* d) {
  if (name == "name") {
    d->name = value;
  } else if (name == "currency") {
    d->currency = value;
  } else if (name == "rounding") {
    const auto rounding = FindRounding(value);
    if (!rounding.has_value()) {
      return Wrong(word_at_, "expected half-even, half-up, down or up");
    }
    d->rounding = *rounding;
  } else if (name == "operation") {
    const auto operation = FindOperation(value);
    if (!operation.has_value()) {
      return Wrong(word_at_, "expected divide or multiply");
    }
    d->operation = *operation;
  } else if (name == "divisor") {
    const auto divisor = ParseDecimal(value);
    if (!divisor.has_value() || divisor->value <= 0) {
      return Wrong(word_at_,
                   "expected a number above 0, up to 18 digits, 12 of them "
                   "decimals");
    }
    d->divisor = *divisor;
  } else {
    int decimals = 0;
    const char* const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, decimals);
    if (error != std::errc() || stop != end || decimals < 0 || decimals > 12) {
      return Wrong(word_at_, "expected an integer from 0 to 12");
    }
    d->decimals = decimals;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Definition> ParseDefinition(std::string_view text) {
  Definition definition;
  absl::Status status = Parser(text).Parse(&definition);
  if (status.ok()) status = CheckDefinition(definition);
  if (!status.ok()) return status;
  return definition;
}

}  // namespace streamhub::derived
