#include "feeds/replay/replay_range.h"

#include <absl/strings/str_cat.h>

#include <string>
#include <string_view>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

// The clock of times that say no zone.
absl::StatusOr<SessionTime> ZoneOf(const ReplayOptions& options,
                                   const std::vector<Recording>& files) {
  // Files of several clocks may be merged: then it is UTC.
  if (IsItch(files[0].kind) || !options.timezone.empty() || files.size() == 1) {
    return files[0].zone;
  }
  return SessionTime::Create("UTC");
}

absl::StatusOr<std::optional<ReplayTime>> TimeOf(std::string_view flag,
                                                 const std::string& text) {
  if (text.empty()) return std::optional<ReplayTime>();
  const auto time = ParseReplayTime(text);
  if (!time.ok()) return NameFlag(flag, time.status());
  return std::optional(*time);
}

}  // namespace

absl::StatusOr<ReplayRange> RangeOf(const ReplayOptions& options,
                                    const std::vector<Recording>& files) {
  const auto zone = ZoneOf(options, files);
  if (!zone.ok()) return NameFlag("--timezone", zone.status());
  const auto from = TimeOf("--from", options.from);
  if (!from.ok()) return from.status();
  const auto to = TimeOf("--to", options.to);
  if (!to.ok()) return to.status();
  if (from->has_value() && to->has_value() &&
      (*from)->of_day == (*to)->of_day && (*to)->ns < (*from)->ns) {
    return absl::InvalidArgumentError("--to: is before --from");
  }
  return ReplayRange{*from, *to, *zone};
}

}  // namespace streamhub
