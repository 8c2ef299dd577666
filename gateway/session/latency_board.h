// All latencies of the gateway in one place: what its feeds and its shards
// stamped, put together. For whoever shows them: /metrics and /v1/latency.

#ifndef STREAMHUB_GATEWAY_SESSION_LATENCY_BOARD_H_
#define STREAMHUB_GATEWAY_SESSION_LATENCY_BOARD_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "gateway/base/latency_window.h"
#include "gateway/base/shard_latency.h"
#include "gateway/market/market.h"

namespace streamhub {

class LatencyBoard {
 public:
  // Feeds tell `cache` and `encode`, transports `write` and `echo`.
  enum class Of { kFeed, kTransport };
  struct Row {
    Of of;
    std::string_view name;  // of the feed or the kind of transport
    std::string_view stage;
    const LatencySeen& seen;
  };

  // `market` outlives the board.
  explicit LatencyBoard(const Market& market) : market_(market) {}

  // Before other threads run. Nothing is asked of the board after its shards
  // are gone.
  void Add(const ShardLatency& shard) { shards_.push_back(&shard); }

  // Any thread. Every row that was ever stamped: of the feeds, then of the
  // transports, those of one name together.
  void ForEach(int64_t mono_ns,
               const std::function<void(const Row& row)>& tell) const;

 private:
  const Market& market_;
  std::vector<const ShardLatency*> shards_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_LATENCY_BOARD_H_
