// How the lines do that bring the same numbered messages (A and B of a feed,
// primary and backup): which of them brings what first, which is ahead now and
// since when, how far the others are behind, what each of them misses, and
// which is silent. Pure: told of packets in the order of their times, whatever
// protocol they are of; what each message is worth is for others to know. One
// thread; steady state without allocation.
//
// - A line is down when it has not been heard of for the threshold, by the time
//   of the lines that are; up again with its next packet.
// - The line in use is the one that brings messages first. So that two that are
//   level do not take turns with every packet, another one is in use only when
//   it was first kTakeOver times in a row, or at once if the one in use is
//   down.
// - The lag of a line is how much later the newest copy came on it.

#ifndef STREAMHUB_FEEDS_LINE_MARKS_H_
#define STREAMHUB_FEEDS_LINE_MARKS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "feeds/seen_numbers.h"
#include "gateway/market/feed_health.h"

namespace streamhub {

class LineMarks {
 public:
  static constexpr int kTakeOver = 16;

  // A line for each name, all of them down and the first in use.
  LineMarks(const std::vector<std::string>& names, int64_t silent_ns);

  // A stream begins, whose numbers begin with `first`. Before any packet.
  void Begin(uint64_t first);

  // The stream is over: what did not come will not.
  void End();

  // `line` brought messages `first` to `end` - 1 at `time_ns`; none, if both
  // are the number that comes next: a heartbeat.
  void Heard(size_t line, uint64_t first, uint64_t end, int64_t time_ns);

  // So far. What another line has brought beyond a line's last packet is still
  // on its way, and not counted as missed before that line is down.
  FeedLines marks() const;

  // Sent, and brought by no line so far.
  uint64_t missing() const { return all_.missing(); }

 private:
  struct Line {
    FeedLine mark;
    SeenNumbers seen;
  };
  // When the numbers up to `end` had come first.
  struct Moment {
    uint64_t end = 0;
    int64_t time_ns = 0;
  };

  void Lead(size_t line, int64_t time_ns);
  void Follow(Line& line, uint64_t end, int64_t time_ns);
  void Use(size_t line, int64_t time_ns);
  void Look(int64_t time_ns);

  const int64_t silent_ns_;
  std::vector<Line> lines_;
  SeenNumbers all_;
  bool heard_any_ = false;
  size_t used_ = 0;
  int64_t used_since_ns_ = 0;
  size_t ahead_ = 0;  // was first the last time
  int ahead_times_ = 0;
  std::array<Moment, 1024> moments_;  // the newest; a ring
  uint64_t moments_told_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_LINE_MARKS_H_
