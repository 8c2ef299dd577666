// Levelled log lines on standard error, by spdlog, as text or as JSON. Any
// thread. As JSON (RFC 8259) a line is one object:
//
//   {"ts":"2024-01-02T14:30:00.123456789Z","level":"info","message":"...",
//    "thread":4711}
//
// What repeats with the data (a bad message, a refused client) must go through
// LogBudget, or a hostile peer fills the disk.

#ifndef STREAMHUB_GATEWAY_BASE_LOG_H_
#define STREAMHUB_GATEWAY_BASE_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace streamhub {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Sets the lowest level that is written. At start, and when it changes.
void SetLogLevel(LogLevel level);

enum class LogFormat { kText, kJson };

// How lines are written. Call once, at start, before other threads run.
void SetLogFormat(LogFormat format);

void Log(LogLevel level, std::string_view message);

// A line that no level holds back, as it is: for audit.h.
void WriteLogLine(std::string_view line);

// `{"ts":...,"level":"info"`, the begin of a line as JSON, of now.
std::string BeginJsonLine(LogLevel level);

// `,"thread":4711}`, its end.
void EndJsonLine(std::string* line);

// A JSON string of any bytes: what is no UTF-8 becomes U+FFFD, so that nobody
// breaks a line, or ends it early, by what he sends.
void AppendAnyBytes(std::string_view bytes, std::string* line);

inline void LogInfo(std::string_view m) { Log(LogLevel::kInfo, m); }
inline void LogWarning(std::string_view m) { Log(LogLevel::kWarning, m); }
inline void LogError(std::string_view m) { Log(LogLevel::kError, m); }

// At most `per_second` lines a second; counts what it held back. One thread.
class LogBudget {
 public:
  explicit LogBudget(int per_second) : per_second_(per_second) {}

  // True if a line may be written at `mono_ns`. `*suppressed` is the number
  // held back since the last one that was written.
  bool Take(int64_t mono_ns, int64_t* suppressed);

 private:
  const int per_second_;
  int64_t window_start_ns_ = 0;
  int used_ = 0;
  int64_t suppressed_ = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_LOG_H_
