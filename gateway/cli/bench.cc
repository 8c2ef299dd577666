// bench: puts load on a gateway, of its own or any other, and says how it did.

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/load/preset.h"
#include "bench/load/process.h"
#include "gateway/cli/bench_run.h"
#include "gateway/cli/bench_suite.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/stop_signal.h"

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
    "wrong use. docs/benchmark.md says how to read and compare the "
    "numbers.\n\n"
    "Examples:\n"
    "  streamhub bench --clients 1000\n"
    "  streamhub bench --list-presets\n"
    "  streamhub bench --preset caplin-20 --all-transports --plot "
    "caplin.html\n"
    "  streamhub bench --preset broadcast --growth clients=1000,2000,5000\n"
    "  streamhub bench --clients 5000 --symbols-per-client 10 --max-rate 2\n"
    "      --server-symbols 1000 --ticks-per-second 500 --check\n"
    "  streamhub bench --transport sse --clients 2000 --json\n"
    "  streamhub bench --clients 2000 --max-rate 4 --pairs 5 --server-cpu 0\n"
    "      --client-cpus 1\n"
    "  streamhub bench --url http://10.0.0.7:8080 --clients 100\n"
    "  streamhub bench --server-arg=--threads=2 "
    "--server-arg=--heartbeat-ms=500\n";

constexpr int kCpuMax = 1023;  // of sched_setaffinity(2)

// What each run is to do, `specs` set over `typed` one after the other. They
// are all looked at before the first begins.
absl::StatusOr<std::vector<BenchOptions>> PlanRuns(
    CLI::App& app, BenchOptions& options,
    const std::vector<load::RunSpec>& specs) {
  const BenchOptions typed = options;
  std::vector<BenchOptions> runs;
  for (const load::RunSpec& spec : specs) {
    options = typed;
    absl::Status usable = SetFlags(app, spec.flags);
    if (usable.ok()) usable = Complete(options);
    if (!usable.ok()) return usable;
    runs.push_back(options);
  }
  return runs;
}

int Bench(CLI::App& app, BenchOptions& options, const SuiteFlags& suite) {
  if (suite.list_presets) return PrintResult(load::PresetsText());
  const std::string typed = TypedText(app);
  const auto specs = PlanSuite(app, suite, load::RaiseOpenFiles());
  if (!specs.ok()) return Fail(specs.status());
  const auto runs = PlanRuns(app, options, *specs);
  if (!runs.ok()) return Fail(runs.status());
  StopSignal stop;
  std::vector<load::RunResult> results;
  for (size_t i = 0; i < runs->size() && !stop.Wait(0); ++i) {
    const load::RunSpec& spec = (*specs)[i];
    const std::string name =
        runs->size() == 1 ? ""
                          : absl::StrCat("run ", i + 1, " of ", runs->size(),
                                         " (", spec.label, "): ");
    auto report = MeasureRun((*runs)[i], name, stop);
    if (!report.ok()) {
      if (!results.empty()) {
        TellResults(suite, typed, runs->size(), results);
      }
      return Fail(report.status());
    }
    report->preset = spec.preset;
    results.push_back({spec, *std::move(report)});
  }
  return TellResults(suite, typed, runs->size(), results);
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
  app.add_flag("--spin", options.load.spin,
               "threads with clients never sleep: no server has to wake them");
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
  const auto suite = std::make_shared<SuiteFlags>();
  AddClientFlags(*app, *options);
  AddBehaviourFlags(*app, options->load);
  AddFloorFlags(*app, *options);
  app->add_flag("--json", suite->json, "print one JSON object");
  app->add_flag("--progress", options->progress,
                "say how it goes even if standard error is no terminal");
  CLI::Option* url = app->add_option("--url", options->url,
                                     "the gateway; default: one of its own")
                         ->check(NotEmpty());
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
  app->add_option("--symbol-fields", options->symbol_fields,
                  "fields of each symbol of its own gateway, 5 to 64; 0: as "
                  "its kind has them")
      ->check(CLI::Range(int64_t{0}, int64_t{64}))
      ->capture_default_str()
      ->excludes(url);
  app->add_option("--changed-fields", options->changed_fields,
                  "how many of --symbol-fields change with every tick")
      ->check(CLI::Range(int64_t{2}, int64_t{63}))
      ->capture_default_str()
      ->excludes(url);
  app->add_option("--server-arg", options->server_arguments,
                  "a further argument of its own `streamhub serve`")
      ->allow_extra_args(false)
      ->excludes(url);
  AddSuiteFlags(*app, *suite);
  return {app, [app, options, suite] { return Bench(*app, *options, *suite); }};
}

}  // namespace streamhub
