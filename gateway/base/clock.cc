#include "gateway/base/clock.h"

#include <time.h>

namespace streamhub {
namespace {

int64_t Read(clockid_t id) {
  timespec now;
  clock_gettime(id, &now);
  return now.tv_sec * kSecond + now.tv_nsec;
}

class OsClock final : public Clock {
 public:
  int64_t WallNs() const override { return Read(CLOCK_REALTIME); }
  int64_t MonoNs() const override { return Read(CLOCK_MONOTONIC); }
};

}  // namespace

const Clock& SystemClock() {
  static const OsClock clock;
  return clock;
}

}  // namespace streamhub
