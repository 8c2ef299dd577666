#include "feeds/derived/exact.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "gateway/market/field.h"

namespace streamhub::derived {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

int64_t Rounded(Int128 n, Int128 d, Rounding rounding) {
  int64_t quotient = 99;
  EXPECT_TRUE(Divide(n, d, rounding, &quotient));
  return quotient;
}

struct Case {
  int64_t n, d;
  int64_t half_even, half_up, down, up;
};

// Tenths, by hand.
constexpr Case kCases[] = {
    {0, 10, 0, 0, 0, 0},
    {1, 10, 0, 0, 0, 1},
    {5, 10, 0, 1, 0, 1},
    {6, 10, 1, 1, 0, 1},
    {10, 10, 1, 1, 1, 1},
    {14, 10, 1, 1, 1, 2},
    {15, 10, 2, 2, 1, 2},
    {25, 10, 2, 3, 2, 3},
    {26, 10, 3, 3, 2, 3},
    {35, 10, 4, 4, 3, 4},
    {-1, 10, 0, 0, 0, -1},
    {-5, 10, 0, -1, 0, -1},
    {-6, 10, -1, -1, 0, -1},
    {-10, 10, -1, -1, -1, -1},
    {-15, 10, -2, -2, -1, -2},
    {-25, 10, -2, -3, -2, -3},
    {-26, 10, -3, -3, -2, -3},
    {5, -10, 0, -1, 0, -1},
    {-25, -10, 2, 3, 2, 3},
    {1, 3, 0, 0, 0, 1},
    {2, 3, 1, 1, 0, 1},
    {-2, 3, -1, -1, 0, -1},
    {kMost, 1, kMost, kMost, kMost, kMost},
    {-kMost, 1, -kMost, -kMost, -kMost, -kMost},
};

TEST(Exact, RoundsInEveryDirectionAndForBothSigns) {
  for (const Case& c : kCases) {
    EXPECT_EQ(Rounded(c.n, c.d, Rounding::kHalfEven), c.half_even) << c.n;
    EXPECT_EQ(Rounded(c.n, c.d, Rounding::kHalfUp), c.half_up) << c.n;
    EXPECT_EQ(Rounded(c.n, c.d, Rounding::kDown), c.down) << c.n;
    EXPECT_EQ(Rounded(c.n, c.d, Rounding::kUp), c.up) << c.n;
  }
}

TEST(Exact, NothingIsDividedByNothing) {
  int64_t quotient = 0;
  EXPECT_FALSE(Divide(1, 0, Rounding::kDown, &quotient));
  EXPECT_FALSE(Divide(0, 0, Rounding::kDown, &quotient));
}

TEST(Exact, WhatDoesNotFitIsRefusedAndTheEmptyPatternDoesNotFit) {
  int64_t quotient = 0;
  EXPECT_FALSE(Divide(Int128{kMost} + 1, 1, Rounding::kDown, &quotient));
  EXPECT_FALSE(Divide(Int128{kEmpty}, 1, Rounding::kDown, &quotient));
  EXPECT_FALSE(Divide(Int128{kEmpty}, -1, Rounding::kDown, &quotient));
  // 2^63 - 1/2 is half way: down fits, up does not.
  const Int128 n = 2 * Int128{kMost} + 1;
  EXPECT_EQ(Rounded(n, 2, Rounding::kDown), kMost);
  EXPECT_FALSE(Divide(n, 2, Rounding::kHalfUp, &quotient));
  EXPECT_FALSE(Divide(n, 2, Rounding::kHalfEven, &quotient));
  EXPECT_FALSE(Divide(n, 2, Rounding::kUp, &quotient));
  EXPECT_EQ(Rounded(-n, 2, Rounding::kDown), -kMost);
}

TEST(Exact, TheGreatestNumbersOf128BitsAreNoTrap) {
  const Int128 most = PowerOfTen(38);
  Int128 least = most;  // becomes -2^127
  least = -(((Int128{1} << 126) - 1) * 2 + 1) - 1;
  EXPECT_EQ(Rounded(most, most, Rounding::kUp), 1);
  EXPECT_EQ(Rounded(least, least, Rounding::kUp), 1);
  EXPECT_EQ(Rounded(most, least, Rounding::kDown), 0);
  EXPECT_EQ(Rounded(most, least, Rounding::kUp), -1);
  EXPECT_EQ(Rounded(1, least, Rounding::kHalfUp), 0);
  EXPECT_EQ(Rounded(least / 2, least, Rounding::kHalfUp), 1);
  EXPECT_EQ(Rounded(least / 2, least, Rounding::kHalfEven), 0);
  int64_t quotient = 0;
  EXPECT_FALSE(Divide(least, -1, Rounding::kDown, &quotient));
}

TEST(Exact, PowersOfTen) {
  EXPECT_EQ(PowerOfTen(0), 1);
  EXPECT_EQ(PowerOfTen(3), 1000);
  EXPECT_TRUE(PowerOfTen(38) / PowerOfTen(20) == PowerOfTen(18));
}

// What rounding means, asked of the rest that is left.
TEST(Exact, AQuotientIsTheNearestOnItsSide) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    const auto n = static_cast<int64_t>(random()) >> (random() % 63);
    auto d = static_cast<int64_t>(random()) >> (random() % 63);
    if (d == 0) d = 1;
    if (n == kEmpty || d == kEmpty) continue;
    const auto rounding = static_cast<Rounding>(i % 4);
    int64_t q = 0;
    ASSERT_TRUE(Divide(n, d, rounding, &q));
    const Int128 rest = Int128{n} - Int128{q} * d;
    const Int128 size = rest < 0 ? -rest : rest;
    const Int128 whole = d < 0 ? -Int128{d} : Int128{d};
    const bool positive = (n < 0) == (d < 0);
    // Whether `q` is nearer to 0 than the quotient.
    const bool inwards = rest != 0 && (n < 0) == (rest < 0);
    ASSERT_TRUE(q == 0 || (q > 0) == positive) << n << '/' << d;
    switch (rounding) {
      case Rounding::kHalfEven:
        ASSERT_TRUE(2 * size < whole || (2 * size == whole && q % 2 == 0));
        break;
      case Rounding::kHalfUp:
        ASSERT_TRUE(2 * size < whole || (2 * size == whole && !inwards));
        break;
      case Rounding::kDown:
        ASSERT_TRUE(rest == 0 || (size < whole && inwards));
        break;
      case Rounding::kUp:
        ASSERT_TRUE(rest == 0 || (size < whole && !inwards));
        break;
    }
  }
}

}  // namespace
}  // namespace streamhub::derived
