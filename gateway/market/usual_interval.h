// How long a symbol usually is silent between two ticks, learnt from its ticks:
// a running estimate in one word, a few instructions a tick, no allocation.
// Pure; the symbol's writer thread.
//
// - It rises by an eighth of what a longer silence has more, and falls by a
//   sixteenth of the time that passes in shorter ones. So a burst hardly moves
//   it, however many ticks it has, and what is learnt of bursts is the pause
//   between them. (Another 1/4096 a tick lets a symbol that has become quick be
//   known as such soon.)
// - Ticks at equal intervals: that interval. Ticks at random moments (a Poisson
//   process): 1.5 times the mean, of which five times are exceeded by one
//   silence in 900.
// - A night, a halt or an outage counts as no more than eight times the usual,
//   and 15 s, and is forgotten 16 times as quickly as it came.

#ifndef STREAMHUB_GATEWAY_MARKET_USUAL_INTERVAL_H_
#define STREAMHUB_GATEWAY_MARKET_USUAL_INTERVAL_H_

#include <algorithm>
#include <cstdint>

#include "gateway/base/clock.h"

namespace streamhub {

inline constexpr int64_t kUsualIntervalMaxNs = 3600 * kSecond;

// The estimate after a silence of `gap_ns`, all in ns; 0: nothing is learnt
// yet. Of ticks of one batch, and of a clock that was set back, there is none.
inline int64_t LearnInterval(int64_t usual_ns, int64_t gap_ns) {
  constexpr int64_t kAlwaysBelievedNs = 15 * kSecond;
  if (gap_ns <= 0) return usual_ns;
  if (gap_ns <= usual_ns) {
    return std::max(gap_ns, usual_ns - gap_ns / 16 - usual_ns / 4096);
  }
  const int64_t believed_ns =
      std::min(gap_ns, 8 * usual_ns + kAlwaysBelievedNs);
  return std::min(usual_ns + (believed_ns - usual_ns) / 8, kUsualIntervalMaxNs);
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_USUAL_INTERVAL_H_
