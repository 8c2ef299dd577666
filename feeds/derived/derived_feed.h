// Runs the derived symbols of a market on a thread of its own (FeedThread). To
// everybody else it is a feed; it is woken like a shard.

#ifndef STREAMHUB_FEEDS_DERIVED_DERIVED_FEED_H_
#define STREAMHUB_FEEDS_DERIVED_DERIVED_FEED_H_

#include <absl/status/status.h>

#include <utility>
#include <vector>

#include "feeds/derived/bell.h"
#include "feeds/derived/feed_sets.h"
#include "feeds/derived/plan.h"
#include "feeds/feed.h"
#include "gateway/market/wake.h"

namespace streamhub::derived {

class DerivedFeed final : public Feed {
 public:
  // `sets` are AddFeedSets()'s, and not empty. `wake` is of their market, rings
  // `bell` and is for this feed alone; both outlive it.
  DerivedFeed(Plan plan, std::vector<FeedSet> sets, ShardWake& wake, Bell& bell)
      : plan_(std::move(plan)),
        sets_(std::move(sets)),
        wake_(wake),
        bell_(bell) {}

  // Returns when told to stop, within a tenth of a second. `publisher` is that
  // of the first set; the others have their own.
  absl::Status Run(Publisher& publisher, FeedControl& control) override;

 private:
  Plan plan_;
  const std::vector<FeedSet> sets_;
  ShardWake& wake_;
  Bell& bell_;
};

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_DERIVED_FEED_H_
