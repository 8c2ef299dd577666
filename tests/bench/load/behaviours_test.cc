#include "bench/load/behaviours.h"

#include <gtest/gtest.h>

namespace streamhub::load {
namespace {

TEST(BehavioursTest, AShareIsSpreadEvenly) {
  for (const double share : {0.0, 0.1, 0.05, 0.25, 1.0 / 3, 0.95, 1.0}) {
    int64_t belong = 0;
    for (size_t i = 0; i < 1000; ++i) {
      belong += BelongsTo(share, i) ? 1 : 0;
      EXPECT_NEAR(static_cast<double>(belong),
                  share * static_cast<double>(i + 1), 1.0 + 1e-6);
    }
    EXPECT_NEAR(static_cast<double>(belong), 1000 * share, 0.5);
    EXPECT_EQ(BelongsTo(share, 0), share == 1.0) << share;
  }
}

TEST(BehavioursTest, SurvivorsAreWatchedUntilAllAreBack) {
  RunPlan plan;
  plan.storm_within_s = 5;
  EXPECT_EQ(StormNs(plan), 8 * kSecond);
}

}  // namespace
}  // namespace streamhub::load
