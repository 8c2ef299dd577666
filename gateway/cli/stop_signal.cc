#include "gateway/cli/stop_signal.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

// A descriptor of those signals, which do nothing else from now on.
int BlockSignals(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

StopSignal::StopSignal()
    : signals_(BlockSignals({SIGINT, SIGTERM})),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  STREAMHUB_CHECK(signals_ >= 0 && stop_ >= 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
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

void StopSignal::Take() {
  Stop();
  signalfd_siginfo info;
  // Two of a kind that came before this are one.
  while (read(signals_, &info, sizeof info) > 0) {
  }
}

bool StopSignal::WaitAgain(int wait_ms_max) const {
  pollfd wait = {signals_, POLLIN, 0};
  return poll(&wait, 1, wait_ms_max) > 0;
}

HangUpSignal::HangUpSignal()
    : had_terminal_(isatty(STDERR_FILENO) == 1),
      signals_(BlockSignals({SIGHUP})) {
  STREAMHUB_CHECK(signals_ >= 0);
}

HangUpSignal::~HangUpSignal() { close(signals_); }

bool HangUpSignal::TakeTerminalGone() const {
  signalfd_siginfo info;
  [[maybe_unused]] const ssize_t taken = read(signals_, &info, sizeof info);
  return had_terminal_ && isatty(STDERR_FILENO) == 0;
}

}  // namespace streamhub
