// Goes through all doors of a gateway at once and watches for a while what
// comes. Blocking; one thread.

#ifndef STREAMHUB_GATEWAY_CLI_DOCTOR_PROBE_H_
#define STREAMHUB_GATEWAY_CLI_DOCTOR_PROBE_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/cli/doctor_reading.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/watch_url.h"

namespace streamhub {

struct DoctorQuestion {
  WatchUrl url;
  std::vector<std::string> symbols;  // empty: the gateway's first ones
  int64_t duration_ns = 0;
};

// What came through each door, in order. Cancelled: the program is to stop;
// Unavailable: there is no server; FailedPrecondition: it is no StreamHub.
absl::StatusOr<std::vector<DoctorFacts>> ProbeDoors(
    const DoctorQuestion& question, const StopSignal& stop);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_DOCTOR_PROBE_H_
