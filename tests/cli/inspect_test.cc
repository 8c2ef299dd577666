// inspect, run as people run it, on recordings of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feeds/ticklog/log_writer.h"
#include "tests/cli/program.h"
#include "tests/feeds/replay/sample_recordings.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/json_value.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

SampleRecording Sample(const std::string& format) {
  for (SampleRecording& sample : SampleRecordings()) {
    if (sample.format == format) return sample;
  }
  ADD_FAILURE() << "no sample of " << format;
  return {};
}

JsonValue Parsed(const std::string& text) {
  const auto value = JsonReader(text).Read();
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(JsonValue());
}

TEST(InspectCommandTest, TellsAllOfAGoodFile) {
  const SampleRecording sample = Sample("itch");
  const TemporaryFile file("20240102.itch.gz", Gzipped(sample.bytes));
  const Process::Ended ended = RunToEnd({"inspect", file.path()});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, StartsWith(file.path() + "\n"));
  for (const std::string part :
       {"  format    itch, ITCH 5.0\n", " decompressed\n", "  by type   ",
        "  symbols   6: ALPHA, BRAVO, CEDAR, DELTA, EMBER, FJORD\n",
        "2024-01-02T14:29:56", "  gaps      none\n", "  errors    none\n"}) {
    EXPECT_THAT(ended.out, HasSubstr(part));
  }
}

TEST(InspectCommandTest, JsonHasWhatWasAskedForInItsOrder) {
  const SampleRecording sample = Sample("itch-mold");
  const TemporaryFile file(sample.name, sample.bytes);
  const Process::Ended ended = RunToEnd({"inspect", "--json", file.path()});
  EXPECT_EQ(ended.status, 1);  // messages are lost
  EXPECT_EQ(ended.err, "");
  EXPECT_THAT(ended.out, EndsWith("}\n"));
  EXPECT_EQ(LinesWith(ended.out, ""), 1);
  const JsonValue found = Parsed(ended.out.substr(0, ended.out.size() - 1));
  std::vector<std::string> keys;
  for (const auto& [key, value] : found.members) keys.push_back(key);
  keys.resize(8);
  EXPECT_THAT(
      keys, testing::ElementsAre("format", "messages", "by_type", "symbols",
                                 "first_time", "last_time", "gaps", "errors"));
  EXPECT_EQ(found.Text("format"), "itch-mold");
  for (const auto& [type, count] : sample.by_type) {
    EXPECT_EQ(found.Find("by_type")->Int(type), count) << type;
  }
  EXPECT_EQ(found.Find("symbols")->items.size(), 6u);
  EXPECT_THAT(std::string(found.Text("first_time")),
              testing::MatchesRegex("2024-01-02T..:..:..[.].........Z"));
  const auto& gaps = found.Find("gaps")->items;
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[1].Int("first"), 901);
  EXPECT_EQ(gaps[1].Int("last"), 906);
  EXPECT_EQ(gaps[1].Text("of"), "SAMPLE");
  EXPECT_EQ(found.Int("messages_lost"), 9);
  EXPECT_EQ(found.Find("counts")->Int("duplicates"), 1);
  EXPECT_EQ(found.Text("complete"), "false");
  EXPECT_EQ(found.Find("errors")->items.size(), 0u);
  EXPECT_GT(found.Find("peak_second")->Int("messages"), 1);
}

TEST(InspectCommandTest, SeveralFilesAreOneEachAndTheirSum) {
  const SampleRecording itch = Sample("itch");
  const SampleRecording dbn = Sample("dbn");
  const TemporaryFile one(itch.name, itch.bytes);
  const TemporaryFile two(dbn.name, dbn.bytes);
  const Process::Ended text = RunToEnd({"inspect", one.path(), two.path()});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("\n" + two.path() + "\n"));
  EXPECT_THAT(text.out, HasSubstr("\nall 2 files, 2 of them complete\n"));
  const Process::Ended json =
      RunToEnd({"inspect", "--json", one.path(), two.path()});
  const JsonValue found = Parsed(json.out);
  ASSERT_EQ(found.items.size(), 2u);
  EXPECT_EQ(found.items[0].Text("format"), "itch");
  EXPECT_EQ(found.items[1].Text("format"), "dbn");
  EXPECT_EQ(found.items[1].Text("file"), two.path());
}

// Whatever is wrong with some of them: the others are looked at.
TEST(InspectCommandTest, OneThatIsUnusableIsNamedBesideTheOthers) {
  const SampleRecording itch = Sample("itch");
  const SampleRecording dbn = Sample("dbn");
  const TemporaryFile one(itch.name, itch.bytes);
  std::string damaged = dbn.bytes;
  damaged[1] ^= 1;
  const TemporaryFile bad(dbn.name, damaged);
  const TemporaryFile two(dbn.name, dbn.bytes);
  const std::vector<std::string> files = {one.path(), bad.path(), "/no/such",
                                          two.path()};
  std::vector<std::string> line = {"inspect"};
  line.insert(line.end(), files.begin(), files.end());
  const Process::Ended text = RunToEnd(line);
  EXPECT_EQ(text.status, 2) << "the worst: one is not there";
  EXPECT_EQ(LinesWith(text.err, bad.path() + ": its format is not "), 1)
      << text.err;
  EXPECT_EQ(LinesWith(text.err, "/no/such"), 1) << text.err;
  EXPECT_THAT(text.out, HasSubstr(one.path() + "\n"));
  EXPECT_THAT(text.out, HasSubstr("\n" + two.path() + "\n"));
  EXPECT_THAT(text.out, HasSubstr("\nall 2 files, 2 of them complete\n"));
  line.insert(line.begin() + 1, "--json");
  const Process::Ended json = RunToEnd(line);
  EXPECT_EQ(json.status, 2);
  const JsonValue found = Parsed(json.out);
  ASSERT_EQ(found.items.size(), 2u);
  EXPECT_EQ(found.items[1].Text("file"), two.path());
  const Process::Ended none =
      RunToEnd({"inspect", "--json", bad.path(), bad.path()});
  EXPECT_EQ(none.status, 1);
  EXPECT_EQ(none.out, "[]\n");
}

TEST(InspectCommandTest, OfManyLossesTheFirstAreTold) {
  std::string bytes;
  ticklog::LogWriter writer(
      [&bytes](std::string_view piece) {
        bytes += piece;
        return absl::OkStatus();
      },
      {});
  for (int i = 1; i <= 13; ++i) writer.Gap(1, i * 10, i * 10 + 5);
  ASSERT_TRUE(writer.Close().ok());
  const TemporaryFile file("x.shtl", bytes);
  const Process::Ended ended = RunToEnd({"inspect", file.path()});
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(LinesWith(ended.out, "1 records lost from "), 10) << ended.out;
  EXPECT_EQ(LinesWith(ended.out, "  and 3 more"), 1) << ended.out;
}

TEST(InspectCommandTest, DamageIsToldWithItsPlace) {
  const SampleRecording csv = Sample("csv");
  const TemporaryFile rows("rows.csv.gz", Gzipped(csv.bytes));
  const std::vector<std::string> flags = {
      "inspect",    "--csv-columns", csv.options.csv_columns,
      "--csv-time", "unix-ms",       rows.path()};
  const Process::Ended ended = RunToEnd(flags);
  EXPECT_EQ(ended.status, 1);
  const std::string place = "decompressed byte " +
                            std::to_string(csv.bytes.rfind("1704206199000")) +
                            ", line 52: bid";
  EXPECT_THAT(ended.out, HasSubstr(place));
  std::vector<std::string> json = flags;
  json.insert(json.begin() + 1, "--json");
  const JsonValue found = Parsed(RunToEnd(json).out);
  const auto& errors = found.Find("errors")->items;
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].Int("line"), 52);
  EXPECT_EQ(errors[0].Text("decompressed"), "true");
  EXPECT_EQ(found.Int("errors_total"), 1);
}

TEST(InspectCommandTest, SymbolsAreGivenToTheFilesThatWantThem) {
  const TemporaryFile a("a.csv",
                        "timestamp,bid,ask\n2024-01-02 14:35:00,1,2\n");
  const TemporaryFile b("b.csv",
                        "timestamp,bid,ask\n2024-01-02 14:35:01,3,4\n");
  const SampleRecording itch = Sample("itch");
  const TemporaryFile other(itch.name, itch.bytes);
  const Process::Ended ended =
      RunToEnd({"inspect", "--json", "--symbol", "EUR/USD,USD/JPY", a.path(),
                other.path(), b.path()});
  EXPECT_EQ(ended.status, 0) << ended.err;
  const JsonValue found = Parsed(ended.out);
  ASSERT_EQ(found.items.size(), 3u);
  EXPECT_EQ(found.items[0].Find("symbols")->items[0].text, "EUR/USD");
  EXPECT_EQ(found.items[2].Find("symbols")->items[0].text, "USD/JPY");
  ExpectUsageError({"inspect", "--symbol", "A", other.path()},
                   "--symbol: no file wants one");
  ExpectUsageError({"inspect", a.path()}, "--symbol: wanted");
}

TEST(InspectCommandTest, WhatCannotBeDoneIsSaid) {
  const SampleRecording itch = Sample("itch");
  const TemporaryFile undated("x.itch", itch.bytes);
  ExpectUsageError({"inspect"}, "FILE is required");
  ExpectUsageError({"inspect", "/no/such"}, "/no/such: ");
  ExpectUsageError({"inspect", "--format", "x", undated.path()}, "--format");
  ExpectUsageError({"inspect", undated.path()}, "--date: wanted");
  // One that is nothing is not asked for its date.
  const TemporaryFile text("x.bin", "<html>404 Not Found</html>\n");
  const Process::Ended ended = RunToEnd({"inspect", text.path()});
  EXPECT_EQ(ended.status, 1);
  for (const std::string& part :
       {text.path() +
            ": its format is not recognised: at byte 0 is 3c 68 74 "
            "6d 6c 3e 34 30; it is no ITCH 5.0 recording (at byte 0: ",
        std::string("a tick log, CSV with a known header")}) {
    EXPECT_THAT(ended.err, HasSubstr(part));
  }
  const Process::Ended full =
      Process(ToFullDisk({"inspect", "--date", "2024-01-02", undated.path()}))
          .Wait();
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, HasSubstr("No space left on device"));
}

// From a pipe, whose kind has to be said.
TEST(InspectCommandTest, StandardInput) {
  const SampleRecording fix = Sample("fix");
  const Process::Ended ended =
      Process(Line({"inspect", "--json", "--format", "fix", "-"}),
              {.input = fix.bytes})
          .Wait();
  EXPECT_EQ(ended.status, 1);
  const JsonValue found = Parsed(ended.out);
  EXPECT_EQ(found.Int("messages"), 5);
  EXPECT_EQ(found.Find("gaps")->items.size(), 2u);
  EXPECT_EQ(found.Find("errors")->items.size(), 1u);
}

}  // namespace
}  // namespace streamhub
