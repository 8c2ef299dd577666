// peer_bench: puts the load of `streamhub bench` on another server that hands
// out messages by topic, and reports in the same JSON. compare.sh runs it.
//
//   peer_bench --peer NAME --port P --ingest-port P [--pid PID] ...
//   peer_bench --free-ports N      prints N ports that nobody listens on

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/load/process.h"
#include "bench/peers/peer.h"
#include "bench/peers/peer_run.h"
#include "gateway/base/strings.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/stop_signal.h"

namespace streamhub::peers {
namespace {

int Fail(std::string_view why) {
  std::fprintf(stderr, "peer_bench: %.*s\n", static_cast<int>(why.size()),
               why.data());
  return kExitFailed;
}

std::vector<std::string> PeerNames() {
  std::vector<std::string> names;
  for (const Peer& peer : Peers()) names.emplace_back(peer.name);
  return names;
}

// They are held together, so that all are different, and given up at the end.
int PrintFreePorts(int count) {
  std::vector<int> sockets, ports;
  for (int i = 0; i < count; ++i) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(sockets.back(), any, size) != 0 ||
        getsockname(sockets.back(), any, &size) != 0) {
      return Fail("there are no free ports");
    }
    ports.push_back(ntohs(address.sin_port));
  }
  std::printf("%s\n", absl::StrJoin(ports, " ").c_str());
  for (const int fd : sockets) close(fd);
  return kExitOk;
}

void AddFlags(CLI::App& app, PeerOptions& options, std::string& name) {
  const auto port = CLI::Range(1, 65535);
  const auto positive = CLI::Range(1e-3, 1e8);
  app.add_option("--peer", name, absl::StrJoin(PeerNames(), ", "))
      ->check(CLI::IsMember(PeerNames()));
  app.add_option("--port", options.port, "of its subscribers")->check(port);
  app.add_option("--ingest-port", options.ingest_port, "of its publisher")
      ->check(port);
  app.add_option("--pid", options.pid, "its process: for its use of CPU")
      ->check(CLI::Range(1, 1 << 30));
  app.add_option("--clients", options.clients)
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  app.add_option("--symbols-per-client", options.symbols_per_client)
      ->check(CLI::Range(int64_t{1}, int64_t{1000}));
  app.add_option("--symbols", options.symbols)
      ->check(CLI::Range(int64_t{1}, int64_t{100'000}));
  app.add_option("--ticks-per-second", options.ticks_per_second)
      ->check(positive);
  app.add_option("--seed", options.seed);
  app.add_option("--threads", options.threads)
      ->check(CLI::Range(int64_t{1}, int64_t{64}));
  app.add_option("--connect-rate", options.connect_rate)->check(positive);
  app.add_option("--warmup", options.warmup_s)->check(CLI::Range(0.0, 3600.0));
  app.add_option("--duration", options.duration_s)
      ->check(CLI::Range(0.1, 3600.0));
  app.add_flag("--await-update", options.await_update,
               "a client is in with its first update, not when subscribed");
}

int Main(int argc, char** argv) {
  CLI::App app("Load of `streamhub bench` on another server");
  PeerOptions options;
  std::string name;
  int free_ports = 0;
  bool progress = false;
  AddFlags(app, options, name);
  app.add_flag("--progress", progress, "say how it goes");
  app.add_option("--free-ports", free_ports, "print so many, and end")
      ->check(CLI::Range(1, 100));
  CLI11_PARSE(app, argc, argv);
  if (free_ports > 0) return PrintFreePorts(free_ports);
  options.peer = FindPeer(name);
  if (options.peer == nullptr || options.port == 0 ||
      options.ingest_port == 0) {
    Fail("--peer, --port and --ingest-port have to be given");
    return kExitUsage;
  }
  if (options.symbols_per_client > options.symbols) {
    Fail("--symbols-per-client: more than --symbols");
    return kExitUsage;
  }
  load::RaiseOpenFiles();
  StopSignal stop;
  load::LoadHooks hooks;
  hooks.wait = [&stop](int ms) { return stop.Wait(ms); };
  hooks.progress = [progress](const std::string& text) {
    if (progress) std::fprintf(stderr, "%s\n", text.c_str());
  };
  const auto report = RunPeer(options, hooks);
  if (!report.ok()) return Fail(FromAbsl(report.status().message()));
  std::printf("%s\n", ToJson(*report).c_str());
  return report->load.Good() ? kExitOk : kExitFailed;
}

}  // namespace
}  // namespace streamhub::peers

int main(int argc, char** argv) { return streamhub::peers::Main(argc, argv); }
