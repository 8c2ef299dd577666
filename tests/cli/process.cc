#include "tests/cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "gateway/base/check.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Generous: sanitizers are slow, and the machine may be busy.
constexpr std::chrono::seconds kPatience{60};

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

// {the end to read, the end to write}
std::array<int, 2> MakePipe() {
  std::array<int, 2> ends;
  STREAMHUB_CHECK(pipe2(ends.data(), O_CLOEXEC) == 0);
  return ends;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments,
                 const Options& options) {
  const auto in = MakePipe();
  std::array<int, 2> program_ends = {-1, -1};
  if (options.terminal) {
    OpenTerminal(&program_ends[0]);
    program_ends[1] = fcntl(program_ends[0], F_DUPFD_CLOEXEC, 0);
  } else {
    const auto out = MakePipe();
    const auto err = MakePipe();
    out_.fd = out[0];
    err_.fd = err[0];
    program_ends = {out[1], err[1]};
  }
  Fork(arguments, options, in[0], program_ends[0], program_ends[1]);
  // Tests give less than a pipe holds, so that this does not wait.
  STREAMHUB_CHECK(write(in[1], options.input.data(), options.input.size()) ==
                  static_cast<ssize_t>(options.input.size()));
  for (const int fd : {in[0], in[1], program_ends[0], program_ends[1]}) {
    close(fd);
  }
}

void Process::OpenTerminal(int* program_end) {
  out_.fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  STREAMHUB_CHECK(out_.fd >= 0 && grantpt(out_.fd) == 0 &&
                  unlockpt(out_.fd) == 0);
  std::array<char, 64> name;
  STREAMHUB_CHECK(ptsname_r(out_.fd, name.data(), name.size()) == 0);
  *program_end = open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  STREAMHUB_CHECK(*program_end >= 0);
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 100;
  STREAMHUB_CHECK(ioctl(*program_end, TIOCSWINSZ, &size) == 0);
}

void Process::Fork(const std::vector<std::string>& arguments,
                   const Options& options, int in, int out, int err) {
  std::vector<std::string> argv = arguments;
  if (!options.program.empty()) argv[0] = options.program;
  std::vector<std::string> envp = Environment(options.variables);
  const auto argv_pointers = Pointers(argv);
  const auto envp_pointers = Pointers(envp);
  pid_ = fork();
  STREAMHUB_CHECK(pid_ >= 0);
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (options.folder.empty() || chdir(options.folder.c_str()) == 0) {
    execve(argv_pointers[0], argv_pointers.data(), envp_pointers.data());
  }
  _exit(127);
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {out_.fd, err_.fd}) {
    if (fd >= 0) close(fd);
  }
}

bool Process::ReadSome(steady_clock::time_point deadline) {
  std::array<Stream*, 2> streams = {&out_, &err_};
  // A negative descriptor is left out.
  std::array<pollfd, 2> fds = {{{out_.fd, POLLIN, 0}, {err_.fd, POLLIN, 0}}};
  if (out_.fd < 0 && err_.fd < 0) return false;
  const auto left =
      std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
  if (left <= 0 || poll(fds.data(), fds.size(), static_cast<int>(left)) == 0) {
    ADD_FAILURE() << "nothing came in time, after: " << out_.text << err_.text;
    kill(pid_, SIGKILL);
    return false;
  }
  for (size_t i = 0; i < fds.size(); ++i) {
    if (fds[i].revents == 0) continue;
    std::array<char, 4096> buffer;
    const ssize_t got = read(fds[i].fd, buffer.data(), buffer.size());
    if (got > 0) {
      streams[i]->text.append(buffer.data(), static_cast<size_t>(got));
    } else {
      close(std::exchange(streams[i]->fd, -1));
    }
  }
  return true;
}

std::string Process::LineOf(Stream& stream) {
  const auto deadline = steady_clock::now() + kPatience;
  size_t end = 0;
  while ((end = stream.text.find('\n')) == std::string::npos &&
         stream.fd >= 0 && ReadSome(deadline)) {
  }
  const std::string line = stream.text.substr(0, end);
  stream.text.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

bool Process::ReadThrough(std::string_view text) {
  const auto deadline = steady_clock::now() + kPatience;
  size_t at = 0;
  while ((at = out_.text.find(text)) == std::string::npos && out_.fd >= 0 &&
         ReadSome(deadline)) {
  }
  if (at == std::string::npos) return false;
  out_.text.erase(0, at + text.size());
  return true;
}

void Process::Signal(int number) const { kill(pid_, number); }

void Process::HangUp() {
  close(std::exchange(out_.fd, -1));
  Signal(SIGHUP);  // as the kernel does for a shell's own terminal
}

Process::Ended Process::Wait() {
  const auto deadline = steady_clock::now() + kPatience;
  while (ReadSome(deadline)) {
  }
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
          std::exchange(out_.text, {}), std::exchange(err_.text, {})};
}

}  // namespace streamhub
