#include "feeds/replay/replay_feed.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "feeds/replay/merged_reader.h"
#include "feeds/replay/recorded_market.h"
#include "feeds/replay/recording_start.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

// So many messages take about 0.1 ms: no shard sleeps longer than that while
// there is news, and the cost of waking is spread.
constexpr int kBatchMessages = 256;
constexpr int kWaitMs = 50;
constexpr int64_t kReportNs = 100 * kMillisecond;

// When each message of a file is due.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed) {}

  bool IsMax() const { return std::isinf(speed_); }

  // On the monotonic clock. The first message is due now.
  int64_t DueNs(int64_t event_ns, int64_t now_ns) {
    if (!started_) {
      started_ = true;
      first_event_ns_ = event_ns;
      start_ns_ = now_ns;
    }
    // A century is for ever, and far from overflow.
    constexpr double kForever = 100.0 * 366 * 86400 * kSecond;
    const double after =
        static_cast<double>(event_ns - first_event_ns_) / speed_;
    return start_ns_ + static_cast<int64_t>(std::min(after, kForever));
  }

 private:
  const double speed_;
  bool started_ = false;
  int64_t first_event_ns_ = 0;
  int64_t start_ns_ = 0;
};

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

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

}  // namespace

ReplayFeed::ReplayFeed(ReplayOptions options, std::vector<Recording> files,
                       csv::DecimalsFinder decimals,
                       std::optional<SessionRoll> roll)
    : options_(std::move(options)),
      files_(std::move(files)),
      decimals_(std::move(decimals)),
      merged_name_(files_.size() == 1 ? files_[0].path
                                      : absl::StrCat(files_.size(), " files")),
      roll_(std::move(roll)) {}

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
  const auto roll = RollOf(options, *files);
  if (!roll.ok()) return roll.status();
  return std::unique_ptr<ReplayFeed>(new ReplayFeed(
      std::move(options), *std::move(files), *std::move(decimals), *roll));
}

absl::Status ReplayFeed::CheckStarts() const {
  for (const Recording& file : files_) {
    if (absl::Status status = CheckStart(file); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReplayFeed::Run(Publisher& publisher, FeedControl& control) {
  publisher.SetStatus(FeedStatus::kLive);
  progress_ = {};
  const bool in_turn = IsItch(files_[0].kind);
  RecordedMarket market(publisher, decimals_);
  absl::Status damage;
  do {
    if (++progress_.round > 1) {
      publisher.StartEpoch();
      market.StartAgain();
    }
    progress_.messages = 0;
    next_roll_ns_ = 0;
    absl::Status status = in_turn ? PlayInTurn(market, publisher, control)
                                  : PlayMerged(market, publisher, control);
    if (in_turn && !status.ok()) return status;
    damage.Update(status);
    // Files without messages would spin.
  } while (options_.loop && progress_.messages > 0 && !control.stopping());
  if (damage.ok() && !control.stopping()) {
    publisher.SetStatus(FeedStatus::kEnded);
  }
  return damage;
}

absl::Status ReplayFeed::PlayInTurn(RecordedMarket& market,
                                    Publisher& publisher,
                                    FeedControl& control) {
  progress_.files = files_.size();
  for (size_t i = 0; i < files_.size() && !control.stopping(); ++i) {
    progress_.file = files_[i].path;
    progress_.file_number = i + 1;
    const auto reader = market.Open(files_[i]);
    if (!reader.ok()) return reader.status();
    absl::Status status = PlayFile(**reader, market, publisher, control);
    Report(**reader);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReplayFeed::PlayMerged(RecordedMarket& market,
                                    Publisher& publisher,
                                    FeedControl& control) {
  progress_.file = merged_name_;
  progress_.file_number = progress_.files = 1;
  std::vector<std::unique_ptr<RecordReader>> readers;
  for (const Recording& file : files_) {
    auto reader = market.Open(file);
    if (!reader.ok()) return reader.status();
    readers.push_back(*std::move(reader));
  }
  MergedReader merged(std::move(readers));
  absl::Status status;
  do {
    status = PlayFile(merged, market, publisher, control);
    Report(merged);
  } while (status.ok() && !control.stopping() && merged.NextStretch());
  // Stopped before its end it may have left records out, too.
  return merged.status();
}

absl::Status ReplayFeed::PlayFile(RecordReader& reader, RecordedMarket& market,
                                  Publisher& publisher, FeedControl& control) {
  using Next = RecordReader::Next;
  const Clock& clock = publisher.clock();
  Pace pace(options_.speed);
  int64_t report_ns = clock.MonoNs();
  while (!control.stopping()) {
    int64_t event_ns = 0;
    // Only here may it wait for a pipe: within a batch shards would wait too.
    Next next = reader.Peek(kWaitMs, &event_ns);
    // No batch, no heartbeat: a pipe that is silent is a silent feed.
    if (next == Next::kWaiting) continue;
    const int64_t now_ns = clock.MonoNs();
    int64_t due_ns = now_ns;
    publisher.BeginBatch();
    for (int i = 0; i < kBatchMessages && next == Next::kRecord; ++i) {
      if (!pace.IsMax()) {
        due_ns = pace.DueNs(event_ns, now_ns);
        if (due_ns > now_ns) break;
      }
      ApplyRecord(reader, market, event_ns);
      ++progress_.messages;
      progress_.event_ns = event_ns;
      next = reader.Peek(0, &event_ns);
    }
    publisher.EndBatch();
    if (next == Next::kEnd) return absl::OkStatus();
    if (next == Next::kFailed) return reader.status();
    if (now_ns >= report_ns) {
      report_ns = now_ns + kReportNs;
      Report(reader);
    }
    if (due_ns > now_ns && !control.WaitUntil(due_ns)) break;
  }
  return absl::OkStatus();
}

void ReplayFeed::ApplyRecord(RecordReader& reader, RecordedMarket& market,
                             int64_t event_ns) {
  if (roll_.has_value() && event_ns >= next_roll_ns_) {
    if (next_roll_ns_ != 0) market.RollDay(event_ns);
    next_roll_ns_ = roll_->NextNs(event_ns);
  }
  reader.Apply();
}

void ReplayFeed::Report(const RecordReader& reader) {
  if (!options_.progress) return;
  progress_.bytes_read = reader.bytes_read();
  progress_.bytes_total = reader.bytes_total();
  progress_.fraction = progress_.bytes_total == 0
                           ? -1.0
                           : static_cast<double>(progress_.bytes_read) /
                                 static_cast<double>(progress_.bytes_total);
  options_.progress(progress_);
}

}  // namespace streamhub
