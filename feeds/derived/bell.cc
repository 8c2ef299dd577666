#include "feeds/derived/bell.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ctime>

#include "gateway/base/check.h"
#include "gateway/base/clock.h"

namespace streamhub::derived {

Bell::Bell() : fd_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  STREAMHUB_CHECK(fd_ >= 0);
}

Bell::~Bell() { close(fd_); }

void Bell::Ring() {
  const uint64_t one = 1;
  // It cannot fail for a reason that matters: a full counter rings as well.
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof(one));
}

void Bell::Wait(int64_t ns) {
  pollfd waited{fd_, POLLIN, 0};
  const timespec limit{ns / kSecond, ns % kSecond};
  if (ppoll(&waited, 1, &limit, nullptr) <= 0) return;
  uint64_t rings;
  [[maybe_unused]] const ssize_t got = read(fd_, &rings, sizeof(rings));
}

}  // namespace streamhub::derived
