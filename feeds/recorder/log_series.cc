#include "feeds/recorder/log_series.h"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "feeds/recorder/log_folder.h"
#include "gateway/base/log.h"

namespace streamhub {
namespace {

// A disk that stays full is not worth a line every few seconds.
constexpr int64_t kTellAgainNs = 60 * kSecond;
// And one that is now full and now not, not many.
constexpr int64_t kTellSoonestNs = 10 * kSecond;

// Somebody else's names that we would run into in the same second.
constexpr int kNamesMax = 1000;

}  // namespace

void LogSeries::Missing::Add(uint64_t count, int64_t from, int64_t to) {
  if (count == 0) return;
  from_ns = records == 0 ? from : std::min(from_ns, from);
  to_ns = records == 0 ? to : std::max(to_ns, to);
  records += count;
}

LogSeries::LogSeries(LogSeriesOptions options, const FeedBoard& feeds,
                     const Clock& clock, Counters& counters)
    : options_(std::move(options)),
      feeds_(feeds),
      clock_(clock),
      counters_(counters),
      now_ns_(clock.MonoNs()) {}

absl::Status LogSeries::Open() {
  auto lock = LogFolderLock::Take(options_.folder);
  if (!lock.ok()) return lock.status();
  lock_ = *std::move(lock);
  now_ns_ = clock_.MonoNs();
  return Begin();
}

void LogSeries::Define(SymbolId id, const SymbolInfo& info) {
  kept_.Define(id, info);
  if (writer_ != nullptr) {
    writer_->Symbol(id, info, feeds_.info(info.feed).name);
    NoteBlocks();
  }
}

void LogSeries::Tick(SymbolId id, std::span<const FieldValue> values,
                     int64_t received_ns, int64_t event_ns) {
  kept_.Tick(id, values, received_ns, event_ns);
  if (writer_ != nullptr) writer_->Tick(id, values, received_ns, event_ns);
  Wrote(received_ns);
}

void LogSeries::Trade(SymbolId id, const TradeReport& trade,
                      int64_t received_ns, int64_t event_ns) {
  if (writer_ != nullptr) writer_->Trade(id, trade, received_ns, event_ns);
  Wrote(received_ns);
}

void LogSeries::Status(FeedId feed, FeedStatus status, int64_t time_ns) {
  if (feed >= feed_states_.size()) feed_states_.resize(feed + size_t{1});
  feed_states_[feed] = {status, time_ns, true};
  if (writer_ != nullptr) {
    writer_->Status(feeds_.info(feed).name, status, time_ns);
  }
  Wrote(time_ns);
}

void LogSeries::Epoch(FeedId feed, uint64_t epoch, int64_t time_ns) {
  kept_.Clear(feed);
  if (writer_ != nullptr) writer_->Epoch(epoch, time_ns);
  Wrote(time_ns);
  // To readers it is the end of all values, also of those of other feeds.
  const auto symbols = kept_.symbols();
  if (writer_ == nullptr) return;
  for (SymbolId id = 0; id < symbols.size(); ++id) {
    if (!symbols[id].ticked || symbols[id].info->feed == feed) continue;
    kept_.Copy(id, &values_);
    writer_->Refresh(id, values_, symbols[id].received_ns,
                     symbols[id].event_ns);
    NoteBlocks();
  }
}

void LogSeries::Gap(uint64_t records, int64_t from_ns, int64_t to_ns) {
  Missing lost;
  lost.Add(records, from_ns, to_ns);
  counters_.Add(Metric::kRecordLost, static_cast<int64_t>(records));
  if (writer_ == nullptr) {
    missing_.Add(records, from_ns, to_ns);
  } else {
    TellGap(lost);
  }
}

void LogSeries::SourceGap(uint64_t messages, int64_t time_ns) {
  if (writer_ != nullptr) writer_->Gap(messages, time_ns, time_ns);
  Wrote(time_ns);
}

void LogSeries::Refresh(SymbolId id, std::span<const FieldValue> values,
                        int64_t received_ns, int64_t event_ns) {
  kept_.Tick(id, values, received_ns, event_ns);
  if (writer_ == nullptr) return;
  kept_.Copy(id, &values_);
  writer_->Refresh(id, values_, received_ns, event_ns);
  NoteBlocks();
}

void LogSeries::Turn() {
  now_ns_ = clock_.MonoNs();
  if (writer_ == nullptr) {
    if (now_ns_ >= retry_ns_) Retry();
    return;
  }
  if (block_.records > 0 && now_ns_ - block_ns_ >= kFlushNs) {
    // What goes wrong is in status().
    writer_->Flush().IgnoreError();
    NoteBlocks();
  }
  const absl::Status status = writer_->status();
  if (!status.ok()) return Fail(status);
  if (IsDue()) Rotate();
}

absl::Status LogSeries::Close() {
  now_ns_ = clock_.MonoNs();
  if (writer_ != nullptr && !writer_->status().ok()) Fail(writer_->status());
  // One more time, for the sake of the gap.
  if (writer_ == nullptr) Retry();
  if (writer_ == nullptr) return failure_;
  const absl::Status closed = writer_->Close();
  NoteBlocks();
  if (!closed.ok()) {
    Fail(closed);
    return failure_;
  }
  writer_.reset();
  path_.clear();
  return absl::OkStatus();
}

absl::Status LogSeries::Discard() {
  const bool empty =
      writer_ != nullptr && records_ == 0 && kept_.symbols().empty();
  const std::string path = path_;
  absl::Status closed = Close();
  if (empty && closed.ok()) unlink(path.c_str());
  return closed;
}

// A file with all that is known. What was missing is told in it and forgotten
// only when it is written.
absl::Status LogSeries::Begin() {
  auto opened = OpenNext();
  if (!opened.ok()) {
    // Only a file that was just made is that of a full disk.
    if (absl::IsResourceExhausted(opened.status())) unlink(path_.c_str());
    return opened.status();
  }
  writer_ = *std::move(opened);
  bytes_ = 0;
  block_ = {};
  TellAll();
  if (missing_.records > 0) {
    writer_->Gap(missing_.records, missing_.from_ns, missing_.to_ns);
  }
  absl::Status status = writer_->Flush();
  if (!status.ok()) {
    writer_.reset();
    // It holds nothing that others do not; without this a full disk would
    // fill with beginnings.
    unlink(path_.c_str());
    return status;
  }
  if (missing_.records > 0) counters_.Add(Metric::kRecordGaps);
  missing_ = {};
  NoteBlocks();
  bytes_began_ = bytes_;
  began_ns_ = now_ns_;
  records_ = 0;
  counters_.Add(Metric::kRecordFiles);
  if (options_.keep > 0) PruneLogs(options_.folder, options_.keep, path_);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ticklog::LogWriter>> LogSeries::OpenNext() {
  const int64_t wall_ns = clock_.WallNs();
  for (int i = 0;; ++i) {
    path_ =
        (std::filesystem::path(options_.folder) / LogName(wall_ns, ++number_))
            .string();
    auto opened = options_.open
                      ? options_.open(path_)
                      : ticklog::LogWriter::Create(path_, options_.writer);
    if (opened.ok() || !absl::IsAlreadyExists(opened.status()) ||
        i == kNamesMax) {
      return opened;
    }
  }
}

void LogSeries::TellAll() {
  const auto symbols = kept_.symbols();
  for (SymbolId id = 0; id < symbols.size(); ++id) {
    if (!kept_.Knows(id)) continue;
    const SymbolInfo& info = *symbols[id].info;
    writer_->Symbol(id, info, feeds_.info(info.feed).name);
  }
  for (FeedId feed = 0; feed < feed_states_.size(); ++feed) {
    const FeedState& state = feed_states_[feed];
    if (!state.known) continue;
    writer_->Status(feeds_.info(feed).name, state.status, state.time_ns);
  }
  for (SymbolId id = 0; id < symbols.size(); ++id) {
    if (!symbols[id].ticked) continue;
    kept_.Copy(id, &values_);
    writer_->Refresh(id, values_, symbols[id].received_ns,
                     symbols[id].event_ns);
  }
}

void LogSeries::TellGap(const Missing& missing) {
  writer_->Gap(missing.records, missing.from_ns, missing.to_ns);
  counters_.Add(Metric::kRecordGaps);
  Wrote(missing.to_ns);
}

// A record went to the file, or would have.
void LogSeries::Wrote(int64_t time_ns) {
  if (writer_ == nullptr) {
    Missing one;
    one.Add(1, time_ns, time_ns);
    return Lose(one);
  }
  ++records_;
  if (block_.records == 0) block_ns_ = now_ns_;
  block_.Add(1, time_ns, time_ns);
  NoteBlocks();
}

// What the writer has written by itself.
void LogSeries::NoteBlocks() {
  const uint64_t bytes = writer_->bytes_written();
  if (bytes == bytes_) return;
  counters_.Add(Metric::kRecordedBytes, static_cast<int64_t>(bytes - bytes_));
  counters_.Add(Metric::kRecordedRecords, static_cast<int64_t>(block_.records));
  bytes_ = bytes;
  block_ = {};
}

bool LogSeries::IsDue() const {
  // A file with nothing in it but what the last one ended with helps nobody.
  if (records_ == 0) return false;
  if (options_.rotate_ns > 0 && now_ns_ - began_ns_ >= options_.rotate_ns) {
    return true;
  }
  // So many symbols that hardly anything else fits are no reason to do nothing
  // but begin files.
  return options_.rotate_bytes > 0 &&
         bytes_ >= static_cast<uint64_t>(options_.rotate_bytes) &&
         bytes_ >= 2 * bytes_began_;
}

void LogSeries::Rotate() {
  const absl::Status closed = writer_->Close();
  NoteBlocks();
  if (!closed.ok()) return Fail(closed);
  writer_.reset();
  const absl::Status begun = Begin();
  if (!begun.ok()) Fail(begun);
}

void LogSeries::Retry() {
  const Missing missing = missing_;
  const absl::Status begun = Begin();
  if (!begun.ok()) return Fail(begun);
  failure_ = absl::OkStatus();
  counters_.Add(Metric::kRecordFailing, -counters_.Get(Metric::kRecordFailing));
  LogWarning(absl::StrCat("recording goes on in ", path_, "; ", missing.records,
                          " records are missing"));
}

void LogSeries::Fail(const absl::Status& status) {
  const bool again = !failure_.ok();
  failure_ = status;
  // It writes nothing more; its file ends with a whole block.
  writer_.reset();
  path_.clear();
  Lose(std::exchange(block_, {}));
  counters_.Add(Metric::kRecordFailing,
                1 - counters_.Get(Metric::kRecordFailing));
  retry_ns_ = now_ns_ + kRetryNs;
  const int64_t pause_ns = again ? kTellAgainNs : kTellSoonestNs;
  if (told_ns_ != 0 && now_ns_ - told_ns_ < pause_ns) return;
  told_ns_ = now_ns_;
  LogError(absl::StrCat("recording pauses, it is tried again every ",
                        kRetryNs / kSecond, " s: ", failure_.message()));
}

void LogSeries::Lose(const Missing& missing) {
  missing_.Add(missing.records, missing.from_ns, missing.to_ns);
  counters_.Add(Metric::kRecordLost, static_cast<int64_t>(missing.records));
}

}  // namespace streamhub
