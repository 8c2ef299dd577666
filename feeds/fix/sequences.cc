#include "feeds/fix/sequences.h"

#include <algorithm>

namespace streamhub::fix {

Sequences::Verdict Sequences::On(const Message& message, const Place& place) {
  Verdict verdict = Verdict::kUse;
  if (message.seq.has_value()) {
    const size_t stream = Find(false, message.sender, message.target);
    if (stream != kStreamsMax) verdict = OnSession(stream, message, place);
  }
  if (verdict == Verdict::kUse && message.appl_seq.has_value()) {
    const size_t stream = Find(true, message.appl_id, {});
    if (stream != kStreamsMax) verdict = OnApplication(stream, message, place);
  }
  return verdict;
}

size_t Sequences::Find(bool application, std::string_view sender,
                       std::string_view target) {
  const auto is_it = [&](const Stream& s) {
    return s.application == application &&
           std::string_view(s.name).substr(0, s.sender_bytes) == sender &&
           std::string_view(s.name).substr(s.target_at) == target;
  };
  // Most logs are of one.
  size_t& last = last_found_[application ? 1 : 0];
  if (last < streams_.size() && is_it(streams_[last])) return last;
  const auto known = std::find_if(streams_.begin(), streams_.end(), is_it);
  if (known != streams_.end()) {
    last = static_cast<size_t>(known - streams_.begin());
    return last;
  }
  if (streams_.size() == kStreamsMax) return kStreamsMax;
  Stream& made = streams_.emplace_back();
  made.application = application;
  made.name = std::string(sender);
  made.sender_bytes = sender.size();
  if (!application) made.name.append(">").append(target);
  made.target_at = made.name.size() - target.size();
  last = streams_.size() - 1;
  return last;
}

Sequences::Verdict Sequences::OnSession(size_t stream, const Message& message,
                                        const Place& place) {
  const uint64_t seq = *message.seq;
  uint64_t& next = streams_[stream].next;
  if (message.type == kSequenceReset) {
    OnReset(stream, message, place);
    return Verdict::kUse;
  }
  const bool anew = message.type == kLogon && (message.reset_seq || seq < next);
  if (next == 0) {
    next = seq + 1;
  } else if (!message.poss_dup && (anew || (seq == 1 && next > 1))) {
    Restart(stream, seq + 1);
  } else if (seq >= next) {
    if (seq > next) AddGap(stream, next, seq - 1, place);
    next = seq + 1;
  } else if (message.poss_dup) {
    if (!Fill(stream, seq, seq)) {
      ++repeats_;
      return Verdict::kRepeat;
    }
  } else {
    ++too_low_;
    return Verdict::kTooLow;
  }
  return Verdict::kUse;
}

void Sequences::OnReset(size_t stream, const Message& message,
                        const Place& place) {
  uint64_t& next = streams_[stream].next;
  const uint64_t seq = *message.seq;
  const uint64_t to = message.new_seq.value_or(seq + 1);
  if (next == 0) next = message.gap_fill ? seq : to;
  if (message.gap_fill) {
    if (seq > next) AddGap(stream, next, seq - 1, place);
    if (to > seq) Fill(stream, seq, to - 1);
  } else if (to > next) {
    AddGap(stream, next, to - 1, place);
  }
  if (to < next && !(message.gap_fill && message.poss_dup)) ++too_low_;
  next = std::max(next, to);
}

Sequences::Verdict Sequences::OnApplication(size_t stream,
                                            const Message& message,
                                            const Place& place) {
  const uint64_t seq = *message.appl_seq;
  uint64_t& next = streams_[stream].next;
  const bool again = message.appl_resend || message.poss_dup;
  if (next == 0) {
    next = seq + 1;
  } else if (seq >= next) {
    const uint64_t before = message.appl_last_seq.value_or(seq - 1);
    if (before >= next && before < seq) AddGap(stream, next, before, place);
    next = seq + 1;
  } else if (Fill(stream, seq, seq)) {
    return Verdict::kUse;
  } else if (again) {
    ++repeats_;
    return Verdict::kRepeat;
  } else if (seq + 1 == next) {
    ++shared_;
  } else {
    Restart(stream, seq + 1);
  }
  return Verdict::kUse;
}

void Sequences::AddGap(size_t stream, uint64_t first, uint64_t last,
                       const Place& place) {
  ++gap_changes_;
  if (gaps_.size() == kGapsMax) {
    ++gaps_untold_;
    return;
  }
  gaps_.push_back({stream, first, last, place, /*open=*/true});
}

// True if any of these numbers was missing.
bool Sequences::Fill(size_t stream, uint64_t first, uint64_t last) {
  bool any = false;
  for (size_t i = 0; i < gaps_.size(); ++i) {
    Gap& gap = gaps_[i];
    if (gap.stream != stream || !gap.open || last < gap.first ||
        gap.last < first) {
      continue;
    }
    any = true;
    ++gap_changes_;
    const Gap whole = gap;
    filled_ += static_cast<int64_t>(std::min(last, whole.last) -
                                    std::max(first, whole.first) + 1);
    const bool before = whole.first < first;
    const bool after = last < whole.last;
    if (before) gap.last = first - 1;
    if (after && !before) gap.first = last + 1;
    if (after && before) {
      if (gaps_.size() == kGapsMax) {
        ++gaps_untold_;
      } else {
        Gap rest = whole;
        rest.first = last + 1;
        gaps_.insert(gaps_.begin() + static_cast<std::ptrdiff_t>(++i), rest);
      }
    }
    if (!after && !before) {
      gaps_.erase(gaps_.begin() + static_cast<std::ptrdiff_t>(i--));
    }
  }
  return any;
}

void Sequences::Restart(size_t stream, uint64_t next) {
  ++restarts_;
  streams_[stream].next = next;
  for (Gap& gap : gaps_) {
    if (gap.stream == stream) gap.open = false;
  }
}

}  // namespace streamhub::fix
