// inspect: what is in recordings, without serving them.

#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/inspection.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/recording_run.h"
#include "gateway/base/log.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/inspect_report.h"
#include "gateway/cli/recording_flags.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/work_line.h"

namespace streamhub {
namespace {

struct InspectOptions {
  explicit InspectOptions(CLI::App& app) : flags(app) {}
  RecordingFlags flags;
  std::vector<std::string> files;
  bool json = false;
};

// A file and how it is to be read, or why it cannot be.
struct Wanted {
  ReplayOptions options;
  absl::Status unusable;
};

// Every one is looked at by itself, so that they may be of any kinds, and those
// that want a symbol get theirs in turn.
absl::StatusOr<std::vector<Wanted>> EachOf(
    const std::vector<std::string>& files, const ReplayOptions& all) {
  std::vector<Wanted> each;
  size_t symbols_used = 0;
  for (const std::string& file : files) {
    ReplayOptions one = all;
    one.files = {file};
    one.symbol.clear();
    auto found = FindRecordings(one);
    // Another fault is the same with a symbol.
    if (!found.ok() && !all.symbol.empty() &&
        absl::StartsWith(found.status().message(), "--symbol: wanted")) {
      const bool shared = all.symbol.size() == 1;
      if (!shared && symbols_used == all.symbol.size()) {
        return absl::InvalidArgumentError(
            "--symbol: more files want one; give one for all, or one for each");
      }
      one.symbol = {all.symbol[shared ? 0 : symbols_used]};
      ++symbols_used;
      found = FindRecordings(one);
    }
    each.push_back({std::move(one), found.status()});
  }
  if (symbols_used < all.symbol.size()) {
    return absl::InvalidArgumentError(
        symbols_used == 0
            ? std::string("--symbol: no file wants one")
            : absl::StrCat("--symbol: ", all.symbol.size(), " are given and ",
                           symbols_used, " files want one"));
  }
  return each;
}

// What is printed of all; `several`: were asked for.
std::string TextOf(const std::vector<Inspection>& found, bool json,
                   bool several) {
  std::string text;
  for (const Inspection& one : found) {
    if (json) {
      absl::StrAppend(&text, text.empty() ? "" : ",\n ", InspectionJson(one));
    } else {
      absl::StrAppend(&text, text.empty() ? "" : "\n", InspectionText(one));
    }
  }
  if (json) return several ? absl::StrCat("[", text, "]\n") : text + "\n";
  if (several && !found.empty()) text += "\n" + InspectionSumText(found);
  return text;
}

// The status of the command: the worst of the files'.
int RunInspect(const InspectOptions& options) {
  const auto all = options.flags.Options();
  if (!all.ok()) return Fail(all.status());
  const auto each = EachOf(options.files, *all);
  if (!each.ok()) return Fail(each.status());
  // What is wrong is part of the result.
  SetLogLevel(LogLevel::kError);
  const StopSignal stop;
  std::vector<Inspection> found;
  int worst = kExitOk;
  const bool several = options.files.size() > 1;
  for (const Wanted& one : *each) {
    absl::Status unusable = one.unusable;
    if (unusable.ok()) {
      const auto run = RecordingRun::Create(one.options);
      unusable = run.status();
      if (run.ok()) {
        WorkReport report(stop, one.options.files[0]);
        found.push_back(
            Inspect(**run, [&report, &run] { return report.GoOn(**run); }));
        if (!found.back().IsWhole()) worst = std::max(worst, kExitFailed);
        if (found.back().stopped) break;
      }
    }
    if (unusable.ok()) continue;
    worst = std::max(worst, Fail(unusable));
    if (!several) return worst;
  }
  const int printed = PrintResult(TextOf(found, options.json, several));
  if (!found.empty() && found.back().stopped) {
    return Fail(absl::CancelledError("interrupted: not all was read"));
  }
  return printed != kExitOk ? printed : worst;
}

}  // namespace

Command AddInspect(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("inspect", "Tell what is in recordings");
  app->footer(
      "Takes what `replay` takes, known by what it begins with: kind, size,\n"
      "messages by type, symbols, times, peaks, gaps with their ranges and\n"
      "errors with their places. Each file is looked at by itself; one that\n"
      "cannot be is named on standard error. Exit status: 0 all is well, 1\n"
      "something is damaged, left out or missing (a gap), or could not be "
      "done, "
      "2\n"
      "it was not said well what to do.\n\n"
      "Examples:\n"
      "  streamhub inspect 20240102.itch.gz\n"
      "  streamhub inspect --json *.pcap.gz | jq '.[] | .file, .gaps_total'\n"
      "  streamhub inspect --date 2024-01-02 capture.pcapng\n");
  const auto options = std::make_shared<InspectOptions>(*app);
  app->add_option("FILE", options->files, "recordings; \"-\": standard input")
      ->required();
  app->add_flag("--json", options->json,
                "one JSON object, or an array of them if there are several "
                "files");
  return {app, [options] { return RunInspect(*options); }};
}

}  // namespace streamhub
