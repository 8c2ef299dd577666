#include "feeds/iex/sequence_tracker.h"

#include <algorithm>
#include <limits>
#include <string>

#include "gateway/base/clock.h"

namespace streamhub::iex {
namespace {

// So much younger lower numbers are of a new run.
constexpr int64_t kYoungerNs = kSecond;

// a > b + kYoungerNs, whatever they are.
bool IsYounger(int64_t a, int64_t b) {
  int64_t age = 0;
  return a > b && (__builtin_sub_overflow(a, b, &age) || age > kYoungerNs);
}

}  // namespace

bool SequenceTracker::BeginsRun(const SegmentHead& head,
                                int64_t message_ns) const {
  if (counts_.runs == 0) return true;
  // What is left of the session before may come by the slower line.
  if (head.session != run_.session) return head.sent_ns > run_.last_sent_ns;
  if (head.first_sequence >= run_.next_sequence) return false;
  if (head.heartbeat()) return IsYounger(head.sent_ns, run_.last_sent_ns);
  return head.first_sequence == 1 ? message_ns > newest_message_ns_
                                  : IsYounger(message_ns, newest_message_ns_);
}

void SequenceTracker::BeginRun(const SegmentHead& head, int64_t captured_ns) {
  const bool joined = counts_.runs == 0;
  ++counts_.runs;
  run_ = {head.session, counts_.segments,    head.first_sequence,
          head.sent_ns, head.first_sequence, head.sent_ns};
  newest_message_ns_ = 0;
  run_gaps_ = gaps_.size();
  if (runs_.size() < kRunsKept) runs_.push_back(run_);
  if (!joined && head.first_sequence > 1) {
    Miss(1, head.first_sequence - 1, captured_ns);
  }
}

void SequenceTracker::Miss(int64_t first, int64_t last, int64_t captured_ns) {
  const Gap gap{run_.session, first, last, captured_ns};
  ++counts_.gaps;
  // What a sender claims may be anything: it stays at the largest number.
  counts_.lost += std::min(gap.messages(),
                           std::numeric_limits<int64_t>::max() - counts_.lost);
  gap_list_.Add(std::to_string(run_.session), static_cast<uint64_t>(first),
                static_cast<uint64_t>(last));
  if (gaps_.size() < kGapsKept) gaps_.push_back(gap);
}

// Of messages that are behind: which of them were lost, and which were had.
void SequenceTracker::CountBehind(int64_t first, int64_t last) {
  int64_t late = 0;
  for (size_t i = run_gaps_; i < gaps_.size(); ++i) {
    const int64_t from = std::max(first, gaps_[i].first);
    const int64_t to = std::min(last, gaps_[i].last);
    if (from <= to) late += to - from + 1;
  }
  counts_.late += late;
  counts_.duplicates += last - first + 1 - late;
}

SequenceTracker::Arrival SequenceTracker::Take(const SegmentHead& head,
                                               int64_t message_ns,
                                               int64_t captured_ns) {
  Arrival arrival{BeginsRun(head, message_ns), 0};
  if (arrival.run_begins) BeginRun(head, captured_ns);
  ++counts_.segments;
  if (head.heartbeat()) ++counts_.heartbeats;
  const int64_t end = head.first_sequence + head.messages;
  if (head.session != run_.session) {
    counts_.duplicates += head.messages;
    arrival.skip = head.messages;
    return arrival;
  }
  // What is behind does not tell that the run lives.
  const bool behind = head.first_sequence < run_.next_sequence;
  if (!behind || end > run_.next_sequence) {
    run_.last_sent_ns = std::max(run_.last_sent_ns, head.sent_ns);
  }
  if (head.first_sequence > run_.next_sequence) {
    Miss(run_.next_sequence, head.first_sequence - 1, captured_ns);
    run_.next_sequence = head.first_sequence;
  }
  if (behind && !head.heartbeat()) {
    const int64_t had = std::min(end, run_.next_sequence);
    CountBehind(head.first_sequence, had - 1);
    arrival.skip = static_cast<size_t>(had - head.first_sequence);
  }
  if (end > run_.next_sequence) {
    counts_.messages += end - run_.next_sequence;
    run_.next_sequence = end;
    newest_message_ns_ = std::max(newest_message_ns_, message_ns);
  }
  if (static_cast<size_t>(counts_.runs) == runs_.size()) runs_.back() = run_;
  return arrival;
}

}  // namespace streamhub::iex
