// record, and serve --record, run as people run them: what is in the files, and
// how they end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "feeds/recorder/log_folder.h"
#include "tests/cli/program.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/recorder/logged.h"
#include "tests/feeds/replay/sample_recordings.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/http_client.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using Kind = TickRecord::Kind;

// All files of a folder, one after the other.
std::vector<LoggedFile> ReadAll(const std::string& folder) {
  std::vector<LoggedFile> files;
  for (const std::string& path : ListLogs(folder)) {
    files.push_back(ReadLog(path));
    EXPECT_EQ(files.back().wrong, "") << path;
  }
  return files;
}

int64_t Ticks(const std::vector<LoggedFile>& files) {
  int64_t ticks = 0;
  for (const LoggedFile& file : files) {
    ticks += static_cast<int64_t>(file.Of(Kind::kTick).size());
  }
  return ticks;
}

TEST(RecordTest, WritesAllTicksOfAFeedThatEnds) {
  const TemporaryFolder folder;
  const Process::Ended ended =
      RunToEnd({"record", folder.path(), "--symbols", "50", "--ticks-max",
                "2000", "--ticks-per-second", "1e6", "--even-ticks"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("recording in " + folder.path()));
  EXPECT_THAT(ended.out, HasSubstr("0 gaps, 0 records lost"));
  const auto files = ReadAll(folder.path());
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_FALSE(files[0].torn);
  EXPECT_THAT(files[0].Of(Kind::kSymbol), SizeIs(50));
  EXPECT_EQ(Ticks(files), 2000 + 50);  // and each symbol is introduced
  const auto states = files[0].Of(Kind::kStatus);
  ASSERT_THAT(states, SizeIs(2));
  EXPECT_EQ(states[0].status, FeedStatus::kLive);
  EXPECT_EQ(states[1].status, FeedStatus::kEnded);
}

TEST(RecordTest, EndsByItsTimeAndByASignal) {
  const TemporaryFolder folder;
  const Process::Ended timed =
      RunToEnd({"record", folder.path(), "--duration", "0.2"});
  EXPECT_EQ(timed.status, 0) << timed.err;
  Process process(Line({"record", folder.path()}));
  EXPECT_THAT(process.ReadLine(), HasSubstr("recording in "));
  process.Signal(SIGTERM);
  const Process::Ended ended = process.Wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr(" records in 1 files, "));
  const auto files = ReadAll(folder.path());
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_FALSE(files[0].torn);
  EXPECT_FALSE(files[1].torn);
}

// Without a client that waits, a recording is read as fast as it can be
// written, and no faster.
TEST(RecordTest, ARecordingIsRecordedWhole) {
  const TemporaryFolder folder;
  const TemporaryFile day("20240102.itch", itch::MakeSampleSession());
  const Process::Ended ended =
      RunToEnd({"record", folder.path(), "--speed", "max", "--record-ring-mb",
                "1", day.path()});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("0 gaps, 0 records lost"));
  const auto files = ReadAll(folder.path());
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_GT(Ticks(files), 1000);
  EXPECT_FALSE(files[0].Of(Kind::kTrade).empty());
}

TEST(RecordTest, AFolderThatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  const std::string none = folder.path() + "/none/logs";
  ExpectUsageError({"record", none}, "OUT_FOLDER " + none + ": ");
  ExpectUsageError(
      {"serve", "--port", "0", "--admin-port", "0", "--record", none},
      "--record " + none + ": ");
  ExpectUsageError({"check-config", "--record", none},
                   "--record " + none + ": ");
  ExpectUsageError({"record", folder.path(), "--feed", "none"}, "--feed none");
  EXPECT_THAT(ListLogs(folder.path()), SizeIs(0));
}

TEST(RecordTest, TheFolderIsMade) {
  const TemporaryFolder folder;
  const std::string logs = folder.path() + "/logs";
  const Process::Ended ended =
      RunToEnd({"record", logs, "--ticks-max", "10", "--even-ticks"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ListLogs(logs), SizeIs(1));
}

TEST(RecordTest, AStartThatFailsLeavesNoLog) {
  const TemporaryFolder folder;
  Served served({"serve", "--symbols", "1"});
  const Process::Ended ended =
      RunToEnd({"serve", "--port", "0", "--admin-port", served.admin_port(),
                "--record", folder.path()});
  EXPECT_NE(ended.status, 0);
  EXPECT_THAT(ended.err, HasSubstr("--admin-port"));
  EXPECT_THAT(ListLogs(folder.path()), SizeIs(0));
}

// What is recorded of it is all that there is, and yet not all.
TEST(RecordTest, ARecordingWithAGapEndsWithOne) {
  const TemporaryFolder folder;
  const SampleRecording mold = SampleRecordings()[1];
  ASSERT_EQ(mold.gaps.size(), 2u);
  const TemporaryFile capture(mold.name, mold.bytes);
  const Process::Ended ended =
      RunToEnd({"record", folder.path(), "--speed", "max", capture.path()});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr(" records lost"));
  const auto files = ReadAll(folder.path());
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].Of(Kind::kStatus).back().status, FeedStatus::kEnded);
}

// A limit of file sizes is the full disk that needs no administrator.
TEST(RecordTest, ADiskThatIsFullIsToldAndNotTheEnd) {
  const TemporaryFolder folder;
  std::vector<std::string> line =
      Line({"record", folder.path(), "--symbols", "50", "--ticks-per-second",
            "200000", "--duration", "1"});
  // In blocks of 512 bytes.
  line.insert(line.begin(),
              {"/bin/sh", "-c", "ulimit -f 3000; exec \"$0\" \"$@\""});
  const Process::Ended ended = Process(line).Wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(LinesWith(ended.err, "recording pauses"), 1) << ended.err;
  EXPECT_EQ(LinesWith(ended.err, "File too large"), 1) << ended.err;
  std::smatch lost;
  ASSERT_TRUE(std::regex_search(ended.out, lost,
                                std::regex("(\\d+) gaps, (\\d+) records lost")))
      << ended.out;
  EXPECT_EQ(lost[1], "1");
  // The first file is good up to where there was no more room; the second one,
  // begun at the end, tells what is missing.
  const auto files = ReadAll(folder.path());
  ASSERT_THAT(files, SizeIs(2));
  EXPECT_TRUE(files[0].torn);
  EXPECT_GT(files[0].Of(Kind::kTick).size(), 1000u);
  const auto gaps = files[1].Of(Kind::kGap);
  ASSERT_THAT(gaps, SizeIs(1));
  EXPECT_EQ(std::to_string(gaps[0].lost), lost[2].str());
  EXPECT_GT(gaps[0].lost, 1000u);
}

TEST(RecordTest, AGatewayRecordsWhatItServes) {
  const TemporaryFolder folder;
  Served served({"serve", "--record", folder.path(), "--symbols", "20"});
  EXPECT_THAT(served.Page("/v1/quotes?symbols=AAPL"), HasSubstr("\"quotes\""));
  const int admin = std::stoi(served.admin_port());
  EXPECT_THAT(Get(admin, "/healthz").body, HasSubstr("\"recording\":\"ok\""));
  EXPECT_THAT(Get(admin, "/metrics").body,
              HasSubstr("\nstreamhub_recording 1\n"));
  const Process::Ended ended = served.Stop();
  EXPECT_EQ(ended.status, 0) << ended.err;
  const auto files = ReadAll(folder.path());
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_FALSE(files[0].torn);
  EXPECT_THAT(files[0].Of(Kind::kSymbol), SizeIs(20));
  EXPECT_GE(Ticks(files), 20);
}

}  // namespace
}  // namespace streamhub
