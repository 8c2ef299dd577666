#include "gateway/server/live_settings.h"

#include <cstddef>
#include <utility>

namespace streamhub {

Shard::Settings LiveSettings(const Config& config) {
  Shard::Settings settings;
  settings.limits.default_rate = config.default_rate;
  settings.limits.subscriptions_max =
      static_cast<size_t>(config.subscriptions_max);
  settings.limits.write_stall_ns_max = config.write_stall_ms * kMillisecond;
  settings.publish.allowed = config.publish_topics;
  settings.publish.rate = config.publish_rate;
  settings.handshake_ns_max = config.handshake_ms * kMillisecond;
  settings.cors = Cors(config.cors_origins);
  return settings;
}

PrepareReload ReloadShards(std::span<const std::unique_ptr<Shard>> shards,
                           std::function<void(size_t)> sessions_max) {
  return [shards, sessions_max = std::move(sessions_max)](
             const Config& config) -> absl::StatusOr<Commit> {
    return Commit([shards, sessions_max, settings = LiveSettings(config),
                   sessions = static_cast<size_t>(config.sessions_max)] {
      sessions_max(sessions);
      for (const auto& shard : shards) shard->Apply(settings);
    });
  };
}

}  // namespace streamhub
