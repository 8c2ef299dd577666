#include "feeds/derived/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gateway/base/strings.h"

namespace streamhub::derived {
namespace {

using ::testing::HasSubstr;

Definition Parsed(std::string_view text) {
  const auto definition = ParseDefinition(text);
  EXPECT_TRUE(definition.ok()) << text << ": " << definition.status();
  return definition.ok() ? *definition : Definition();
}

std::string ErrorOf(std::string_view text) {
  const auto definition = ParseDefinition(text);
  EXPECT_FALSE(definition.ok()) << text;
  EXPECT_TRUE(absl::IsInvalidArgument(definition.status()));
  return std::string(FromAbsl(definition.status().message()));
}

TEST(Definition, ACrossWithAllThatItMayHave) {
  const Definition d = Parsed(
      "EUR/GBP=cross(EUR/USD,GBP/USD) decimals=5 rounding=half-up "
      "operation=multiply name=\"Euro / \\\"Cable\\\"\" currency=GBP");
  EXPECT_EQ(d.symbol, "EUR/GBP");
  EXPECT_EQ(d.kind, Kind::kCross);
  ASSERT_EQ(d.inputs.size(), 2u);
  EXPECT_EQ(d.inputs[0].symbol, "EUR/USD");
  EXPECT_EQ(d.inputs[1].symbol, "GBP/USD");
  EXPECT_EQ(d.decimals, 5);
  EXPECT_EQ(d.rounding, Rounding::kHalfUp);
  EXPECT_EQ(d.operation, Operation::kMultiply);
  EXPECT_EQ(d.name, "Euro / \"Cable\"");
  EXPECT_EQ(d.currency, "GBP");
}

TEST(Definition, WhatIsLeftOutHasADefault) {
  const Definition d = Parsed("M=mid(A)");
  EXPECT_EQ(d.kind, Kind::kMid);
  EXPECT_FALSE(d.decimals.has_value());
  EXPECT_EQ(d.rounding, Rounding::kHalfEven);
  EXPECT_EQ(d.operation, Operation::kDivide);
  EXPECT_EQ(d.divisor, Decimal());
  EXPECT_EQ(d.name, "");
}

TEST(Definition, SpacesAndQuotesMayBeAnywhere) {
  EXPECT_EQ(
      Parsed(" B =\tbasket ( 2 * A , -0.5*\"X (Y)*;\" , C ) divisor = 3 "),
      Parsed("B=basket(2*A,-0.5*\"X (Y)*;\",C) divisor=3"));
  const Definition d = Parsed("\"a=b\"=basket(\"2*A\",2*\"\\\\\")");
  EXPECT_EQ(d.symbol, "a=b");
  EXPECT_EQ(d.inputs[0].symbol, "2*A");
  EXPECT_EQ(d.inputs[0].weight, Decimal());
  EXPECT_EQ(d.inputs[1].symbol, "\\");
  EXPECT_EQ(d.inputs[1].weight, (Decimal{2, 0}));
}

TEST(Definition, WeightsAreExactDecimals) {
  const Definition d =
      Parsed("B=basket(0.1*A,-12.3400*B,+7*C,.5*D,0.000000000001*E)");
  EXPECT_EQ(d.inputs[0].weight, (Decimal{1, 1}));
  EXPECT_EQ(d.inputs[1].weight, (Decimal{-1234, 2}));
  EXPECT_EQ(d.inputs[2].weight, (Decimal{7, 0}));
  EXPECT_EQ(d.inputs[3].weight, (Decimal{5, 1}));
  EXPECT_EQ(d.inputs[4].weight, (Decimal{1, 12}));
  for (const char* wrong :
       {"1e3", "x", "0.0000000000001", "1.2.3", "--1", "9999999999999999999",
        "1000000000000000000", "nan"}) {
    EXPECT_THAT(ErrorOf("B=basket(" + std::string(wrong) + "*A)"),
                HasSubstr("at byte 10: expected a weight, up to 18 digits"))
        << wrong;
  }
  EXPECT_THAT(ErrorOf("B=basket(0.0*A)"), HasSubstr("A: the weight is 0"));
}

TEST(Definition, ErrorsSayWhereAndWhat) {
  EXPECT_EQ(ErrorOf(""),
            "at byte 1: expected the name of a symbol, found the end");
  EXPECT_EQ(ErrorOf("A"), "at byte 2: expected '=', found the end");
  EXPECT_EQ(ErrorOf("A=crss(B)"),
            "at byte 3: expected a kind: mid, spread, cross or basket, found "
            "\"crss\"");
  EXPECT_EQ(ErrorOf("A=mid B"), "at byte 7: expected '(', found \"B\"");
  EXPECT_EQ(ErrorOf("A=mid()"), "at byte 7: expected a symbol, found \")\"");
  EXPECT_EQ(ErrorOf("A=cross(B,)"),
            "at byte 11: expected a symbol, found \")\"");
  EXPECT_EQ(ErrorOf("A=cross(B C)"),
            "at byte 11: expected ',' or ')', found \"C\"");
  EXPECT_EQ(ErrorOf("A=mid(B"),
            "at byte 8: expected ',' or ')', found the end");
  EXPECT_EQ(ErrorOf("A=mid(B) colour=red"),
            "at byte 10: expected decimals, rounding, operation, divisor, name "
            "or currency, found \"colour\"");
  EXPECT_EQ(ErrorOf("A=mid(B) decimals=13"),
            "at byte 19: expected an integer from 0 to 12, found \"13\"");
  EXPECT_EQ(ErrorOf("A=mid(B) decimals=-1"),
            "at byte 19: expected an integer from 0 to 12, found \"-1\"");
  EXPECT_EQ(ErrorOf("A=mid(B) decimals="),
            "at byte 19: expected a value, found the end");
  EXPECT_EQ(ErrorOf("A=mid(B) rounding=nearest"),
            "at byte 19: expected half-even, half-up, down or up, found "
            "\"nearest\"");
  EXPECT_EQ(ErrorOf("A=mid(\"B)"), "at byte 7: a quote without its end");
  EXPECT_EQ(ErrorOf("A=mid(\"\\n\")"),
            "at byte 8: expected \\\" or \\\\, found \"\\n\"\"");
  EXPECT_THAT(ErrorOf("A=basket(B) divisor=0"),
              HasSubstr("at byte 21: expected a number above 0"));
  EXPECT_THAT(ErrorOf("A=cross(B,C) operation=add"),
              HasSubstr("at byte 24: expected divide or multiply"));
}

TEST(Definition, WhatCannotBeComputedIsRefused) {
  EXPECT_EQ(ErrorOf("A=mid(B,C)"), "A: a mid is of 1 symbol, not of 2");
  EXPECT_EQ(ErrorOf("A=spread(B,C,D)"),
            "A: a spread is of 1 to 2 symbols, not of 3");
  EXPECT_EQ(ErrorOf("A=cross(B,B)"), "A: B is there twice");
  EXPECT_EQ(ErrorOf("A=mid(2*B)"), "A: B: only baskets have weights");
  EXPECT_EQ(ErrorOf("A=mid(B) divisor=2"), "A: only a basket has a divisor");
  EXPECT_EQ(ErrorOf("A=cross(B) operation=multiply"),
            "A: only a cross of two symbols multiplies");
  EXPECT_EQ(ErrorOf("tape/A=mid(B)"),
            "tape/A: names that begin with tape/ are those of tapes");
  EXPECT_THAT(ErrorOf("A@1=mid(B)"), HasSubstr("no symbol can be called"));
  EXPECT_THAT(ErrorOf("A=mid(B@1)"), HasSubstr("no symbol can be called"));
  EXPECT_THAT(ErrorOf("A=mid(\"B,C\")"), HasSubstr("no symbol can be called"));
  EXPECT_THAT(ErrorOf("A=mid(B) name=\xFF"), HasSubstr("not UTF-8"));
  EXPECT_THAT(ErrorOf("A=mid(B) name=\"two\nlines\""),
              HasSubstr("A: name or currency has a control character"));
  EXPECT_THAT(ErrorOf("A=mid(B) currency=\"\x7f\""),
              HasSubstr("has a control character"));
}

TEST(Definition, ABasketHasALimit) {
  std::string inputs;
  for (size_t i = 0; i < kInputsMax; ++i) {
    inputs += "S" + std::to_string(i) + ",";
  }
  inputs.pop_back();
  EXPECT_EQ(Parsed("B=basket(" + inputs + ")").inputs.size(), kInputsMax);
  EXPECT_THAT(ErrorOf("B=basket(" + inputs + ",X)"),
              HasSubstr("expected at most 64 symbols, found \"X\""));
}

TEST(Definition, WhatIsWrittenReadsBack) {
  for (const char* text :
       {"M=mid(A)", "S=spread(A,B) decimals=0", "C=cross(A) rounding=up",
        "C=cross(A,B) operation=multiply decimals=12 rounding=down",
        "B=basket(0.5*A,-2*B,C) divisor=3 name=\"a b\" currency=EUR",
        "\"a b\"=basket(-0.000000000001*\"x*\\\"y\",123456.789*\"=\")"}) {
    const Definition d = Parsed(text);
    EXPECT_EQ(FormatDefinition(d), text);
    EXPECT_EQ(Parsed(FormatDefinition(d)), d) << text;
  }
  EXPECT_EQ(FormatFormula(Parsed("A = cross( B , C ) decimals=3")),
            "cross(B,C)");
}

}  // namespace
}  // namespace streamhub::derived
