// The feeds under which derived symbols are published: one for every set of
// feeds that a symbol can be made of, for what is made of several is only as
// fresh as the worst of them.

#ifndef STREAMHUB_FEEDS_DERIVED_FEED_SETS_H_
#define STREAMHUB_FEEDS_DERIVED_FEED_SETS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "gateway/market/feed_board.h"
#include "gateway/market/market.h"

namespace streamhub::derived {

struct FeedSet {
  FeedId feed = 0;             // whose symbols are made of
  std::vector<FeedId> inputs;  // symbols of these, in order
};

// Adds a feed to `market` for every set of those that it has, and returns
// these. Before any other thread runs. Of more than four feeds only for each of
// them and for all together: their sets are too many, and a symbol of the set
// of all is at worst told to be less fresh than it is.
//
// It is called `derived`, and where there are several feeds
// `derived/NAME+NAME`. Its source is the most special of its inputs'
// (simulated, replay, delayed, realtime), its delay the longest; it is stale
// after, and its symbols are quiet after, the shortest of their times.
std::vector<FeedSet> AddFeedSets(Market& market);

// The smallest set with all of `feeds`, an index; there is one.
size_t FindFeedSet(std::span<const FeedSet> sets,
                   std::span<const FeedId> feeds);

// The worst of them now: down, then stale, then ended, then live. `ended` is
// worse than `live`, for a price of which a part no longer moves is over.
FeedStatus WorstStatus(const FeedBoard& feeds, std::span<const FeedId> inputs,
                       int64_t mono_ns);

}  // namespace streamhub::derived

#endif  // STREAMHUB_FEEDS_DERIVED_FEED_SETS_H_
