#include "feeds/replay/replay_feed.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "feeds/replay/byte_source.h"
#include "feeds/replay/day_roll.h"
#include "feeds/replay/gap_watch.h"
#include "feeds/replay/merged_reader.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recording_start.h"
#include "feeds/replay/replay_range.h"
#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

bool IsNamedPipe(const std::string& path) {
  struct stat found;
  return path != kStandardInput && stat(path.c_str(), &found) == 0 &&
         S_ISFIFO(found.st_mode);
}

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

// Where one is not known, none is.
int64_t BytesOf(const std::vector<Recording>& files) {
  int64_t sum = 0;
  for (const Recording& file : files) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file.path, error);
    if (error) return 0;
    sum += static_cast<int64_t>(bytes);
  }
  return sum;
}

bool CanAllBeReadAgain(const std::vector<Recording>& files) {
  return std::all_of(files.begin(), files.end(), [](const Recording& file) {
    std::error_code error;
    return std::filesystem::is_regular_file(file.path, error);
  });
}

absl::StatusOr<ReplayPlan> PlanOf(const ReplayOptions& options,
                                  const std::vector<Recording>& files) {
  const auto range = RangeOf(options, files);
  if (!range.ok()) return range.status();
  const auto roll = RollOf(options, files);
  if (!roll.ok()) return roll.status();
  return ReplayPlan{.speed = options.speed,
                    .paused = options.paused,
                    .from = range->from,
                    .to = range->to,
                    .zone = range->zone,
                    .roll = *roll,
                    .rewindable = CanAllBeReadAgain(files),
                    .bytes_total = BytesOf(files),
                    .control = options.control,
                    .progress = options.progress};
}

}  // namespace

ReplayFeed::ReplayFeed(ReplayOptions options, std::vector<Recording> files,
                       csv::DecimalsFinder decimals, ReplayPlan plan)
    : options_(std::move(options)),
      files_(std::move(files)),
      decimals_(std::move(decimals)),
      merged_name_(files_.size() == 1 ? files_[0].path
                                      : absl::StrCat(files_.size(), " files")),
      plan_(std::move(plan)),
      all_pipes_(std::all_of(
          files_.begin(), files_.end(),
          [](const Recording& file) { return IsNamedPipe(file.path); })) {}

absl::StatusOr<std::unique_ptr<ReplayFeed>> ReplayFeed::Create(
    ReplayOptions options) {
  if (!(options.speed > 0)) {
    return absl::InvalidArgumentError(
        "--speed: want a number above 0, or 'max'");
  }
  auto decimals = csv::DecimalsFinder::Create(options.csv_decimals);
  if (!decimals.ok()) return NameFlag("--csv-decimals", decimals.status());
  auto files = FindRecordings(options);
  if (!files.ok()) return files.status();
  auto plan = PlanOf(options, *files);
  if (!plan.ok()) return plan.status();
  return std::unique_ptr<ReplayFeed>(
      new ReplayFeed(std::move(options), *std::move(files),
                     *std::move(decimals), *std::move(plan)));
}

absl::Status ReplayFeed::CheckStarts() const {
  for (const Recording& file : files_) {
    if (absl::Status status = CheckStart(file); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool ReplayFeed::IsWanted(std::string_view code) const {
  return std::any_of(options_.only.begin(), options_.only.end(),
                     [&](std::string_view one) {
                       if (!one.ends_with('*')) return one == code;
                       return code.starts_with(one.substr(0, one.size() - 1));
                     });
}

absl::Status ReplayFeed::Run(Publisher& publisher, FeedControl& control) {
  if (!options_.only.empty()) {
    publisher.SetFilter(
        [this](std::string_view code) { return IsWanted(code); });
  }
  RecordedMarket market(publisher, decimals_);
  ReplayPlayer player(plan_, market, publisher, control);
  absl::Status damage;
  const bool reopened = std::exchange(ran_, true);
  if (reopened) {
    publisher.StartEpoch();
    player.AwaitFirstRecord();
  }
  for (bool again = false;; again = true) {
    player.BeginRound();
    if (again) {
      publisher.StartEpoch();
      market.StartAgain();
    }
    const absl::Status status = PlayRound(market, player, control);
    if (player.rewinding()) continue;
    damage.Update(status);
    if (control.stopping()) break;
    const bool goes_on = IsItch(files_[0].kind) ? status.ok() : true;
    // Files without messages would spin.
    if (options_.loop && goes_on && player.messages() > 0) {
      if (!player.AwaitNextRound()) break;
      continue;
    }
    if (!options_.stay || (CanReopen() && !damage.ok())) {
      if (!damage.ok()) break;
      publisher.SetStatus(FeedStatus::kEnded);
      if (!missing_.ok() && options_.ended) options_.ended(missing_);
      break;
    }
    if (!Stay(std::exchange(damage, absl::OkStatus()), player)) break;
  }
  return damage;
}

bool ReplayFeed::Stay(const absl::Status& damage, ReplayPlayer& player) {
  player.End(damage.ok() ? FeedStatus::kEnded : FeedStatus::kDown);
  if (!damage.ok()) LogError(absl::StrCat("replay: ", damage.message()));
  if (options_.ended) options_.ended(damage.ok() ? missing_ : damage);
  return player.AwaitCommand();
}

absl::Status ReplayFeed::PlayRound(RecordedMarket& market, ReplayPlayer& player,
                                   const FeedControl& control) {
  missing_ = absl::OkStatus();
  if (options_.arbitrate) return PlayLines(market, player);
  return IsItch(files_[0].kind) ? PlayInTurn(market, player, control)
                                : PlayMerged(market, player);
}

// It came to its end; what it has not is no damage.
void ReplayFeed::NoteMissing(const RecordReader& reader) {
  missing_.Update(reader.status());
  const uint64_t lost = reader.messages_lost();
  if (lost == 0) return;
  missing_.Update(
      absl::DataLossError(absl::StrCat(lost, " messages are lost")));
}

absl::Status ReplayFeed::PlayInTurn(RecordedMarket& market,
                                    ReplayPlayer& player,
                                    const FeedControl& control) {
  using Outcome = ReplayPlayer::Outcome;
  for (size_t i = 0; i < files_.size() && !control.stopping(); ++i) {
    player.SetFile(files_[i].path, i + 1, files_.size());
    const auto reader = market.Open(files_[i]);
    if (!reader.ok()) return reader.status();
    player.WatchGaps({GapWatch(**reader)});
    const Outcome outcome = player.Play(**reader);
    player.EndFile(**reader);
    if (outcome == Outcome::kFailed) return (*reader)->status();
    NoteMissing(**reader);
    if (outcome != Outcome::kEnd) break;
  }
  return absl::OkStatus();
}

absl::Status ReplayFeed::PlayMerged(RecordedMarket& market,
                                    ReplayPlayer& player) {
  player.SetFile(merged_name_, 1, 1);
  std::vector<std::unique_ptr<RecordReader>> readers;
  std::vector<GapWatch> watches;
  for (const Recording& file : files_) {
    auto reader = market.Open(file);
    if (!reader.ok()) return reader.status();
    watches.emplace_back(**reader);
    readers.push_back(*std::move(reader));
  }
  MergedReader merged(std::move(readers));
  player.WatchGaps(std::move(watches));
  ReplayPlayer::Outcome outcome;
  do {
    outcome = player.Play(merged);
    player.Report(merged);
  } while (outcome == ReplayPlayer::Outcome::kEnd && merged.NextStretch());
  NoteMissing(merged);
  // Stopped before its end it may have left records out, too.
  return merged.status();
}

absl::Status ReplayFeed::PlayLines(RecordedMarket& market,
                                   ReplayPlayer& player) {
  player.SetFile(merged_name_, 1, 1);
  const auto reader = market.OpenLines(files_, options_.line_silent_ns);
  if (!reader.ok()) return reader.status();
  player.WatchGaps({GapWatch(**reader)});
  const ReplayPlayer::Outcome outcome = player.Play(**reader);
  player.EndFile(**reader);
  if (outcome == ReplayPlayer::Outcome::kFailed) return (*reader)->status();
  NoteMissing(**reader);
  return absl::OkStatus();
}

}  // namespace streamhub
