// Whether this gateway is alive (GET /healthz) and whether clients are well
// served here (GET /readyz): what orchestrators and load balancers ask.
//
// BeginDraining() may be called by any thread; everything else is the admin
// thread's.

#ifndef STREAMHUB_GATEWAY_SERVER_READINESS_H_
#define STREAMHUB_GATEWAY_SERVER_READINESS_H_

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/server/admin_pages.h"
#include "gateway/server/admin_route.h"

namespace streamhub {

class Readiness {
 public:
  // A shard that has not turned for so long hangs: it turns four times a second
  // if there is nothing to do.
  static constexpr int64_t kHangsNs = 10 * kSecond;
  // One that is late by so much serves its clients badly.
  static constexpr int64_t kLateNs = 2 * kSecond;
  // Overload is told of a time that is not shorter than this.
  static constexpr int64_t kWindowNs = 2 * kSecond;

  // The sets of the shards, each of which turns at least four times a second.
  // They and the clock outlive it.
  Readiness(std::vector<const Counters*> shards, size_t sessions_max,
            const Clock& clock);

  // From now on it is not ready: it is about to stop.
  void BeginDraining() { draining_.store(true, std::memory_order_release); }

  // For how long the shard that is the latest has not turned.
  int64_t SilenceNs() const;

  // Why no further clients should be sent here; empty: it is ready. That is if
  //
  //   a feed is up and heard of, or its replay is over, or there is no feed
  //   it is not draining
  //   every shard has turned within 2 s
  //   no shard cut more than half of its turns short, for want of time, since
  //     it was asked 2 s ago or earlier
  //   it holds fewer sessions than it may
  std::vector<std::string> Against(std::span<const ShownMarket> markets);

  // `{"ready":true,"reasons":[]}`, 503 if it is not.
  AdminAnswer Page(std::span<const ShownMarket> markets);

 private:
  struct Turns {
    int64_t all = 0;
    int64_t cut = 0;
  };
  bool Overloaded(int64_t mono_ns);

  const std::vector<const Counters*> shards_;
  const size_t sessions_max_;
  const Clock& clock_;
  const int64_t started_ns_;
  int64_t counted_ns_;          // when counted_ were
  std::vector<Turns> counted_;  // by shard
  bool overloaded_ = false;     // in the window before that
  std::atomic<bool> draining_{false};
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_READINESS_H_
