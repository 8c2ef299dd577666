#include "gateway/cli/stop_signal.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

int BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

StopSignal::StopSignal()
    : signals_(BlockSignals()), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  STREAMHUB_CHECK(signals_ >= 0 && stop_ >= 0);
}

StopSignal::~StopSignal() {
  close(signals_);
  close(stop_);
}

void StopSignal::Stop() {
  const uint64_t one = 1;
  // Fails only when it is told already.
  [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof one);
}

int StopSignal::WaitWith(int fd, short events, int wait_ms_max) const {
  pollfd fds[] = {{signals_, POLLIN, 0}, {stop_, POLLIN, 0}, {fd, events, 0}};
  int ready = 0;
  do {
    ready = poll(fds, 3, wait_ms_max);
  } while (ready < 0 && errno == EINTR);
  if (fds[0].revents != 0 || fds[1].revents != 0) return -1;
  return ready > 0 ? 1 : 0;
}

}  // namespace streamhub
