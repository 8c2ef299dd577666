// A thread that runs a part of the clients on one epoll. It starts them at
// their times, reads whatever comes, and never makes the server wait but by
// what a socket holds: an open loop.
//
// The run's thread makes it, starts it and joins it; before and after, all of
// it is that thread's. In between only the members below "the door" are. What
// is told and asked there lies in a WorkerDoor, which may be memory that
// processes share: then others may as well, in theirs.

#ifndef STREAMHUB_BENCH_LOAD_WORKER_H_
#define STREAMHUB_BENCH_LOAD_WORKER_H_

#include <absl/status/status.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

#include "bench/load/client.h"
#include "bench/load/reference.h"
#include "bench/load/tally.h"

namespace streamhub::load {

// Zeros, or never, at first; any thread of any process.
struct WorkerDoor {
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // Told to the worker; monotonic.
  std::atomic<int64_t> begin_ns{kNever}, end_ns{kNever}, storm_ns{kNever};

  // Told by it.
  std::atomic<int64_t> settled{0}, failed{0}, updates{0};
  std::atomic<int64_t> idle_ns{0};  // of CPU, spun with nothing to read
};
static_assert(std::atomic<int64_t>::is_always_lock_free);

class Worker {
 public:
  // Both outlive it; without a door it has one of its own. Its thread runs on
  // core `cpu` alone, if that is not negative.
  explicit Worker(const RunPlan& plan, WorkerDoor* door = nullptr,
                  int cpu = -1);
  ~Worker();

  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before Start(): a client that connects at `start_ns`, monotonic. To be
  // called in the order of those times.
  void Add(uint64_t number, const std::vector<uint32_t>& symbols,
           int64_t start_ns, Manner manner = {});
  void Start();

  // Ends the thread; the connections stay as they are.
  void Stop();

  // After Stop().
  const Tally& tally() const { return tally_; }
  void AddTo(const Reference& last, CheckResult* result) const;

  // --- the door: any thread, at any time ---

  // What comes in [begin, end) counts, monotonic time. Until then slow clients
  // are slow.
  void Measure(int64_t begin_ns, int64_t end_ns) {
    door_->end_ns.store(end_ns);
    door_->begin_ns.store(begin_ns);
  }

  // Compare the clients with `reference`, which lives until Stop().
  void CompareWith(const Reference* reference) { reference_.store(reference); }

  // Clients that have their first state, or failed before.
  int64_t settled() const { return door_->settled.load(); }
  int64_t failed() const { return door_->failed.load(); }
  int64_t updates() const { return door_->updates.load(); }
  // Subscriptions that did not equal the reference; the maximum before the
  // first comparison with this one.
  int64_t behind(const Reference* reference) const {
    return compared_.load() == reference ? behind_.load()
                                         : std::numeric_limits<int64_t>::max();
  }

 private:
  // Clients in the order in which they are to connect.
  struct Starts {
    struct Entry {
      Client* client;
      int64_t start_ns;
    };

    int64_t Next() const;  // when; WorkerDoor::kNever: all have

    std::vector<Entry> entries;
    size_t started = 0;  // of entries
    size_t on_time = 0;  // of started: ready, or failed
  };

  struct SlowRead {
    Client* client;
    int64_t next_ns;
  };

  void Run();
  int WaitMs(int64_t now_ns) const;
  void StartDue(Starts& starts, int64_t now_ns);
  void FailLate(Starts& starts, int64_t now_ns);
  void Serve(Client& client, uint32_t events, int64_t now_ns);
  absl::Status Read(Client& client, size_t bytes_max, int64_t now_ns);
  void Watch(Client& client, int operation);
  void Fail(Client& client, const absl::Status& why);
  void Compare();
  // behaviours.cc: slow clients and storms
  bool IsHeldBack(const Client& client) const;
  void ReadSlowly(int64_t now_ns);
  void Storm(int64_t now_ns);
  void NoteReturn(const Client& client);
  bool IsSurvivor(const Client& client) const;
  int64_t StormEndNs() const;
  void NoteGaps();
  void NoteLongestGap();

  const RunPlan& plan_;
  const std::unique_ptr<WorkerDoor> own_door_;
  WorkerDoor* const door_;
  const int cpu_;
  int epoll_ = -1;
  int bell_ = -1;  // rung to stop
  std::vector<std::unique_ptr<Client>> clients_;
  Starts firsts_, returns_;
  std::deque<SlowRead> slow_;  // by next_ns
  bool released_ = false;      // slow clients are slow no more
  int64_t stormed_ns_ = 0;     // when the storm began; 0: none yet
  std::vector<char> room_;
  Tally tally_;
  std::thread thread_;

  std::atomic<bool> stop_{false};
  std::atomic<const Reference*> reference_{nullptr};
  std::atomic<const Reference*> compared_{nullptr};
  std::atomic<int64_t> behind_{0};
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_WORKER_H_
