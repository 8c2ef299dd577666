#include "feeds/csv/decimal.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace streamhub::csv {
namespace {

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

int64_t Scaled(std::string_view text, int decimals) {
  int64_t value = 0;
  EXPECT_EQ(ParseScaled(text, decimals, &value), Fit::kFits) << text;
  return value;
}

Fit FitOf(std::string_view text, int decimals) {
  int64_t value = 77;
  const Fit fit = ParseScaled(text, decimals, &value);
  EXPECT_TRUE(fit == Fit::kFits || value == 77) << text;
  return fit;
}

TEST(DecimalTest, ScalesExactly) {
  EXPECT_EQ(Scaled("1.38756", 5), 138'756);
  EXPECT_EQ(Scaled("1.38756", 8), 138'756'000);
  EXPECT_EQ(Scaled("86.655", 3), 86'655);
  EXPECT_EQ(Scaled("0", 0), 0);
  EXPECT_EQ(Scaled("-37.63", 2), -3'763);
  EXPECT_EQ(Scaled("+37.63", 2), 3'763);
  EXPECT_EQ(Scaled("-0.00", 2), 0);
  EXPECT_EQ(Scaled(".5", 1), 5);
  EXPECT_EQ(Scaled("5.", 1), 50);
  EXPECT_EQ(Scaled("000123", 0), 123);
  // What no double of these digits is equal to.
  EXPECT_EQ(Scaled("9007199254740.993", 3), 9'007'199'254'740'993);
  EXPECT_EQ(Scaled("0.000000000001", 12), 1);
}

TEST(DecimalTest, NeverRounds) {
  EXPECT_EQ(FitOf("1.385", 2), Fit::kTooFine);
  EXPECT_EQ(FitOf("0.0000000000001", 12), Fit::kTooFine);
  EXPECT_EQ(FitOf("1.5", 0), Fit::kTooFine);
  EXPECT_EQ(Scaled("1.380000", 2), 138);
  EXPECT_EQ(Scaled("8629.30000000", 1), 86'293);
}

TEST(DecimalTest, KnowsWhatSixtyFourBitsHold) {
  EXPECT_EQ(Scaled("9223372036854775807", 0), kMax);
  EXPECT_EQ(Scaled("-9223372036854775807", 0), -kMax);
  EXPECT_EQ(Scaled("9223372.036854775807", 12), kMax);
  // The first of these would be kEmpty.
  EXPECT_EQ(FitOf("-9223372036854775808", 0), Fit::kTooBig);
  EXPECT_EQ(FitOf("9223372036854775808", 0), Fit::kTooBig);
  EXPECT_EQ(FitOf("922337203685477581", 1), Fit::kTooBig);
  EXPECT_EQ(FitOf(std::string(10'000, '9'), 2), Fit::kTooBig);
  EXPECT_EQ(Scaled(std::string(10'000, '0') + "7", 1), 70);
}

TEST(DecimalTest, RefusesWhatIsNone) {
  for (const char* bad :
       {"",    "-",   "+",   ".",   "-.",        "1.2.3", "1,5",
        "1e5", "NaN", "nan", "inf", "-Infinity", "0x10",  " 1",
        "1 ",  "--1", "+-1", "1-",  "1'000",     "\xB2"}) {
    EXPECT_FALSE(IsDecimal(bad)) << bad;
    EXPECT_EQ(FitOf(bad, 2), Fit::kNoDecimal) << bad;
  }
  EXPECT_FALSE(IsDecimal(std::string_view("1\0", 2)));
}

TEST(DecimalTest, CountsDigitsAsTheyAreWritten) {
  EXPECT_EQ(DigitsAfterPoint("1.38756"), 5);
  EXPECT_EQ(DigitsAfterPoint("1.38710"), 5);
  EXPECT_EQ(DigitsAfterPoint("-12"), 0);
  EXPECT_EQ(DigitsAfterPoint("12."), 0);
  EXPECT_EQ(DigitsAfterPoint(".25"), 2);
  // What no symbol can have counts only where it says something.
  EXPECT_EQ(DigitsAfterPoint("1.50000000000000000"), 12);
  EXPECT_EQ(DigitsAfterPoint("1.0000000000000100"), 14);
}

}  // namespace
}  // namespace streamhub::csv
