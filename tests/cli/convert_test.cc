// convert, run as people run it, on recordings of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "feeds/replay/csv_tap.h"
#include "tests/cli/program.h"
#include "tests/feeds/replay/sample_recordings.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/json_value.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ConvertCommandTest : public testing::Test {
 protected:
  std::string Out(const std::string& name) const {
    return std::filesystem::path(in_.path()).parent_path() / name;
  }
  // All that is in the folder beside the recording.
  std::vector<std::string> Made() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(in_.path()).parent_path())) {
      const std::string name = entry.path().filename();
      if (entry.path() != in_.path()) names.push_back(name);
    }
    return names;
  }
  static std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // What an inspection says of it, after `key` up to the next comma.
  static std::string Said(const std::string& path, const std::string& key,
                          const std::vector<std::string>& flags = {}) {
    std::vector<std::string> line = {"inspect", "--json", path};
    line.insert(line.end(), flags.begin(), flags.end());
    const Process::Ended ended = RunToEnd(line);
    EXPECT_EQ(ended.status, 0) << ended.err << ended.out;
    const auto value = JsonReader(ended.out).Read();
    return value.has_value() ? std::string(value->Text(key)) : ended.out;
  }

  const SampleRecording itch_ = SampleRecordings()[0];
  const TemporaryFile in_{"20240102.itch.gz", Gzipped(itch_.bytes)};
};

TEST_F(ConvertCommandTest, TheNameOfTheOutputSaysWhatItIs) {
  for (const std::string name :
       {"x.shtl", "x.csv", "x.csv.gz", "x.jsonl.zst"}) {
    const Process::Ended ended = RunToEnd({"convert", in_.path(), Out(name)});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    EXPECT_EQ(ended.out, "");
  }
  EXPECT_EQ(Made().size(), 4u);
  EXPECT_EQ(Said(Out("x.shtl"), "format"), "ticklog");
  for (const std::string what : {"ticks", "trades"}) {
    EXPECT_EQ(Said(Out("x.shtl"), what), Said(in_.path(), what));
  }
  EXPECT_THAT(Read(Out("x.csv")), StartsWith("time,received,symbol,kind,"));
  EXPECT_THAT(Read(Out("x.csv.gz")), StartsWith("\x1f\x8b"));
  EXPECT_THAT(Read(Out("x.jsonl.zst")), StartsWith("\x28\xb5\x2f\xfd"));
  const std::vector<std::string> back = {"--csv-columns",
                                         std::string(kReadBackColumns)};
  EXPECT_EQ(Said(Out("x.csv"), "trades", back), Said(in_.path(), "trades"));
  EXPECT_EQ(Said(Out("x.csv.gz"), "trades", back), Said(in_.path(), "trades"));
}

TEST_F(ConvertCommandTest, StandardOutputAndFields) {
  const Process::Ended ended = RunToEnd(
      {"convert", "--to", "csv", "--fields", "last,bid", in_.path(), "-"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out,
              StartsWith("time,received,symbol,kind,price,size,side,id,cross,"
                         "last,bid\n2024-01-02T14:29:5"));
  EXPECT_THAT(Made(), IsEmpty());
  const Process::Ended lines =
      RunToEnd({"convert", "--to", "jsonl", in_.path(), "-"});
  EXPECT_EQ(LinesWith(lines.out, R"("kind":"symbol")"), 6);
}

TEST_F(ConvertCommandTest, WhatIsThereIsKeptUnlessForced) {
  std::ofstream(Out("x.csv")) << "mine";
  ExpectUsageError({"convert", in_.path(), Out("x.csv")},
                   "--force replaces it");
  EXPECT_EQ(Read(Out("x.csv")), "mine");
  EXPECT_EQ(RunToEnd({"convert", "--force", in_.path(), Out("x.csv")}).status,
            0);
  EXPECT_THAT(Read(Out("x.csv")), StartsWith("time,"));
  // But never what is read.
  ExpectUsageError({"convert", "--force", in_.path(), in_.path()},
                   "is read and cannot be made");
  EXPECT_THAT(Made(), ElementsAre("x.csv"));
}

TEST_F(ConvertCommandTest, DamageEndsWithOneAfterAllBeforeIt) {
  const TemporaryFile damaged(
      "20240102.itch",
      std::string_view(itch_.bytes).substr(0, itch_.bytes.size() / 2));
  const Process::Ended ended =
      RunToEnd({"convert", damaged.path(), Out("half.shtl")});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr(damaged.path() + ": at byte "));
  EXPECT_EQ(LinesWith(ended.err, ""), 1) << ended.err;
  const int ticks = std::stoi(Said(Out("half.shtl"), "ticks"));
  EXPECT_GT(ticks, 100);
  EXPECT_LT(ticks, std::stoi(Said(in_.path(), "ticks")));
  // Nothing of nothing.
  const TemporaryFile empty("20240102.itch", "");
  EXPECT_EQ(RunToEnd({"convert", empty.path(), Out("none.shtl")}).status, 1);
  EXPECT_FALSE(std::filesystem::exists(Out("none.shtl")));
}

TEST_F(ConvertCommandTest, WhatIsMissingStaysMissing) {
  const SampleRecording mold = SampleRecordings()[1];
  ASSERT_EQ(mold.gaps.size(), 2u);
  const TemporaryFile capture(mold.name, mold.bytes);
  const Process::Ended ended =
      RunToEnd({"convert", capture.path(), Out("x.shtl")});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("9 messages are lost in 2 gaps"));
  const Process::Ended found = RunToEnd({"inspect", "--json", Out("x.shtl")});
  EXPECT_EQ(found.status, 1);
  const auto value = JsonReader(found.out).Read();
  ASSERT_TRUE(value.has_value()) << found.out;
  EXPECT_EQ(value->Int("messages_lost"), 9);
  const auto& lost = value->Find("lost")->items;
  ASSERT_EQ(lost.size(), 2u);
  EXPECT_EQ(lost[0].Int("records"), 3);
  EXPECT_EQ(lost[1].Int("records"), 6);
  EXPECT_THAT(std::string(lost[1].Text("from")), StartsWith("2024-01-02T14:"));
  EXPECT_LE(lost[1].Text("from"), lost[1].Text("to"));
  const Process::Ended lines =
      RunToEnd({"convert", "--to", "jsonl", capture.path(), "-"});
  EXPECT_EQ(LinesWith(lines.out, R"({"kind":"gap","records":6,"from":"2024)"),
            1);
}

TEST_F(ConvertCommandTest, AnExcerptBeginsWithWhatWasThen) {
  // The state at its begin and what came until its end, and nothing else.
  const std::string from = "2024-01-02T14:30:10Z";
  const std::string until = "2024-01-02T14:30:20Z";
  ASSERT_EQ(RunToEnd({"convert", "--from", "09:30:10", "--until", until,
                      in_.path(), Out("part.shtl")})
                .status,
            0);
  EXPECT_GE(Said(Out("part.shtl"), "first_time"), from.substr(0, 19));
  EXPECT_LT(Said(Out("part.shtl"), "last_time"), until);
  EXPECT_GE(Said(Out("part.shtl"), "last_time"), "2024-01-02T14:30:15");
  ASSERT_EQ(RunToEnd({"convert", "--until", until, in_.path(), Out("to.shtl")})
                .status,
            0);
  // Both end with the same books.
  const auto last_rows = [this](const std::string& log) {
    const std::string csv = RunToEnd({"convert", "--to", "csv", "--fields",
                                      "bid,ask,last,volume", log, "-"})
                                .out;
    std::map<std::string, std::string> rows;  // by symbol: its last values
    for (size_t at = csv.find('\n') + 1; at < csv.size();) {
      const size_t end = csv.find('\n', at);
      const std::string line = csv.substr(at, end - at);
      at = end + 1;
      if (line.find(",trade,") != line.npos) continue;
      const size_t symbol = line.find(',', line.find(',') + 1) + 1;
      const size_t after = line.find(',', symbol);
      rows[line.substr(symbol, after - symbol)] = line.substr(after);
    }
    return rows;
  };
  const auto whole = last_rows(Out("to.shtl"));
  EXPECT_EQ(whole.size(), 6u);
  EXPECT_EQ(last_rows(Out("part.shtl")), whole);
  EXPECT_LT(std::stoi(Said(Out("part.shtl"), "ticks")),
            std::stoi(Said(Out("to.shtl"), "ticks")));
  ExpectUsageError({"convert", "--from", "noon", in_.path(), Out("x.csv")},
                   "--from: ");
  ExpectUsageError({"convert", "--until", "noon", in_.path(), Out("x.csv")},
                   "--until: ");
  ExpectUsageError({"convert", "--from", "10:00", "--until", "09:00",
                    in_.path(), Out("x.csv")},
                   "--until: is before --from");
  ExpectUsageError({"convert", "--from", "23:00", in_.path(), Out("x.csv")},
                   "--from: there is no record from then on");
  EXPECT_THAT(Made(), testing::UnorderedElementsAre("part.shtl", "to.shtl"));
}

TEST_F(ConvertCommandTest, WhatCannotBeWrittenIsSaid) {
  for (const std::string to : {"ticklog", "csv", "jsonl"}) {
    const Process::Ended full =
        Process(ToFullDisk({"convert", "--to", to, in_.path(), "-"})).Wait();
    EXPECT_EQ(full.status, 1) << to;
    EXPECT_THAT(full.err, HasSubstr("No space left on device"));
  }
  EXPECT_EQ(RunToEnd({"convert", in_.path(), Out("no/such.csv")}).status, 1);
  ExpectUsageError({"convert", in_.path()}, "want the recordings");
  ExpectUsageError({"convert", "--to", "xml", in_.path(), "x"}, "--to");
  ExpectUsageError({"convert", "--fields", "nose", in_.path(), "x.csv"},
                   "there is no field 'nose'");
  ExpectUsageError({"convert", "--fields", "bid", in_.path(), "x.shtl"},
                   "--fields: is for --to csv");
  EXPECT_THAT(Made(), IsEmpty());
}

TEST_F(ConvertCommandTest, ASignalLeavesNothing) {
  // Nobody writes into this pipe.
  ASSERT_EQ(mkfifo(Out("silent").c_str(), 0600), 0);
  Process process(
      Line({"convert", "--format", "fix", Out("silent"), Out("x.shtl")}),
      {.terminal = true});
  // It shows that it reads.
  ASSERT_TRUE(process.ReadThrough("silent  0 messages"));
  process.Signal(SIGTERM);
  const Process::Ended ended = process.Wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, HasSubstr("interrupted: nothing was made"));
  EXPECT_THAT(Made(), ElementsAre("silent"));
}

TEST_F(ConvertCommandTest, OnATerminalItShowsHowFarItIs) {
  Process process(Line({"convert", in_.path(), Out("x.shtl")}),
                  {.terminal = true});
  const Process::Ended ended = process.Wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, HasSubstr("20240102.itch.gz  "));
  EXPECT_THAT(ended.out, HasSubstr(" messages"));
  ExpectUsageError({"convert", in_.path()}, "want");
}

}  // namespace
}  // namespace streamhub
