#include "gateway/cli/progress_line.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <ctime>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub {

std::string ProgressLine::Format(const ReplayProgress& progress,
                                 int64_t mono_ns) {
  Measure(progress, mono_ns);
  std::string_view name = progress.file;
  name = name.substr(name.rfind('/') + 1);  // all of it, if there is none
  std::string line(name);
  if (progress.files > 1) {
    absl::StrAppend(&line, " (", progress.file_number, "/", progress.files,
                    ")");
  }
  if (progress.round > 1) absl::StrAppend(&line, " round ", progress.round);
  if (progress.fraction >= 0) {
    absl::StrAppendFormat(&line, "  %.1f%%", progress.fraction * 100);
  }
  if (progress.event_ns > 0) {
    const std::time_t seconds = progress.event_ns / kSecond;
    std::tm utc{};
    char text[32];
    gmtime_r(&seconds, &utc);
    std::strftime(text, sizeof text, "  %F %TZ", &utc);
    line += text;
  }
  absl::StrAppend(&line, "  ", progress.messages, " messages");
  if (pace_ >= 0) absl::StrAppendFormat(&line, "  %.1fx", pace_);
  return line;
}

// The pace over about the last second. Between files and rounds there is none.
void ProgressLine::Measure(const ReplayProgress& progress, int64_t mono_ns) {
  const bool same = file_number_ == progress.file_number &&
                    round_ == progress.round && from_event_ns_ > 0;
  const int64_t elapsed_ns = mono_ns - from_mono_ns_;
  if (same && elapsed_ns < kSecond) return;
  pace_ = !same ? -1
                : static_cast<double>(progress.event_ns - from_event_ns_) /
                      static_cast<double>(elapsed_ns);
  file_number_ = progress.file_number;
  round_ = progress.round;
  from_event_ns_ = progress.event_ns;
  from_mono_ns_ = mono_ns;
}

}  // namespace streamhub
