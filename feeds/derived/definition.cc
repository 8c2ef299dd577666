#include "feeds/derived/definition.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "feeds/csv/decimal.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/market/symbol.h"

namespace streamhub::derived {
namespace {

template <typename T>
struct Word {
  std::string_view word;
  T value;
};

constexpr Word<Kind> kKinds[] = {{"mid", Kind::kMid},
                                 {"spread", Kind::kSpread},
                                 {"cross", Kind::kCross},
                                 {"basket", Kind::kBasket}};
constexpr Word<Operation> kOperations[] = {{"divide", Operation::kDivide},
                                           {"multiply", Operation::kMultiply}};
constexpr Word<Rounding> kRoundings[] = {{"half-even", Rounding::kHalfEven},
                                         {"half-up", Rounding::kHalfUp},
                                         {"down", Rounding::kDown},
                                         {"up", Rounding::kUp}};

template <typename T, size_t kCount>
std::optional<T> Find(const Word<T> (&words)[kCount], std::string_view word) {
  for (const Word<T>& one : words) {
    if (one.word == word) return one.value;
  }
  return std::nullopt;
}

template <typename T, size_t kCount>
absl::string_view NameOf(const Word<T> (&words)[kCount], T value) {
  for (const Word<T>& one : words) {
    if (one.value == value) return ToAbsl(one.word);
  }
  return "";
}

absl::Status Wrong(const Definition& d, const std::string& what) {
  return absl::InvalidArgumentError(
      absl::StrCat(ShownText(d.symbol), ": ", what));
}

// Inputs that the kind may have.
std::pair<size_t, size_t> InputsOf(Kind kind) {
  switch (kind) {
    case Kind::kMid:
      return {1, 1};
    case Kind::kSpread:
    case Kind::kCross:
      return {1, 2};
    case Kind::kBasket:
      return {1, kInputsMax};
  }
  return {1, 1};
}

absl::Status CheckInputs(const Definition& d) {
  const auto [least, most] = InputsOf(d.kind);
  if (d.inputs.size() < least || d.inputs.size() > most) {
    return Wrong(d, absl::StrCat("a ", NameOf(kKinds, d.kind), " is of ",
                                 least == most ? "" : absl::StrCat("1 to "),
                                 most, least == most ? " symbol" : " symbols",
                                 ", not of ", d.inputs.size()));
  }
  std::vector<std::string_view> seen;
  for (const Input& input : d.inputs) {
    if (!IsValidSymbol(input.symbol)) {
      return Wrong(d, absl::StrCat("no symbol can be called \"",
                                   ShownText(input.symbol), "\""));
    }
    if (input.weight.value == 0) {
      return Wrong(d, absl::StrCat(input.symbol, ": the weight is 0"));
    }
    if (d.kind != Kind::kBasket && input.weight != Decimal()) {
      return Wrong(d,
                   absl::StrCat(input.symbol, ": only baskets have weights"));
    }
    seen.push_back(input.symbol);
  }
  std::sort(seen.begin(), seen.end());
  const auto twice = std::adjacent_find(seen.begin(), seen.end());
  if (twice != seen.end()) {
    return Wrong(d, absl::StrCat(ToAbsl(*twice), " is there twice"));
  }
  return absl::OkStatus();
}

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

bool IsWordByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F &&
         std::string_view(",()=*;\"\\").find(c) == std::string_view::npos;
}

std::string Written(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsWordByte)) {
    return std::string(text);
  }
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::optional<Kind> FindKind(std::string_view word) {
  return Find(kKinds, word);
}

std::optional<Operation> FindOperation(std::string_view word) {
  return Find(kOperations, word);
}

std::optional<Rounding> FindRounding(std::string_view word) {
  return Find(kRoundings, word);
}

std::optional<Decimal> ParseDecimal(std::string_view text) {
  if (!csv::IsDecimal(text)) return std::nullopt;
  Decimal decimal;
  decimal.decimals = csv::DigitsAfterPoint(text);
  if (decimal.decimals > kDecimalsMax ||
      csv::ParseScaled(text, decimal.decimals, &decimal.value) !=
          csv::Fit::kFits) {
    return std::nullopt;
  }
  constexpr int64_t kMost = 999'999'999'999'999'999;
  if (decimal.value > kMost || decimal.value < -kMost) return std::nullopt;
  // The shortest form, which leaves the most room for what it multiplies.
  while (decimal.decimals > 0 && decimal.value % 10 == 0) {
    decimal.value /= 10;
    --decimal.decimals;
  }
  return decimal;
}

std::string FormatDecimal(const Decimal& decimal) {
  std::string digits =
      absl::StrCat(decimal.value < 0 ? -decimal.value : decimal.value);
  const auto decimals = static_cast<size_t>(decimal.decimals);
  if (decimals > 0) {
    if (digits.size() <= decimals) {
      digits.insert(0, decimals + 1 - digits.size(), '0');
    }
    digits.insert(digits.size() - decimals, ".");
  }
  return decimal.value < 0 ? "-" + digits : digits;
}

absl::Status CheckDefinition(const Definition& d) {
  if (!IsValidSymbol(d.symbol)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no symbol can be called \"", ShownText(d.symbol),
        "\": want 1-64 bytes of UTF-8 without control characters, ',' or '@'"));
  }
  if (d.symbol.starts_with(kTapePrefix)) {
    return Wrong(d, absl::StrCat("names that begin with ", ToAbsl(kTapePrefix),
                                 " are those of tapes"));
  }
  absl::Status inputs = CheckInputs(d);
  if (!inputs.ok()) return inputs;
  if (d.operation != Operation::kDivide &&
      (d.kind != Kind::kCross || d.inputs.size() != 2)) {
    return Wrong(d, "only a cross of two symbols multiplies");
  }
  if (d.kind != Kind::kBasket && d.divisor != Decimal()) {
    return Wrong(d, "only a basket has a divisor");
  }
  if (d.divisor.value <= 0) return Wrong(d, "the divisor is not above 0");
  if (d.decimals.has_value() &&
      (*d.decimals < 0 || *d.decimals > kDecimalsMax)) {
    return Wrong(d, absl::StrCat("decimals ", *d.decimals, ": want 0 to ",
                                 kDecimalsMax));
  }
  // Both are told to clients as they are.
  if (!IsValidUtf8(d.name) || !IsValidUtf8(d.currency)) {
    return Wrong(d, "name or currency is not UTF-8");
  }
  if (HasControl(d.name) || HasControl(d.currency)) {
    return Wrong(d, "name or currency has a control character");
  }
  return absl::OkStatus();
}

std::string FormatFormula(const Definition& d) {
  std::string out = absl::StrCat(NameOf(kKinds, d.kind), "(");
  for (const Input& input : d.inputs) {
    if (&input != d.inputs.data()) out += ',';
    if (input.weight != Decimal()) {
      absl::StrAppend(&out, FormatDecimal(input.weight), "*");
    }
    out += Written(input.symbol);
  }
  return out + ')';
}

std::string FormatDefinition(const Definition& d) {
  std::string out = absl::StrCat(Written(d.symbol), "=", FormatFormula(d));
  if (d.operation != Operation::kDivide) {
    absl::StrAppend(&out, " operation=", NameOf(kOperations, d.operation));
  }
  if (d.divisor != Decimal()) {
    absl::StrAppend(&out, " divisor=", FormatDecimal(d.divisor));
  }
  if (d.decimals.has_value()) absl::StrAppend(&out, " decimals=", *d.decimals);
  if (d.rounding != Rounding::kHalfEven) {
    absl::StrAppend(&out, " rounding=", NameOf(kRoundings, d.rounding));
  }
  if (!d.name.empty()) absl::StrAppend(&out, " name=", Written(d.name));
  if (!d.currency.empty()) {
    absl::StrAppend(&out, " currency=", Written(d.currency));
  }
  return out;
}

}  // namespace streamhub::derived
