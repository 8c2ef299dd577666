// Structured, levelled log lines on standard error, by spdlog. Any thread.
// What repeats with the data (a bad message, a refused client) must go through
// LogBudget, or a hostile peer fills the disk.

#ifndef STREAMHUB_GATEWAY_BASE_LOG_H_
#define STREAMHUB_GATEWAY_BASE_LOG_H_

#include <cstdint>
#include <string_view>

namespace streamhub {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Sets the lowest level that is written. Call once, at start.
void SetLogLevel(LogLevel level);

void Log(LogLevel level, std::string_view message);

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
