// Reads the log of an incident: what was sent, and gaps. Any thread.

#ifndef STREAMHUB_TESTS_SUPPORT_SENT_LOG_H_
#define STREAMHUB_TESTS_SUPPORT_SENT_LOG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/session_id.h"

namespace streamhub {

struct LoggedCopy {
  SessionId session = 0;
  std::string transport, encoding;
  int64_t time_ns = 0;
  uint64_t batch = 0;
  std::string symbol, bytes;
  // Of a gap, which has of the others only its end: so many are not there.
  uint64_t lost = 0;
  int64_t lost_from_ns = 0;
};

// What is in the whole blocks of `file`, which are its bytes. A block that is
// damaged, or what is no record of an incident, fails a test; what is behind
// the last whole block is left out.
std::vector<LoggedCopy> ReadSentLog(std::string_view file);

// The same of a file.
std::vector<LoggedCopy> ReadSentLogFile(const std::string& path);

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_SENT_LOG_H_
