// Plays recordings by a RecordingRun and looks at the market between records.

#ifndef STREAMHUB_TESTS_FEEDS_REPLAY_PLAYED_RUN_H_
#define STREAMHUB_TESTS_FEEDS_REPLAY_PLAYED_RUN_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/log_tap.h"
#include "feeds/replay/recording_run.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/support/tape_reader.h"

namespace streamhub {

// Of each symbol: description, ticks, times, the values; and the tapes.
struct WholeMarket {
  std::map<std::string, std::vector<int64_t>> quotes;
  std::map<std::string, std::vector<std::string>> tapes;

  // Without symbols that had no tick so far: in a tick log such a one has no
  // time of its own, and comes with the record before it.
  WholeMarket Ticked() const {
    WholeMarket ticked = *this;
    std::erase_if(ticked.quotes,
                  [](const auto& quote) { return quote.second[2] <= 1; });
    return ticked;
  }

  friend bool operator==(const WholeMarket&, const WholeMarket&) = default;
};

inline WholeMarket MarketOf(const Market& market) {
  WholeMarket whole;
  for (SymbolId id = 0; id < market.symbols().size(); ++id) {
    const SymbolInfo& info = market.symbols().Get(id);
    if (market.topic(id) != nullptr) continue;
    QuoteView view;
    EXPECT_TRUE(market.cache().Read(id, info.layout->all(), &view));
    std::vector<int64_t>& values = whole.quotes[info.code];
    const bool ticked = view.ticks > 1;  // the first one made it
    values = {info.price_decimals, info.quantity_decimals,
              static_cast<int64_t>(view.ticks), ticked ? view.received_ns : 0,
              view.event_ns};
    for (int i = 0; i < info.layout->size(); ++i) {
      values.push_back(static_cast<int64_t>(info.layout->field(i)));
      values.push_back(view.value[static_cast<size_t>(i)]);
    }
    auto tape = TapeOf(market, info.code);
    if (!tape.empty()) whole.tapes[info.code] = std::move(tape);
  }
  return whole;
}

inline std::unique_ptr<RecordingRun> Open(ReplayOptions options,
                                          const std::string& path,
                                          uint32_t tape = 2000) {
  options.files = {path};
  auto run =
      RecordingRun::Create(options, {.symbols_max = 20'000, .tape = tape});
  EXPECT_TRUE(run.ok()) << run.status();
  return run.ok() ? *std::move(run) : nullptr;
}

// Asks on where a reader wants a turn of its feed in between.
inline RecordReader::Next PeekWaiting(RecordingRun& run, int64_t* time_ns) {
  auto next = RecordReader::Next::kWaiting;
  while (next == RecordReader::Next::kWaiting) next = run.Peek(0, time_ns);
  return next;
}

// Plays all records up to and with that time. The time of the last one.
inline int64_t PlayTo(RecordingRun& run, int64_t end_ns) {
  int64_t last_ns = 0;
  while (true) {
    int64_t time_ns = 0;
    const auto next = run.Peek(0, &time_ns);
    if (next == RecordReader::Next::kWaiting) continue;
    if (next != RecordReader::Next::kRecord || time_ns > end_ns) return last_ns;
    last_ns = time_ns;
    run.Apply();
  }
}

// Plays as many ticks and trades as `other` had. Not by time: a recording may
// not be in the order of time.
inline void PlayAsFarAs(RecordingRun& other, RecordingRun& run) {
  const auto is_behind = [&](Metric metric) {
    return run.counters().Get(metric) < other.counters().Get(metric);
  };
  int64_t time_ns = 0;
  while ((is_behind(Metric::kTicks) || is_behind(Metric::kTrades)) &&
         PeekWaiting(run, &time_ns) == RecordReader::Next::kRecord) {
    run.Apply();
  }
}

inline constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();

// Everything of `run`, as a tick log.
inline std::string TickLogOf(RecordingRun& run) {
  std::string bytes;
  ticklog::LogWriter writer(
      [&bytes](std::string_view piece) {
        bytes += piece;
        return absl::OkStatus();
      },
      {});
  LogTap tap(writer, "sample");
  run.SetTap(&tap);
  PlayTo(run, kToTheEnd);
  run.SetTap(nullptr);
  EXPECT_EQ(writer.Close(), absl::OkStatus());
  EXPECT_EQ(writer.left_out(), 0u);
  return bytes;
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_REPLAY_PLAYED_RUN_H_
