#include "feeds/backoff.h"

#include <algorithm>
#include <utility>

namespace streamhub {

Backoff::Backoff(const Limits& limits, std::function<double()> random)
    : limits_(limits), random_(std::move(random)) {}

int64_t Backoff::NextNs(int64_t ran_well_ns) {
  const bool anew = bound_ns_ == 0 || ran_well_ns >= limits_.well_ns;
  bound_ns_ = std::min(anew ? limits_.first_ns : 2 * bound_ns_, limits_.max_ns);
  return static_cast<int64_t>(static_cast<double>(bound_ns_) * random_());
}

}  // namespace streamhub
