// Compares the clients of some workers with what the gateway says, after a
// measurement. One thread, which is not the workers'.
//
// Where the feed ends there is one reference, of the end. Where it goes on
// every second brings another, until every subscription was caught at one.

#ifndef STREAMHUB_BENCH_LOAD_CHECKER_H_
#define STREAMHUB_BENCH_LOAD_CHECKER_H_

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "bench/load/http.h"
#include "bench/load/reference.h"
#include "bench/load/worker.h"

namespace streamhub::load {

class Checker {
 public:
  using Workers = std::vector<std::unique_ptr<Worker>>;

  // All outlive it; it outlives the threads of the workers.
  Checker(const RunPlan& plan, const Workers& workers, bool feed_ends,
          std::function<bool()> stop)
      : plan_(plan),
        workers_(workers),
        feed_ends_(feed_ends),
        http_(plan.target, std::move(stop)) {}

  // To be called several times a second; asks the gateway if it is time.
  absl::Status Step();

  // Subscriptions that did not equal the newest reference; the maximum before
  // all were compared with it.
  int64_t Behind() const;

  // Whether the feed had ended before the first step.
  bool ended_early() const { return ended_early_; }

  // After the workers have stopped.
  void AddTo(CheckResult* result) const;

 private:
  const RunPlan& plan_;
  const Workers& workers_;
  const bool feed_ends_;
  HttpClient http_;
  std::vector<std::unique_ptr<Reference>> references_;
  int64_t next_ns_ = 0;  // when to ask again
  bool ended_early_ = false;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_CHECKER_H_
