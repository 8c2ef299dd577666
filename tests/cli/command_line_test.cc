// The program itself, run as people run it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/process.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr char kProgram[] = STREAMHUB_BINARY_DIR "/streamhub";

std::vector<std::string> Line(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), kProgram);
  return arguments;
}

Process::Ended RunToEnd(const std::vector<std::string>& arguments,
                        const std::vector<std::string>& variables = {}) {
  return Process(Line(arguments), variables).Wait();
}

void ExpectUsageError(const std::vector<std::string>& arguments,
                      const std::string& why) {
  const Process::Ended ended = RunToEnd(arguments);
  EXPECT_EQ(ended.status, 2) << why;
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_THAT(ended.err, StartsWith("streamhub: "));
  EXPECT_THAT(ended.err, HasSubstr(why));
  EXPECT_EQ(std::count(ended.err.begin(), ended.err.end(), '\n'), 1)
      << ended.err;
}

// A gateway on free ports.
class Served {
 public:
  explicit Served(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin() + 1, {"--port", "0"});
    arguments.insert(arguments.begin() + 1, {"--admin-port", "0"});
    process_ = std::make_unique<Process>(Line(arguments));
    const std::string line = process_->ReadLine();
    constexpr std::string_view kStart = "listening on ";
    EXPECT_THAT(line, StartsWith("listening on http://127.0.0.1:"));
    if (line.size() > kStart.size()) url_ = line.substr(kStart.size());
    EXPECT_THAT(process_->ReadLine(), StartsWith("admin at http://127.0.0.1:"));
  }

  const std::string& url() const { return url_; }
  std::string port() const { return url_.substr(url_.rfind(':') + 1); }
  Process& process() { return *process_; }

 private:
  std::unique_ptr<Process> process_;
  std::string url_;
};

TemporaryFile Recording() {
  return {"20240102.itch", itch::MakeSampleSession()};
}

// The same, cut off in the midst of a message.
TemporaryFile DamagedRecording() {
  const std::string whole = itch::MakeSampleSession();
  return {"20240102.itch", std::string_view(whole).substr(0, whole.size() - 5)};
}

// Reads on until a line with `text` was logged.
void AwaitLog(Process& process, const std::string& text) {
  std::string line;
  do {
    line = process.ReadErrorLine();
  } while (!line.empty() && line.find(text) == line.npos);
  EXPECT_THAT(line, HasSubstr(text));
}

Process::Ended WatchOne(const std::string& url, const std::string& symbol) {
  return RunToEnd({"watch", "--json", "--count", "1", "--timeout", "20",
                   "--fields", "bid,ask", url, symbol});
}

TEST(CommandLineTest, HelpHasExamples) {
  const Process::Ended plain = RunToEnd({});
  EXPECT_EQ(plain.status, 0);
  EXPECT_EQ(plain.out, RunToEnd({"--help"}).out);
  for (const std::string command :
       {"serve", "replay", "watch", "check-config", "gen-config", "version"}) {
    EXPECT_THAT(plain.out, HasSubstr("\n  " + command + " "));
    const Process::Ended help = RunToEnd({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.err, IsEmpty());
    EXPECT_THAT(help.out, HasSubstr("Examples:\n  streamhub " + command));
  }
}

TEST(CommandLineTest, WhatIsWrongIsNamed) {
  ExpectUsageError({"server"}, "server");
  ExpectUsageError({"serve", "--prot", "1"}, "--prot");
  ExpectUsageError({"serve", "--port"}, "--port");
  ExpectUsageError({"serve", "--port", "http"}, "--port: expected an integer");
  ExpectUsageError({"serve", "--admin-port", "65536"}, "--admin-port");
  ExpectUsageError({"serve", "--listen", "here"}, "--listen: expected an IP");
  ExpectUsageError({"serve", "--loop=maybe"}, "--loop: expected true or false");
  ExpectUsageError({"serve", "--web-root", "/nowhere"}, "--web-root");
  ExpectUsageError({"serve", "--config", "/nowhere.toml"}, "/nowhere.toml");
  ExpectUsageError({"serve", "--config", "/tmp"}, "cannot read the file /tmp");
  ExpectUsageError({"serve", "--feed", "replay"}, "files");
  ExpectUsageError({"replay"}, "FILE");
  ExpectUsageError({"replay", "--speed", "fast", "x"}, "--speed");
  ExpectUsageError({"replay", "/nowhere/20240102.itch"}, "/nowhere/20240102");
  ExpectUsageError({"watch", "https://localhost", "A"}, "TLS");
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
}

TEST(CommandLineTest, VersionSaysWhatItIs) {
  const Process::Ended ended = RunToEnd({"version"});
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.out, StartsWith("streamhub "));
  EXPECT_THAT(ended.out, HasSubstr("\ncompiler "));
  EXPECT_THAT(ended.out, HasSubstr("\nbuild "));
  EXPECT_EQ(RunToEnd({"--version"}).out, ended.out);
}

TEST(CommandLineTest, CheckConfigTellsWhereEachValueIsFrom) {
  const std::string path = testing::TempDir() + "command_line_test.toml";
  std::ofstream(path) << RunToEnd({"gen-config"}).out;
  const Process::Ended good = RunToEnd({"check-config", "--config", path});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_EQ(good.out, "the configuration is good\n");
  const Process::Ended printed =
      RunToEnd({"check-config", "--print", "--config", path, "--port", "9000"},
               {"STREAMHUB_SYMBOLS=5"});
  EXPECT_EQ(printed.status, 0) << printed.err;
  EXPECT_THAT(printed.out, HasSubstr("port = 9000                         # "
                                     "--port\n"));
  EXPECT_THAT(printed.out, HasSubstr("# STREAMHUB_SYMBOLS\n"));
  EXPECT_THAT(printed.out, HasSubstr("# " + path + ":"));

  std::ofstream(path) << "[server]\n\nprot = 1\n";
  ExpectUsageError({"check-config", "--config", path},
                   path + ":3:1: unknown key server.prot");
  std::remove(path.c_str());
  EXPECT_EQ(
      RunToEnd({"check-config"}, {"STREAMHUB_PORT=tcp://10.0.0.1"}).status, 2);
}

TEST(CommandLineTest, PricesFlowOverBothTransports) {
  Served served({"serve"});
  for (const std::string transport : {"ws", "sse"}) {
    const Process::Ended watched =
        RunToEnd({"watch", "--transport", transport, "--json", "--count", "3",
                  "--timeout", "20", "--fields", "bid,ask", "--max-rate",
                  "unlimited", served.url(), "AAPL"});
    EXPECT_EQ(watched.status, 0) << watched.err;
    EXPECT_THAT(watched.out, StartsWith("{\"symbol\":\"AAPL\",\"v\":"));
    EXPECT_THAT(watched.out, HasSubstr(",\"bid\":"));
    EXPECT_THAT(watched.out, HasSubstr(",\"state\":\"live\","));
    EXPECT_EQ(std::count(watched.out.begin(), watched.out.end(), '\n'), 3);
  }
}

TEST(CommandLineTest, WatchSaysWhyItFails) {
  Served served({"serve", "--feed", "none"});
  const Process::Ended late =
      RunToEnd({"watch", "--json", "--count", "1", "--timeout", "0.3",
                served.url(), "NEWCO"});
  EXPECT_EQ(late.status, 1);
  EXPECT_THAT(late.err, HasSubstr("unknown symbol: NEWCO"));
  EXPECT_THAT(late.err, HasSubstr("got 0 of 1 updates within 0.3 s"));
  for (const std::string transport : {"ws", "sse"}) {
    const Process::Ended refused =
        RunToEnd({"watch", "--transport", transport, "--json", "--count", "1",
                  "--fields", "bidd", served.url(), "A"});
    EXPECT_EQ(refused.status, 1);
    EXPECT_THAT(refused.err, HasSubstr("bidd"));
  }
  const std::string url = served.url();
  served.process().Signal(SIGTERM);
  EXPECT_EQ(served.process().Wait().status, 0);
  const Process::Ended alone = RunToEnd({"watch", "--count", "1", url, "A"});
  EXPECT_EQ(alone.status, 1);
  EXPECT_THAT(alone.err, HasSubstr("Connection refused\n"));
}

TEST(CommandLineTest, WatchComesBackAfterARestart) {
  auto served = std::make_unique<Served>(std::vector<std::string>{"serve"});
  const std::string port = served->port();
  Process watch(Line({"watch", "--json", served->url(), "AAPL"}));
  EXPECT_THAT(watch.ReadLine(), HasSubstr("\"snapshot\":true"));
  served->process().Signal(SIGKILL);
  served.reset();
  // Another market on the same port.
  Process again(
      Line({"serve", "--port", port, "--admin-port", "0", "--seed", "2"}));
  ASSERT_THAT(again.ReadLine(), EndsWith(":" + port));
  std::string line;
  do {
    line = watch.ReadLine();
  } while (!line.empty() && line.find("\"snapshot\":true") == line.npos);
  EXPECT_THAT(line, StartsWith("{\"symbol\":\"AAPL\""));
  watch.Signal(SIGINT);
  const Process::Ended ended = watch.Wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, HasSubstr("disconnected: "));
}

TEST(CommandLineTest, SignalsEndItCleanly) {
  for (const int number : {SIGINT, SIGTERM}) {
    Served served({"serve"});
    served.process().Signal(number);
    const Process::Ended ended = served.process().Wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
  }
}

TEST(CommandLineTest, APortInUseIsNamed) {
  Served served({"serve", "--feed", "none"});
  const Process::Ended second =
      RunToEnd({"serve", "--feed", "none", "--admin-port", "0", "--port",
                served.port()});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, HasSubstr("--port " + served.port()));
  const Process::Ended admin = RunToEnd({"serve", "--feed", "none", "--port",
                                         "0", "--admin-port", served.port()});
  EXPECT_EQ(admin.status, 1);
  EXPECT_THAT(admin.err, HasSubstr("--admin-port " + served.port()));
}

TEST(CommandLineTest, OtherAddressesThanLoopbackAreWarnedOf) {
  Process process(Line({"serve", "--feed", "none", "--listen", "0.0.0.0",
                        "--port", "0", "--admin-port", "0"}));
  EXPECT_THAT(process.ReadLine(), StartsWith("listening on http://127.0.0.1:"));
  process.Signal(SIGTERM);
  const Process::Ended ended = process.Wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, HasSubstr("listen 0.0.0.0: "));
  EXPECT_THAT(ended.err, HasSubstr("neither TLS nor tokens"));
}

TEST(CommandLineTest, AReplayExitsAtItsEnd) {
  const TemporaryFile file = Recording();
  const Process::Ended ended =
      RunToEnd({"replay", "--port", "0", "--admin-port", "0", "--speed", "max",
                "--exit-at-end", file.path()});
  EXPECT_EQ(ended.status, 0) << ended.err;
}

TEST(CommandLineTest, AReplayServesOnAfterItsEnd) {
  const TemporaryFile file = Recording();
  Served served({"replay", "--speed", "max", file.path()});
  AwaitLog(served.process(), "the replay is over");
  const Process::Ended watched = WatchOne(served.url(), "EMBER");
  EXPECT_EQ(watched.status, 0) << watched.err;
  EXPECT_THAT(watched.out, HasSubstr("\"state\":\"ended\""));
  served.process().Signal(SIGTERM);
  EXPECT_EQ(served.process().Wait().status, 0);
}

TEST(CommandLineTest, AStoppedReplayIsNotCalledOver) {
  const TemporaryFile file = Recording();
  Served served({"replay", file.path()});
  EXPECT_EQ(WatchOne(served.url(), "EMBER").status, 0);
  served.process().Signal(SIGTERM);
  const Process::Ended ended = served.process().Wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_THAT(ended.err, Not(HasSubstr("the replay is over")));
}

TEST(CommandLineTest, ADamagedReplayEndsWithOne) {
  const TemporaryFile file = DamagedRecording();
  const Process::Ended ended =
      RunToEnd({"replay", "--port", "0", "--admin-port", "0", "--speed", "max",
                "--exit-at-end", file.path()});
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.err, HasSubstr(file.path()));
}

TEST(CommandLineTest, ADamagedReplayServesOnAndEndsWithOne) {
  const TemporaryFile file = DamagedRecording();
  Served served({"replay", "--speed", "max", file.path()});
  AwaitLog(served.process(), file.path());
  EXPECT_THAT(WatchOne(served.url(), "EMBER").out, HasSubstr("\"bid\":"));
  served.process().Signal(SIGTERM);
  EXPECT_EQ(served.process().Wait().status, 1);
}

TEST(CommandLineTest, AReplayReadsStandardInput) {
  Process process(Line({"replay", "--port", "0", "--admin-port", "0", "--date",
                        "2024-01-02", "--speed", "max", "--exit-at-end", "-"}));
  const Process::Ended ended = process.Wait();
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.out, StartsWith("listening on "));
  EXPECT_THAT(ended.err, HasSubstr("standard input: is empty"));
}

}  // namespace
}  // namespace streamhub
