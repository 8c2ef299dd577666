// Records a market: everything that its feeds let into the cache, as tick logs
// in a folder. A feed tells its tap (ring_tap.h), which never waits; one thread
// takes that out of the taps' rings and writes it (log_series.h).
//
//   auto recorder = Recorder::Create(options, market, SystemClock());
//   publisher.SetTap((*recorder)->AddTap(feed_id));
//   (*recorder)->Start();
//   ...                              // the feed runs, and ends
//   absl::Status status = (*recorder)->Stop();
//
// Where a ring is full, what is lost is counted and becomes a gap, where in the
// log it was, as soon as the thread is there; and once the ring is empty, the
// symbols that lost something are written as they are by then, so that the
// log's last values are the market's again. Records of several feeds are in the
// order of their times, but for those that come within the same few
// milliseconds.

#ifndef STREAMHUB_FEEDS_RECORDER_RECORDER_H_
#define STREAMHUB_FEEDS_RECORDER_RECORDER_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "feeds/recorder/log_series.h"
#include "feeds/recorder/ring_tap.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

class Recorder {
 public:
  struct Options {
    LogSeriesOptions series;
    size_t ring_bytes = 64 << 20;  // of each feed
    // Feeds wait instead of losing records: for what is no live source.
    bool feeds_wait = false;
  };

  // Begins the first file. Errors name the folder or the file. `market` and
  // `clock` outlive it.
  static absl::StatusOr<std::unique_ptr<Recorder>> Create(Options options,
                                                          const Market& market,
                                                          const Clock& clock);

  // Stops.
  ~Recorder();

  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // --- main thread, before Start() ---

  // For the publisher of that feed of the market; lives as long as this.
  TickTap* AddTap(FeedId feed);

  // --- main thread ---

  void Start();

  // The feeds have ended. Writes what is left and ends the file. The error of
  // a file that could not be written and was not made good. Once.
  absl::Status Stop();

  // --- any thread ---

  const Counters& counters() const { return counters_; }

  // --- the recorder's thread; of tests that do not Start(), theirs ---

  // Takes what is in the rings, a few thousand records at most. Whether there
  // was anything.
  bool Turn();

 private:
  // How long it rests when the rings are empty.
  static constexpr int64_t kRestNs = 5 * kMillisecond;
  static constexpr int kTurnRecords = 8192;

  struct Source {
    Source(FeedId of, const SymbolTable& symbols, RingTap::Options options)
        : feed(of), tap(symbols, options) {}

    FeedId feed;
    RingTap tap;
    uint64_t told = 0;    // records lost that a gap tells
    bool losing = false;  // the last word is that some are being lost,
    int64_t from_ns = 0;  // from here on
    FeedStatus status = FeedStatus::kDown;  // as it was written last
  };

  Recorder(Options options, const Market& market, const Clock& clock);

  void Run();
  Source* Oldest();
  void TakeOne(Source& source);
  void TakeTick(Source& source, SymbolId id, size_t count);
  void TakeTrade(Source& source, SymbolId id);
  void Know(SymbolId id);
  void TellLost(Source& source, uint64_t total, int64_t to_ns);
  void MakeGood(Source& source);
  void NoteStaleness(Source& source);

  const Options options_;
  const Market& market_;
  const Clock& clock_;
  Counters counters_;
  LogSeries series_;
  std::vector<std::unique_ptr<Source>> sources_;

  // At hand:
  std::array<FieldValue, kLayoutFieldsMax> values_;
  std::vector<FieldValue> state_;
  std::vector<SymbolId> lost_;
  std::string text_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // under mutex_
  bool stopped_ = false;   // main thread
  std::thread thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_RECORDER_H_
