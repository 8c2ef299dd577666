#include "bench/load/process.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

constexpr int64_t kStartNsMax = 30 * kSecond;
constexpr int kStopMsMax = 10'000;

std::string ReadAll(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The number behind `key`, as in "VmRSS:     1234 kB"; 0 if it is not there.
int64_t NumberIn(const std::string& text, const char* key) {
  const size_t at = text.find(key);
  return at == text.npos
             ? 0
             : std::strtoll(text.c_str() + at + std::strlen(key), nullptr, 10);
}

constexpr int64_t kKilobyte = 1024;

// Of all its threads; `otherwise` if it cannot be told.
double CpuSecondsOf(pid_t pid, double otherwise) {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 ||
      clock_gettime(clock, &time) != 0) {
    return otherwise;
  }
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) / 1e9;
}

// Of all threads that live, from /proc/PID/task/TID/schedstat: ns on a core, ns
// in line, and how often.
double WaitSecondsOf(const std::string& folder) {
  double wait_ns = 0;
  std::error_code error;
  for (const auto& task :
       std::filesystem::directory_iterator(folder + "/task", error)) {
    const std::string text = ReadAll(task.path().string() + "/schedstat");
    const size_t second = text.find(' ');
    if (second == text.npos) continue;
    wait_ns += std::strtod(text.c_str() + second, nullptr);
  }
  return wait_ns / 1e9;
}

// In the child: only what is safe after fork().
[[noreturn]] void Become(char* const* arguments, int out, pid_t parent,
                         int cpu) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(127);  // it died before that
  // Ctrl-C is for the load test alone, which then ends its server.
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  if (cpu >= 0 && !PinThread(cpu)) _exit(127);
  dup2(out, STDOUT_FILENO);
  execv("/proc/self/exe", arguments);
  _exit(127);
}

}  // namespace

absl::StatusOr<ProcessUse> UseOf(pid_t pid) {
  const std::string folder = absl::StrCat("/proc/", pid);
  const std::string stat = ReadAll(folder + "/stat");
  // The name, in parentheses, may hold anything.
  const size_t name_end = stat.rfind(')');
  if (name_end == stat.npos) {
    return absl::UnavailableError(absl::StrCat("there is no process ", pid));
  }
  constexpr size_t kUserAt = 12, kSystemAt = 13;  // counted behind the name
  const std::vector<std::string> words =
      absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipEmpty());
  double user = 0, system = 0;
  if (words.size() <= kSystemAt ||
      !absl::SimpleAtod(words[kUserAt - 1], &user) ||
      !absl::SimpleAtod(words[kSystemAt - 1], &system)) {
    return absl::UnavailableError("/proc is not Linux's");
  }
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  ProcessUse use;
  use.user_s = user / ticks;
  use.system_s = system / ticks;
  use.cpu_s = CpuSecondsOf(pid, use.user_s + use.system_s);
  use.wait_s = WaitSecondsOf(folder);
  const std::string status = ReadAll(folder + "/status");
  use.rss_bytes = NumberIn(status, "VmRSS:") * kKilobyte;
  use.peak_rss_bytes = NumberIn(status, "VmHWM:") * kKilobyte;
  return use;
}

ProcessUse& ProcessUse::operator+=(const ProcessUse& other) {
  cpu_s += other.cpu_s;
  rss_bytes += other.rss_bytes;
  peak_rss_bytes += other.peak_rss_bytes;
  user_s += other.user_s;
  system_s += other.system_s;
  wait_s += other.wait_s;
  return *this;
}

KernelUse UseOfKernel() {
  KernelUse use;
  // "TCP: inuse 27 orphan 0 tw 18 alloc 29 mem 3": pages.
  const std::string sockets = ReadAll("/proc/net/sockstat");
  const size_t tcp = sockets.find("TCP: ");
  if (tcp != sockets.npos) {
    use.tcp_bytes = NumberIn(sockets.substr(tcp), " mem ") * getpagesize();
  }
  use.slab_bytes = NumberIn(ReadAll("/proc/meminfo"), "Slab:") * kKilobyte;
  return use;
}

bool PinThread(int cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  if (cpu < 0 || cpu >= CPU_SETSIZE) return false;
  CPU_SET(static_cast<size_t>(cpu), &only);
  return sched_setaffinity(0, sizeof only, &only) == 0;
}

bool CanPin(int cpu) {
  cpu_set_t before;
  if (sched_getaffinity(0, sizeof before, &before) != 0) return false;
  const bool can = PinThread(cpu);
  sched_setaffinity(0, sizeof before, &before);
  return can;
}

int64_t RaiseOpenFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<int64_t>(limit.rlim_cur);
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const std::vector<std::string>& arguments,
    const std::function<bool()>& stop, int cpu) {
  std::vector<std::string> words = arguments;
  words.insert(words.begin(), "streamhub");
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::array<int, 2> ends;
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return absl::UnavailableError("the gateway cannot be started: no pipe");
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), ends[1], parent, cpu);
  close(ends[1]);
  if (pid < 0) {
    close(ends[0]);
    return absl::UnavailableError(
        absl::StrCat("the gateway cannot be started: ", std::strerror(errno)));
  }
  std::unique_ptr<ServerProcess> server(new ServerProcess(pid, ends[0]));
  absl::Status started = server->AwaitUrl(stop);
  if (!started.ok()) return started;
  return server;
}

absl::Status ServerProcess::AwaitUrl(const std::function<bool()>& stop) {
  constexpr char kFirst[] = "listening on ";
  constexpr int kLookMs = 100;
  const int64_t deadline_ns = SystemClock().MonoNs() + kStartNsMax;
  std::string text;
  size_t end = text.npos;
  while ((end = text.find('\n')) == text.npos) {
    if (stop()) return absl::CancelledError("stopped");
    if (SystemClock().MonoNs() > deadline_ns) {
      return absl::UnavailableError("the gateway does not start");
    }
    pollfd out{out_, POLLIN, 0};
    if (poll(&out, 1, kLookMs) <= 0) continue;
    std::array<char, 4096> buffer;
    const ssize_t got = read(out_, buffer.data(), buffer.size());
    if (got <= 0) {
      return absl::InvalidArgumentError(
          "the gateway did not start; it says why above");
    }
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  if (text.compare(0, std::strlen(kFirst), kFirst) != 0) {
    return absl::UnavailableError("the gateway does not say where it listens");
  }
  url_ = text.substr(std::strlen(kFirst), end - std::strlen(kFirst));
  return absl::OkStatus();
}

bool ServerProcess::Alive() {
  if (pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

void AwaitEnd(pid_t pid) {
  const auto handle =
      static_cast<int>(syscall(SYS_pidfd_open, pid, 0));  // Linux 5.3
  pollfd ended{handle, POLLIN, 0};
  const bool in_time = handle >= 0 && poll(&ended, 1, kStopMsMax) > 0;
  if (!in_time) kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  if (handle >= 0) close(handle);
}

ServerProcess::~ServerProcess() {
  if (Alive()) {
    kill(pid_, SIGTERM);
    AwaitEnd(pid_);
  }
  close(out_);
}

}  // namespace streamhub::load
