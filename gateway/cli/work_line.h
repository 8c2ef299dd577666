// How far a command is that works through recordings: one line on a terminal
// that is written over again and again, nothing where there is none. Main
// thread.

#ifndef STREAMHUB_GATEWAY_CLI_WORK_LINE_H_
#define STREAMHUB_GATEWAY_CLI_WORK_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/cli/stop_signal.h"

namespace streamhub {

class RecordingRun;

// The line. Pure.
class WorkLine {
 public:
  // "quotes.itch.gz  42.3%  1234567 messages  3.10 million/s  0:12 left",
  // without a line's end; what is not known is left out. `bytes_total` 0: not
  // known. The first call begins the measurement.
  std::string Format(std::string_view path, int64_t bytes_read,
                     int64_t bytes_total, int64_t messages, int64_t mono_ns);

 private:
  bool began_ = false;
  int64_t from_ns_ = 0;
  int64_t from_bytes_ = 0;
  int64_t from_messages_ = 0;
};

// Shows it while something is read, and asks whether to go on.
class WorkReport {
 public:
  // `stop` outlives this. `path`: what is read.
  WorkReport(const StopSignal& stop, std::string path);
  // Wipes the line out.
  ~WorkReport();

  WorkReport(const WorkReport&) = delete;
  WorkReport& operator=(const WorkReport&) = delete;

  // False: somebody wants it stopped.
  bool GoOn(const RecordingRun& run);

 private:
  const StopSignal& stop_;
  const std::string path_;
  const bool terminal_;
  WorkLine line_;
  int64_t due_ns_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_WORK_LINE_H_
