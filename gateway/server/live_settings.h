// What of the configuration the shards follow while they run. Main thread.

#ifndef STREAMHUB_GATEWAY_SERVER_LIVE_SETTINGS_H_
#define STREAMHUB_GATEWAY_SERVER_LIVE_SETTINGS_H_

#include <functional>
#include <memory>
#include <span>

#include "gateway/server/config.h"
#include "gateway/server/reload.h"
#include "gateway/server/shard.h"

namespace streamhub {

Shard::Settings LiveSettings(const Config& config);

// Hands them to every shard. `sessions_max` takes the quota of all together.
// The shards outlive it.
PrepareReload ReloadShards(std::span<const std::unique_ptr<Shard>> shards,
                           std::function<void(size_t)> sessions_max);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_LIVE_SETTINGS_H_
