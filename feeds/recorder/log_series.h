// A recording as a series of tick logs: one file after the other, each of which
// begins with all symbols and their values, so that it can be played alone. The
// recorder's thread.
//
// What it is told goes to the file at hand, and a block of it is written at
// least every second. While that cannot be written (a full disk), records are
// counted; every few seconds another file is tried, and the first one that can
// be written begins with a gap of them. What a file that failed holds up to its
// last whole block stays.

#ifndef STREAMHUB_FEEDS_RECORDER_LOG_SERIES_H_
#define STREAMHUB_FEEDS_RECORDER_LOG_SERIES_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "feeds/field_value.h"
#include "feeds/recorder/kept_market.h"
#include "feeds/recorder/log_folder.h"
#include "feeds/tape.h"
#include "feeds/ticklog/log_writer.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/feed_board.h"

namespace streamhub {

struct LogSeriesOptions {
  std::string folder = {};
  // When another file is begun; 0: never for that. A file may be longer than
  // `rotate_bytes` by a block or two, and by as much as what it begins with.
  int64_t rotate_bytes = 0;
  int64_t rotate_ns = 0;
  size_t keep = 0;  // files in the folder, older ones are deleted; 0: all
  ticklog::WriterOptions writer = {};
  // Of tests; null: LogWriter::Create.
  std::function<absl::StatusOr<std::unique_ptr<ticklog::LogWriter>>(
      const std::string& path)>
      open = {};
};

class LogSeries {
 public:
  // How long a block waits for more at most, and how long a disk that failed is
  // left alone.
  static constexpr int64_t kFlushNs = kSecond;
  static constexpr int64_t kRetryNs = 3 * kSecond;

  // All of them outlive it; `counters` are those of its thread. Symbols are
  // told as those of the feeds in `feeds`.
  LogSeries(LogSeriesOptions options, const FeedBoard& feeds,
            const Clock& clock, Counters& counters);

  // Begins the first file. Errors name the folder or the file.
  absl::Status Open();

  // As TickTap is told. `id` is a known symbol's, `values` fields of its
  // layout, each at most once.
  bool Knows(SymbolId id) const { return kept_.Knows(id); }
  void Define(SymbolId id, const SymbolInfo& info);
  void Tick(SymbolId id, std::span<const FieldValue> values,
            int64_t received_ns, int64_t event_ns);
  void Trade(SymbolId id, const TradeReport& trade, int64_t received_ns,
             int64_t event_ns);
  void Status(FeedId feed, FeedStatus status, int64_t time_ns);
  void Epoch(FeedId feed, uint64_t epoch, int64_t time_ns);

  // So many records were lost on the way here.
  void Gap(uint64_t records, int64_t from_ns, int64_t to_ns);
  // So many messages were lost before they reached the feed.
  void SourceGap(uint64_t messages, int64_t time_ns);
  // What the symbol is by now, after a gap: all of its fields.
  void Refresh(SymbolId id, std::span<const FieldValue> values,
               int64_t received_ns, int64_t event_ns);

  // What time brings: blocks are written, files begun, a disk is tried again.
  // Often, and at least a few times a second.
  void Turn();

  // Writes what is left and ends the file. The error of a file that could not
  // be written, if there is one that was not made good.
  absl::Status Close();

  // Instead of Close(), where the recording never began: a file in which there
  // is nothing is deleted.
  absl::Status Discard();

  // Of the file at hand; empty: there is none, or it cannot be written.
  const std::string& path() const { return path_; }

 private:
  // Records that are in no file.
  struct Missing {
    uint64_t records = 0;
    int64_t from_ns = 0, to_ns = 0;

    void Add(uint64_t count, int64_t from, int64_t to);
  };

  absl::Status Begin();
  absl::StatusOr<std::unique_ptr<ticklog::LogWriter>> OpenNext();
  void TellAll();
  void TellGap(const Missing& missing);
  void Wrote(int64_t time_ns);
  void NoteBlocks();
  bool IsDue() const;
  void Rotate();
  void Retry();
  void Fail(const absl::Status& status);
  void Lose(const Missing& missing);

  const LogSeriesOptions options_;
  const FeedBoard& feeds_;
  const Clock& clock_;
  Counters& counters_;

  KeptMarket kept_;
  struct FeedState {
    FeedStatus status;
    int64_t time_ns;
    bool known = false;
  };
  std::vector<FeedState> feed_states_;

  LogFolderLock lock_;
  std::unique_ptr<ticklog::LogWriter> writer_;
  std::string path_;
  uint64_t number_ = 0;       // of the newest file
  int64_t began_ns_ = 0;      // when it was begun; monotonic, as all below
  uint64_t bytes_began_ = 0;  // what it began with
  uint64_t bytes_ = 0;        // of it that are written
  uint64_t records_ = 0;      // of it, without what it began with
  Missing block_;             // what is told but not written yet
  int64_t block_ns_ = 0;      // when the first of that was told, about
  int64_t now_ns_;

  Missing missing_;                 // since it cannot be written
  int64_t retry_ns_ = 0;            // when it is tried again
  absl::Status failure_;            // why it cannot be written
  int64_t told_ns_ = 0;             // when the log was told; 0: never
  std::vector<FieldValue> values_;  // at hand
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_LOG_SERIES_H_
