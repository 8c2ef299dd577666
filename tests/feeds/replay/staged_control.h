// A control of feeds without threads on which things happen at set times, in
// the middle of a wait, too. Where a feed waits for nothing but a command and
// none is left, it is stopped.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_STAGED_CONTROL_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_STAGED_CONTROL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "feeds/feed.h"
#include "tests/support/test_market.h"

namespace streamhub {

class StagedControl final : public FeedControl {
 public:
  explicit StagedControl(TestMarket& market) : market_(market) {}

  // `action` happens `after_ns` the start, in the wait that is then, or before
  // the next one.
  void At(int64_t after_ns, std::function<void()> action) {
    stages_.emplace(after_ns, std::move(action));
  }

  bool stopping() const override { return stop; }

  bool WaitUntil(int64_t mono_ns) override {
    const auto next = stages_.begin();
    const int64_t now_ns = market_.clock.MonoNs();
    if (next == stages_.end()) {
      if (mono_ns - now_ns >= 3600 * kSecond) {
        stop = true;
      } else {
        market_.clock.Advance(mono_ns - now_ns);
      }
      return !stop;
    }
    const int64_t at_ns = ManualClock::kStartMonoNs + next->first;
    if (at_ns > mono_ns) {
      market_.clock.Advance(mono_ns - now_ns);
      return !stop;
    }
    if (at_ns > now_ns) market_.clock.Advance(at_ns - now_ns);
    const auto action = std::move(next->second);
    stages_.erase(next);
    action();
    return !stop;
  }

  void Interrupt() override { ++interrupts; }

  bool stop = false;
  int interrupts = 0;

 private:
  TestMarket& market_;
  std::multimap<int64_t, std::function<void()>> stages_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_STAGED_CONTROL_H_
