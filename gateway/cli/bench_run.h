// One run of `bench`: what it may be asked for, whether that can be, and the
// run: its own gateway, the load, the floor. Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_BENCH_RUN_H_
#define STREAMHUB_GATEWAY_CLI_BENCH_RUN_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/run.h"

namespace streamhub {

class StopSignal;

struct BenchOptions {
  load::LoadOptions load;
  std::string url;
  std::string transport = "ws";
  std::string encoding = "json";
  int64_t server_symbols = 1000;
  double ticks_per_second = 500;
  int64_t symbol_fields = 0;  // 0: as its kind has them
  int64_t changed_fields = 3;
  std::vector<std::string> server_arguments;
  int server_cpu = -1;  // wherever
  bool floor = false;
  int64_t pairs = 0;  // 0: one round
  bool progress = false;
};

// Puts into `options` what follows from what was said. InvalidArgument names
// the flag that asks for what cannot be.
absl::Status Complete(BenchOptions& options);

// `name` goes before what is told of the progress.
absl::StatusOr<load::LoadReport> MeasureRun(const BenchOptions& options,
                                            const std::string& name,
                                            StopSignal& stop);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_BENCH_RUN_H_
