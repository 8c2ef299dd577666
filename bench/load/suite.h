// Several load tests as one: over presets, over all transports, over growing
// values of a variable. What each run is, and what all of them found. Pure.

#ifndef STREAMHUB_BENCH_LOAD_SUITE_H_
#define STREAMHUB_BENCH_LOAD_SUITE_H_

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/preset.h"
#include "bench/load/report.h"

namespace streamhub::load {

struct SuiteOptions {
  std::vector<std::string> presets;  // names, or of groups
  double scale = 1;                  // of the presets' clients
  bool all_transports = false;
  std::string growth;  // "clients=1000,2000"; empty: none
};

// What grows: `clients`, `symbols` (of each client) or `rate` (times the ticks
// per second).
struct Growth {
  std::string variable;  // empty: nothing
  std::vector<double> values;
};

// InvalidArgument names what is wrong with the text.
absl::StatusOr<Growth> ParseGrowth(std::string_view text);

// The flags as they were typed.
struct TypedFlags {
  std::function<bool(const std::string&)> given;
  std::function<std::string(const std::string&)> value;  // or its default
  int64_t files = 0;                                     // limit of open files
};

struct RunSpec {
  std::string label;   // what tells it from the other runs
  std::string series;  // the label without what grows
  std::string preset;
  double value = 0;         // of what grows
  std::vector<Flag> flags;  // to be set over what was typed
};

// The runs in their order; one if nothing asks for more. Of a preset only what
// was not typed counts.
absl::StatusOr<std::vector<RunSpec>> PlanRuns(const SuiteOptions& options,
                                              const TypedFlags& typed);

struct RunResult {
  RunSpec spec;
  LoadReport report;
};

// Of the gateway's process, over the measurement; 0 where it is not known.
double CpuMicrosPerUpdate(const LoadReport& report);

// That, to what bare writes of the same cost; 0 if no floor was measured.
double TimesFloor(const LoadReport& report);

// A row for each run.
std::string TableText(const std::vector<RunResult>& results);

// `planned` runs there were to be: with fewer not all is good.
std::string ToJson(const Growth& growth, size_t planned,
                   const std::vector<RunResult>& results);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_SUITE_H_
