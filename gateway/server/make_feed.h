// The feed that a configuration names. Main thread.

#ifndef STREAMHUB_GATEWAY_SERVER_MAKE_FEED_H_
#define STREAMHUB_GATEWAY_SERVER_MAKE_FEED_H_

#include <absl/status/statusor.h>

#include <functional>
#include <memory>

#include "feeds/feed.h"
#include "feeds/replay/replay_feed.h"
#include "gateway/market/feed_board.h"
#include "gateway/server/config.h"

namespace streamhub {

// What clients are told of it. `own_feed`: it is an embedder's.
FeedInfo FeedInfoFor(const Config& config, bool own_feed);

// Not for "none". Errors name the flag or the file: a recording that cannot be
// read or decoded, or has no date, an unknown time zone. `progress` as in
// ReplayOptions.
absl::StatusOr<std::unique_ptr<Feed>> MakeFeed(
    const Config& config, std::function<void(const ReplayProgress&)> progress);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_MAKE_FEED_H_
