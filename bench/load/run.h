// A load test from begin to end: lists the symbols, lets clients connect, warms
// up, measures, checks. Blocks its caller, whose thread starts and joins those
// of the workers.

#ifndef STREAMHUB_BENCH_LOAD_RUN_H_
#define STREAMHUB_BENCH_LOAD_RUN_H_

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/load/report.h"
#include "bench/load/wire.h"

namespace streamhub::load {

// More than so many to one port of this host come from several addresses.
inline constexpr int64_t kClientsPerSourceMax = 28'000;

struct LoadOptions {
  Target target;
  WireKind kind = WireKind::kWs;
  Encoding encoding = Encoding::kJson;
  int64_t clients = 100;
  int64_t symbols_per_client = 10;
  int64_t symbols_max = 0;      // of the gateway's, in its order; 0: all
  int64_t symbols_awaited = 0;  // a gateway that has just started will have
  std::vector<std::string> fields;
  std::string max_rate;
  uint64_t seed = 1;
  int64_t threads = 1;
  double connect_rate = 500;  // clients per second
  double warmup_s = 5;
  double duration_s = 20;
  bool check = false;
  double share_wanted = 0.95;
  // This part of the clients reads so many bytes per second once it has its
  // first state, or nothing at all (0), until the measurement is over.
  double slow_share = 0;
  double slow_bytes_per_second = 1024;
  // In the midst of the measurement this part of the clients is cut off, and
  // comes back within so many seconds.
  double storm_share = 0;
  double storm_within_s = 5;
  int64_t processes = 0;         // with clients; each has `threads`; 0: one
  std::vector<int> client_cpus;  // of the threads in turn; empty: wherever
  bool spin = false;             // they never sleep
  bool record = false;           // what a floor needs: LoadReport::tally
  // The feed ends by itself, so that the check can wait for that.
  bool feed_ends = false;
  pid_t server_pid = 0;  // 0: not known, or elsewhere
  // Each symbol of the market ticks every so many seconds; 0: nobody knows.
  double symbol_period_s = 0;
};

struct LoadHooks {
  // Waits up to so many ms. True if the run is to stop now.
  std::function<bool(int)> wait;
  // How it goes, in a few words; a few times a second.
  std::function<void(const std::string&)> progress;
};

// Errors: Unavailable (the gateway cannot be asked), InvalidArgument (it has
// fewer symbols than each client is to have).
absl::StatusOr<LoadReport> RunLoad(const LoadOptions& options,
                                   const LoadHooks& hooks);

// Which symbols each client has, `each` different ones of `of`, by the seed.
std::vector<std::vector<uint32_t>> ChooseSymbols(int64_t clients, int64_t each,
                                                 size_t of, uint64_t seed);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_RUN_H_
