#include "gateway/server/shard.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/transport/http_connection.h"
#include "gateway/transport/refusal.h"
#include "gateway/transport/socket_options.h"
#include "gateway/transport/tls_handshake.h"

namespace streamhub {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// When somebody of a flood may try again.
constexpr int kFloodRetryMs = 5000;

// A burst of connects must not hold up what is due.
constexpr int kAcceptsPerTurn = 64;

// Clients that send without end must not hold it up either.
constexpr int64_t kHandleNs = kMillisecond;

constexpr int64_t kStopNs = 3 * kSecond;

// Who was let in while it stops has so long to ask, and be told.
constexpr int64_t kLastRequestNs = 500 * kMillisecond;

// A stalled client is closed by its session, with a reason. Where that cannot
// be (a page that is not taken) the kernel ends the connection, later.
constexpr int64_t kUnackedMarginNs = 5 * kSecond;

int UnackedMsMax(int64_t write_stall_ns_max) {
  return static_cast<int>((write_stall_ns_max + kUnackedMarginNs) /
                          kMillisecond);
}

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
                         Refusals* refusals, SessionLimits limits) {
  limits.publishing = publishing;
  limits.numbers = numbers;
  limits.refusals = refusals;
  return limits;
}

PublishRules RulesWith(Refusals* refusals, PublishRules rules) {
  rules.refusals = refusals;
  return rules;
}

ClientAddress AddressOf(const tcp::endpoint& endpoint) {
  const auto address = endpoint.address();
  return address.is_v4() ? ClientAddress::V4(address.to_v4().to_bytes())
                         : ClientAddress::V6(address.to_v6().to_bytes());
}

int OpenSpare() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

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
                      const StaticFiles& files, const Options& options)
    : wake(shown.market.AddShard(
          [bell = shard.bell_.native_handle()] { Ring(bell); })),
      publishing(shown.market, shard.counters_, shard.clock_,
                 RulesWith(&shard.refusals_, options.publish)),
      fanout(shown.market, wake, shard.counters_, shard.clock_,
             LimitsWith(&publishing, &shard.numbers_, &shard.refusals_,
                        options.limits)),
      context{&shard.contexts_,
              shown.market,
              fanout,
              publishing,
              shard.counters_,
              shard.clock_,
              files,
              shard.cors_,
              options.scripts,
              options.handshake_ns_max,
              options.limits.write_stall_ns_max} {
  shown.latency.Add(fanout.latency());
  context.latency = &shown.latency;
  context.limits = options.http;
  context.refusals = &shard.refusals_;
}

Shard::Shard(std::span<const Shown> markets, const StaticFiles& files,
             const Cors& cors, const Clock& clock, const Options& options)
    : clock_(clock),
      cors_(cors),
      bell_(io_, MakeBell()),
      alarm_(io_),
      accept_again_(io_),
      acceptor_(io_),
      numbers_{.shard = options.number},
      connections_(*options.connections),
      addresses_(*options.addresses),
      spare_(OpenSpare()),
      tls_(options.tls),
      unacked_ms_max_(UnackedMsMax(options.limits.write_stall_ns_max)) {
  for (const Shown& shown : markets) {
    served_.push_back(std::make_unique<Served>(shown, *this, files, options));
    contexts_.push_back(&served_.back()->context);
  }
}

Shard::~Shard() {
  if (thread_.joinable()) {
    Abandon();
    thread_.join();
  }
  if (spare_ >= 0) close(spare_);
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
  boost::asio::post(io_, [this] {
    plan_.reset();
    Stop(kStopNs);
    for (const auto& served : served_) {
      served->fanout.CloseAll(CloseReason::kServerStopping);
    }
  });
}

void Shard::BeginDrain(int64_t drain_ns) {
  boost::asio::post(io_, [this, drain_ns] { Drain(drain_ns); });
}

void Shard::Abandon() {
  abandon_.store(true);
  Ring(bell_.native_handle());
}

void Shard::Apply(Settings settings) {
  boost::asio::post(io_, [this, settings = std::move(settings)] {
    cors_ = settings.cors;
    unacked_ms_max_ = UnackedMsMax(settings.limits.write_stall_ns_max);
    for (const auto& served : served_) {
      served->fanout.Relimit(settings.limits);
      served->publishing.Rerule(settings.publish);
      served->context.handshake_ns_max = settings.handshake_ns_max;
      served->context.write_ns_max = settings.limits.write_stall_ns_max;
    }
  });
}

void Shard::Post(size_t market, std::function<void(Fanout&)> work) {
  boost::asio::post(io_, [this, market, work = std::move(work)] {
    work(served_[market]->fanout);
  });
}

void Shard::SetTls(std::shared_ptr<const TlsContext> tls) {
  boost::asio::post(
      io_, [this, tls = std::move(tls)]() mutable { tls_ = std::move(tls); });
}

void Shard::AwaitStop() {
  if (thread_.joinable()) thread_.join();
}

void Shard::Run() {
  AwaitBell();
  AwaitConnections();
  while (!abandon_.load(std::memory_order_relaxed)) {
    HandleSome();
    if (plan_.has_value()) CloseDue();
    const bool work_left = Turn();
    if (stopping_ && IsOver()) break;
    if (!work_left && NextDeadline() > clock_.MonoNs()) Sleep();
  }
  ended_.store(true, std::memory_order_release);
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
  if (!stopping_) return deadline_ns;
  for (const int64_t next_ns :
       {stay_until_ns_, stop_by_ns_,
        plan_.has_value() ? plan_->NextAfter(clock_.MonoNs()) : 0}) {
    if (next_ns > clock_.MonoNs()) deadline_ns = std::min(deadline_ns, next_ns);
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
    tcp::endpoint client;
    acceptor_.accept(socket, client, error);
    if (error == boost::asio::error::would_block) {
      if (stopping_) return StopAccepting();
      break;
    }
    if (error == boost::asio::error::no_descriptors ||
        error == boost::asio::error::no_buffer_space ||
        error.value() == ENFILE || error == boost::asio::error::no_memory) {
      counters_.Add(Metric::kSessionsRefused);
      refusals_.Note(Limit::kDescriptors, clock_.MonoNs());
      int64_t suppressed = 0;
      if (log_budget_.Take(clock_.MonoNs(), &suppressed)) {
        LogError(absl::StrCat("cannot accept connections: ", error.message()));
      }
      if (stopping_) return StopAccepting();
      if (RefuseWithSpare()) continue;
      // The connection stays in the queue; descriptors may come free.
      accept_again_.expires_after(std::chrono::milliseconds(100));
      accept_again_.async_wait([this](const error_code& stopped) {
        if (!stopped) AwaitConnections();
      });
      return;
    }
    if (error) continue;  // the peer has gone already
    counters_.Add(Metric::kConnectionsAccepted);
    Serve(std::move(socket), client);
    if (stopping_) stay_until_ns_ = clock_.MonoNs() + kLastRequestNs;
  }
  if (stopping_ && (accepts_left_ -= kAcceptsPerTurn) <= 0) {
    return StopAccepting();
  }
  AwaitConnections();
}

void Shard::Serve(ClientSocket socket, const tcp::endpoint& client) {
  using Verdict = AddressLimits::Verdict;
  const int64_t now_ns = clock_.MonoNs();
  const ClientAddress address = AddressOf(client);
  AddressLimits::Admission admission = addresses_.Admit(address, now_ns);
  Quota::Slot slot;
  if (admission.verdict != Verdict::kDrop) {
    slot = connections_.Take();
    if (!slot) admission = {Verdict::kDrop, Limit::kConnections, {}};
  }
  if (admission.verdict != Verdict::kServe) {
    counters_.Add(Metric::kSessionsRefused);
    refusals_.Note(admission.limit, now_ns, &address);
  }
  // One that is closed at once frees what the others live on: descriptors.
  if (admission.verdict == Verdict::kDrop) {
    // Who speaks TLS would not understand.
    if (tls_ == nullptr) RefuseFlood(socket.native_handle(), kFloodRetryMs);
    return;
  }
  error_code error;
  socket.non_blocking(true, error);
  SetClientSocketOptions(socket.native_handle(), unacked_ms_max_);
  std::optional<Refusal> refusal;
  if (admission.verdict == Verdict::kTell) {
    refusal = {CloseReason::kTooManyConnections,
               InfoOf(CloseReason::kTooManyConnections).after_ms};
  }
  AcceptedSocket accepted{ClientStream(std::move(socket)), std::move(slot),
                          std::move(admission.place), refusal};
  if (tls_ == nullptr) {
    ServeHttp(std::move(accepted), *contexts_.front());
  } else {
    ServeTls(std::move(accepted), tls_, *contexts_.front());
  }
}

// True: a connection that waited was refused, so that it does not wait for what
// may be gone for long.
bool Shard::RefuseWithSpare() {
  if (spare_ < 0) spare_ = OpenSpare();
  if (spare_ < 0) return false;
  close(spare_);
  const int fd = accept4(acceptor_.native_handle(), nullptr, nullptr,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd >= 0) {
    if (tls_ == nullptr) RefuseFlood(fd, kFloodRetryMs);
    close(fd);
  }
  spare_ = OpenSpare();
  return fd >= 0;
}

void Shard::StopAccepting() {
  error_code ignored;
  acceptor_.close(ignored);
  accept_again_.cancel();
}

void Shard::Stop(int64_t stop_ns) {
  stop_by_ns_ = clock_.MonoNs() + stop_ns;
  if (std::exchange(stopping_, true)) return;
  for (ShardContext* context : contexts_) context->stopping = true;
  // Who is in the queue when the socket is closed is reset, and never knows
  // why. So all who are there are let in, and told.
  accepts_left_ = kListenBacklog;
  error_code ignored;
  acceptor_.cancel(ignored);
  AcceptSome();
}

void Shard::Drain(int64_t drain_ns) {
  if (stopping_) return;
  Stop(std::max(drain_ns, kStopNs));
  plan_.emplace(clock_.MonoNs(), drain_ns, SessionCount(),
                static_cast<uint32_t>(clock_.WallNs()) + numbers_.shard);
}

void Shard::CloseDue() {
  const size_t due = plan_->DueAt(clock_.MonoNs());
  for (const auto& served : served_) {
    if (drained_ >= due) return;
    drained_ +=
        served->fanout.CloseNext(due - drained_, CloseReason::kServerStopping,
                                 [this] { return plan_->AfterMs(); });
  }
  // Some have gone by themselves. Who came since was told at once.
  drained_ = due;
}

bool Shard::IsOver() const {
  const int64_t now_ns = clock_.MonoNs();
  if (now_ns >= stop_by_ns_) return true;
  return SessionCount() == 0 && !acceptor_.is_open() &&
         now_ns >= stay_until_ns_;
}

}  // namespace streamhub
