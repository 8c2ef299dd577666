// Formulas against fractions that are computed another way: numerator and
// denominator kept whole to the end, in prices small enough for it, and rounded
// by halves of the remainder.

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "feeds/derived/formula.h"

namespace streamhub::derived {
namespace {

struct Fraction {
  Int128 n = 0, d = 1;  // d > 0
};

Int128 Ten(int exponent) {
  Int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

Fraction Of(int64_t value, int decimals) { return {value, Ten(decimals)}; }
Fraction operator+(Fraction a, Fraction b) {
  // The denominators are powers of ten.
  while (a.d < b.d) a = {a.n * 10, a.d * 10};
  while (b.d < a.d) b = {b.n * 10, b.d * 10};
  return {a.n + b.n, a.d};
}
Fraction operator*(Fraction a, Fraction b) { return {a.n * b.n, a.d * b.d}; }
std::optional<Fraction> operator/(Fraction a, Fraction b) {
  if (b.n == 0) return std::nullopt;
  const int sign = b.n < 0 ? -1 : 1;
  return Fraction{a.n * b.d * sign, a.d * b.n * sign};
}

// The whole number below, and then one up or not.
int64_t Round(Fraction f, int decimals, Rounding rounding) {
  f.n *= Ten(decimals);
  Int128 below = f.n / f.d;
  if (below * f.d > f.n) --below;
  const Int128 over = f.n - below * f.d;  // 0 <= over < f.d
  bool next = false;
  switch (rounding) {
    case Rounding::kHalfEven:
      next = 2 * over > f.d || (2 * over == f.d && below % 2 != 0);
      break;
    case Rounding::kHalfUp:
      next = 2 * over > f.d || (2 * over == f.d && f.n > 0);
      break;
    case Rounding::kDown:
      next = over != 0 && f.n < 0;
      break;
    case Rounding::kUp:
      next = over != 0 && f.n > 0;
      break;
  }
  return static_cast<int64_t>(below + (next ? 1 : 0));
}

class Draw {
 public:
  int Below(int n) { return static_cast<int>(random_() % n); }
  int64_t Price() {
    const auto price = static_cast<int64_t>(random_() % 2'000'001) - 1'000'000;
    return Below(3) == 0 ? price : std::abs(price) + 1;
  }
  Prices Quote() { return {Price(), Price(), Price()}; }

 private:
  std::mt19937 random_{20'240'131};
};

constexpr const char* kRoundings[] = {"half-even", "half-up", "down", "up"};

class FormulaProperty : public testing::Test {
 protected:
  // Draws decimals and prices for `count` inputs, and computes.
  Prices Compute(const std::string& formula, size_t count) {
    const int rounding = draw_.Below(4);
    rounding_ = static_cast<Rounding>(rounding);
    const auto definition =
        ParseDefinition("X=" + formula + " rounding=" + kRoundings[rounding]);
    EXPECT_TRUE(definition.ok()) << definition.status();
    decimals_.clear();
    inputs_.clear();
    for (size_t i = 0; i < count; ++i) {
      decimals_.push_back(draw_.Below(7));
      inputs_.push_back(draw_.Quote());
    }
    out_ = draw_.Below(7);
    const auto made = Formula::Make(*definition, decimals_, out_);
    EXPECT_TRUE(made.ok()) << made.status();
    int64_t too_big = 0;
    const Prices prices = made->Compute(inputs_, &too_big);
    EXPECT_EQ(too_big, 0);
    return prices;
  }

  Fraction Bid(size_t i) const { return Of(inputs_[i].bid, decimals_[i]); }
  Fraction Ask(size_t i) const { return Of(inputs_[i].ask, decimals_[i]); }
  Fraction Last(size_t i) const { return Of(inputs_[i].last, decimals_[i]); }
  int64_t Round(std::optional<Fraction> f) const {
    return f ? derived::Round(*f, out_, rounding_) : kEmpty;
  }

  static constexpr int kRounds = 20'000;
  Draw draw_;
  std::vector<int> decimals_;
  std::vector<Prices> inputs_;
  int out_ = 0;
  Rounding rounding_ = Rounding::kDown;
};

constexpr Fraction kHalf{5, 10};
constexpr Fraction kLess{-1, 1};

TEST_F(FormulaProperty, MidAndWidth) {
  for (int i = 0; i < kRounds; ++i) {
    const Prices mid = Compute("mid(A)", 1);
    ASSERT_EQ(mid.last, Round((Bid(0) + Ask(0)) * kHalf));
    const Prices width = Compute("spread(A)", 1);
    ASSERT_EQ(width.last, Round(Ask(0) + Bid(0) * kLess));
  }
}

TEST_F(FormulaProperty, Differences) {
  for (int i = 0; i < kRounds; ++i) {
    const Prices got = Compute("spread(A,B)", 2);
    ASSERT_EQ(got.bid, Round(Bid(0) + Ask(1) * kLess));
    ASSERT_EQ(got.ask, Round(Ask(0) + Bid(1) * kLess));
    ASSERT_EQ(got.last, Round(Last(0) + Last(1) * kLess));
  }
}

// Bid and ask are the ends of what lies between, wherever the rate is one.
TEST_F(FormulaProperty, QuotientsAndProducts) {
  const auto ends = [&](bool divide, bool least) -> std::optional<Fraction> {
    std::optional<Fraction> end;
    for (const Fraction& rate : {Bid(1), Ask(1)}) {
      const Fraction price = least ? Bid(0) : Ask(0);
      const Fraction one = divide ? *(price / rate) : price * rate;
      const bool less = end.has_value() && one.n * end->d < end->n * one.d;
      if (!end.has_value() || less == least) end = one;
    }
    return end;
  };
  for (int i = 0; i < kRounds; ++i) {
    const bool divide = i % 2 == 0;
    const Prices got =
        Compute(divide ? "cross(A,B)" : "cross(A,B) operation=multiply", 2);
    ASSERT_EQ(got.last, Round(divide ? Last(0) / Last(1) : Last(0) * Last(1)));
    const Prices& rate = inputs_[1];
    if (rate.bid <= 0 || rate.ask < rate.bid) continue;
    ASSERT_EQ(got.bid, Round(ends(divide, true)));
    ASSERT_EQ(got.ask, Round(ends(divide, false)));
  }
}

TEST_F(FormulaProperty, Reciprocals) {
  for (int i = 0; i < kRounds; ++i) {
    const Prices got = Compute("cross(A)", 1);
    const Fraction one{1, 1};
    ASSERT_EQ(got.last, Round(one / Last(0)));
    ASSERT_EQ(got.bid, inputs_[0].ask > 0 ? Round(one / Ask(0)) : kEmpty);
    ASSERT_EQ(got.ask, inputs_[0].bid > 0 ? Round(one / Bid(0)) : kEmpty);
  }
}

TEST_F(FormulaProperty, Baskets) {
  for (int i = 0; i < kRounds; ++i) {
    int64_t weight = draw_.Below(20'000) - 10'000;
    if (weight == 0) weight = 1;
    const Decimal first{weight, draw_.Below(5)};
    const Prices got = Compute(
        "basket(" + FormatDecimal(first) + "*A,B,-0.75*C) divisor=0.4", 3);
    const Fraction w = Of(first.value, first.decimals);
    const Fraction less{-75, 100};
    const Fraction over{25, 10};  // 1 / 0.4
    const Fraction a_bid = weight > 0 ? Bid(0) : Ask(0);
    const Fraction a_ask = weight > 0 ? Ask(0) : Bid(0);
    ASSERT_EQ(got.bid, Round((w * a_bid + Bid(1) + less * Ask(2)) * over));
    ASSERT_EQ(got.ask, Round((w * a_ask + Ask(1) + less * Bid(2)) * over));
    ASSERT_EQ(got.last, Round((w * Last(0) + Last(1) + less * Last(2)) * over));
  }
}

}  // namespace
}  // namespace streamhub::derived
