// Decimal text, as price files write it, to scaled integers: digit by digit,
// never by way of floating point, and never rounded. Pure.

#ifndef STREAMHUB_FEEDS_CSV_DECIMAL_H_
#define STREAMHUB_FEEDS_CSV_DECIMAL_H_

#include <cstdint>
#include <string_view>

namespace streamhub::csv {

// Is it [+-]DIGITS[.DIGITS], with a digit before or after the point? Exponents,
// "NaN", "inf" and separators of thousands are none.
bool IsDecimal(std::string_view text);

// Digits that are written after the point of `text`, which IsDecimal; those
// beyond kDecimalsMax count only up to the last one that is not 0.
int DigitsAfterPoint(std::string_view text);

enum class Fit {
  kFits,
  kNoDecimal,  // not IsDecimal
  kTooFine,    // has other digits than 0 beyond `decimals`
  kTooBig,     // does not fit 64 bits
};

// `*value` = `text` * 10^decimals, exactly, with kFits; unset otherwise.
// Never kEmpty.
Fit ParseScaled(std::string_view text, int decimals, int64_t* value);

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_DECIMAL_H_
