// The program itself, run as people run it: its help, its errors and its
// configuration.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/program.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(CommandLineTest, HelpHasExamples) {
  const Process::Ended plain = RunToEnd({});
  EXPECT_EQ(plain.status, 0);
  EXPECT_THAT(plain.out, HasSubstr("Examples:\n  streamhub serve"));
  const Process::Ended asked = RunToEnd({"--help"});
  EXPECT_EQ(asked.status, 0);
  EXPECT_EQ(plain.out, asked.out);
  for (const std::string command :
       {"serve", "replay", "watch", "doctor", "bench", "check-config",
        "gen-config", "version"}) {
    EXPECT_THAT(plain.out, HasSubstr("\n  " + command + " "));
    const Process::Ended help = RunToEnd({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.err, IsEmpty());
    EXPECT_THAT(help.out, HasSubstr("Examples:\n  streamhub " + command));
  }
}

TEST(CommandLineTest, WhatIsWrongIsNamed) {
  ExpectUsageError({"server"}, "server");
  ExpectUsageError({"--prot", "1"}, "--prot");
  ExpectUsageError({"version", "--port", "1"}, "--port");
  ExpectUsageError({"gen-config", "more"}, "more");
  ExpectUsageError({"serve", "--prot", "1"}, "--prot");
  ExpectUsageError({"serve", "more"}, "more");
  ExpectUsageError({"serve", "--port"}, "--port");
  ExpectUsageError({"serve", "--port", "http"}, "--port: expected an integer");
  ExpectUsageError({"serve", "--admin-port", "65536"}, "--admin-port");
  ExpectUsageError({"serve", "--admin-port", "8080"}, "--admin-port");
  ExpectUsageError({"serve", "--listen", "here"}, "--listen: expected an IP");
  ExpectUsageError({"serve", "--loop=maybe"}, "--loop: expected true or false");
  ExpectUsageError({"serve", "--web-root", "/nowhere"}, "--web-root");
  ExpectUsageError({"serve", "--config", "/nowhere.toml"}, "/nowhere.toml");
  ExpectUsageError({"serve", "--config", "/tmp"}, "cannot read the file /tmp");
  ExpectUsageError({"serve", "--feed", "nats"}, "--feed: expected");
  ExpectUsageError({"serve", "--feed", "replay"}, "files");
  ExpectUsageError({"check-config", "--port", "x"}, "--port: expected");
  ExpectUsageError({"check-config", "--web-root", "/nowhere"}, "--web-root");
}

TEST(CommandLineTest, WhatIsWrongWithAReplayIsNamed) {
  ExpectUsageError({"replay"}, "FILE");
  ExpectUsageError({"replay", "--speed", "fast", "x"}, "--speed");
  ExpectUsageError({"replay", "/nowhere/20240102.itch"}, "/nowhere/20240102");
  ExpectUsageError({"replay", "/tmp"}, "/tmp: is a directory");
  ExpectUsageError({"replay", "-"}, "--date");
  ExpectUsageError({"replay", "--date", "today", "-"}, "--date: expected");
  ExpectUsageError({"replay", "--date", "2024-13-01", "-"}, "--date: ");
  ExpectUsageError(
      {"replay", "--date", "2024-01-02", "--timezone", "Mars", "-"},
      "--timezone: ");
  ExpectUsageError({"replay", "--date", "2024-01-02", "--loop", "-"}, "--loop");
  ExpectUsageError({"replay", "--loop", "--exit-at-end", "x"}, "--exit-at-end");
}

TEST(CommandLineTest, WhatIsWrongWithAWatchIsNamed) {
  ExpectUsageError({"watch"}, "URL");
  ExpectUsageError({"watch", "--insecure", "--ca", "f", "https://a", "A"},
                   "--ca");
  ExpectUsageError({"watch", "localhost:8080", "A"}, "http://HOST:PORT");
  ExpectUsageError({"watch", "http://localhost"}, "SYMBOL");
  ExpectUsageError({"watch", "--transport", "tcp", "http://a", "A"},
                   "--transport");
  ExpectUsageError({"watch", "--max-rate", "0", "http://a", "A"}, "--max-rate");
  ExpectUsageError({"watch", "--timeout", "1", "http://a", "A"}, "--timeout");
  for (const std::string flag : {"--count", "--timeout"}) {
    for (const std::string value : {"0", "-1", "x", "nan", "inf", ""}) {
      ExpectUsageError({"watch", flag + "=" + value, "http://a", "A"},
                       flag + ": ");
    }
  }
  ExpectUsageError({"watch", "--count", "1.5", "http://a", "A"}, "--count");
  for (const std::string symbol : {"", "A,B", "A@5", "A\nB", "\xff"}) {
    ExpectUsageError({"watch", "http://a", "A", symbol}, "SYMBOL \"");
  }
  std::vector<std::string> many = {"watch", "http://a"};
  many.resize(1003, "A");
  ExpectUsageError(many, "SYMBOL: at most 1000");
}

// A full disk, as `> streamhub.toml` may meet.
TEST(CommandLineTest, AResultThatIsNotTakenIsAFailure) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--help"},
                                             {"--version"},
                                             {"serve", "--help"},
                                             {"version"},
                                             {"gen-config"},
                                             {"check-config"},
                                             {"check-config", "--print"}}) {
    const Process::Ended ended = Process(ToFullDisk(arguments)).Wait();
    EXPECT_EQ(ended.status, 1) << testing::PrintToString(arguments);
    EXPECT_EQ(ended.err,
              "streamhub: standard output: No space left on device\n");
  }
}

TEST(CommandLineTest, VersionSaysWhatItIs) {
  const Process::Ended ended = RunToEnd({"version"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, StartsWith("streamhub "));
  EXPECT_THAT(ended.out, HasSubstr("\ncompiler "));
  EXPECT_THAT(ended.out, HasSubstr("\nbuild "));
  EXPECT_EQ(RunToEnd({"--version"}).out, ended.out);
}

TEST(CommandLineTest, TheGeneratedFileIsGood) {
  const Process::Ended generated = RunToEnd({"gen-config"});
  EXPECT_EQ(generated.status, 0);
  EXPECT_THAT(generated.err, IsEmpty());
  const TemporaryFile file("streamhub.toml", generated.out);
  const Process::Ended good =
      RunToEnd({"check-config", "--config", file.path()});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.out, "the configuration is good\n");
}

// The line of `key` that check-config prints, its spaces squeezed.
std::string Printed(std::string_view key,
                    const std::vector<std::string>& arguments,
                    const std::vector<std::string>& variables) {
  std::vector<std::string> all = {"check-config", "--print"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const Process::Ended ended = RunToEnd(all, variables);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.err, IsEmpty());
  const std::string start = "\n" + std::string(key) + " = ";
  size_t at = ended.out.find(start);
  if (at == std::string::npos) return ended.out;
  std::string line = ended.out.substr(at + 1);
  line.resize(line.find('\n'));
  while ((at = line.find("  ")) != line.npos) line.erase(at, 1);
  return line;
}

TEST(CommandLineTest, AFlagWinsThenAVariableThenTheFile) {
  const TemporaryFile file("streamhub.toml",
                           "[server]\nport = 9001\nadmin_port = 9002\n"
                           "[replay]\nloop = true\nfiles = [\"a\"]\n");
  const std::string path = file.path();
  EXPECT_EQ(Printed("port", {}, {}), "port = 8080 # default");
  EXPECT_EQ(Printed("port", {"--config", path}, {}),
            "port = 9001 # " + path + ":2:1");
  EXPECT_EQ(Printed("port", {"--config", path}, {"STREAMHUB_PORT=9003"}),
            "port = 9003 # STREAMHUB_PORT");
  EXPECT_EQ(Printed("port", {"--config", path, "--port", "9004"},
                    {"STREAMHUB_PORT=9003"}),
            "port = 9004 # --port");
  // One by one: what is not given stays the file's.
  EXPECT_EQ(Printed("admin_port", {"--config", path, "--port", "9004"},
                    {"STREAMHUB_PORT=9003"}),
            "admin_port = 9002 # " + path + ":3:1");
  EXPECT_EQ(Printed("loop", {"--loop=false"}, {"STREAMHUB_CONFIG=" + path}),
            "loop = false # --loop");
  EXPECT_EQ(Printed("loop", {"--loop"}, {}), "loop = true # --loop");
  EXPECT_EQ(Printed("files", {"--files", "b", "--files", "c"},
                    {"STREAMHUB_CONFIG=" + path, "STREAMHUB_FILES=d:e"}),
            "files = [\"b\", \"c\"] # --files");
}

TEST(CommandLineTest, WhatIsWrongIsPrintedWithItsOrigin) {
  const Process::Ended ended =
      RunToEnd({"check-config", "--print", "--feed", "replay"},
               {"STREAMHUB_FILES=/nowhere.itch"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.err, HasSubstr("/nowhere.itch: No such file"));
  EXPECT_THAT(ended.out, HasSubstr("# STREAMHUB_FILES\n"));
  const Process::Ended quiet = RunToEnd({"check-config", "--feed", "replay"},
                                        {"STREAMHUB_FILES=/nowhere.itch"});
  EXPECT_EQ(quiet.status, 2);
  EXPECT_THAT(quiet.out, IsEmpty());
}

TEST(CommandLineTest, WhatIsPrintedIsAConfiguration) {
  const std::vector<std::string> arguments = {
      "check-config", "--print", "--port", "9000", "--speed", "max"};
  const Process::Ended first = RunToEnd(arguments, {"STREAMHUB_SYMBOLS=5"});
  const TemporaryFile file("streamhub.toml", first.out);
  const Process::Ended second =
      RunToEnd({"check-config", "--print", "--config", file.path()});
  EXPECT_EQ(second.status, 0) << second.err;
  EXPECT_THAT(second.out, ContainsRegex("\nport = 9000 "));
  EXPECT_THAT(second.out, ContainsRegex("\nsymbols = 5 "));
  EXPECT_THAT(second.out, ContainsRegex("\nspeed = \"max\" "));
}

TEST(CommandLineTest, WhatIsWrongInTheFileHasItsPlace) {
  struct Case {
    std::string text, why;
  };
  for (const Case& c : std::vector<Case>{
           {"[server]\n\nprot = 1\n", ":3:1: unknown key server.prot"},
           {"[severe]\n", ":1:2: unknown section severe"},
           {"[server]\n  speed = 1\n", ":2:3: the key speed belongs below"},
           {"[server]\nport = \"x\"\n", ":2:8: server.port: expected an"},
           {"[server]\nport = 1\nport = 2\n", ":3:"},
           {"[server\n", ":1:"}}) {
    const TemporaryFile file("streamhub.toml", c.text);
    for (const std::string command : {"serve", "check-config"}) {
      ExpectUsageError({command, "--config", file.path()}, file.path() + c.why);
      ExpectUsageError({command}, file.path() + c.why,
                       {"STREAMHUB_CONFIG=" + file.path()});
    }
    ExpectUsageError({"replay", "--config", file.path(), "x"},
                     file.path() + c.why);
  }
}

TEST(CommandLineTest, WhatIsWrongInTheEnvironmentIsNamed) {
  for (const std::string command : {"serve", "check-config"}) {
    ExpectUsageError({command}, "STREAMHUB_PORT: expected an integer",
                     {"STREAMHUB_PORT=tcp://10.0.0.1:8080"});
  }
  const Process::Ended told =
      RunToEnd({"check-config"}, {"STREAMHUB_PROT=9000"});
  EXPECT_EQ(told.status, 0);
  EXPECT_THAT(told.err, HasSubstr("STREAMHUB_PROT is ignored"));
}

// What `serve` would refuse, `check-config` does.
TEST(CommandLineTest, ACheckLooksAtWhatIsNamed) {
  ExpectUsageError({"check-config", "--web-root", "/nowhere"},
                   "--web-root: no such folder: /nowhere");
  ExpectUsageError(
      {"check-config", "--feed", "replay", "--files", "/nowhere/20240102.itch"},
      "/nowhere/20240102.itch: No such file");
  const TemporaryFile dated("20240102.itch", "");
  ExpectUsageError({"check-config", "--feed", "replay", "--timezone",
                    "Mars/Base", "--files", dated.path()},
                   "--timezone: ");
  // A system event of ITCH 5.0, all noughts but for its type and its code.
  const TemporaryFile undated(
      "prices.itch", std::string("\0\14S", 3) + std::string(10, '\0') + 'O');
  ExpectUsageError(
      {"check-config", "--feed", "replay", "--files", undated.path()},
      "--date: wanted");
  const TemporaryFile empty("20240102.itch", "");
  ExpectUsageError(
      {"check-config", "--feed", "replay", "--files", empty.path()},
      empty.path() + ": is empty");
}

}  // namespace
}  // namespace streamhub
