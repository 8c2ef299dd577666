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
#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"
#include "gateway/market/market.h"
#include "gateway/server/admin_pages.h"
#include "gateway/server/admin_server.h"
#include "gateway/server/feed_pages.h"
#include "gateway/server/incident_pages.h"
#include "gateway/server/incident_recorder.h"
#include "gateway/server/make_markets.h"
#include "gateway/server/make_recorder.h"
#include "gateway/server/replay_admin.h"
#include "gateway/server/shard.h"
#include "gateway/server/web_root.h"

namespace streamhub {
namespace {

using boost::asio::ip::tcp;

// Descriptors that are no clients: files, bells, admin connections.
constexpr int64_t kDescriptorsReserved = 100;

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
      port == 0 ? absl::OkStatus() : ProbePort(endpoint);
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
size_t ConnectionsMax() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  const auto files =
      static_cast<int64_t>(std::min<rlim_t>(limit.rlim_cur, int64_t{1} << 40));
  return static_cast<size_t>(
      std::max<int64_t>(files - kDescriptorsReserved, 1));
}

size_t SessionsMax(size_t wanted, size_t room) {
  if (room >= wanted) return wanted;
  // Who asked for the default did not ask for so many.
  const auto unasked = static_cast<size_t>(Config{}.sessions_max);
  Log(wanted == unasked ? LogLevel::kInfo : LogLevel::kWarning,
      absl::StrCat("sessions_max ", wanted, " is capped to ", room,
                   ": this process may open ", room + kDescriptorsReserved,
                   " files"));
  return room;
}

}  // namespace

// In the order of starting; destroyed in reverse.
struct Gateway::Parts {
  std::vector<std::unique_ptr<MarketRun>> markets;  // the base is the first
  StaticFiles files;
  Cors cors;
  tcp::endpoint endpoint;
  std::unique_ptr<Quota> connections, sessions, topics;
  std::unique_ptr<IncidentRecorder> incidents;
  std::vector<std::unique_ptr<Shard>> shards;
  std::unique_ptr<Recorder> recorder;     // null: nothing is recorded
  std::unique_ptr<ReplayControl> replay;  // null: there is none
  std::unique_ptr<AdminServer> admin;

  std::vector<const Counters*> AllCounters() const;
  std::vector<ShownMarket> Shown() const;
  std::vector<ShardDoor> Doors() const;
};

std::vector<const Counters*> Gateway::Parts::AllCounters() const {
  std::vector<const Counters*> sets;
  for (const auto& run : markets) {
    sets.push_back(&run->counters());
    if (run->derived() != nullptr) sets.push_back(&run->derived()->counters());
  }
  if (recorder != nullptr) sets.push_back(&recorder->counters());
  for (const auto& shard : shards) sets.push_back(&shard->counters());
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
  for (const auto& shard : parts_->shards) shard->BeginStop();
  for (const auto& shard : parts_->shards) shard->AwaitStop();
  for (const auto& run : parts_->markets) run->StopFeed();
}

absl::Status Gateway::Check(const Config& config) {
  const auto markets = MakeMarkets(config, {}, nullptr);
  if (!markets.ok()) return markets.status();
  const absl::Status recorded = CheckRecorder(config);
  if (!recorded.ok()) return recorded;
  const absl::Status incidents = CheckIncidentDir(config.incident_dir);
  if (!incidents.ok()) return incidents;
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

  auto parts = std::make_unique<Parts>();
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
  const auto endpoint = Reserve(config);
  if (!endpoint.ok()) return endpoint.status();
  parts->endpoint = *endpoint;
  parts->cors = Cors(config.cors_origins);

  // The markets' fixed parts first: feeds and shards, then threads.
  parts->markets = *std::move(markets);
  Shard::Options options;
  const size_t shards = ShardCount(config.threads);
  options.limits.default_rate = config.default_rate;
  const size_t room = ConnectionsMax();
  parts->connections = std::make_unique<Quota>(room);
  parts->sessions = std::make_unique<Quota>(
      SessionsMax(static_cast<size_t>(config.sessions_max), room));
  options.connections = parts->connections.get();
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
  auto recorder = MakeRecorder(config, parts->markets.front()->market());
  if (!recorder.ok()) return recorder.status();
  parts->recorder = *std::move(recorder);
  AdminOptions admin;
  admin.listen = config.admin_listen;
  admin.port = config.admin_port;
  admin.metrics = [p = parts.get()] {
    const auto sets = p->AllCounters();
    return MetricsPage(p->Shown(), sets, SystemClock().MonoNs());
  };
  admin.health = [p = parts.get()] {
    const auto sets = p->AllCounters();
    return HealthPage(p->Shown(), sets, SystemClock().MonoNs());
  };
  admin.routes =
      IncidentRoutes(*parts->incidents, parts->Doors(), parts->markets.size());
  admin.routes.push_back(
      {"GET", "/admin/feeds", [p = parts.get()](const AdminRequest&) {
         return AdminAnswer{
             .body = FeedsPage(MarketsOf(p->Shown()), SystemClock())};
       }});
  for (AdminRoute& route : ReplayRoutes(parts->replay.get(), SystemClock())) {
    admin.routes.push_back(std::move(route));
  }
  auto admin_server = AdminServer::Start(std::move(admin));
  if (!admin_server.ok()) return admin_server.status();
  parts->admin = *std::move(admin_server);

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
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

int Gateway::port() const { return parts_->endpoint.port(); }

int Gateway::admin_port() const { return parts_->admin->port(); }

std::vector<std::string> Gateway::Urls() const {
  const auto url = [this](const boost::asio::ip::address& address) {
    const std::string text =
        address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    return absl::StrCat("http://", text, ":", port());
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
