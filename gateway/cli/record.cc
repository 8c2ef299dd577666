// record: a feed that is recorded and served to nobody, until it ends.

#include <absl/strings/str_cat.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/recorder/log_folder.h"
#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/config_flags.h"
#include "gateway/cli/progress_line.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/server/make_markets.h"
#include "gateway/server/make_recorder.h"

namespace streamhub {
namespace {

constexpr double kDurationMax = 1e9;  // s

// Until a signal, the end of the feed, or of the time; negative: for ever.
void AwaitEnd(const StopSignal& stop, const HangUpSignal& hang_up,
              double duration_s) {
  const int64_t began_ns = SystemClock().MonoNs();
  for (;;) {
    int left_ms = -1;
    if (duration_s >= 0) {
      const double past_s =
          static_cast<double>(SystemClock().MonoNs() - began_ns) / kSecond;
      // An hour at a time: what poll takes is bounded.
      left_ms = static_cast<int>(
          std::ceil(std::clamp(duration_s - past_s, 0.0, 3600.0) * 1000));
      if (left_ms == 0) return;
    }
    const int came = stop.WaitWith(hang_up.fd(), POLLIN, left_ms);
    if (came < 0 || (came > 0 && hang_up.TakeTerminalGone())) return;
    if (came > 0) LogWarning("SIGHUP is ignored");
  }
}

std::string Summary(const Counters& counters, const std::string& folder) {
  return absl::StrCat(counters.Get(Metric::kRecordedRecords), " records in ",
                      counters.Get(Metric::kRecordFiles), " files, ",
                      counters.Get(Metric::kRecordedBytes), " bytes, in ",
                      folder, "; ", counters.Get(Metric::kRecordGaps),
                      " gaps, ", counters.Get(Metric::kRecordLost),
                      " records lost\n");
}

int Record(const EffectiveConfig& effective, double duration_s) {
  const Config& config = effective.config;
  BeginLog(effective);
  if (config.feed == "none") {
    return Fail(absl::InvalidArgumentError("--feed none: nothing to record"));
  }
  const absl::Status folder = CheckLogFolder(config.record);
  if (!folder.ok()) {
    return Fail(absl::Status(folder.code(),
                             absl::StrCat("OUT_FOLDER ", folder.message())));
  }
  StopSignal stop;
  const HangUpSignal hang_up;
  const bool replay = config.feed == "replay";
  const bool terminal = replay && isatty(STDERR_FILENO) == 1;
  std::function<void(const ReplayProgress&)> progress;
  if (terminal) {
    progress = [line = ProgressLine()](const ReplayProgress& now) mutable {
      const std::string text = line.Format(now, SystemClock().MonoNs());
      std::fprintf(stderr, "\r\033[K%s", text.c_str());
    };
  }
  bool failed = false;  // the feed's thread's, until that is gone
  // Of what is missing in a recording it tells by `ended` alone.
  auto markets = MakeMarkets(
      config,
      {.progress = std::move(progress),
       .ended = [&](const absl::Status& s) { failed = failed || !s.ok(); }},
      nullptr);
  if (!markets.ok()) return Fail(markets.status());
  MarketRun& run = *markets->front();
  // A recording is read no faster than it is recorded.
  auto recorder = MakeRecorder(config, run.market(), /*feeds_wait=*/replay);
  if (!recorder.ok()) return Fail(recorder.status());

  TickTap* const tap = (*recorder)->AddTap(run.feed_id());
  (*recorder)->Start();
  run.StartFeed(/*tape=*/0, tap, [&](const absl::Status& status) {
    if (terminal) std::fputc('\n', stderr);
    failed = failed || !status.ok();
    stop.Stop();
  });
  std::printf("recording in %s\n", config.record.c_str());
  std::fflush(stdout);
  AwaitEnd(stop, hang_up, duration_s);
  run.StopFeed();
  const absl::Status written = (*recorder)->Stop();
  if (!written.ok()) Fail(written);
  const Counters& recorded = (*recorder)->counters();
  const int printed = PrintResult(Summary(recorded, config.record));
  const bool whole =
      !failed && written.ok() && recorded.Get(Metric::kRecordLost) == 0;
  return whole ? printed : kExitFailed;
}

}  // namespace

Command AddRecord(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("record", "Record a feed without serving anybody");
  app->footer(
      "Writes tick logs into OUT_FOLDER, until SIGINT or SIGTERM, the end of "
      "the\n"
      "feed, or --duration. They can be replayed. What a feed that does not "
      "wait\n"
      "brings faster than it can be written is a gap in the log. OUT_FOLDER "
      "is\n"
      "made if the folder that it is in is there. At the end it says what it "
      "wrote.\n"
      "Exit status: 0 all is well, 1 something is damaged, left out or missing "
      "(a\n"
      "gap), or could not be done, 2 it was not said well what to do.\n\n"
      "Examples:\n"
      "  streamhub record logs --duration 60\n"
      "  streamhub record logs --ticks-per-second 1e6 --record-rotate-mb 256\n"
      "  streamhub record logs --speed max 20240102.itch.gz\n");
  struct Options {
    // Without what is said of clients, of what is not recorded, or by an
    // argument.
    explicit Options(CLI::App& a)
        : flags(a, {"listen",
                    "port",
                    "admin_listen",
                    "admin_port",
                    "admin_token_file",
                    "admin_metrics_open",
                    "threads",
                    "web_root",
                    "default_rate",
                    "heartbeat_ms",
                    "write_stall_ms",
                    "handshake_ms",
                    "sessions_max",
                    "subscriptions_max",
                    "cors_origins",
                    "script_doors",
                    "tape",
                    "publish_topics",
                    "publish_rate",
                    "topic_history",
                    "topics_max",
                    "stale_after_ms",
                    "quiet_after_ms",
                    "exit_at_end",
                    "replay_market",
                    "record",
                    "connections_per_address",
                    "connect_rate_per_address",
                    "connect_rate",
                    "trusted_addresses",
                    "requests_per_second",
                    "header_bytes_max",
                    "body_bytes_max",
                    "message_bytes_max",
                    "keep_alive_ms",
                    "publish_rate_per_address",
                    "topics_per_address",
                    "storm_lag_ms"}) {}
    ConfigFlags flags;
    std::string folder;
    std::vector<std::string> files;
    double duration_s = -1;
  };
  const auto options = std::make_shared<Options>(*app);
  app->add_option("OUT_FOLDER", options->folder, "where tick logs are written")
      ->required();
  app->add_option("FILE", options->files,
                  "recordings to play instead of the synthetic market");
  app->add_option("--duration", options->duration_s,
                  "end after so many seconds")
      ->check(CLI::Range(0.001, kDurationMax));
  return {app, [options] {
            std::vector<ConfigFlag> fixed = {
                {FindConfigKey("record"), {options->folder}, "OUT_FOLDER"}};
            if (!options->files.empty()) {
              fixed.push_back({FindConfigKey("feed"), {"replay"}, "FILE"});
              fixed.push_back({FindConfigKey("files"), options->files, "FILE"});
            }
            const auto effective = options->flags.Load(fixed);
            if (!effective.ok()) return Fail(effective.status());
            return Record(*effective, options->duration_s);
          }};
}

}  // namespace streamhub
