// What `bench` does beyond a single run: presets, all transports, a variable
// that grows; and the page of curves. Each run is a command line: its flags are
// set over those that were typed. Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_BENCH_SUITE_H_
#define STREAMHUB_GATEWAY_CLI_BENCH_SUITE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/load/suite.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace streamhub {

// Refuses a text without a character, which looks as if nothing had been said.
CLI::Validator NotEmpty();

struct SuiteFlags {
  load::SuiteOptions suite;
  bool list_presets = false;
  bool json = false;
  std::string plot;  // a file; empty: none
};

// After the flags that presets refer to, and --url, were added.
void AddSuiteFlags(CLI::App& app, SuiteFlags& flags);

// The runs that the command line asks for. `files`: how many may be open.
// InvalidArgument: wrong use, or the page cannot be written.
absl::StatusOr<std::vector<load::RunSpec>> PlanSuite(const CLI::App& app,
                                                     const SuiteFlags& flags,
                                                     int64_t files);

// The command line as it was typed, but for where its output goes.
std::string TypedText(const CLI::App& app);

// Sets options as if `flags` had been typed instead of what was typed for
// them. InvalidArgument: a value is out of its range.
absl::Status SetFlags(CLI::App& app, const std::vector<load::Flag>& flags);

// Prints a single report as it is, and of several a table at the end; as JSON,
// an object of all. Writes the page if one is asked for. `typed`: see above.
// Returns the exit status: a failure if any run was not good, or if there are
// fewer than the `planned` ones.
int TellResults(const SuiteFlags& flags, const std::string& typed,
                size_t planned, const std::vector<load::RunResult>& results);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_BENCH_SUITE_H_
