// What a comparison has measured, read back from the files that compare.sh
// wrote: workload.json, and a report of `streamhub bench` or peer_bench for
// each run. Pure.

#ifndef STREAMHUB_BENCH_PEERS_RESULTS_H_
#define STREAMHUB_BENCH_PEERS_RESULTS_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::peers {

enum class WorkloadKind : uint8_t {
  kDelivery,    // every tick is due to everybody who asked for its symbol
  kConflation,  // more ticks than anybody could take
  kStorm,       // all clients connect at once
};

// One that was compared.
struct System {
  std::string name;
  double max_rate = 0;  // updates per second and symbol; 0: unlimited

  bool is_gateway() const { return name.starts_with("gateway"); }
};

struct Workload {
  std::string name;
  WorkloadKind kind = WorkloadKind::kDelivery;
  int64_t clients = 0;
  int64_t each = 0;  // symbols of a client
  int64_t symbols = 0;
  double ticks_per_second = 0;  // of all symbols
  int64_t pairs = 0;            // rounds
  std::vector<System> systems;

  // Updates per second that all clients together are due from `system`.
  double Due(const System& system) const;
};

// One run. What is not known is 0.
struct Result {
  std::string system;
  int64_t round = 0;
  int64_t failed = 0;  // clients
  double updates_per_second = 0;
  double delivered = 0;  // of what was due, 1: all
  // CPU of the server for each update that was delivered.
  double cpu_us = 0, user_us = 0;
  // Of a gateway with a floor: how it compares, and what a bare write costs.
  double floor_ratio = 0, floor_us_per_message = 0;
  double age_p50_ms = 0, age_p99_ms = 0;
  double first_p50_ms = 0, first_p99_ms = 0, first_max_ms = 0;
  double bytes_per_client = 0;
  double growth_bytes = 0;  // of the server's memory, while it was measured
  // How long the server's threads stood in line for a core, as a part of the
  // measurement: much if the machine was busy with something else.
  double waited = 0;
};

absl::StatusOr<Workload> ParseWorkload(std::string_view json);

// `system` is one of `workload`.
absl::StatusOr<Result> ParseResult(std::string_view json,
                                   const Workload& workload,
                                   const System& system, int64_t round);

}  // namespace streamhub::peers

#endif  // STREAMHUB_BENCH_PEERS_RESULTS_H_
