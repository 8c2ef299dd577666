#include "tests/support/loopback_socket.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <utility>

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Waits until `deadline` for one of `events`.
bool Await(int fd, short events, steady_clock::time_point deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    if (left.count() < 0) return false;
    pollfd one{fd, events, 0};
    const int ready = poll(&one, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// Ports where TLS is spoken.
std::map<int, TlsClients*>& TlsPorts() {
  static auto& ports = *new std::map<int, TlsClients*>();
  return ports;
}

milliseconds Left(steady_clock::time_point deadline) {
  return std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
}

}  // namespace

TlsPort::TlsPort(int port, TlsClientOptions options)
    : port_(port), clients_(std::move(options)) {
  TlsPorts()[port] = &clients_;
}

TlsPort::~TlsPort() { TlsPorts().erase(port_); }

LoopbackSocket::LoopbackSocket(int port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd_ >= 0 &&
      connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0) {
    Close();
  }
  const auto tls = TlsPorts().find(port);
  if (fd_ < 0 || tls == TlsPorts().end()) return;
  tls_ = std::make_unique<TlsWire>(*tls->second);
  if (!ShakeHands()) Close();
}

LoopbackSocket::~LoopbackSocket() { Close(); }

LoopbackSocket::LoopbackSocket(LoopbackSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      tls_(std::move(other.tls_)),
      told_end_(other.told_end_) {}

LoopbackSocket& LoopbackSocket::operator=(LoopbackSocket&& other) noexcept {
  Close();
  fd_ = std::exchange(other.fd_, -1);
  tls_ = std::move(other.tls_);
  told_end_ = other.told_end_;
  return *this;
}

bool LoopbackSocket::ShakeHands() {
  const auto deadline = steady_clock::now() + kPatience;
  for (;;) {
    const TlsWire::Step step = tls_->Handshake();
    // What it has to say goes out also if it fails.
    const bool sent = Flush(Left(deadline));
    if (step != TlsWire::Step::kWantsMore) return step == TlsWire::Step::kDone;
    std::string came;
    if (!sent || ReceiveRaw(&came, Left(deadline)) != Got::kBytes) return false;
    tls_->Feed(came);
  }
}

bool LoopbackSocket::Flush(milliseconds patience) {
  return SendRaw(tls_->TakeOutgoing(), patience);
}

bool LoopbackSocket::Send(std::string_view bytes, milliseconds patience) {
  if (tls_ == nullptr) return SendRaw(bytes, patience);
  return tls_->Write(bytes) == TlsWire::Step::kDone && Flush(patience);
}

LoopbackSocket::Got LoopbackSocket::Receive(std::string* out,
                                            milliseconds patience) {
  return tls_ == nullptr ? ReceiveRaw(out, patience)
                         : ReceiveTls(out, patience);
}

LoopbackSocket::Got LoopbackSocket::ReceiveTls(std::string* out,
                                               milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    switch (tls_->Read(out)) {
      case TlsWire::Step::kDone:
        return Got::kBytes;
      case TlsWire::Step::kEnded:
        told_end_ = true;
        return Got::kEnd;
      case TlsWire::Step::kFailed:
        return Got::kReset;
      case TlsWire::Step::kWantsMore:
        break;
    }
    std::string came;
    const Got got = ReceiveRaw(&came, Left(deadline));
    if (got != Got::kBytes) return got;
    tls_->Feed(came);
  }
}

bool LoopbackSocket::SendRaw(std::string_view bytes, milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  while (!bytes.empty()) {
    const ssize_t sent =
        send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (!Await(fd_, POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

LoopbackSocket::Got LoopbackSocket::ReceiveRaw(std::string* out,
                                               milliseconds patience) {
  if (!Await(fd_, POLLIN, steady_clock::now() + patience)) {
    return Got::kTimeout;
  }
  char buffer[16 * 1024];
  const ssize_t got = recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT);
  if (got == 0) return Got::kEnd;
  if (got < 0) return errno == EAGAIN ? Got::kTimeout : Got::kReset;
  out->append(buffer, static_cast<size_t>(got));
  return Got::kBytes;
}

bool LoopbackSocket::ReceiveToEnd(std::string* out, milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    const auto left =
        std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    const Got got = Receive(out, left);
    if (got != Got::kBytes) return got == Got::kEnd;
  }
}

size_t LoopbackSocket::Waiting() const {
  int bytes = 0;
  if (ioctl(fd_, FIONREAD, &bytes) != 0) return 0;
  return static_cast<size_t>(bytes);
}

void LoopbackSocket::EndSending() {
  if (tls_ != nullptr) {
    tls_->SayEnd();
    Flush(kPatience);
  }
  shutdown(fd_, SHUT_WR);
}

void LoopbackSocket::Reset() {
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  Close();
}

void LoopbackSocket::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace streamhub
