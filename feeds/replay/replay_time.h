// A time as an operator says it: an instant, or a time of day of the recording.
// Pure but for the system's time zone data; any thread.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_TIME_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_TIME_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "feeds/session_time.h"

namespace streamhub {

struct ReplayTime {
  bool of_day = false;
  int64_t ns = 0;  // since 1970 UTC, or since midnight

  // The instant, in ns since 1970 UTC. A time of day is that of the day of
  // `reference_ns` in `zone`; one that the clocks skip there is the instant of
  // the jump, of two the earlier one counts.
  int64_t NsAt(int64_t reference_ns, const SessionTime& zone) const;
};

// "14:30", "14:30:05", "14:30:05.25" with up to 9 digits, or an RFC 3339 time
// with its offset, "2024-01-02T14:30:00.5Z". InvalidArgument for anything else.
absl::StatusOr<ReplayTime> ParseReplayTime(std::string_view text);

// RFC 3339 in UTC, to the ns without trailing zeros: "2024-01-02T14:30:00.5Z".
std::string FormatUtc(int64_t ns);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_TIME_H_
