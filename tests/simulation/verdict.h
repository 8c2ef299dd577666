// The first thing that went wrong in a run, and a trace of what led to it.
//
// The simulation bites: each of these faults, put into the product in one
// line, is caught. The rule is the first that broke, at the first seed from 1.
//
//   fault                                            rule  seed
//   a cursor is moved though nothing is sent            4     1
//   ... of what a full batch left out                   1     1
//   ... one version too far                             5     1
//   a cursor never moves                                1     1
//   a batch is built while a write is outstanding       2     1
//   a resume is honoured across epochs                  3     3
//   ... for other fields                                3    26
//   ... from a version of the future                    3   257
//   ... whatever the token says                         3     3
//   ... to the present version                          1    11
//   an epoch change is not noticed                      3     2
//   ... leaves the cursors, or owes nothing          3, 5     2
//   ... does not change the control version             1     2
//   `snapshot` is left out                              3     1
//   a snapshot of only what changed                     1     1
//   merge instead of replace on a field change          3     1
//   synced before the initial state                     5     1
//   synced before its ack                               5    14
//   synced never; never once unsubscribed               5     1
//   an empty field is left out                          1     1
//   a read that is busy drops its dirt                  5     5
//   ... is not tried again                              5     5
//   half a write is read                                1     5
//   a session that is skipped drops its dirt            5     1
//   OnSent asks for no turn                             1     5
//   a full batch drops the rest, or ends it all         5     1
//   ... starts at the front again                      10    14
//   a new subscription owes nothing                     5     1
//   a subscription that is gone is still owed           1    30
//   a beat without its period, or off its grid          8     1
//   a period of four                                    1     2
//   a change of rate loses what was marked              1    63
//   ... leaves the old rate                             1     9
//   deadlines without the classes                       8     9
//   only one class gets the dirt                        1     1
//   quiet is never told                                 1     1
//   ... never told again after a tick                   1    10
//   ... never untold, or told always                   11     1
//   a status of a feed is not told                     11     1
//   ... wakes nobody; silence is not seen              11     2
//   an awaited symbol is not started                   10     1
//   ... only for one session that waits                 5     9
//   ticks count only changes                            7     1
//   a version per tick, or per field                    7     1
//   the same value is a change                          7     1
//   a frame of the turn before                          7     1
//   a frame of other fields                             1     2
//   ... of a delta for a snapshot                       3   110
//   ... of another word on quiet                       11    72
//   an event id of what was not sent                    4     1
//   an event id before the initial state                3     1
//   a turn that is cut drops its queue                 11     8
//   no heartbeat                                       11     1
//   reading is not resumed                             10     5
//   subscriptions are miscounted                       10     7
//   dirt is taken without the last word of 64 symbols   1    18
//   ... of symbols behind the last 64 for the first     1     9
//   a class forgets where its dirt begins, or ends      1    18
//
// Of polls, in the runs that have them (--gtest_filter=*Polls*):
//
//   the rate is not kept                                8     1
//   a heartbeat makes a slow request wait anew          8     1
//   an update renews the token of another request       8     1
//   a request that waits for its rate is forgotten      1     1
//   a cursor holds for any fields                       1     1
//   a new epoch is not noticed by a poll that waits     3     2
//   a belief in quiet is not looked at                 11     1
//   ... nor what is known of the feeds                 11     1
//   a symbol that appears is not described              9     1
//   a read that is busy is given up                     1     6
//
// Not seen, because another guard makes them harmless: a frame cache that
// trusts a cursor from the future (Subscribe never stores one), a resume in an
// epoch that the session has not met (its next flush sets the cursor to 0), a
// resume without news that ends no initial state (a new subscription is always
// told whether its symbol is quiet).

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
