// The doctor, on what proxies do to answers, byte by byte and second by second;
// and the program, run as people run it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/cli/doctor_findings.h"
#include "gateway/cli/doctor_reading.h"
#include "gateway/cli/doctor_report.h"
#include "tests/cli/program.h"
#include "tests/cli/scripted_server.h"

namespace streamhub {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int64_t kBeganUs = 1'700'000'000'000'000;

std::string Hello(int64_t second) {
  return R"({"type":"hello","heartbeat_ms":2000,"time":)" +
         std::to_string(kBeganUs + second * 1'000'000) + "}\n";
}

std::string Heartbeat(int64_t second) {
  return R"({"type":"heartbeat","time":)" +
         std::to_string(kBeganUs + second * 1'000'000) + "}\n";
}

constexpr char kStreamHead[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
    "Cache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n";

std::string Chunk(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  const std::string size{kDigits[text.size() / 16 % 16],
                         kDigits[text.size() % 16]};
  return size + "\r\n" + std::string(text) + "\r\n";
}

// Bytes that come at those seconds; then it is over, or cut then.
struct Piece {
  int64_t second;
  std::string bytes;
};

DoctorFacts Read(Door door, const std::vector<Piece>& pieces,
                 int64_t over_second = 9, int64_t cut_second = -1) {
  DoctorReading reading(door);
  reading.facts().connected_ns = 0;
  for (const Piece& piece : pieces) {
    const bool more = reading.Take(piece.bytes, piece.second * kSecond,
                                   kBeganUs + piece.second * 1'000'000);
    if (!more) reading.facts().ended_ns = piece.second * kSecond;
  }
  if (cut_second >= 0) {
    reading.facts().ended_ns = cut_second * kSecond;
    reading.facts().failure = "the server closed";
  }
  reading.facts().over_ns = over_second * kSecond;
  return reading.facts();
}

// A stream through which all is good, so that there is something to compare.
DoctorFacts GoodStream() {
  const std::string head = kStreamHead;
  return Read(Door::kStream, {{0, head + "Transfer-Encoding: chunked\r\n\r\n"},
                              {0, Chunk(Hello(0))},
                              {2, Chunk(Heartbeat(2))},
                              {4, Chunk(Heartbeat(4))},
                              {6, Chunk(Heartbeat(6))},
                              {8, Chunk(Heartbeat(8))}});
}

Diagnosis DiagnoseOne(DoctorFacts facts) {
  return Diagnose({std::move(facts)}).doors[0];
}

std::vector<std::string> Codes(const Diagnosis& door) {
  std::vector<std::string> codes;
  for (const Finding& finding : door.findings) codes.push_back(finding.code);
  return codes;
}

TEST(DoctorTest, AStreamThatComesAsSentIsGood) {
  const Diagnoses all = Diagnose({GoodStream()});
  EXPECT_EQ(all.doors[0].facts.messages, 5);
  EXPECT_EQ(all.doors[0].verdict, Verdict::kGood);
  EXPECT_THAT(all.doors[0].findings, IsEmpty());
  EXPECT_EQ(all.verdict, Verdict::kGood);
  EXPECT_EQ(all.choice, Door::kStream);
  EXPECT_THAT(all.cures, IsEmpty());
}

TEST(DoctorTest, HeartbeatsInABurstAreBuffering) {
  const std::string head = std::string(kStreamHead) + "Via: 1.1 hold\r\n\r\n";
  const Diagnoses all =
      Diagnose({Read(Door::kStream, {{7, head + Hello(0) + Heartbeat(2) +
                                             Heartbeat(4) + Heartbeat(6)}})});
  EXPECT_THAT(Codes(all.doors[0]), ElementsAre("buffered"));
  EXPECT_THAT(all.doors[0].findings[0].text,
              AllOf(HasSubstr("a proxy buffers responses: "),
                    HasSubstr(" arrived at once after 7.0 s, up to 6.0 s "
                              "late (by 1.1 hold)")));
  EXPECT_EQ(all.doors[0].verdict, Verdict::kLimited);
  ASSERT_EQ(all.cures.size(), 1u);
  EXPECT_THAT(std::string(all.cures[0].nginx),
              HasSubstr("proxy_buffering off;"));
}

TEST(DoctorTest, ABurstOfOneMessageShowsBesideAnotherTransport) {
  const std::string head = std::string(kStreamHead) + "\r\n";
  const Diagnoses all =
      Diagnose({Read(Door::kStream, {{8, head + Hello(0)}}), GoodStream()});
  EXPECT_TRUE(all.doors[0].Has("buffered"));
  EXPECT_EQ(all.doors[1].verdict, Verdict::kGood);
}

TEST(DoctorTest, AResponseThatNeverComesIsBuffering) {
  for (const std::vector<Piece>& pieces :
       {std::vector<Piece>(),
        std::vector<Piece>{{0, std::string(kStreamHead) + "\r\n"}}}) {
    const Diagnoses all = Diagnose({Read(Door::kStream, pieces)});
    EXPECT_THAT(Codes(all.doors[0]), ElementsAre("buffered"));
    EXPECT_EQ(all.doors[0].verdict, Verdict::kBroken);
    EXPECT_EQ(all.verdict, Verdict::kBroken);
    EXPECT_FALSE(all.choice.has_value());
  }
}

TEST(DoctorTest, CutsAreTold) {
  const std::string head = std::string(kStreamHead) + "\r\n";
  const Diagnosis idle =
      DiagnoseOne(Read(Door::kStream, {{0, head + Hello(0)}}, 9, 5));
  EXPECT_THAT(Codes(idle), ElementsAre("idle_cut"));
  EXPECT_THAT(idle.findings[0].text,
              HasSubstr("connections are cut after 5.0 s without data"));
  const Diagnosis early = DiagnoseOne(
      Read(Door::kStream, {{0, head + Hello(0)}, {2, Heartbeat(2)}}, 9, 2));
  EXPECT_THAT(Codes(early), ElementsAre("cut"));
  // A proxy that is tired of waiting for a poll's answer says so.
  DoctorFacts poll = Read(Door::kPoll, {{0, head + Hello(0)}}, 9, 5);
  poll.head.status = 504;
  poll.asked_ns = 3 * kSecond;
  poll.last_byte_ns = 5 * kSecond;
  EXPECT_THAT(Codes(DiagnoseOne(poll)), ElementsAre("idle_cut"));
  // What the server itself ends is no cut.
  const Diagnosis goodbye = DiagnoseOne(
      Read(Door::kStream,
           {{0, head + Hello(0)}, {2, "{\"type\":\"closing\"}\n"}}, 9, 2));
  EXPECT_THAT(goodbye.findings, IsEmpty());
}

TEST(DoctorTest, RefusedUpgradesAreTold) {
  const auto refuse = [](const std::string& status) {
    return DiagnoseOne(
        Read(Door::kWebSocket,
             {{0, "HTTP/1.1 " + status + "\r\nServer: nginx/1.22\r\n\r\n"}}));
  };
  EXPECT_EQ(refuse("426 Upgrade Required").findings[0].text,
            "upgrade headers are removed: 426 instead of 101 (by nginx/1.22)");
  EXPECT_EQ(refuse("501 Not Implemented").findings[0].text,
            "the upgrade is refused: 501 instead of 101 (by nginx/1.22)");
  EXPECT_THAT(Codes(refuse("403 Forbidden")), ElementsAre("upgrade_refused"));
  const Diagnosis silent = DiagnoseOne(Read(Door::kWebSocket, {}));
  EXPECT_THAT(Codes(silent), ElementsAre("upgrade_silent"));
  EXPECT_EQ(silent.verdict, Verdict::kBroken);
}

TEST(DoctorTest, CompressionAndChangedHeadersAreTold) {
  DoctorFacts facts =
      Read(Door::kStream, {{0,
                            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                            "Content-Encoding: gzip\r\n\r\n\x1f\x8b"}});
  EXPECT_EQ(facts.encoding, "gzip");
  EXPECT_EQ(facts.messages, 0);
  // As the probe goes on: it asks again without, and keeps what was found.
  DoctorReading again(Door::kStream);
  again.facts().encoding = facts.encoding;
  EXPECT_TRUE(again.Take(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + Hello(0), 0,
      kBeganUs));
  facts = again.facts();
  facts.over_ns = kSecond;
  const Diagnosis door = DiagnoseOne(facts);
  EXPECT_THAT(Codes(door), ElementsAre("compressed", "type_changed",
                                       "cache_changed", "accel_taken"));
  EXPECT_EQ(door.verdict, Verdict::kLimited);
}

TEST(DoctorTest, AScriptDoorThatIsRefusedIsAChangedHost) {
  const Diagnoses all =
      Diagnose({Read(Door::kFrame, {{0, "HTTP/1.1 403 Forbidden\r\n\r\n"}}),
                Read(Door::kJsonp, {{0, "HTTP/1.1 404 Not Found\r\n\r\n"}})});
  EXPECT_THAT(Codes(all.doors[0]), ElementsAre("host_changed"));
  EXPECT_EQ(all.doors[1].verdict, Verdict::kClosed);
  ASSERT_EQ(all.cures.size(), 1u);
  EXPECT_EQ(all.cures[0].nginx, "proxy_set_header Host $http_host;");
}

TEST(DoctorTest, GarbageIsNoStreamHub) {
  for (const Piece& piece :
       {Piece{0, "SSH-2.0-OpenSSH\r\n\r\n"},
        Piece{0, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n[1]\n"},
        Piece{0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxy\r\n"},
        Piece{0, std::string(40000, 'a')}}) {
    const Diagnosis door = DiagnoseOne(Read(Door::kStream, {piece}));
    EXPECT_EQ(door.verdict, Verdict::kBroken) << piece.bytes.substr(0, 80);
    EXPECT_THAT(door.findings, Not(IsEmpty()));
  }
}

TEST(DoctorTest, AClockThatIsWrongIsTold) {
  DoctorFacts facts = GoodStream();
  facts.lag_us_min += 90'000'000;
  facts.lag_us_max += 90'000'000;
  const Diagnoses all = Diagnose({facts});
  EXPECT_EQ(all.doors[0].verdict, Verdict::kGood);
  ASSERT_EQ(all.findings.size(), 1u);
  EXPECT_EQ(all.findings[0].text,
            "the clock of this machine is 90.0 s ahead of the gateway's");
  EXPECT_EQ(all.verdict, Verdict::kLimited);
}

TEST(DoctorTest, WhatAServerSaysMovesNoCursor) {
  const Diagnoses all = Diagnose(
      {Read(Door::kWebSocket,
            {{0, "HTTP/1.1 500 No\r\nServer: a\x1b[2J\xff\"b\r\n\r\n"}})});
  EXPECT_THAT(DoctorText("u", all), Not(HasSubstr("\x1b")));
  simdjson::dom::parser parser;
  EXPECT_EQ(parser.parse(DoctorJson("u", all)).error(), simdjson::SUCCESS);
}

TEST(DoctorCommandTest, AGatewayIsGood) {
  const Served served({"serve", "--script-doors", "frame,jsonp"});
  const Process::Ended ended =
      RunToEnd({"doctor", "--json", "--duration", "1", served.url()});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, HasSubstr(R"("verdict":"good","choice":"websocket")"));
  EXPECT_EQ(LinesWith(ended.out, "\"verdict\":\"limited\""), 0);
  simdjson::dom::parser parser;
  simdjson::dom::array doors;
  ASSERT_EQ(parser.parse(ended.out)["transports"].get(doors),
            simdjson::SUCCESS);
  EXPECT_EQ(doors.size(), 6u);
  for (const auto door : doors) {
    EXPECT_EQ(std::string_view(door["verdict"]), "good") << door;
    EXPECT_GT(int64_t{door["messages"]}, 1) << door;
    EXPECT_FALSE(door["update_ms"].is_null()) << door;
  }
}

TEST(DoctorCommandTest, AGatewayWithoutSymbolsIsGood) {
  const Served served({"serve", "--feed", "none"});
  const Process::Ended ended =
      RunToEnd({"doctor", "--duration", "1", served.url()});
  EXPECT_EQ(ended.status, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("the client would choose: websocket\n"));
  EXPECT_THAT(ended.out, HasSubstr("not opened by script_doors\n"));
}

// What a proxy makes of a gateway: it refuses upgrades, compresses for who asks
// for it, and cuts what lasts.
std::string ThroughProxy(const std::string& head) {
  if (head.find("/v1/symbols") != head.npos) {
    return "HTTP/1.1 200 OK\r\n\r\n{\"symbols\":{\"A\":{}}}";
  }
  if (head.find("/v1/ws") != head.npos) {
    return "HTTP/1.1 426 Upgrade Required\r\nServer: squeeze\r\n\r\n";
  }
  if (head.find("/v1/stream") == head.npos) {
    return "HTTP/1.1 404 Not Found\r\n\r\n";
  }
  const bool gzip = head.find("Accept-Encoding: gzip") != head.npos;
  return std::string(kStreamHead) + (gzip ? "Content-Encoding: gzip\r\n" : "") +
         "\r\n" + (gzip ? "\x1f\x8b" : Hello(0));
}

TEST(DoctorCommandTest, AProxyInBetweenIsNamed) {
  constexpr int kClients = 8;  // one asks for symbols, one comes again
  ScriptedServer proxy(ThroughProxy, kClients);
  const Process::Ended ended = RunToEnd(
      {"doctor", "--duration", "20", "http://" + proxy.url().HostField()});
  EXPECT_EQ(ended.status, 1) << ended.err;
  EXPECT_THAT(
      ended.out,
      AllOf(HasSubstr("  websocket: upgrade headers are removed: 426 instead "
                      "of 101 (by squeeze)\n"),
            HasSubstr("  sse: refused: 404 instead of 200\n"),
            HasSubstr("  stream: compressed on the way: "
                      "Content-Encoding gzip\n"),
            HasSubstr("  stream: the connection was cut after "),
            HasSubstr("  the client would choose: stream\n"),
            HasSubstr("      proxy_set_header Upgrade $http_upgrade;\n")));
}

TEST(DoctorCommandTest, WhereNothingWorksTheStatusSaysSo) {
  ScriptedServer proxy(
      [](const std::string& head) {
        return head.find("/v1/symbols") != head.npos
                   ? ThroughProxy(head)
                   : "HTTP/1.1 502 Bad Gateway\r\n\r\n";
      },
      7);
  const Process::Ended ended =
      RunToEnd({"doctor", "--json", "http://" + proxy.url().HostField()});
  EXPECT_EQ(ended.status, 2) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr(R"("verdict":"broken","choice":null)"));
}

TEST(DoctorCommandTest, WhatIsNoGatewayIsRefused) {
  ExpectUsageError({"doctor", "ftp://prices.example"}, "only http://");
  ExpectUsageError({"doctor", "prices.example"}, "expected http://HOST:PORT");
  ExpectUsageError({"doctor", "--duration", "-1", "http://127.0.0.1"},
                   "expected a number above 0");
  ExpectUsageError({"doctor", "--symbols", "A@1", "http://127.0.0.1"},
                   "SYMBOL \"A@1\"");
  ExpectUsageError({"doctor", "http://127.0.0.1:1"}, "cannot connect to");
  ScriptedServer page("HTTP/1.1 200 OK\r\n\r\n<p>hello</p>");
  ExpectUsageError({"doctor", "http://" + page.url().HostField()},
                   "this is no StreamHub");
  ScriptedServer none("SSH-2.0-OpenSSH\r\n\r\n");
  ExpectUsageError({"doctor", "http://" + none.url().HostField()},
                   "does not speak HTTP/1");
}

TEST(DoctorCommandTest, WhatCannotBeAskedIsJsonToo) {
  const Process::Ended ended =
      RunToEnd({"doctor", "--json", "http://127.0.0.1:1"});
  EXPECT_EQ(ended.status, 2) << ended.err;
  simdjson::dom::parser parser;
  simdjson::dom::object told;
  ASSERT_EQ(parser.parse(ended.out).get(told), simdjson::SUCCESS) << ended.out;
  EXPECT_EQ(std::string_view(told["url"]), "http://127.0.0.1:1");
  EXPECT_EQ(std::string_view(told["verdict"]), "broken");
  EXPECT_THAT(std::string(std::string_view(told["error"])),
              HasSubstr("cannot connect to"));
}

}  // namespace
}  // namespace streamhub
