// The ladder of delivery rates. A client asks for a maximum; it gets the next
// step that is not above it. Each step but "immediate" is a period; sessions
// are spread over its phases so that slow rates do not burst.

#ifndef STREAMHUB_GATEWAY_SESSION_RATE_LADDER_H_
#define STREAMHUB_GATEWAY_SESSION_RATE_LADDER_H_

#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "gateway/base/clock.h"

namespace streamhub {

// Index into the ladder. 0 is immediate.
using RateStep = uint8_t;

inline constexpr RateStep kImmediate = 0;
inline constexpr double kUnlimited = std::numeric_limits<double>::infinity();

// Periods in ns, ascending.
inline constexpr std::array<int64_t, 14> kPeriods = {
    0,
    10 * kMillisecond,
    20 * kMillisecond,
    50 * kMillisecond,
    100 * kMillisecond,
    200 * kMillisecond,
    250 * kMillisecond,
    500 * kMillisecond,
    1 * kSecond,
    2 * kSecond,
    5 * kSecond,
    10 * kSecond,
    30 * kSecond,
    60 * kSecond,
};

// The step for at most `max_rate` updates per second and symbol, with room for
// the six digits in which an ack tells a rate. nullopt if it is not a number,
// or slower than the slowest step.
constexpr std::optional<RateStep> StepFor(double max_rate) {
  if (max_rate == kUnlimited) return kImmediate;
  for (RateStep step = 1; step < kPeriods.size(); ++step) {
    const double rate = double{kSecond} / static_cast<double>(kPeriods[step]);
    if (rate <= max_rate * (1 + 2e-5)) return step;
  }
  return std::nullopt;
}

// Updates per second of a step; kUnlimited for immediate.
constexpr double RateOf(RateStep step) {
  if (step == kImmediate) return kUnlimited;
  return double{kSecond} / static_cast<double>(kPeriods[step]);
}

// Phases are at least 25 ms apart, and at most 16 a step.
constexpr int PhasesOf(RateStep step) {
  const int64_t phases = kPeriods[step] / (25 * kMillisecond);
  return phases < 1 ? 1 : phases > 16 ? 16 : static_cast<int>(phases);
}

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_RATE_LADDER_H_
