// Measures the floor of a load test that has just been measured: the same
// number of clients, which read by the same code, of a server that only sends
// what was recorded. Blocks its caller, as RunLoad() does.

#ifndef STREAMHUB_BENCH_LOAD_FLOOR_RUN_H_
#define STREAMHUB_BENCH_LOAD_FLOOR_RUN_H_

#include <absl/status/statusor.h>

#include "bench/load/floor_report.h"
#include "bench/load/run.h"

namespace streamhub::load {

// `options` recorded, and `measured` is what came of them. The server may run
// on core `server_cpu` alone, if that is not negative. FailedPrecondition:
// there was nothing to repeat; Cancelled: it was stopped.
absl::StatusOr<FloorReport> MeasureFloor(const LoadOptions& options,
                                         const LoadReport& measured,
                                         const LoadHooks& hooks,
                                         int server_cpu);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_FLOOR_RUN_H_
