// Exact arithmetic on scaled integers: 128 bits in between, one rounding at the
// end, no floating point. Pure.
//
// The names of the roundings are those of the General Decimal Arithmetic
// specification, so directions are of the magnitude: "up" is away from zero,
// also of negative numbers.

#ifndef STREAMHUB_FEEDS_DERIVED_EXACT_H_
#define STREAMHUB_FEEDS_DERIVED_EXACT_H_

#include <cstdint>

namespace streamhub::derived {

__extension__ using Int128 = __int128;

enum class Rounding : uint8_t {
  kHalfEven,  // 0.5 -> 0, 1.5 -> 2, -0.5 -> 0, -1.5 -> -2
  kHalfUp,    // 0.5 -> 1, -0.5 -> -1
  kDown,      // 0.9 -> 0, -0.9 -> 0
  kUp,        // 0.1 -> 1, -0.1 -> -1
};

// 10 to the power of 0 to 38.
Int128 PowerOfTen(int exponent);

// False, and `*product` means nothing, if it does not fit 128 bits.
inline bool Multiply(Int128 a, Int128 b, Int128* product) {
  return !__builtin_mul_overflow(a, b, product);
}
inline bool Add(Int128 a, Int128 b, Int128* sum) {
  return !__builtin_add_overflow(a, b, sum);
}

// `*quotient` = `n` / `d`, rounded to a whole number. False if `d` is 0 or the
// quotient does not fit 64 bits or is the one that means "empty".
bool Divide(Int128 n, Int128 d, Rounding rounding, int64_t* quotient);

// A number as it is configured: value / 10^decimals, exactly.
struct Decimal {
  int64_t value = 1;
  int decimals = 0;  // 0 to kDecimalsMax

  bool operator==(const Decimal&) const = default;
};

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_EXACT_H_
