#include "gateway/base/log.h"

#include <spdlog/details/os.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "gateway/base/clock.h"
#include "gateway/base/json_text.h"
#include "gateway/base/utc_text.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%e%z %l %v";

// Written at start, before there are threads that log.
LogFormat format_of_lines = LogFormat::kText;

std::shared_ptr<spdlog::logger> Make(const char* name, const char* pattern) {
  auto made = spdlog::stderr_logger_mt(name);
  made->set_pattern(pattern);
  return made;
}

spdlog::logger& Logger() {
  static const auto logger = Make("streamhub", kTextPattern);
  return *logger;
}

// Its lines and the other's do not mix: sinks of one stream share a lock.
spdlog::logger& BareLogger() {
  static const auto logger = Make("streamhub_bare", "%v");
  return *logger;
}

spdlog::level::level_enum Convert(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

}  // namespace

void SetLogLevel(LogLevel level) { Logger().set_level(Convert(level)); }

void SetLogFormat(LogFormat format) {
  format_of_lines = format;
  Logger().set_pattern(format == LogFormat::kJson ? "%v" : kTextPattern);
}

void Log(LogLevel level, std::string_view message) {
  if (format_of_lines == LogFormat::kText) {
    Logger().log(Convert(level), "{}", message);
    return;
  }
  if (!Logger().should_log(Convert(level))) return;
  std::string line = BeginJsonLine(level);
  line += ",\"message\":";
  AppendAnyBytes(message, &line);
  EndJsonLine(&line);
  Logger().log(Convert(level), "{}", line);
}

void WriteLogLine(std::string_view line) {
  BareLogger().log(spdlog::level::critical, "{}", line);
}

std::string BeginJsonLine(LogLevel level) {
  std::string line = "{\"ts\":\"";
  AppendUtc(SystemClock().WallNs(), &line);
  line += "\",\"level\":\"";
  line += NameOf(level);
  line += '"';
  return line;
}

void EndJsonLine(std::string* line) {
  *line += ",\"thread\":";
  AppendUnsigned(spdlog::details::os::thread_id(), line);
  *line += '}';
}

void AppendAnyBytes(std::string_view bytes, std::string* line) {
  if (IsValidUtf8(bytes)) return AppendString(bytes, line);
  std::string text;
  Utf8Checker checker;
  size_t whole = 0;  // of `bytes`: up to there it is in `text`
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (checker.Feed(bytes.substr(i, 1))) {
      if (!checker.AtBoundary()) continue;
      text += bytes.substr(whole, i + 1 - whole);
    } else {
      checker.Reset();
      text += "\uFFFD";
      i = whole;  // what came after the bad byte may be good
    }
    whole = i + 1;
  }
  if (whole < bytes.size()) text += "\uFFFD";
  AppendString(text, line);
}

bool LogBudget::Take(int64_t mono_ns, int64_t* suppressed) {
  if (mono_ns - window_start_ns_ >= kSecond) {
    window_start_ns_ = mono_ns;
    used_ = 0;
  }
  if (used_ >= per_second_) {
    ++suppressed_;
    return false;
  }
  ++used_;
  *suppressed = suppressed_;
  suppressed_ = 0;
  return true;
}

}  // namespace streamhub
