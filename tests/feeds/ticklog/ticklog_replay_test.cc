// Tick logs as recordings: what a market was told, played to another.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/replay/byte_source.h"
#include "feeds/replay/recording_kind.h"
#include "feeds/replay/replay_feed.h"
#include "feeds/replay/ticklog_reader.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/fake_control.h"
#include "tests/feeds/replay/market_state.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/feeds/ticklog/tap_logs.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using ticklog::LogWriter;
using ticklog::TapLogs;

constexpr uint32_t kTape = 1000;

class TickLogReplayTest : public testing::Test {
 protected:
  static ReplayOptions Options(std::vector<std::string> files) {
    ReplayOptions options;
    options.files = std::move(files);
    options.date = "2024-01-02";
    options.speed = ReplayOptions::kMaxSpeed;
    return options;
  }

  static absl::Status Play(TestMarket& market, ReplayOptions options) {
    FakeControl control(market);
    auto feed = ReplayFeed::Create(std::move(options));
    if (!feed.ok()) return feed.status();
    if (absl::Status s = (*feed)->CheckStarts(); !s.ok()) return s;
    return (*feed)->Run(market.publisher, control);
  }

  // Plays the recording and writes logs of it.
  std::vector<std::string> Record(const std::string& path,
                                  uint64_t records_max = ~uint64_t{0}) {
    TapLogs logs(recorded_, records_max);
    recorded_.publisher.SetTap(&logs);
    static_cast<void>(Play(recorded_, Options({path})));
    recorded_.publisher.SetTap(nullptr);
    return logs.Take();
  }

  std::string Log(const std::function<void(LogWriter&)>& write,
                  size_t block_bytes = 1 << 20) {
    std::string bytes;
    LogWriter writer(
        [&bytes](std::string_view piece) {
          bytes += piece;
          return absl::OkStatus();
        },
        {.block_bytes = block_bytes, .level = 1});
    SymbolInfo info;
    info.code = "A";
    info.layout = &QuoteLayout();
    writer.Symbol(0, info, "f");
    write(writer);
    EXPECT_TRUE(writer.Close().ok());
    return bytes;
  }

  static void Bid(LogWriter& writer, int64_t bid, int64_t time_ns) {
    const FieldValue value = {FieldId::kBid, bid};
    writer.Tick(0, {&value, 1}, time_ns, time_ns - 1);
  }

  std::unique_ptr<TickLogReader> Open(const TemporaryFile& file) {
    auto source = ByteSource::Open(file.path());
    EXPECT_TRUE(source.ok());
    return std::make_unique<TickLogReader>(*std::move(source), handler_,
                                           played_.counters);
  }

  FeedStatus Shown() const {
    return played_.market.feeds().StatusAt(played_.feed,
                                           played_.clock.MonoNs());
  }

  int64_t PlayedBid() {
    const auto id = played_.market.symbols().Find("A");
    return id.has_value() ? played_.Value(*id, FieldId::kBid) : kEmpty;
  }

  TestMarket recorded_{1000, TestMarket::Info(), kTape};
  TestMarket played_{1000, TestMarket::Info(), kTape};
  ticklog::TickLogHandler handler_{played_.publisher};
};

TEST_F(TickLogReplayTest, AMarketThatIsPlayedIsTheOneThatWasRecorded) {
  const TemporaryFile itch("20240102.itch", itch::MakeSampleSession());
  const auto logs = Record(itch.path());
  ASSERT_EQ(logs.size(), 1u);
  const TemporaryFile log("a", logs[0]);
  ASSERT_EQ(Play(played_, Options({log.path()})), absl::OkStatus());
  EXPECT_GT(recorded_.counters.Get(Metric::kTicks), 100);
  EXPECT_GT(recorded_.counters.Get(Metric::kTrades), 0);
  EXPECT_EQ(StateOf(played_), StateOf(recorded_));
  EXPECT_EQ(played_.counters.Get(Metric::kTicks),
            recorded_.counters.Get(Metric::kTicks));
  EXPECT_EQ(played_.counters.Get(Metric::kTrades),
            recorded_.counters.Get(Metric::kTrades));
}

TEST_F(TickLogReplayTest, FilesOfARotationPlayAsIfTheyWereOne) {
  const TemporaryFile itch("20240102.itch", itch::MakeSampleSession());
  const auto logs = Record(itch.path(), 100);
  ASSERT_GE(logs.size(), 3u);
  std::deque<TemporaryFile> files;
  std::vector<std::string> paths;
  for (const std::string& log : logs) {
    paths.push_back(files.emplace_back("a", log).path());
  }
  ASSERT_EQ(Play(played_, Options(paths)), absl::OkStatus());
  EXPECT_EQ(StateOf(played_), StateOf(recorded_));
  EXPECT_EQ(played_.counters.Get(Metric::kTicks),
            recorded_.counters.Get(Metric::kTicks));
  EXPECT_EQ(played_.counters.Get(Metric::kEpochs), 0);

  // The last one alone ends with the same values.
  TestMarket alone;
  ASSERT_EQ(Play(alone, Options({paths.back()})), absl::OkStatus());
  for (SymbolId id = 0; id < recorded_.market.symbols().size(); ++id) {
    const SymbolInfo& info = recorded_.market.symbols().Get(id);
    if (info.topic != nullptr) continue;
    const auto found = alone.market.symbols().Find(info.code);
    ASSERT_TRUE(found.has_value()) << info.code;
    for (int i = 0; i < info.layout->size(); ++i) {
      const FieldId field = info.layout->field(i);
      EXPECT_EQ(alone.Value(*found, field), recorded_.Value(id, field))
          << info.code << ' ' << FieldName(field);
    }
  }
}

// Of recordings that are not part of the source tree: without them skipped.
TEST_F(TickLogReplayTest, RealRecordingsAreTheSameAfterwards) {
  const std::string folder = STREAMHUB_SOURCE_DIR "/../shared/data/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  for (const std::string_view file :
       {"itch/ritch_moldudp64_clean.pcap.gz", "dbn/small/live.mixed.dbn.zst",
        "fix/eurusd_20140505.fix44.log.gz", "ws/kraken_20210417.ws.gz",
        "csv/tardis_huobi-dm-swap_quotes_BTC-USD.csv"}) {
    TestMarket recorded(1000, TestMarket::Info(), kTape);
    TapLogs logs(recorded, ~uint64_t{0});
    recorded.publisher.SetTap(&logs);
    static_cast<void>(Play(recorded, Options({folder + std::string(file)})));
    const TemporaryFile log("a", logs.Take()[0]);
    TestMarket played(1000, TestMarket::Info(), kTape);
    ASSERT_EQ(Play(played, Options({log.path()})), absl::OkStatus()) << file;
    EXPECT_GT(recorded.counters.Get(Metric::kTicks), 0) << file;
    EXPECT_EQ(StateOf(played), StateOf(recorded)) << file;
    EXPECT_EQ(played.counters.Get(Metric::kTrades),
              recorded.counters.Get(Metric::kTrades))
        << file;
  }
}

TEST_F(TickLogReplayTest, WhatHasNoTimeHasThatOfWhatFollows) {
  const TemporaryFile file("a", Log([](LogWriter& writer) {
                             const FieldValue bid = {FieldId::kBid, 7};
                             writer.Status("f", FeedStatus::kStale, 1);
                             writer.Refresh(0, {&bid, 1}, 3, 2);  // hours ago
                             Bid(writer, 8, 1000);
                             SymbolInfo info;
                             info.code = "B";
                             info.layout = &QuoteLayout();
                             writer.Symbol(1, info, "f");
                             Bid(writer, 9, 2000);
                           }));
  const auto reader = Open(file);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(*reader, &times), RecordReader::Next::kEnd);
  EXPECT_THAT(times, ElementsAre(1000, 1000, 1000, 1000, 1000, 2000));
  EXPECT_EQ(PlayedBid(), 9);
  EXPECT_EQ(Shown(), FeedStatus::kStale);
  EXPECT_TRUE(played_.market.symbols().Find("B").has_value());
  EXPECT_TRUE(reader->status().ok()) << reader->status();
  EXPECT_EQ(reader->bytes_read(), reader->bytes_total());
}

TEST_F(TickLogReplayTest, ALogWithoutAnyTimeIsPlayed) {
  const TemporaryFile file("a", Log([](LogWriter& writer) {
                             const FieldValue bid = {FieldId::kBid, 7};
                             writer.Refresh(0, {&bid, 1}, 3, 2);
                           }));
  const auto reader = Open(file);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(*reader, &times), RecordReader::Next::kEnd);
  EXPECT_THAT(times, ElementsAre(0, 0));
  EXPECT_EQ(PlayedBid(), 7);
}

TEST_F(TickLogReplayTest, RecordsThatWereNotKeptAreAGap) {
  const TemporaryFile file("a", Log([](LogWriter& writer) {
                             Bid(writer, 1, 1000);
                             Bid(writer, 2, 1001);
                             writer.Gap(5, 1001, 1010);
                             Bid(writer, 3, 1010);
                           }));
  const auto reader = Open(file);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(*reader, &times), RecordReader::Next::kEnd);
  ASSERT_NE(reader->gaps(), nullptr);
  EXPECT_THAT(reader->gaps()->kept(), ElementsAre(Gap{"recording", 3, 7}));
  EXPECT_TRUE(reader->status().ok());
  EXPECT_EQ(PlayedBid(), 3);
}

TEST_F(TickLogReplayTest, ADamagedBlockIsAGapAndTheRestIsPlayed) {
  std::string bytes = Log([](LogWriter& writer) {
    for (int i = 1; i <= 30; ++i) {
      Bid(writer, i, 1000 * i);
      if (i % 10 == 0) static_cast<void>(writer.Flush());
    }
  });
  // The second of three; the first is large, as it defines the symbol.
  const size_t first = bytes.find(ticklog::kBlockMagic);
  const size_t second = bytes.find(ticklog::kBlockMagic, first + 1);
  bytes[second + ticklog::kBlockHeadBytes + 9] ^= 1;
  const TemporaryFile file("a", bytes);
  const absl::Status status = Play(played_, Options({file.path()}));
  EXPECT_EQ(status.message(),
            absl::StrCat(file.path(), ": at byte ", second,
                         ": block 1 is damaged: its checksum is wrong; its 10 "
                         "records are lost"));
  EXPECT_EQ(PlayedBid(), 30);
  EXPECT_EQ(played_.counters.Get(Metric::kTicks), 20);
  const auto reader = Open(file);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(*reader, &times), RecordReader::Next::kEnd);
  EXPECT_THAT(reader->gaps()->kept(), ElementsAre(Gap{"recording", 11, 20}));
}

TEST_F(TickLogReplayTest, ALogOfAKilledWriterIsPlayedToItsLastWholeBlock) {
  std::string bytes = Log([](LogWriter& writer) {
    for (int i = 1; i <= 20; ++i) {
      Bid(writer, i, 1000 * i);
      if (i % 10 == 0) static_cast<void>(writer.Flush());
    }
  });
  const size_t first = bytes.find(ticklog::kBlockMagic);
  const size_t second = bytes.find(ticklog::kBlockMagic, first + 1);
  const TemporaryFile file("a", bytes.substr(0, second + 60));
  const absl::Status status = Play(played_, Options({file.path()}));
  EXPECT_EQ(status.message(),
            absl::StrCat(file.path(), ": at byte ", second + 60,
                         ": ends inside a block: the writer was killed; 10 "
                         "records are whole"));
  EXPECT_EQ(PlayedBid(), 10);
}

TEST_F(TickLogReplayTest, WhatWasSentIsNothingToPlay) {
  const TemporaryFile file("a", Log([](LogWriter& writer) {
                             SentRecord sent;
                             sent.time_ns = 5;
                             for (int i = 0; i < 9000; ++i) writer.Sent(sent);
                           }));
  const absl::Status status = Play(played_, Options({file.path()}));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("which is nothing to play"));
}

TEST_F(TickLogReplayTest, AFeedThatWasStaleIsShownSoAndEnds) {
  const TemporaryFile file("a", Log([](LogWriter& writer) {
                             writer.Status("f", FeedStatus::kLive, 1000);
                             Bid(writer, 1, 1000);
                             writer.Status("f", FeedStatus::kStale, 2000);
                             Bid(writer, 2, 3000);
                           }));
  FakeControl control(played_);
  std::vector<FeedStatus> seen;
  control.on_wait = [&] { seen.push_back(Shown()); };
  ReplayOptions options = Options({file.path()});
  options.speed = 1;
  auto feed = ReplayFeed::Create(options);
  ASSERT_TRUE(feed.ok()) << feed.status();
  ASSERT_TRUE((*feed)->Run(played_.publisher, control).ok());
  // Before the status, and before the last tick.
  EXPECT_THAT(seen, ElementsAre(FeedStatus::kLive, FeedStatus::kStale));
  EXPECT_THAT(control.waits_ns, ElementsAre(1000, 2000));
  EXPECT_EQ(Shown(), FeedStatus::kEnded);
}

TEST_F(TickLogReplayTest, ALoopBeginsEmpty) {
  const TemporaryFile file("a", Log([](LogWriter& writer) {
                             writer.Epoch(5, 1);
                             Bid(writer, 1, 1000);
                             writer.Epoch(6, 1500);
                             const FieldValue ask = {FieldId::kAsk, 3};
                             writer.Tick(0, {&ask, 1}, 2000, 0);
                           }));
  FakeControl control(played_);
  ReplayOptions options = Options({file.path()});
  options.loop = true;
  int64_t rounds = 0;
  options.progress = [&](const ReplayProgress& progress) {
    rounds = progress.round;
    control.stop = rounds == 3 && progress.messages == 5;
  };
  auto feed = ReplayFeed::Create(options);
  ASSERT_TRUE(feed.ok()) << feed.status();
  ASSERT_TRUE((*feed)->Run(played_.publisher, control).ok());
  EXPECT_EQ(rounds, 3);
  // One in each round, and one for each further round.
  EXPECT_EQ(played_.counters.Get(Metric::kEpochs), 3 + 2);
  EXPECT_EQ(PlayedBid(), kEmpty);
}

TEST_F(TickLogReplayTest, IsKnownByWhatItBeginsWith) {
  const std::string bytes = Log([](LogWriter&) {});
  EXPECT_EQ(KindOfBytes(
                {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}),
            RecordingKind::kTickLog);
  EXPECT_EQ(FindKind("ticklog"), RecordingKind::kTickLog);
  EXPECT_FALSE(IsItch(RecordingKind::kTickLog));
}

}  // namespace
}  // namespace streamhub
