// When a gateway that stops says goodbye to whom. Clients that are all sent
// away at once come back at once, and whoever takes them in has to make
// thousands of snapshots in one instant. So they are closed in slices, each
// client served until its turn, and told to come back a random while later.
//
// One shard's; its thread only. Pure: time is what is handed in.
//
// Of a drain of D, the last client is closed after 0.7 D and comes back after
// 0.9 D at most: what remains is for connecting, and for those who take their
// farewell slowly. A few clients are not strung out: they go at 500 a second.
// If D is 0 all are closed at once, for there is nobody else who could take
// them in: they come back when the gateway may be there again, from a second on
// and spread over so many seconds that a thousand come in each.

#ifndef STREAMHUB_GATEWAY_SESSION_DRAIN_PLAN_H_
#define STREAMHUB_GATEWAY_SESSION_DRAIN_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <random>

namespace streamhub {

class DrainPlan {
 public:
  // `sessions` that there are at `begin_ns`, monotonic as all its times.
  DrainPlan(int64_t begin_ns, int64_t drain_ns, size_t sessions, uint32_t seed);

  // How many of them are to be closed by then.
  size_t DueAt(int64_t mono_ns) const;

  // When that number grows next; the past once all are due.
  int64_t NextAfter(int64_t mono_ns) const;

  // When the next client is told to come back, in ms from its farewell.
  int AfterMs();

 private:
  const int64_t begin_ns_;
  const size_t sessions_;
  int64_t window_ns_;  // in which all are closed
  int after_ms_min_, after_ms_max_;
  std::minstd_rand random_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_DRAIN_PLAN_H_
