#include "bench/peers/feeder.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "gateway/base/clock.h"

namespace streamhub::peers {
namespace {

constexpr int64_t kConnectNsMax = 10 * kSecond;
constexpr int kRetryMs = 20;
constexpr int64_t kBatchNs = kMillisecond;
constexpr int64_t kWaitNsMax = 50 * kMillisecond;
constexpr size_t kBacklogBytesMax = 64 * 1024 * 1024;
// From there on it pays to move what has still to be sent to the front.
constexpr size_t kSentBytesMax = 1024 * 1024;

absl::Status Broken(const char* doing) {
  return absl::UnavailableError(
      absl::StrCat("the publisher: ", doing, ": ", std::strerror(errno)));
}

}  // namespace

int64_t TicksDue(int64_t elapsed_ns, double ticks_per_second) {
  return static_cast<int64_t>(static_cast<double>(elapsed_ns) *
                              ticks_per_second / kSecond);
}

Feeder::~Feeder() {
  Stop().IgnoreError();
  if (fd_ >= 0) close(fd_);
}

// A peer that has just been started does not listen at once.
absl::Status Feeder::Start() {
  const auto* address = reinterpret_cast<const sockaddr*>(&address_.storage);
  const int64_t deadline_ns = SystemClock().MonoNs() + kConnectNsMax;
  for (;;) {
    fd_ = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return Broken("socket");
    if (connect(fd_, address, address_.size) == 0) break;
    if (SystemClock().MonoNs() > deadline_ns) return Broken("connect");
    close(fd_);
    poll(nullptr, 0, kRetryMs);
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
  out_ = ingest_->Hello();
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

absl::Status Feeder::Stop() {
  stop_.store(true);
  if (thread_.joinable()) thread_.join();
  return status_;
}

void Feeder::Publish(int64_t now_ns, int64_t begin_ns) {
  const int64_t due = TicksDue(now_ns - begin_ns, ticks_per_second_);
  const int64_t wall_us = SystemClock().WallNs() / kMicrosecond;
  for (; ticks_ < due; ++ticks_) {
    if (backlog() >= kBacklogBytesMax) {
      lost_ += due - ticks_;
      ticks_ = due;
      break;
    }
    uint32_t symbol = 0;
    const std::string_view text = tape_.Next(wall_us, &symbol);
    ingest_->Append(symbol, text, &out_);
  }
}

absl::Status Feeder::Send() {
  while (backlog() > 0) {
    const ssize_t sent =
        send(fd_, out_.data() + sent_, backlog(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) return Broken("send");
    sent_ += static_cast<size_t>(sent);
  }
  if (sent_ > kSentBytesMax || backlog() == 0) {
    out_.erase(0, sent_);
    sent_ = 0;
  }
  backlog_bytes_max_ =
      std::max(backlog_bytes_max_, static_cast<int64_t>(backlog()));
  return absl::OkStatus();
}

absl::Status Feeder::Receive() {
  std::array<char, 64 * 1024> room;
  const ssize_t got = recv(fd_, room.data(), room.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return absl::OkStatus();
  if (got < 0) return Broken("receive");
  if (got == 0) {
    return absl::UnavailableError("the peer closed the publisher's connection");
  }
  return ingest_->Take(std::string_view(room.data(), static_cast<size_t>(got)),
                       &out_);
}

void Feeder::Run() {
  const Clock& clock = SystemClock();
  const int64_t begin_ns = clock.MonoNs();
  const auto gap_ns = static_cast<int64_t>(kSecond / ticks_per_second_);
  int64_t next_ns = begin_ns;
  while (!stop_.load() && status_.ok()) {
    int64_t now_ns = clock.MonoNs();
    if (now_ns >= next_ns) {
      Publish(now_ns, begin_ns);
      next_ns = std::max(
          now_ns + kBatchNs,
          begin_ns + static_cast<int64_t>(static_cast<double>(ticks_ + 1) *
                                          kSecond / ticks_per_second_));
      next_ns = std::min(next_ns, now_ns + std::max(kBatchNs, gap_ns));
    }
    status_ = Send();
    if (!status_.ok()) return;
    now_ns = clock.MonoNs();
    const int64_t wait_ns =
        std::clamp<int64_t>(next_ns - now_ns, 0, kWaitNsMax);
    const timespec wait{.tv_sec = 0, .tv_nsec = wait_ns};
    pollfd events{
        .fd = fd_,
        .events = static_cast<short>(POLLIN | (backlog() > 0 ? POLLOUT : 0)),
        .revents = 0};
    if (ppoll(&events, 1, &wait, nullptr) > 0 &&
        (events.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
      status_ = Receive();
    }
  }
}

}  // namespace streamhub::peers
