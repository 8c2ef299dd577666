// From a publisher to a log: all that a feed lets in, in order, with exact
// gaps where the ring was full, and last values that are the market's.

#include "feeds/recorder/recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/recorder/log_folder.h"
#include "tests/feeds/recorder/logged.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = TickRecord::Kind;

// Of a tick of one value, and how many words no tick may have.
constexpr size_t kTickWords = WordsOfTick(1);
constexpr size_t kReservedWords = 64;

SymbolInfo Info(std::string_view code) {
  SymbolInfo info;
  info.code = code;
  info.layout = &QuoteLayout();
  return info;
}

// Nothing runs by itself: Turn() takes what is in the ring.
class RecorderTest : public testing::Test {
 protected:
  void Start(size_t ring_words) {
    Recorder::Options options;
    options.series.folder = folder_.path();
    options.ring_bytes = ring_words * sizeof(uint64_t);
    auto made = Recorder::Create(options, test_.market, test_.clock);
    ASSERT_TRUE(made.ok()) << made.status();
    recorder_ = *std::move(made);
    test_.publisher.SetTap(recorder_->AddTap(test_.feed));
  }

  // At a time of its own.
  void Tick(SymbolId id, int64_t bid) {
    test_.clock.Advance(1);
    test_.Tick(id, {{FieldId::kBid, bid}});
  }

  void TurnAll() {
    while (recorder_->Turn()) {
    }
  }

  // The log as it is at the end.
  LoggedFile End() {
    const absl::Status stopped = recorder_->Stop();
    EXPECT_TRUE(stopped.ok()) << stopped;
    const auto files = ListLogs(folder_.path());
    EXPECT_THAT(files, SizeIs(1));
    const LoggedFile file = ReadLog(files.at(0));
    EXPECT_FALSE(file.torn);
    EXPECT_EQ(file.wrong, "");
    ExpectReadBackAlike(files.at(0), file);
    return file;
  }

  void ExpectStateOfMarket(const LoggedFile& file) const {
    LoggedState state;
    Play(file, &state);
    EXPECT_EQ(state, StateOfMarket(test_));
  }

  int64_t Count(Metric metric) const {
    return recorder_->counters().Get(metric);
  }

  const TemporaryFolder folder_;
  TestMarket test_;
  std::unique_ptr<Recorder> recorder_;
};

// Clients were told so; a replay of the log tells it again.
TEST_F(RecorderTest, GapsAndWhatTheyDoToTheFeedAreInTheLog) {
  Start(1 << 12);
  test_.publisher.SetStatus(FeedStatus::kLive);
  const SymbolId id = test_.Add("A");
  Tick(id, 1);
  TurnAll();
  test_.publisher.ReportGap("S", 5, 7);
  TurnAll();
  test_.clock.Advance(test_.market.feeds().info(test_.feed).gap_stale_ns);
  test_.publisher.Heartbeat();
  TurnAll();
  // And one that hangs.
  test_.clock.Advance(test_.market.feeds().info(test_.feed).stale_after_ns + 1);
  TurnAll();
  const LoggedFile file = End();
  std::vector<FeedStatus> statuses;
  uint64_t lost = 0;
  for (const auto& record : file.records) {
    if (record.kind == Kind::kStatus) statuses.push_back(record.status);
    if (record.kind == Kind::kGap) lost += record.lost;
  }
  EXPECT_EQ(lost, 3u);
  EXPECT_THAT(statuses,
              testing::ElementsAre(FeedStatus::kLive, FeedStatus::kStale,
                                   FeedStatus::kLive, FeedStatus::kStale));
  EXPECT_EQ(Count(Metric::kRecordLost), 0) << "the recorder lost nothing";
}

TEST_F(RecorderTest, AllThatAFeedLetsInIsInTheLog) {
  Start(1 << 12);
  const SymbolId id = test_.Add("A");
  test_.publisher.SetStatus(FeedStatus::kLive);
  test_.publisher.BeginBatch();
  const int64_t received_ns = test_.clock.WallNs();
  test_.publisher.Publish(id, {{FieldId::kBid, 10}, {FieldId::kAsk, kEmpty}},
                          77);
  test_.publisher.Report(id,
                         {.price = 11,
                          .size = 12,
                          .taker = Taker::kSeller,
                          .id = "a longer id",
                          .cross = "closing"},
                         78);
  test_.publisher.Report(id, {.id = "a", .cancelled = true}, 79);
  test_.publisher.EndBatch();
  test_.publisher.StartEpoch();
  const LoggedFile file = End();
  ASSERT_THAT(file.records, SizeIs(6));

  EXPECT_EQ(file.records[0].kind, Kind::kSymbol);
  EXPECT_EQ(file.records[0].code, "A");
  EXPECT_EQ(file.records[0].feed, "test");
  EXPECT_EQ(file.records[1].kind, Kind::kStatus);
  EXPECT_EQ(file.records[1].status, FeedStatus::kLive);
  const Logged& tick = file.records[2];
  EXPECT_EQ(tick.kind, Kind::kTick);
  EXPECT_EQ(tick.time_ns, received_ns);
  EXPECT_EQ(tick.event_ns, 77);
  ASSERT_THAT(tick.values, SizeIs(2));
  EXPECT_EQ(tick.values[0].field, FieldId::kBid);
  EXPECT_EQ(tick.values[0].value, 10);
  EXPECT_EQ(tick.values[1].field, FieldId::kAsk);
  EXPECT_EQ(tick.values[1].value, kEmpty);
  const Logged& trade = file.records[3];
  EXPECT_EQ(trade.kind, Kind::kTrade);
  EXPECT_EQ(trade.trade.price, 11);
  EXPECT_EQ(trade.trade.size, 12);
  EXPECT_EQ(trade.trade.taker, Taker::kSeller);
  EXPECT_EQ(trade.trade_id, "a longer id");
  EXPECT_EQ(trade.trade_cross, "closing");
  EXPECT_FALSE(trade.trade.cancelled);
  EXPECT_EQ(trade.event_ns, 78);
  EXPECT_TRUE(file.records[4].trade.cancelled);
  EXPECT_EQ(file.records[4].trade.price, kEmpty);
  EXPECT_EQ(file.records[5].kind, Kind::kEpoch);
  EXPECT_EQ(file.records[5].epoch, test_.market.epoch());
  EXPECT_EQ(Count(Metric::kRecordedRecords), 5);
  EXPECT_EQ(Count(Metric::kRecordLost), 0);
  EXPECT_EQ(Count(Metric::kRecordedBytes),
            static_cast<int64_t>(
                std::filesystem::file_size(ListLogs(folder_.path()).at(0))));
}

// As the publisher does: the last of two counts, what the layout lacks does
// not, and of too many only the first 64.
TEST_F(RecorderTest, OddTicksEndAsTheyDoInTheCache) {
  Start(1 << 14);
  const SymbolId id = test_.Add("A");
  const SymbolId wide = test_.Add("WIDE", DictionaryLayout(64));
  test_.Tick(id, {{FieldId::kBid, 1}, {FieldId::kBid5, 3}, {FieldId::kBid, 2}});
  std::vector<FieldValue> many;
  for (int i = 0; i < 1000; ++i) {
    many.push_back({static_cast<FieldId>(i % 60 + 1), i});
  }
  test_.publisher.Publish(wide, many, 0);
  test_.publisher.Publish(id, std::span<const FieldValue>(), 0);
  const LoggedFile file = End();
  EXPECT_THAT(file.Of(Kind::kTick), SizeIs(3));
  ExpectStateOfMarket(file);
}

TEST_F(RecorderTest, RandomDaysEndAsTheMarketDoes) {
  std::mt19937 random(1);
  Start(1 << 12);
  std::vector<SymbolId> ids;
  for (int i = 0; i < 20; ++i)
    ids.push_back(test_.Add("S" + std::to_string(i)));
  for (int i = 0; i < 20'000; ++i) {
    std::vector<FieldValue> values;
    for (uint32_t n = random() % 6; n > 0; --n) {
      const auto field = static_cast<FieldId>(random() % 15);
      if (field == FieldId::kTrading) continue;
      values.push_back({field, random() % 8 == 0
                                   ? kEmpty
                                   : static_cast<int64_t>(random() % 100)});
    }
    test_.publisher.BeginBatch();
    test_.publisher.Publish(ids[random() % ids.size()], values, 0);
    test_.publisher.EndBatch();
    if (random() % 5'000 == 0) test_.publisher.StartEpoch();
    if (random() % 400 == 0) recorder_->Turn();  // now and then too late
  }
  const LoggedFile file = End();
  EXPECT_GT(Count(Metric::kRecordLost), 0) << "nothing was late";
  ExpectStateOfMarket(file);
}

TEST_F(RecorderTest, AnOverrunIsOneGapOfExactlyWhatIsMissing) {
  constexpr size_t kWords = 1024;
  constexpr int64_t kLost = 123;
  Start(kWords);
  const SymbolId id = test_.Add("A");
  TurnAll();
  // Never more than leave the reserve free.
  const auto fit = static_cast<int64_t>((kWords - kReservedWords) / kTickWords);
  for (int64_t i = 0; i < fit; ++i) Tick(id, i);
  const int64_t last_kept_ns = test_.clock.WallNs();
  for (int64_t i = 0; i < kLost; ++i) Tick(id, fit + i);
  const int64_t last_lost_ns = test_.clock.WallNs();
  // The feed says nothing more, and still it is told.
  TurnAll();
  EXPECT_EQ(Count(Metric::kRecordGaps), 1);
  EXPECT_EQ(Count(Metric::kRecordLost), kLost);
  Tick(id, 7);
  TurnAll();
  const LoggedFile file = End();
  const auto ticks = file.Of(Kind::kTick);
  ASSERT_THAT(ticks, SizeIs(static_cast<size_t>(fit) + 1));
  for (int64_t i = 0; i < fit; ++i) {
    EXPECT_EQ(ticks[static_cast<size_t>(i)].values.at(0).value, i);
  }
  EXPECT_EQ(ticks.back().values.at(0).value, 7);
  const auto gaps = file.Of(Kind::kGap);
  ASSERT_THAT(gaps, SizeIs(1));
  EXPECT_EQ(gaps[0].lost, static_cast<uint64_t>(kLost));
  EXPECT_EQ(gaps[0].from_ns, last_kept_ns + 1);
  EXPECT_EQ(gaps[0].time_ns, last_lost_ns);
  EXPECT_EQ(Count(Metric::kRecordLost), kLost);
  ExpectStateOfMarket(file);
}

// The feed goes on while the thread has not caught up yet: the gap stands
// between what came before and what came after.
TEST_F(RecorderTest, AGapStandsWhereTheRecordsWere) {
  constexpr size_t kWords = 1 << 16;
  Start(kWords);
  const SymbolId id = test_.Add("A");
  TurnAll();
  const size_t fit = (kWords - kReservedWords) / kTickWords;
  for (size_t i = 0; i < fit; ++i) Tick(id, 1);
  for (int i = 0; i < 10; ++i) Tick(id, 2);
  ASSERT_TRUE(recorder_->Turn());  // takes 8192, more than a quarter
  for (int i = 0; i < 100; ++i) Tick(id, 3);
  TurnAll();
  const LoggedFile file = End();
  int before = 0;
  int after = 0;
  uint64_t lost = 0;
  for (const Logged& record : file.records) {
    if (record.kind == Kind::kGap) {
      EXPECT_EQ(before, static_cast<int>(fit));
      EXPECT_EQ(after, 0);
      lost += record.lost;
    }
    if (record.kind != Kind::kTick) continue;
    EXPECT_NE(record.values.at(0).value, 2);
    ++(record.values.at(0).value == 1 ? before : after);
  }
  EXPECT_EQ(lost, 10u);
  EXPECT_EQ(after, 100);
  EXPECT_EQ(Count(Metric::kRecordGaps), 1);
  ExpectStateOfMarket(file);
}

// Once something was lost, all is until there is room for long: not every
// second record a gap.
TEST_F(RecorderTest, AFeedThatIsTooFastMakesFewGaps) {
  constexpr size_t kWords = 1 << 16;
  Start(kWords);
  const SymbolId id = test_.Add("A");
  int64_t told = 0;
  for (int turn = 0; turn < 20; ++turn) {
    for (int i = 0; i < 20'000; ++i, ++told) Tick(id, told);
    recorder_->Turn();  // 8192
  }
  const LoggedFile file = End();
  EXPECT_LE(Count(Metric::kRecordGaps), 21);
  EXPECT_EQ(static_cast<int64_t>(file.Of(Kind::kTick).size()) +
                Count(Metric::kRecordLost),
            told);
  int64_t last_ns = 0;
  for (const Logged& tick : file.Of(Kind::kTick)) {
    EXPECT_GT(tick.time_ns, last_ns);
    last_ns = tick.time_ns;
  }
  ExpectStateOfMarket(file);
}

TEST_F(RecorderTest, SymbolsThatLostTicksAreMadeGood) {
  Start(1024);
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  test_.Tick(a, {{FieldId::kAsk, 5}});
  TurnAll();
  for (int i = 0; i < 1000; ++i) Tick(a, i);  // fills it
  // What nobody will say again: a side that is gone, a symbol that is new.
  test_.Tick(a, {{FieldId::kAsk, kEmpty}});
  test_.Tick(b, {{FieldId::kLast, 9}});
  const SymbolId c = test_.Add("C");
  test_.Tick(c, {{FieldId::kLast, 10}});
  const SymbolId d = test_.Add("D");  // has no tick
  EXPECT_NE(c, d);
  TurnAll();
  const LoggedFile file = End();
  EXPECT_THAT(file.Of(Kind::kSymbol), SizeIs(4));
  ExpectStateOfMarket(file);
}

// What is rare has room of its own.
TEST_F(RecorderTest, AnEpochAndAnEndAreToldThoughTheRingIsFull) {
  Start(1024);
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  test_.Tick(b, {{FieldId::kLast, 9}});
  for (int i = 0; i < 1000; ++i) Tick(a, i);
  test_.publisher.StartEpoch();
  test_.publisher.SetStatus(FeedStatus::kEnded);
  const LoggedFile file = End();
  ASSERT_THAT(file.Of(Kind::kEpoch), SizeIs(1));
  ASSERT_THAT(file.Of(Kind::kStatus), SizeIs(1));
  EXPECT_EQ(file.Of(Kind::kStatus)[0].status, FeedStatus::kEnded);
  ExpectStateOfMarket(file);
}

// Not even that is without end, and then it is counted as well.
TEST_F(RecorderTest, EpochsWithoutEndAreLostAndCounted) {
  Start(1024);
  const SymbolId a = test_.Add("A");
  test_.Tick(a, {{FieldId::kLast, 9}});
  for (int i = 0; i < 1000; ++i) test_.publisher.StartEpoch();
  const LoggedFile file = End();
  EXPECT_EQ(static_cast<int64_t>(file.Of(Kind::kEpoch).size()) +
                Count(Metric::kRecordLost),
            1000);
  EXPECT_GT(Count(Metric::kRecordLost), 0);
  ExpectStateOfMarket(file);
}

TEST_F(RecorderTest, ATradeWithAnEndlessIdIsLost) {
  Start(1 << 14);
  const SymbolId id = test_.Add("A");
  const std::string endless(100'000, 'x');
  Tick(id, 1);
  test_.publisher.Report(id, {.price = 1, .id = endless}, 0);
  Tick(id, 2);
  const LoggedFile file = End();
  EXPECT_THAT(file.Of(Kind::kTick), SizeIs(2));
  EXPECT_THAT(file.Of(Kind::kTrade), IsEmpty());
  ASSERT_THAT(file.Of(Kind::kGap), SizeIs(1));
  EXPECT_EQ(file.Of(Kind::kGap)[0].lost, 1u);
}

// The epoch of one feed leaves the symbols of the other ones.
TEST_F(RecorderTest, AnEpochEmptiesItsFeedsSymbolsOnly) {
  const FeedId other = test_.market.AddFeed(TestMarket::Info());
  Publisher second(test_.market, other, test_.counters, test_.clock);
  Start(1 << 12);
  second.SetTap(recorder_->AddTap(other));
  const SymbolId ours = test_.Add("A");
  const auto theirs = second.Define(Info("B"));
  ASSERT_TRUE(theirs.ok());
  Tick(ours, 1);
  second.BeginBatch();
  second.Publish(*theirs, {{FieldId::kBid, 2}}, 0);
  second.EndBatch();
  test_.publisher.StartEpoch();
  const LoggedFile file = End();
  LoggedState state;
  Play(file, &state);
  EXPECT_THAT(state.at("A"), IsEmpty());
  EXPECT_EQ(state.at("B").at("bid"), 2);
}

TEST_F(RecorderTest, TheRecordsOfTwoFeedsAreInTheOrderOfTime) {
  const FeedId other = test_.market.AddFeed(TestMarket::Info());
  Publisher second(test_.market, other, test_.counters, test_.clock);
  Start(1 << 12);
  second.SetTap(recorder_->AddTap(other));
  const SymbolId ours = test_.Add("A");
  const auto theirs = second.Define(Info("B"));
  ASSERT_TRUE(theirs.ok());
  for (int i = 0; i < 50; ++i) {
    Tick(ours, i);
    test_.clock.Advance(1);
    second.BeginBatch();
    second.Publish(*theirs, {{FieldId::kBid, i}}, 0);
    second.EndBatch();
  }
  const LoggedFile file = End();
  const auto ticks = file.Of(Kind::kTick);
  ASSERT_THAT(ticks, SizeIs(100));
  for (size_t i = 0; i < ticks.size(); ++i) {
    EXPECT_EQ(ticks[i].code, i % 2 == 0 ? "A" : "B");
  }
}

TEST_F(RecorderTest, AFolderThatIsNotThereIsNamed) {
  Recorder::Options options;
  options.series.folder = folder_.path() + "/none/logs";
  const auto made = Recorder::Create(options, test_.market, test_.clock);
  ASSERT_FALSE(made.ok());
  EXPECT_THAT(std::string(made.status().message()),
              HasSubstr(options.series.folder));
}

}  // namespace
}  // namespace streamhub
