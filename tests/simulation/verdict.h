// The first thing that went wrong in a run, and a trace of what led to it.

#ifndef STREAMHUB_TESTS_SIMULATION_VERDICT_H_
#define STREAMHUB_TESTS_SIMULATION_VERDICT_H_

#include <cstdio>
#include <string>
#include <string_view>

namespace streamhub::simulation {

// The rule of the design's delivery rules that a check holds, and others.
enum class Rule {
  kCursor = 1,    // 1: moves only with an update, and skips nothing
  kOneInFlight,   // 2: nothing is built while a write is outstanding
  kValidity,      // 3: a cursor of other fields, epoch or future is 0
  kHonestResume,  // 4: only what the client says it holds counts
  kInitial,       // 5: from 0 replaces, else merges; synced when complete
  kConvergence,   // 6: in the end every client holds what the market holds
  kCounting,      // 7: a tick that changes nothing counts, and no more
  kRate,          // no update sooner than its rate allows, none too late
  kAnswers,       // every request is answered, rightly and in order
  kBounds,        // batches and pending answers are bounded
  kState,         // feeds, heartbeats, quiet
};

class Verdict {
 public:
  explicit Verdict(bool trace) : trace_(trace) {}

  bool ok() const { return text_.empty(); }
  const std::string& text() const { return text_; }
  bool traces() const { return trace_; }

  // Returns `holds`.
  bool Expect(bool holds, Rule rule, std::string_view what) {
    if (!holds && ok()) {
      text_ = "rule ";
      text_ += std::to_string(static_cast<int>(rule));
      text_ += ": ";
      text_ += what;
      Trace(text_);
    }
    return holds;
  }

  void Trace(std::string_view line) const {
    if (!trace_) return;
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  }

 private:
  const bool trace_;
  std::string text_;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_VERDICT_H_
