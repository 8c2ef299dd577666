// Values by hand.

#include "feeds/derived/formula.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace streamhub::derived {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

class FormulaTest : public testing::Test {
 protected:
  Prices Compute(const std::string& text, const std::vector<int>& decimals,
                 int out, const std::vector<Prices>& inputs) {
    const auto definition = ParseDefinition(text);
    EXPECT_TRUE(definition.ok()) << definition.status();
    const auto formula = Formula::Make(*definition, decimals, out);
    EXPECT_TRUE(formula.ok()) << formula.status();
    return formula->Compute(inputs, &too_big_);
  }

  int64_t too_big_ = 0;
};

TEST_F(FormulaTest, Mid) {
  // 1.08512 and 1.08520: 1.08516.
  EXPECT_EQ(Compute("M=mid(A)", {5}, 6, {{108512, 108520, 1}}),
            (Prices{kEmpty, kEmpty, 1085160}));
  // 1.01 and 1.02 with two decimals: 1.015 is a tie.
  EXPECT_EQ(Compute("M=mid(A)", {2}, 2, {{101, 102, 1}}).last, 102);
  EXPECT_EQ(Compute("M=mid(A) rounding=down", {2}, 2, {{101, 102, 1}}).last,
            101);
  EXPECT_EQ(Compute("M=mid(A) rounding=up", {2}, 2, {{-102, -101, 1}}).last,
            -102);
  EXPECT_EQ(Compute("M=mid(A)", {2}, 0, {{149, 150, 1}}).last, 1);
  EXPECT_EQ(Compute("M=mid(A)", {0}, 12, {{2, 3, 1}}).last, 2500000000000);
  EXPECT_EQ(Compute("M=mid(A)", {2}, 2, {{kMost, kMost, 1}}).last, kMost);
  EXPECT_EQ(too_big_, 0);
}

TEST_F(FormulaTest, TheWidthOfAQuote) {
  EXPECT_EQ(Compute("S=spread(A)", {5}, 5, {{108512, 108520, 7}}),
            (Prices{kEmpty, kEmpty, 8}));
  EXPECT_EQ(Compute("S=spread(A)", {2}, 3, {{-5, 10, 7}}).last, 150);
  // A crossed quote is as it is.
  EXPECT_EQ(Compute("S=spread(A)", {2}, 2, {{10, 8, 7}}).last, -2);
}

TEST_F(FormulaTest, ADifferenceSellsOneAndBuysTheOther) {
  // 10.00-10.02 less 9.5-9.6: one gets 10.00 - 9.6, and pays 10.02 - 9.5.
  EXPECT_EQ(
      Compute("S=spread(A,B)", {2, 1}, 2, {{1000, 1002, 1001}, {95, 96, 96}}),
      (Prices{40, 52, 41}));
  EXPECT_EQ(Compute("S=spread(A,B)", {0, 0}, 0, {{1, 2, 1}, {4, 6, 5}}),
            (Prices{-5, -2, -4}));
}

TEST_F(FormulaTest, ACrossTakesTheRightSides) {
  // 1.08512-1.08520 over 1.26500-1.26520:
  // 1.08512 / 1.26520 = 0.857666...; 1.08520 / 1.26500 = 0.857865...
  // 1.08516 / 1.26510 = 0.857766...
  EXPECT_EQ(Compute("E=cross(A,B)", {5, 5}, 5,
                    {{108512, 108520, 108516}, {126500, 126520, 126510}}),
            (Prices{85767, 85787, 85777}));
  EXPECT_EQ(Compute("E=cross(A,B) rounding=down", {5, 5}, 5,
                    {{108512, 108520, 108516}, {126500, 126520, 126510}}),
            (Prices{85766, 85786, 85776}));
  // Decimals of the inputs need not be alike: 1.5 / 0.30 = 5.
  EXPECT_EQ(Compute("E=cross(A,B)", {1, 2}, 0, {{15, 15, 15}, {30, 30, 30}}),
            (Prices{5, 5, 5}));
}

TEST_F(FormulaTest, AProductTakesTheSameSides) {
  // 1.1-1.2 times 150.00-151.00.
  EXPECT_EQ(Compute("E=cross(A,B) operation=multiply", {1, 2}, 2,
                    {{11, 12, 11}, {15000, 15100, 15050}}),
            (Prices{16500, 18120, 16555}));
  EXPECT_EQ(Compute("E=cross(A,B) operation=multiply rounding=up", {1, 2}, 0,
                    {{11, 12, 11}, {15001, 15100, 15050}}),
            (Prices{166, 182, 166}));
}

TEST_F(FormulaTest, AReciprocalSwapsTheSides) {
  // 1 / 1.25 = 0.8, 1 / 1.6 = 0.625
  EXPECT_EQ(Compute("U=cross(A)", {2}, 3, {{125, 160, -200}}),
            (Prices{625, 800, -500}));
  EXPECT_EQ(Compute("U=cross(A)", {0}, 12, {{3, 3, 0}}),
            (Prices{333333333333, 333333333333, kEmpty}));
}

TEST_F(FormulaTest, WhereTheFirstOfACrossIsNegativeTheRateIsTheOtherOne) {
  // What lies between -6 and -4, over 2 to 3: from -3 to -4/3.
  EXPECT_EQ(Compute("E=cross(A,B)", {0, 0}, 2, {{-6, -4, -5}, {2, 3, 2}}),
            (Prices{-300, -133, -250}));
  // From -6 to 4, times 2 to 3: from -18 to 12.
  EXPECT_EQ(Compute("E=cross(A,B) operation=multiply", {0, 0}, 0,
                    {{-6, 4, -5}, {2, 3, -2}}),
            (Prices{-18, 12, 10}));
}

TEST_F(FormulaTest, ARateThatIsNotAboveZeroMakesNoQuote) {
  EXPECT_EQ(Compute("E=cross(A,B)", {0, 0}, 0, {{4, 6, 6}, {-1, 2, -2}}),
            (Prices{2, kEmpty, -3}));
  EXPECT_EQ(Compute("E=cross(A,B)", {0, 0}, 0, {{4, 6, 6}, {0, 0, 0}}),
            Prices());
  EXPECT_EQ(Compute("E=cross(A,B) operation=multiply", {0, 0}, 0,
                    {{4, 6, 6}, {-1, 2, 0}}),
            (Prices{kEmpty, 12, 0}));
  EXPECT_EQ(too_big_, 0) << "a missing price is none that does not fit";
}

TEST_F(FormulaTest, ABasketWeighsExactly) {
  // 0.5 * 189.95 - 1.25 * 404.10, asked at 190.05 and bid at 404.00.
  EXPECT_EQ(Compute("B=basket(0.5*A,-1.25*B)", {2, 2}, 4,
                    {{18995, 19005, 19000}, {40400, 40410, 40405}}),
            (Prices{-4101500, -4099750, -4100625}));
  // A third of three.
  EXPECT_EQ(Compute("B=basket(A,B,C) divisor=3", {2, 1, 0}, 2,
                    {{100, 100, 100}, {10, 11, 20}, {1, 1, 2}}),
            (Prices{100, 103, 167}));
  EXPECT_EQ(Compute("B=basket(A) divisor=0.16", {0}, 2, {{1, 2, 3}}),
            (Prices{625, 1250, 1875}));
  EXPECT_EQ(Compute("B=basket(0.000000000001*A)", {12}, 12,
                    {{1, 500000000000, 1500000000000}}),
            (Prices{0, 0, 2}));
}

TEST_F(FormulaTest, WhatIsMadeOfSomethingEmptyIsEmpty) {
  const Prices whole{10, 12, 11};
  const Prices no_bid{kEmpty, 12, 11};
  const Prices no_ask{10, kEmpty, 11};
  const Prices no_last{10, 12, kEmpty};
  EXPECT_EQ(Compute("M=mid(A)", {0}, 0, {no_bid}), Prices());
  EXPECT_EQ(Compute("M=mid(A)", {0}, 0, {no_ask}), Prices());
  EXPECT_EQ(Compute("M=mid(A)", {0}, 0, {no_last}).last, 11);
  EXPECT_EQ(Compute("S=spread(A,B)", {0, 0}, 0, {no_bid, whole}),
            (Prices{kEmpty, 2, 0}));
  EXPECT_EQ(Compute("S=spread(A,B)", {0, 0}, 0, {whole, no_bid}),
            (Prices{-2, kEmpty, 0}));
  EXPECT_EQ(Compute("C=cross(A,B)", {0, 0}, 0, {whole, no_ask}),
            (Prices{kEmpty, 1, 1}));
  EXPECT_EQ(Compute("C=cross(A,B)", {0, 0}, 0, {no_ask, whole}),
            (Prices{1, kEmpty, 1}));
  EXPECT_EQ(Compute("C=cross(A)", {0}, 1, {no_last}), (Prices{1, 1, kEmpty}));
  EXPECT_EQ(Compute("B=basket(A,-1*B)", {0, 0}, 0, {whole, no_bid}),
            (Prices{-2, kEmpty, 0}));
  EXPECT_EQ(Compute("B=basket(A,B)", {0, 0}, 0, {whole, Prices()}), Prices());
  EXPECT_EQ(too_big_, 0);
}

TEST_F(FormulaTest, WhatDoesNotFitIsEmptyAndCounted) {
  EXPECT_EQ(Compute("M=mid(A)", {0}, 1, {{kMost, kMost, 1}}), Prices());
  EXPECT_EQ(too_big_, 1);
  EXPECT_EQ(Compute("C=cross(A,B) operation=multiply", {0, 0}, 0,
                    {{1LL << 32, 1LL << 32, 5}, {1LL << 31, 1LL << 30, 7}}),
            (Prices{kEmpty, 1LL << 62, 35}));
  EXPECT_EQ(too_big_, 2);
  EXPECT_EQ(Compute("C=cross(A,B)", {0, 12}, 12,
                    {{kMost, kMost, kMost}, {1, 1, kMost}}),
            (Prices{kEmpty, kEmpty, kEmpty}))
      << "10^24 is far";
  EXPECT_EQ(too_big_, 5);
  EXPECT_EQ(
      Compute("B=basket(A,B)", {0, 0}, 0, {{kMost, 1, kMost}, {1, 1, -1}}),
      (Prices{kEmpty, 2, kMost - 1}));
  EXPECT_EQ(too_big_, 6);
  // The most that there can be still fits in between.
  EXPECT_EQ(Compute("C=cross(A,B) operation=multiply", {12, 12}, 5,
                    {{kMost, kMost, 0}, {kMost, kMost, 0}}),
            (Prices{8507059173023461585, 8507059173023461585, 0}));
  EXPECT_EQ(too_big_, 6);
}

TEST_F(FormulaTest, WeightsThatCannotBeScaledAlikeAreRefused) {
  const auto definition =
      ParseDefinition("B=basket(0.000000000001*A,100000000000000000*B)");
  ASSERT_TRUE(definition.ok()) << definition.status();
  EXPECT_FALSE(Formula::Make(*definition, std::vector<int>{12, 0}, 2).ok());
  EXPECT_TRUE(Formula::Make(*definition, std::vector<int>{5, 5}, 2).ok());
}

}  // namespace
}  // namespace streamhub::derived
