// The program as the build made it, and what tests of all its subcommands do
// with it.

#ifndef STREAMHUB_TESTS_CLI_PROGRAM_H_
#define STREAMHUB_TESTS_CLI_PROGRAM_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/cli/process.h"

namespace streamhub {

inline constexpr char kProgram[] = STREAMHUB_BINARY_DIR "/streamhub";

// The program with those arguments.
std::vector<std::string> Line(std::vector<std::string> arguments);

Process::Ended RunToEnd(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& variables = {});

// The program with its standard output on a disk that is full.
std::vector<std::string> ToFullDisk(std::vector<std::string> arguments);

// It has to be refused: one line that says `why`, no output, status 2.
void ExpectUsageError(const std::vector<std::string>& arguments,
                      const std::string& why,
                      const std::vector<std::string>& variables = {});

// A gateway on free ports.
class Served {
 public:
  // The subcommand and its arguments; its ports are added.
  explicit Served(std::vector<std::string> arguments,
                  const Process::Options& options = {});

  const std::string& url() const { return url_; }
  std::string port() const { return PortOf(url_); }
  std::string admin_port() const { return PortOf(admin_url_); }
  Process& process() { return *process_; }

  // As SIGTERM ends it.
  Process::Ended Stop();

  // The body of a page; empty if there is none.
  std::string Page(const std::string& target) const;

 private:
  static std::string PortOf(const std::string& url);

  std::unique_ptr<Process> process_;
  std::string url_, admin_url_;
};

// Reads on until a line with `text` was logged, which is returned.
std::string AwaitLog(Process& process, const std::string& text);

// How many lines of `text` hold `part`.
int LinesWith(const std::string& text, const std::string& part);

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_CLI_PROGRAM_H_
