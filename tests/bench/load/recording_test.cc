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

TEST(DeliveryLogTest, SortsByTurnAndClient) {
  DeliveryLog log;
  EXPECT_THAT(log.Sorted(), IsEmpty());
  log.Add(500, 7);
  log.Add(300, 9);
  log.Add(500, 2);
  DeliveryLog other;
  other.Add(400, 1);
  log.Merge(other);
  EXPECT_EQ(log.messages, 4);
  EXPECT_TRUE(log.all());
  EXPECT_THAT(log.Sorted(), ElementsAre(Delivery{300, 9}, Delivery{400, 1},
                                        Delivery{500, 2}, Delivery{500, 7}));
}

// The floor repeats a stretch of which it knows everything.
TEST(DeliveryLogTest, WhatIsTooMuchIsStillCounted) {
  DeliveryLog log;
  const auto limit = static_cast<int64_t>(DeliveryLog::kKeptMax);
  for (int64_t i = 1; i <= limit + 10; ++i) log.Add(i, 3);
  EXPECT_EQ(log.messages, limit + 10);
  EXPECT_FALSE(log.all());
  EXPECT_EQ(log.Sorted().back(), (Delivery{limit, 3}));
  DeliveryLog other;
  other.Add(limit, 4);
  other.Add(limit + 5, 4);
  other.Merge(log);
  EXPECT_EQ(other.messages, limit + 12);
  EXPECT_FALSE(other.all());
  EXPECT_EQ(other.Sorted().back(), (Delivery{limit, 4}));
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
  tally.recording.deliveries = {
      .kept = {{5, 4}, {6, 1}}, .messages = 6, .until_us = 7};
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
  EXPECT_EQ(harvest.tally.recording.deliveries.messages, 6);
  EXPECT_EQ(harvest.tally.recording.deliveries.until_us, 7);
  EXPECT_THAT(harvest.tally.recording.deliveries.Sorted(),
              ElementsAre(Delivery{5, 4}, Delivery{6, 1}));
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
  EXPECT_EQ(all.tally.recording.deliveries.messages, 12);
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
