// All clients of a load test, on the threads of this process, or on those of
// several others that it makes. One thread, which must be the only one of the
// process when a crowd of several processes starts.

#ifndef STREAMHUB_BENCH_LOAD_CROWD_H_
#define STREAMHUB_BENCH_LOAD_CROWD_H_

#include <absl/status/statusor.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bench/load/checker.h"
#include "bench/load/child.h"
#include "bench/load/harvest.h"
#include "bench/load/process.h"
#include "bench/load/worker.h"

namespace streamhub::load {

struct CrowdOptions {
  uint64_t seed = 1;
  int64_t processes = 1;  // 1: this one
  int64_t threads = 1;    // of each
  std::vector<int> cpus;  // the threads in turn; empty: wherever
  double connect_rate = 500;
  double slow_share = 0;
  double storm_share = 0;
  bool feed_ends = false;  // see Checker
};

class Crowd {
 public:
  // `stop`, asked several times a second, says whether to give up. All outlive
  // it.
  Crowd(const RunPlan& plan, const CrowdOptions& options,
        std::function<bool()> stop);
  ~Crowd();

  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Clients with these symbols begin to connect at `begin_ns`, monotonic.
  absl::Status Start(const std::vector<std::vector<uint32_t>>& symbols,
                     int64_t begin_ns);

  // After Start(): see Worker. The storm breaks out at its time, if there is
  // one.
  void Measure(int64_t begin_ns, int64_t end_ns);
  int64_t settled() const { return Sum(&WorkerDoor::settled); }
  int64_t failed() const { return Sum(&WorkerDoor::failed); }
  int64_t updates() const { return Sum(&WorkerDoor::updates); }

  // False if a process with clients has ended before Stop(), which then says
  // so: nobody need wait for its clients.
  bool Whole() const;

  // After the measurement, several times a second: checks on.
  absl::Status CheckStep();
  int64_t Behind() const;  // see Checker

  // What the processes with clients use; also of those that have ended.
  ProcessUse Use() const;

  // Ends it. Of the check there is only something if it was begun.
  absl::StatusOr<Harvest> Stop();

 private:
  // What a process tells and is told beside what its workers are.
  struct ProcessDoor {
    std::atomic<bool> check{false};
    std::atomic<int64_t> behind{WorkerDoor::kNever};
  };

  size_t WorkerCount() const {
    return static_cast<size_t>(options_.processes * options_.threads);
  }
  int64_t Sum(std::atomic<int64_t> WorkerDoor::*member) const;
  void MakeWorkers(const std::vector<std::vector<uint32_t>>& symbols,
                   size_t process, int64_t begin_ns);
  Harvest Reap();
  int RunProcess(size_t process, int channel);
  absl::Status CheckHere();

  const RunPlan& plan_;
  const CrowdOptions& options_;
  const std::function<bool()> stop_;
  SharedArray<WorkerDoor> doors_;
  SharedArray<ProcessDoor> processes_;

  // Of this process, or of one that it made, in that one.
  std::unique_ptr<Checker> checker_;  // outlives the workers' threads
  std::vector<std::unique_ptr<Worker>> workers_;
  absl::Status check_error_;

  std::vector<std::unique_ptr<Child>> children_;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CROWD_H_
