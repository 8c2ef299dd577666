// Follows the sequence numbers of one stream of IEX-TP (specification "IEX
// Transport Protocol", sections "Sessions" and "Heartbeats"): says which
// messages of a segment are new, and remembers what was lost. One thread;
// allocates only where a gap or a run begins, and keeps a bounded number of
// both.
//
// - Numbers that are passed over are a gap as soon as a later one is seen, in
//   a segment with messages or in a heartbeat, which tells the next number.
//   The message behind the gap counts at once; what comes late is left out,
//   because levels and quotes are absolute, and older ones would undo newer.
// - What was had before (a copy, the other line of two, which may cut the same
//   messages into other segments) is left out message by message.
// - A run is a sequence that begins anew: the first segment, another session,
//   or lower numbers of the same session that are younger: IEX's test system
//   restarts so at 1. It is told from a copy by time. The first message of a
//   session is older than any other of it, so that a younger one under number
//   1 is no copy. Otherwise lower numbers have to be a second younger than the
//   newest, by the time of the message or, in a heartbeat, of sending: lines
//   differ by less, and what is sent again keeps its messages' times.
// - What a run lacks at its beginning is a gap, but not of the first one: there
//   the stream was joined.

#ifndef STREAMHUB_FEEDS_IEX_SEQUENCE_TRACKER_H_
#define STREAMHUB_FEEDS_IEX_SEQUENCE_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "feeds/gap_list.h"
#include "feeds/iex/segment.h"

namespace streamhub::iex {

// Messages `first` to `last` never came, or too late.
struct Gap {
  uint32_t session = 0;
  int64_t first = 0;
  int64_t last = 0;
  int64_t captured_ns = 0;  // when it was noticed

  int64_t messages() const { return last - first + 1; }
  friend bool operator==(const Gap&, const Gap&) = default;
};

struct Run {
  uint32_t session = 0;
  int64_t first_segment = 0;  // its index among all that were taken
  int64_t first_sequence = 0;
  int64_t first_sent_ns = 0;
  int64_t next_sequence = 0;  // so far
  int64_t last_sent_ns = 0;

  friend bool operator==(const Run&, const Run&) = default;
};

class SequenceTracker {
 public:
  // Beyond these only the counts go on.
  static constexpr size_t kGapsKept = 1000;
  static constexpr size_t kRunsKept = 1000;

  struct Counts {
    int64_t segments = 0;
    int64_t heartbeats = 0;
    int64_t messages = 0;  // new ones
    int64_t runs = 0;
    int64_t gaps = 0;
    int64_t lost = 0;        // messages in gaps
    int64_t late = 0;        // of these, such that came after all
    int64_t duplicates = 0;  // messages that were had before

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  struct Arrival {
    bool run_begins;
    size_t skip;  // so many of its first messages are not new; maybe all
  };

  // A segment arrived. `message_ns`: the time of its first message, if it has
  // any; `captured_ns`: when it was received.
  Arrival Take(const SegmentHead& head, int64_t message_ns,
               int64_t captured_ns);

  // Whether Take() would say so.
  bool BeginsRun(const SegmentHead& head, int64_t message_ns) const;

  // Of the run that goes on: the number that is wanted next. 0 before any.
  uint32_t session() const { return run_.session; }
  int64_t next_sequence() const { return run_.next_sequence; }

  const Counts& counts() const { return counts_; }
  const std::vector<Gap>& gaps() const { return gaps_; }  // oldest first
  const std::vector<Run>& runs() const { return runs_; }  // likewise

  // The gaps of all runs in the form that all feeds share; sessions by their
  // numbers.
  const GapList& gap_list() const { return gap_list_; }

 private:
  void BeginRun(const SegmentHead& head, int64_t captured_ns);
  void Miss(int64_t first, int64_t last, int64_t captured_ns);
  void CountBehind(int64_t first, int64_t last);

  Counts counts_;
  Run run_;  // the one that goes on
  int64_t newest_message_ns_ = 0;
  std::vector<Gap> gaps_;
  GapList gap_list_;
  std::vector<Run> runs_;
  size_t run_gaps_ = 0;  // where those of this run begin
};

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_SEQUENCE_TRACKER_H_
