// HTTP as nobody should send it, over real sockets: what can be read in two
// ways is never answered as if it were clear, and a neighbour notices nothing.
// The cases are those of RFC 9112 (sections 2.2, 3.2, 5, 6.3, 7.1, 11.2) and of
// request smuggling.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

// What is hidden in a body, or behind one, and must not be answered.
constexpr std::string_view kHidden =
    "GET /v1/symbols HTTP/1.1\r\nHost: h\r\n\r\n";

struct Case {
  std::string_view what;
  std::string bytes;
  // The statuses of all answers, in their order; 4: any from 400 to 499, 5:
  // any from 500 on.
  std::vector<int> wanted;
};

std::string Posted(std::string_view headers, std::string_view body,
                   std::string_view target = "/v1/poll") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

std::string Got(std::string_view headers,
                std::string_view line = "GET /v1/symbols HTTP/1.1") {
  return std::string(line) + "\r\n" + std::string(headers) + "\r\n";
}

const std::string kAsk = R"({"type":"subscribe","symbols":["A"]})";
const std::string kLength = std::to_string(kAsk.size());

std::vector<Case> Lengths() {
  const std::string hidden(kHidden);
  return {
      {"two lengths",
       Posted("Content-Length: 36\r\nContent-Length: 0\r\n", kAsk + hidden),
       {400}},
      {"two lengths in one field",
       Posted("Content-Length: 36, 0\r\n", kAsk + hidden),
       {400}},
      {"a negative length", Posted("Content-Length: -1\r\n", hidden), {400}},
      {"a length with a sign", Posted("Content-Length: +36\r\n", kAsk), {400}},
      {"a length in hex", Posted("Content-Length: 0x24\r\n", kAsk), {400}},
      {"a length beyond 64 bits",
       Posted("Content-Length: 18446744073709551652\r\n", kAsk + hidden),
       {4}},
      {"no digits", Posted("Content-Length: \r\n", hidden), {400}},
      {"letters behind digits", Posted("Content-Length: 36a\r\n", kAsk), {400}},
      {"chunks with a length, which comes first",
       Posted("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
              "0\r\n\r\n" + hidden),
       {400}},
      {"chunks with a length, which comes last",
       Posted("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
              "0\r\n\r\n" + hidden),
       {400}},
      {"a coding that looks like chunks",
       Posted("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden),
       {400}},
      {"a coding behind a control character",
       Posted("Transfer-Encoding: \x0b"
              "chunked\r\n",
              "0\r\n\r\n" + hidden),
       {400}},
      {"two codings in two fields",
       Posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
              "0\r\n\r\n" + hidden),
       {4}},
      {"chunks of two kinds",
       Posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n",
              "0\r\n\r\n" + hidden),
       {4}},
      {"a chunk without a size",
       Posted("Transfer-Encoding: chunked\r\n", "\r\n\r\n" + hidden),
       {400}},
      {"a chunk with a sign",
       Posted("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n" + hidden),
       {400}},
      {"a chunk beyond 64 bits",
       Posted("Transfer-Encoding: chunked\r\n",
              "10000000000000000\r\nx\r\n0\r\n\r\n" + hidden),
       {4}},
      {"a chunk that is longer than it says",
       Posted("Transfer-Encoding: chunked\r\n",
              "1\r\nxx\r\n0\r\n\r\n" + hidden),
       {400}},
      {"a body that is not there with a request behind it",
       Posted("Content-Length: 0\r\n", hidden),
       {4, 200}},
  };
}

std::vector<Case> Lines() {
  std::string nul = Got("Host: h\r\nX: a b\r\n");
  nul[nul.find("a b") + 1] = '\0';
  std::string nul_in_line = Got("Host: h\r\n", "GET /v1/sym bols HTTP/1.1");
  nul_in_line[nul_in_line.find("sym b") + 3] = '\0';
  return {
      // Read as a blank (RFC 9112 section 5.2), never as a field.
      {"a fold", Got("Host: h\r\nX: a\r\n b\r\n"), {200}},
      {"a fold in front", Got(" X: a\r\nHost: h\r\n"), {400}},
      {"a fold that hides a length",
       Posted("X: a\r\n Content-Length: 5\r\n", kHidden),
       {400, 200}},
      {"a fold within a coding",
       Posted("Transfer-Encoding: chunked\r\n , identity\r\n", kHidden),
       {400}},
      {"a fold within a length",
       Posted("Content-Length: 3\r\n 6\r\n", kAsk),
       {400}},
      {"a blank before the colon", Got("Host: h\r\nX : a\r\n"), {400}},
      {"a blank before the colon of a length",
       Posted("Content-Length : 36\r\n", kAsk),
       {400}},
      {"no colon", Got("Host: h\r\nX\r\n"), {400}},
      {"no name", Got("Host: h\r\n: a\r\n"), {400}},
      {"a name with a bracket", Got("Host: h\r\nX(: a\r\n"), {400}},
      {"a bare LF in the line",
       "GET /v1/symbols HTTP/1.1\nHost: h\r\n\r\n",
       {400}},
      {"a bare LF behind a field",
       "GET /v1/symbols HTTP/1.1\r\nHost: h\nX: a\r\n\r\n",
       {400}},
      {"nothing but bare LF", "GET /v1/symbols HTTP/1.1\nHost: h\n\n", {400}},
      {"a bare CR", "GET /v1/symbols HTTP/1.1\r\nHost: h\rX: a\r\n\r\n", {400}},
      {"NUL in a field", nul, {400}},
      {"NUL in the line", nul_in_line, {400}},
      {"no host", Got("X: a\r\n"), {400}},
      {"two hosts", Got("Host: h\r\nHost: i\r\n"), {400}},
      {"two blanks", Got("Host: h\r\n", "GET  /v1/symbols HTTP/1.1"), {4}},
      {"a blank in the target",
       Got("Host: h\r\n", "GET /v1/symbols ?a HTTP/1.1"),
       {400}},
      {"no version", Got("Host: h\r\n", "GET /v1/symbols"), {400}},
      {"another version", Got("Host: h\r\n", "GET /v1/symbols HTTP/2.0"), {4}},
      {"a version in small letters",
       Got("Host: h\r\n", "GET /v1/symbols http/1.1"),
       {400}},
      {"no method", Got("Host: h\r\n", " /v1/symbols HTTP/1.1"), {400}},
      {"an unknown method",
       Got("Host: h\r\n", "BREW /v1/symbols HTTP/1.1"),
       {405}},
      {"CONNECT", Got("Host: h\r\n", "CONNECT h:443 HTTP/1.1"), {405}},
      {"TRACE", Got("Host: h\r\n", "TRACE / HTTP/1.1"), {405}},
      {"HTTP/2 at once", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {4}},
  };
}

std::vector<Case> Targets() {
  std::vector<Case> cases;
  for (const std::string_view target :
       {"/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc",
        "//etc/passwd", "/v1/../../etc/passwd", "/\\..\\..\\etc", "/%00",
        "/v1/symbols%00", "/v1%2fsymbols", "*", "/market/../v1/symbols",
        "http:/v1/symbols", "ftp://h/v1/symbols", "file:///etc/passwd"}) {
    cases.push_back(
        {target,
         Got("Host: h\r\n", "GET " + std::string(target) + " HTTP/1.1"),
         {4}});
  }
  cases.push_back({"an absolute one",
                   Got("Host: h\r\n", "GET http://h/v1/symbols HTTP/1.1"),
                   {200}});
  return cases;
}

std::vector<Case> Pipelines() {
  const std::string good(kHidden);
  std::string many, answered;
  for (int i = 0; i < 50; ++i) many += good;
  return {
      {"fifty at once", many, std::vector<int>(50, 200)},
      {"a fault ends it", good + "nonsense\r\n\r\n" + good, {200, 400}},
      {"a body between",
       good + Posted("Content-Length: " + kLength + "\r\n", kAsk) +
           Got("Host: h\r\nConnection: close\r\n"),
       {200, 200, 200}},
      {"an empty line before a request", "\r\n" + good, {400}},
      {"headers above the limit",
       Got("Host: h\r\nX: " + std::string(40'000, 'x') + "\r\n") + good,
       {431}},
      {"ten thousand fields",
       [] {
         std::string fields = "Host: h\r\n";
         for (int i = 0; i < 10'000; ++i) fields += "X: y\r\n";
         return Got(fields);
       }(),
       {431}},
      {"a long target",
       Got("Host: h\r\n", "GET /" + std::string(40'000, 'x') + " HTTP/1.1"),
       {431}},
      {"a body above the limit",
       Posted("Content-Length: 70000\r\n", std::string(70'000, 'x')) + good,
       {413}},
      {"chunks above the limit",
       Posted("Transfer-Encoding: chunked\r\n",
              "11170\r\n" + std::string(70'000, 'x') + "\r\n0\r\n\r\n" + good),
       {413}},
  };
}

// The statuses of all answers in `bytes`.
std::vector<int> StatusesIn(LoopbackSocket& socket, std::string bytes) {
  std::vector<int> statuses;
  while (!bytes.empty()) {
    const HttpReply reply = TakeReply(socket, &bytes);
    statuses.push_back(reply.status);
    if (reply.status == 0) break;
  }
  return statuses;
}

bool Matches(int wanted, int status) {
  return wanted < 10 ? status / 100 == wanted : status == wanted;
}

class HostileHttpTest : public testing::Test {
 protected:
  HostileHttpTest()
      : id_(gateway_.Define({"A"})[0]),
        neighbour_(Kind::kWebSocket, gateway_.port(),
                   "?symbols=A&max_rate=unlimited") {
    EXPECT_TRUE(neighbour_.Await("synced").has_value());
  }

  void Run(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
      SCOPED_TRACE(c.what);
      LoopbackSocket socket(gateway_.port());
      socket.Send(c.bytes);
      // A poll is over when its client has ended its direction.
      if (c.bytes.find("Connection: close") == std::string::npos) {
        socket.EndSending();
      }
      std::string bytes;
      EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
      const std::vector<int> got = StatusesIn(socket, bytes);
      EXPECT_EQ(got.size(), c.wanted.size()) << bytes.substr(0, 300);
      for (size_t i = 0; i < std::min(got.size(), c.wanted.size()); ++i) {
        EXPECT_TRUE(Matches(c.wanted[i], got[i]))
            << i << ": wanted " << c.wanted[i] << ", got " << got[i];
      }
      EXPECT_EQ(bytes.find("root:"), bytes.npos);
      gateway_.Tick(id_, {{FieldId::kBid, ++bid_}});
      EXPECT_TRUE(neighbour_.AwaitState([this](const HeldMarket& held) {
        return held.quotes.at("A").fields.at("bid") ==
               std::to_string(bid_ / 100) + "." + std::to_string(bid_ % 100);
      }));
    }
    EXPECT_TRUE(gateway_.AwaitMetric("sessions", 1));
  }

  TestGateway gateway_;
  const SymbolId id_;
  StreamClient neighbour_;
  int64_t bid_ = 110;
};

TEST_F(HostileHttpTest, Lengths) { Run(Lengths()); }
TEST_F(HostileHttpTest, Lines) { Run(Lines()); }
TEST_F(HostileHttpTest, Targets) { Run(Targets()); }
TEST_F(HostileHttpTest, Pipelines) { Run(Pipelines()); }

// Requests that never end, and answers that nobody takes, cost nobody anything
// but who asked.
TEST_F(HostileHttpTest, HalfRequestsStallNobody) {
  std::vector<LoopbackSocket> halves;
  for (const std::string_view half :
       {"G", "GET /", "GET / HTTP/1.1\r\nHost: h\r\nX: ",
        "POST /v1/poll HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx",
        "POST /v1/poll HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
        "\r\n1\r\n"}) {
    for (int i = 0; i < 20; ++i) {
      halves.emplace_back(gateway_.port());
      ASSERT_TRUE(halves.back().Send(half));
    }
  }
  Run({{"a good one among them", std::string(kHidden), {200}}});
}

}  // namespace
}  // namespace streamhub
