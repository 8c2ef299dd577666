#include "gateway/server/gateway.h"

#include <absl/strings/str_cat.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <thread>
#include <utility>

#include "feeds/replay/replay_control.h"
#include "gateway/base/address_limits.h"
#include "gateway/base/audit.h"
#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/base/refusals.h"
#include "gateway/base/strings.h"
#include "gateway/market/market.h"
#include "gateway/server/admin_auth.h"
#include "gateway/server/admin_pages.h"
#include "gateway/server/admin_server.h"
#include "gateway/server/desk_page.h"
#include "gateway/server/explain_page.h"
#include "gateway/server/feed_pages.h"
#include "gateway/server/incident_pages.h"
#include "gateway/server/incident_recorder.h"
#include "gateway/server/live_settings.h"
#include "gateway/server/make_markets.h"
#include "gateway/server/make_recorder.h"
#include "gateway/server/readiness.h"
#include "gateway/server/reload_desk.h"
#include "gateway/server/replay_admin.h"
#include "gateway/server/shard.h"
#include "gateway/server/status_page.h"
#include "gateway/server/thread_watch.h"
#include "gateway/server/tls_setup.h"
#include "gateway/server/web_root.h"
#include "gateway/server/withdraw_admin.h"

namespace streamhub {
namespace {

using boost::asio::ip::tcp;

// Descriptors that are no clients: files, admin connections; and of each shard
// its socket, bell, spare and what its io_context has.
constexpr int64_t kDescriptorsReserved = 100;
constexpr int64_t kDescriptorsOfShard = 7;

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

// What a shard could not bind, by the flag that says so.
absl::Status NamePort(const absl::Status& status, const Config& config) {
  const bool port =
      absl::IsAlreadyExists(status) || absl::IsPermissionDenied(status);
  return NameFlag(port ? absl::StrCat("--port ", config.port)
                       : absl::StrCat("--listen ", config.listen),
                  status);
}

// SO_REUSEPORT hides a port in use, so a probe without it goes first.
absl::StatusOr<tcp::endpoint> Reserve(const Config& config) {
  const int port = config.port;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(config.listen, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen ", config.listen, ": not an IP address"));
  }
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
  // For port 0 the kernel finds a free one when the first shard binds.
  const absl::Status probed =
      port == 0 || config.reuse_port ? absl::OkStatus() : ProbePort(endpoint);
  if (!probed.ok()) return NamePort(probed, config);
  return endpoint;
}

size_t ShardCount(int threads) {
  if (threads > 0) return static_cast<size_t>(threads);
  const unsigned cores = std::thread::hardware_concurrency();
  return cores > 1 ? cores - 1 : 1;
}

// Now, and not when there is an incident to record.
absl::Status CheckIncidentDir(const std::string& dir) {
  if (dir.empty()) return absl::OkStatus();
  struct stat folder;
  if (stat(dir.c_str(), &folder) != 0 || !S_ISDIR(folder.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--incident-dir ", dir, ": there is no such folder"));
  }
  if (access(dir.c_str(), W_OK | X_OK) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--incident-dir ", dir, ": nothing can be written there"));
  }
  return absl::OkStatus();
}

// Connections that the limit of open files leaves room for.
size_t ConnectionsMax(size_t shards) {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  const auto files =
      static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, int64_t{1} << 40));
  return static_cast<size_t>(
      std::max<int64_t>(files - kDescriptorsReserved -
                            kDescriptorsOfShard * static_cast<int64_t>(shards),
                        1));
}

size_t SessionsMax(size_t wanted, size_t room) {
  if (room >= wanted) return wanted;
  // Who asked for the default did not ask for so many.
  const auto unasked = static_cast<size_t>(Config{}.sessions_max);
  Log(wanted == unasked ? LogLevel::kInfo : LogLevel::kWarning,
      absl::StrCat("sessions_max ", wanted, " is capped to ", room,
                   ": that is what the limit of open files leaves room for"));
  return room;
}

AddressLimits::Options AddressOptions(const Config& config) {
  AddressLimits::Options options;
  options.connections = config.connections_per_address;
  options.connect_rate = config.connect_rate_per_address;
  options.connect_rate_total = config.connect_rate;
  options.publish_rate = config.publish_rate_per_address;
  options.topics = config.topics_per_address;
  for (const std::string& text : config.trusted_addresses) {
    if (const auto range = AddressRange::Parse(text)) {
      options.trusted.push_back(*range);
    }
  }
  return options;
}

HttpLimits HttpLimitsOf(const Config& config) {
  return {.header_bytes_max = static_cast<size_t>(config.header_bytes_max),
          .body_bytes_max = static_cast<size_t>(config.body_bytes_max),
          .message_bytes_max = static_cast<size_t>(config.message_bytes_max),
          .keep_alive_ns_max = config.keep_alive_ms * kMillisecond,
          .requests_per_second = config.requests_per_second};
}

}  // namespace

// In the order of starting; destroyed in reverse.
struct Gateway::Parts {
  explicit Parts(const Config& config)
      : reloading(config, counters, SystemClock()) {}

  Counters counters;  // the main thread's
  Reloading reloading;
  std::unique_ptr<ReloadDesk> desk;  // null: nobody may ask for a reload
  ThreadWatch threads;
  std::vector<std::unique_ptr<MarketRun>> markets;  // the base is the first
  StaticFiles files;
  Cors cors;
  TlsSetup tls;
  tcp::endpoint endpoint;
  std::unique_ptr<Quota> connections, sessions, topics;
  std::unique_ptr<AddressLimits> addresses;
  std::unique_ptr<IncidentRecorder> incidents;
  std::vector<std::unique_ptr<Shard>> shards;
  std::unique_ptr<Recorder> recorder;     // null: nothing is recorded
  std::unique_ptr<ReplayControl> replay;  // null: there is none
  Counters admin_counters;
  std::unique_ptr<Readiness> readiness;
  std::unique_ptr<WithdrawAdmin> withdraw;
  std::unique_ptr<StatusPage> status;
  std::unique_ptr<AdminServer> admin;

  // Once everything else is there.
  std::vector<AdminRoute> AdminRoutes(size_t sessions_max);
  std::vector<const Counters*> AllCounters() const;
  std::vector<const Refusals*> AllRefusals() const;
  std::vector<ShownMarket> Shown() const;
  std::vector<ShardDoor> Doors() const;
  std::vector<std::string> MarketNames() const;
};

std::vector<std::string> Gateway::Parts::MarketNames() const {
  std::vector<std::string> names;
  for (const auto& run : markets) names.push_back(run->market().name());
  return names;
}

std::vector<const Counters*> Gateway::Parts::AllCounters() const {
  std::vector<const Counters*> sets = {&counters, &tls.counters()};
  for (const auto& run : markets) {
    sets.push_back(&run->counters());
    if (run->derived() != nullptr) sets.push_back(&run->derived()->counters());
  }
  if (recorder != nullptr) sets.push_back(&recorder->counters());
  for (const auto& shard : shards) sets.push_back(&shard->counters());
  sets.push_back(&admin_counters);
  return sets;
}

std::vector<AdminRoute> Gateway::Parts::AdminRoutes(size_t sessions_max) {
  std::vector<const Counters*> of_shards;
  for (const auto& shard : shards) of_shards.push_back(&shard->counters());
  readiness = std::make_unique<Readiness>(std::move(of_shards), sessions_max,
                                          SystemClock());
  withdraw = std::make_unique<WithdrawAdmin>(Doors(), MarketsOf(Shown()),
                                             SystemClock());
  status = std::make_unique<StatusPage>(
      StatusPage::Sources{Shown(), Doors(), AllCounters(), sessions_max,
                          *readiness, *withdraw, SystemClock()});
  auto routes = IncidentRoutes(*incidents, Doors(), MarketNames());
  routes.push_back({"GET", "/readyz", [this](const AdminRequest&) {
                      return readiness->Page(Shown());
                    }});
  routes.push_back({"GET", "/admin/feeds", [this](const AdminRequest&) {
                      return AdminAnswer{
                          .body = FeedsPage(MarketsOf(Shown()), SystemClock())};
                    }});
  routes.push_back({"GET", "/admin/status", [this](const AdminRequest&) {
                      return AdminAnswer{.body = status->Get()};
                    }});
  routes.push_back(
      {"GET", "/admin/explain", [doors = Doors()](const AdminRequest& request) {
         return ExplainPage(doors, request.query, SystemClock());
       }});
  routes.push_back({"GET", "/admin",
                    [](const AdminRequest&) { return PageAnswer(DeskPage); }});
  for (auto& more :
       {withdraw->Routes(), ReplayRoutes(replay.get(), SystemClock())}) {
    routes.insert(routes.end(), more.begin(), more.end());
  }
  if (desk != nullptr) {
    for (AdminRoute& route : desk->Routes()) {
      routes.push_back(std::move(route));
    }
  }
  return routes;
}

std::vector<const Refusals*> Gateway::Parts::AllRefusals() const {
  std::vector<const Refusals*> sets;
  for (const auto& shard : shards) sets.push_back(&shard->refusals());
  return sets;
}

std::vector<ShownMarket> Gateway::Parts::Shown() const {
  std::vector<ShownMarket> shown;
  for (const auto& run : markets) {
    shown.push_back({run->market(), run->latency()});
  }
  return shown;
}

std::vector<ShardDoor> Gateway::Parts::Doors() const {
  std::vector<ShardDoor> doors;
  for (const auto& shard : shards) {
    for (size_t market = 0; market < markets.size(); ++market) {
      doors.push_back(
          [s = shard.get(), market](std::function<void(Fanout&)> work) {
            s->Post(market, std::move(work));
          });
    }
  }
  return doors;
}

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() {
  parts_->readiness->BeginDraining();
  for (const auto& shard : parts_->shards) shard->BeginStop();
  for (const auto& shard : parts_->shards) shard->AwaitStop();
  for (const auto& run : parts_->markets) run->StopFeed();
}

void Gateway::BeginDrain() {
  if (draining()) return;
  parts_->readiness->BeginDraining();
  parts_->counters.Add(Metric::kDraining);
  const int64_t drain_ns = parts_->reloading.running().drain_ms * kMillisecond;
  for (const auto& shard : parts_->shards) shard->BeginDrain(drain_ns);
}

bool Gateway::draining() const {
  return parts_->counters.Get(Metric::kDraining) > 0;
}

bool Gateway::drained() const {
  return std::all_of(parts_->shards.begin(), parts_->shards.end(),
                     [](const auto& shard) { return shard->ended(); });
}

void Gateway::Abandon() {
  for (const auto& shard : parts_->shards) shard->Abandon();
}

ReloadOutcome Gateway::Reload(
    const std::function<absl::StatusOr<Config>()>& load) {
  if (parts_->desk != nullptr) parts_->desk->Begin();
  const ReloadOutcome outcome = parts_->reloading.Reload(load());
  Audit("reload", {{"outcome", outcome.Text()}});
  Log(outcome.status.ok() ? LogLevel::kInfo : LogLevel::kError, outcome.Text());
  if (parts_->desk != nullptr) parts_->desk->Tell(outcome);
  return outcome;
}

void Gateway::AddReload(PrepareReload prepare) {
  parts_->reloading.Add(std::move(prepare));
}

std::vector<std::string> Gateway::StuckThreads() {
  return parts_->threads.Stuck();
}

std::string Gateway::Summary() const {
  return absl::StrCat(
      Total(parts_->AllCounters(), Metric::kSessions), " clients",
      FeedsInALine(MarketsOf(parts_->Shown()), SystemClock().MonoNs()));
}

absl::Status Gateway::Check(const Config& config) {
  const auto markets = MakeMarkets(config, {}, nullptr);
  if (!markets.ok()) return markets.status();
  const absl::Status recorded = CheckRecorder(config);
  if (!recorded.ok()) return recorded;
  const absl::Status incidents = CheckIncidentDir(config.incident_dir);
  if (!incidents.ok()) return incidents;
  const auto access = LoadAdminAccess(config);
  if (!access.ok()) return access.status();
  const absl::Status tls = TlsSetup::Check(config);
  if (!tls.ok()) return tls;
  return FindWebRoot(config.web_root).status();
}

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(
    const Config& config, Events events, std::unique_ptr<Feed> feed) {
  std::unique_ptr<ReplayControl> replay;
  if (Replays(config, feed != nullptr)) {
    replay = std::make_unique<ReplayControl>();
  }
  auto markets = MakeMarkets(config,
                             {.progress = std::move(events.progress),
                              .control = replay.get(),
                              .ended = events.feed_done},
                             std::move(feed));
  if (!markets.ok()) return markets.status();
  const absl::Status recorded = CheckRecorder(config);
  if (!recorded.ok()) return recorded;
  const auto web_root = FindWebRoot(config.web_root);
  if (!web_root.ok()) return web_root.status();

  auto parts = std::make_unique<Parts>(config);
  parts->replay = std::move(replay);
  if (web_root->empty()) {
    LogWarning("no web pages found; give their folder with --web-root");
  } else {
    auto files = StaticFiles::Load(*web_root);
    if (!files.ok()) return files.status();
    parts->files = *std::move(files);
  }
  const absl::Status incidents = CheckIncidentDir(config.incident_dir);
  if (!incidents.ok()) return incidents;
  auto access = LoadAdminAccess(config);
  if (!access.ok()) return access.status();
  const absl::Status tls = parts->tls.Start(config);
  if (!tls.ok()) return tls;
  const auto endpoint = Reserve(config);
  if (!endpoint.ok()) return endpoint.status();
  parts->endpoint = *endpoint;
  parts->cors = Cors(config.cors_origins);

  // The markets' fixed parts first: feeds and shards, then threads.
  parts->markets = *std::move(markets);
  Shard::Options options;
  const size_t shards = ShardCount(config.threads);
  options.limits.default_rate = config.default_rate;
  const size_t room = ConnectionsMax(shards);
  parts->connections = std::make_unique<Quota>(room);
  const size_t sessions_max =
      SessionsMax(static_cast<size_t>(config.sessions_max), room);
  parts->sessions = std::make_unique<Quota>(sessions_max);
  options.connections = parts->connections.get();
  parts->addresses = std::make_unique<AddressLimits>(AddressOptions(config));
  options.addresses = parts->addresses.get();
  options.http = HttpLimitsOf(config);
  options.limits.requests_per_second = config.requests_per_second;
  options.limits.storm_lag_ns_max = config.storm_lag_ms * kMillisecond;
  options.limits.sessions = parts->sessions.get();
  options.limits.subscriptions_max =
      static_cast<size_t>(config.subscriptions_max);
  options.limits.heartbeat_ns = config.heartbeat_ms * kMillisecond;
  options.limits.write_stall_ns_max = config.write_stall_ms * kMillisecond;
  for (const std::string& door : config.script_doors) {
    (door == "jsonp" ? options.scripts.jsonp : options.scripts.frame) = true;
  }
  parts->topics =
      std::make_unique<Quota>(static_cast<size_t>(config.topics_max));
  options.publish = {.allowed = config.publish_topics,
                     .rate = config.publish_rate,
                     .keeps = static_cast<uint32_t>(config.topic_history),
                     .topics = parts->topics.get()};
  options.handshake_ns_max = config.handshake_ms * kMillisecond;
  options.tls = parts->tls.context();

  parts->incidents = std::make_unique<IncidentRecorder>(
      SystemClock(), IncidentRecorder::Options{.dir = config.incident_dir});
  std::vector<Shard::Shown> shown;
  for (const auto& run : parts->markets) {
    shown.push_back({run->market(), run->latency()});
  }
  for (size_t i = 0; i < shards; ++i) {
    options.number = static_cast<uint32_t>(i + 1);
    parts->shards.push_back(std::make_unique<Shard>(
        shown, parts->files, parts->cors, SystemClock(), options));
  }
  for (const auto& shard : parts->shards) {
    const absl::Status started = shard->Start(&parts->endpoint);
    if (!started.ok()) return NamePort(started, config);
  }
  parts->reloading.Add(ReloadShards(
      parts->shards, [quota = parts->sessions.get(), room](size_t max) {
        quota->SetMax(SessionsMax(max, room));
      }));
  parts->reloading.Add([p = parts.get()](const Config& wanted) {
    return p->tls.Prepare(
        wanted, [p](const std::shared_ptr<const TlsContext>& context) {
          for (const auto& shard : p->shards) shard->SetTls(context);
        });
  });
  auto recorder = MakeRecorder(config, parts->markets.front()->market());
  if (!recorder.ok()) return recorder.status();
  parts->recorder = *std::move(recorder);
  AdminOptions admin;
  admin.listen = config.admin_listen;
  admin.port = config.admin_port;
  admin.metrics = [p = parts.get()] {
    const auto sets = p->AllCounters();
    std::string page = MetricsPage(p->Shown(), sets, SystemClock().MonoNs());
    AppendRefusals(p->AllRefusals(), &page);
    return page;
  };
  admin.health = [p = parts.get()] {
    const auto sets = p->AllCounters();
    const int64_t silence_ns = p->readiness->SilenceNs();
    return AdminAnswer{.status = silence_ns > Readiness::kHangsNs ? 503 : 200,
                       .body = HealthPage(p->Shown(), sets, silence_ns,
                                          SystemClock().MonoNs())};
  };
  if (events.reload_wanted) {
    parts->desk = std::make_unique<ReloadDesk>(std::move(events.reload_wanted));
  }
  admin.access = *std::move(access);
  admin.counters = &parts->admin_counters;
  admin.routes = parts->AdminRoutes(sessions_max);
  auto admin_server = AdminServer::Start(std::move(admin));
  if (!admin_server.ok()) return admin_server.status();
  parts->admin = *std::move(admin_server);
  parts->reloading.Add(
      [p = parts.get()](const Config& wanted) -> absl::StatusOr<Commit> {
        auto next = LoadAdminAccess(wanted);
        if (!next.ok()) return next.status();
        return [p, next = *std::move(next)] { p->admin->SetAccess(next); };
      });

  TickTap* tap = nullptr;  // of the base
  if (parts->recorder != nullptr &&
      parts->markets.front()->feed_id() != kNoFeed) {
    tap = parts->recorder->AddTap(parts->markets.front()->feed_id());
    parts->recorder->Start();
  }
  for (const auto& run : parts->markets) {
    run->StartFeed(static_cast<uint32_t>(config.tape),
                   std::exchange(tap, nullptr),
                   std::exchange(events.feed_done, nullptr));
  }
  parts->threads = WatchAll(parts->shards, parts->markets);
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

int Gateway::port() const { return parts_->endpoint.port(); }

int Gateway::admin_port() const { return parts_->admin->port(); }

std::vector<std::string> Gateway::Urls() const {
  const auto url = [this](const boost::asio::ip::address& address) {
    const std::string text =
        address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    const bool tls = parts_->tls.context() != nullptr;
    return absl::StrCat(tls ? "https://" : "http://", text, ":", port());
  };
  const auto bound = parts_->endpoint.address();
  if (!bound.is_unspecified()) return {url(bound)};
  std::vector<std::string> urls;
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return {url(bound)};
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0 ||
        one->ifa_addr->sa_family != AF_INET) {
      continue;
    }
    const auto* in = reinterpret_cast<const sockaddr_in*>(one->ifa_addr);
    urls.push_back(
        url(boost::asio::ip::address_v4(ntohl(in->sin_addr.s_addr))));
  }
  freeifaddrs(all);
  return urls;
}

}  // namespace streamhub
