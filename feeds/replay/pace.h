// When each record of a replay is due: the recorded time against the monotonic
// clock. Plain state of the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_PACE_H_
#define STREAMHUB_FEEDS_REPLAY_PACE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "gateway/base/clock.h"

namespace streamhub {

class Pace {
 public:
  // Times the recorded pace, above 0; infinity: nothing is waited for.
  explicit Pace(double speed) : speed_(speed) {}

  double speed() const { return speed_; }
  bool IsMax() const { return std::isinf(speed_); }

  // Holds from the next Anchor() on.
  void SetSpeed(double speed) { speed_ = speed; }

  // The recorded time `at_ns` is now, `now_ns` of the monotonic clock.
  void Anchor(int64_t at_ns, int64_t now_ns) {
    anchored_ = true;
    at_ns_ = at_ns;
    mono_ns_ = now_ns;
  }

  // The next record is due when it is asked about.
  void Release() { anchored_ = false; }

  // On the monotonic clock. Not at max.
  int64_t DueNs(int64_t event_ns, int64_t now_ns) {
    if (!anchored_) Anchor(event_ns, now_ns);
    // A century is for ever, and far from overflow.
    constexpr double kForever = 100.0 * 366 * 86400 * kSecond;
    const double after = static_cast<double>(event_ns - at_ns_) / speed_;
    return mono_ns_ + static_cast<int64_t>(std::min(after, kForever));
  }

  // The recorded time that is now, from `least_ns` to `most_ns`.
  int64_t AtNs(int64_t now_ns, int64_t least_ns, int64_t most_ns) const {
    if (!anchored_ || IsMax() || most_ns <= least_ns) return least_ns;
    const double gone = static_cast<double>(now_ns - mono_ns_) * speed_;
    if (gone >= static_cast<double>(most_ns - at_ns_)) return most_ns;
    return std::max(least_ns, at_ns_ + static_cast<int64_t>(gone));
  }

 private:
  double speed_;
  bool anchored_ = false;
  int64_t at_ns_ = 0;
  int64_t mono_ns_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_PACE_H_
