// What the admin server tells of the feeds' health: a page of its own, and its
// part of /metrics and /healthz. They read only what any thread may read, at
// any time.

#ifndef STREAMHUB_GATEWAY_SERVER_FEED_PAGES_H_
#define STREAMHUB_GATEWAY_SERVER_FEED_PAGES_H_

#include <cstdint>
#include <span>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/market/feed_board.h"
#include "gateway/market/market.h"

namespace streamhub {

// The body of GET /admin/feeds, JSON: docs/operations.md has every key.
std::string FeedsPage(std::span<const Market* const> markets,
                      const Clock& clock);

// `"gaps":2,"messages_lost":17,...`: of one feed, for /healthz.
void AppendFeedHealth(const FeedBoard& feeds, FeedId feed, int64_t mono_ns,
                      std::string* out);

// Samples per feed and per line, in Prometheus text format 0.0.4.
void AppendFeedMetrics(std::span<const Market* const> markets,
                       std::string* out);

// "; synthetic is live; replay is ended": for people, after something else.
std::string FeedsInALine(std::span<const Market* const> markets,
                         int64_t mono_ns);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_FEED_PAGES_H_
