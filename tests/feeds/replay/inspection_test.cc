// What an inspection finds in recordings of our own making.

#include "feeds/replay/inspection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "feeds/itch/writer.h"
#include "gateway/base/clock.h"
#include "tests/feeds/replay/played_run.h"
#include "tests/feeds/replay/sample_recordings.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

bool GoOn() { return true; }

Inspection InspectFile(const ReplayOptions& options, const std::string& path) {
  const auto run = Open(options, path, /*tape=*/0);
  return run == nullptr ? Inspection() : Inspect(*run, GoOn);
}

std::map<std::string, int64_t> AsMap(const Findings::Counts& counts) {
  return {counts.begin(), counts.end()};
}

void ExpectFound(const SampleRecording& sample, const Inspection& found) {
  EXPECT_EQ(NameOf(found.kind), sample.format);
  EXPECT_EQ(AsMap(found.findings.by_type), sample.by_type);
  int64_t messages = 0;
  for (const auto& [type, count] : sample.by_type) messages += count;
  EXPECT_EQ(found.messages, messages);
  std::vector<std::string> symbols;
  for (const auto& symbol : found.symbols) symbols.push_back(symbol.code);
  EXPECT_EQ(symbols, sample.symbols);
  std::vector<std::pair<uint64_t, uint64_t>> gaps;
  for (const Gap& gap : found.gaps.kept())
    gaps.emplace_back(gap.first, gap.last);
  EXPECT_EQ(gaps, sample.gaps);
  const auto others = AsMap(found.findings.others);
  for (const auto& [name, count] : sample.others) {
    EXPECT_EQ(others.contains(name) ? others.at(name) : 0, count) << name;
  }
  EXPECT_EQ(found.findings.faults.faults(), sample.faults);
  EXPECT_EQ(found.IsWhole(), sample.gaps.empty() && sample.faults == 0);
}

TEST(InspectionTest, FindsWhatIsInEveryKind) {
  for (const SampleRecording& sample : SampleRecordings()) {
    SCOPED_TRACE(sample.name);
    const TemporaryFile file(sample.name, sample.bytes);
    const Inspection found = InspectFile(sample.options, file.path());
    ExpectFound(sample, found);
    EXPECT_EQ(found.bytes, static_cast<int64_t>(sample.bytes.size()));
    EXPECT_EQ(found.findings.plain_bytes, found.bytes);
    EXPECT_FALSE(found.findings.compressed);
    EXPECT_FALSE(found.stopped);
    ASSERT_TRUE(found.first_ns.has_value());
    EXPECT_LE(*found.first_ns, *found.last_ns);
    // 2024-01-02; the sample venue has a day of its own.
    EXPECT_EQ(*found.first_ns / (86'400 * kSecond),
              sample.format == "crypto" ? 19'943 : 19'724);
  }
}

TEST(InspectionTest, FindsTheSameInCompressedOnes) {
  for (const SampleRecording& sample : SampleRecordings()) {
    SCOPED_TRACE(sample.name);
    const std::string packed = Zstandard(sample.bytes);
    const TemporaryFile file(sample.name + ".zst", packed);
    const Inspection found = InspectFile(sample.options, file.path());
    ExpectFound(sample, found);
    EXPECT_TRUE(found.findings.compressed);
    EXPECT_EQ(found.bytes, static_cast<int64_t>(packed.size()));
    EXPECT_EQ(found.findings.plain_bytes,
              static_cast<int64_t>(sample.bytes.size()));
  }
}

// Every kind that has a place for it says where it was cut off.
TEST(InspectionTest, TellsWhereARecordingIsCutOff) {
  for (const SampleRecording& sample : SampleRecordings()) {
    if (sample.format == "csv" || sample.format == "crypto") continue;
    SCOPED_TRACE(sample.name);
    const TemporaryFile file(
        sample.name,
        std::string_view(sample.bytes).substr(0, sample.bytes.size() - 4));
    const Inspection found = InspectFile(sample.options, file.path());
    EXPECT_FALSE(found.IsWhole());
    const FaultList& faults = found.findings.faults;
    ASSERT_EQ(faults.faults(), sample.faults + 1);
    const Fault& last = faults.kept().back();
    EXPECT_GT(last.offset, static_cast<int64_t>(sample.bytes.size()) - 500);
    EXPECT_LT(last.offset, static_cast<int64_t>(sample.bytes.size()));
    EXPECT_THAT(last.what, testing::Not(testing::StartsWith("at byte")));
    EXPECT_FALSE(last.in_file);
  }
}

TEST(InspectionTest, TellsWhereTheCompressionIsDamaged) {
  const SampleRecording sample = SampleRecordings()[0];
  const std::string packed = Gzipped(sample.bytes);
  const TemporaryFile file("20240102.itch50.gz",
                           std::string_view(packed).substr(0, 3000));
  const Inspection found = InspectFile({}, file.path());
  ASSERT_EQ(found.findings.faults.faults(), 1);
  const Fault& fault = found.findings.faults.kept()[0];
  EXPECT_TRUE(fault.in_file);
  EXPECT_EQ(fault.offset, 3000);
  EXPECT_EQ(fault.what, "truncated: the compressed data is not complete");
  EXPECT_GT(found.messages, 100);
}

TEST(InspectionTest, PlacesOfBadRowsAreTheirLines) {
  ReplayOptions options;
  options.csv_columns = "time=0,bid=1";
  options.csv_time = "unix-ms";
  options.symbol = {"A"};
  const std::string rows = "1704206100000,1\n1704206100001,x\r\n\nno\n";
  const TemporaryFile file("rows.csv", rows);
  const Inspection found = InspectFile(options, file.path());
  ASSERT_EQ(found.findings.faults.faults(), 2);
  const auto& faults = found.findings.faults.kept();
  EXPECT_EQ(faults[0].line, 2);
  EXPECT_EQ(faults[0].offset, 16);
  EXPECT_THAT(faults[0].what, HasSubstr("'x' is no decimal"));
  EXPECT_EQ(faults[1].line, 4);
  EXPECT_EQ(faults[1].offset, static_cast<int64_t>(rows.find("no")));
}

TEST(InspectionTest, CountsTradesAndVolumeBySymbol) {
  const SampleRecording sample = SampleRecordings().back();
  const TemporaryFile file(sample.name, sample.bytes);
  const Inspection found = InspectFile(sample.options, file.path());
  ASSERT_EQ(found.symbols.size(), 1u);
  EXPECT_EQ(found.symbols[0].trades, 10);
  EXPECT_EQ(found.symbols[0].volume, 30);
  EXPECT_EQ(found.symbols[0].ticks, 50);
  EXPECT_EQ(found.ticks, 50);
  EXPECT_EQ(found.trades, 10);
}

// 50 rows, one each 40 ms, from a whole second on.
TEST(InspectionTest, CountsWhatChangesOrdersThatAreNotThere) {
  std::string bytes;
  itch::OrderDelete unknown;
  unknown.head.time_ns = uint64_t{34'200} * kSecond;
  unknown.ref = 7;
  itch::Append(unknown, &bytes);
  itch::Append(unknown, &bytes);
  const TemporaryFile file("20240102.itch", bytes);
  const Inspection found = InspectFile({}, file.path());
  EXPECT_EQ(found.messages, 2);
  EXPECT_EQ(AsMap(found.findings.others),
            (std::map<std::string, int64_t>{{"of_unknown_orders", 2}}));
}

TEST(InspectionTest, FindsThePeaks) {
  const SampleRecording sample = SampleRecordings().back();
  const TemporaryFile file(sample.name, sample.bytes);
  const Inspection found = InspectFile(sample.options, file.path());
  const int64_t start_ns = 1'704'206'100 * kSecond;
  EXPECT_EQ(found.second, (Peak{start_ns, 25}));
  EXPECT_EQ(found.tenth, (Peak{start_ns, 3}));  // at 0, 40 and 80 ms
  EXPECT_EQ(*found.first_ns, start_ns);
  EXPECT_EQ(*found.last_ns, start_ns + 49 * 40 * kMillisecond);
}

// What `write` tells a writer of tick logs.
template <typename Write>
std::string TickLog(Write write) {
  std::string bytes;
  ticklog::LogWriter writer(
      [&bytes](std::string_view piece) {
        bytes += piece;
        return absl::OkStatus();
      },
      {});
  write(writer);
  EXPECT_EQ(writer.Close(), absl::OkStatus());
  return bytes;
}

TEST(InspectionTest, OfATickLogRecordsOfEveryKind) {
  constexpr int64_t kTimeNs = 1'704'206'100 * kSecond;
  const std::string bytes = TickLog([](ticklog::LogWriter& writer) {
    SymbolInfo info;
    info.code = "ALPHA";
    info.layout = &QuoteLayout();
    writer.Epoch(5, kTimeNs);
    writer.Symbol(0, info, "feed");
    const FieldValue bid = {FieldId::kBid, 17};
    writer.Tick(0, {&bid, 1}, kTimeNs + 1, 0);
    writer.Tick(0, {&bid, 1}, kTimeNs + 2, 0);
    writer.Trade(0, {.price = 17, .size = 4}, kTimeNs + 3, 0);
    writer.Gap(9, kTimeNs + 3, kTimeNs + 7);
    writer.Status("feed", FeedStatus::kStale, kTimeNs + 8);
  });
  const TemporaryFile file("day.shtl", bytes);
  const Inspection found = InspectFile({}, file.path());
  EXPECT_EQ(NameOf(found.kind), "ticklog");
  EXPECT_EQ(AsMap(found.findings.by_type),
            (std::map<std::string, int64_t>{{"epoch", 1},
                                            {"symbol", 1},
                                            {"tick", 2},
                                            {"trade", 1},
                                            {"gap", 1},
                                            {"status", 1}}));
  EXPECT_EQ(found.messages, 7);
  EXPECT_EQ(found.ticks, 2);
  EXPECT_EQ(found.trades, 1);
  EXPECT_THAT(found.findings.lost,
              testing::ElementsAre(LostRecords{9, kTimeNs + 3, kTimeNs + 7}));
  EXPECT_EQ(found.gaps.messages(), 9u);
  EXPECT_EQ(found.first_ns, kTimeNs);
  EXPECT_EQ(found.last_ns, kTimeNs + 8);
  EXPECT_EQ(found.findings.faults.faults(), 0);
  EXPECT_FALSE(found.IsWhole());

  // Cut off in its last block.
  const TemporaryFile cut("day.shtl",
                          std::string_view(bytes).substr(0, bytes.size() / 2));
  const Inspection half = InspectFile({}, cut.path());
  EXPECT_GT(half.findings.faults.faults(), 0);
  EXPECT_FALSE(half.IsWhole());
}

TEST(InspectionTest, OfAnIncidentLogWhatWasSent) {
  const std::string bytes = TickLog([](ticklog::LogWriter& writer) {
    for (int64_t i = 0; i < 3; ++i) {
      writer.Sent({.session = 7,
                   .transport = "websocket",
                   .encoding = "json",
                   .time_ns = 1000 + i,
                   .batch = static_cast<uint64_t>(i),
                   .symbol = i == 1 ? "ALPHA" : "",
                   .bytes = "{\"bid\":1}"});
    }
  });
  const TemporaryFile file("incident.shtl", bytes);
  const Inspection found = InspectFile({}, file.path());
  EXPECT_TRUE(found.IsWhole()) << found.status;
  EXPECT_EQ(found.findings.sent_total, 3);
  ASSERT_EQ(found.findings.sent.size(), 3u);
  EXPECT_EQ(found.findings.sent[1], (SentText{1001, 7, "websocket", "json", 1,
                                              "ALPHA", "{\"bid\":1}", 0}));
  EXPECT_EQ(found.first_ns, 1000);
  EXPECT_EQ(found.last_ns, 1002);
}

TEST(InspectionTest, StopsWhenItIsTold) {
  const SampleRecording sample = SampleRecordings()[0];
  const TemporaryFile file(sample.name, sample.bytes);
  const auto run = Open({}, file.path());
  const Inspection found =
      Inspect(*run, [&run] { return run->records() == 0; });
  EXPECT_TRUE(found.stopped);
  EXPECT_EQ(found.records, 1024);
}

TEST(InspectionTest, OfNothingThereIsNothing) {
  const TemporaryFile file("20240102.itch", "");
  const Inspection found = InspectFile({}, file.path());
  EXPECT_EQ(found.messages, 0);
  EXPECT_FALSE(found.first_ns.has_value());
  EXPECT_THAT(found.symbols, IsEmpty());
  ASSERT_EQ(found.findings.faults.faults(), 1);
  EXPECT_EQ(found.findings.faults.kept()[0].what, "is empty");
}

TEST(PeakFinderTest, StretchesBeginAtWholeMultiples) {
  PeakFinder peaks(10);
  EXPECT_EQ(peaks.peak(), Peak());
  peaks.Add(19, 2);
  peaks.Add(20, 1);
  peaks.Add(29, 1);
  EXPECT_EQ(peaks.peak(), (Peak{10, 2}));  // the earlier of equal ones
  peaks.Add(29, 1);
  EXPECT_EQ(peaks.peak(), (Peak{20, 3}));
  peaks.Add(-1, 4);
  EXPECT_EQ(peaks.peak(), (Peak{-10, 4}));
  // Far apart, as garbled times may be.
  peaks.Add(std::numeric_limits<int64_t>::max(), 5);
  peaks.Add(std::numeric_limits<int64_t>::min(), 6);
  EXPECT_EQ(peaks.peak().messages, 6);
}

TEST(FaultListTest, KeepsTheFirstAndCountsAll) {
  FaultList faults;
  faults.Add(7, 0, "at byte 7: broken");
  faults.Add(9, 2, "at byte nine");
  EXPECT_EQ(faults.kept()[0], (Fault{7, 0, "broken"}));
  EXPECT_EQ(faults.kept()[1], (Fault{9, 2, "at byte nine"}));
  for (size_t i = 0; i < 2 * FaultList::kKeptMax; ++i) faults.Add(1, 1, "x");
  EXPECT_TRUE(faults.full());
  EXPECT_EQ(faults.kept().size(), FaultList::kKeptMax);
  EXPECT_EQ(faults.faults(), int64_t{2 * FaultList::kKeptMax + 2});
}

TEST(NameCountsTest, CountsByNameUpToALimit) {
  NameCounts names;
  for (const char* const name : {"b", "a", "b"}) names.Add(name);
  EXPECT_THAT(names.counts(), testing::ElementsAre(testing::Pair("b", 2),
                                                   testing::Pair("a", 1)));
  for (int i = 0; i < 1000; ++i) names.Add(std::to_string(i));
  names.Add("a");
  EXPECT_EQ(names.counts().size(), NameCounts::kNamesMax + 1);
  EXPECT_EQ(names.counts()[1].second, 2);
  EXPECT_EQ(names.counts().back().second, 1002 - 256);
}

}  // namespace
}  // namespace streamhub
