#include "bench/load/child.h"

#include <absl/strings/str_cat.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "bench/load/process.h"
#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

absl::Status NoProcess(int error) {
  return absl::UnavailableError(
      absl::StrCat("no further process: ", std::strerror(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Child>> Child::Fork(
    const std::function<int(int channel)>& run) {
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return NoProcess(errno);
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);  // it died before that
    // Ctrl-C is for the parent alone, which then ends its children.
    setpgid(0, 0);
    close(ends[0]);
    _exit(run(ends[1]));
  }
  const int error = errno;
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return NoProcess(error);
  }
  return std::unique_ptr<Child>(new Child(pid, ends[0]));
}

Child::~Child() {
  if (channel_ >= 0) close(channel_);
  AwaitEnd(pid_);
}

// Left to be waited for by the destructor, so that its number stays its own.
bool Child::Alive() const {
  siginfo_t ended{};
  return waitid(P_PID, static_cast<id_t>(pid_), &ended,
                WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == 0;
}

absl::StatusOr<std::string> Child::Rest(int64_t ns_max) {
  constexpr int kLookMs = 100;
  const int64_t deadline_ns = SystemClock().MonoNs() + ns_max;
  shutdown(channel_, SHUT_WR);
  std::string text;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    pollfd readable{channel_, POLLIN, 0};
    if (poll(&readable, 1, kLookMs) > 0) {
      const ssize_t got = recv(channel_, buffer.data(), buffer.size(), 0);
      if (got == 0) return text;
      if (got < 0 && errno != EINTR) return NoProcess(errno);
      if (got > 0) text.append(buffer.data(), static_cast<size_t>(got));
      continue;
    }
    if (SystemClock().MonoNs() > deadline_ns) {
      return absl::UnavailableError(
          absl::StrCat("process ", pid_, " does not end"));
    }
  }
}

bool WriteAll(int fd, const void* bytes, size_t size) {
  const auto* next = static_cast<const char*>(bytes);
  while (size > 0) {
    const ssize_t sent = send(fd, next, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    next += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

}  // namespace streamhub::load
