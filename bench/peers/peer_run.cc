#include "bench/peers/peer_run.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "bench/load/process.h"
#include "bench/load/worker.h"
#include "bench/peers/feeder.h"
#include "gateway/base/clock.h"

namespace streamhub::peers {
namespace {

constexpr char kHost[] = "127.0.0.1";
constexpr int kLookMs = 100;
constexpr int kRetryMs = 20;
constexpr int64_t kStartNsMax = 10 * kSecond;

int64_t Now() { return SystemClock().MonoNs(); }

int64_t Nanoseconds(double seconds) {
  return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
}

load::Address AddressOf(int port) {
  load::Address address;
  auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
  in->sin_family = AF_INET;
  in->sin_port = htons(static_cast<uint16_t>(port));
  in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.size = sizeof *in;
  return address;
}

// Some open the door of their subscribers later than that of their publishers.
absl::Status AwaitListening(const load::Address& address) {
  const auto* to = reinterpret_cast<const sockaddr*>(&address.storage);
  const int64_t deadline_ns = Now() + kStartNsMax;
  for (;;) {
    const int fd = socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool there = fd >= 0 && connect(fd, to, address.size) == 0;
    if (fd >= 0) close(fd);
    if (there) return absl::OkStatus();
    if (Now() > deadline_ns) {
      return absl::UnavailableError("nobody listens for subscribers");
    }
    poll(nullptr, 0, kRetryMs);
  }
}

class Run {
 public:
  Run(const PeerOptions& options, const load::LoadHooks& hooks)
      : options_(options),
        hooks_(hooks),
        ingest_(AddressOf(options.ingest_port)),
        tape_(static_cast<size_t>(options.symbols), options.seed),
        feeder_(ingest_, options.peer->make_ingest(options.await_update), tape_,
                options.ticks_per_second) {}

  absl::StatusOr<PeerReport> Go();

 private:
  void Prepare();
  bool AwaitFirstTicks();
  bool Connect();
  bool Measure();
  bool Wait(int64_t until_ns, const char* phase);
  bool Look(const char* phase);
  void Use(load::ProcessUse load::ProcessReport::*when);
  int64_t Sum(int64_t (load::Worker::*member)() const) const;

  const PeerOptions& options_;
  const load::LoadHooks& hooks_;
  const load::Address ingest_;
  MarketTape tape_;
  load::RunPlan plan_;
  PeerReport report_;
  std::vector<std::unique_ptr<load::Worker>> workers_;
  Feeder feeder_;
};

void Run::Prepare() {
  plan_.target = {kHost, absl::StrCat(options_.port), ""};
  plan_.address = AddressOf(options_.port);
  plan_.make_wire = [this](uint64_t number) {
    return options_.peer->make_wire({number, options_.await_update});
  };
  plan_.wanted.names = tape_.names();
  plan_.wanted.plain = tape_.names();

  load::LoadReport& report = report_.load;
  report.url = absl::StrCat("ws://", plan_.target.HostField());
  report.transport = std::string(options_.peer->name);
  report.clients = options_.clients;
  report.symbols_per_client = options_.symbols_per_client;
  report.symbols = options_.symbols;
  report.max_rate = "unlimited";
  report.seed = options_.seed;
  report.threads = options_.threads;
  report.warmup_s = options_.warmup_s;
  report.clock.same_host = true;
  report.client.pid = getpid();
  if (options_.pid > 0) report.server.emplace().pid = options_.pid;
}

void Run::Use(load::ProcessUse load::ProcessReport::*when) {
  load::LoadReport& report = report_.load;
  if (report.server.has_value()) {
    const auto use = load::UseOf(options_.pid);
    if (use.ok() && use->rss_bytes > 0) {
      report.server.value().*when = *use;
    } else {
      report.server.reset();  // it is gone, which clients tell by then
    }
  }
  report.client.*when = load::UseOf(getpid()).value_or(load::ProcessUse());
}

int64_t Run::Sum(int64_t (load::Worker::*member)() const) const {
  int64_t sum = 0;
  for (const auto& worker : workers_) sum += ((*worker).*member)();
  return sum;
}

// False: stop now.
bool Run::Look(const char* phase) {
  if (hooks_.wait(kLookMs)) {
    report_.load.stopped = true;
    return false;
  }
  const int64_t failed = Sum(&load::Worker::failed);
  if (failed == options_.clients) {
    report_.load.trouble = "all clients failed";
    return false;
  }
  hooks_.progress(absl::StrFormat("%s: %d of %d clients are in, %d failed",
                                  phase, Sum(&load::Worker::settled),
                                  options_.clients, failed));
  return true;
}

bool Run::Wait(int64_t until_ns, const char* phase) {
  int64_t left_ns;
  while ((left_ns = until_ns - Now()) > 0) {
    if (left_ns > kLookMs * kMillisecond) {
      if (!Look(phase)) return false;
    } else if (hooks_.wait(static_cast<int>(left_ns / kMillisecond) + 1)) {
      report_.load.stopped = true;
      return false;
    }
  }
  return true;
}

// So that there is something to keep of every symbol.
bool Run::AwaitFirstTicks() {
  if (!options_.await_update) return true;
  const double round_s =
      static_cast<double>(options_.symbols) / options_.ticks_per_second;
  return Wait(Now() + Nanoseconds(round_s) + kLookMs * kMillisecond,
              "first ticks");
}

bool Run::Connect() {
  report_.load.kernel_before = load::UseOfKernel();
  Use(&load::ProcessReport::before);
  for (int64_t i = 0; i < options_.threads; ++i) {
    workers_.push_back(std::make_unique<load::Worker>(plan_));
  }
  const auto chosen =
      load::ChooseSymbols(options_.clients, options_.symbols_per_client,
                          tape_.names().size(), options_.seed);
  const int64_t begin_ns = Now();
  for (size_t i = 0; i < chosen.size(); ++i) {
    const double after_s = static_cast<double>(i) / options_.connect_rate;
    workers_[i % workers_.size()]->Add(options_.seed + i, chosen[i],
                                       begin_ns + Nanoseconds(after_s));
  }
  for (const auto& worker : workers_) worker->Start();
  // Those that get no answer fail by themselves.
  while (Sum(&load::Worker::settled) < options_.clients) {
    if (!Look("connecting")) return false;
  }
  report_.load.connecting_s = static_cast<double>(Now() - begin_ns) / 1e9;
  return Look("connected");
}

bool Run::Measure() {
  const int64_t begin_ns = Now() + Nanoseconds(options_.warmup_s);
  const int64_t end_ns = begin_ns + Nanoseconds(options_.duration_s);
  for (const auto& worker : workers_) worker->Measure(begin_ns, end_ns);
  if (!Wait(begin_ns, "warming up")) return false;
  Use(&load::ProcessReport::begin);
  const bool whole = Wait(end_ns, "measuring");
  const int64_t now_ns = Now();
  if (!whole) {
    for (const auto& worker : workers_) worker->Measure(begin_ns, now_ns);
  }
  report_.load.window_s =
      static_cast<double>(std::min(now_ns, end_ns) - begin_ns) / 1e9;
  Use(&load::ProcessReport::end);
  report_.load.kernel_end = load::UseOfKernel();
  return whole;
}

absl::StatusOr<PeerReport> Run::Go() {
  Prepare();
  absl::Status started = AwaitListening(plan_.address);
  if (started.ok()) started = feeder_.Start();
  if (!started.ok()) return started;
  if (AwaitFirstTicks() && Connect()) Measure();
  for (const auto& worker : workers_) worker->Stop();
  const absl::Status fed = feeder_.Stop();
  load::LoadReport& report = report_.load;
  if (!fed.ok() && report.trouble.empty()) {
    report.trouble = std::string(fed.message());
  }
  for (const auto& worker : workers_) {
    report.tally.Merge(worker->tally());
    report.failed += worker->failed();
  }
  report_.ticks = feeder_.ticks();
  report_.lost = feeder_.lost();
  report_.backlog_bytes_max = feeder_.backlog_bytes_max();
  return std::move(report_);
}

}  // namespace

absl::StatusOr<PeerReport> RunPeer(const PeerOptions& options,
                                   const load::LoadHooks& hooks) {
  return Run(options, hooks).Go();
}

std::string ToJson(const PeerReport& report) {
  std::string json = load::ToJson(report.load);
  json.pop_back();
  absl::StrAppend(&json, ",\"peer\":\"", report.load.transport,
                  "\",\"publisher\":{\"ticks\":", report.ticks,
                  ",\"lost\":", report.lost,
                  ",\"backlog_bytes_max\":", report.backlog_bytes_max, "}}");
  return json;
}

}  // namespace streamhub::peers
