#include "gateway/cli/bench_suite.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/time/clock.h>
#include <absl/time/time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "bench/load/plot.h"
#include "gateway/base/strings.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/server/build_info.h"

namespace streamhub {
namespace {

// Null with errno set if it cannot be written.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File OpenToWrite(const std::string& name, const char* mode) {
  return {std::fopen(name.c_str(), mode), &std::fclose};
}

absl::Status CannotWrite(const std::string& name) {
  return absl::InvalidArgumentError(
      absl::StrCat("--plot ", name, ": ", std::strerror(errno)));
}

absl::Status WritePage(const std::string& name, const std::string& page) {
  File file = OpenToWrite(name, "w");
  if (file == nullptr) return CannotWrite(name);
  const bool written =
      std::fwrite(page.data(), 1, page.size(), file.get()) == page.size();
  if (!written || std::fclose(file.release()) != 0) return CannotWrite(name);
  return absl::OkStatus();
}

std::string PageOf(const SuiteFlags& flags, const std::string& typed,
                   const load::Growth& growth,
                   const std::vector<load::RunResult>& results) {
  load::PlotTitle title;
  title.title = flags.suite.presets.empty()
                    ? "streamhub bench"
                    : absl::StrJoin(flags.suite.presets, ", ");
  const std::string when =
      absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::Now(), absl::UTCTimeZone());
  title.made_with =
      absl::StrCat("streamhub ", ToAbsl(GetBuildInfo().version), ", ", when);
  title.command = absl::StrCat("streamhub bench", typed);
  return load::ToHtml(title, growth, results);
}

}  // namespace

CLI::Validator NotEmpty() {
  return CLI::Validator(
      [](const std::string& text) {
        return text.empty() ? std::string("must not be empty") : std::string();
      },
      "", "");
}

void AddSuiteFlags(CLI::App& app, SuiteFlags& flags) {
  load::SuiteOptions& suite = flags.suite;
  CLI::Option* preset =
      app.add_option("--preset", suite.presets,
                     "workloads with a name, with commas between; flags beside "
                     "it go before what it says")
          ->delimiter(',')
          ->allow_extra_args(false)
          ->excludes("--url");
  app.add_flag("--list-presets", flags.list_presets,
               "say what the presets are, and do nothing else");
  app.add_option("--scale", suite.scale, "times the clients of the presets")
      ->check(CLI::Range(1e-4, 1e3))
      ->capture_default_str()
      ->needs(preset);
  app.add_flag("--all-transports", suite.all_transports,
               "one run over each: ws as json and as fb, sse, stream, poll")
      ->excludes("--transport")
      ->excludes("--encoding");
  app.add_option("--growth", suite.growth,
                 "one run for each value: clients=1000,2000,5000, "
                 "symbols=1,10,100 (of each client) or rate=1,10,100 (times "
                 "the ticks per second)");
  app.add_option("--plot", flags.plot,
                 "write a page of the latencies, and of what grows")
      ->type_name("FILE.html")
      ->check(NotEmpty());
}

absl::StatusOr<std::vector<load::RunSpec>> PlanSuite(const CLI::App& app,
                                                     const SuiteFlags& flags,
                                                     int64_t files) {
  load::TypedFlags typed;
  typed.given = [&app](const std::string& name) {
    return app.get_option(name)->count() > 0;
  };
  typed.value = [&app](const std::string& name) {
    const CLI::Option* option = app.get_option(name);
    return option->count() > 0 ? option->results().back()
                               : option->get_default_str();
  };
  typed.files = files;
  auto runs = load::PlanRuns(flags.suite, typed);
  if (!runs.ok()) return runs;
  const auto growth = load::ParseGrowth(flags.suite.growth);
  if (growth->variable == "rate" && app.get_option("--url")->count() > 0) {
    return absl::InvalidArgumentError(
        "--growth rate: is of its own gateway's market, not of one at --url");
  }
  // Better now than after an hour's runs; what is there stays until then.
  if (!flags.plot.empty() && OpenToWrite(flags.plot, "a") == nullptr)
    return CannotWrite(flags.plot);
  return runs;
}

std::string TypedText(const CLI::App& app) {
  std::string text;
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    if (option->count() == 0 || name == "--plot" || name == "--json" ||
        name == "--progress") {
      continue;
    }
    absl::StrAppend(&text, " ", name);
    if (option->get_expected_max() == 0) continue;  // a switch
    absl::StrAppend(&text, " ", absl::StrJoin(option->results(), ","));
  }
  return text;
}

absl::Status SetFlags(CLI::App& app, const std::vector<load::Flag>& flags) {
  for (const load::Flag& flag : flags) {
    CLI::Option* option = app.get_option(flag.name);
    try {
      option->clear();
      option->add_result(flag.value);
      option->run_callback();
    } catch (const CLI::ParseError& error) {
      return absl::InvalidArgumentError(error.what());
    }
  }
  return absl::OkStatus();
}

int TellResults(const SuiteFlags& flags, const std::string& typed,
                size_t planned, const std::vector<load::RunResult>& results) {
  if (results.empty()) return kExitFailed;
  const auto growth = load::ParseGrowth(flags.suite.growth);
  const bool single = planned == 1 && growth->variable.empty();
  std::string text;
  if (flags.json) {
    text = single ? load::ToJson(results[0].report)
                  : load::ToJson(*growth, planned, results);
    text += '\n';
  } else {
    for (const load::RunResult& result : results) {
      if (!single) absl::StrAppend(&text, "--- ", result.spec.label, "\n");
      text += load::ToText(result.report);
      if (!single) text += '\n';
    }
    if (!single) text += load::TableText(results);
    if (results.size() < planned) {
      absl::StrAppend(&text, "ended after ", results.size(), " of ", planned,
                      " runs\n");
    }
  }
  int status = PrintResult(text);
  if (!flags.plot.empty()) {
    const absl::Status written =
        WritePage(flags.plot, PageOf(flags, typed, *growth, results));
    if (!written.ok()) status = Fail(written);
  }
  const bool good = std::all_of(
      results.begin(), results.end(),
      [](const load::RunResult& result) { return result.report.Good(); });
  return good && results.size() == planned ? status : kExitFailed;
}

}  // namespace streamhub
