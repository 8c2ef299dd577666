// A recording as files: when blocks are written and files begun, that each can
// be played alone, and what a full disk does.

#include "feeds/recorder/log_series.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/recorder/log_folder.h"
#include "feeds/ticklog/log_file.h"
#include "tests/feeds/recorder/logged.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using Kind = TickRecord::Kind;

// Writes files, on a disk that a test can fill.
class Disk {
 public:
  auto Opener() {
    return [this](const std::string& path)
               -> absl::StatusOr<std::unique_ptr<ticklog::LogWriter>> {
      ++opened;
      auto file = ticklog::LogFile::Create(path);
      if (!file.ok()) return file.status();
      std::shared_ptr<ticklog::LogFile> shared = *std::move(file);
      return std::make_unique<ticklog::LogWriter>(
          [this, shared](std::string_view piece) {
            if (full) return absl::ResourceExhaustedError("the disk is full");
            return shared->Append(piece);
          },
          ticklog::WriterOptions{});
    };
  }

  bool full = false;
  int opened = 0;
};

class LogSeriesTest : public testing::Test {
 protected:
  void Start(LogSeriesOptions options = {}) {
    options.folder = folder_.path();
    if (!options.open) options.open = disk_.Opener();
    series_ = std::make_unique<LogSeries>(
        std::move(options), test_.market.feeds(), test_.clock, counters_);
    const absl::Status opened = series_->Open();
    ASSERT_TRUE(opened.ok()) << opened;
  }

  SymbolId Add(std::string_view code) {
    const SymbolId id = test_.Add(code);
    series_->Define(id, test_.market.symbols().Get(id));
    return id;
  }

  // Into the market and the series, as a tap would.
  void Tick(SymbolId id, std::vector<FieldValue> values) {
    test_.publisher.BeginBatch();
    test_.publisher.Publish(id, values, 0);
    test_.publisher.EndBatch();
    series_->Tick(id, values, test_.clock.WallNs(), 0);
  }

  void Pass(int64_t ns) {
    test_.clock.Advance(ns);
    series_->Turn();
  }

  int64_t Count(Metric metric) const { return counters_.Get(metric); }
  std::vector<std::string> Files() const { return ListLogs(folder_.path()); }

  const TemporaryFolder folder_;
  TestMarket test_;
  Counters counters_;
  Disk disk_;
  std::unique_ptr<LogSeries> series_;
};

TEST_F(LogSeriesTest, ABlockIsWrittenWithinASecond) {
  Start();
  const SymbolId id = Add("A");
  Pass(0);
  Tick(id, {{FieldId::kBid, 1}});
  Pass(LogSeries::kFlushNs - 1);
  EXPECT_THAT(ReadLog(series_->path()).records, SizeIs(0));
  EXPECT_EQ(Count(Metric::kRecordedRecords), 0);
  Pass(1);
  EXPECT_THAT(ReadLog(series_->path()).Of(Kind::kTick), SizeIs(1));
  EXPECT_EQ(Count(Metric::kRecordedRecords), 1);
  // Nothing new: nothing is written.
  const int64_t bytes = Count(Metric::kRecordedBytes);
  Pass(10 * LogSeries::kFlushNs);
  EXPECT_EQ(Count(Metric::kRecordedBytes), bytes);
  ASSERT_TRUE(series_->Close().ok());
}

TEST_F(LogSeriesTest, ALogIsWholeWhenItIsClosed) {
  Start();
  const SymbolId id = Add("A");
  Tick(id, {{FieldId::kBid, 1}});
  series_->Trade(id, {.price = 5, .size = 6, .id = "x"}, 7, 8);
  series_->Status(test_.feed, FeedStatus::kEnded, 9);
  ASSERT_TRUE(series_->Close().ok());
  ASSERT_THAT(Files(), SizeIs(1));
  const LoggedFile file = ReadLog(Files()[0]);
  EXPECT_FALSE(file.torn);
  EXPECT_EQ(file.wrong, "");
  ASSERT_THAT(file.records, SizeIs(4));
  EXPECT_EQ(file.records[2].trade.price, 5);
  EXPECT_EQ(file.records[2].trade_id, "x");
  EXPECT_EQ(file.records[3].feed, "test");
  EXPECT_EQ(Count(Metric::kRecordedRecords), 3);
  EXPECT_EQ(Count(Metric::kRecordLost), 0);
}

// Alone, each file ends with what the market held when it ended.
TEST_F(LogSeriesTest, EachFileCanBePlayedAlone) {
  Start({.rotate_ns = 60 * kSecond});
  const SymbolId a = Add("A");
  const SymbolId b = Add("B");
  Add("NEVER TICKED");
  std::vector<LoggedState> states;
  series_->Status(test_.feed, FeedStatus::kLive, 1);
  for (int i = 0; i < 4; ++i) {
    Tick(a, {{FieldId::kBid, 10 + i}, {FieldId::kAsk, 20}});
    // Only the first file has a tick of B, and A's ask is empty in the last.
    if (i == 0) Tick(b, {{FieldId::kLast, 7}});
    if (i == 3) Tick(a, {{FieldId::kAsk, kEmpty}});
    states.push_back(StateOfMarket(test_));
    Pass(60 * kSecond);
  }
  ASSERT_TRUE(series_->Close().ok());
  ASSERT_THAT(Files(), SizeIs(5));  // the last one has nothing new
  LoggedState together;
  for (size_t i = 0; i < 4; ++i) {
    const LoggedFile file = ReadLog(Files()[i]);
    EXPECT_FALSE(file.torn) << i;
    LoggedState alone;
    Play(file, &alone);
    EXPECT_EQ(alone, states[i]) << i;
    Play(file, &together);
    EXPECT_EQ(together, states[i]) << i;
    ASSERT_THAT(file.Of(Kind::kStatus), SizeIs(1)) << i;
    EXPECT_EQ(file.Of(Kind::kStatus)[0].status, FeedStatus::kLive);
    // What a file begins with is no tick.
    EXPECT_THAT(file.Of(Kind::kTick), SizeIs(i == 0 || i == 3 ? 2 : 1)) << i;
  }
  EXPECT_EQ(Count(Metric::kRecordFiles), 5);
}

TEST_F(LogSeriesTest, ATickNobodyFollowsBeginsNoMoreFiles) {
  Start({.rotate_ns = kSecond});
  Tick(Add("A"), {{FieldId::kBid, 1}});
  for (int i = 0; i < 10; ++i) Pass(kSecond);
  EXPECT_THAT(Files(), SizeIs(2));
  ASSERT_TRUE(series_->Close().ok());
}

TEST_F(LogSeriesTest, AFileThatIsLongIsFollowedByAnother) {
  constexpr int64_t kBytes = 2'000;
  Start({.rotate_bytes = kBytes});
  const SymbolId id = Add("A");
  for (int i = 0; i < 200; ++i) {
    Tick(id, {{FieldId::kBid, i * 7919 % 1000}});
    Pass(LogSeries::kFlushNs);
  }
  ASSERT_TRUE(series_->Close().ok());
  ASSERT_GT(Files().size(), 3u);
  int64_t ticks = 0;
  for (const std::string& path : Files()) {
    // A block or two more, and the index.
    EXPECT_LT(std::filesystem::file_size(path), kBytes + 8'000u);
    ticks += static_cast<int64_t>(ReadLog(path).Of(Kind::kTick).size());
  }
  EXPECT_EQ(ticks, 200);
  EXPECT_EQ(Count(Metric::kRecordedRecords), 200);
}

// What it begins with is longer than a file may be: still it makes progress.
TEST_F(LogSeriesTest, ManySymbolsDoNotMakeItBeginFilesOnly) {
  Start({.rotate_bytes = 100});
  std::vector<SymbolId> ids;
  for (int i = 0; i < 100; ++i) ids.push_back(Add("S" + std::to_string(i)));
  for (int i = 0; i < 50; ++i) {
    Tick(ids[0], {{FieldId::kBid, i}});
    Pass(LogSeries::kFlushNs);
  }
  EXPECT_LT(Files().size(), 20u);
  ASSERT_TRUE(series_->Close().ok());
}

TEST_F(LogSeriesTest, SoManyFilesAreKept) {
  Start({.rotate_ns = kSecond, .keep = 3});
  const SymbolId id = Add("A");
  for (int i = 0; i < 10; ++i) {
    Tick(id, {{FieldId::kBid, i}});
    Pass(kSecond);
    EXPECT_LE(Files().size(), 3u);
    EXPECT_EQ(Files().back(), series_->path());
  }
  ASSERT_TRUE(series_->Close().ok());
}

TEST_F(LogSeriesTest, TwoStartsInASecondDoNotClash) {
  Start();
  LogSeriesOptions options;
  options.folder = folder_.path();
  LogSeries second(options, test_.market.feeds(), test_.clock, counters_);
  // While the first one writes the folder is its own.
  EXPECT_EQ(second.Open().code(), absl::StatusCode::kAlreadyExists);
  const std::string path = series_->path();
  series_.reset();
  ASSERT_TRUE(second.Open().ok());
  EXPECT_NE(second.path(), path);
  EXPECT_THAT(Files(), SizeIs(2));
}

TEST_F(LogSeriesTest, AFolderThatIsNotThereIsAnErrorAtStart) {
  LogSeriesOptions options;
  options.folder = folder_.path() + "/none/logs";
  LogSeries series(options, test_.market.feeds(), test_.clock, counters_);
  EXPECT_THAT(std::string(series.Open().message()),
              HasSubstr(options.folder + ": "));
}

TEST_F(LogSeriesTest, AFullDiskIsAGap) {
  Start();
  const SymbolId id = Add("A");
  const SymbolId other = Add("B");
  Tick(id, {{FieldId::kBid, 1}});
  Pass(LogSeries::kFlushNs);
  EXPECT_EQ(Count(Metric::kRecordedRecords), 1);

  disk_.full = true;
  const int64_t from_ns = test_.clock.WallNs() + 1;
  test_.clock.Advance(1);
  Tick(id, {{FieldId::kBid, 2}});  // is in no block yet
  Pass(LogSeries::kFlushNs);
  EXPECT_EQ(Count(Metric::kRecordFailing), 1);
  EXPECT_EQ(Count(Metric::kRecordLost), 1);
  EXPECT_EQ(series_->path(), "");
  Tick(id, {{FieldId::kBid, 3}});
  Tick(other, {{FieldId::kLast, 4}});
  series_->Trade(id, {.price = 3}, test_.clock.WallNs(), 0);
  series_->Gap(7, from_ns, test_.clock.WallNs());  // of a ring, meanwhile
  const int64_t to_ns = test_.clock.WallNs();
  EXPECT_EQ(Count(Metric::kRecordLost), 1 + 3 + 7);

  // It is tried again now and then, and leaves nothing behind.
  const int opened = disk_.opened;
  Pass(LogSeries::kRetryNs - 1);
  EXPECT_EQ(disk_.opened, opened);
  Pass(1);
  EXPECT_EQ(disk_.opened, opened + 1);
  EXPECT_THAT(Files(), SizeIs(1));
  EXPECT_EQ(Count(Metric::kRecordFailing), 1);

  disk_.full = false;
  Pass(LogSeries::kRetryNs);
  EXPECT_EQ(Count(Metric::kRecordFailing), 0);
  EXPECT_EQ(Count(Metric::kRecordGaps), 1);
  Tick(id, {{FieldId::kBid, 5}});
  ASSERT_TRUE(series_->Close().ok());
  ASSERT_THAT(Files(), SizeIs(2));

  const LoggedFile before = ReadLog(Files()[0]);
  EXPECT_EQ(before.wrong, "");
  EXPECT_THAT(before.Of(Kind::kTick), SizeIs(1));
  const LoggedFile after = ReadLog(Files()[1]);
  const auto gaps = after.Of(Kind::kGap);
  ASSERT_THAT(gaps, SizeIs(1));
  EXPECT_EQ(gaps[0].lost, 11u);
  EXPECT_EQ(gaps[0].from_ns, from_ns);
  EXPECT_EQ(gaps[0].time_ns, to_ns);
  EXPECT_EQ(Count(Metric::kRecordLost), 11);
  LoggedState state;
  Play(after, &state);
  EXPECT_EQ(state, StateOfMarket(test_));
}

// It was full until the end: the last thing that is tried is to tell so.
TEST_F(LogSeriesTest, ADiskThatHasRoomAtTheEndGetsTheGap) {
  Start();
  const SymbolId id = Add("A");
  disk_.full = true;
  Tick(id, {{FieldId::kBid, 2}});
  Pass(LogSeries::kFlushNs);
  EXPECT_EQ(Count(Metric::kRecordFailing), 1);
  disk_.full = false;
  ASSERT_TRUE(series_->Close().ok());
  ASSERT_THAT(Files(), SizeIs(2));
  ASSERT_THAT(ReadLog(Files()[1]).Of(Kind::kGap), SizeIs(1));
  EXPECT_EQ(ReadLog(Files()[1]).Of(Kind::kGap)[0].lost, 1u);
}

TEST_F(LogSeriesTest, ADiskThatStaysFullIsTheErrorAtTheEnd) {
  Start();
  const SymbolId id = Add("A");
  Tick(id, {{FieldId::kBid, 2}});
  disk_.full = true;
  const absl::Status closed = series_->Close();
  EXPECT_TRUE(absl::IsResourceExhausted(closed)) << closed;
  EXPECT_EQ(Count(Metric::kRecordLost), 1);
}

// The kernel's own idea of a full disk.
TEST_F(LogSeriesTest, TheDeviceThatIsAlwaysFullFailsAtStart) {
  LogSeriesOptions options;
  options.folder = folder_.path();
  options.open = [](const std::string&)
      -> absl::StatusOr<std::unique_ptr<ticklog::LogWriter>> {
    auto full = std::make_shared<ticklog::LogFile>(
        open("/dev/full", O_WRONLY | O_CLOEXEC), "/dev/full");
    return std::make_unique<ticklog::LogWriter>(
        [full](std::string_view piece) { return full->Append(piece); },
        ticklog::WriterOptions{});
  };
  LogSeries series(options, test_.market.feeds(), test_.clock, counters_);
  const absl::Status opened = series.Open();
  EXPECT_TRUE(absl::IsResourceExhausted(opened)) << opened;
  EXPECT_THAT(std::string(opened.message()), HasSubstr("/dev/full"));
}

}  // namespace
}  // namespace streamhub
