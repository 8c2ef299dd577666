// When a symbol of a live feed is quiet: silent for longer than it usually is.
// Whoever tells clients of it, on whatever way, asks here. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_MARKET_QUIET_H_
#define STREAMHUB_GATEWAY_MARKET_QUIET_H_

#include <algorithm>
#include <cstdint>

#include "gateway/base/clock.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/market/feed_board.h"

namespace streamhub {

// So many times its usual interval (usual_interval.h) is a symbol silent by
// chance.
inline constexpr int64_t kQuietIntervals = 5;

// After how long a silence, in ns, given the feed's `quiet_after_ns` and the
// symbol's usual interval (0: not learnt). A slow symbol is not called quiet
// all the time, whatever the feed's is; a feed that has 0 leaves it to the
// symbols: then a quick one is quiet after a second, which no other may be
// quiet before, and one that is not known yet after 15.
inline int64_t QuietAfterNs(int64_t quiet_after_ns, int64_t usual_ns) {
  constexpr int64_t kNobodyBeforeNs = kSecond;
  constexpr int64_t kUnknownNs = 15 * kSecond;
  if (quiet_after_ns == 0) {
    quiet_after_ns = usual_ns == 0 ? kUnknownNs : kNobodyBeforeNs;
  }
  return std::max(quiet_after_ns, kQuietIntervals * usual_ns);
}

// `wall_ns`: now.
inline bool IsQuiet(const FeedInfo& feed, const QuoteView& view,
                    int64_t wall_ns) {
  return wall_ns - view.received_ns >
         QuietAfterNs(feed.quiet_after_ns, view.usual_ns);
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_QUIET_H_
