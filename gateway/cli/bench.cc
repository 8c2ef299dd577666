// bench: puts load on a gateway, of its own or any other, and says how it did.

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/floor_run.h"
#include "bench/load/process.h"
#include "bench/load/run.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/watch_url.h"
#include "gateway/market/field.h"
#include "gateway/session/rate_ladder.h"

namespace streamhub {
namespace {

constexpr char kFooter[] =
    "Without --url it starts `streamhub serve` in another process, with a\n"
    "synthetic market whose symbols tick in turn and whose every tick moves "
    "bid\n"
    "and ask, and stops it at the end.\n"
    "Latencies: \"tick to client\" is from the feed's receive to the read of "
    "the\n"
    "client's socket. It contains the wait for the beat of --max-rate, which "
    "is\n"
    "on purpose; \"server to client\" does not. On another host the offset of "
    "the\n"
    "clocks is an estimate.\n"
    "--check proves two things afterwards: each client got 95 % of the "
    "updates\n"
    "that it was due, and each holds field for field what /v1/quotes says.\n"
    "--floor measures after the gateway what bare writes of the same messages "
    "at\n"
    "the same times cost on this machine, --pairs N both in turn.\n"
    "Exit status: 0 measured, 1 a client failed or --check found something, 2\n"
    "wrong use. docs/operations.md says how to read and compare the "
    "numbers.\n\n"
    "Examples:\n"
    "  streamhub bench --clients 1000\n"
    "  streamhub bench --clients 5000 --symbols-per-client 10 --max-rate 2\n"
    "      --server-symbols 1000 --ticks-per-second 500 --check\n"
    "  streamhub bench --transport sse --clients 2000 --json\n"
    "  streamhub bench --clients 2000 --max-rate 4 --pairs 5 --server-cpu 0\n"
    "      --client-cpus 1\n"
    "  streamhub bench --url http://10.0.0.7:8080 --clients 100\n"
    "  streamhub bench --server-arg=--threads=2 "
    "--server-arg=--heartbeat-ms=500\n";

// Beside the clients' sockets.
constexpr int64_t kOtherFiles = 64;

constexpr int kCpuMax = 1023;  // of sched_setaffinity(2)

struct BenchOptions {
  load::LoadOptions load;
  std::string url;
  std::string transport = "ws";
  std::string encoding = "json";
  int64_t server_symbols = 1000;
  double ticks_per_second = 500;
  std::vector<std::string> server_arguments;
  int server_cpu = -1;  // wherever
  bool floor = false;
  int64_t pairs = 0;  // 0: one round
  bool json = false;
  bool progress = false;
};

absl::Status CheckUse(const BenchOptions& options) {
  const load::LoadOptions& load = options.load;
  const int64_t files = load::RaiseOpenFiles();
  if (load.clients > load.processes * (files - kOtherFiles)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--clients ", load.clients, ": a process may open ", files,
                     " files, so at most ", files - kOtherFiles,
                     " clients (see ulimit -Hn); take more --processes"));
  }
  double rate = 0;
  if (!load.max_rate.empty() && load.max_rate != "unlimited" &&
      (!absl::SimpleAtod(load.max_rate, &rate) || !StepFor(rate).has_value())) {
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
      !asked("quote_time")) {
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
      "--even-ticks",   "--quiet-after-ms=3600000"};
  arguments.push_back(absl::StrCat("--symbols=", options.server_symbols));
  arguments.push_back(absl::StrCat("--ticks-per-second=", ticks));
  if (options.load.check) {
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
  const int64_t each =
      std::max<int64_t>(load::RaiseOpenFiles() - kOtherFiles, 1);
  load.processes = std::min((load.clients + each - 1) / each, kProcessesMax);
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
    load.feed_ends = load.check;
  }
  const auto url = ParseWatchUrl(address);
  if (!url.ok()) return url.status();
  load.target = {url->host, url->port, url->prefix};
  auto report = load::RunLoad(load, hooks);
  if (!report.ok()) return report;
  report->own_server = server != nullptr;
  report->server_arguments = arguments;
  report->encoding = options.encoding;
  server.reset();  // its market must not tick into the floor's measurement
  if (!options.floor || report->stopped || report->failed > 0) return report;
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

int Bench(BenchOptions options) {
  options.load.kind = *load::FindWireKind(options.transport);
  if (options.encoding == "fb") options.load.encoding = Encoding::kFlat;
  options.floor = options.floor || options.pairs > 0;
  ChooseProcesses(options.load);
  const absl::Status usable = CheckUse(options);
  if (!usable.ok()) return Fail(usable);
  StopSignal stop;
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const bool tell = options.progress || terminal;
  load::LoadHooks hooks;
  hooks.wait = [&stop](int ms) { return stop.Wait(ms); };
  hooks.progress = [tell, terminal](const std::string& text) {
    if (!tell) return;
    std::fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", text.c_str());
  };
  auto report = MeasurePairs(options, hooks);
  if (terminal) std::fputs("\r\033[K", stderr);
  if (!report.ok()) return Fail(report.status());
  const std::string text =
      options.json ? load::ToJson(*report) + "\n" : load::ToText(*report);
  const int printed = PrintResult(text);
  return report->Good() ? printed : kExitFailed;
}

// No number is not in any range, but CLI11's lets it through.
CLI::Validator NumberFrom(double min, double max) {
  CLI::Validator range = CLI::Range(min, max);
  return CLI::Validator(
      [range](std::string& text) {
        double number = 0;
        return absl::SimpleAtod(text, &number) && std::isnan(number)
                   ? text + " is not a number"
                   : range(text);
      },
      range.get_description(), "");
}

void AddClientFlags(CLI::App& app, BenchOptions& options) {
  load::LoadOptions& load = options.load;
  app.add_option("--clients", load.clients, "how many clients")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}))
      ->capture_default_str();
  app.add_option("--transport", options.transport, "ws, sse, stream or poll")
      ->check(CLI::IsMember({"ws", "sse", "stream", "poll"}))
      ->capture_default_str();
  app.add_option("--encoding", options.encoding, "json or fb")
      ->check(CLI::IsMember({"json", "fb"}))
      ->capture_default_str();
  app.add_option("--symbols-per-client", load.symbols_per_client,
                 "random symbols of each client")
      ->check(CLI::Range(int64_t{1}, int64_t{1000}))
      ->capture_default_str();
  app.add_option("--symbols-of", load.symbols_max,
                 "choose from the first so many symbols; 0: from all")
      ->check(CLI::Range(int64_t{0}, int64_t{10'000'000}))
      ->capture_default_str();
  app.add_option("--fields", load.fields, "fields to ask for; default: all")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--max-rate", load.max_rate,
                 "updates per second and symbol, or unlimited");
  app.add_option("--seed", load.seed, "chooses the symbols of the clients")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 53))
      ->capture_default_str();
  app.add_option("--threads", load.threads, "threads that run the clients")
      ->check(CLI::Range(int64_t{1}, int64_t{64}))
      ->capture_default_str();
  app.add_option("--connect-rate", load.connect_rate,
                 "clients that connect per second")
      ->check(NumberFrom(0.1, 1e6))
      ->capture_default_str();
  app.add_option("--warmup", load.warmup_s, "seconds before the measurement")
      ->check(NumberFrom(0.0, 86400.0))
      ->capture_default_str();
  app.add_option("--duration", load.duration_s, "seconds that are measured")
      ->check(NumberFrom(0.1, 86400.0))
      ->capture_default_str();
  app.add_flag("--check", load.check,
               "afterwards check what every client got and holds");
  app.add_option("--check-share", load.share_wanted,
                 "part of its due updates that each client has to get")
      ->check(NumberFrom(0.0, 1.0))
      ->capture_default_str();
}

void AddFloorFlags(CLI::App& app, BenchOptions& options) {
  app.add_flag("--floor", options.floor,
               "afterwards measure what bare writes of the same messages cost");
  app.add_option("--pairs", options.pairs,
                 "measure the gateway and its floor so often in turn")
      ->check(CLI::Range(int64_t{1}, int64_t{1000}));
  app.add_option("--server-cpu", options.server_cpu,
                 "core of its own gateway, and of the floor")
      ->check(CLI::Range(0, kCpuMax));
  app.add_option("--client-cpus", options.load.client_cpus,
                 "cores of the threads with clients, in turn")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(0, kCpuMax));
  app.add_option("--processes", options.load.processes,
                 "processes with clients, each with --threads; default: as "
                 "many as open files make necessary")
      ->check(CLI::Range(int64_t{1}, int64_t{64}));
}

void AddBehaviourFlags(CLI::App& app, load::LoadOptions& load) {
  app.add_option("--slow-share", load.slow_share,
                 "part of the clients that reads slowly until the end of the "
                 "measurement")
      ->check(NumberFrom(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--slow-rate", load.slow_bytes_per_second,
                 "bytes per second that a slow client reads; 0: not at all")
      ->check(NumberFrom(0.0, 1e9))
      ->capture_default_str();
  app.add_option("--storm-share", load.storm_share,
                 "part of the clients that is cut off in the midst of the "
                 "measurement, and comes back")
      ->check(NumberFrom(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--storm-within", load.storm_within_s,
                 "seconds within which all that were cut off connect again")
      ->check(NumberFrom(0.0, 3600.0))
      ->capture_default_str();
}

}  // namespace

Command AddBench(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "bench", "Measure what a gateway can do under load");
  app->footer(kFooter);
  const auto options = std::make_shared<BenchOptions>();
  AddClientFlags(*app, *options);
  AddBehaviourFlags(*app, options->load);
  AddFloorFlags(*app, *options);
  app->add_flag("--json", options->json, "print one JSON object");
  app->add_flag("--progress", options->progress,
                "say how it goes even if standard error is no terminal");
  CLI::Option* url = app->add_option("--url", options->url,
                                     "the gateway; default: one of its own");
  app->add_option("--server-pid", options->load.server_pid,
                  "process of the gateway at --url, on this host: for its use "
                  "of CPU and memory")
      ->check(CLI::Range(1, 1 << 30))
      ->needs(url);
  app->add_option("--server-symbols", options->server_symbols,
                  "symbols of its own gateway")
      ->check(CLI::Range(int64_t{1}, int64_t{100'000}))
      ->capture_default_str()
      ->excludes(url);
  app->add_option("--ticks-per-second", options->ticks_per_second,
                  "of its own gateway's market; 500 with 1000 symbols: each "
                  "moves every 2 s")
      ->check(NumberFrom(0.001, 1e8))
      ->capture_default_str()
      ->excludes(url);
  app->add_option("--server-arg", options->server_arguments,
                  "a further argument of its own `streamhub serve`")
      ->allow_extra_args(false)
      ->excludes(url);
  return {app, [options] { return Bench(*options); }};
}

}  // namespace streamhub
