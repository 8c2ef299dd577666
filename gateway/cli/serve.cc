// serve and replay: the gateway, until a signal.

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <functional>
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
#include "gateway/cli/service_manager.h"
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
    return url.find("://127.") != url.npos;
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
  std::printf("admin at http://%s%s%s:%d (/admin, /healthz, /metrics%s)\n",
              v6 ? "[" : "", config.admin_listen.c_str(), v6 ? "]" : "",
              gateway.admin_port(), config.feed == "replay" ? ", /replay" : "");
  std::fflush(stdout);
  // Who needs a certificate is not anybody.
  if (!IsLoopback(config.listen) && !config.tls_client_required) {
    LogWarning(absl::StrCat("listen ", config.listen, ": anybody who reaches ",
                            "this port can read it: there ",
                            config.tls_certificate.empty()
                                ? "is neither TLS nor tokens"
                                : "are no tokens"));
  }
  if (!IsLoopback(config.admin_listen)) {
    LogWarning(absl::StrCat("admin_listen ", config.admin_listen, ": who sees ",
                            "what passes by can read it, and its token: there ",
                            "is no TLS"));
  }
  if (!IsLoopback(config.listen) && !config.tls_client_required &&
      !config.publish_topics.empty()) {
    LogWarning(absl::StrCat("listen ", config.listen, ": anybody who reaches ",
                            "this port can publish, too, to publish_topics ",
                            absl::StrJoin(config.publish_topics, ",")));
  }
}

// Reads the configuration again: arguments and variables are as they were.
using LoadAgain = std::function<absl::StatusOr<EffectiveConfig>()>;

absl::StatusOr<Config> ConfigOf(const LoadAgain& load) {
  const auto effective = load();
  if (!effective.ok()) return effective.status();
  for (const std::string& warning : effective->warnings) LogWarning(warning);
  return effective->config;
}

// Until a signal, or until StopSignal says so. A service manager is told that
// it lives for as long as all its threads do.
void ServeUntilStopped(const StopSignal& stop, const HangUpSignal& hang_up,
                       const LoadAgain& load, ServiceManager& manager,
                       Gateway& gateway) {
  for (;;) {
    const int came = stop.WaitWith(hang_up.fd(), POLLIN, manager.NextMs());
    if (came < 0 || (came > 0 && hang_up.TakeTerminalGone())) return;
    if (came > 0) {
      manager.TellReloading();
      gateway.Reload([&] { return ConfigOf(load); });
      manager.TellReady(gateway.Summary());
    }
    if (manager.IsTime()) {
      manager.TellAlive(gateway.StuckThreads(), gateway.Summary());
    }
  }
}

void Drain(StopSignal& stop, ServiceManager& manager, Gateway& gateway) {
  constexpr int kLookMs = 20;
  stop.Take();
  manager.TellStopping();
  LogInfo(absl::StrCat("stopping: ", gateway.Summary()));
  gateway.BeginDrain();
  while (!gateway.drained()) {
    if (stop.WaitAgain(kLookMs)) {
      LogWarning("another signal: the clients that are left are cut off");
      return gateway.Abandon();
    }
    // To move clients may take longer than it would wait for a sign of life.
    if (manager.IsTime()) manager.TellAlive({}, gateway.Summary());
  }
}

int Serve(const EffectiveConfig& effective, const LoadAgain& load) {
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
  // One way for whoever asks. The signal is blocked in every thread.
  events.reload_wanted = [] { kill(getpid(), SIGHUP); };
  ServiceManager manager = ServiceManager::FromEnvironment(SystemClock());
  auto gateway = Gateway::Start(config, std::move(events));
  if (!gateway.ok()) return Fail(gateway.status());
  (*gateway)->AddReload([](const Config& next) -> absl::StatusOr<Commit> {
    return Commit([next] { ApplyLogLevel(next); });
  });
  Announce(config, **gateway);
  manager.TellReady((*gateway)->Summary());
  ServeUntilStopped(stop, hang_up, load, manager, **gateway);
  Drain(stop, manager, **gateway);
  gateway->reset();
  return failed ? kExitFailed : kExitOk;
}

}  // namespace

Command AddServe(CLI::App& program) {
  CLI::App* app = program.add_subcommand("serve", "Run the gateway");
  app->footer(
      "Every flag is also a key of the file (--admin-port: admin_port) and a\n"
      "variable (STREAMHUB_ADMIN_PORT). A flag comes before a variable, that\n"
      "before the file. SIGINT or SIGTERM moves the clients elsewhere and ends "
      "it\n"
      "with status 0, a second one at once; SIGHUP reads the file again.\n\n"
      "Examples:\n"
      "  streamhub serve\n"
      "  streamhub serve --port 9000 --symbols 10000 --ticks-per-second 1e6\n"
      "  streamhub serve --listen 0.0.0.0 --config streamhub.toml\n");
  const auto flags = std::make_shared<ConfigFlags>(
      *app, std::initializer_list<std::string_view>{});
  return {app, [flags] {
            const LoadAgain load = [flags] { return flags->Load({}); };
            const auto effective = load();
            if (!effective.ok()) return Fail(effective.status());
            return Serve(*effective, load);
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
      "end the last prices are served on until a signal. Exit status: 0 all "
      "is\n"
      "well, 1 something is damaged, left out or missing (a gap), or could not "
      "be\n"
      "done, 2 it was not said well what to do. All flags of `serve` are good "
      "here,\n"
      "too.\n\n"
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
            const LoadAgain load = [options, fixed] {
              return options->flags.Load(fixed);
            };
            const auto effective = load();
            if (!effective.ok()) return Fail(effective.status());
            return Serve(*effective, load);
          }};
}

}  // namespace streamhub
