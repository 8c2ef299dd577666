#include "gateway/session/latency_board.h"

#include <cstddef>

namespace streamhub {

void LatencyBoard::ForEach(
    int64_t mono_ns, const std::function<void(const Row& row)>& tell) const {
  const auto show = [&](Of of, std::string_view name, std::string_view stage,
                        const LatencySeen& seen) {
    if (seen.count > 0) tell({of, name, stage, seen});
  };
  // Of all shards; `window` gives a shard's.
  const auto sum = [&](auto window) {
    LatencySeen seen;
    for (const ShardLatency* shard : shards_) {
      seen.Merge(window(*shard).Read(mono_ns));
    }
    return seen;
  };
  const FeedBoard& feeds = market_.feeds();
  for (FeedId feed = 0; feed < feeds.size(); ++feed) {
    const std::string_view name = feeds.info(feed).name;
    show(Of::kFeed, name, "cache", feeds.written(feed).Read(mono_ns));
    LatencySeen encode;
    for (const ShardLatency* shard : shards_) {
      if (feed >= shard->feeds()) continue;
      encode.Merge(shard->encode(feed).Read(mono_ns));
    }
    show(Of::kFeed, name, "encode", encode);
  }
  for (size_t i = 0; i < kTransportKinds; ++i) {
    const auto kind = static_cast<TransportKind>(i);
    const std::string_view name = TransportName(kind);
    show(Of::kTransport, name, "write",
         sum([&](const ShardLatency& s) -> auto& { return s.write(kind); }));
    show(Of::kTransport, name, "echo",
         sum([&](const ShardLatency& s) -> auto& { return s.echo(kind); }));
  }
}

}  // namespace streamhub
