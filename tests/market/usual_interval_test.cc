// What is learnt of a symbol's pace, and after how long a silence it is quiet.

#include "gateway/market/usual_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gateway/market/quiet.h"

namespace streamhub {
namespace {

constexpr int64_t kUnset = 0;

int64_t AfterEqual(int64_t usual_ns, int64_t gap_ns, int times) {
  for (int i = 0; i < times; ++i) usual_ns = LearnInterval(usual_ns, gap_ns);
  return usual_ns;
}

bool IsNear(int64_t value, int64_t wanted, double share) {
  return std::fabs(static_cast<double>(value - wanted)) <=
         share * static_cast<double>(wanted);
}

TEST(UsualInterval, EqualIntervalsAreLearnt) {
  for (const int64_t gap_ns :
       {kMillisecond, kSecond, 10 * kSecond, 300 * kSecond}) {
    const int64_t usual_ns = AfterEqual(kUnset, gap_ns, 60);
    EXPECT_LE(usual_ns, gap_ns);
    EXPECT_TRUE(IsNear(usual_ns, gap_ns, 0.01)) << usual_ns;
  }
}

// Two ticks are enough not to call it quiet before the third; of very slow
// ones, whose first silence may be the night, a few.
TEST(UsualInterval, ASlowSymbolIsKnownSoon) {
  for (const int64_t gap_ns : {kSecond, 10 * kSecond, 15 * kSecond}) {
    EXPECT_GT(kQuietIntervals * AfterEqual(kUnset, gap_ns, 2), gap_ns);
  }
  EXPECT_GT(kQuietIntervals * AfterEqual(kUnset, 300 * kSecond, 6),
            300 * kSecond);
}

TEST(UsualInterval, TicksOfOneBatchAndClocksSetBackSayNothing) {
  EXPECT_EQ(LearnInterval(kUnset, 0), kUnset);
  EXPECT_EQ(LearnInterval(kSecond, 0), kSecond);
  EXPECT_EQ(LearnInterval(kSecond, -5 * kSecond), kSecond);
}

TEST(UsualInterval, OfRandomTicksHalfAsMuchAgainAsTheMean) {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> gap(1.0);  // seconds
  int64_t usual_ns = 0;
  double sum = 0;
  int64_t missed = 0;
  constexpr int kTicks = 200'000;
  for (int i = 0; i < kTicks; ++i) {
    const auto gap_ns = static_cast<int64_t>(gap(random) * kSecond);
    if (gap_ns > kQuietIntervals * usual_ns && i > 100) ++missed;
    usual_ns = LearnInterval(usual_ns, gap_ns);
    sum += static_cast<double>(usual_ns);
  }
  EXPECT_NEAR(sum / kTicks / kSecond, 1.5, 0.15);
  // Called quiet by chance: less than one silence in 500.
  EXPECT_LT(missed, kTicks / 500);
}

// 200 ticks within 20 ms, and then nothing for ten seconds.
TEST(UsualInterval, OfBurstsThePauseBetweenThem) {
  int64_t usual_ns = 0;
  for (int burst = 0; burst < 100; ++burst) {
    usual_ns = LearnInterval(usual_ns, 10 * kSecond);
    usual_ns = AfterEqual(usual_ns, kMillisecond / 10, 199);
  }
  EXPECT_GT(usual_ns, 5 * kSecond);
  EXPECT_LE(usual_ns, 10 * kSecond);
}

TEST(UsualInterval, ANightIsForgotten) {
  const int64_t usual_ns = AfterEqual(kUnset, 100 * kMillisecond, 100);
  int64_t after_ns = LearnInterval(usual_ns, 16 * 3600 * kSecond);
  EXPECT_LT(after_ns, 3 * kSecond);
  // Within a minute of ticks.
  after_ns = AfterEqual(after_ns, 100 * kMillisecond, 600);
  EXPECT_EQ(after_ns, 100 * kMillisecond);
}

TEST(UsualInterval, ASymbolThatBecomesQuickIsKnownSoon) {
  const int64_t usual_ns = AfterEqual(kUnset, 600 * kSecond, 100);
  ASSERT_GT(usual_ns, 500 * kSecond);
  EXPECT_EQ(AfterEqual(usual_ns, 10 * kMillisecond, 40'000), 10 * kMillisecond);
}

TEST(UsualInterval, HasABound) {
  EXPECT_EQ(AfterEqual(kUnset, int64_t{1} << 62, 1000), kUsualIntervalMaxNs);
}

// --- when it is quiet ---

TEST(Quiet, NotBeforeTheFeedsThresholdNorTheSymbols) {
  EXPECT_EQ(QuietAfterNs(15 * kSecond, 0), 15 * kSecond);
  EXPECT_EQ(QuietAfterNs(15 * kSecond, kMillisecond), 15 * kSecond);
  EXPECT_EQ(QuietAfterNs(15 * kSecond, 10 * kSecond), 50 * kSecond);
}

TEST(Quiet, AFeedWithoutAThresholdLeavesItToTheSymbol) {
  EXPECT_EQ(QuietAfterNs(0, 0), 15 * kSecond);
  EXPECT_EQ(QuietAfterNs(0, kMillisecond), kSecond);
  EXPECT_EQ(QuietAfterNs(0, kSecond), 5 * kSecond);
}

// --- as the cache learns it ---

class LearningTest : public testing::Test {
 protected:
  LearningTest() { cache_.AddSlot(0, 1); }

  void Tick(int64_t after_ns) {
    now_ns_ += after_ns;
    cache_.Update(0, {}, now_ns_, 0);
  }
  int64_t UsualNs() {
    QuoteView view;
    EXPECT_TRUE(cache_.Read(0, 0, &view));
    return view.usual_ns;
  }

  ConflationCache cache_{1};
  int64_t now_ns_ = 1'700'000'000 * kSecond;
};

TEST_F(LearningTest, FromTheThirdTickOn) {
  Tick(0);  // the symbol is new: its `trading`
  EXPECT_EQ(UsualNs(), 0);
  Tick(3600 * kSecond);
  EXPECT_EQ(UsualNs(), 0);
  Tick(8 * kSecond);
  EXPECT_EQ(UsualNs(), kSecond);
  Tick(0);
  EXPECT_EQ(UsualNs(), kSecond);
}

TEST_F(LearningTest, ANewRunIsNoSilence) {
  for (int i = 0; i < 100; ++i) Tick(8 * kSecond);
  const int64_t usual_ns = UsualNs();
  EXPECT_TRUE(IsNear(usual_ns, 8 * kSecond, 0.01));
  cache_.Clear(0, 1);
  EXPECT_EQ(UsualNs(), usual_ns);
  Tick(3600 * kSecond);
  EXPECT_EQ(UsualNs(), usual_ns);
}

}  // namespace
}  // namespace streamhub
