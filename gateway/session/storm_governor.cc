#include "gateway/session/storm_governor.h"

#include <algorithm>

namespace streamhub {

void StormGovernor::OnTurn(int64_t mono_ns, size_t served, size_t waiting) {
  if (lag_ns_max_ == 0) return;
  if (waiting == 0) {
    round_left_ = 0;
    lag_ns_ = 0;
    governs_ = false;
    return;
  }
  const bool under_way = round_left_ > 0;
  round_left_ -= std::min(round_left_, served);
  if (under_way) {
    const int64_t took_ns = mono_ns - round_began_ns_;
    lag_ns_ = round_left_ == 0 ? took_ns : std::max(lag_ns_, took_ns);
  }
  if (round_left_ == 0) {
    round_left_ = waiting;
    round_began_ns_ = mono_ns;
  }
  // Not to and fro at the limit.
  if (lag_ns_ > lag_ns_max_) governs_ = true;
  if (lag_ns_ < lag_ns_max_ / 2) governs_ = false;
}

int StormGovernor::Admit(int64_t mono_ns) {
  if (!governs_) {
    booked_until_ns_ = 0;
    return 0;
  }
  if (mono_ns - window_began_ns_ >= kWindowNs) {
    window_began_ns_ = mono_ns;
    let_in_ = 0;
  }
  if (let_in_ < kPerWindow) {
    ++let_in_;
    return 0;
  }
  booked_until_ns_ = std::max(booked_until_ns_, mono_ns + kReturnNsMin) +
                     kWindowNs / kPerWindow;
  if (booked_until_ns_ > mono_ns + kReturnNsMax) {
    // Too many for times of their own: spread over the same half minute.
    booked_until_ns_ = mono_ns + kReturnNsMax / 2;
  }
  spread_ = spread_ * 1664525 + 1013904223;  // Numerical Recipes' generator
  const int64_t wait_ns = booked_until_ns_ - mono_ns;
  const int64_t more_ns = wait_ns / 4 * (spread_ >> 24) / 256;
  return static_cast<int>((wait_ns + more_ns) / kMillisecond);
}

}  // namespace streamhub
