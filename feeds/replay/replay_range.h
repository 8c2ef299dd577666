// From when to when recordings are to be played, as the flags say it. Control
// path.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_RANGE_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_RANGE_H_

#include <absl/status/statusor.h>

#include <optional>
#include <vector>

#include "feeds/replay/recording.h"
#include "feeds/replay/replay_options.h"
#include "feeds/replay/replay_time.h"
#include "feeds/session_time.h"

namespace streamhub {

struct ReplayRange {
  std::optional<ReplayTime> from, to;
  SessionTime zone;  // of times of day, and of other times that say no zone
};

// `files` are those that FindRecordings() found for `options`. InvalidArgument
// names the flag: a text that is no time, an end before the beginning.
absl::StatusOr<ReplayRange> RangeOf(const ReplayOptions& options,
                                    const std::vector<Recording>& files);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_RANGE_H_
