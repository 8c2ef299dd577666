#include "feeds/replay/replay_feed.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "feeds/itch/itch_handler.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/file_date.h"
#include "feeds/replay/itch_reader.h"
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

bool CanBeReadAgain(const std::string& path) {
  struct stat found;
  return path != kStandardInput && stat(path.c_str(), &found) == 0 &&
         S_ISREG(found.st_mode);
}

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

absl::Status CheckFiles(const ReplayOptions& options) {
  if (options.files.empty()) {
    return absl::InvalidArgumentError("no file to replay");
  }
  for (const std::string& path : options.files) {
    if (absl::Status s = ByteSource::Check(path); !s.ok()) return s;
    if (options.loop && !CanBeReadAgain(path)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--loop: '", path, "' cannot be read twice; give a file"));
    }
  }
  if (std::count(options.files.begin(), options.files.end(), kStandardInput) >
      1) {
    return absl::InvalidArgumentError("'-' (standard input) is given twice");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplayFeed>> ReplayFeed::Create(
    ReplayOptions options) {
  if (const absl::Status s = CheckFiles(options); !s.ok()) return s;
  if (!(options.speed > 0)) {
    return absl::InvalidArgumentError(
        "--speed: want a number above 0, or 'max'");
  }
  const auto zone = SessionTime::Create(options.timezone);
  if (!zone.ok()) return NameFlag("--timezone", zone.status());
  std::optional<CalendarDate> given;
  if (!options.date.empty()) {
    const auto parsed = ParseDate(options.date);
    if (!parsed.ok()) return NameFlag("--date", parsed.status());
    given = *parsed;
  }
  std::vector<File> files;
  for (const std::string& path : options.files) {
    const auto date = given.has_value() ? given : DateOfFile(path);
    if (!date.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--date: wanted, as '", path,
          "' has no date in its name: for example --date 2024-01-02"));
    }
    files.push_back({path, zone->MidnightNs(*date)});
  }
  std::optional<SessionRoll> roll;
  if (!options.session_roll.empty()) {
    const auto made = SessionRoll::Create(options.session_roll, *zone);
    if (!made.ok()) return NameFlag("--session-roll", made.status());
    roll = *made;
  }
  return std::unique_ptr<ReplayFeed>(
      new ReplayFeed(std::move(options), std::move(files), std::move(roll)));
}

absl::Status ReplayFeed::Run(Publisher& publisher, FeedControl& control) {
  publisher.SetStatus(FeedStatus::kLive);
  progress_ = {};
  progress_.files = files_.size();
  do {
    if (++progress_.round > 1) publisher.StartEpoch();
    progress_.messages = 0;
    absl::Status status = PlayRound(publisher, control);
    if (!status.ok()) return status;
    // Files without messages would spin.
  } while (options_.loop && progress_.messages > 0 && !control.stopping());
  if (!control.stopping()) publisher.SetStatus(FeedStatus::kEnded);
  return absl::OkStatus();
}

absl::Status ReplayFeed::PlayRound(Publisher& publisher, FeedControl& control) {
  itch::ItchHandler handler(publisher);
  next_roll_ns_ = 0;
  for (size_t i = 0; i < files_.size() && !control.stopping(); ++i) {
    progress_.file = files_[i].path;
    progress_.file_number = i + 1;
    auto source = ByteSource::Open(files_[i].path);
    if (!source.ok()) return source.status();
    // A new day empties books: ticks of a batch.
    publisher.BeginBatch();
    ItchReader reader(*std::move(source), handler, publisher.counters(),
                      files_[i].midnight_ns);
    publisher.EndBatch();
    absl::Status status = PlayFile(reader, publisher, control);
    Report(reader);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReplayFeed::PlayFile(RecordReader& reader, Publisher& publisher,
                                  FeedControl& control) {
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
      ApplyRecord(reader, event_ns);
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

void ReplayFeed::ApplyRecord(RecordReader& reader, int64_t event_ns) {
  if (roll_.has_value() && event_ns >= next_roll_ns_) {
    if (next_roll_ns_ != 0) reader.RollDay(event_ns);
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
