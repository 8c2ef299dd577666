// doctor: what the network between here and a gateway lets through.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/doctor_findings.h"
#include "gateway/cli/doctor_probe.h"
#include "gateway/cli/doctor_report.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/trust_flags.h"
#include "gateway/cli/watch_options.h"
#include "gateway/cli/watch_url.h"

namespace streamhub {
namespace {

constexpr int kExitFindings = 1;
constexpr int kExitNothingWorks = 2;
constexpr double kDurationMax = 3600;

struct DoctorOptions {
  std::string url;
  std::vector<std::string> symbols;
  double duration_s = 8;
  TlsTrust trust;
  bool json = false;
};

int RunDoctor(const DoctorOptions& options) {
  WatchOptions symbols;
  symbols.symbols = options.symbols;
  const absl::Status good = CheckWatchOptions(symbols);
  if (!good.ok()) return Fail(good);
  if (options.duration_s > kDurationMax) {
    return Fail(absl::InvalidArgumentError("--duration: at most an hour"));
  }
  const auto url = ParseWatchUrl(options.url, options.trust);
  if (!url.ok()) return Fail(url.status());
  const StopSignal stop;
  if (isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr,
                 "streamhub: opening every transport to %s and watching for "
                 "%g s\n",
                 options.url.c_str(), options.duration_s);
  }
  const auto facts =
      ProbeDoors({*url, options.symbols,
                  static_cast<int64_t>(options.duration_s * double{kSecond})},
                 stop);
  if (absl::IsCancelled(facts.status())) return Fail(facts.status());
  if (!facts.ok()) {
    if (options.json) PrintResult(DoctorJson(options.url, facts.status()));
    Fail(facts.status());
    return kExitNothingWorks;
  }
  const Diagnoses diagnoses = Diagnose(*facts);
  const int printed =
      PrintResult(options.json ? DoctorJson(options.url, diagnoses)
                               : DoctorText(options.url, diagnoses));
  if (printed != kExitOk) return printed;
  return diagnoses.verdict == Verdict::kGood     ? kExitOk
         : diagnoses.verdict == Verdict::kBroken ? kExitNothingWorks
                                                 : kExitFindings;
}

}  // namespace

Command AddDoctor(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "doctor", "Find out what the network lets through to a gateway");
  app->footer(
      "Opens every transport at once, watches what comes, names what proxies\n"
      "on the way do to it, and prints the lines that cure it. In a browser:\n"
      "/doctor.html of the gateway. Exit status: 0 all is good, 1 something\n"
      "was found, 2 nothing works.\n\n"
      "Examples:\n"
      "  streamhub doctor http://prices.example\n"
      "  streamhub doctor --duration 90 --json http://127.0.0.1:8080\n");
  const auto options = std::make_shared<DoctorOptions>();
  app->add_option("URL", options->url, kUrlHelp)->required();
  app->add_option("--symbols", options->symbols,
                  "what to follow [the gateway's first three]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  app->add_option("--duration", options->duration_s,
                  "how long to watch; longer finds connections that are cut "
                  "later [8]")
      ->check(WhatIsNotPositive)
      ->type_name("SECONDS");
  app->add_flag("--json", options->json, "one line of JSON");
  AddTrustFlags(*app, &options->trust);
  return {app, [options] { return RunDoctor(*options); }};
}

}  // namespace streamhub
