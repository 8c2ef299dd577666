#include "feeds/line_marks.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace streamhub {

LineMarks::LineMarks(const std::vector<std::string>& names, int64_t silent_ns)
    : silent_ns_(silent_ns), lines_(names.size()) {
  for (size_t i = 0; i < names.size(); ++i) lines_[i].mark.name = names[i];
}

void LineMarks::End() {
  for (Line& line : lines_) line.seen.Expect(all_.next());
}

void LineMarks::Begin(uint64_t first) {
  End();
  all_.Begin(first);
  for (Line& line : lines_) line.seen.Begin(first);
  moments_told_ = 0;
}

void LineMarks::Heard(size_t line, uint64_t first, uint64_t end,
                      int64_t time_ns) {
  Line& one = lines_[line];
  FeedLine& mark = one.mark;
  ++mark.packets;
  mark.heard_ns = std::max(mark.heard_ns, time_ns);
  if (!mark.up) {
    mark.up = true;
    mark.since_ns = time_ns;
  }
  if (!std::exchange(heard_any_, true)) Use(line, time_ns);
  Look(time_ns);
  if (first == end) {
    one.seen.Expect(first);
    all_.Expect(first);
    return;
  }
  const uint64_t high = all_.next();
  const uint64_t brought = one.seen.Add(first, end);
  const uint64_t fresh = all_.Add(first, end);
  mark.first += static_cast<int64_t>(fresh);
  mark.copies += static_cast<int64_t>(std::max(brought, fresh) - fresh);
  if (all_.next() > high) {
    moments_[moments_told_++ % moments_.size()] = {end, time_ns};
    mark.lag_ns = 0;
  }
  if (fresh > 0) {
    Lead(line, time_ns);
  } else if (brought > 0) {
    Follow(one, end, time_ns);
  }
}

// It brought what no line had brought.
void LineMarks::Lead(size_t line, int64_t time_ns) {
  ahead_times_ = line == ahead_ ? ahead_times_ + 1 : 1;
  ahead_ = line;
  if (line != used_ && ahead_times_ >= kTakeOver) Use(line, time_ns);
}

// It brought what another line had brought before.
void LineMarks::Follow(Line& line, uint64_t end, int64_t time_ns) {
  const uint64_t kept = std::min<uint64_t>(moments_told_, moments_.size());
  uint64_t low = moments_told_ - kept;
  uint64_t high = moments_told_;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    if (moments_[middle % moments_.size()].end < end) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == moments_told_) return;
  // At least so much, if it is so far behind that it is not known any more.
  const Moment& came = moments_[low % moments_.size()];
  line.mark.lag_ns = std::max<int64_t>(time_ns - came.time_ns, 0);
}

void LineMarks::Use(size_t line, int64_t time_ns) {
  used_ = line;
  used_since_ns_ = time_ns;
}

void LineMarks::Look(int64_t time_ns) {
  for (Line& line : lines_) {
    FeedLine& mark = line.mark;
    if (!mark.up || time_ns - mark.heard_ns <= silent_ns_) continue;
    mark.up = false;
    mark.since_ns = mark.heard_ns + silent_ns_;
  }
  if (lines_[used_].mark.up) return;
  for (size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].mark.up) return Use(i, time_ns);
  }
}

FeedLines LineMarks::marks() const {
  FeedLines marks;
  for (const Line& line : lines_) {
    FeedLine& mark = marks.lines.emplace_back(line.mark);
    const uint64_t behind =
        mark.up ? 0 : all_.next() - std::min(all_.next(), line.seen.next());
    constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
    mark.missed = static_cast<int64_t>(
        std::min(std::min(line.seen.missing(), kMax) + behind, kMax));
  }
  marks.used = used_;
  marks.used_since_ns = used_since_ns_;
  return marks;
}

}  // namespace streamhub
