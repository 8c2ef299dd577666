// The parts of a client's connection that need no socket, and the progress of
// a replay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/cli/progress_line.h"
#include "gateway/cli/sse_reader.h"
#include "gateway/cli/stream_client.h"
#include "gateway/cli/watch_url.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// The events of `stream`, given in pieces of `size` bytes.
std::vector<std::string> EventsOf(std::string_view stream, size_t size) {
  SseReader reader(1000);
  std::vector<std::string> events;
  while (!stream.empty()) {
    std::string_view piece = stream.substr(0, size);
    stream.remove_prefix(piece.size());
    std::string data;
    SseReader::Result result;
    while ((result = reader.Next(&piece, &data)) == SseReader::Result::kEvent) {
      events.push_back(data);
    }
    EXPECT_EQ(result, SseReader::Result::kNeedMore);
  }
  return events;
}

TEST(SseReaderTest, EventsAreTheSameInAnyPieces) {
  constexpr std::string_view kStream =
      "retry: 2000\n\n:comment\ndata: {\"a\":1}\n\nid: x\r\ndata:one\r\n"
      "data: two\r\n\r\nid: only\n\nevent: e\ndata\n\ndata: \n\ndata: cut";
  for (size_t size = 1; size <= kStream.size(); ++size) {
    EXPECT_THAT(EventsOf(kStream, size),
                ElementsAre("{\"a\":1}", "one\ntwo", ""))
        << size;
  }
}

TEST(SseReaderTest, ItsMemoryIsBounded) {
  SseReader reader(100);
  std::string data;
  const std::string line = "data: " + std::string(50, 'x') + "\n";
  const std::string both = line + line;
  std::string_view input = both;
  EXPECT_EQ(reader.Next(&input, &data), SseReader::Result::kTooBig);
}

TEST(WatchUrlTest, SaysWhereTheGatewayIs) {
  auto url = ParseWatchUrl("http://127.0.0.1:8080");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, "8080");
  EXPECT_EQ(url->prefix, "");
  EXPECT_EQ(url->HostField(), "127.0.0.1:8080");
  url = ParseWatchUrl("WS://example.org/prices/");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "example.org");
  EXPECT_EQ(url->port, "80");
  EXPECT_EQ(url->prefix, "/prices");
  url = ParseWatchUrl("http://[::1]:81/");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->HostField(), "[::1]:81");
  EXPECT_FALSE(url->tls);
  EXPECT_EQ(url->Scheme(), "http");
  for (const auto& [text, port] :
       {std::pair("https://a", "443"), std::pair("WSS://a:8443/x", "8443")}) {
    url = ParseWatchUrl(text, {.ca = "ca.pem"});
    ASSERT_TRUE(url.ok()) << text;
    EXPECT_EQ(url->port, port);
    EXPECT_TRUE(url->tls);
    EXPECT_EQ(url->Scheme(), "https");
    EXPECT_EQ(url->trust.ca, "ca.pem");
  }
}

TEST(WatchUrlTest, WhatIsWrongIsTold) {
  for (const auto& [text, why] :
       std::vector<std::pair<std::string, std::string>>{
           {"ftp://a", "only http://, https://"},
           {"localhost:8080", "expected http://HOST:PORT"},
           {"http://a:0", "port"},
           {"http://a:65536", "port"},
           {"http://a:x", "port"},
           {"http://:80", "no host"},
           {"http://", "no host"},
           {"http://[::1", "bracket"},
           {"http://u@a", "no user"},
           {"http://a/?x", "no user, query"},
           {"http://a\r\nX: y", "no user"}}) {
    const auto url = ParseWatchUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_THAT(std::string(FromAbsl(url.status().message())), HasSubstr(why))
        << text;
  }
}

TEST(StreamRequestTest, IsAQueryOrAnObject) {
  StreamRequest request;
  request.names = {"AAPL@12", "EUR/USD", "\xc3\xa9\"&"};
  EXPECT_EQ(ToQuery(request), "symbols=AAPL@12,EUR%2fUSD,%c3%a9%22%26");
  EXPECT_EQ(ToJson(request),
            "{\"type\":\"subscribe\",\"id\":1,\"symbols\":[\"AAPL@12\","
            "\"EUR/USD\",\"\xc3\xa9\\\"&\"]}");
  request.names = {"A"};
  request.token = "e.f.0";
  request.fields = {"bid", "ask"};
  request.max_rate = "unlimited";
  EXPECT_EQ(ToQuery(request),
            "symbols=A&fields=bid,ask&max_rate=unlimited&at=e.f.0");
  EXPECT_EQ(ToJson(request),
            "{\"type\":\"subscribe\",\"id\":1,\"symbols\":[\"A\"],"
            "\"at\":\"e.f.0\",\"fields\":[\"bid\",\"ask\"],"
            "\"max_rate\":\"unlimited\"}");
  request.max_rate = "0.5";
  EXPECT_THAT(ToJson(request), HasSubstr("\"max_rate\":0.5}"));
}

TEST(ProgressLineTest, TellsPlaceAndPace) {
  ProgressLine line;
  ReplayProgress progress;
  progress.file = "data/20240102.itch.gz";
  progress.file_number = 1;
  progress.files = 2;
  progress.round = 1;
  progress.fraction = 0.4231;
  progress.messages = 1234;
  progress.event_ns = 1'704'205'800 * kSecond;
  EXPECT_EQ(line.Format(progress, 5 * kSecond),
            "20240102.itch.gz (1/2)  42.3%  2024-01-02 14:30:00Z  "
            "1234 messages");
  progress.event_ns += 20 * kSecond;
  EXPECT_THAT(line.Format(progress, 7 * kSecond), HasSubstr("messages  10.0x"));
  progress.file_number = 2;  // nothing is known of its pace yet
  EXPECT_THAT(line.Format(progress, 8 * kSecond),
              testing::EndsWith("messages"));
}

TEST(ProgressLineTest, APipeHasNoPercentage) {
  ProgressLine line;
  ReplayProgress progress;
  progress.file = "-";
  progress.files = 1;
  progress.file_number = 1;
  progress.round = 3;
  progress.fraction = -1;
  EXPECT_EQ(line.Format(progress, 0), "- round 3  0 messages");
}

}  // namespace
}  // namespace streamhub
