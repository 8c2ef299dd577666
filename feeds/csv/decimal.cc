#include "feeds/csv/decimal.h"

#include <algorithm>

#include "gateway/market/symbol.h"

namespace streamhub::csv {
namespace {

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

// Without a sign.
std::string_view Magnitude(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

// What is behind the point; empty if there is none.
std::string_view Fraction(std::string_view magnitude) {
  const size_t point = magnitude.find('.');
  return point == magnitude.npos ? std::string_view()
                                 : magnitude.substr(point + 1);
}

// True if it did not overflow.
bool Append(char digit, int64_t* value) {
  return !__builtin_mul_overflow(*value, 10, value) &&
         !__builtin_add_overflow(*value, digit - '0', value);
}

}  // namespace

bool IsDecimal(std::string_view text) {
  size_t digits = 0;
  size_t points = 0;
  for (const char c : Magnitude(text)) {
    if (IsDigit(c)) {
      ++digits;
    } else if (c != '.' || ++points > 1) {
      return false;
    }
  }
  return digits > 0;
}

int DigitsAfterPoint(std::string_view text) {
  std::string_view fraction = Fraction(Magnitude(text));
  while (fraction.size() > kDecimalsMax && fraction.ends_with('0')) {
    fraction.remove_suffix(1);
  }
  return static_cast<int>(fraction.size());
}

Fit ParseScaled(std::string_view text, int decimals, int64_t* value) {
  if (!IsDecimal(text)) return Fit::kNoDecimal;
  const std::string_view magnitude = Magnitude(text);
  const std::string_view whole = magnitude.substr(0, magnitude.find('.'));
  const std::string_view fraction = Fraction(magnitude);
  const size_t kept = std::min(fraction.size(), static_cast<size_t>(decimals));
  if (fraction.find_first_not_of('0', kept) != fraction.npos) {
    return Fit::kTooFine;
  }
  int64_t scaled = 0;
  bool fits = true;
  for (const char c : whole) fits = fits && Append(c, &scaled);
  for (const char c : fraction.substr(0, kept)) {
    fits = fits && Append(c, &scaled);
  }
  for (int i = static_cast<int>(kept); i < decimals; ++i) {
    fits = fits && Append('0', &scaled);
  }
  if (!fits) return Fit::kTooBig;
  *value = text.starts_with('-') ? -scaled : scaled;
  return Fit::kFits;
}

}  // namespace streamhub::csv
