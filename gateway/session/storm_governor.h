// Who comes in while a shard has more to do than it can: after a restart, when
// thousands of clients want all their symbols at once. Those who are in come
// first. Pure; the shard's thread, one per fan-out.
//
// The sign of it is how long a session waits from the moment when there is
// something to send it until its turn. While that is too long, few new sessions
// are let in, and each other one is given a time of its own at which to return:
// they come one after the other.

#ifndef STREAMHUB_GATEWAY_SESSION_STORM_GOVERNOR_H_
#define STREAMHUB_GATEWAY_SESSION_STORM_GOVERNOR_H_

#include <cstddef>
#include <cstdint>

#include "gateway/base/clock.h"

namespace streamhub {

class StormGovernor {
 public:
  // New sessions let in per window while there is a storm.
  static constexpr int64_t kWindowNs = 100 * kMillisecond;
  static constexpr int kPerWindow = 20;
  // When to return, at the soonest and at the latest, but for the spread.
  static constexpr int64_t kReturnNsMin = 500 * kMillisecond;
  static constexpr int64_t kReturnNsMax = 30 * kSecond;

  // 0: never.
  explicit StormGovernor(int64_t lag_ns_max) : lag_ns_max_(lag_ns_max) {}

  // At the end of a turn: how many sessions were served in it, and how many
  // wait for the next.
  void OnTurn(int64_t mono_ns, size_t served, size_t waiting);

  // 0: the session may come in. Else it may not, and should return after so
  // many milliseconds.
  int Admit(int64_t mono_ns);

  bool governs() const { return governs_; }
  int64_t lag_ns() const { return lag_ns_; }

 private:
  const int64_t lag_ns_max_;
  bool governs_ = false;
  int64_t lag_ns_ = 0;
  // All who wait at one moment, until the last of them is served.
  size_t round_left_ = 0;
  int64_t round_began_ns_ = 0;
  int64_t window_began_ns_ = 0;
  int let_in_ = 0;               // in the window
  int64_t booked_until_ns_ = 0;  // times to return were given
  uint32_t spread_ = 1;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_STORM_GOVERNOR_H_
