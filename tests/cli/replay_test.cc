// replay, run as people run it, on a recording of its own.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/itch/writer.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/cli/program.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/sample_recordings.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// So many messages fit into a pipe, and every symbol has a book by then.
constexpr int kMessages = 800;

// The sample's first messages; each has its length before it.
std::string Beginning(int messages) {
  const std::string all = itch::MakeSampleSession();
  size_t end = 0;
  for (int i = 0; i < messages; ++i) {
    const auto high = static_cast<unsigned char>(all[end]);
    const auto low = static_cast<unsigned char>(all[end + 1]);
    end += 2u + (size_t{high} << 8 | low);
  }
  return all.substr(0, end);
}

std::string Good() {
  std::string bytes = Beginning(kMessages);
  itch::AppendEndOfSession(&bytes);
  return bytes;
}

// The same messages and then damage, at their end.
std::string Damaged() { return Beginning(kMessages) + "\xff\xff?!"; }

std::vector<std::string> ToTheEnd(const std::string& file) {
  return {"replay", "--port",        "0", "--admin-port", "0", "--speed",
          "max",    "--exit-at-end", file};
}

// The first update of each of three symbols, all fields, without what is of
// the run and not of the recording.
std::string Quotes(const Served& served) {
  std::string all;
  for (const std::string symbol : {"ALPHA", "EMBER", "FJORD"}) {
    const Process::Ended watched = RunToEnd(
        {"watch", "--count", "1", "--timeout", "50", served.url(), symbol});
    EXPECT_EQ(watched.status, 0) << watched.err;
    EXPECT_THAT(watched.out, HasSubstr(",\"bid\":"));
    all += watched.out;
  }
  static const std::regex of_the_run(
      "\"(received\":[0-9]+|state\":\"[a-z]*\")");
  return std::regex_replace(all, of_the_run, "");
}

std::string StateOf(const Served& served, const std::string& symbol) {
  const std::string line = RunToEnd({"watch", "--count", "1", "--timeout", "50",
                                     served.url(), symbol})
                               .out;
  std::smatch found;
  return std::regex_search(line, found, std::regex("\"state\":\"([a-z]*)\""))
             ? found[1].str()
             : line;
}

TEST(ReplayCommandTest, ItExitsAtItsEnd) {
  const std::string whole = itch::MakeSampleSession();
  for (const TemporaryFile& file :
       {TemporaryFile("20240102.itch", whole),
        TemporaryFile("20240102.itch.gz", Gzipped(whole)),
        TemporaryFile("20240102.itch.zst", Zstandard(whole))}) {
    const Process::Ended ended = RunToEnd(ToTheEnd(file.path()));
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(LinesWith(ended.err, " error "), 0) << ended.err;
    EXPECT_THAT(ended.out, StartsWith("listening on http://127.0.0.1:"));
  }
}

TEST(ReplayCommandTest, ItServesOnAfterItsEnd) {
  const TemporaryFile file("20240102.itch", Good());
  Served served({"replay", "--speed", "max", file.path()});
  AwaitLog(served.process(), "the replay is over");
  EXPECT_THAT(Quotes(served), HasSubstr("\"symbol\":\"EMBER\""));
  EXPECT_EQ(StateOf(served, "EMBER"), "ended");
  EXPECT_EQ(served.Stop().status, 0);
}

TEST(ReplayCommandTest, AStoppedReplayIsNotCalledOver) {
  const TemporaryFile file("20240102.itch", itch::MakeSampleSession());
  for (const std::string more : {"--loop", "--exit-at-end"}) {
    Served served({"replay", more, file.path()});
    EXPECT_EQ(StateOf(served, "EMBER"), "live");
    const Process::Ended ended = served.Stop();
    EXPECT_EQ(ended.status, 0);
    EXPECT_THAT(ended.err, Not(HasSubstr("the replay is over")));
  }
}

TEST(ReplayCommandTest, ADamagedOneThatExitsEndsWithOne) {
  const std::string at =
      "at byte " + std::to_string(Beginning(kMessages).size()) + ": ";
  const TemporaryFile plain("20240102.itch", Damaged());
  const Process::Ended ended = RunToEnd(ToTheEnd(plain.path()));
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(LinesWith(ended.err, plain.path() + ": " + at), 1) << ended.err;

  const TemporaryFile zipped("20240102.itch.gz", Gzipped(Damaged()));
  const Process::Ended inside = RunToEnd(ToTheEnd(zipped.path()));
  EXPECT_EQ(inside.status, 1);
  EXPECT_EQ(LinesWith(inside.err, zipped.path() + ": decompressed data " + at),
            1)
      << inside.err;

  const std::string bytes = Gzipped(Good());
  const TemporaryFile cut("20240102.itch.gz",
                          std::string_view(bytes).substr(0, bytes.size() - 9));
  const Process::Ended outside = RunToEnd(ToTheEnd(cut.path()));
  EXPECT_EQ(outside.status, 1);
  EXPECT_EQ(LinesWith(outside.err, cut.path() + ": at byte " +
                                       std::to_string(bytes.size() - 9)),
            1)
      << outside.err;
}

TEST(ReplayCommandTest, ADamagedOneServesWhatWasBeforeAndEndsWithOne) {
  const TemporaryFile good("20240102.itch", Good());
  Served whole({"replay", "--speed", "max", good.path()});
  AwaitLog(whole.process(), "the replay is over");

  const TemporaryFile bad("20240102.itch", Damaged());
  Served damaged({"replay", "--speed", "max", bad.path()});
  const std::string told = AwaitLog(damaged.process(), bad.path());
  EXPECT_THAT(told, HasSubstr(" error "));
  EXPECT_THAT(told, HasSubstr("at byte " +
                              std::to_string(Beginning(kMessages).size())));
  EXPECT_EQ(Quotes(damaged), Quotes(whole));
  EXPECT_EQ(StateOf(damaged, "EMBER"), "down");
  EXPECT_EQ(damaged.Stop().status, 1);
  EXPECT_EQ(whole.Stop().status, 0);
}

TEST(ReplayCommandTest, AGapEndsWithOneAndIsNoDamage) {
  const SampleRecording mold = SampleRecordings()[1];
  ASSERT_EQ(mold.gaps.size(), 2u);
  const TemporaryFile capture(mold.name, mold.bytes);
  const Process::Ended ended = RunToEnd(ToTheEnd(capture.path()));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr("9 messages are lost in 2 gaps"));
  EXPECT_EQ(LinesWith(ended.err, " error "), 0) << ended.err;
  Served served({"replay", "--speed", "max", capture.path()});
  // A tick log of it says the same of itself.
  const std::string log = capture.path() + ".shtl";
  EXPECT_EQ(RunToEnd({"convert", capture.path(), log}).status, 1);
  EXPECT_EQ(RunToEnd(ToTheEnd(log)).status, 1);
  EXPECT_EQ(RunToEnd({"convert", log, capture.path() + ".csv"}).status, 1);
  EXPECT_EQ(served.Stop().status, 1);
}

TEST(ReplayCommandTest, AnIncidentsLogIsRefusedBeforeItListens) {
  std::string bytes;
  ticklog::LogWriter writer(
      [&bytes](std::string_view piece) {
        bytes += piece;
        return absl::OkStatus();
      },
      {});
  writer.Gap(2, 1, 2);  // its queue was full at first
  writer.Sent({.session = 1,
               .transport = "sse",
               .encoding = "json",
               .time_ns = 3,
               .bytes = "x"});
  ASSERT_TRUE(writer.Close().ok());
  const TemporaryFile file("incident.ticklog", bytes);
  const std::string out = file.path() + ".csv";
  for (const std::vector<std::string>& line :
       {ToTheEnd(file.path()), {"convert", file.path(), out}}) {
    const Process::Ended ended = RunToEnd(line);
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr(file.path() + ": is a log of what was "));
    EXPECT_THAT(ended.err, HasSubstr("`streamhub inspect` tells"));
  }
  EXPECT_FALSE(std::filesystem::exists(out));
}

// What holds nothing to play is told before anybody can connect.
TEST(ReplayCommandTest, AFileThatIsNoRecordingIsRefusedBeforeItListens) {
  struct Case {
    std::string name, bytes, why;
  };
  const std::string text = "<html>404 Not Found</html>\n";
  const std::string zipped = Gzipped(Good());
  for (const Case& c : std::vector<Case>{
           {"20240102.itch", "", ": is empty"},
           {"20240102.itch.gz", Gzipped(""), ": is empty"},
           {"20240102.itch.gz", text,
            ": its format is not recognised: at byte 0 is 3c 68 74 6d 6c"},
           {"20240102.itch.gz", Gzipped(text), "; it is no ITCH 5.0 recording"},
           {"20240102.itch.gz", zipped.substr(0, 12), ": at byte 12 "},
           {"20240102.itch.gz", zipped.substr(0, 10) + "\xff\xff?!",
            "damaged gzip data"},
           {"q.csv", "time,bid\n1,2\n",
            ": is no CSV file of that format: line 1: "}}) {
    const TemporaryFile file(c.name, c.bytes);
    std::vector<std::string> arguments = ToTheEnd(file.path());
    if (c.name == "q.csv") {
      arguments.insert(arguments.end(), {"--symbol", "A", "--csv-columns",
                                         "time=time,bid=bid,ask=ask"});
    }
    const Process::Ended ended = RunToEnd(arguments);
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_EQ(ended.out, "") << c.why;
    EXPECT_THAT(ended.err, HasSubstr("streamhub: " + file.path() + ": "));
    EXPECT_THAT(ended.err, HasSubstr(c.why));
    EXPECT_EQ(LinesWith(ended.err, ""), 1) << ended.err;
  }
  // Wherever it is among them.
  const TemporaryFile good("20240102.itch", Good());
  const TemporaryFile bad("20240103.itch", text);
  std::vector<std::string> both = ToTheEnd(good.path());
  both.push_back(bad.path());
  const Process::Ended ended = RunToEnd(both);
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr(bad.path()));
}

TEST(ReplayCommandTest, AFolderIsNoRecording) {
  const TemporaryFile file("20240102.itch", Good());
  const std::string folder =
      std::filesystem::path(file.path()).parent_path().string();
  ExpectUsageError(ToTheEnd(folder), folder + ": is a directory");
}

TEST(ReplayCommandTest, ItReadsStandardInput) {
  const std::vector<std::string> arguments =
      Line({"replay", "--port", "0", "--admin-port", "0", "--date",
            "2024-01-02", "--speed", "max", "--exit-at-end", "-"});
  const Process::Ended good = Process(arguments, {.input = Good()}).Wait();
  EXPECT_EQ(good.status, 0) << good.err;
  const Process::Ended packed =
      Process(arguments, {.input = Gzipped(Good())}).Wait();
  EXPECT_EQ(packed.status, 0) << packed.err;
  const Process::Ended empty = Process(arguments).Wait();
  EXPECT_EQ(empty.status, 1);
  EXPECT_THAT(empty.err, HasSubstr("standard input: is empty"));
  const Process::Ended damaged =
      Process(arguments, {.input = Damaged()}).Wait();
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.err, HasSubstr("standard input: at byte "));
}

TEST(ReplayCommandTest, APipeThatWaitsDoesNotHoldUpItsStop) {
  const TemporaryFile other("other", "");
  const std::string path = other.path() + ".20240102.itch";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  // Open for both, so that there is a writer, who writes only the beginning.
  const int pipe = open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(pipe, 0);
  const std::string bytes = Beginning(kMessages);
  EXPECT_EQ(write(pipe, bytes.data(), bytes.size()),
            static_cast<ssize_t>(bytes.size()));
  Served served({"replay", "--speed", "max", path});
  // It has read the pipe once a client has a price from it.
  EXPECT_EQ(StateOf(served, "EMBER"), "live");
  const Process::Ended ended = served.Stop();
  EXPECT_EQ(ended.status, 0) << ended.err;
  close(pipe);
}

TEST(ReplayCommandTest, ATerminalShowsItsProgress) {
  const TemporaryFile file("20240102.itch", Good());
  Process replay(Line(ToTheEnd(file.path())), {.terminal = true});
  EXPECT_TRUE(replay.ReadThrough("\r\033[K20240102.itch  100.0%  2024-01-02 "));
  EXPECT_TRUE(
      replay.ReadThrough("  " + std::to_string(kMessages) + " messages"));
  EXPECT_EQ(replay.Wait().status, 0);
}

}  // namespace
}  // namespace streamhub
