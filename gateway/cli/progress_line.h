// How far a replay is, as one line on a terminal that is written over again
// and again. Pure; on the thread of the replay.

#ifndef STREAMHUB_GATEWAY_CLI_PROGRESS_LINE_H_
#define STREAMHUB_GATEWAY_CLI_PROGRESS_LINE_H_

#include <cstdint>
#include <string>

#include "feeds/replay/replay_feed.h"

namespace streamhub {

class ProgressLine {
 public:
  // "quotes.itch.gz (1/2)  42.3%  2024-01-02 14:30:00Z  1234567 messages
  // 10.0x", without a line's end. `mono_ns`: now.
  std::string Format(const ReplayProgress& progress, int64_t mono_ns);

 private:
  void Measure(const ReplayProgress& progress, int64_t mono_ns);

  // Where the measurement of the pace began, and what it was.
  size_t file_number_ = 0;
  int64_t round_ = 0;
  int64_t from_event_ns_ = 0;
  int64_t from_mono_ns_ = 0;
  double pace_ = -1;  // negative: not known yet
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_PROGRESS_LINE_H_
