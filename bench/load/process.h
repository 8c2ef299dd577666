// The processes of a load test: the gateway that it starts for itself, and
// what the system says of any process. One thread, which must not end before a
// server that it started.

#ifndef STREAMHUB_BENCH_LOAD_PROCESS_H_
#define STREAMHUB_BENCH_LOAD_PROCESS_H_

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace streamhub::load {

struct ProcessUse {
  double cpu_s = 0;  // user and system, since its start, to the nanosecond
  int64_t rss_bytes = 0;
  int64_t peak_rss_bytes = 0;
  // The parts of cpu_s, as the ticks of the kernel see them: 10 ms.
  double user_s = 0;
  double system_s = 0;
  // How long its threads stood in line for a core: what others took from it.
  double wait_s = 0;

  ProcessUse& operator+=(const ProcessUse& other);
};

// From /proc. Unavailable if there is no such process here.
absl::StatusOr<ProcessUse> UseOf(pid_t pid);

// What the kernel of this machine holds, for everybody together.
struct KernelUse {
  int64_t tcp_bytes = 0;   // buffers of TCP, from /proc/net/sockstat
  int64_t slab_bytes = 0;  // its objects, sockets among them: /proc/meminfo
};
KernelUse UseOfKernel();

// Lets the calling thread run on this core alone. False if there is none such.
bool PinThread(int cpu);

// Whether PinThread() could, of this process.
bool CanPin(int cpu);

// Raises the soft limit of open files to the hard one and returns it.
int64_t RaiseOpenFiles();

// Waits for the end of a child, and kills it if that takes longer than 10 s.
void AwaitEnd(pid_t pid);

// `streamhub serve` in a process of its own. Its log goes where ours goes. It
// does not outlive this object, nor (by PR_SET_PDEATHSIG) this process.
class ServerProcess {
 public:
  // Runs this very program with `arguments`, and waits until it says where it
  // listens, at most 30 s. `stop` says whether to give up: Cancelled. It may
  // run on core `cpu` alone, or on any if that is negative.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const std::vector<std::string>& arguments,
      const std::function<bool()>& stop, int cpu = -1);

  // SIGTERM, and SIGKILL if it has not ended after 10 s.
  ~ServerProcess();

  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& url() const { return url_; }

  // Whether it still runs.
  bool Alive();

 private:
  ServerProcess(pid_t pid, int out) : pid_(pid), out_(out) {}
  absl::Status AwaitUrl(const std::function<bool()>& stop);

  pid_t pid_;
  int out_;  // its standard output
  std::string url_;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_PROCESS_H_
