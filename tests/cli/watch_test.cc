// watch, run as people run it: against a gateway of its own.

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tests/cli/program.h"
#include "tests/support/http_client.h"
#include "tests/support/test_certificates.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(WatchTest, PricesFlowOverEveryTransport) {
  const Served served({"serve"});
  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    const Process::Ended watched =
        RunToEnd({"watch", "--transport", transport, "--json", "--count", "3",
                  "--timeout", "50", "--fields", "bid,ask", "--max-rate",
                  "unlimited", served.url(), "AAPL"});
    EXPECT_EQ(watched.status, 0) << watched.err;
    EXPECT_THAT(watched.out, StartsWith("{\"symbol\":\"AAPL\",\"v\":"));
    EXPECT_THAT(watched.out, HasSubstr(",\"snapshot\":true,"));
    EXPECT_THAT(watched.out, HasSubstr(",\"bid\":"));
    EXPECT_THAT(watched.out, HasSubstr(",\"ask\":"));
    EXPECT_THAT(watched.out, Not(HasSubstr(",\"last\":")));
    EXPECT_THAT(watched.out, HasSubstr(",\"state\":\"live\","));
    EXPECT_EQ(std::count(watched.out.begin(), watched.out.end(), '\n'), 3);
  }
}

TEST(WatchTest, TlsIsSpokenToWhoIsTrusted) {
  TestCertificates certificates;
  const auto files = certificates.Issue("gateway");
  const Served served({"serve", "--tls-certificate", files.certificate,
                       "--tls-key", files.key});
  EXPECT_THAT(served.url(), StartsWith("https://127.0.0.1:"));
  const auto watch = [](const std::string& url,
                        std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "watch");
    arguments.insert(arguments.end(), {"--json", "--count", "3", "--timeout",
                                       "50", url, "AAPL"});
    return RunToEnd(arguments);
  };
  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    const Process::Ended watched =
        watch(served.url(),
              {"--transport", transport, "--ca", certificates.authority()});
    EXPECT_EQ(watched.status, 0) << watched.err;
    EXPECT_EQ(LinesWith(watched.out, "{\"symbol\":\"AAPL\",\"v\":"), 3);
  }
  const std::string wss = "wss://localhost:" + served.port();
  EXPECT_EQ(watch(wss, {"--ca", certificates.authority()}).status, 0);
  EXPECT_EQ(watch(wss, {"--insecure"}).status, 0);
  EXPECT_THAT(watch(wss, {}).err, HasSubstr("localhost is not trusted"));
  EXPECT_THAT(watch(wss, {"--ca", files.key}).err, HasSubstr("--ca "));
  // Its name is another.
  const Process::Ended other = watch("wss://127.0.0.2:" + served.port(),
                                     {"--ca", certificates.authority()});
  EXPECT_NE(other.status, 0);
  EXPECT_EQ(other.out, "");
  const Process::Ended plain = watch("http://127.0.0.1:" + served.port(), {});
  EXPECT_THAT(plain.err, HasSubstr("status 400"));
  const Process::Ended seen =
      RunToEnd({"doctor", "--duration", "1", "--ca", certificates.authority(),
                served.url()});
  EXPECT_EQ(seen.status, 0) << seen.out << seen.err;
}

TEST(WatchTest, AllSymbolsAndFieldsCome) {
  const Served served({"serve"});
  std::string url = served.url();
  url.replace(0, 4, "ws");
  // Not on a terminal: the lines are JSON without --json.
  const Process::Ended watched = RunToEnd(
      {"watch", "--count", "2", "--timeout", "50", url, "AAPL", "MSFT"});
  EXPECT_EQ(watched.status, 0) << watched.err;
  EXPECT_EQ(LinesWith(watched.out, "{\"symbol\":\"AAPL\","), 1) << watched.out;
  EXPECT_EQ(LinesWith(watched.out, "{\"symbol\":\"MSFT\","), 1) << watched.out;
  EXPECT_THAT(watched.out, HasSubstr(",\"last\":"));
}

// So many messages, however many come in one; and on a terminal whole ones, a
// line each, without the columns of prices.
TEST(WatchTest, MessagesOfATopicAreCountedAndWhole) {
  const Served served({"serve", "--feed", "none", "--publish-topics", "news"});
  const std::string text(150, 'x');  // wider than the terminal
  std::string body;
  for (int i = 0; i < 9; ++i) {
    body += R"({"type":"publish","id":1,"topic":"news","data":")" +
            std::to_string(i) + text + "\"}\n";
  }
  body = "[" + body + "]";
  std::replace(body.begin(), body.end() - 2, '\n', ',');
  LoopbackSocket socket(std::stoi(served.port()));
  socket.Send(RequestText("/v1/publish",
                          absl::StrCat("Content-Length: ", body.size(), "\r\n"),
                          "POST") +
              body);
  std::string bytes;
  ASSERT_EQ(TakeReply(socket, &bytes).status, 200);

  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    const Process::Ended watched =
        RunToEnd({"watch", "--transport", transport, "--history", "9",
                  "--count", "4", "--timeout", "50", served.url(), "news"});
    EXPECT_EQ(watched.status, 0) << watched.err;
    EXPECT_EQ(LinesWith(watched.out, "{\"topic\":\"news\",\"seq\":"), 4);
    EXPECT_EQ(std::count(watched.out.begin(), watched.out.end(), '\n'), 4);
  }

  Process watch(
      Line({"watch", "--history", "9", "--count", "3", served.url(), "news"}),
      {.terminal = true});
  EXPECT_TRUE(watch.ReadThrough("Z  news  \"0" + text + "\"\r\n"));
  const Process::Ended ended = watch.Wait();
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(LinesWith(ended.out, text + "\"\r"), 2) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("  connected by ws\x1B[K"));
  EXPECT_THAT(ended.out, Not(HasSubstr("SYMBOL")));
}

TEST(WatchTest, AnUnknownSymbolIsTold) {
  const Served served({"serve", "--feed", "none"});
  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    Process watch(Line(
        {"watch", "--transport", transport, "--json", served.url(), "NEWCO"}));
    EXPECT_THAT(watch.ReadErrorLine(),
                StartsWith("streamhub: unknown symbol: NEWCO "));
    watch.Signal(SIGTERM);
    EXPECT_EQ(watch.Wait().status, 0);
  }
}

TEST(WatchTest, ATimeoutTellsHowManyCame) {
  const Served served({"serve", "--feed", "none"});
  const Process::Ended late =
      RunToEnd({"watch", "--json", "--count", "1", "--timeout", "0.3",
                served.url(), "NEWCO"});
  EXPECT_EQ(late.status, 1);
  EXPECT_THAT(late.err, HasSubstr("got 0 of 1 updates within 0.3 s"));
}

TEST(WatchTest, ARefusalNamesWhatIsRefused) {
  const Served served({"serve", "--feed", "none"});
  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    for (const std::string count : {"--json", "--count=1"}) {
      const Process::Ended refused =
          RunToEnd({"watch", "--transport", transport, count, "--fields",
                    "bidd", served.url(), "A"});
      EXPECT_EQ(refused.status, 1);
      EXPECT_THAT(refused.err, HasSubstr("bidd"));
      EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
    }
  }
}

TEST(WatchTest, NobodyThereIsTold) {
  Served served({"serve", "--feed", "none"});
  EXPECT_EQ(served.Stop().status, 0);
  const Process::Ended alone =
      RunToEnd({"watch", "--count", "1", served.url(), "A"});
  EXPECT_EQ(alone.status, 1);
  EXPECT_THAT(alone.err, HasSubstr("port " + served.port()));
  EXPECT_THAT(alone.err, HasSubstr("Connection refused\n"));
}

TEST(WatchTest, ItComesBackAfterARestart) {
  for (const std::string transport : {"ws", "sse", "stream", "poll"}) {
    auto served = std::make_unique<Served>(std::vector<std::string>{"serve"});
    const std::string port = served->port();
    Process watch(Line(
        {"watch", "--transport", transport, "--json", served->url(), "AAPL"}));
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
}

TEST(WatchTest, LinesTellThatAPriceIsLiveNoMore) {
  Served served({"serve", "--heartbeat-ms", "200"});
  Process watch(Line({"watch", "--json", served.url(), "AAPL"}));
  std::string line = watch.ReadLine();
  EXPECT_THAT(line, HasSubstr("\"state\":\"live\""));
  served.process().Signal(SIGSTOP);  // hangs
  while (!line.empty() && line != R"({"symbol":"AAPL","state":"stale"})") {
    line = watch.ReadLine();
  }
  EXPECT_THAT(line, Not(IsEmpty()));
  served.process().Signal(SIGKILL);
  while (!line.empty() &&
         line != R"({"symbol":"AAPL","state":"disconnected"})") {
    line = watch.ReadLine();
  }
  EXPECT_THAT(line, Not(IsEmpty()));
}

// So that the gateway knows how long its messages take to clients.
TEST(WatchTest, ItEchoesWhatItGets) {
  const Served served({"serve"});
  Process watch(Line({"watch", "--json", served.url(), "AAPL", "MSFT"}));
  std::string page;
  do {
    ASSERT_THAT(watch.ReadLine(), Not(IsEmpty()));
    page = served.Page("/v1/latency");
  } while (page.find("\"echo\"") == page.npos);
  EXPECT_THAT(page, HasSubstr("\"echo\":{\"count\":1,"));
  EXPECT_THAT(served.Page("/v1/latency"), HasSubstr("\"websocket\":{"));
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.Wait().status, 0);
}

TEST(WatchTest, SignalsEndItWhereverItIs) {
  Served served({"serve"});
  for (const int number : {SIGINT, SIGTERM}) {
    Process following(Line({"watch", served.url(), "AAPL"}));
    EXPECT_THAT(following.ReadLine(), HasSubstr("AAPL"));
    following.Signal(number);
    EXPECT_EQ(following.Wait().status, 0);
  }
  EXPECT_EQ(served.Stop().status, 0);
  Process waiting(Line({"watch", served.url(), "AAPL"}));
  EXPECT_THAT(waiting.ReadErrorLine(), HasSubstr("trying again"));
  waiting.Signal(SIGINT);
  EXPECT_EQ(waiting.Wait().status, 0);
}

TEST(WatchTest, AnOutputThatIsFullEndsIt) {
  const Served served({"serve"});
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"watch", served.url(), "AAPL"},
           {"watch", "--json", served.url(), "AAPL"},
           {"watch", "--count", "1", served.url(), "AAPL"}}) {
    const Process::Ended ended = Process(ToFullDisk(arguments)).Wait();
    EXPECT_EQ(ended.status, 1);
    EXPECT_EQ(ended.err,
              "streamhub: standard output: No space left on device\n");
  }
}

TEST(WatchTest, ATerminalShowsATable) {
  auto served = std::make_unique<Served>(std::vector<std::string>{"serve"});
  Process watch(Line({"watch", served->url(), "AAPL", "NEWCO"}),
                {.terminal = true});
  EXPECT_TRUE(watch.ReadThrough("connected by ws: synthetic live simulated"));
  EXPECT_TRUE(watch.ReadThrough("SYMBOL"));
  EXPECT_TRUE(watch.ReadThrough("AAPL"));
  EXPECT_TRUE(watch.ReadThrough("\033[32mlive"));
  EXPECT_TRUE(watch.ReadThrough("\033[31munknown"));
  served->Stop();
  EXPECT_TRUE(watch.ReadThrough("  disconnected: "));
  EXPECT_TRUE(watch.ReadThrough("\033[31mdisconnected"));
  watch.Signal(SIGINT);
  EXPECT_EQ(watch.Wait().status, 0);
}

}  // namespace
}  // namespace streamhub
