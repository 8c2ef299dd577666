#include "bench/load/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bench/load/harvest.h"

namespace streamhub::load {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(TurnLogTest, CountsMessagesByTheirTurn) {
  TurnLog turns;
  EXPECT_THAT(turns.Sorted(), IsEmpty());
  for (const int64_t time_us : {500, 500, 300, 500, 300, 700}) {
    turns.Add(time_us);
  }
  EXPECT_EQ(turns.messages(), 6);
  EXPECT_THAT(turns.Sorted(),
              ElementsAre(Turn{300, 2}, Turn{500, 3}, Turn{700, 1}));
}

TEST(TurnLogTest, IsMergedTurnByTurn) {
  TurnLog one, other;
  for (int64_t i = 0; i < 5000; ++i) one.Add(1'000'000 + i * 37);
  for (int64_t i = 2500; i < 7500; ++i) other.Add(1'000'000 + i * 37, 2);
  one.Merge(other);
  EXPECT_EQ(one.messages(), 15'000);
  const std::vector<Turn> sorted = one.Sorted();
  ASSERT_THAT(sorted, SizeIs(7500));
  EXPECT_EQ(sorted[0], (Turn{1'000'000, 1}));
  EXPECT_EQ(sorted[3000], (Turn{1'000'000 + 3000 * 37, 3}));
  EXPECT_EQ(sorted[7499], (Turn{1'000'000 + 7499 * 37, 2}));
}

TEST(TurnLogTest, WhatIsTooMuchIsStillCounted) {
  TurnLog turns;
  const auto limit = static_cast<int64_t>(TurnLog::kTurnsMax);
  for (int64_t i = 1; i <= limit + 10; ++i) turns.Add(i);
  turns.Add(5);
  EXPECT_EQ(turns.messages(), limit + 11);
  const std::vector<Turn> sorted = turns.Sorted();
  ASSERT_THAT(sorted, SizeIs(TurnLog::kTurnsMax));
  EXPECT_EQ(sorted[4], (Turn{5, 2}));
  EXPECT_EQ(sorted.back(), (Turn{limit, 1}));
  TurnLog merged;
  merged.Merge(turns);
  EXPECT_EQ(merged.messages(), limit + 11);
}

TEST(SampleTest, KeepsWhatThereIsRoomFor) {
  Sample sample;
  sample.Keep(std::string(Sample::kBytesMax - 10, 'x'), &sample.opening);
  sample.Keep(std::string(11, 'y'), &sample.updates);
  EXPECT_TRUE(sample.empty());
  sample.Keep(std::string(10, 'y'), &sample.updates);
  EXPECT_THAT(sample.updates, ElementsAre(std::string(10, 'y')));
  Sample many;
  for (int i = 0; i < 2000; ++i) many.Keep("m", &many.updates);
  EXPECT_THAT(many.updates, SizeIs(Sample::kMessagesMax));
}

Harvest SomeHarvest() {
  Harvest harvest;
  Tally& tally = harvest.tally;
  tally.updates = 11;
  tally.messages = 7;
  tally.bytes = 5000;
  tally.latency_us.Add(100);
  tally.latency_us.Add(300);
  tally.slow_updates = 2;
  tally.errors["closed with code 4002"] = 3;
  tally.recording.turns.Add(5, 4);
  tally.recording.turns.AddUntold(2);
  tally.recording.sample = {
      .names = {"A"}, .opening = {"o"}, .updates = {"u", ""}, .bytes = 2};
  tally.storm_cut = 9;
  tally.storm_last_us = 44;
  tally.gap_us.Add(8);
  harvest.check = {.done = true,
                   .due = 10,
                   .received = 9,
                   .shares = {0.5, 1},
                   .equal = 3,
                   .different = 1,
                   .behind = 0,
                   .first_difference = "A bid: 1, the gateway says 2"};
  harvest.failed = 1;
  harvest.ended_early = true;
  harvest.error = "x";
  return harvest;
}

TEST(HarvestTest, ComesThroughAsItWas) {
  const std::string bytes = Pack(SomeHarvest());
  Harvest harvest;
  ASSERT_TRUE(Unpack(bytes, &harvest));
  EXPECT_EQ(Pack(harvest), bytes);
  EXPECT_EQ(harvest.tally.latency_us.Percentile(100), 300);
  EXPECT_EQ(harvest.tally.errors["closed with code 4002"], 3);
  EXPECT_EQ(harvest.tally.recording.turns.messages(), 6);
  EXPECT_THAT(harvest.tally.recording.turns.Sorted(), ElementsAre(Turn{5, 4}));
  EXPECT_THAT(harvest.tally.recording.sample.updates, ElementsAre("u", ""));
  EXPECT_THAT(harvest.check.shares, ElementsAre(0.5, 1));
  EXPECT_EQ(harvest.check.first_difference, "A bid: 1, the gateway says 2");
  EXPECT_EQ(harvest.error, "x");
}

TEST(HarvestTest, WhatIsCutOffIsRefused) {
  const std::string bytes = Pack(SomeHarvest());
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{40}, bytes.size() / 2, bytes.size() - 1}) {
    Harvest harvest;
    EXPECT_FALSE(Unpack(std::string_view(bytes).substr(0, size), &harvest));
  }
  Harvest harvest;
  EXPECT_FALSE(Unpack(bytes + "x", &harvest));
}

TEST(HarvestTest, PartsAreAddedUp) {
  Harvest all;
  all.Merge(SomeHarvest());
  all.Merge(SomeHarvest());
  EXPECT_EQ(all.tally.updates, 22);
  EXPECT_EQ(all.tally.errors["closed with code 4002"], 6);
  EXPECT_EQ(all.tally.recording.turns.messages(), 12);
  EXPECT_THAT(all.tally.recording.sample.names, ElementsAre("A"));
  EXPECT_EQ(all.tally.storm_cut, 18);
  EXPECT_EQ(all.tally.storm_last_us, 44);
  EXPECT_EQ(all.check.due, 20);
  EXPECT_THAT(all.check.shares, SizeIs(4));
  EXPECT_EQ(all.failed, 2);
  EXPECT_TRUE(all.ended_early);
  EXPECT_EQ(all.error, "x");
}

}  // namespace
}  // namespace streamhub::load
