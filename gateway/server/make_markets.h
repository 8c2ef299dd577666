// The markets that a configuration asks for, each with its feed. Main thread.

#ifndef STREAMHUB_GATEWAY_SERVER_MAKE_MARKETS_H_
#define STREAMHUB_GATEWAY_SERVER_MAKE_MARKETS_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "feeds/feed.h"
#include "feeds/replay/replay_control.h"
#include "feeds/replay/replay_options.h"
#include "gateway/server/config.h"
#include "gateway/server/market_run.h"

namespace streamhub {

// What the market is called that no recording fills.
inline constexpr std::string_view kLiveMarket = "live";

// Of the recordings, as in ReplayOptions.
struct ReplayHooks {
  std::function<void(const ReplayProgress&)> progress = {};
  ReplayControl* control = nullptr;
  std::function<void(const absl::Status&)> ended = {};  // if they are the base
};

// Whether there are recordings to play, and whether they are all there is.
bool Replays(const Config& config, bool has_own);
bool ReplaysAlone(const Config& config, bool has_own);

// The first is the base: who names no market is served it. It is filled by
// `own` if that is not null, else by the feed that the configuration names.
// Recordings are a market of their own: the base, or the second one, beside a
// feed that goes on. Errors name the flag or the file: a recording that cannot
// be read or decoded, or has no date, an unknown time zone.
absl::StatusOr<std::vector<std::unique_ptr<MarketRun>>> MakeMarkets(
    const Config& config, ReplayHooks hooks, std::unique_ptr<Feed> own);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_MAKE_MARKETS_H_
