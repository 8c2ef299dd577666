#include "tests/cli/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** at = environ; *at != nullptr; ++at) {
    if (!std::string_view(*at).starts_with("STREAMHUB_")) all.emplace_back(*at);
  }
  return all;
}

std::string LineFrom(int fd) {
  std::string line;
  char c = 0;
  while (read(fd, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments,
                 const std::vector<std::string>& variables,
                 const std::string& input) {
  std::vector<std::string> argv = arguments;
  std::vector<std::string> envp = Environment(variables);
  const auto argv_pointers = Pointers(argv);
  const auto envp_pointers = Pointers(envp);
  std::array<int, 2> in, out, err;
  STREAMHUB_CHECK(pipe2(in.data(), O_CLOEXEC) == 0 &&
                  pipe2(out.data(), O_CLOEXEC) == 0 &&
                  pipe2(err.data(), O_CLOEXEC) == 0);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execve(argv_pointers[0], argv_pointers.data(), envp_pointers.data());
    _exit(127);
  }
  STREAMHUB_CHECK(pid_ > 0);
  // Tests give less than a pipe holds, so that this does not wait.
  STREAMHUB_CHECK(write(in[1], input.data(), input.size()) ==
                  static_cast<ssize_t>(input.size()));
  close(in[0]);
  close(in[1]);
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(out_);
  close(err_);
}

std::string Process::ReadLine() { return LineFrom(out_); }

std::string Process::ReadErrorLine() { return LineFrom(err_); }

void Process::Signal(int number) const { kill(pid_, number); }

Process::Ended Process::Wait() {
  Ended ended;
  std::array<std::pair<int, std::string*>, 2> streams = {
      {{out_, &ended.out}, {err_, &ended.err}}};
  int open = 2;
  while (open > 0) {
    std::array<pollfd, 2> fds{};
    for (size_t i = 0; i < fds.size(); ++i) {
      fds[i] = {streams[i].first, POLLIN, 0};  // a negative one is left out
    }
    poll(fds.data(), fds.size(), -1);
    for (size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t got = read(fds[i].fd, buffer.data(), buffer.size());
      if (got > 0) {
        streams[i].second->append(buffer.data(), static_cast<size_t>(got));
      } else {
        streams[i].first = -1;
        --open;
      }
    }
  }
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  ended.status =
      WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ended;
}

}  // namespace streamhub
