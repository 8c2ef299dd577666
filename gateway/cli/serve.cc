// serve and replay: the gateway, until a signal.

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/replay_feed.h"
#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/config_flags.h"
#include "gateway/cli/progress_line.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/server/gateway.h"

namespace streamhub {
namespace {

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

// Scripts read the first line.
void Announce(const Config& config, const Gateway& gateway) {
  std::vector<std::string> urls = gateway.Urls();
  std::stable_partition(urls.begin(), urls.end(), [](const std::string& url) {
    return url.starts_with("http://127.");
  });
  const char* what = "listening on";
  for (const std::string& url : urls) {
    std::printf("%s %s\n", what, url.c_str());
    what = "reachable at";
  }
  if (config.feed != "replay" && !config.replay_market.empty()) {
    std::printf("replay at %s/market/%s/\n", urls.front().c_str(),
                config.replay_market.c_str());
  }
  const bool v6 = config.admin_listen.find(':') != std::string::npos;
  std::printf("admin at http://%s%s%s:%d (/healthz, /metrics%s)\n",
              v6 ? "[" : "", config.admin_listen.c_str(), v6 ? "]" : "",
              gateway.admin_port(), config.feed == "replay" ? ", /replay" : "");
  std::fflush(stdout);
  for (const auto& [key, address] :
       {std::pair("listen", config.listen),
        std::pair("admin_listen", config.admin_listen)}) {
    if (IsLoopback(address)) continue;
    LogWarning(absl::StrCat(key, " ", address, ": anybody who reaches this ",
                            "port can read it: there is neither TLS nor ",
                            "tokens"));
  }
  if (!IsLoopback(config.listen) && !config.publish_topics.empty()) {
    LogWarning(absl::StrCat("listen ", config.listen, ": anybody who reaches ",
                            "this port can publish, too, to publish_topics ",
                            absl::StrJoin(config.publish_topics, ",")));
  }
}

int Serve(const EffectiveConfig& effective) {
  const Config& config = effective.config;
  BeginLog(effective);
  if (!config.files.empty() && config.feed != "replay" &&
      config.replay_market.empty()) {
    LogWarning(absl::StrCat("files are not played: feed is ", config.feed,
                            ", and there is no replay_market"));
  }

  StopSignal stop;
  const HangUpSignal hang_up;
  bool failed = false;  // the feed's thread's, until the gateway is gone
  const bool terminal = isatty(STDERR_FILENO) == 1;
  Gateway::Events events;
  events.feed_done = [&](const absl::Status& status) {
    if (terminal && config.feed == "replay") std::fputc('\n', stderr);
    if (!status.ok()) failed = true;
    // A feed that was told to stop returns as well, wherever it is.
    if (stop.Wait(0)) return;
    if (config.exit_at_end) return stop.Stop();
    if (status.ok() && config.feed == "replay") {
      LogInfo("the replay is over; its last prices are served until a signal");
    }
  };
  if (terminal) {
    events.progress = [line = ProgressLine()](
                          const ReplayProgress& progress) mutable {
      const std::string text = line.Format(progress, SystemClock().MonoNs());
      std::fprintf(stderr, "\r\033[K%s", text.c_str());
    };
  }
  auto gateway = Gateway::Start(config, std::move(events));
  if (!gateway.ok()) return Fail(gateway.status());
  Announce(config, **gateway);
  while (stop.WaitWith(hang_up.fd(), POLLIN, -1) > 0) {
    if (hang_up.TakeTerminalGone()) break;
    LogWarning("SIGHUP is ignored: for another configuration start anew");
  }
  gateway->reset();
  return failed ? kExitFailed : kExitOk;
}

}  // namespace

Command AddServe(CLI::App& program) {
  CLI::App* app = program.add_subcommand("serve", "Run the gateway");
  app->footer(
      "Every flag is also a key of the file (--admin-port: admin_port) and a\n"
      "variable (STREAMHUB_ADMIN_PORT). A flag comes before a variable, that\n"
      "before the file. Ends on SIGINT or SIGTERM with status 0; SIGHUP is "
      "only\n"
      "logged.\n\n"
      "Examples:\n"
      "  streamhub serve\n"
      "  streamhub serve --port 9000 --symbols 10000 --ticks-per-second 1e6\n"
      "  streamhub serve --listen 0.0.0.0 --config streamhub.toml\n");
  const auto flags = std::make_shared<ConfigFlags>(
      *app, std::initializer_list<std::string_view>{});
  return {app, [flags] {
            const auto effective = flags->Load({});
            if (!effective.ok()) return Fail(effective.status());
            return Serve(*effective);
          }};
}

Command AddReplay(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "replay", "Run the gateway on recorded market data");
  app->footer(
      "Recordings are ITCH, pcap, DBN, FIX, captures of WebSocket feeds, CSV "
      "or\n"
      "tick logs (see --format), plain, .gz or .zst; \"-\" is standard input. "
      "At "
      "the\n"
      "end the last prices are served on until a signal. Damaged input makes\n"
      "the exit status 1. All flags of `serve` are good here, too.\n\n"
      "Examples:\n"
      "  streamhub replay 20240102.itch.gz\n"
      "  streamhub replay --speed 10 --loop 20240102.itch.gz\n"
      "  zcat x.gz | streamhub replay --date 2024-01-02 --speed max -\n"
      "  streamhub replay --speed max --exit-at-end 20240102.itch.gz\n"
      "  streamhub replay --from 14:30 --paused --only AAPL 20240102.itch.gz\n"
      "  streamhub replay quotes.csv.gz trades.csv.gz   (Tardis, by headers)\n"
      "  streamhub replay --format fxcm --symbol EUR/USD 20140505_quote.csv\n"
      "  streamhub replay --csv-columns time=0,bid=1,ask=2 --csv-time unix-ms\n"
      "      --symbol EUR/USD x.csv\n");
  struct Options {
    explicit Options(CLI::App& a) : flags(a, {"feed", "files"}) {}
    ConfigFlags flags;
    std::vector<std::string> files;
  };
  const auto options = std::make_shared<Options>(*app);
  app->add_option("FILE", options->files,
                  "recordings: ITCH one after the other, CSV merged by time");
  return {app, [options] {
            std::vector<ConfigFlag> fixed = {
                {FindConfigKey("feed"), {"replay"}, "replay"}};
            if (!options->files.empty()) {
              fixed.push_back({FindConfigKey("files"), options->files, "FILE"});
            }
            const auto effective = options->flags.Load(fixed);
            if (!effective.ok()) return Fail(effective.status());
            return Serve(*effective);
          }};
}

}  // namespace streamhub
