#include "feeds/derived/exact.h"

#include <array>
#include <limits>

#include "gateway/base/check.h"
#include "gateway/market/field.h"

namespace streamhub::derived {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr int kExponentMax = 38;

constexpr std::array<Int128, kExponentMax + 1> PowersOfTen() {
  std::array<Int128, kExponentMax + 1> powers{};
  Int128 power = 1;
  for (int i = 0; i <= kExponentMax; ++i) {
    powers[static_cast<size_t>(i)] = power;
    if (i < kExponentMax) power *= 10;
  }
  return powers;
}

constexpr auto kPowers = PowersOfTen();

Uint128 Magnitude(Int128 x) {
  return x < 0 ? -static_cast<Uint128>(x) : static_cast<Uint128>(x);
}

// Whether the magnitude `whole` must grow by one for the rest behind it, which
// is not 0 and less than `divisor`.
bool GrowsFor(Uint128 rest, Uint128 divisor, Uint128 whole, Rounding rounding) {
  // Twice the rest might not fit.
  const Uint128 to_next = divisor - rest;
  switch (rounding) {
    case Rounding::kHalfEven:
      return rest > to_next || (rest == to_next && (whole & 1) == 1);
    case Rounding::kHalfUp:
      return rest >= to_next;
    case Rounding::kDown:
      return false;
    case Rounding::kUp:
      return true;
  }
  return false;
}

}  // namespace

Int128 PowerOfTen(int exponent) {
  STREAMHUB_CHECK(exponent >= 0 && exponent <= kExponentMax);
  return kPowers[static_cast<size_t>(exponent)];
}

bool Divide(Int128 n, Int128 d, Rounding rounding, int64_t* quotient) {
  if (d == 0) return false;
  const Uint128 divisor = Magnitude(d);
  Uint128 whole = Magnitude(n) / divisor;
  const Uint128 rest = Magnitude(n) - whole * divisor;
  if (rest != 0 && GrowsFor(rest, divisor, whole, rounding)) ++whole;
  // The pattern that means "empty" is the one number without a negative.
  constexpr auto kMost =
      static_cast<Uint128>(std::numeric_limits<int64_t>::max());
  static_assert(kEmpty == std::numeric_limits<int64_t>::min());
  if (whole > kMost) return false;
  const auto magnitude = static_cast<int64_t>(whole);
  *quotient = (n < 0) != (d < 0) ? -magnitude : magnitude;
  return true;
}

}  // namespace streamhub::derived
