// The rate that a client asked for, in the two bytes that a subscription has
// for it: for operators, who want to know why it gets what it gets. Three
// digits of it are exact. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_SESSION_ASKED_RATE_H_
#define STREAMHUB_GATEWAY_SESSION_ASKED_RATE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace streamhub {

inline constexpr uint16_t kNoRateAsked = 0;
inline constexpr uint16_t kUnlimitedAsked = 0xFFFF;

// A small floating point number: 5 bits of exponent, from 2^-7, and 11 of
// mantissa. `rate` is one that StepFor() takes: 1/60 or more, or infinity.
inline uint16_t PackAsked(double rate) {
  if (std::isinf(rate)) return kUnlimitedAsked;
  int exponent = 0;
  // In [1, 2), and the exponent with it.
  const double mantissa = 2 * std::frexp(rate, &exponent);
  --exponent;
  auto digits = static_cast<int>(std::lround((mantissa - 1) * 2048));
  if (digits == 2048) {
    digits = 0;
    ++exponent;
  }
  const int packed = (std::clamp(exponent, -6, 23) + 7) << 11 | digits;
  return static_cast<uint16_t>(packed);
}

// Infinity: unlimited. Not of kNoRateAsked.
inline double UnpackAsked(uint16_t packed) {
  if (packed == kUnlimitedAsked) return std::numeric_limits<double>::infinity();
  return std::ldexp(1 + (packed & 2047) / 2048.0, (packed >> 11) - 7);
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_ASKED_RATE_H_
