// Plays recordings without a gateway and without waiting: for who looks into
// them or turns them into something else. One thread, its caller's.
//
// The files are played as a ReplayFeed plays them: ITCH one after the other,
// others merged by time, with the same days. Who wants to know what they bring
// into the market sets a tap; `received` of what it is told is the time of the
// record at hand, and so is the clock of the publisher.
//
//   run->SetTap(&tap);
//   PlayRun(*run, go_on, [](int64_t time_ns, int64_t messages) {});
//   if (!run->status().ok()) ...

#ifndef STREAMHUB_FEEDS_REPLAY_RECORDING_RUN_H_
#define STREAMHUB_FEEDS_REPLAY_RECORDING_RUN_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feeds/csv/decimals.h"
#include "feeds/publisher.h"
#include "feeds/replay/merged_reader.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recorded_market.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/replay_options.h"
#include "feeds/replay/replay_range.h"
#include "feeds/session_time.h"
#include "feeds/tick_tap.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

class RecordingRun {
 public:
  struct Settings {
    size_t symbols_max = 1'000'000;
    uint32_t tape = 0;  // trades kept of each symbol
  };

  // The files of `options`, whose speed, loop and progress are not looked at.
  // Records later than its `to` are not played. Those earlier than its `from`
  // are played, and nobody is told; with the first later one the tap is told of
  // all symbols that there are by then, and of all their values.
  // InvalidArgument or NotFound, in one line that names the flag or the file.
  static absl::StatusOr<std::unique_ptr<RecordingRun>> Create(
      const ReplayOptions& options, const Settings& settings);
  static absl::StatusOr<std::unique_ptr<RecordingRun>> Create(
      const ReplayOptions& options) {
    return Create(options, Settings());
  }

  // It outlives the run.
  void SetTap(TickTap* tap);

  // The record that was applied last is not earlier than `from`.
  bool begun() const { return begun_; }

  // As of a RecordReader, over all files. kEnd or kFailed come again, once they
  // came. kFailed: something could not be read on.
  RecordReader::Next Peek(int wait_ms_max, int64_t* time_ns);

  // Publishes that record, in a batch of its own.
  void Apply();

  // What was wrong so far, of all files, the first one; after kEnd too, if
  // messages are lost or were left out.
  absl::Status status() const;

  const std::vector<Recording>& files() const { return files_; }

  // What is read now, or was last: one file's, if there is one or they are
  // played one after the other. Null before the first Peek().
  const RecordReader* reader() const { return reader_.get(); }

  const Market& market() const { return market_; }
  Counters& counters() { return counters_; }

  // So far, of all files.
  int64_t records() const { return records_; }
  int64_t messages() const;
  uint64_t messages_lost() const;

  // Of all files; the second is 0 if it is not known.
  int64_t bytes_read() const;
  int64_t bytes_total() const { return bytes_total_; }

 private:
  // Stands still but for SetNs(). Nothing is measured with it.
  class RecordClock final : public Clock {
   public:
    int64_t WallNs() const override { return ns_; }
    int64_t MonoNs() const override { return 0; }
    void SetNs(int64_t ns) { ns_ = ns; }

   private:
    int64_t ns_ = 0;
  };

  RecordingRun(const Settings& settings, std::vector<Recording> files,
               csv::DecimalsFinder decimals, std::optional<SessionRoll> roll,
               ReplayRange range);

  bool OpenNext();
  bool OpenMerged();
  absl::StatusOr<std::unique_ptr<RecordReader>> Open(const Recording& file);
  void Close();
  bool IsPastEnd(int64_t time_ns);
  void Begin();

  const std::vector<Recording> files_;
  const ReplayRange range_;
  const std::optional<SessionRoll> roll_;
  RecordClock clock_;
  Counters counters_;
  Market market_;
  Publisher publisher_;
  RecordedMarket recorded_;

  size_t next_file_ = 0;
  std::unique_ptr<RecordReader> reader_;
  MergedReader* merged_ = nullptr;  // it, if there are several
  bool ended_ = false;
  bool failed_ = false;
  absl::Status status_;  // of files that are at their end

  TickTap* tap_ = nullptr;
  bool begun_ = false;
  std::optional<int64_t> from_ns_, to_ns_;  // once there is a record

  int64_t time_ns_ = 0;  // of the record at hand
  int64_t next_roll_ns_ = 0;
  int64_t records_ = 0;
  int64_t messages_before_ = 0;  // of the files before
  uint64_t lost_before_ = 0;
  int64_t bytes_before_ = 0;
  int64_t bytes_total_ = 0;
};

// Plays all that is left. `go_on` is asked now and then, also while a pipe is
// silent, and ends it by false. `on_record(time_ns, messages)` comes after each
// record, with the number of messages that were read for it. How it ended;
// kRecord or kWaiting: by `go_on`.
template <typename OnRecord>
RecordReader::Next PlayRun(RecordingRun& run,
                           const std::function<bool()>& go_on,
                           OnRecord on_record) {
  constexpr int kRecordsPerAsk = 1024;
  constexpr int kWaitMs = 50;
  int64_t messages = run.messages();
  while (true) {
    if (!go_on()) return RecordReader::Next::kWaiting;
    for (int i = 0; i < kRecordsPerAsk; ++i) {
      int64_t time_ns = 0;
      const RecordReader::Next next = run.Peek(kWaitMs, &time_ns);
      if (next == RecordReader::Next::kWaiting) break;
      if (next != RecordReader::Next::kRecord) return next;
      run.Apply();
      const int64_t before = messages;
      messages = run.messages();
      on_record(time_ns, messages - before);
    }
  }
}

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORDING_RUN_H_
