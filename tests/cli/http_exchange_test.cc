// The request that opens a stream, and what a server may answer to it.

#include "gateway/cli/http_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/cli/stop_signal.h"
#include "tests/cli/scripted_server.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

int64_t Soon() { return SystemClock().MonoNs() + 50 * kSecond; }

absl::StatusOr<HttpHead> Open(ScriptedServer& server, int wanted = 200) {
  const StopSignal stop;
  const WatchUrl url = server.url();
  auto stream = TcpStream::Connect(url.host, url.port, stop, Soon());
  if (!stream.ok()) return stream.status();
  return OpenHttp(**stream, kRequest, wanted, Soon());
}

// What is told of an answer that has to be refused.
absl::Status Refused(const std::string& answer) {
  ScriptedServer server(answer);
  return Open(server).status();
}

TEST(HttpHeadTest, FieldsAreFoundInAnyCase) {
  HttpHead head;
  head.fields = "Content-Type:  text/plain \r\nX:\r\n";
  EXPECT_EQ(head.Field("content-type"), "text/plain");
  EXPECT_THAT(head.Field("X"), IsEmpty());
  EXPECT_THAT(head.Field("Y"), IsEmpty());
}

TEST(HttpExchangeTest, TheHeadIsTakenAndTheRestKept) {
  ScriptedServer server("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\ndata: x");
  const auto head = Open(server);
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->Field("a"), "1");
  EXPECT_EQ(head->Field("b"), "2");
  EXPECT_EQ(head->rest, "data: x");
  EXPECT_EQ(server.Received(), kRequest);
}

TEST(HttpExchangeTest, AHeadMayHaveNoFields) {
  ScriptedServer server("HTTP/1.0 200 OK\r\n\r\n");
  const auto head = Open(server);
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_THAT(head->fields, IsEmpty());
  EXPECT_THAT(head->rest, IsEmpty());
}

TEST(HttpExchangeTest, ARefusalTellsTheServersReason) {
  constexpr std::string_view kBody =
      R"({"type":"error","code":"unknown_field","reason":"no such field",)"
      R"("key":"bidd"})";
  const absl::Status refused =
      Refused("HTTP/1.1 400 Bad Request\r\nContent-Length: " +
              std::to_string(kBody.size()) + "\r\n\r\n" + std::string(kBody));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_EQ(FromAbsl(refused.message()),
            "the server answers with status 400: no such field: bidd");
}

TEST(HttpExchangeTest, ARefusalWithoutAReasonTellsItsStatus) {
  for (const std::string body :
       {"", "\r\n", "Content-Length: 9\r\n\r\nNot found",
        "Content-Length: 100\r\n\r\n{\"reason\":", "Content-Length: x\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n{}",
        "Content-Length: 14\r\n\r\n{\"reason\":null}"}) {
    const absl::Status refused = Refused("HTTP/1.1 404 Not Found\r\n" + body +
                                         (body.empty() ? "\r\n" : ""));
    EXPECT_EQ(refused, absl::FailedPreconditionError(
                           "the server answers with status 404"))
        << body;
  }
}

// Those are worth another try, the others are not.
TEST(HttpExchangeTest, AServerInTroubleMayRecover) {
  for (const std::string status : {"429", "500", "502", "503"}) {
    const absl::Status refused = Refused("HTTP/1.1 " + status + " No\r\n\r\n");
    EXPECT_EQ(refused, absl::UnavailableError(
                           "the server answers with status " + status));
  }
  EXPECT_EQ(Refused("HTTP/1.1 503 No\r\nContent-Length: 47\r\n\r\n"
                    R"({"type":"error","reason":"full","retry_ms":900})"),
            absl::UnavailableError(
                "the server answers with status 503: full retry_ms=900"));
  EXPECT_TRUE(absl::IsUnavailable(Refused("")));
  EXPECT_TRUE(absl::IsUnavailable(Refused("HTTP/1.1 200 OK\r\nA: 1\r\n")));
  for (const std::string status : {"200", "301", "401"}) {
    ScriptedServer server("HTTP/1.1 " + status + " No\r\n\r\n");
    EXPECT_TRUE(absl::IsFailedPrecondition(Open(server, 101).status()));
  }
}

TEST(HttpExchangeTest, WhatIsNotHttpIsTold) {
  for (const std::string answer :
       {"SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1\r\n\r\n",
        "HTTP/1.\r\n\r\n", "HTTP/1.1 xyz\r\n\r\n", "\r\n\r\n"}) {
    EXPECT_EQ(Refused(answer),
              absl::FailedPreconditionError("the server does not speak HTTP/1"))
        << answer;
  }
}

TEST(HttpExchangeTest, AHeadWithoutEndIsGivenUp) {
  const absl::Status refused =
      Refused("HTTP/1.1 200 OK\r\nA: " + std::string(1'000'000, 'a'));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(FromAbsl(refused.message())), HasSubstr("too long"));
}

TEST(HttpExchangeTest, AServerThatSaysNothingIsNotWaitedForWithoutEnd) {
  const StopSignal stop;
  // It hears nothing that would be a request, so it says nothing.
  ScriptedServer server("late");
  const WatchUrl url = server.url();
  const auto stream = TcpStream::Connect(url.host, url.port, stop, Soon());
  ASSERT_TRUE(stream.ok()) << stream.status();
  const int64_t deadline_ns = SystemClock().MonoNs() + 50 * kMillisecond;
  const auto head = OpenHttp(**stream, "GET /", 200, deadline_ns);
  EXPECT_EQ(head.status(),
            absl::UnavailableError("the server does not answer"));
  EXPECT_GE(SystemClock().MonoNs(), deadline_ns);
}

TEST(HttpExchangeTest, AStopEndsTheWait) {
  StopSignal stop;
  ScriptedServer server("late");
  const WatchUrl url = server.url();
  const auto stream = TcpStream::Connect(url.host, url.port, stop, Soon());
  ASSERT_TRUE(stream.ok()) << stream.status();
  stop.Stop();
  std::string room(100, '\0');
  EXPECT_TRUE(absl::IsCancelled(
      (*stream)->Read(room, std::numeric_limits<int64_t>::max() / 2).status()));
}

}  // namespace
}  // namespace streamhub
