#include "gateway/cli/bench_run.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <utility>

#include "bench/load/behaviours.h"
#include "bench/load/floor_run.h"
#include "bench/load/process.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/watch_url.h"
#include "gateway/market/field.h"
#include "gateway/session/rate_ladder.h"

namespace streamhub {
namespace {

// Beside the clients' sockets.
constexpr int64_t kOtherFiles = 64;
// Beside those of the gateway's clients.
constexpr int64_t kGatewayFiles = 128;

// Of each thread with clients.
constexpr int64_t kThreadFiles = 2;

// With fewer ticks per second the last ones are not awaited: what `--check`
// compares is what there is.
constexpr double kEndingTicksMin = 0.2;

// How many clients each of so many processes may have.
int64_t RoomOf(const load::LoadOptions& load, int64_t processes,
               int64_t files) {
  const int64_t channels = processes > 1 ? processes : 0;
  return files - kOtherFiles - kThreadFiles * load.threads - channels;
}

absl::Status CheckFiles(const BenchOptions& options) {
  const load::LoadOptions& load = options.load;
  const int64_t files = load::RaiseOpenFiles();
  const int64_t room = RoomOf(load, load.processes, files);
  if (room < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--threads ", load.threads, ": a process may open ", files,
        " files, which are too few for its threads and a client (see ulimit "
        "-Hn)"));
  }
  if (load.clients > load.processes * room) {
    return absl::InvalidArgumentError(
        absl::StrCat("--clients ", load.clients, ": a process may open ", files,
                     " files, so at most ", room,
                     " clients (see ulimit -Hn); take more --processes"));
  }
  if (options.url.empty() && load.clients > files - kGatewayFiles) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--clients ", load.clients, ": the gateway is a process that may open ",
        files, " files, so at most ",
        std::max<int64_t>(files - kGatewayFiles, 0),
        " clients; for more, name gateways elsewhere by --url"));
  }
  return absl::OkStatus();
}

absl::Status CheckCpus(const BenchOptions& options) {
  const auto refuse = [](const char* flag, int cpu) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " ", cpu, ": there is no such core for this user"));
  };
  if (options.server_cpu >= 0 && !load::CanPin(options.server_cpu)) {
    return refuse("--server-cpu", options.server_cpu);
  }
  for (const int cpu : options.load.client_cpus) {
    if (!load::CanPin(cpu)) return refuse("--client-cpus", cpu);
  }
  return absl::OkStatus();
}

absl::Status CheckUse(const BenchOptions& options) {
  const load::LoadOptions& load = options.load;
  for (const auto& check : {CheckFiles, CheckCpus}) {
    absl::Status usable = check(options);
    if (!usable.ok()) return usable;
  }
  if (options.floor && !options.url.empty() && load.server_pid == 0) {
    return absl::InvalidArgumentError(
        "--floor and --pairs: compare with the CPU of the gateway at --url: "
        "name its process by --server-pid");
  }
  if (load.storm_share > 0 &&
      load.storm_within_s > (1 - load::kStormAfter) * load.duration_s) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--storm-within ", load.storm_within_s, ": the storm begins ",
        load::kStormAfter * load.duration_s, " s into a --duration of ",
        load.duration_s, " s, which ends before all are back"));
  }
  double rate = 0;
  if (!load.max_rate.empty() && load.max_rate != "unlimited" &&
      (!absl::SimpleAtod(load.max_rate, &rate) || !std::isfinite(rate) ||
       !StepFor(rate).has_value())) {
    return absl::InvalidArgumentError(
        absl::StrCat("--max-rate ", load.max_rate,
                     ": expected a number from 1/60 on, or unlimited"));
  }
  for (const std::string& field : load.fields) {
    if (!FindField(field).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--fields ", field, ": there is no such field"));
    }
  }
  const auto asked = [&load](const char* field) {
    return std::find(load.fields.begin(), load.fields.end(), field) !=
           load.fields.end();
  };
  if (load.check && !load.fields.empty() && !asked("bid") && !asked("ask") &&
      (!asked("quote_time") || options.symbol_fields > 0)) {
    return absl::InvalidArgumentError(
        "--check: needs bid, ask or quote_time among --fields: the others do "
        "not change with every tick");
  }
  if (load.encoding == Encoding::kFlat && load.kind == load::WireKind::kSse) {
    return absl::InvalidArgumentError(
        "--encoding fb: server-sent events are text; take another --transport");
  }
  if (options.url.empty() && load.symbols_per_client > options.server_symbols) {
    return absl::InvalidArgumentError(
        absl::StrCat("--symbols-per-client ", load.symbols_per_client,
                     ": more than --server-symbols ", options.server_symbols));
  }
  return absl::OkStatus();
}

bool MarketEnds(const BenchOptions& options) {
  return options.load.check && options.ticks_per_second >= kEndingTicksMin;
}

// The market has to tick until the measurement is over, and to end soon after.
int64_t TicksMax(const BenchOptions& options) {
  const load::LoadOptions& load = options.load;
  const double connecting_s =
      static_cast<double>(load.clients) / load.connect_rate * 1.2 + 3;
  return static_cast<int64_t>(
             std::ceil(options.ticks_per_second *
                       (connecting_s + load.warmup_s + load.duration_s))) +
         1;
}

std::vector<std::string> ServerArguments(const BenchOptions& options) {
  char ticks[32];
  std::snprintf(ticks, sizeof ticks, "%.17g", options.ticks_per_second);
  std::vector<std::string> arguments = {
      "serve",          "--port=0",
      "--admin-port=0", "--log-level=warning",
      "--even-ticks",   "--quiet-after-ms=3600000",
      "--tape=0"};
  arguments.push_back(absl::StrCat("--symbols=", options.server_symbols));
  arguments.push_back(absl::StrCat("--ticks-per-second=", ticks));
  if (options.symbol_fields > 0) {
    arguments.push_back(
        absl::StrCat("--symbol-fields=", options.symbol_fields));
    arguments.push_back(
        absl::StrCat("--changed-fields=", options.changed_fields));
  }
  if (MarketEnds(options)) {
    arguments.push_back(absl::StrCat("--ticks-max=", TicksMax(options)));
  }
  arguments.insert(arguments.end(), options.server_arguments.begin(),
                   options.server_arguments.end());
  return arguments;
}

// As many as the limit of open files makes necessary, if not said.
void ChooseProcesses(load::LoadOptions& load) {
  if (load.processes > 0) return;
  constexpr int64_t kProcessesMax = 64;
  const int64_t files = load::RaiseOpenFiles();
  load.processes = 1;
  while (load.processes < kProcessesMax &&
         load.clients > load.processes * RoomOf(load, load.processes, files)) {
    ++load.processes;
  }
}

// One measurement, of its own gateway from its start to its end if there is no
// --url, and then of the floor.
absl::StatusOr<load::LoadReport> Measure(const BenchOptions& options,
                                         const load::LoadHooks& hooks) {
  load::LoadOptions load = options.load;
  load.record = options.floor;
  std::unique_ptr<load::ServerProcess> server;
  std::vector<std::string> arguments;
  std::string address = options.url;
  if (address.empty()) {
    arguments = ServerArguments(options);
    auto started = load::ServerProcess::Start(
        arguments, [&hooks] { return hooks.wait(0); }, options.server_cpu);
    if (!started.ok()) return started.status();
    server = *std::move(started);
    address = server->url();
    load.server_pid = server->pid();
    if (options.progress) {
      std::fprintf(stderr, "its gateway: %s, process %d\n", address.c_str(),
                   server->pid());
    }
    load.symbols_awaited = options.server_symbols;
    load.feed_ends = MarketEnds(options);
    load.symbol_period_s =
        static_cast<double>(options.server_symbols) / options.ticks_per_second;
  }
  const auto url = ParseWatchUrl(address);
  if (!url.ok()) return url.status();
  if (url->tls) {
    return absl::InvalidArgumentError(
        "--url " + address +
        ": bench does not speak TLS; use http:// or ws://");
  }
  load.target = {url->host, url->port, url->prefix};
  auto report = load::RunLoad(load, hooks);
  if (!report.ok()) return report;
  report->own_server = server != nullptr;
  report->server_arguments = arguments;
  report->encoding = options.encoding;
  server.reset();  // its market must not tick into the floor's measurement
  if (!options.floor || !report->Good()) return report;
  auto floor = load::MeasureFloor(load, *report, hooks, options.server_cpu);
  if (absl::IsCancelled(floor.status())) {
    report->stopped = true;
    return report;
  }
  if (!floor.ok()) return floor.status();
  report->floor = *std::move(floor);
  return report;
}

// The gateway and its floor in turn. Of all rounds the report is that whose
// ratio is the median; one that went wrong is told at once.
absl::StatusOr<load::LoadReport> MeasurePairs(const BenchOptions& options,
                                              const load::LoadHooks& hooks) {
  std::vector<load::LoadReport> reports;
  std::vector<load::Round> rounds;
  do {
    auto report = Measure(options, hooks);
    if (!report.ok() || !report->Good()) return report;
    rounds.push_back(load::RoundOf(*report));
    reports.push_back(*std::move(report));
  } while (static_cast<int64_t>(reports.size()) < options.pairs);
  load::LoadReport& median = reports[load::MedianRound(rounds)];
  if (options.pairs > 0) median.rounds = rounds;
  return std::move(median);
}

}  // namespace

absl::Status Complete(BenchOptions& options) {
  options.load.kind = *load::FindWireKind(options.transport);
  if (options.encoding == "fb") options.load.encoding = Encoding::kFlat;
  options.floor = options.floor || options.pairs > 0;
  ChooseProcesses(options.load);
  return CheckUse(options);
}

absl::StatusOr<load::LoadReport> MeasureRun(const BenchOptions& options,
                                            const std::string& name,
                                            StopSignal& stop) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const bool tell = options.progress || terminal;
  load::LoadHooks hooks;
  hooks.wait = [&stop](int ms) { return stop.Wait(ms); };
  hooks.progress = [tell, terminal, &name](const std::string& text) {
    if (!tell) return;
    std::fprintf(stderr, terminal ? "\r\033[K%s%s" : "%s%s\n", name.c_str(),
                 text.c_str());
  };
  auto report = MeasurePairs(options, hooks);
  if (terminal) std::fputs("\r\033[K", stderr);
  return report;
}

}  // namespace streamhub
