// What operators do to the program: send it signals, give it another
// configuration, run it below a service manager, watch it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/cli/service_manager.h"
#include "tests/cli/program.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/http_client.h"
#include "tests/support/manual_clock.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

// A service manager's end of the datagrams.
class Manager {
 public:
  // `name`: a path, or "@" and an abstract name.
  explicit Manager(std::string name)
      : name_(std::move(name)),
        fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    if (name_[0] == '@') address.sun_path[0] = '\0';
    const auto size =
        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    STREAMHUB_CHECK(
        fd_ >= 0 &&
        bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Manager() {
    close(fd_);
    if (name_[0] != '@') unlink(name_.c_str());
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  const std::string& name() const { return name_; }

  // The next datagram; empty if none came in time.
  std::string Next(int wait_ms = 20'000) const {
    pollfd wait = {fd_, POLLIN, 0};
    if (poll(&wait, 1, wait_ms) <= 0) return {};
    char text[4096];
    const ssize_t got = recv(fd_, text, sizeof text, 0);
    return got < 0 ? std::string() : std::string(text, got);
  }

  // The next one that holds `part`.
  std::string Await(const std::string& part) const {
    std::string text = Next();
    while (!text.empty() && text.find(part) == text.npos) text = Next();
    EXPECT_THAT(text, HasSubstr(part));
    return text;
  }

 private:
  const std::string name_;
  const int fd_;
};

std::string Unique(const std::string& name) {
  return name + "-" + std::to_string(getpid());
}

// --- the service manager ---

TEST(ServiceManagerTest, TheProgramTellsAllOfItsLife) {
  // Of both kinds of names.
  for (const std::string& name :
       {Unique("@streamhub-test"), Unique("/tmp/streamhub-notify")}) {
    const Manager manager(name);
    Served served(
        {"serve", "--ticks-per-second", "10"},
        {.variables = {"NOTIFY_SOCKET=" + name, "WATCHDOG_USEC=3000000"}});
    const std::string ready = manager.Next();
    EXPECT_THAT(ready, StartsWith("READY=1\nSTATUS=0 clients; synthetic is "));
    EXPECT_THAT(manager.Next(), StartsWith("WATCHDOG=1\nSTATUS=0 clients"));

    served.process().Signal(SIGHUP);
    const std::string reloading = manager.Await("RELOADING=1");
    EXPECT_TRUE(std::regex_match(
        reloading, std::regex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*")))
        << reloading;
    manager.Await("READY=1");
    served.process().Signal(SIGTERM);
    manager.Await("STOPPING=1");
    EXPECT_EQ(served.process().Wait().status, 0);
  }
}

TEST(ServiceManagerTest, AManagerThatIsGoneHoldsNobodyUp) {
  Served served({"serve"}, {.variables = {"NOTIFY_SOCKET=/nowhere/at/all",
                                          "WATCHDOG_USEC=300000"}});
  served.process().Signal(SIGHUP);
  AwaitLog(served.process(), "configuration reloaded");
  EXPECT_EQ(served.Stop().status, 0);
}

TEST(ServiceManagerTest, WhoHangsGivesNoSignOfLife) {
  const Manager manager(Unique("@streamhub-hangs"));
  ManualClock clock;
  ServiceManager told(manager.name(), 3'000'000, clock);
  EXPECT_FALSE(told.IsTime());
  EXPECT_EQ(told.NextMs(), 1001);
  clock.Advance(kSecond);
  EXPECT_TRUE(told.IsTime());
  told.TellAlive({}, "2 clients\nREADY=1");
  EXPECT_EQ(manager.Next(), "WATCHDOG=1\nSTATUS=2 clients READY=1");
  EXPECT_FALSE(told.IsTime());
  clock.Advance(kSecond);
  told.TellAlive({"shard 1", "feed x"}, "2 clients");
  EXPECT_EQ(manager.Next(), "STATUS=hanging: shard 1, feed x");
}

TEST(ServiceManagerTest, WithoutAManagerNothingIsDue) {
  ManualClock clock;
  ServiceManager nobody("", 3'000'000, clock);
  clock.Advance(10 * kSecond);
  EXPECT_FALSE(nobody.IsTime());
  EXPECT_EQ(nobody.NextMs(), -1);
  nobody.TellReady("x");
}

// The variables are for this process and no other, as sd_watchdog_enabled(3)
// says.
TEST(ServiceManagerTest, AnotherProcessesWatchdogIsNotOurs) {
  const Manager manager(Unique("@streamhub-other"));
  ManualClock clock;
  for (const bool ours : {true, false}) {
    setenv("NOTIFY_SOCKET", manager.name().c_str(), 1);
    setenv("WATCHDOG_USEC", "3000000", 1);
    setenv("WATCHDOG_PID", std::to_string(getpid() + !ours).c_str(), 1);
    const ServiceManager told = ServiceManager::FromEnvironment(clock);
    EXPECT_EQ(told.NextMs(), ours ? 1001 : -1);
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  }
}

// --- another configuration ---

class ReloadedTest : public testing::Test {
 protected:
  ReloadedTest() : file("streamhub.toml", "[server]\nlog_level = \"info\"\n") {}

  void Write(const std::string& text) const {
    std::ofstream(file.path()) << text;
  }

  HttpReply Admin(Served& served, std::string_view method) const {
    LoopbackSocket socket(std::atoi(served.admin_port().c_str()));
    EXPECT_TRUE(socket.Send(
        RequestText("/admin/reload", "X-StreamHub-Admin: 1\r\n", method)));
    std::string bytes;
    return TakeReply(socket, &bytes);
  }

  // The value of a metric, as it is written.
  static std::string MetricOf(Served& served, const std::string& name) {
    const std::string page =
        Get(std::atoi(served.admin_port().c_str()), "/metrics").body;
    const size_t at = page.find("\nstreamhub_" + name + " ");
    if (at == page.npos) return "none";
    const size_t begin = at + name.size() + 12;
    return page.substr(begin, page.find('\n', begin) - begin);
  }

  std::string Origin(Served& served, const std::string& origin) const {
    return Get(std::atoi(served.port().c_str()), "/v1/symbols",
               "Origin: " + origin + "\r\n")
        .Header("access-control-allow-origin");
  }

  const TemporaryFile file;
};

TEST_F(ReloadedTest, AFileThatIsBrokenChangesNothing) {
  Write("[clients]\ncors_origins = [\"https://a.example\"]\n");
  Served served({"serve", "--config", file.path()});
  EXPECT_EQ(MetricOf(served, "config_last_reload_successful"), "1");
  const std::string time =
      MetricOf(served, "config_last_reload_success_timestamp_seconds");
  for (const std::string broken :
       {"[clients]\ncors_origins = [\"https://b.example\"]\nport = 7\n",
        "[clients]\ncors_origins = [\"https://b.example\"\n",
        "[clients]\ncors_origins = [\"https://b.example\"]\n"
        "[server]\nlog_level = \"loud\"\n"}) {
    Write(broken);
    served.process().Signal(SIGHUP);
    const std::string line = AwaitLog(served.process(), " error ");
    EXPECT_THAT(line, HasSubstr("the configuration was not reloaded"));
    EXPECT_THAT(line, HasSubstr(file.path() + ":"));
    EXPECT_EQ(MetricOf(served, "config_last_reload_successful"), "0");
    EXPECT_EQ(MetricOf(served, "config_last_reload_success_timestamp_seconds"),
              time);
    EXPECT_EQ(Origin(served, "https://a.example"), "https://a.example");
    EXPECT_EQ(Origin(served, "https://b.example"), "");
  }
  fs::remove(file.path());
  served.process().Signal(SIGHUP);
  EXPECT_THAT(AwaitLog(served.process(), " error "), HasSubstr(file.path()));
  EXPECT_EQ(Origin(served, "https://a.example"), "https://a.example");

  Write("[clients]\ncors_origins = [\"https://b.example\"]\n");
  served.process().Signal(SIGHUP);
  AwaitLog(served.process(), "configuration reloaded: cors_origins");
  EXPECT_EQ(MetricOf(served, "config_last_reload_successful"), "1");
  EXPECT_EQ(Origin(served, "https://b.example"), "https://b.example");
  EXPECT_EQ(Origin(served, "https://a.example"), "");
  EXPECT_EQ(served.Stop().status, 0);
}

TEST_F(ReloadedTest, TheAdminPortReloadsAndSaysWhatCameOfIt) {
  Served served({"serve", "--heartbeat-ms", "700", "--config", file.path()});
  EXPECT_THAT(Admin(served, "GET").body, HasSubstr("\"successful\":null"));
  // What a flag says stays so, whatever the file says.
  Write(
      "[server]\nlog_level = \"warning\"\nthreads = 3\n"
      "[clients]\nheartbeat_ms = 900\n");
  HttpReply reply = Admin(served, "POST");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("\"successful\":true"));
  EXPECT_THAT(reply.body, HasSubstr("\"changed\":[\"log_level\"],"
                                    "\"restart_needed\":[\"threads\"]}"));
  Write("[server]\nlog_level = 3\n");
  reply = Admin(served, "POST");
  EXPECT_EQ(reply.status, 409);
  EXPECT_THAT(reply.body, HasSubstr("\"successful\":false"));
  EXPECT_THAT(reply.body, HasSubstr("log_level"));
  EXPECT_EQ(Admin(served, "GET").body, reply.body);
  EXPECT_EQ(Admin(served, "GET").status, 200);
  EXPECT_EQ(served.Stop().status, 0);
}

// --- the end ---

TEST(StoppingTest, AnotherSignalEndsItAtOnce) {
  Served served({"serve", "--drain-ms", "600000", "--threads", "1"});
  // It asks for nothing and does not hang up.
  LoopbackSocket client(std::atoi(served.port().c_str()));
  ASSERT_TRUE(client.Send(RequestText("/v1/sse?symbols=AAPL")));
  std::string bytes;
  HttpReply head;
  ASSERT_TRUE(TakeHead(client, &bytes, &head));
  served.process().Signal(SIGTERM);
  while (bytes.find("\"closing\"") == bytes.npos) {
    ASSERT_EQ(client.Receive(&bytes), LoopbackSocket::Got::kBytes);
  }
  const auto begin = std::chrono::steady_clock::now();
  served.process().Signal(SIGINT);
  const Process::Ended ended = served.process().Wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(LinesWith(ended.err, "another signal"), 1) << ended.err;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
}

// A rolling restart on one machine: the next gateway listens beside the one
// that is stopped, and takes its clients.
TEST(StoppingTest, TheNextGatewayTakesTheClients) {
  Served served({"serve", "--drain-ms", "1000"});
  Process watch(Line({"watch", served.url(), "AAPL"}));
  EXPECT_THAT(watch.ReadLine(), HasSubstr("\"snapshot\":true"));
  Process next(Line(
      {"serve", "--port", served.port(), "--admin-port", "0", "--reuse-port"}));
  EXPECT_THAT(next.ReadLine(), HasSubstr(served.port()));
  EXPECT_EQ(served.Stop().status, 0);
  EXPECT_THAT(AwaitLog(watch, "disconnected: "), HasSubstr("server stopping"));
  // What it showed is not live until the next one has told all of it.
  std::string line = watch.ReadLine();
  while (line.find("\"state\":\"live\"") != line.npos &&
         line.find("\"snapshot\":true") == line.npos) {
    line = watch.ReadLine();
  }
  EXPECT_THAT(line, HasSubstr("\"state\":\"disconnected\""));
  do {
    line = watch.ReadLine();
  } while (line.find("\"snapshot\":true") == line.npos && !line.empty());
  EXPECT_THAT(line, HasSubstr("\"state\":\"live\""));
}

// --- alerts and the dashboard ---

std::string TextOf(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(MonitoringTest, WhatAlertsAndTheDashboardNameIsThere) {
  Served served({"serve"});
  const std::string page =
      Get(std::atoi(served.admin_port().c_str()), "/metrics").body;
  std::set<std::string> known;
  const std::regex type("# TYPE (streamhub_[a-z0-9_]+) ([a-z]+)\n");
  for (std::sregex_iterator at(page.begin(), page.end(), type), end; at != end;
       ++at) {
    known.insert((*at)[1]);
    if ((*at)[2] == "summary") {
      known.insert((*at)[1].str() + "_sum");
      known.insert((*at)[1].str() + "_count");
    }
  }
  EXPECT_GT(known.size(), 50u);
  const fs::path deploy = fs::path(STREAMHUB_SOURCE_DIR) / "deploy";
  for (const fs::path& path : {deploy / "prometheus" / "alerts.yml",
                               deploy / "grafana" / "streamhub.json"}) {
    const std::string text = TextOf(path);
    const std::regex name("streamhub_[a-z0-9_]+");
    int named = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end;
         at != end; ++at) {
      EXPECT_EQ(known.count(at->str()), 1u) << path << ": " << at->str();
      ++named;
    }
    EXPECT_GE(named, 10) << path;
  }
}

}  // namespace
}  // namespace streamhub
