#include "feeds/replay/recording_run.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "feeds/replay/byte_source.h"
#include "feeds/replay/day_roll.h"

namespace streamhub {
namespace {

using Next = RecordReader::Next;

// 0: it is no file, and not known.
int64_t FileBytes(const std::string& path) {
  struct stat found;
  return path != kStandardInput && stat(path.c_str(), &found) == 0 &&
                 S_ISREG(found.st_mode)
             ? found.st_size
             : 0;
}

FeedInfo Info(const std::vector<Recording>& files) {
  FeedInfo info;
  info.name = std::string(NameOf(files[0].kind));
  info.source = Source::kReplay;
  return info;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordingRun>> RecordingRun::Create(
    const ReplayOptions& options, const Settings& settings) {
  auto decimals = csv::DecimalsFinder::Create(options.csv_decimals);
  if (!decimals.ok()) {
    return absl::Status(
        decimals.status().code(),
        absl::StrCat("--csv-decimals: ", decimals.status().message()));
  }
  auto files = FindRecordings(options);
  if (!files.ok()) return files.status();
  const auto roll = RollOf(options, *files);
  if (!roll.ok()) return roll.status();
  auto range = RangeOf(options, *files);
  if (!range.ok()) return range.status();
  return std::unique_ptr<RecordingRun>(
      new RecordingRun(settings, *std::move(files), *std::move(decimals), *roll,
                       *std::move(range)));
}

RecordingRun::RecordingRun(const Settings& settings,
                           std::vector<Recording> files,
                           csv::DecimalsFinder decimals,
                           std::optional<SessionRoll> roll, ReplayRange range)
    : files_(std::move(files)),
      range_(std::move(range)),
      roll_(std::move(roll)),
      market_("recording", settings.symbols_max, /*epoch_seed=*/1),
      publisher_(market_, market_.AddFeed(Info(files_)), counters_, clock_,
                 settings.tape),
      recorded_(publisher_, std::move(decimals)) {
  for (const Recording& file : files_) {
    const int64_t bytes = FileBytes(file.path);
    bytes_total_ += bytes;
    if (bytes > 0) continue;
    bytes_total_ = 0;
    break;
  }
}

Next RecordingRun::Peek(int wait_ms_max, int64_t* time_ns) {
  while (!ended_) {
    if (reader_ == nullptr && !OpenNext()) break;
    const Next next = reader_->Peek(wait_ms_max, time_ns);
    if (next == Next::kWaiting) return next;
    if (next == Next::kRecord) {
      if (IsPastEnd(*time_ns)) {
        ended_ = true;
        break;
      }
      time_ns_ = *time_ns;
      return next;
    }
    if (merged_ != nullptr && merged_->NextStretch()) continue;
    failed_ = next == Next::kFailed;
    ended_ = failed_ || next_file_ == files_.size();
    // What was read last can be asked for what it found.
    if (!ended_) Close();
  }
  return failed_ ? Next::kFailed : Next::kEnd;
}

void RecordingRun::Close() {
  status_.Update(reader_->status());
  messages_before_ += reader_->messages();
  lost_before_ += reader_->messages_lost();
  bytes_before_ += reader_->bytes_read();
  reader_.reset();
}

// False, and it has ended, if that is not possible.
bool RecordingRun::OpenNext() {
  if (!IsItch(files_[0].kind) && files_.size() > 1) return OpenMerged();
  auto opened = Open(files_[next_file_++]);
  if (!opened.ok()) return false;
  reader_ = *std::move(opened);
  return true;
}

bool RecordingRun::OpenMerged() {
  std::vector<std::unique_ptr<RecordReader>> readers;
  for (; next_file_ < files_.size(); ++next_file_) {
    auto opened = Open(files_[next_file_]);
    if (!opened.ok()) return false;
    readers.push_back(*std::move(opened));
  }
  auto merged = std::make_unique<MergedReader>(std::move(readers));
  merged_ = merged.get();
  reader_ = std::move(merged);
  return true;
}

absl::StatusOr<std::unique_ptr<RecordReader>> RecordingRun::Open(
    const Recording& file) {
  // A new day has ticks of its own.
  clock_.SetNs(std::max(clock_.WallNs(), file.midnight_ns));
  auto opened = recorded_.Open(file);
  if (!opened.ok()) {
    status_.Update(opened.status());
    ended_ = failed_ = true;
  }
  return opened;
}

// Times of day are of the day of the first record.
bool RecordingRun::IsPastEnd(int64_t time_ns) {
  if (range_.from.has_value() && !from_ns_.has_value()) {
    from_ns_ = range_.from->NsAt(time_ns, range_.zone);
  }
  if (range_.to.has_value() && !to_ns_.has_value()) {
    to_ns_ = range_.to->NsAt(time_ns, range_.zone);
  }
  return to_ns_.has_value() && time_ns > *to_ns_;
}

void RecordingRun::SetTap(TickTap* tap) {
  tap_ = tap;
  if (begun_ || !range_.from.has_value()) publisher_.SetTap(tap);
}

// What the records before it made is there without their being told.
void RecordingRun::Begin() {
  begun_ = true;
  publisher_.SetTap(tap_);
  if (tap_ == nullptr) return;
  std::vector<FieldValue> values;
  QuoteView view;
  for (SymbolId id = 0; id < market_.symbols().size(); ++id) {
    const SymbolInfo& info = market_.symbols().Get(id);
    if (info.topic != nullptr) continue;
    tap_->OnSymbol(id, info);
    const Layout& layout = *info.layout;
    // This thread is its only writer. Its first tick is that it is there.
    if (!market_.cache().Read(id, layout.all(), &view) || view.ticks < 2) {
      continue;
    }
    values.clear();
    for (int i = 0; i < layout.size(); ++i) {
      if (view.value[i] == kEmpty) continue;
      values.push_back({layout.field(i), view.value[i]});
    }
    tap_->OnTick(id, values, time_ns_, view.event_ns);
  }
}

void RecordingRun::Apply() {
  clock_.SetNs(time_ns_);
  if (!begun_ && (!from_ns_.has_value() || time_ns_ >= *from_ns_)) {
    if (from_ns_.has_value()) {
      Begin();
    } else {
      begun_ = true;
    }
  }
  publisher_.BeginBatch();
  if (roll_.has_value() && time_ns_ >= next_roll_ns_) {
    if (next_roll_ns_ != 0) recorded_.RollDay(time_ns_);
    next_roll_ns_ = roll_->NextNs(time_ns_);
  }
  reader_->Apply();
  publisher_.EndBatch();
  ++records_;
}

absl::Status RecordingRun::status() const {
  if (!status_.ok() || reader_ == nullptr) return status_;
  return reader_->status();
}

int64_t RecordingRun::messages() const {
  return messages_before_ + (reader_ == nullptr ? 0 : reader_->messages());
}

uint64_t RecordingRun::messages_lost() const {
  return lost_before_ + (reader_ == nullptr ? 0 : reader_->messages_lost());
}

int64_t RecordingRun::bytes_read() const {
  return bytes_before_ + (reader_ == nullptr ? 0 : reader_->bytes_read());
}

}  // namespace streamhub
