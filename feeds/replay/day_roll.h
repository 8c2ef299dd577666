// When the days of a replay's symbols begin anew. Control path.

#ifndef STREAMHUB_FEEDS_REPLAY_DAY_ROLL_H_
#define STREAMHUB_FEEDS_REPLAY_DAY_ROLL_H_

#include <absl/status/statusor.h>

#include <optional>
#include <vector>

#include "feeds/replay/recording.h"
#include "feeds/replay/replay_options.h"
#include "feeds/session_time.h"

namespace streamhub {

// What the options say, or midnight for files that do not say it themselves;
// none: they do. Errors name the flag.
absl::StatusOr<std::optional<SessionRoll>> RollOf(
    const ReplayOptions& options, const std::vector<Recording>& files);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_DAY_ROLL_H_
