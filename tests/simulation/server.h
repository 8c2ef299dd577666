// The production side of a simulation, market to fanout, on a clock turned by
// hand, and the oracle that is told the same.

#ifndef STREAMHUB_TESTS_SIMULATION_SERVER_H_
#define STREAMHUB_TESTS_SIMULATION_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "feeds/publisher.h"
#include "gateway/session/fanout.h"
#include "tests/simulation/oracle.h"
#include "tests/simulation/random.h"

namespace streamhub::simulation {

// Time stands still but when it is told to go on, or, to see turns that take
// long, goes on a little whenever it is asked for.
class SimulatedClock final : public Clock {
 public:
  int64_t WallNs() const override { return kStartWallNs + now_ns; }
  int64_t MonoNs() const override {
    slept_ns_ += reading_takes_ns;
    return kStartMonoNs + now_ns + slept_ns_;
  }

  // What readings took so far becomes part of the time.
  void Settle() {
    now_ns += slept_ns_;
    slept_ns_ = 0;
  }

  int64_t now_ns = 0;
  int64_t reading_takes_ns = 0;

 private:
  static constexpr int64_t kStartWallNs = 1'700'000'000 * kSecond;
  static constexpr int64_t kStartMonoNs = 1'000 * kSecond;
  mutable int64_t slept_ns_ = 0;
};

class Server {
 public:
  struct Plan {
    size_t symbols_max = 1000;
    SessionLimits limits;
    std::vector<FeedInfo> feeds;
    uint64_t epoch_seed = 1;
  };

  Server(const Plan& plan, SimulatedClock& clock);

  // True if the shard's thread would run now.
  bool Wants() const;

  // One turn, and falling asleep after it. True if work is left. `begins` is
  // called when the oracle knows that a turn begins.
  bool Turn(const std::function<void()>& begins);

  // --- what feeds do; every call is a batch of its own ---

  void Define(size_t feed, SymbolInfo info);
  // Symbols that nobody asks for, which tick once: others get ids far apart, in
  // other words of the dirty bits.
  void DefineBystanders(size_t feed, size_t count);
  void Tick(OracleSymbol& symbol, std::span<const FieldValue> values,
            int64_t event_ns);
  void StartEpoch(size_t feed);
  void SetStatus(size_t feed, FeedStatus status);
  void Heartbeat(size_t feed);

  // The writer of the symbol stops in the middle of a write, and goes on. No
  // ticks in between.
  void EnterWrite(OracleSymbol& symbol);
  void LeaveWrite(OracleSymbol& symbol);

  Oracle oracle;
  Counters counters;
  Market market;
  ShardWake& wake;
  std::unique_ptr<Fanout> fanout;

 private:
  SimulatedClock& clock_;
  std::vector<std::unique_ptr<Publisher>> publishers_;
  size_t bystanders_ = 0;
  bool asleep_ = false;
  bool work_left_ = false;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_SERVER_H_
