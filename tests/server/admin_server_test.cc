// The admin server over real sockets.

#include "gateway/server/admin_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/base/strings.h"
#include "gateway/server/admin_pages.h"
#include "tests/support/loopback_socket.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdminServerTest : public testing::Test {
 protected:
  void SetUp() override {
    FeedInfo info;
    info.name = "a \"b\"";
    feed_ = market_.AddFeed(info);
    Live();
    board_.Add(latency_);
    const Counters* set = &counters_;
    auto started = AdminServer::Start(
        {.listen = "127.0.0.1",
         .port = 0,
         .metrics =
             [this, set] {
               return MetricsPage({&shown_, 1}, {&set, 1},
                                  SystemClock().MonoNs());
             },
         .health =
             [this, set] {
               return AdminAnswer{.body = HealthPage({&shown_, 1}, {&set, 1}, 0,
                                                     SystemClock().MonoNs())};
             }});
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  void Live() {
    market_.SetFeedStatus(feed_, FeedStatus::kLive);
    market_.Heartbeat(feed_, SystemClock().MonoNs());
  }

  // All that the server says to `request`, until it closes.
  std::string Exchange(std::string_view request) const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(server_->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address),
                      sizeof address),
              0);
    EXPECT_EQ(send(fd, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answer;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = read(fd, buffer, sizeof buffer)) > 0) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    close(fd);
    return answer;
  }

  std::string Ask(const std::string& line, const std::string& host) const {
    return Exchange(line + " HTTP/1.1\r\nHost: " + host +
                    "\r\nConnection: close\r\n\r\n");
  }
  std::string Get(const std::string& path) const {
    return Ask("GET " + path, "localhost");
  }

  Market market_{"live", 100, 1};
  Counters counters_;
  FeedId feed_ = 0;
  ShardLatency latency_{1};  // the feed's number is 0
  LatencyBoard board_{market_};
  const ShownMarket shown_{market_, board_};
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, HealthTellsTheFeeds) {
  const std::string live = Get("/healthz");
  EXPECT_THAT(live, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(live, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(live, HasSubstr("{\"status\":\"ok\",\"version\":\""));
  EXPECT_THAT(live,
              HasSubstr("\"feeds\":{\"a \\\"b\\\"\":{\"status\":\"live\""));

  market_.SetFeedStatus(feed_, FeedStatus::kDown);
  const std::string down = Get("/healthz");
  EXPECT_THAT(down, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(down, HasSubstr("{\"status\":\"degraded\""));
  EXPECT_THAT(down, HasSubstr("{\"status\":\"down\""));

  market_.SetFeedStatus(feed_, FeedStatus::kEnded);
  EXPECT_THAT(Get("/healthz"), HasSubstr("{\"status\":\"ok\""));
}

TEST_F(AdminServerTest, ARecordingThatFailsIsDegraded) {
  EXPECT_THAT(Get("/healthz"), Not(HasSubstr("\"recording\"")));
  counters_.Add(Metric::kRecording);
  EXPECT_THAT(Get("/healthz"), HasSubstr("{\"status\":\"ok\""));
  EXPECT_THAT(Get("/healthz"), HasSubstr(",\"recording\":\"ok\","));
  counters_.Add(Metric::kRecordFailing);
  EXPECT_THAT(Get("/healthz"), HasSubstr("{\"status\":\"degraded\""));
  EXPECT_THAT(Get("/healthz"), HasSubstr(",\"recording\":\"failing\","));
}

TEST_F(AdminServerTest, TopicsAreNoSymbols) {
  SymbolId id = 0;
  market_.DefineTopic("news", kNoFeed, 10, 1, &id);
  counters_.Add(Metric::kTopics);
  EXPECT_THAT(Get("/healthz"), HasSubstr(",\"symbols\":0,\"topics\":1,"));
  const std::string metrics = Get("/metrics");
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_symbols 0\n"));
  EXPECT_THAT(metrics, HasSubstr("\nstreamhub_topics 1\n"));
}

TEST_F(AdminServerTest, AHungFeedIsDegraded) {
  const Counters* set = &counters_;
  const int64_t later_ns = SystemClock().MonoNs() + 3600 * kSecond;
  EXPECT_THAT(HealthPage({&shown_, 1}, {&set, 1}, 0, later_ns),
              HasSubstr("{\"status\":\"degraded\""));
  EXPECT_THAT(HealthPage({&shown_, 1}, {&set, 1}, 10 * kSecond + 1, later_ns),
              HasSubstr("{\"status\":\"stuck\""));
}

// Every line is a comment of two kinds or a sample of a declared metric.
TEST_F(AdminServerTest, MetricsAreInPrometheusTextFormat) {
  counters_.Add(Metric::kTicks, 42);
  const int64_t now_ns = SystemClock().MonoNs();
  latency_.BeginTurn(now_ns);
  latency_.Encoded(feed_, 100);  // so short, it is told exactly
  latency_.Written(TransportKind::kSse, 1);
  // What there was is over: the window is empty.
  latency_.BeginTurn(now_ns - 100 * kSecond);
  latency_.Arrived(TransportKind::kSse, 2);
  const std::string answer = Get("/metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  std::string body = answer.substr(answer.find("\r\n\r\n") + 4);
  EXPECT_THAT(body, EndsWith("\n"));
  const std::regex help("# HELP (streamhub_[a-z0-9_]+) .+");
  const std::regex type(
      "# TYPE (streamhub_[a-z0-9_]+) "
      "(counter|gauge|summary)");
  const std::regex sample(
      "(streamhub_[a-z0-9_]+)"
      "(\\{([a-z_]+=\"([^\"\\\\]|\\\\[\"\\\\n])*\",?)+\\})? "
      "(NaN|-?[0-9.]+(e-?[0-9]+)?)");
  const std::regex part("_(sum|count)$");
  std::string declared, helped;
  int samples = 0;
  for (size_t begin = 0; begin < body.size();) {
    const size_t end = body.find('\n', begin);
    const std::string line = body.substr(begin, end - begin);
    begin = end + 1;
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      helped = match[1];
    } else if (std::regex_match(line, match, type)) {
      declared = match[1];
      EXPECT_EQ(declared, helped);
    } else {
      ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
      // A summary's sum and count are declared with it.
      const std::string whole = std::regex_replace(match.str(1), part, "");
      EXPECT_TRUE(match[1] == declared || whole == declared) << line;
      ++samples;
    }
  }
  EXPECT_GT(samples, static_cast<int>(Metric::kCount));
  EXPECT_THAT(body, HasSubstr("\nstreamhub_ticks_total 42\n"));
  EXPECT_THAT(body, HasSubstr("streamhub_build_info{version=\""));
  EXPECT_THAT(body, HasSubstr("\nstreamhub_symbols 0\n"));
  EXPECT_THAT(
      body,
      HasSubstr("streamhub_feed_status{market=\"live\",feed=\"a \\\"b\\\"\","
                "status=\"live\"} 1\n"));
  const std::string feed =
      "streamhub_feed_latency_seconds{market=\"live\",feed=\"a "
      "\\\"b\\\"\",stage=\"encode\"";
  EXPECT_THAT(body, HasSubstr("\n" + feed + ",quantile=\"0.5\"} 1e-07\n"));
  EXPECT_THAT(body, HasSubstr("\n" + feed + ",quantile=\"0.99\"} 1e-07\n"));
  EXPECT_THAT(
      body,
      HasSubstr("\nstreamhub_feed_latency_seconds_sum{market=\"live\",feed=\"a "
                "\\\"b\\\"\",stage=\"encode\"} 1e-07\n"));
  const std::string sse =
      "latency_seconds{market=\"live\",transport=\"sse\",stage=";
  EXPECT_THAT(body, HasSubstr(sse + "\"write\",quantile=\"0.9\"} 1e-09\n"));
  EXPECT_THAT(body, HasSubstr(sse + "\"echo\",quantile=\"0.9\"} NaN\n"));
  EXPECT_THAT(
      body, HasSubstr("latency_seconds_count{market=\"live\",transport=\"sse\","
                      "stage=\"echo\"} 1\n"));
  EXPECT_THAT(body, Not(HasSubstr("websocket"))) << "it was never used";
}

TEST_F(AdminServerTest, HeadHasTheLengthButNoBody) {
  const std::string answer = Ask("HEAD /healthz", "localhost");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length: 0\r\n")));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(AdminServerTest, OtherPathsAndMethodsAreRefused) {
  EXPECT_THAT(Get("/"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/metrics/x"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("http://localhost/metrics"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Get("/metrics?x=1"), StartsWith("HTTP/1.1 200 "));
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const std::string answer = Ask(method + " /metrics", "localhost");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 "));
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n"));
  }
}

TEST_F(AdminServerTest, ABodyIsNotWaitedFor) {
  EXPECT_THAT(Exchange("POST /metrics HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Length: 1000\r\n\r\n{\"a\":1}"),
              StartsWith("HTTP/1.1 405 "));
}

TEST_F(AdminServerTest, AForeignHostIsRefused) {
  for (const std::string host :
       {"evil.example", "evil.example:8081", "localhost.evil.example",
        "127.0.0.1.evil.example", "10.1.2.3", "", "[::2]:80", "[::1"}) {
    const std::string answer = Ask("GET /metrics", host);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 421 ")) << host;
    EXPECT_THAT(answer, Not(HasSubstr("streamhub_"))) << host;
  }
  EXPECT_THAT(Exchange("GET /metrics HTTP/1.0\r\n\r\n"),
              StartsWith("HTTP/1.0 421 "));
  for (const std::string host : {"localhost", "LOCALHOST:8081", "127.0.0.1",
                                 "127.0.0.1:1", "[::1]:80"}) {
    EXPECT_THAT(Ask("GET /metrics", host), StartsWith("HTTP/1.1 200 ")) << host;
  }
}

TEST_F(AdminServerTest, AConnectionServesSeveralRequests) {
  const std::string one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string answer =
      Exchange(one + one +
               "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
               "Connection: close\r\n\r\n");
  const std::regex status("HTTP/1.1 200 OK");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(answer.begin(), answer.end(), status),
                    std::sregex_iterator()),
      3);
}

// As many as are held; whoever comes next takes the place of the idlest.
TEST_F(AdminServerTest, IdleConnectionsGiveWay) {
  const std::string ask = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  using Got = LoopbackSocket::Got;
  std::vector<LoopbackSocket> idle;
  for (int i = 0; i < 64; ++i) idle.emplace_back(server_->port());
  std::string text;
  // The last is here, so all are; and the first is idle no more.
  for (LoopbackSocket* socket : {&idle.back(), &idle.front()}) {
    ASSERT_TRUE(socket->Send(ask));
    ASSERT_EQ(socket->Receive(&text), Got::kBytes);
  }
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(idle[1].Receive(&text), Got::kEnd);
  for (LoopbackSocket* socket : {&idle.front(), &idle.back()}) {
    ASSERT_TRUE(socket->Send(ask));
    text.clear();
    EXPECT_EQ(socket->Receive(&text), Got::kBytes);
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
  }
  // Silence in any number keeps nobody out.
  for (int i = 0; i < 200; ++i) idle.emplace_back(server_->port());
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(idle.front().Receive(&text), Got::kEnd);
}

TEST_F(AdminServerTest, GarbageIsDropped) {
  EXPECT_EQ(Exchange("\x16\x03\x01 not HTTP at all\r\n\r\n"), "");
  EXPECT_EQ(Exchange("GET /healthz HTTP/1.1\r\nX: " + std::string(20'000, 'x') +
                     "\r\n\r\n"),
            "");
  EXPECT_THAT(Get("/healthz"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, APortInUseIsNamed) {
  const auto second = AdminServer::Start({.listen = "127.0.0.1",
                                          .port = server_->port(),
                                          .metrics = {},
                                          .health = {}});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(FromAbsl(second.status().message()),
            "--admin-port " + std::to_string(server_->port()) +
                ": Address already in use");
}

TEST_F(AdminServerTest, ABadAddressIsNamed) {
  for (const std::string listen : {"here", "192.0.2.1"}) {
    const auto bad = AdminServer::Start(
        {.listen = listen, .port = 0, .metrics = {}, .health = {}});
    ASSERT_FALSE(bad.ok());
    EXPECT_THAT(std::string(FromAbsl(bad.status().message())),
                StartsWith("--admin-listen " + listen + ": "));
  }
}

}  // namespace
}  // namespace streamhub
