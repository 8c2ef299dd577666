// serve, run as people run it: where it listens, what it warns of, how it ends.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(ServeTest, SignalsEndItCleanly) {
  for (const int number : {SIGINT, SIGTERM}) {
    Served served({"serve"});
    served.process().Signal(number);
    const Process::Ended ended = served.process().Wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
  }
}

TEST(ServeTest, AHangUpIsNoEnd) {
  Served served({"serve"});
  for (int i = 0; i < 2; ++i) {
    served.process().Signal(SIGHUP);
    AwaitLog(served.process(),
             "configuration reloaded: no setting has changed");
    EXPECT_THAT(served.Page("/v1/quotes?symbols=AAPL"),
                HasSubstr("\"quotes\""));
  }
  EXPECT_EQ(served.Stop().status, 0);
}

TEST(ServeTest, ItEndsWithItsTerminal) {
  Process process(Line({"serve", "--port", "0", "--admin-port", "0"}),
                  {.terminal = true});
  EXPECT_TRUE(process.ReadThrough("admin at http://"));
  process.HangUp();
  EXPECT_EQ(process.Wait().status, 0);
}

TEST(ServeTest, ItServesThoughNobodyTakesItsFirstLines) {
  Process process(
      ToFullDisk({"serve", "--port", "0", "--admin-port", "0", "--listen",
                  "0.0.0.0", "--admin-listen", "127.0.0.2"}));
  AwaitLog(process, "warning listen 0.0.0.0: ");  // comes after those lines
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait().status, 0);
}

TEST(ServeTest, WhoIsConnectedDoesNotHoldItUp) {
  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    Served served({"serve"});
    Process watch(
        Line({"watch", "--transport", transport, served.url(), "AAPL"}));
    EXPECT_THAT(watch.ReadLine(), HasSubstr("\"snapshot\":true"));
    EXPECT_EQ(served.Stop().status, 0);
    // Between two polls nobody is there to be told.
    EXPECT_THAT(
        AwaitLog(watch, "disconnected: "),
        HasSubstr(transport == "poll" ? "disconnected" : "server stopping"));
  }
}

// The last line names the flag, and says no more than what is wrong with it.
void ExpectPortInUse(const std::vector<std::string>& arguments,
                     const std::string& flag) {
  const Process::Ended ended = RunToEnd(arguments);
  EXPECT_EQ(ended.status, 1);
  EXPECT_EQ(LinesWith(ended.err, "streamhub: " + flag + ": "), 1) << ended.err;
  EXPECT_EQ(LinesWith(ended.err, "in use"), 1) << ended.err;
  EXPECT_EQ(ended.out, "");
}

TEST(ServeTest, APortInUseIsNamed) {
  const Served served({"serve", "--feed", "none"});
  // The admin server does not share its port, as a stranger would not.
  for (const std::string& port : {served.port(), served.admin_port()}) {
    for (const std::string threads : {"1", "3"}) {
      ExpectPortInUse({"serve", "--feed", "none", "--threads", threads,
                       "--admin-port", "0", "--port", port},
                      "--port " + port);
      ExpectPortInUse({"serve", "--feed", "none", "--threads", threads,
                       "--port", "0", "--admin-port", port},
                      "--admin-port " + port);
    }
  }
  EXPECT_THAT(served.Page("/v1/quotes?symbols=A"), HasSubstr("\"quotes\""));
}

TEST(ServeTest, AnAddressThatIsNotOursIsNamed) {
  const TemporaryFile token("token", "0123456789abcdef0123\n");
  for (const std::string flag : {"--listen", "--admin-listen"}) {
    const Process::Ended ended =
        RunToEnd({"serve", "--feed", "none", "--port", "0", "--admin-port", "0",
                  flag, "203.0.113.7", "--admin-token-file", token.path()});
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(LinesWith(ended.err, "streamhub: " + flag + " 203.0.113.7: "), 1)
        << ended.err;
  }
}

TEST(ServeTest, OtherAddressesThanLoopbackAreWarnedOf) {
  const TemporaryFile token("token", "0123456789abcdef0123\n");
  for (const std::string key : {"listen", "admin_listen"}) {
    const std::string flag = key == "listen" ? "--listen" : "--admin-listen";
    std::vector<std::string> line = {"serve", "--feed",       "none",
                                     flag,    "0.0.0.0",      "--port",
                                     "0",     "--admin-port", "0"};
    if (key == "admin_listen") {
      // Without a token it does not begin.
      const Process::Ended refused = RunToEnd(line);
      EXPECT_EQ(refused.status, 2);
      EXPECT_EQ(LinesWith(refused.err, "--admin-listen 0.0.0.0: "), 1);
      EXPECT_EQ(LinesWith(refused.err, "--admin-token-file"), 1) << refused.err;
      line.insert(line.end(), {"--admin-token-file", token.path()});
    }
    Process process(Line(line));
    EXPECT_THAT(process.ReadLine(), HasSubstr("listening on http://127.0.0.1"));
    process.Signal(SIGTERM);
    const Process::Ended ended = process.Wait();
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(LinesWith(ended.err, " warning " + key + " 0.0.0.0: "), 1)
        << ended.err;
    EXPECT_EQ(LinesWith(ended.err, key == "listen" ? "neither TLS nor tokens"
                                                   : "there is no TLS"),
              1)
        << ended.err;
  }
}

TEST(ServeTest, ThatAnybodyCanPublishIsWarnedOf) {
  Process process(Line({"serve", "--feed", "none", "--listen", "0.0.0.0",
                        "--publish-topics", "news,chat/*", "--port", "0",
                        "--admin-port", "0"}));
  AwaitLog(process,
           "anybody who reaches this port can publish, too, to "
           "publish_topics news,chat/*");
}

// Who names recordings must not take simulated prices for them.
TEST(ServeTest, FilesThatAreNotPlayedAreWarnedOf) {
  Process process(Line(
      {"serve", "--files", "day.itch", "--port", "0", "--admin-port", "0"}));
  AwaitLog(process, " warning files are not played: feed is synthetic");
}

TEST(ServeTest, LoopbackIsNotWarnedOf) {
  for (const std::string address : {"127.0.0.1", "127.0.0.2", "::1"}) {
    Process process(Line({"serve", "--feed", "none", "--listen", address,
                          "--port", "0", "--admin-port", "0"}));
    const std::string line = process.ReadLine();
    if (line.empty()) {
      // A machine without IPv6.
      EXPECT_EQ(address, "::1");
      EXPECT_THAT(process.Wait().err, HasSubstr("--listen ::1: "));
      continue;
    }
    EXPECT_THAT(line, HasSubstr(address));
    process.Signal(SIGTERM);
    const Process::Ended ended = process.Wait();
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(LinesWith(ended.err, "neither TLS nor tokens"), 0) << ended.err;
  }
}

TEST(ServeTest, TheEnvironmentAndTheFileAreHeeded) {
  const TemporaryFile file("streamhub.toml",
                           "[feed]\nfeed = \"none\"\n"
                           "[server]\nlisten = \"203.0.113.7\"\n");
  const Served served(
      {"serve", "--config", file.path()},
      {.variables = {"STREAMHUB_LISTEN=127.0.0.1", "STREAMHUB_THREADS=2"}});
  EXPECT_THAT(served.Page("/v1/quotes?symbols=AAPL"),
              HasSubstr("\"unknown\":[\"AAPL\"]"));
}

TEST(ServeTest, AnUnknownVariableIsWarnedOf) {
  Served served({"serve"}, {.variables = {"STREAMHUB_PROT=1"}});
  EXPECT_EQ(LinesWith(served.Stop().err, "STREAMHUB_PROT is ignored"), 1);
}

TEST(ServeTest, ThePagesAreFoundFromAnywhere) {
  // As it is installed: below a prefix.
  const TemporaryFile other("beside", "");
  const fs::path prefix = fs::path(other.path()).parent_path() / "prefix";
  fs::create_directories(prefix / "bin");
  fs::create_directories(prefix / "share/streamhub/web");
  std::ofstream(prefix / "share/streamhub/web/index.html") << "<p>found</p>";
  const fs::path program = prefix / "bin/streamhub";
  fs::copy_file(kProgram, program);

  struct Start {
    std::string program, folder;
  };
  for (const Start& start : std::vector<Start>{
           {program, "/"},
           {"./streamhub", prefix / "bin"},
           {"bin/streamhub", prefix},
           {"../../../bin/streamhub", prefix / "share/streamhub/web"}}) {
    const Served served({"serve", "--feed", "none"},
                        {.folder = start.folder, .program = start.program});
    EXPECT_EQ(served.Page("/"), "<p>found</p>") << start.folder;
  }
  // What is given is seen from where it runs.
  const fs::path given = prefix / "given";
  fs::create_directories(given);
  std::ofstream(given / "index.html") << "<p>given</p>";
  const Served served({"serve", "--feed", "none", "--web-root", "."},
                      {.folder = given, .program = program});
  EXPECT_EQ(served.Page("/"), "<p>given</p>");
}

TEST(ServeTest, WithoutPagesItServesPrices) {
  const TemporaryFile other("20240102.itch", "");
  const fs::path program = fs::path(other.path()).parent_path() / "streamhub";
  fs::copy_file(kProgram, program);
  Served served({"serve"}, {.program = program});
  EXPECT_THAT(served.Page("/v1/quotes?symbols=AAPL"), HasSubstr("\"quotes\""));
  const Process::Ended ended = served.Stop();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(LinesWith(ended.err, "--web-root"), 1) << ended.err;
}

}  // namespace
}  // namespace streamhub
