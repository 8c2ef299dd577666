#include "gateway/session/rate_ladder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "gateway/codec/json.h"
#include "gateway/session/asked_rate.h"

namespace streamhub {
namespace {

TEST(RateLadderTest, RoundsDownToTheNextStep) {
  EXPECT_EQ(RateOf(*StepFor(1e9)), 100);
  EXPECT_EQ(RateOf(*StepFor(100)), 100);
  EXPECT_EQ(RateOf(*StepFor(99.9)), 50);
  EXPECT_EQ(RateOf(*StepFor(7)), 5);
  EXPECT_EQ(RateOf(*StepFor(4.99)), 4);
  EXPECT_EQ(RateOf(*StepFor(0.99)), 0.5);
  EXPECT_EQ(kPeriods[*StepFor(1.0 / 60)], 60 * kSecond);
}

TEST(RateLadderTest, KnowsUnlimited) {
  EXPECT_EQ(StepFor(kUnlimited), kImmediate);
  EXPECT_EQ(RateOf(kImmediate), kUnlimited);
}

TEST(RateLadderTest, RefusesWhatIsTooSlowOrNoNumber) {
  EXPECT_EQ(StepFor(0.016), std::nullopt);
  EXPECT_EQ(StepFor(0), std::nullopt);
  EXPECT_EQ(StepFor(-1), std::nullopt);
  EXPECT_EQ(StepFor(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
}

TEST(RateLadderTest, TakesBackWhatAnAckTold) {
  for (RateStep step = 1; step < kPeriods.size(); ++step) {
    EXPECT_EQ(StepFor(RateOf(step)), step);
    std::string told;
    AppendRate(RateOf(step), &told);
    EXPECT_EQ(StepFor(std::stod(told)), step) << told;
  }
}

TEST(RateLadderTest, SpreadsSlowStepsOverPhases) {
  EXPECT_EQ(PhasesOf(kImmediate), 1);
  EXPECT_EQ(PhasesOf(*StepFor(100)), 1);
  EXPECT_EQ(PhasesOf(*StepFor(10)), 4);
  EXPECT_EQ(PhasesOf(*StepFor(1)), 16);
}

TEST(AskedRateTest, ThreeDigitsAreExact) {
  for (double rate = 1.0 / 60; rate < 1e6; rate *= 1.013) {
    const uint16_t packed = PackAsked(rate);
    EXPECT_NE(packed, kNoRateAsked);
    EXPECT_NE(packed, kUnlimitedAsked);
    EXPECT_NEAR(UnpackAsked(packed) / rate, 1, 1.0 / 4096);
  }
  for (const double rate : {0.5, 1.0, 2.0, 4.0, 7.0, 10.0, 25.0, 1000.0}) {
    EXPECT_EQ(UnpackAsked(PackAsked(rate)), rate);
  }
  EXPECT_TRUE(std::isinf(UnpackAsked(PackAsked(kUnlimited))));
  EXPECT_LT(UnpackAsked(PackAsked(1e300)), 1e9) << "the most that there is";
}

}  // namespace
}  // namespace streamhub
