// What limits did to strangers: a count per limit, and now and then a line in
// the log. One per shard, which is its only writer; the admin server reads.

#ifndef STREAMHUB_GATEWAY_BASE_REFUSALS_H_
#define STREAMHUB_GATEWAY_BASE_REFUSALS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/client_address.h"

namespace streamhub {

// X(identifier, name): the key of the configuration where there is one. The
// names are the values of a metric's label: as many as there are here.
#define STREAMHUB_LIMITS(X)                             \
  X(kConnections, "connections")                        \
  X(kDescriptors, "descriptors")                        \
  X(kAddresses, "addresses")                            \
  X(kConnectionsPerAddress, "connections_per_address")  \
  X(kConnectRatePerAddress, "connect_rate_per_address") \
  X(kConnectRate, "connect_rate")                       \
  X(kHandshake, "handshake_ms")                         \
  X(kHeaderBytes, "header_bytes_max")                   \
  X(kBodyBytes, "body_bytes_max")                       \
  X(kMessageBytes, "message_bytes_max")                 \
  X(kSessions, "sessions_max")                          \
  X(kStorm, "storm_lag_ms")                             \
  X(kRequests, "requests_per_second")                   \
  X(kSubscriptions, "subscriptions_max")                \
  X(kPublishRate, "publish_rate")                       \
  X(kPublishRatePerAddress, "publish_rate_per_address") \
  X(kTopics, "topics_max")                              \
  X(kTopicsPerAddress, "topics_per_address")

enum class Limit : uint8_t {
#define X(id, name) id,
  STREAMHUB_LIMITS(X)
#undef X
      kCount
};

inline constexpr size_t kLimits = static_cast<size_t>(Limit::kCount);

std::string_view NameOf(Limit limit);

class Refusals {
 public:
  Refusals() = default;
  Refusals(const Refusals&) = delete;
  Refusals& operator=(const Refusals&) = delete;

  // Owner thread only. `who`: null, not known here.
  void Note(Limit limit, int64_t mono_ns, const ClientAddress* who = nullptr);

  // Any thread.
  int64_t Get(Limit limit) const {
    return counts_[static_cast<size_t>(limit)].load(std::memory_order_relaxed);
  }

 private:
  struct Told {
    int64_t at_ns = 0;  // 0: never
    int64_t count = 0;
  };

  std::array<std::atomic<int64_t>, kLimits> counts_{};
  std::array<Told, kLimits> told_{};
};

// Appends `streamhub_refusals_total` with its label `limit`, the sum over all
// sets (Prometheus text format 0.0.4).
void AppendRefusals(std::span<const Refusals* const> sets, std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_REFUSALS_H_
