#include "bench/load/run.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <utility>

#include "bench/load/crowd.h"
#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

constexpr int kLookMs = 100;
// Longer than the slowest beat of the ladder that one would check with.
constexpr int64_t kCheckNsMax = 30 * kSecond;

int64_t Now() { return SystemClock().MonoNs(); }

int64_t Nanoseconds(double seconds) {
  return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
}

bool IsLoopback4(const Address& address) {
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
  return v4.sin_family == AF_INET && ntohl(v4.sin_addr.s_addr) >> 24 == 127;
}

CrowdOptions CrowdOf(const LoadOptions& options) {
  return {.seed = options.seed,
          .processes = std::max<int64_t>(options.processes, 1),
          .threads = options.threads,
          .cpus = options.client_cpus,
          .connect_rate = options.connect_rate,
          .slow_share = options.slow_share,
          .storm_share = options.storm_share,
          .feed_ends = options.feed_ends};
}

class Run {
 public:
  Run(const LoadOptions& options, const LoadHooks& hooks)
      : options_(options),
        hooks_(hooks),
        http_(options.target, [&hooks] { return hooks.wait(0); }),
        crowd_options_(CrowdOf(options)),
        crowd_(plan_, crowd_options_, [&hooks] { return hooks.wait(0); }) {}

  absl::StatusOr<LoadReport> Go();

 private:
  absl::Status AwaitSymbols();
  absl::Status Prepare();
  absl::Status Connect();
  bool Measure();
  absl::Status Check();
  void Take(const Harvest& harvest);
  bool WaitUntil(int64_t mono_ns, const char* phase);
  bool Look(const char* phase);
  void Use(ProcessUse ProcessReport::*when);

  const LoadOptions& options_;
  const LoadHooks& hooks_;
  HttpClient http_;
  RunPlan plan_;
  LoadReport report_;
  const CrowdOptions crowd_options_;
  Crowd crowd_;
  int64_t looked_ns_ = 0;
  int64_t looked_updates_ = 0;
};

// A gateway listens before its feed has brought its symbols.
absl::Status Run::AwaitSymbols() {
  const int64_t deadline_ns = Now() + kCheckNsMax;
  for (;;) {
    const auto names = ListSymbols(http_, 0);
    if (!names.ok()) return names.status();
    if (static_cast<int64_t>(names->size()) >= options_.symbols_awaited) {
      return absl::OkStatus();
    }
    if (hooks_.wait(kLookMs)) return absl::CancelledError("stopped");
    if (Now() > deadline_ns) {
      return absl::UnavailableError(
          absl::StrCat("the gateway has ", names->size(), " symbols, not ",
                       options_.symbols_awaited));
    }
  }
}

absl::Status Run::Prepare() {
  absl::Status awaited = AwaitSymbols();
  if (!awaited.ok()) return awaited;
  const auto clock = MeasureClock(http_);
  if (!clock.ok()) return clock.status();
  auto names = ListSymbols(http_, static_cast<size_t>(options_.symbols_max));
  if (!names.ok()) return names.status();
  if (static_cast<int64_t>(names->size()) < options_.symbols_per_client) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--symbols-per-client ", options_.symbols_per_client,
        ": the gateway has only ", names->size(), " symbols to choose from"));
  }
  plan_.target = options_.target;
  plan_.address = http_.address();
  plan_.kind = options_.kind;
  plan_.encoding = options_.encoding;
  plan_.clock_offset_us = clock->offset_us;
  plan_.wanted.names = *std::move(names);
  for (const std::string& name : plan_.wanted.names) {
    plan_.wanted.plain.push_back(Unescape(name));
  }
  plan_.wanted.fields = options_.fields;
  plan_.wanted.max_rate = options_.max_rate;
  plan_.wanted.keep_values = options_.check;
  plan_.slow_bytes_per_second = options_.slow_bytes_per_second;
  plan_.storms = options_.storm_share > 0;
  plan_.spin = options_.spin;
  plan_.storm_within_s = options_.storm_within_s;
  plan_.record = options_.record;
  plan_.spread_sources =
      options_.clients > kClientsPerSourceMax && IsLoopback4(plan_.address);

  report_.url = absl::StrCat("http://", options_.target.HostField(),
                             options_.target.prefix);
  report_.transport = std::string(NameOf(options_.kind));
  report_.clients = options_.clients;
  report_.symbols_per_client = options_.symbols_per_client;
  report_.symbols = static_cast<int64_t>(plan_.wanted.names.size());
  report_.fields = options_.fields;
  report_.max_rate = options_.max_rate;
  report_.symbol_period_s = options_.symbol_period_s;
  report_.seed = options_.seed;
  report_.threads = options_.threads;
  report_.processes = crowd_options_.processes;
  report_.slow_share = options_.slow_share;
  report_.slow_bytes_per_second = options_.slow_bytes_per_second;
  report_.storm_share = options_.storm_share;
  report_.storm_within_s = options_.storm_within_s;
  report_.warmup_s = options_.warmup_s;
  report_.share_wanted = options_.share_wanted;
  report_.clock = *clock;
  report_.client.pid = getpid();
  if (options_.server_pid > 0) {
    const auto use = UseOf(options_.server_pid);
    if (!use.ok()) return use.status();
    report_.server.emplace().pid = options_.server_pid;
  }
  return absl::OkStatus();
}

void Run::Use(ProcessUse ProcessReport::*when) {
  if (report_.server.has_value()) {
    const auto use = UseOf(options_.server_pid);
    if (use.ok() && use->rss_bytes > 0) {
      report_.server.value().*when = *use;
    } else {
      report_.server.reset();  // it is gone, which clients tell by then
    }
  }
  report_.client.*when = crowd_.Use();
}

// False: stop now.
bool Run::Look(const char* phase) {
  if (hooks_.wait(kLookMs)) {
    report_.stopped = true;
    return false;
  }
  if (!crowd_.Whole()) return false;  // Crowd::Stop() says why
  if (crowd_.failed() == options_.clients) {
    report_.trouble = "all clients failed";
    return false;
  }
  const int64_t now_ns = Now();
  if (now_ns - looked_ns_ < kSecond / 2) return true;
  const int64_t updates = crowd_.updates();
  hooks_.progress(absl::StrFormat(
      "%s: %d of %d clients are in, %d failed, %.0f updates/s", phase,
      crowd_.settled(), options_.clients, crowd_.failed(),
      static_cast<double>(updates - looked_updates_) * 1e9 /
          static_cast<double>(now_ns - looked_ns_)));
  looked_ns_ = now_ns;
  looked_updates_ = updates;
  return true;
}

bool Run::WaitUntil(int64_t mono_ns, const char* phase) {
  int64_t left_ns;
  while ((left_ns = mono_ns - Now()) > 0) {
    if (left_ns > kLookMs * kMillisecond) {
      if (!Look(phase)) return false;
    } else if (hooks_.wait(static_cast<int>(left_ns / kMillisecond) + 1)) {
      report_.stopped = true;
      return false;
    }
  }
  return true;
}

absl::Status Run::Connect() {
  Use(&ProcessReport::before);
  report_.kernel_before = UseOfKernel();
  const auto chosen =
      ChooseSymbols(options_.clients, options_.symbols_per_client,
                    plan_.wanted.names.size(), options_.seed);
  const int64_t begin_ns = Now();
  absl::Status started = crowd_.Start(chosen, begin_ns);
  if (!started.ok()) return started;
  // Those that get no answer fail by themselves.
  bool going = true;
  while (going && crowd_.settled() < options_.clients) {
    going = Look("connecting");
  }
  if (!going || !Look("connected")) return absl::CancelledError("stopped");
  report_.connecting_s = static_cast<double>(Now() - begin_ns) / 1e9;
  return absl::OkStatus();
}

bool Run::Measure() {
  const int64_t begin_ns = Now() + Nanoseconds(options_.warmup_s);
  const int64_t end_ns = begin_ns + Nanoseconds(options_.duration_s);
  crowd_.Measure(begin_ns, end_ns);
  if (!WaitUntil(begin_ns, "warming up")) return false;
  Use(&ProcessReport::begin);
  const bool whole = WaitUntil(end_ns, "measuring");
  const int64_t now_ns = Now();
  if (!whole) crowd_.Measure(begin_ns, now_ns);
  report_.window_s =
      static_cast<double>(std::min(now_ns, end_ns) - begin_ns) / 1e9;
  Use(&ProcessReport::end);
  report_.kernel_end = UseOfKernel();
  return whole;
}

absl::Status Run::Check() {
  const int64_t deadline_ns =
      Now() + kCheckNsMax +
      (options_.feed_ends
           ? Nanoseconds(options_.clients / options_.connect_rate)
           : 0);
  while (Now() < deadline_ns) {
    absl::Status step = crowd_.CheckStep();
    if (absl::IsCancelled(step)) {
      report_.stopped = true;
      return absl::OkStatus();
    }
    if (!step.ok()) return step;
    if (!Look("checking")) return absl::OkStatus();
    if (crowd_.Behind() == 0) break;
  }
  report_.check.done = true;
  return absl::OkStatus();
}

void Run::Take(const Harvest& harvest) {
  report_.tally = harvest.tally;
  report_.failed = harvest.failed;
  if (!report_.check.done) return;
  report_.check = harvest.check;
  report_.check.done = true;
  if (harvest.ended_early) {
    report_.trouble =
        "the feed ended before the measurement did, as connecting took longer "
        "than its --connect-rate says";
  }
}

absl::StatusOr<LoadReport> Run::Go() {
  absl::Status prepared = Prepare();
  if (!prepared.ok()) return prepared;
  absl::Status connected = Connect();
  if (!connected.ok() && !absl::IsCancelled(connected)) return connected;
  const bool measured = connected.ok() && Measure();
  absl::Status checked;
  if (measured && options_.check) checked = Check();
  const auto harvest = crowd_.Stop();
  if (!checked.ok()) return checked;
  if (!harvest.ok()) return harvest.status();
  if (!harvest->error.empty() && report_.check.done) {
    return absl::UnavailableError(harvest->error);
  }
  Take(*harvest);
  return std::move(report_);
}

}  // namespace

absl::StatusOr<LoadReport> RunLoad(const LoadOptions& options,
                                   const LoadHooks& hooks) {
  return Run(options, hooks).Go();
}

std::vector<std::vector<uint32_t>> ChooseSymbols(int64_t clients, int64_t each,
                                                 size_t of, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> all(of);
  std::iota(all.begin(), all.end(), 0);
  std::vector<std::vector<uint32_t>> chosen(static_cast<size_t>(clients));
  for (std::vector<uint32_t>& own : chosen) {
    // The first steps of a shuffle; what it leaves behind is as good a start.
    for (size_t i = 0; i < static_cast<size_t>(each); ++i) {
      std::swap(all[i], all[i + random() % (of - i)]);
    }
    own.assign(all.begin(), all.begin() + each);
  }
  return chosen;
}

}  // namespace streamhub::load
