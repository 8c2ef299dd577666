// What an operator sees of one subscription, and of all sessions of a fan-out
// together. Made by Fanout (session_explain.cc) on the shard's thread.

#ifndef STREAMHUB_GATEWAY_SESSION_EXPLAINED_H_
#define STREAMHUB_GATEWAY_SESSION_EXPLAINED_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/base/shard_latency.h"
#include "gateway/session/session_seen.h"

namespace streamhub {

// What sets the pace of a subscription now: the first of these that is so.
enum class RateLimit : uint8_t {
  kWithdrawn,  // an operator took the symbol back: nothing is sent
  kStall,      // the client has not taken the last batch for over a period
  kOverload,   // the shard was behind with its beats in the last seconds
  kPoll,       // the client asks when it wants, at most at its rate
  kClient,     // the rate that the client asked for
  kDefault,    // it asked for none: default_rate
};
std::string_view RateLimitName(RateLimit limit);

struct SubscriptionSeen {
  SessionSeen session;
  bool topic = false;
  bool unknown = false;  // the symbol does not exist yet, and is waited for
  RateLimit limit = RateLimit::kDefault;
  // Updates per second; infinity: unlimited. Nothing asked: nullopt. To three
  // digits.
  std::optional<double> asked;
  double effective = 0;
  bool complete = false;  // the initial state was sent
  // Since it was subscribed to: ticks of the symbol, and updates sent, of a
  // topic parts. nullopt: not known, as of a poll.
  std::optional<int64_t> ticks;
  std::optional<int64_t> updates;
  int64_t received_ns = 0;  // the symbol's last tick, wall clock; 0: none
  uint64_t version = 0;     // of the symbol
  uint64_t cursor = 0;      // what was last sent; of a topic its message
};

// Of the sessions that were looked at so far.
struct StatusSeen {
  static constexpr size_t kSlowMax = 10;
  static constexpr int kSampledPerSession = 4;

  std::array<int64_t, kTransportKinds> sessions{};
  std::vector<SessionSeen> slow;  // those that stalled most, the worst first
  // Of a few subscriptions of each session: ticks that came, updates sent.
  int64_t subscriptions_sampled = 0;
  int64_t ticks = 0;
  int64_t updates = 0;
};

// Whether `a` is worse off than `b`.
inline bool IsSlower(const SessionSeen& a, const SessionSeen& b) {
  return a.waiting_ns != b.waiting_ns ? a.waiting_ns > b.waiting_ns
                                      : a.stalls > b.stalls;
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_EXPLAINED_H_
