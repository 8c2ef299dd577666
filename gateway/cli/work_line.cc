#include "gateway/cli/work_line.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "feeds/replay/recording_run.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

constexpr int64_t kShownEveryNs = 100 * kMillisecond;
// Before that a rate says little.
constexpr int64_t kMeasuredNs = kSecond / 2;

std::string RateText(double per_second) {
  constexpr double kMillion = 1e6;
  if (per_second >= kMillion) {
    return absl::StrFormat("%.2f million/s", per_second / kMillion);
  }
  return absl::StrFormat("%.0f/s", per_second);
}

std::string TimeLeft(double seconds) {
  constexpr int kMinute = 60;
  constexpr double kTooLong = 100.0 * 3600;
  if (seconds >= kTooLong) return "";
  const int whole = static_cast<int>(seconds + 0.5);
  const int minutes = whole / kMinute;
  if (minutes < kMinute) {
    return absl::StrFormat("%d:%02d left", minutes, whole % kMinute);
  }
  return absl::StrFormat("%d:%02d:%02d left", minutes / kMinute,
                         minutes % kMinute, whole % kMinute);
}

}  // namespace

std::string WorkLine::Format(std::string_view path, int64_t bytes_read,
                             int64_t bytes_total, int64_t messages,
                             int64_t mono_ns) {
  if (!std::exchange(began_, true)) {
    from_ns_ = mono_ns;
    from_bytes_ = bytes_read;
    from_messages_ = messages;
  }
  path = path.substr(path.rfind('/') + 1);  // all of it, if there is none
  std::string line = ForTerminal(path);
  if (bytes_total > 0) {
    absl::StrAppendFormat(&line, "  %.1f%%",
                          100.0 * static_cast<double>(bytes_read) /
                              static_cast<double>(bytes_total));
  }
  absl::StrAppend(&line, "  ", messages, " messages");
  const int64_t elapsed_ns = mono_ns - from_ns_;
  if (elapsed_ns < kMeasuredNs) return line;
  const double elapsed =
      static_cast<double>(elapsed_ns) / static_cast<double>(kSecond);
  absl::StrAppend(
      &line, "  ",
      RateText(static_cast<double>(messages - from_messages_) / elapsed));
  const int64_t done = bytes_read - from_bytes_;
  if (bytes_total > bytes_read && done > 0) {
    const std::string left =
        TimeLeft(elapsed * static_cast<double>(bytes_total - bytes_read) /
                 static_cast<double>(done));
    if (!left.empty()) absl::StrAppend(&line, "  ", left);
  }
  return line;
}

WorkReport::WorkReport(const StopSignal& stop, std::string path)
    : stop_(stop),
      path_(std::move(path)),
      terminal_(isatty(STDERR_FILENO) == 1) {}

WorkReport::~WorkReport() {
  if (terminal_ && due_ns_ != 0) std::fputs("\r\033[K", stderr);
}

bool WorkReport::GoOn(const RecordingRun& run) {
  if (stop_.Wait(0)) return false;
  if (!terminal_) return true;
  const int64_t now_ns = SystemClock().MonoNs();
  if (now_ns < due_ns_) return true;
  due_ns_ = now_ns + kShownEveryNs;
  const std::string text = line_.Format(
      path_, run.bytes_read(), run.bytes_total(), run.messages(), now_ns);
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  return true;
}

}  // namespace streamhub
