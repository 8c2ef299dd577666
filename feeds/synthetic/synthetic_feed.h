// The feed that needs nothing: publishes a SyntheticMarket at the pace of the
// clock, marked simulated by its FeedInfo. It sleeps at most once per
// millisecond, so that its ticks come in batches, as they do from a venue. If
// it is late (a busy or suspended machine) it catches up in bounded batches
// and skips nothing; a rate beyond what the machine can do stays late. With a
// number of ticks it ends after them, as a replay does: its last values stay.

#ifndef STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_FEED_H_
#define STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_FEED_H_

#include <absl/status/status.h>

#include <cstdint>
#include <string>

#include "feeds/feed.h"
#include "feeds/synthetic/synthetic_market.h"

namespace streamhub {

// What Market::AddFeed() must be told of a synthetic feed.
FeedInfo SyntheticFeedInfo(std::string name);

class SyntheticFeed final : public Feed {
 public:
  // `ticks_max`: after the introduction of all symbols; 0: without end.
  explicit SyntheticFeed(const SyntheticOptions& options, int64_t ticks_max = 0)
      : options_(options), ticks_max_(ticks_max) {}

  // Returns when told to stop, or after ticks_max. Errors: InvalidArgument
  // (options), and those of Publisher::Define.
  absl::Status Run(Publisher& publisher, FeedControl& control) override;

 private:
  const SyntheticOptions options_;
  const int64_t ticks_max_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_FEED_H_
