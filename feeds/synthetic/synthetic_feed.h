// The feed that needs nothing: publishes a SyntheticMarket at the pace of the
// clock, marked simulated by its FeedInfo. It sleeps at most once per
// millisecond, so that its ticks come in batches, as they do from a venue. If
// it is late (a busy or suspended machine) it catches up in bounded batches
// and skips nothing; a rate beyond what the machine can do stays late.

#ifndef STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_FEED_H_
#define STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_FEED_H_

#include <absl/status/status.h>

#include <string>

#include "feeds/feed.h"
#include "feeds/synthetic/synthetic_market.h"

namespace streamhub {

// What Market::AddFeed() must be told of a synthetic feed.
FeedInfo SyntheticFeedInfo(std::string name);

class SyntheticFeed final : public Feed {
 public:
  explicit SyntheticFeed(const SyntheticOptions& options) : options_(options) {}

  // Returns when told to stop. Errors: InvalidArgument (options), and those of
  // Publisher::Define.
  absl::Status Run(Publisher& publisher, FeedControl& control) override;

 private:
  const SyntheticOptions options_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_FEED_H_
