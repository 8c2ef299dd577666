// The program `streamhub`: reads the command line and runs one subcommand.
// Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_COMMAND_LINE_H_
#define STREAMHUB_GATEWAY_CLI_COMMAND_LINE_H_

namespace streamhub {

// How the program ends.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;  // command line or configuration is wrong

// Returns the exit status. What is wrong is told in one line on standard error.
int RunCommandLine(int argc, char** argv);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_COMMAND_LINE_H_
