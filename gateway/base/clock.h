// The two clocks of the program, behind one interface so that everything but
// the rim runs on a clock that tests turn by hand.
//
// Wall time stamps what is told to people and clients. Monotonic time measures
// and schedules: it never jumps. Any thread may read either.

#ifndef STREAMHUB_GATEWAY_BASE_CLOCK_H_
#define STREAMHUB_GATEWAY_BASE_CLOCK_H_

#include <cstdint>

namespace streamhub {

inline constexpr int64_t kMicrosecond = 1'000;      // in ns
inline constexpr int64_t kMillisecond = 1'000'000;  // in ns
inline constexpr int64_t kSecond = 1'000'000'000;   // in ns

class Clock {
 public:
  virtual ~Clock() = default;

  // Nanoseconds since 1970-01-01 UTC.
  virtual int64_t WallNs() const = 0;

  // Nanoseconds since an arbitrary start; never goes back.
  virtual int64_t MonoNs() const = 0;
};

// The operating system's clocks. Stateless; lives for ever.
const Clock& SystemClock();

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_CLOCK_H_
