// A thread that runs a part of the clients on one epoll. It starts them at
// their times, reads whatever comes, and never makes the server wait but by
// what a socket holds: an open loop.
//
// The run's thread makes it, starts it and joins it; before and after, all of
// it is that thread's. In between only the members below "the door" are.

#ifndef STREAMHUB_BENCH_LOAD_WORKER_H_
#define STREAMHUB_BENCH_LOAD_WORKER_H_

#include <absl/status/status.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "bench/load/client.h"
#include "bench/load/reference.h"
#include "bench/load/tally.h"

namespace streamhub::load {

class Worker {
 public:
  explicit Worker(const RunPlan& plan) : plan_(plan) {}
  ~Worker();

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before Start(): a client that connects at `start_ns`, monotonic. To be
  // called in the order of those times.
  void Add(uint64_t number, const std::vector<uint32_t>& symbols,
           int64_t start_ns);
  void Start();

  // Ends the thread; the connections stay as they are.
  void Stop();

  // After Stop().
  const Tally& tally() const { return tally_; }
  void AddTo(const Reference& last, CheckResult* result) const;

  // --- the door: any thread, at any time ---

  // What comes in [begin, end) counts, monotonic time.
  void Measure(int64_t begin_ns, int64_t end_ns) {
    end_ns_.store(end_ns);
    begin_ns_.store(begin_ns);
  }

  // Compare the clients with `reference`, which lives until Stop().
  void CompareWith(const Reference* reference) { reference_.store(reference); }

  // Clients that have their first state, or failed before.
  int64_t settled() const { return settled_.load(); }
  int64_t failed() const { return failed_.load(); }
  int64_t updates() const { return updates_.load(); }
  // Subscriptions that did not equal the reference; the maximum before the
  // first comparison with this one.
  int64_t behind(const Reference* reference) const {
    return compared_.load() == reference ? behind_.load()
                                         : std::numeric_limits<int64_t>::max();
  }

 private:
  struct Entry {
    std::unique_ptr<Client> client;
    int64_t start_ns;
  };

  void Run();
  void StartDue(int64_t now_ns);
  void FailLate(int64_t now_ns);
  void Serve(Client& client, uint32_t events, bool measuring);
  void Watch(Client& client, int operation);
  void Fail(Client& client, const absl::Status& why);
  void Compare();

  const RunPlan& plan_;
  int epoll_ = -1;
  int bell_ = -1;  // rung to stop
  std::vector<Entry> clients_;
  size_t started_ = 0;  // of clients_
  size_t on_time_ = 0;  // of started_: ready, or failed
  std::vector<char> room_;
  Tally tally_;
  std::thread thread_;

  std::atomic<bool> stop_{false};
  std::atomic<int64_t> begin_ns_{std::numeric_limits<int64_t>::max()};
  std::atomic<int64_t> end_ns_{std::numeric_limits<int64_t>::max()};
  std::atomic<const Reference*> reference_{nullptr};
  std::atomic<const Reference*> compared_{nullptr};
  std::atomic<int64_t> settled_{0}, failed_{0}, updates_{0}, behind_{0};
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_WORKER_H_
