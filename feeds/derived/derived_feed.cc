#include "feeds/derived/derived_feed.h"

#include <sched.h>

#include <algorithm>
#include <cstdint>
#include <deque>

#include "feeds/derived/derived_engine.h"

namespace streamhub::derived {
namespace {

// A turn is due so often that nothing turns stale late, and that the feed's own
// heartbeat is in time.
int64_t WaitNs(const Market& market, const std::vector<FeedSet>& sets) {
  int64_t wait_ns = 100 * kMillisecond;
  for (const FeedSet& set : sets) {
    wait_ns =
        std::min(wait_ns, market.feeds().info(set.feed).stale_after_ns / 4);
  }
  return std::max(wait_ns, kMillisecond);
}

}  // namespace

absl::Status DerivedFeed::Run(Publisher& publisher, FeedControl& control) {
  std::deque<Publisher> others;
  std::vector<Publisher*> publishers = {&publisher};
  for (size_t i = 1; i < sets_.size(); ++i) {
    publishers.push_back(&others.emplace_back(publisher.market(), sets_[i].feed,
                                              publisher.counters(),
                                              publisher.clock()));
  }
  const int64_t wait_ns = WaitNs(publisher.market(), sets_);
  DerivedEngine engine(std::move(plan_), sets_, std::move(publishers), wake_);
  while (!control.stopping()) {
    if (engine.Turn()) {
      sched_yield();
    } else if (engine.TrySleep()) {
      bell_.Wait(wait_ns);
    }
  }
  return absl::OkStatus();
}

}  // namespace streamhub::derived
