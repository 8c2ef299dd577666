#include "gateway/cli/command_line.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <string>

#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/cli/command.h"

namespace streamhub {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  streamhub serve                          a simulated market\n"
    "  streamhub replay --speed 10 FILE.itch.gz a recorded one\n"
    "  streamhub record FOLDER                  what a feed brings, to files\n"
    "  streamhub inspect FILE.pcap.gz           what is in it\n"
    "  streamhub convert FILE.pcap.gz FILE.shtl a tick log of it\n"
    "  streamhub watch http://127.0.0.1:8080 AAPL MSFT\n"
    "  streamhub doctor http://127.0.0.1:8080   what the network lets through\n"
    "  streamhub bench --clients 1000           how much it can do\n"
    "  streamhub COMMAND --help                 all about a command\n";

// The subcommand at hand, for a hint; the program if none was recognized.
std::string NameOf(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  return chosen.empty() ? "streamhub" : "streamhub " + chosen[0]->get_name();
}

}  // namespace

int Fail(const absl::Status& status) {
  const std::string message = ForTerminal(FromAbsl(status.message()));
  std::fprintf(stderr, "streamhub: %s\n", message.c_str());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status)
             ? kExitUsage
             : kExitFailed;
}

int PrintResult(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
      std::fflush(stdout) == 0) {
    return kExitOk;
  }
  return FailOutput(errno);
}

int FailOutput(int error) {
  if (error != EPIPE) {
    std::fprintf(stderr, "streamhub: standard output: %s\n",
                 std::strerror(error));
  }
  return kExitFailed;
}

int RunCommandLine(int argc, char** argv) {
  CLI::App program("StreamHub: prices from feeds to browsers, as they change",
                   "streamhub");
  program.footer(kExamples);
  program.set_version_flag("--version", VersionText, "Same as version");
  const Command commands[] = {
      AddServe(program),     AddReplay(program),  AddRecord(program),
      AddInspect(program),   AddConvert(program), AddWatch(program),
      AddDoctor(program),    AddBench(program),   AddCheckConfig(program),
      AddGenConfig(program), AddVersion(program)};
  program.require_subcommand(0, 1);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& help) {
    std::ostringstream text;  // or the version
    program.exit(help, text, text);
    return PrintResult(text.str());
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "streamhub: %s (see %s --help)\n", error.what(),
                 NameOf(program).c_str());
    return kExitUsage;
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return PrintResult(program.help());
}

}  // namespace streamhub
