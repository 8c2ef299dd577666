// Feeds and the recorder, each on its thread: nothing is lost that is not
// counted, nothing comes twice or out of order, and the last values are the
// market's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "feeds/recorder/log_folder.h"
#include "feeds/recorder/recorder.h"
#include "tests/feeds/recorder/logged.h"

namespace streamhub {
namespace {

using Kind = TickRecord::Kind;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kTicks = 40'000;
#else
constexpr int kTicks = 200'000;
#endif
constexpr int kSymbols = 50;
constexpr int kFeeds = 2;

// A feed of its own symbols, whose ticks are numbered.
class NumberedFeed {
 public:
  NumberedFeed(TestMarket& test, Recorder& recorder, int feed)
      : clock_(test.clock),
        id_(feed == 0 ? test.feed : test.market.AddFeed(TestMarket::Info())),
        publisher_(test.market, id_, counters_, test.clock) {
    publisher_.SetTap(recorder.AddTap(id_));
    for (int i = 0; i < kSymbols; ++i) {
      SymbolInfo info;
      info.code = "F" + std::to_string(feed) + "S" + std::to_string(i);
      info.layout = &QuoteLayout();
      const auto id = publisher_.Define(std::move(info));
      EXPECT_TRUE(id.ok());
      ids_.push_back(*id);
    }
  }

  void Run() {
    for (int64_t number = 0; number < kTicks;) {
      clock_.Advance(1);
      publisher_.BeginBatch();
      for (int i = 0; i < 64 && number < kTicks; ++i, ++number) {
        // Every symbol gets another field, so that it matters which was lost.
        const auto field = static_cast<FieldId>(1 + number / kSymbols % 14);
        publisher_.Publish(ids_[static_cast<size_t>(number) % ids_.size()],
                           {{field, number}}, number + 1);
      }
      publisher_.EndBatch();
      if (number == kTicks / 2) publisher_.StartEpoch();
    }
  }

 private:
  ManualClock& clock_;
  Counters counters_;
  const FeedId id_;
  Publisher publisher_;
  std::vector<SymbolId> ids_;
};

struct Outcome {
  std::map<char, int64_t> ticks;  // by feed: the second letter of the symbol
  int64_t lost = 0;
  bool in_order = true;
  LoggedState state;
};

Outcome Record(size_t ring_bytes, bool feeds_wait, TestMarket& test) {
  const TemporaryFolder folder;
  Recorder::Options options;
  options.series.folder = folder.path();
  options.ring_bytes = ring_bytes;
  options.feeds_wait = feeds_wait;
  auto recorder = Recorder::Create(options, test.market, SystemClock());
  EXPECT_TRUE(recorder.ok()) << recorder.status();
  std::vector<std::unique_ptr<NumberedFeed>> feeds;
  for (int i = 0; i < kFeeds; ++i) {
    feeds.push_back(std::make_unique<NumberedFeed>(test, **recorder, i));
  }
  (*recorder)->Start();
  std::vector<std::thread> threads;
  for (const auto& feed : feeds) threads.emplace_back([&] { feed->Run(); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE((*recorder)->Stop().ok());

  Outcome outcome;
  std::map<char, int64_t> last;
  for (const std::string& path : ListLogs(folder.path())) {
    const LoggedFile file = ReadLog(path);
    EXPECT_FALSE(file.torn);
    EXPECT_EQ(file.wrong, "");
    Play(file, &outcome.state);
    for (const Logged& record : file.records) {
      if (record.kind == Kind::kGap) {
        outcome.lost += static_cast<int64_t>(record.lost);
      }
      if (record.kind != Kind::kTick) continue;
      ++outcome.ticks[record.code[1]];
      int64_t& number = last[record.code[1]];
      outcome.in_order &= record.event_ns > number;
      number = record.event_ns;
    }
  }
  EXPECT_EQ((*recorder)->counters().Get(Metric::kRecordLost), outcome.lost);
  return outcome;
}

TEST(RecorderThreads, WhatIsLostIsCountedAndMadeGood) {
  TestMarket test;
  // Full again and again.
  const Outcome outcome = Record(32 * 1024, /*feeds_wait=*/false, test);
  EXPECT_EQ(outcome.ticks.at('0') + outcome.ticks.at('1') + outcome.lost,
            int64_t{kFeeds} * kTicks);
  EXPECT_TRUE(outcome.in_order);
  EXPECT_EQ(outcome.state, StateOfMarket(test));
}

TEST(RecorderThreads, FeedsThatWaitLoseNothing) {
  TestMarket test;
  const Outcome outcome = Record(128 * 1024, /*feeds_wait=*/true, test);
  EXPECT_EQ(outcome.ticks.at('0'), kTicks);
  EXPECT_EQ(outcome.ticks.at('1'), kTicks);
  EXPECT_EQ(outcome.lost, 0);
  EXPECT_TRUE(outcome.in_order);
  EXPECT_EQ(outcome.state, StateOfMarket(test));
}

}  // namespace
}  // namespace streamhub
