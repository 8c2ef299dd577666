// inspect: what is in recordings, without serving them.

#include <absl/strings/str_cat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/byte_source.h"
#include "feeds/replay/inspection.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/recording_run.h"
#include "feeds/replay/recording_start.h"
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

// Who has no date says so of a file that is no recording at all, too.
absl::Status BetterReason(const ReplayOptions& options,
                          const absl::Status& why) {
  if (!options.date.empty()) return why;
  ReplayOptions dated = options;
  dated.date = "2000-01-01";
  const auto files = FindRecordings(dated);
  if (!files.ok()) return why;
  const absl::Status start = CheckStart((*files)[0]);
  return start.ok() ? why : start;
}

// The options of each file: every one is looked at by itself, so that they may
// be of any kinds, and those that want a symbol get theirs in turn.
absl::StatusOr<std::vector<ReplayOptions>> OptionsOf(
    const std::vector<std::string>& files, const ReplayOptions& all) {
  std::vector<ReplayOptions> each;
  size_t symbols_used = 0;
  for (const std::string& file : files) {
    ReplayOptions one = all;
    one.files = {file};
    one.symbol.clear();
    auto found = FindRecordings(one);
    if (!found.ok() && !all.symbol.empty()) {
      const bool shared = all.symbol.size() == 1;
      if (!shared && symbols_used == all.symbol.size()) {
        return absl::InvalidArgumentError(
            "--symbol: more files want one; give one for all, or one for each");
      }
      one.symbol = {all.symbol[shared ? 0 : symbols_used]};
      ++symbols_used;
      found = FindRecordings(one);
    }
    if (!found.ok()) return BetterReason(one, found.status());
    each.push_back(std::move(one));
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

int RunInspect(const InspectOptions& options) {
  const auto all = options.flags.Options();
  if (!all.ok()) return Fail(all.status());
  const auto each = OptionsOf(options.files, *all);
  if (!each.ok()) return Fail(each.status());
  // What is wrong is part of the result.
  SetLogLevel(LogLevel::kError);
  const StopSignal stop;
  std::vector<Inspection> found;
  for (const ReplayOptions& one : *each) {
    const auto run = RecordingRun::Create(one);
    if (!run.ok()) return Fail(run.status());
    WorkReport report(stop, one.files[0]);
    found.push_back(
        Inspect(**run, [&report, &run] { return report.GoOn(**run); }));
    if (found.back().stopped) break;
  }
  std::string text;
  bool whole = true;
  const bool several = options.files.size() > 1;
  if (options.json && several) text += "[";
  for (const Inspection& one : found) {
    whole = whole && one.IsWhole() && !one.stopped;
    if (options.json) {
      if (text.size() > 1) text += ",\n ";
      text += InspectionJson(one);
    } else {
      if (!text.empty()) text += "\n";
      text += InspectionText(one);
    }
  }
  if (options.json) text += several ? "]\n" : "\n";
  if (!options.json && several) text += "\n" + InspectionSumText(found);
  const int printed = PrintResult(text);
  if (!found.empty() && found.back().stopped) {
    return Fail(absl::CancelledError("interrupted: not all was read"));
  }
  return printed != kExitOk ? printed : whole ? kExitOk : kExitFailed;
}

}  // namespace

Command AddInspect(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("inspect", "Tell what is in recordings");
  app->footer(
      "Takes what `replay` takes, known by what it begins with: kind, size,\n"
      "messages by type, symbols, times, peaks, gaps with their ranges and\n"
      "errors with their places. Each file is looked at by itself. Exit "
      "status:\n"
      "0 all is well, 1 something is damaged or missing, 2 it was not said "
      "well\n"
      "what to do.\n\n"
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
