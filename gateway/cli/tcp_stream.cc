#include "gateway/cli/tcp_stream.h"

#include <absl/strings/str_cat.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

std::string TextOf(int error) { return std::generic_category().message(error); }

int MillisecondsUntil(int64_t deadline_ns) {
  const int64_t left_ns = deadline_ns - SystemClock().MonoNs();
  // Rounded up: a wait must not end before its time and turn around.
  const int64_t left_ms = (left_ns + kMillisecond - 1) / kMillisecond;
  return static_cast<int>(std::clamp<int64_t>(left_ms, 0, 3'600'000));
}

}  // namespace

absl::StatusOr<std::unique_ptr<TcpStream>> TcpStream::Connect(
    const std::string& host, const std::string& port, const StopSignal& stop,
    int64_t deadline_ns) {
  const std::string where =
      absl::StrCat("cannot connect to ", host, " port ", port, ": ");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat(where, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found,
                                                               &freeaddrinfo);
  absl::Status last = absl::UnavailableError(where + "it has no address");
  for (const addrinfo* one = all.get(); one != nullptr; one = one->ai_next) {
    const int fd =
        socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return absl::UnavailableError(where + TextOf(errno));
    std::unique_ptr<TcpStream> stream(new TcpStream(fd, stop));
    int failed = connect(fd, one->ai_addr, one->ai_addrlen) == 0 ? 0 : errno;
    if (failed == EINPROGRESS) {
      const absl::Status ready = stream->Await(POLLOUT, deadline_ns);
      if (absl::IsDeadlineExceeded(ready)) {
        return absl::UnavailableError(where + "no answer");
      }
      if (!ready.ok()) return ready;
      socklen_t size = sizeof failed;
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size);
    }
    if (failed == 0) return stream;
    last = absl::UnavailableError(where + TextOf(failed));
  }
  return last;
}

absl::StatusOr<std::unique_ptr<TcpStream>> TcpStream::Open(
    const WatchUrl& url, const StopSignal& stop, int64_t deadline_ns) {
  auto stream = Connect(url.host, url.port, stop, deadline_ns);
  if (!stream.ok() || !url.tls) return stream;
  const absl::Status shaken = (*stream)->StartTls(url, deadline_ns);
  if (absl::IsDeadlineExceeded(shaken)) {
    return absl::UnavailableError(
        absl::StrCat("TLS with ", url.host, ": the server does not answer"));
  }
  if (!shaken.ok()) return shaken;
  return stream;
}

TcpStream::~TcpStream() {
  tls_.reset();
  close(fd_);
}

// OK: the step may be tried again.
absl::Status TcpStream::AwaitStep(TlsStep step, int64_t deadline_ns) {
  if (step == TlsStep::kEnded) {
    return absl::UnavailableError("the server closed");
  }
  if (step == TlsStep::kFailed) {
    return absl::UnavailableError("TLS: " + TakeTlsError("the server is gone"));
  }
  return Await(step == TlsStep::kWantsWrite ? POLLOUT : POLLIN, deadline_ns);
}

absl::Status TcpStream::StartTls(const WatchUrl& url, int64_t deadline_ns) {
  auto tls = NewTlsClient(fd_, url.host, url.trust);
  if (!tls.ok()) return tls.status();
  tls_ = *std::move(tls);
  for (;;) {
    const TlsStep step = TlsConnect(tls_.get());
    if (step == TlsStep::kDone) return absl::OkStatus();
    if (step == TlsStep::kFailed) return TlsConnectError(tls_.get(), url.host);
    const absl::Status ready = AwaitStep(step, deadline_ns);
    if (!ready.ok()) return ready;
  }
}

absl::Status TcpStream::WriteTls(std::string_view bytes, int64_t deadline_ns) {
  while (!bytes.empty()) {
    size_t written = 0;
    const TlsStep step = TlsWrite(tls_.get(), bytes, &written);
    if (step == TlsStep::kDone) {
      bytes.remove_prefix(written);
      continue;
    }
    const absl::Status ready = AwaitStep(step, deadline_ns);
    if (!ready.ok()) return ready;
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> TcpStream::ReadTls(std::span<char> room,
                                          int64_t deadline_ns) {
  for (;;) {
    size_t got = 0;
    const TlsStep step = TlsRead(tls_.get(), room, &got);
    if (step == TlsStep::kDone) return got;
    const absl::Status ready = AwaitStep(step, deadline_ns);
    if (!ready.ok()) return ready;
  }
}

absl::Status TcpStream::Await(short events, int64_t deadline_ns) {
  const int ready = stop_.WaitWith(fd_, events, MillisecondsUntil(deadline_ns));
  if (ready > 0) return absl::OkStatus();
  return ready < 0 ? absl::CancelledError("stopped")
                   : absl::DeadlineExceededError("no answer");
}

absl::Status TcpStream::Write(std::string_view bytes, int64_t deadline_ns) {
  if (tls_ != nullptr) return WriteTls(bytes, deadline_ns);
  while (!bytes.empty()) {
    const absl::Status ready = Await(POLLOUT, deadline_ns);
    if (!ready.ok()) return ready;
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      return absl::UnavailableError(TextOf(errno));
    }
    if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> TcpStream::Read(std::span<char> room,
                                       int64_t deadline_ns) {
  if (tls_ != nullptr) return ReadTls(room, deadline_ns);
  for (;;) {
    const absl::Status ready = Await(POLLIN, deadline_ns);
    if (!ready.ok()) return ready;
    const ssize_t got = recv(fd_, room.data(), room.size(), 0);
    if (got > 0) return static_cast<size_t>(got);
    if (got == 0) return absl::UnavailableError("the server closed");
    if (errno != EAGAIN && errno != EINTR) {
      return absl::UnavailableError(TextOf(errno));
    }
  }
}

}  // namespace streamhub
