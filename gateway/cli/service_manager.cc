#include "gateway/cli/service_manager.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// Signs of life in the time after which one is missed.
constexpr int64_t kSignsEach = 3;

std::string TakeVariable(const char* name) {
  const char* const value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

// A line is a line: what is in it must not become another one.
std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

}  // namespace

ServiceManager ServiceManager::FromEnvironment(const Clock& clock) {
  std::string socket = TakeVariable("NOTIFY_SOCKET");
  const std::string period = TakeVariable("WATCHDOG_USEC");
  const std::string pid = TakeVariable("WATCHDOG_PID");
  int64_t watchdog_us = 0;
  int64_t watched = 0;
  const bool ours = pid.empty() || (absl::SimpleAtoi(pid, &watched) &&
                                    watched == int64_t{getpid()});
  if (!ours || !absl::SimpleAtoi(period, &watchdog_us)) watchdog_us = 0;
  return {std::move(socket), watchdog_us, clock};
}

ServiceManager::ServiceManager(std::string socket, int64_t watchdog_us,
                               const Clock& clock)
    : socket_(std::move(socket)),
      period_ns_(std::clamp<int64_t>(watchdog_us, 0, 86'400'000'000) *
                 kMicrosecond / kSignsEach),
      clock_(clock),
      next_ns_(clock.MonoNs() + period_ns_) {
  const bool known = socket_.starts_with('/') || socket_.starts_with('@');
  if (!known || socket_.size() >= sizeof(sockaddr_un::sun_path)) {
    if (!socket_.empty()) {
      LogWarning(absl::StrCat("NOTIFY_SOCKET ", socket_,
                              ": no such kind of socket, so nobody is told"));
    }
    return;
  }
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

ServiceManager::ServiceManager(ServiceManager&& other) noexcept
    : socket_(other.socket_),
      period_ns_(other.period_ns_),
      clock_(other.clock_),
      fd_(std::exchange(other.fd_, -1)),
      next_ns_(other.next_ns_) {}

ServiceManager::~ServiceManager() {
  if (fd_ >= 0) close(fd_);
}

void ServiceManager::TellReady(std::string_view summary) {
  Send("READY=1\nSTATUS=" + OneLine(summary));
}

void ServiceManager::TellReloading() {
  Send(absl::StrCat("RELOADING=1\nMONOTONIC_USEC=",
                    clock_.MonoNs() / kMicrosecond));
}

void ServiceManager::TellStopping() {
  Send("STOPPING=1\nSTATUS=moving clients elsewhere");
}

void ServiceManager::TellAlive(const std::vector<std::string>& stuck,
                               std::string_view summary) {
  next_ns_ = clock_.MonoNs() + period_ns_;
  if (stuck.empty()) {
    return Send("WATCHDOG=1\nSTATUS=" + OneLine(summary));
  }
  const std::string names = absl::StrJoin(stuck, ", ");
  LogError(absl::StrCat("hanging, so no sign of life is given: ", names));
  Send("STATUS=hanging: " + OneLine(names));
}

bool ServiceManager::IsTime() const {
  return fd_ >= 0 && period_ns_ > 0 && clock_.MonoNs() >= next_ns_;
}

int ServiceManager::NextMs() const {
  if (fd_ < 0 || period_ns_ == 0) return -1;
  const int64_t left_ns = std::max<int64_t>(next_ns_ - clock_.MonoNs(), 0);
  return static_cast<int>(left_ns / kMillisecond + 1);
}

void ServiceManager::Send(std::string_view text) const {
  if (fd_ < 0) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // An abstract name begins with a NUL and ends with the length.
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  [[maybe_unused]] const ssize_t sent =
      sendto(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
             reinterpret_cast<const sockaddr*>(&address), size);
}

}  // namespace streamhub
