#include "bench/attack/attack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub::attack {
namespace {

constexpr std::string_view kUpgrade =
    "GET /v1/ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

constexpr int64_t kDripNs = 100 * kMillisecond;

// Of a connection that says nothing.
constexpr int64_t kRestNs = kSecond;

class Attack {
 public:
  explicit Attack(const Options& options) : options_(options) {
    for (int i = 0; i < 50; ++i) {
      for (const char* type : {"subscribe", "unsubscribe"}) {
        const std::string request = std::string(R"({"type":")") + type +
                                    R"(","symbols":["SYM)" + std::to_string(i) +
                                    R"(","NONE)" + std::to_string(i) + "\"]}";
        AppendClientFrame(WsOpcode::kText, request, 0x5EED, &churn_);
      }
    }
    noise_.resize(256 * 1024);
    for (char& c : noise_) c = static_cast<char>(random_());
  }

  ~Attack() {
    for (One& one : all_) Close(&one);
  }

  Tally Go() {
    const int64_t begin_ns = Now();
    const auto end_ns =
        begin_ns + static_cast<int64_t>(options_.seconds * double{kSecond});
    all_.resize(static_cast<size_t>(options_.connections));
    while (Now() < end_ns && !Done()) {
      Open(begin_ns);
      Drip();
      Exchange();
    }
    return tally_;
  }

 private:
  struct One {
    int fd = -1;
    int64_t since_ns = 0;
    std::string out;  // to be sent, from `sent` on
    size_t sent = 0;
  };

  static int64_t Now() { return SystemClock().MonoNs(); }

  bool Done() const {
    return (options_.bytes_max > 0 &&
            tally_.bytes_sent >= options_.bytes_max) ||
           (options_.stop != nullptr && options_.stop());
  }

  static void Close(One* one) {
    if (one->fd >= 0) close(std::exchange(one->fd, -1));
    one->out.clear();
    one->sent = 0;
  }

  // As many as the rate allows by now, where there is none.
  void Open(int64_t begin_ns) {
    const double elapsed_s = static_cast<double>(Now() - begin_ns) / kSecond;
    const auto allowed =
        1 + static_cast<int64_t>(elapsed_s * options_.connects_per_second);
    for (One& one : all_) {
      if (tally_.connects + tally_.connects_failed >= allowed) return;
      if (one.fd < 0) Connect(&one);
    }
  }

  void Connect(One* one) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    inet_pton(AF_INET, options_.from.c_str(), &address.sin_addr);
    const auto* const name = reinterpret_cast<const sockaddr*>(&address);
    bool good = fd >= 0 && bind(fd, name, sizeof(address)) == 0;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(options_.port));
    good = good && connect(fd, name, sizeof(address)) == 0;
    if (!good) {
      ++tally_.connects_failed;
      if (fd >= 0) close(fd);
      return;
    }
    ++tally_.connects;
    one->fd = fd;
    one->since_ns = Now();
    switch (options_.kind) {
      case Kind::kSlowloris:
        one->out = "GET /v1/symbols HTTP/1.1\r\nHost: h\r\nX: ";
        break;
      case Kind::kConnects:
        break;
      case Kind::kChurn:
        one->out = kUpgrade;
        break;
      case Kind::kGarbage:
        if (tally_.connects % 3 == 1) one->out = kUpgrade;
        if (tally_.connects % 3 == 2) {
          one->out =
              "POST /v1/poll HTTP/1.1\r\nHost: h\r\nContent-Length: "
              "60000\r\n\r\n";
        }
        break;
    }
  }

  void Drip() {
    const int64_t now_ns = Now();
    if (now_ns < next_drip_ns_) return;
    next_drip_ns_ = now_ns + kDripNs;
    for (One& one : all_) {
      if (one.fd < 0) continue;
      if (options_.kind == Kind::kSlowloris) one.out += 'x';
      if (options_.kind == Kind::kConnects && now_ns - one.since_ns > kRestNs) {
        Close(&one);
      }
    }
  }

  void Refill(One* one) {
    if (!one->out.empty()) return;
    if (options_.kind == Kind::kChurn) one->out = churn_;
    if (options_.kind == Kind::kGarbage) {
      const size_t at = random_() % (noise_.size() / 2);
      one->out = noise_.substr(at, noise_.size() / 2);
    }
  }

  void Exchange() {
    polled_.clear();
    for (One& one : all_) {
      if (one.fd >= 0) Refill(&one);
      const auto events =
          static_cast<short>(POLLIN | (one.out.empty() ? 0 : POLLOUT));
      polled_.push_back({one.fd, events, 0});
    }
    constexpr int kWaitMs = 5;
    if (poll(polled_.data(), polled_.size(), kWaitMs) <= 0) return;
    for (size_t i = 0; i < all_.size(); ++i) {
      if ((polled_[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 &&
          !Receive(&all_[i])) {
        ++tally_.ended;
        Close(&all_[i]);
      } else if ((polled_[i].revents & POLLOUT) != 0) {
        Send(&all_[i]);
      }
    }
  }

  bool Receive(One* one) {
    char buffer[64 * 1024];
    const ssize_t got = recv(one->fd, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got > 0) tally_.bytes_received += got;
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  void Send(One* one) {
    const ssize_t sent =
        send(one->fd, one->out.data() + one->sent, one->out.size() - one->sent,
             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return;  // its end is seen by reading
    tally_.bytes_sent += sent;
    one->sent += static_cast<size_t>(sent);
    if (one->sent < one->out.size()) return;
    one->out.clear();
    one->sent = 0;
  }

  const Options& options_;
  Tally tally_;
  std::vector<One> all_;
  std::vector<pollfd> polled_;
  std::minstd_rand random_{1};
  std::string churn_, noise_;
  int64_t next_drip_ns_ = 0;
};

}  // namespace

std::optional<Kind> KindOf(std::string_view name) {
  if (name == "slowloris") return Kind::kSlowloris;
  if (name == "connects") return Kind::kConnects;
  if (name == "churn") return Kind::kChurn;
  if (name == "garbage") return Kind::kGarbage;
  return std::nullopt;
}

Tally Run(const Options& options) { return Attack(options).Go(); }

}  // namespace streamhub::attack
