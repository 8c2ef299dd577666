// What there is to know of one recording: what is in it, from when to when, how
// busy it was, what is missing and what is wrong. Control path, its caller's
// thread.

#ifndef STREAMHUB_FEEDS_REPLAY_INSPECTION_H_
#define STREAMHUB_FEEDS_REPLAY_INSPECTION_H_

#include <absl/status/status.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "feeds/gap_list.h"
#include "feeds/replay/findings.h"
#include "feeds/replay/recording_kind.h"
#include "feeds/replay/recording_run.h"

namespace streamhub {

// The most messages of one stretch of time, and when it began, in ns since 1970
// UTC.
struct Peak {
  int64_t from_ns = 0;
  int64_t messages = 0;

  friend bool operator==(const Peak&, const Peak&) = default;
};

// Finds it among stretches that begin at whole multiples of their width.
class PeakFinder {
 public:
  // `width_ns` > 0.
  explicit PeakFinder(int64_t width_ns) : width_ns_(width_ns) {}

  // Times are about in order: one that is not begins its stretch anew.
  void Add(int64_t time_ns, int64_t messages) {
    // Never negative where it counts, and may be beyond what is signed.
    const uint64_t after =
        static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(from_ns_);
    if (time_ns < from_ns_ || after >= static_cast<uint64_t>(width_ns_)) {
      Begin(time_ns);
    }
    messages_ += messages;
    if (messages_ > peak_.messages) peak_ = {from_ns_, messages_};
  }

  // The earliest of equal ones.
  const Peak& peak() const { return peak_; }

 private:
  void Begin(int64_t time_ns);

  const int64_t width_ns_;
  int64_t from_ns_ = std::numeric_limits<int64_t>::max();  // none began yet
  int64_t messages_ = 0;
  Peak peak_;
};

struct InspectedSymbol {
  std::string code;
  int quantity_decimals = 0;  // of `volume`
  int64_t ticks = 0;
  int64_t trades = 0;  // on its tape, without those that became void
  int64_t volume = 0;  // of these, as far as their sizes are told; at most the
                       // largest number there is
};

struct Inspection {
  std::string path;
  RecordingKind kind = RecordingKind::kItch;
  int64_t bytes = 0;  // of the file that were read
  int64_t records = 0;
  int64_t messages = 0;
  int64_t ticks = 0;
  int64_t trades = 0;
  // Times of records: the earliest and the latest.
  std::optional<int64_t> first_ns, last_ns;
  Peak second;                           // of a second
  Peak tenth;                            // of 100 ms
  std::vector<InspectedSymbol> symbols;  // in the order of their codes
  GapList gaps;
  Findings findings;
  absl::Status status;   // of the reader
  bool stopped = false;  // before its end, by the caller

  // Nothing is wrong and nothing is missing.
  bool IsWhole() const;
};

// Reads all of the one file of `run`, of which nothing was read before. Asks
// `go_on` as PlayRun() does.
Inspection Inspect(RecordingRun& run, const std::function<bool()>& go_on);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_INSPECTION_H_
