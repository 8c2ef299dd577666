#include "feeds/replay/day_roll.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

}  // namespace

// ITCH and IEX say that a day starts; of others it does at midnight.
absl::StatusOr<std::optional<SessionRoll>> RollOf(
    const ReplayOptions& options, const std::vector<Recording>& files) {
  const bool itch = IsItch(files[0].kind);
  const bool say_days =
      std::all_of(files.begin(), files.end(), [](const Recording& file) {
        return IsItch(file.kind) || file.kind == RecordingKind::kIex;
      });
  std::string time = options.session_roll;
  if (time.empty() && !say_days) time = "00:00";
  if (time.empty()) return std::optional<SessionRoll>();
  // Files of several clocks may be merged: then days are those of UTC.
  const auto zone = !itch && options.timezone.empty()
                        ? SessionTime::Create("UTC")
                        : files[0].zone;
  if (!zone.ok()) return NameFlag("--timezone", zone.status());
  const auto roll = SessionRoll::Create(time, *zone);
  if (!roll.ok()) return NameFlag("--session-roll", roll.status());
  return std::optional(*roll);
}

}  // namespace streamhub
