// What every subcommand is: options of the command line, and what to do with
// them. One file per subcommand. Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_COMMAND_H_
#define STREAMHUB_GATEWAY_CLI_COMMAND_H_

#include <absl/status/status.h>

#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}  // namespace CLI

namespace streamhub {

struct Command {
  CLI::App* app;             // belongs to the program's
  std::function<int()> run;  // after parsing; returns the exit status
};

Command AddServe(CLI::App& program);
Command AddReplay(CLI::App& program);
Command AddRecord(CLI::App& program);
Command AddWatch(CLI::App& program);
Command AddInspect(CLI::App& program);
Command AddConvert(CLI::App& program);
Command AddDoctor(CLI::App& program);
Command AddBench(CLI::App& program);
Command AddCheckConfig(CLI::App& program);
Command AddGenConfig(CLI::App& program);
Command AddVersion(CLI::App& program);

// What this binary is, in a few lines.
std::string VersionText();

// Tells what went wrong in one line on standard error, and returns the exit
// status that goes with it.
int Fail(const absl::Status& status);

// Writes what a command was run for on standard output. Returns the exit
// status: a result that was not taken is a failure, and told.
int PrintResult(std::string_view text);

// The same failure where it is found elsewhere; `error` is its errno. A reader
// that is gone needs no explanation.
int FailOutput(int error);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_COMMAND_H_
