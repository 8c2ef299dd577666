// A shard: one thread, one io_context, its own listening socket (SO_REUSEPORT),
// its connections and sessions; a fan-out per market. Nothing is posted to it
// per tick: feeds set bits and ring its bell when it sleeps (market/wake.h).

#ifndef STREAMHUB_GATEWAY_SERVER_SHARD_H_
#define STREAMHUB_GATEWAY_SERVER_SHARD_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "gateway/base/address_limits.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/base/log.h"
#include "gateway/base/refusals.h"
#include "gateway/market/market.h"
#include "gateway/session/drain_plan.h"
#include "gateway/session/fanout.h"
#include "gateway/transport/accepted_socket.h"
#include "gateway/transport/cors.h"
#include "gateway/transport/handler_memory.h"
#include "gateway/transport/shard_context.h"
#include "gateway/transport/static_files.h"
#include "gateway/transport/tls_context.h"

namespace streamhub {

class Shard {
 public:
  struct Options {
    SessionLimits limits;
    ScriptDoors scripts;
    PublishRules publish;
    int64_t handshake_ns_max = 10 * kSecond;
    Quota* connections = nullptr;  // with a session or without; outlives it
    AddressLimits* addresses = nullptr;  // outlives it
    HttpLimits http;
    uint32_t number = 0;                    // in ids of sessions
    std::shared_ptr<const TlsContext> tls;  // null: plain connections
  };
  // What a reload may change.
  struct Settings {
    SessionLimits limits;  // of it what Fanout::Relimit() takes
    PublishRules publish;  // of it what Publishing::Rerule() takes
    int64_t handshake_ns_max = 10 * kSecond;
    Cors cors;
  };
  // A market, and its board, to which the shard's latencies are added.
  struct Shown {
    Market& market;
    LatencyBoard& latency;
  };

  // Main thread, before any feed runs. All outlive the shard. Who names no
  // market is served the first one.
  Shard(std::span<const Shown> markets, const StaticFiles& files,
        const Cors& cors, const Clock& clock, const Options& options);

  // Stops the thread at once if AwaitStop() was not called.
  ~Shard();

  // Main thread. Listens on `endpoint` (together with other shards) and runs.
  // Port 0 becomes the one that was bound. Errors: AlreadyExists (in use),
  // PermissionDenied (a port that is not ours to take), else the address.
  absl::Status Start(boost::asio::ip::tcp::endpoint* endpoint);

  // Main thread. Begins to stop: lets in who has connected already, but then
  // nobody any more, tells the clients and closes them. Several shards stop at
  // the same time.
  void BeginStop();

  // The same without haste: clients are closed in slices (drain_plan.h), within
  // `drain_ns`, and served until then.
  void BeginDrain(int64_t drain_ns);

  // Any thread. Whether the stop is over: the clients are gone, or its time is.
  bool ended() const { return ended_.load(std::memory_order_acquire); }

  // Main thread. Ends it at once, without a word to anybody.
  void Abandon();

  // Main thread. Waits until the clients are gone, until 3 seconds after
  // BeginStop() at most, or the end of the drain, and for the thread.
  void AwaitStop();

  // Any thread. They hold from a moment later on, for who is there as well;
  // only how long the kernel keeps a stalled connection is for new ones.
  void Apply(Settings settings);

  // Any thread. Has `work` done on the shard's thread, with the fan-out of that
  // market, between two turns; after the stop it is not done any more.
  void Post(size_t market, std::function<void(Fanout&)> work);

  // Any thread. Connections that come from now on get this one's certificate,
  // those that are there keep theirs. Not to switch TLS on or off.
  void SetTls(std::shared_ptr<const TlsContext> tls);

  // Any thread.
  const Counters& counters() const { return counters_; }
  const Refusals& refusals() const { return refusals_; }

 private:
  // See ClientSocket: it makes waiting small.
  using Alarm = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock,
      boost::asio::wait_traits<std::chrono::steady_clock>,
      boost::asio::io_context::executor_type>;

  // What serves one market.
  struct Served {
    Served(const Shown& shown, Shard& shard, const StaticFiles& files,
           const Options& options);

    ShardWake& wake;
    Publishing publishing;
    Fanout fanout;
    ShardContext context;
  };

  void Run();
  bool Turn();
  bool TrySleep();
  int64_t NextDeadline() const;
  size_t SessionCount() const;
  void HandleSome();
  void Sleep();
  void AwaitBell();
  void AwaitConnections();
  void AcceptSome();
  void StopAccepting();
  void Stop(int64_t stop_ns);
  void Drain(int64_t drain_ns);
  void CloseDue();
  bool IsOver() const;
  void Serve(ClientSocket socket, const boost::asio::ip::tcp::endpoint& client);
  bool RefuseWithSpare();

  const Clock& clock_;
  Cors cors_;
  Counters counters_;
  Refusals refusals_;
  boost::asio::io_context io_{1};
  boost::asio::posix::stream_descriptor bell_;
  Alarm alarm_;
  // One that is set anew ends the wait before it a moment later.
  HandlerMemory alarm_waits_[2];
  bool alarm_odd_ = false;
  boost::asio::steady_timer accept_again_;
  boost::asio::ip::tcp::acceptor acceptor_;
  SessionNumbers numbers_;
  std::vector<std::unique_ptr<Served>> served_;  // the first: of the base
  std::vector<ShardContext*> contexts_;          // of served_
  Quota& connections_;
  AddressLimits& addresses_;
  // A descriptor to give up where there is none to accept a connection with.
  int spare_ = -1;
  std::shared_ptr<const TlsContext> tls_;  // shard's thread
  int unacked_ms_max_;
  LogBudget log_budget_{1};
  int64_t alarm_ns_ = 0;  // when alarm_ rings; 0: it is not set

  // The stop; shard's thread.
  bool stopping_ = false;
  int64_t stop_by_ns_ = 0;
  int64_t stay_until_ns_ = 0;  // who was let in last has yet to ask
  int accepts_left_ = 0;
  std::optional<DrainPlan> plan_;  // none: all are closed at once
  size_t drained_ = 0;             // of the plan's

  std::atomic<bool> abandon_{false};  // end without farewell
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

// Whether nobody listens on `endpoint` yet: SO_REUSEPORT would hide another
// gateway there. Errors as those of Shard::Start.
absl::Status ProbePort(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_SHARD_H_
