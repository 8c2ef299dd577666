// Runs a program as people do: with arguments, an environment, a folder, and
// its two outputs read until it ends. Nothing is waited for without end: what
// does not come in time is a failure of the test and ends the program.

#ifndef STREAMHUB_TESTS_CLI_PROCESS_H_
#define STREAMHUB_TESTS_CLI_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub {

class Process {
 public:
  struct Options {
    // NAME=VALUE each. There is no other STREAMHUB_ variable.
    std::vector<std::string> variables = {};
    std::string input = {};    // on its standard input
    std::string folder = {};   // where it runs; empty: where the test does
    std::string program = {};  // its path; empty: arguments[0]
    // Both of its outputs are one terminal of 100 columns and 24 lines.
    bool terminal = false;
  };
  struct Ended {
    int status = -1;  // exit status; 128 + the signal that killed it
    // What it wrote that was not read before.
    std::string out, err;
  };

  // Starts a program. It does not outlive the test.
  explicit Process(const std::vector<std::string>& arguments)
      : Process(arguments, Options()) {}
  Process(const std::vector<std::string>& arguments, const Options& options);

  // Kills it if it still runs.
  ~Process();

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The next line of its output, without the line's end; empty at its end.
  std::string ReadLine() { return LineOf(out_); }
  std::string ReadErrorLine() { return LineOf(err_); }

  // Reads its output up to and with `text`. Whether that came.
  bool ReadThrough(std::string_view text);

  void Signal(int number) const;

  // Its terminal is gone, and it is told so.
  void HangUp();

  // Waits until it ends by itself.
  Ended Wait();

 private:
  struct Stream {
    int fd = -1;  // negative at its end
    std::string text;
  };

  void Fork(const std::vector<std::string>& arguments, const Options& options,
            int in, int out, int err);
  void OpenTerminal(int* program_end);
  std::string LineOf(Stream& stream);
  // Takes what came on either of them. False at the end of both.
  bool ReadSome(std::chrono::steady_clock::time_point deadline);

  pid_t pid_ = -1;
  Stream out_, err_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_CLI_PROCESS_H_
