#include "feeds/replay/recording_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "feeds/itch/writer.h"
#include "gateway/base/clock.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/played_run.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Next = RecordReader::Next;

constexpr int64_t kStartNs = 1'704'206'100 * kSecond;  // 2024-01-02 14:35 UTC

// What a publisher was told: times and a value of each tick.
class Notes final : public TickTap {
 public:
  struct Tick {
    int64_t received_ns;
    int64_t event_ns;
    int64_t last;  // kEmpty: it says nothing of it
  };

  void OnSymbol(SymbolId, const SymbolInfo& info) override {
    symbols.push_back(info.code);
  }
  void OnTick(SymbolId, std::span<const FieldValue> values, int64_t received_ns,
              int64_t event_ns) override {
    Tick tick = {received_ns, event_ns, kEmpty};
    for (const FieldValue& v : values) {
      if (v.field == FieldId::kPrevClose && v.value != kEmpty) {
        prev_closes.push_back(v.value);
      }
      if (v.field == FieldId::kLast) tick.last = v.value;
    }
    ticks.push_back(tick);
  }
  void OnTrade(SymbolId, const TradeReport&, int64_t, int64_t) override {}
  void OnStatus(FeedStatus, int64_t) override {}
  void OnEpoch(uint64_t, int64_t) override {}

  std::vector<std::string> symbols;
  std::vector<Tick> ticks;
  std::vector<int64_t> prev_closes;
};

ReplayOptions Trades() {
  ReplayOptions options;
  options.csv_columns = "time=0,symbol=1,last=2";
  options.csv_time = "unix-ms";
  return options;
}

std::string Row(int64_t ms, const std::string& symbol, int price) {
  return std::to_string(kStartNs / kMillisecond + ms) + "," + symbol + "," +
         std::to_string(price) + "\n";
}

TEST(RecordingRunTest, TicksAreReceivedAtTheTimeOfTheirRecords) {
  const TemporaryFile file("rows.csv", Row(0, "A", 10) + Row(7, "A", 11));
  Notes notes;
  const auto run = Open(Trades(), file.path());
  EXPECT_EQ(run->reader(), nullptr);
  run->SetTap(&notes);
  int64_t time_ns = 0;
  ASSERT_EQ(run->Peek(0, &time_ns), Next::kRecord);
  EXPECT_EQ(time_ns, kStartNs);
  EXPECT_EQ(notes.ticks.size(), 0u);
  run->Apply();
  ASSERT_EQ(notes.ticks.size(), 1u);
  EXPECT_EQ(PlayTo(*run, kToTheEnd), kStartNs + 7 * kMillisecond);
  ASSERT_EQ(notes.ticks.size(), 2u);
  EXPECT_EQ(notes.ticks[1].received_ns, kStartNs + 7 * kMillisecond);
  EXPECT_EQ(notes.ticks[1].event_ns, kStartNs + 7 * kMillisecond);
  EXPECT_EQ(notes.ticks[1].last, 11);
  EXPECT_EQ(run->records(), 2);
  EXPECT_EQ(run->messages(), 2);
  EXPECT_EQ(run->bytes_read(), run->bytes_total());
  // The end comes again.
  EXPECT_EQ(run->Peek(0, &time_ns), Next::kEnd);
  EXPECT_EQ(run->Peek(0, &time_ns), Next::kEnd);
}

TEST(RecordingRunTest, OthersThanItchAreMergedByTime) {
  const TemporaryFile a("a.csv", Row(0, "A", 1) + Row(20, "A", 3));
  const TemporaryFile b("b.csv", Row(10, "B", 2) + Row(30, "B", 4));
  // Another stretch of time: the night between is not an end.
  const TemporaryFile c("c.csv", Row(90'000, "C", 5));
  ReplayOptions options = Trades();
  options.files = {c.path(), b.path(), a.path()};
  const auto run = RecordingRun::Create(options);
  ASSERT_TRUE(run.ok()) << run.status();
  Notes notes;
  (*run)->SetTap(&notes);
  PlayTo(**run, kToTheEnd);
  std::vector<int64_t> prices;
  for (const auto& tick : notes.ticks) prices.push_back(tick.last);
  EXPECT_THAT(prices, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ((*run)->messages(), 5);
  EXPECT_EQ((*run)->status(), absl::OkStatus());
}

TEST(RecordingRunTest, ItchFilesArePlayedOneAfterTheOther) {
  const std::string bytes = itch::MakeSampleSession();
  const TemporaryFile monday("20240102.itch", bytes);
  const TemporaryFile tuesday("20240103.itch", bytes);
  ReplayOptions options;
  options.files = {monday.path(), tuesday.path()};
  const auto run = RecordingRun::Create(options);
  ASSERT_TRUE(run.ok()) << run.status();
  Notes notes;
  (*run)->SetTap(&notes);
  PlayTo(**run, kToTheEnd);
  EXPECT_EQ((*run)->status(), absl::OkStatus());
  const auto alone = Open({}, monday.path());
  PlayTo(*alone, kToTheEnd);
  EXPECT_EQ((*run)->messages(), 2 * alone->messages());
  EXPECT_EQ((*run)->records(), 2 * alone->records());
  EXPECT_EQ((*run)->bytes_read(), 2 * alone->bytes_read());
  EXPECT_EQ(notes.symbols.size(), 6u);
  EXPECT_GT(notes.prev_closes.size(), 0u);  // of the second day
  // No tick is older than the one before.
  for (size_t i = 1; i < notes.ticks.size(); ++i) {
    ASSERT_GE(notes.ticks[i].received_ns, notes.ticks[i - 1].received_ns);
  }
}

TEST(RecordingRunTest, ADayRollsWhereTheFileDoesNotSayIt) {
  ReplayOptions options = Trades();
  options.session_roll = "14:36";
  const TemporaryFile file("rows.csv", Row(0, "A", 10) + Row(61'000, "A", 12));
  Notes notes;
  const auto run = Open(options, file.path());
  run->SetTap(&notes);
  PlayTo(*run, kToTheEnd);
  EXPECT_THAT(notes.prev_closes, testing::Contains(10));
}

TEST(RecordingRunTest, DamageEndsItAfterWhatCameBefore) {
  const std::string bytes = itch::MakeSampleSession();
  const TemporaryFile damaged(
      "20240102.itch", std::string_view(bytes).substr(0, bytes.size() / 2));
  const TemporaryFile good("20240103.itch", bytes);
  ReplayOptions options;
  options.files = {damaged.path(), good.path()};
  const auto run = RecordingRun::Create(options);
  ASSERT_TRUE(run.ok()) << run.status();
  PlayTo(**run, kToTheEnd);
  int64_t time_ns = 0;
  EXPECT_EQ((*run)->Peek(0, &time_ns), Next::kFailed);
  EXPECT_EQ((*run)->Peek(0, &time_ns), Next::kFailed);
  EXPECT_THAT(std::string((*run)->status().message()),
              HasSubstr(damaged.path() + ": at byte "));
  const auto alone = Open({}, damaged.path());
  PlayTo(*alone, kToTheEnd);
  EXPECT_EQ((*run)->records(), alone->records());
}

TEST(RecordingRunTest, WhatCannotBeReadIsRefusedByName) {
  ReplayOptions options;
  options.files = {"/no/such/20240102.itch"};
  EXPECT_THAT(std::string(RecordingRun::Create(options).status().message()),
              HasSubstr("/no/such/20240102.itch"));
  const TemporaryFile file("rows.csv", "1,2\n");
  options = {};
  options.files = {file.path()};
  options.csv_columns = "time=0,bid=1";
  options.csv_decimals = "x";
  EXPECT_THAT(std::string(RecordingRun::Create(options).status().message()),
              testing::StartsWith("--csv-decimals: "));
}

}  // namespace
}  // namespace streamhub
