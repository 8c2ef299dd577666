// How long to wait before what failed is tried again: exponential back-off with
// full jitter, so that many who lost the same source do not come back to it at
// once. Pure, but for the random numbers it is given. One thread.

#ifndef STREAMHUB_FEEDS_BACKOFF_H_
#define STREAMHUB_FEEDS_BACKOFF_H_

#include <cstdint>
#include <functional>

#include "gateway/base/clock.h"

namespace streamhub {

class Backoff {
 public:
  struct Limits {
    int64_t first_ns = kSecond / 4;  // at most so long after the first failure
    int64_t max_ns = 30 * kSecond;   // at most so long after any
    int64_t well_ns = 5 * kSecond;   // what ran well for so long begins anew
  };

  // `random` gives numbers from 0 to below 1.
  Backoff(const Limits& limits, std::function<double()> random);

  // It failed, after it had run well for `ran_well_ns` (0: not at all): wait so
  // long, from 0 to a bound that begins with first_ns and doubles up to max_ns.
  int64_t NextNs(int64_t ran_well_ns);

 private:
  const Limits limits_;
  const std::function<double()> random_;
  int64_t bound_ns_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_BACKOFF_H_
