#include "gateway/server/shard.h"

#include <absl/strings/str_cat.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/transport/http_connection.h"
#include "gateway/transport/socket_options.h"

namespace streamhub {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// A burst of connects must not hold up what is due.
constexpr int kAcceptsPerTurn = 64;

// Clients that send without end must not hold it up either.
constexpr int64_t kHandleNs = kMillisecond;

constexpr int64_t kStopNs = 3 * kSecond;

// A stalled client is closed by its session, with a reason. Where that cannot
// be (a page that is not taken) the kernel ends the connection, later.
constexpr int64_t kUnackedMarginNs = 5 * kSecond;

int MakeBell() {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  STREAMHUB_CHECK(fd >= 0);
  return fd;
}

void Ring(int fd) {
  const uint64_t one = 1;
  // It cannot fail for a reason that matters: a full counter rings as well.
  [[maybe_unused]] const ssize_t written = write(fd, &one, sizeof(one));
}

void SetReusePort(tcp::acceptor& acceptor) {
  const int on = 1;
  setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on,
             sizeof(on));
}

SessionLimits LimitsWith(Publishing* publishing, SessionNumbers* numbers,
                         SessionLimits limits) {
  limits.publishing = publishing;
  limits.numbers = numbers;
  return limits;
}

absl::Status Refused(const tcp::endpoint& endpoint, const error_code& error) {
  const std::string text = absl::StrCat(endpoint.address().to_string(), ":",
                                        endpoint.port(), ": ", error.message());
  if (error == boost::asio::error::address_in_use) {
    return absl::AlreadyExistsError(text);
  }
  if (error == boost::asio::error::access_denied) {
    return absl::PermissionDeniedError(text);
  }
  return absl::UnavailableError(text);
}

}  // namespace

absl::Status ProbePort(const tcp::endpoint& endpoint) {
  boost::asio::io_context io;
  tcp::acceptor probe(io);
  error_code error;
  probe.open(endpoint.protocol(), error);
  if (!error) probe.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) probe.bind(endpoint, error);
  if (!error) probe.listen(1, error);
  return error ? Refused(endpoint, error) : absl::OkStatus();
}

Shard::Served::Served(const Shown& shown, Shard& shard,
                      const StaticFiles& files, const Cors& cors,
                      const Options& options)
    : wake(shown.market.AddShard(
          [bell = shard.bell_.native_handle()] { Ring(bell); })),
      publishing(shown.market, shard.counters_, shard.clock_, options.publish),
      fanout(shown.market, wake, shard.counters_, shard.clock_,
             LimitsWith(&publishing, &shard.numbers_, options.limits)),
      context{&shard.contexts_,
              shown.market,
              fanout,
              publishing,
              shard.counters_,
              shard.clock_,
              files,
              cors,
              options.scripts,
              options.handshake_ns_max,
              options.limits.write_stall_ns_max} {
  shown.latency.Add(fanout.latency());
  context.latency = &shown.latency;
}

Shard::Shard(std::span<const Shown> markets, const StaticFiles& files,
             const Cors& cors, const Clock& clock, const Options& options)
    : clock_(clock),
      bell_(io_, MakeBell()),
      alarm_(io_),
      accept_again_(io_),
      acceptor_(io_),
      numbers_{.shard = options.number},
      connections_(*options.connections),
      unacked_ms_max_(static_cast<int>(
          (options.limits.write_stall_ns_max + kUnackedMarginNs) /
          kMillisecond)) {
  for (const Shown& shown : markets) {
    served_.push_back(
        std::make_unique<Served>(shown, *this, files, cors, options));
    contexts_.push_back(&served_.back()->context);
  }
}

Shard::~Shard() {
  if (!thread_.joinable()) return;
  abandon_.store(true);
  Ring(bell_.native_handle());
  thread_.join();
}

absl::Status Shard::Start(tcp::endpoint* endpoint) {
  error_code error;
  acceptor_.open(endpoint->protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) SetReusePort(acceptor_);
  if (!error) acceptor_.bind(*endpoint, error);
  if (!error) acceptor_.listen(kListenBacklog, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) return Refused(*endpoint, error);
  *endpoint = acceptor_.local_endpoint(error);
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Shard::BeginStop() {
  boost::asio::post(io_, [this] { Stop(); });
}

void Shard::Post(size_t market, std::function<void(Fanout&)> work) {
  boost::asio::post(io_, [this, market, work = std::move(work)] {
    work(served_[market]->fanout);
  });
}

void Shard::AwaitStop() {
  if (thread_.joinable()) thread_.join();
}

void Shard::Run() {
  AwaitBell();
  AwaitConnections();
  while (!abandon_.load(std::memory_order_relaxed)) {
    HandleSome();
    const bool work_left = Turn();
    if (stopping_ && (SessionCount() == 0 || clock_.MonoNs() > stop_by_ns_)) {
      break;
    }
    if (!work_left && NextDeadline() > clock_.MonoNs()) Sleep();
  }
}

bool Shard::Turn() {
  bool work_left = false;
  for (const auto& served : served_) work_left |= served->fanout.Turn();
  return work_left;
}

// One that will not rest keeps the others awake; to have tried does them no
// harm: their next turn begins by waking up.
bool Shard::TrySleep() {
  return std::all_of(served_.begin(), served_.end(), [](const auto& served) {
    return served->fanout.TrySleep();
  });
}

int64_t Shard::NextDeadline() const {
  int64_t deadline_ns = served_.front()->fanout.NextDeadline();
  for (const auto& served : served_) {
    deadline_ns = std::min(deadline_ns, served->fanout.NextDeadline());
  }
  return deadline_ns;
}

size_t Shard::SessionCount() const {
  size_t count = 0;
  for (const auto& served : served_) count += served->fanout.session_count();
  return count;
}

// Not poll(): that returns only when nothing is ready, which may be never.
void Shard::HandleSome() {
  const int64_t until_ns = clock_.MonoNs() + kHandleNs;
  while (io_.poll_one() > 0 && clock_.MonoNs() < until_ns) {
  }
}

void Shard::Sleep() {
  const int64_t deadline_ns = NextDeadline();
  // An alarm that is set for earlier may ring: it costs an idle turn.
  if (alarm_ns_ == 0 || deadline_ns < alarm_ns_) {
    alarm_ns_ = deadline_ns;
    alarm_.expires_after(
        std::chrono::nanoseconds(deadline_ns - clock_.MonoNs()));
    alarm_odd_ = !alarm_odd_;
    alarm_.async_wait(boost::asio::bind_allocator(
        HandlerAllocator<void>(alarm_waits_[alarm_odd_ ? 1 : 0]),
        [this](const error_code& error) {
          if (!error) alarm_ns_ = 0;
        }));
  }
  if (TrySleep()) io_.run_one();
}

void Shard::AwaitBell() {
  bell_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                   [this](const error_code& error) {
                     if (error) return;
                     uint64_t rings;
                     [[maybe_unused]] const ssize_t got =
                         read(bell_.native_handle(), &rings, sizeof(rings));
                     AwaitBell();
                   });
}

void Shard::AwaitConnections() {
  acceptor_.async_wait(tcp::acceptor::wait_read,
                       [this](const error_code& error) {
                         if (!error) AcceptSome();
                       });
}

void Shard::AcceptSome() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    error_code error;
    ClientSocket socket(io_);
    acceptor_.accept(socket, error);
    if (error == boost::asio::error::would_block) break;
    if (error == boost::asio::error::no_descriptors ||
        error == boost::asio::error::no_buffer_space ||
        error.value() == ENFILE || error == boost::asio::error::no_memory) {
      counters_.Add(Metric::kSessionsRefused);
      int64_t suppressed = 0;
      if (log_budget_.Take(clock_.MonoNs(), &suppressed)) {
        LogError(absl::StrCat("cannot accept connections: ", error.message()));
      }
      // The connection stays in the queue; descriptors may come free.
      accept_again_.expires_after(std::chrono::milliseconds(100));
      accept_again_.async_wait([this](const error_code& stopped) {
        if (!stopped) AwaitConnections();
      });
      return;
    }
    if (error) continue;  // the peer has gone already
    counters_.Add(Metric::kConnectionsAccepted);
    // One that is closed at once frees what the others live on: descriptors.
    Quota::Slot slot = connections_.Take();
    if (!slot) {
      counters_.Add(Metric::kSessionsRefused);
      continue;
    }
    socket.non_blocking(true, error);
    SetClientSocketOptions(socket.native_handle(), unacked_ms_max_);
    ServeHttp({std::move(socket), std::move(slot)}, *contexts_.front());
  }
  AwaitConnections();
}

void Shard::Stop() {
  stopping_ = true;
  for (ShardContext* context : contexts_) context->stopping = true;
  stop_by_ns_ = clock_.MonoNs() + kStopNs;
  error_code ignored;
  acceptor_.close(ignored);
  accept_again_.cancel();
  for (const auto& served : served_) {
    served->fanout.CloseAll(CloseReason::kServerStopping);
  }
}

}  // namespace streamhub
