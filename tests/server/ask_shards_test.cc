// Questions to shards that answer at once, in pieces, late, or never.

#include "gateway/server/ask_shards.h"

#include <gtest/gtest.h>

#include <deque>
#include <future>
#include <thread>

#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kLong{20'000};

class AskShardsTest : public testing::Test {
 protected:
  AskShardsTest()
      : fanout_(home_.market, home_.market.AddShard([] {}), home_.counters,
                home_.clock, {}) {}

  // A shard that answers at once.
  ShardDoor Quick() {
    return [this](const std::function<void(Fanout&)>& work) { work(fanout_); };
  }
  // One that has other things to do, until it is told to go on.
  ShardDoor Busy() {
    return [this](std::function<void(Fanout&)> work) {
      waiting_.push_back(std::move(work));
    };
  }

  TestMarket home_;
  Fanout fanout_;
  std::deque<std::function<void(Fanout&)>> waiting_;
};

TEST_F(AskShardsTest, AllAreAskedUntilTheyAreDone) {
  const std::vector<ShardDoor> doors(3, Quick());
  std::vector<int> steps(3);
  const auto late = AskShards(
      doors,
      [&](size_t shard, Fanout& fanout) {
        EXPECT_EQ(&fanout, &fanout_);
        return ++steps[shard] <= static_cast<int>(shard);
      },
      kLong);
  EXPECT_TRUE(late.empty());
  EXPECT_EQ(steps, (std::vector<int>{1, 2, 3}));
}

TEST_F(AskShardsTest, WhoIsLateIsNamedAndNotHeardAnyMore) {
  const std::vector<ShardDoor> doors = {Quick(), Busy(), Quick()};
  {
    std::vector<int> steps(3);
    const auto late = AskShards(
        doors, [&](size_t shard, Fanout&) { return ++steps[shard] < 2; },
        milliseconds(1));
    EXPECT_EQ(late, std::vector<size_t>{1});
    EXPECT_EQ(steps, (std::vector<int>{2, 0, 2}));
  }
  // What it would have written to is gone.
  ASSERT_EQ(waiting_.size(), 1u);
  waiting_[0](fanout_);
  EXPECT_EQ(waiting_.size(), 1u);
}

TEST_F(AskShardsTest, WhoIsLateInTheMiddleOfItIsNamed) {
  bool first = true;
  const std::vector<ShardDoor> doors = {
      [this, &first](std::function<void(Fanout&)> work) {
        if (std::exchange(first, false)) return work(fanout_);
        waiting_.push_back(std::move(work));
      }};
  int steps = 0;
  const auto late = AskShards(
      doors, [&](size_t, Fanout&) { return ++steps < 9; }, milliseconds(1));
  EXPECT_EQ(late, std::vector<size_t>{0});
  const int then = steps;
  ASSERT_FALSE(waiting_.empty());
  waiting_.back()(fanout_);
  EXPECT_EQ(steps, then);
}

TEST_F(AskShardsTest, ThreadsAnswerAtTheSameTime) {
  // Each waits for the other: one after the other they would not end.
  std::promise<void> here[2];
  std::vector<std::thread> threads;
  const ShardDoor door = [&](std::function<void(Fanout&)> work) {
    threads.emplace_back([this, work = std::move(work)] { work(fanout_); });
  };
  const std::vector<ShardDoor> doors(2, door);
  const auto late = AskShards(
      doors,
      [&](size_t shard, Fanout&) {
        here[shard].set_value();
        EXPECT_EQ(here[1 - shard].get_future().wait_for(kLong),
                  std::future_status::ready);
        return false;
      },
      kLong);
  EXPECT_TRUE(late.empty());
  for (std::thread& thread : threads) thread.join();
}

TEST_F(AskShardsTest, NobodyIsAsked) {
  EXPECT_TRUE(AskShards(
                  {}, [](size_t, Fanout&) { return true; }, kLong)
                  .empty());
}

}  // namespace
}  // namespace streamhub
