// So many a second and, after a rest, so many more at once. Pure; one thread.

#ifndef STREAMHUB_GATEWAY_BASE_TOKEN_BUCKET_H_
#define STREAMHUB_GATEWAY_BASE_TOKEN_BUCKET_H_

#include <algorithm>
#include <cstdint>

#include "gateway/base/clock.h"

namespace streamhub {

class TokenBucket {
 public:
  struct Pace {
    double per_second = 0;  // 0: without limit
    double burst = 1;
  };

  // Takes one if there is one.
  bool Take(const Pace& pace, int64_t mono_ns) {
    if (pace.per_second <= 0) return true;
    Fill(pace, mono_ns);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  // Takes `cost`, also if there is less. How long it takes until the debt is
  // paid, in ns; 0: there is none.
  int64_t Charge(const Pace& pace, double cost, int64_t mono_ns) {
    if (pace.per_second <= 0) return 0;
    Fill(pace, mono_ns);
    left_ -= cost;
    if (left_ >= 0) return 0;
    return 1 + static_cast<int64_t>(-left_ / pace.per_second * kSecond);
  }

  // Whether it is as good as new.
  bool IsFull(const Pace& pace, int64_t mono_ns) const {
    TokenBucket then = *this;
    if (pace.per_second > 0) then.Fill(pace, mono_ns);
    return pace.per_second <= 0 || then.left_ >= pace.burst;
  }

 private:
  void Fill(const Pace& pace, int64_t mono_ns) {
    if (!used_) {
      used_ = true;
      left_ = pace.burst;
    } else if (mono_ns > at_ns_) {
      left_ +=
          static_cast<double>(mono_ns - at_ns_) * pace.per_second / kSecond;
      left_ = std::min(left_, pace.burst);
    } else {
      return;  // shards read their clocks at moments of their own
    }
    at_ns_ = mono_ns;
  }

  double left_ = 0;
  int64_t at_ns_ = 0;
  bool used_ = false;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_TOKEN_BUCKET_H_
