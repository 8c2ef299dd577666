// A control of feeds without threads: what a feed waits for is noted.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_FAKE_CONTROL_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_FAKE_CONTROL_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "feeds/feed.h"
#include "tests/support/test_market.h"

namespace streamhub {

// Time passes only in waits, which are noted. Stops when told.
class FakeControl final : public FeedControl {
 public:
  explicit FakeControl(TestMarket& market) : market_(market) {}

  bool stopping() const override {
    ++asked;
    return stop || (on_asked && on_asked());
  }
  bool WaitUntil(int64_t mono_ns) override {
    const int64_t now_ns = market_.clock.MonoNs();
    EXPECT_GT(mono_ns, now_ns);
    waits_ns.push_back(mono_ns - ManualClock::kStartMonoNs);
    market_.clock.Advance(mono_ns - now_ns);
    if (on_wait) on_wait();
    return !stop;
  }

  bool stop = false;
  std::function<bool()> on_asked;
  std::function<void()> on_wait;
  std::vector<int64_t> waits_ns;  // until when, since the start
  mutable int64_t asked = 0;

 private:
  TestMarket& market_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_FAKE_CONTROL_H_
