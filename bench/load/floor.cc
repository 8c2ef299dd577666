#include "bench/load/floor.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bench/load/process.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/codec/ws_frame.h"
#include "gateway/codec/ws_handshake.h"
#include "gateway/transport/socket_options.h"

namespace streamhub::load {
namespace {

constexpr size_t kTimeDigits = 16;
constexpr int kUnackedMsMax = 30'000;

// What precedes the first message.
std::string AnswerTo(WireKind kind, std::string_view head) {
  switch (kind) {
    case WireKind::kWs:
      return absl::StrCat(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
          "Connection: Upgrade\r\nSec-WebSocket-Accept: ",
          WebSocketAccept(FieldOf(head, "Sec-WebSocket-Key")), "\r\n\r\n");
    case WireKind::kSse:
      return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    case WireKind::kStream:
      return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    case WireKind::kPoll:
      return {};
  }
  return {};
}

}  // namespace

FloorFrame FrameFor(WireKind kind, Encoding encoding,
                    std::string_view message) {
  constexpr std::string_view kTime = "\"time\":";
  const bool flat = encoding == Encoding::kFlat;
  FloorFrame frame;
  std::string& out = frame.bytes;
  switch (kind) {
    case WireKind::kWs:
      AppendServerFrame(flat ? WsOpcode::kBinary : WsOpcode::kText, message,
                        &out);
      break;
    case WireKind::kSse:
      absl::StrAppend(&out, "data: ", ToAbsl(message), "\n\n");
      break;
    case WireKind::kStream:
      absl::StrAppend(&out, absl::Hex(message.size()), "\r\n", ToAbsl(message),
                      "\r\n");
      break;
    case WireKind::kPoll:
      absl::StrAppend(
          &out, "HTTP/1.1 200 OK\r\nContent-Type: ",
          flat ? "application/x-streamhub-fb" : "application/x-ndjson",
          "\r\nContent-Length: ", message.size(), "\r\n\r\n", ToAbsl(message));
      break;
  }
  if (flat) return frame;
  // A message of several objects has one time.
  const size_t at = out.find(kTime);
  if (at == out.npos) return frame;
  const std::string_view digits =
      std::string_view(out).substr(at + kTime.size(), kTimeDigits);
  if (digits.find_first_not_of("0123456789") == digits.npos &&
      digits.size() == kTimeDigits) {
    frame.time_at = at + kTime.size();
  }
  return frame;
}

FloorServer::FloorServer(const FloorPlan& plan, int listener, FloorDoor& door)
    : plan_(plan), listener_(listener), door_(door) {
  for (const std::string& message : plan.sample.opening) {
    opening_.push_back(FrameFor(plan.kind, plan.encoding, message));
  }
  for (const std::string& message : plan.sample.updates) {
    FloorFrame frame = FrameFor(plan.kind, plan.encoding, message);
    const bool small =
        static_cast<double>(frame.bytes.size()) < plan.bytes_mean;
    (small ? small_ : large_).push_back(std::move(frame));
  }
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  STREAMHUB_CHECK(epoll_ >= 0 && !plan.sample.updates.empty() &&
                  !plan.deliveries.empty());
}

FloorServer::~FloorServer() {
  for (const auto& connection : connections_) Close(*connection);
  close(epoll_);
  close(listener_);
}

void FloorServer::Run(int channel) {
  static char listening, told;  // what the events of these two point to
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &listening}};
  STREAMHUB_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) == 0);
  event.data.ptr = &told;
  STREAMHUB_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, channel, &event) == 0);
  std::array<epoll_event, 256> events;
  for (;;) {
    constexpr int64_t kWaitNsMax = 50 * kMillisecond;
    const int64_t wait_ns =
        std::clamp<int64_t>(NextNs() - SystemClock().MonoNs(), 0, kWaitNsMax);
    const timespec wait{.tv_sec = 0, .tv_nsec = wait_ns};
    const int count = epoll_pwait2(epoll_, events.data(),
                                   static_cast<int>(events.size()), &wait,
                                   nullptr);  // Linux 5.11
    STREAMHUB_CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; ++i) {
      void* const of = events[i].data.ptr;
      if (of == &told) return;
      if (of == &listening) {
        Accept();
      } else {
        Serve(*static_cast<Connection*>(of), events[i].events);
      }
    }
    SendDue(SystemClock().MonoNs());
  }
}

int64_t FloorServer::NextNs() const {
  const int64_t begin_ns = door_.begin_ns.load();
  if (begin_ns == FloorDoor::kNever) return begin_ns;
  return begin_ns + (lap_ * plan_.period_us + plan_.deliveries[next_].time_us -
                     plan_.deliveries[0].time_us) *
                        kMicrosecond;
}

// Where it is late it lets its sockets have a turn between.
void FloorServer::SendDue(int64_t now_ns) {
  constexpr int64_t kNsMax = kMillisecond;
  const int64_t until_ns = now_ns + kNsMax;
  while (NextNs() <= now_ns && SystemClock().MonoNs() < until_ns) SendTurn();
}

void FloorServer::SendTurn() {
  const std::string time = absl::StrCat(SystemClock().WallNs() / kMicrosecond);
  const std::vector<Delivery>& all = plan_.deliveries;
  const int64_t time_us = all[next_].time_us;
  for (; next_ < all.size() && all[next_].time_us == time_us; ++next_) {
    // There may be fewer than there were.
    const size_t client = all[next_].client;
    if (client < connections_.size() && Takes(*connections_[client])) {
      SendNext(*connections_[client], time);
    } else {
      door_.held_back.fetch_add(1);
    }
  }
  if (next_ < all.size()) return;
  next_ = 0;
  ++lap_;
}

bool FloorServer::Takes(const Connection& connection) const {
  if (plan_.kind == WireKind::kPoll) return connection.waiting;
  return connection.open && connection.out.empty();
}

void FloorServer::SendNext(Connection& connection, std::string_view time) {
  FloorFrame& frame = NextFrame();
  if (frame.time_at != std::string::npos) {
    std::memcpy(frame.bytes.data() + frame.time_at, time.data(),
                std::min(kTimeDigits, time.size()));
  }
  connection.waiting = false;
  SendFrame(connection, frame.bytes);
}

FloorFrame& FloorServer::NextFrame() {
  const bool large = small_.empty() || (bytes_owed_ > 0 && !large_.empty());
  std::vector<FloorFrame>& frames = large ? large_ : small_;
  size_t& next = large ? next_large_ : next_small_;
  FloorFrame& frame = frames[next];
  next = next + 1 == frames.size() ? 0 : next + 1;
  bytes_owed_ += plan_.bytes_mean - static_cast<double>(frame.bytes.size());
  return frame;
}

void FloorServer::SendFrame(Connection& connection, std::string_view bytes) {
  if (connection.out.empty()) {
    const ssize_t sent = send(connection.fd, bytes.data(), bytes.size(),
                              MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return Close(connection);
    bytes.remove_prefix(static_cast<size_t>(std::max<ssize_t>(sent, 0)));
    if (bytes.empty()) return;
  }
  const bool watched = !connection.out.empty();
  connection.out += bytes;
  if (!watched) Watch(connection, EPOLL_CTL_MOD);
}

void FloorServer::Accept() {
  for (;;) {
    const int fd =
        accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    SetClientSocketOptions(fd, kUnackedMsMax);
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->fd = fd;
    Watch(*connections_.back(), EPOLL_CTL_ADD);
  }
}

void FloorServer::Watch(Connection& connection, int operation) {
  const bool write = !connection.out.empty();
  epoll_event event{.events = EPOLLIN | (write ? uint32_t{EPOLLOUT} : 0),
                    .data = {.ptr = &connection}};
  STREAMHUB_CHECK(epoll_ctl(epoll_, operation, connection.fd, &event) == 0);
}

void FloorServer::Serve(Connection& connection, uint32_t events) {
  if (connection.fd < 0) return;
  if ((events & EPOLLOUT) != 0) {
    const std::string out = std::exchange(connection.out, {});
    SendFrame(connection, out);
    if (connection.fd < 0) return;
    if (connection.out.empty()) Watch(connection, EPOLL_CTL_MOD);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
  std::array<char, 64 * 1024> room;
  const ssize_t got = recv(connection.fd, room.data(), room.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return Close(connection);
  OnBytes(connection, {room.data(), static_cast<size_t>(got)});
}

// Behind the request of a stream nothing of what a client says matters.
void FloorServer::OnBytes(Connection& connection, std::string_view bytes) {
  if (connection.open && plan_.kind != WireKind::kPoll) return;
  connection.in += bytes;
  const size_t end = connection.in.find("\r\n\r\n");
  if (end == std::string::npos) return;
  const std::string_view head =
      std::string_view(connection.in).substr(0, end + 2);
  size_t body = 0;
  const std::string_view length = FieldOf(head, "Content-Length");
  if (!length.empty() && !absl::SimpleAtoi(ToAbsl(length), &body)) {
    return Close(connection);
  }
  if (connection.in.size() < end + 4 + body) return;
  OnRequest(connection, head);
  connection.in.clear();
}

void FloorServer::OnRequest(Connection& connection, std::string_view head) {
  connection.open = true;
  std::string answer = AnswerTo(plan_.kind, head);
  if (plan_.kind == WireKind::kPoll) {
    if (connection.opened == opening_.size()) {
      connection.waiting = true;
      return;
    }
    answer += opening_[connection.opened++].bytes;
  } else {
    for (const FloorFrame& frame : opening_) answer += frame.bytes;
  }
  SendFrame(connection, answer);
}

void FloorServer::Close(Connection& connection) {
  if (connection.fd >= 0) close(connection.fd);
  connection.fd = -1;
  connection.open = connection.waiting = false;
  connection.in = connection.out = {};
}

absl::StatusOr<std::unique_ptr<FloorProcess>> FloorProcess::Start(
    const FloorPlan& plan, int cpu) {
  const int listener =
      socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, any, size) != 0 ||
      listen(listener, kListenBacklog) != 0 ||
      getsockname(listener, any, &size) != 0) {
    const int error = errno;
    if (listener >= 0) close(listener);
    return absl::UnavailableError(
        absl::StrCat("the floor cannot listen: ", std::strerror(error)));
  }
  std::unique_ptr<FloorProcess> floor(new FloorProcess);
  floor->port_ = ntohs(address.sin_port);
  auto child = Child::Fork([&plan, listener, cpu, &floor](int channel) {
    if (cpu >= 0 && !PinThread(cpu)) return 1;
    FloorServer(plan, listener, floor->door()).Run(channel);
    return 0;
  });
  close(listener);
  if (!child.ok()) return child.status();
  floor->child_ = *std::move(child);
  return floor;
}

}  // namespace streamhub::load
