#include "gateway/session/beat_class.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

namespace streamhub {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr RateStep kTenPerSecond = 4;
constexpr int64_t kPeriod = 100 * kMillisecond;
static_assert(kPeriods[kTenPerSecond] == kPeriod);

std::vector<uint32_t> Serve(BeatClass* beats, int64_t now, int64_t* late) {
  std::vector<uint32_t> served;
  const int64_t folded = beats->Serve(
      now, [&](const SubscriptionRef& ref) { served.push_back(ref.index); });
  if (late != nullptr) *late = folded;
  return served;
}

TEST(BeatClassTest, IsDueAtOnceAndThenOnItsGrid) {
  BeatClass beats(kTenPerSecond, 1);
  beats.Add(7, {nullptr, 1});
  EXPECT_EQ(beats.due_ns(), kNever);

  const int64_t start = 1'000 * kSecond + 3 * kMillisecond;
  beats.Mark(7, start);
  EXPECT_EQ(beats.due_ns(), start);
  EXPECT_EQ(Serve(&beats, start, nullptr), (std::vector<uint32_t>{1}));
  EXPECT_EQ(beats.due_ns(), kNever);

  // Phase 1 of 4 is 25 ms into each period, and a period must have passed.
  beats.Mark(7, start + kMillisecond);
  EXPECT_EQ(beats.due_ns(), 1'000 * kSecond + 125 * kMillisecond);
}

TEST(BeatClassTest, BeatsAreNeverDueSoonerThanAPeriod) {
  for (RateStep step = 1; step < kPeriods.size(); ++step) {
    for (int phase = 0; phase < PhasesOf(step); ++phase) {
      BeatClass beats(step, phase);
      beats.Add(0, {nullptr, 0});
      int64_t now = 1'000 * kSecond + 12'345'678;
      int64_t last = now - kPeriods[step];
      for (int i = 0; i < 20; ++i) {
        beats.Mark(0, now);
        now = beats.due_ns();
        ASSERT_GE(now - last, kPeriods[step]);
        ASSERT_LT(now - last, 2 * kPeriods[step]);
        last = now;
        EXPECT_EQ(Serve(&beats, now, nullptr).size(), 1u);
      }
    }
  }
}

TEST(BeatClassTest, ASlightlyLateBeatDoesNotShiftTheNext) {
  BeatClass beats(kTenPerSecond, 0);
  beats.Add(0, {nullptr, 0});
  beats.Mark(0, 0);
  Serve(&beats, 0, nullptr);
  beats.Mark(0, 1);
  ASSERT_EQ(beats.due_ns(), kPeriod);
  int64_t late = -1;
  Serve(&beats, kPeriod + 30 * kMillisecond, &late);
  EXPECT_EQ(late, 0);
  beats.Mark(0, kPeriod + 31 * kMillisecond);
  EXPECT_EQ(beats.due_ns(), 2 * kPeriod);
}

TEST(BeatClassTest, LateBeatsAreCountedAndFoldedIntoOne) {
  BeatClass beats(kTenPerSecond, 0);
  beats.Add(0, {nullptr, 0});
  beats.Mark(0, 0);
  Serve(&beats, 0, nullptr);
  beats.Mark(0, 1);
  int64_t late = 0;
  EXPECT_EQ(Serve(&beats, 4 * kPeriod + kPeriod / 2, &late).size(), 1u);
  EXPECT_EQ(late, 3);
  // Nothing is made up for: a whole period passes before the next.
  beats.Mark(0, 4 * kPeriod + kPeriod / 2);
  EXPECT_EQ(beats.due_ns(), 6 * kPeriod);
}

TEST(BeatClassTest, WaitingForATickIsNotBeingLate) {
  BeatClass beats(kTenPerSecond, 0);
  beats.Add(0, {nullptr, 0});
  beats.Mark(0, 0);
  Serve(&beats, 0, nullptr);
  beats.Mark(0, 100 * kPeriod + 5);
  EXPECT_EQ(beats.due_ns(), 100 * kPeriod + 5);
  int64_t late = -1;
  Serve(&beats, 100 * kPeriod + 6, &late);
  EXPECT_EQ(late, 0);
}

TEST(BeatClassTest, ImmediateIsAlwaysDue) {
  BeatClass beats(kImmediate, 0);
  beats.Add(3, {nullptr, 9});
  for (const int64_t now : {5, 5, 6}) {
    beats.Mark(3, now);
    EXPECT_LE(beats.due_ns(), now);
    EXPECT_EQ(Serve(&beats, now, nullptr), (std::vector<uint32_t>{9}));
  }
}

TEST(BeatClassTest, RemovingMovesTheLastEntryAndSaysSo) {
  BeatClass beats(kImmediate, 0);
  // Any address that is not null: the class never looks behind it.
  auto* const session = reinterpret_cast<Session*>(8);
  EXPECT_EQ(beats.Add(3, {session, 10}), 0u);
  EXPECT_EQ(beats.Add(3, {session, 11}), 1u);
  EXPECT_EQ(beats.Add(3, {session, 12}), 2u);
  const SubscriptionRef moved = beats.Remove(3, 0);
  EXPECT_EQ(moved.session, session);
  EXPECT_EQ(moved.index, 12u);
  EXPECT_EQ(beats.Remove(3, 1).session, nullptr);
  beats.Mark(3, 0);
  EXPECT_EQ(Serve(&beats, 0, nullptr), (std::vector<uint32_t>{12}));
  beats.Remove(3, 0);
  EXPECT_EQ(beats.InterestWord(0), 0u);
  beats.Mark(3, 1);
  EXPECT_EQ(beats.due_ns(), kNever);
}

TEST(BeatClassTest, TakesOnlyWhatSomebodyWants) {
  BeatClass beats(kImmediate, 0);
  beats.Add(1, {nullptr, 1});
  beats.Add(200, {nullptr, 2});
  beats.MarkWord(0, ~uint64_t{0}, 0);
  beats.MarkWord(3, ~uint64_t{0}, 0);
  beats.MarkWord(50, ~uint64_t{0}, 0);
  EXPECT_EQ(Serve(&beats, 0, nullptr), (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(beats.InterestWord(3), uint64_t{1} << (200 - 192));
  EXPECT_EQ(beats.InterestWord(50), 0u);
}

}  // namespace
}  // namespace streamhub
