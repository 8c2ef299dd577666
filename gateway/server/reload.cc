#include "gateway/server/reload.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <utility>
#include <variant>

#include "gateway/server/config_table.h"

namespace streamhub {
namespace {

void Set(Counters& counters, Metric metric, int64_t value) {
  counters.Add(metric, value - counters.Get(metric));
}

}  // namespace

std::string ReloadOutcome::Text() const {
  if (!status.ok()) {
    return absl::StrCat(
        "the configuration was not reloaded, all is as it was: ",
        status.message());
  }
  std::string text =
      absl::StrCat("configuration reloaded: ",
                   changed.empty() ? "no setting has changed"
                                   : absl::StrJoin(changed, ", "));
  if (!restart.empty()) {
    absl::StrAppend(&text,
                    "; restart needed for: ", absl::StrJoin(restart, ", "));
  }
  return text;
}

Reloading::Reloading(Config running, Counters& counters, const Clock& clock)
    : running_(std::move(running)), counters_(counters), clock_(clock) {
  Set(counters_, Metric::kConfigReloadSuccessful, 1);
  Set(counters_, Metric::kReloadTime, clock_.WallNs() / kSecond);
}

ReloadOutcome Reloading::Reload(const absl::StatusOr<Config>& wanted) {
  ReloadOutcome outcome;
  outcome.wall_ns = clock_.WallNs();
  outcome.status = wanted.ok() ? Try(*wanted, &outcome) : wanted.status();
  Set(counters_, Metric::kConfigReloadSuccessful, outcome.status.ok() ? 1 : 0);
  if (outcome.status.ok()) {
    Set(counters_, Metric::kReloadTime, outcome.wall_ns / kSecond);
    Set(counters_, Metric::kConfigRestartNeeded,
        static_cast<int64_t>(outcome.restart.size()));
  }
  return outcome;
}

absl::Status Reloading::Try(const Config& wanted, ReloadOutcome* outcome) {
  // What would be in use: of the rest it goes on with what it has.
  Config next = running_;
  std::vector<std::string> changed, restart;
  for (const ConfigKey& key : ConfigTable()) {
    if (key.ToToml(wanted) == key.ToToml(running_)) continue;
    (key.live ? changed : restart).emplace_back(key.name);
    if (!key.live) continue;
    std::visit([&](auto member) { next.*member = wanted.*member; }, key.member);
  }
  std::vector<Commit> commits;
  for (const PrepareReload& prepare : prepares_) {
    auto commit = prepare(next);
    if (!commit.ok()) return commit.status();
    commits.push_back(*std::move(commit));
  }
  for (const Commit& commit : commits) {
    if (commit) commit();
  }
  running_ = std::move(next);
  outcome->changed = std::move(changed);
  outcome->restart = std::move(restart);
  return absl::OkStatus();
}

}  // namespace streamhub
