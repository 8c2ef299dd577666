// The bodies of the admin server's pages. They read only what any thread may
// read, at any time.

#ifndef STREAMHUB_GATEWAY_SERVER_ADMIN_PAGES_H_
#define STREAMHUB_GATEWAY_SERVER_ADMIN_PAGES_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/counters.h"
#include "gateway/market/market.h"
#include "gateway/session/latency_board.h"

namespace streamhub {

// A market, and its latencies.
struct ShownMarket {
  const Market& market;
  const LatencyBoard& latency;
};

std::vector<const Market*> MarketsOf(std::span<const ShownMarket> markets);

// `{"status":"ok","version":"0.1.0","symbols":1000,"sessions":3,"feeds":
// {"synthetic":{"status":"live",...}}}`, of all markets together. `status` is
// "degraded" while a feed is stale or down, or what is recorded cannot be
// written; a replay that has ended is as it should be. It is "stuck" while a
// shard has not turned for 10 s: `silence_ns` says for how long. Where
// something is recorded there is also `"recording":"ok"`, or "failing".
// `mono_ns`: now.
std::string HealthPage(std::span<const ShownMarket> markets,
                       std::span<const Counters* const> sets,
                       int64_t silence_ns, int64_t mono_ns);

// All counters, summed over `sets`, and what the markets tell: build, symbols,
// and per feed one sample of 1 at its status; the latencies. Prometheus text
// format 0.0.4.
std::string MetricsPage(std::span<const ShownMarket> markets,
                        std::span<const Counters* const> sets, int64_t mono_ns);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_ADMIN_PAGES_H_
