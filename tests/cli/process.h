// Runs a program as people do: with arguments, an environment, and its two
// outputs read until it ends.

#ifndef STREAMHUB_TESTS_CLI_PROCESS_H_
#define STREAMHUB_TESTS_CLI_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace streamhub {

class Process {
 public:
  struct Ended {
    int status = -1;  // exit status; 128 + the signal that killed it
    std::string out, err;
  };

  // Starts `arguments[0]` with no STREAMHUB_ variable but those given, each as
  // NAME=VALUE. It reads `input` on its standard input.
  explicit Process(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& variables = {},
                   const std::string& input = "");

  // Kills it if it still runs.
  ~Process();

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The next line of its output, without the line's end; empty at its end.
  std::string ReadLine();
  std::string ReadErrorLine();  // likewise, of its error output

  void Signal(int number) const;

  // Waits until it ends by itself.
  Ended Wait();

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_CLI_PROCESS_H_
