// TLS on the clients' port: it carries every transport and changes nothing of
// what is delivered; who may not in is refused, counted and costs little; a
// certificate is renewed under who is connected.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"
#include "tests/support/test_certificates.h"

namespace streamhub {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using Kind = StreamClient::Kind;

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    config_.tls_certificate = server_.certificate;
    config_.tls_key = server_.key;
  }

  // Why somebody is not let in; empty: a request was answered. That a client's
  // certificate is not good TLS 1.3 tells when the client has sent already.
  static std::string Refusal(int port, const TlsClientOptions& options) {
    const TlsPort tls(port, options);
    LoopbackSocket socket(port);
    std::string bytes;
    if (socket.connected() &&
        socket.Send(RequestText("/v1/symbols", "Connection: close\r\n"))) {
      socket.ReceiveToEnd(&bytes);
      if (bytes.starts_with("HTTP/1.1 200 ")) return {};
    }
    return socket.tls()->fault().empty() ? "hung up" : socket.tls()->fault();
  }

  TestCertificates certificates_;
  const TestCertificates::Files server_ = certificates_.Issue("server one");
  const TlsClientOptions trusting_ = {.ca = certificates_.authority()};
  Config config_ = TestConfig();
};

// Changes every symbol `rounds` times, and says so in the volume.
void Broadcast(TestGateway& gateway, const std::vector<SymbolId>& ids,
               int64_t from, int64_t rounds) {
  gateway.puppet->Do([&](Publisher& publisher) {
    for (int64_t round = from; round < from + rounds; ++round) {
      publisher.BeginBatch();
      for (const SymbolId id : ids) {
        publisher.Publish(id,
                          {{FieldId::kBid, round},
                           {FieldId::kAsk, round + 1},
                           {FieldId::kVolume, round}},
                          0);
      }
      publisher.EndBatch();
    }
  });
}

bool AwaitVolume(StreamClient& client, const std::vector<std::string>& names,
                 int64_t volume) {
  return client.AwaitState([&](const HeldMarket& held) {
    return std::all_of(names.begin(), names.end(), [&](const auto& name) {
      const auto quote = held.quotes.find(name);
      if (quote == held.quotes.end()) return false;
      const auto field = quote->second.fields.find("volume");
      return field != quote->second.fields.end() &&
             field->second == std::to_string(volume);
    });
  });
}

void ExpectTruth(const TestGateway& gateway, const StreamClient& client,
                 const std::vector<std::string>& names) {
  const HeldMarket truth = gateway.Quotes("symbols=" + Joined(names));
  for (const std::string& name : names) {
    EXPECT_EQ(client.held().quotes.at(name).fields,
              truth.quotes.at(name).fields);
  }
}

class TlsTransportTest : public TlsTest,
                         public testing::WithParamInterface<Kind> {};
INSTANTIATE_TEST_SUITE_P(, TlsTransportTest,
                         testing::ValuesIn(StreamClient::kKinds),
                         [](const testing::TestParamInfo<Kind>& param) {
                           return std::string(
                               StreamClient::NameOf(param.param));
                         });

// The snapshot takes several records.
TEST_P(TlsTransportTest, CarriesTheRightValues) {
  TestGateway gateway(config_);
  const auto names = Names(400);
  std::vector<SymbolId> ids;
  int64_t volume = 0;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions options = trusting_;
    options.version = version;
    const TlsPort tls(gateway.port(), options);
    if (ids.empty()) ids = gateway.Define(names);
    Broadcast(gateway, ids, ++volume, 1);
    StreamClient client(GetParam(), gateway.port(),
                        "?max_rate=unlimited&symbols=" + Joined(names));
    ASSERT_TRUE(client.open()) << client.socket().tls()->fault();
    EXPECT_EQ(client.socket().tls()->Version(),
              version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(client.socket().tls()->Protocol(), "http/1.1");
    ASSERT_TRUE(AwaitVolume(client, names, volume));
    for (int i = 0; i < 20; ++i) Broadcast(gateway, ids, ++volume, 1);
    ASSERT_TRUE(AwaitVolume(client, names, volume));
    ExpectTruth(gateway, client, names);
  }
  EXPECT_EQ(gateway.MetricOf("tls_handshake_failures_total"), 0);
}

// What TLS holds back is less than a record: behind that and what the socket
// held comes one update per symbol, the latest. In between the client changes
// its keys.
TEST_P(TlsTransportTest, ASlowReaderEndsOnTheRightValues) {
  if (StreamClient::IsPoll(GetParam())) {
    GTEST_SKIP() << "a poll asks when it is ready";
  }
  TestGateway gateway(config_);
  TlsClientOptions options = trusting_;
  options.version = TLS1_3_VERSION;
  const TlsPort tls(gateway.port(), options);
  const auto names = Names(300);
  const auto ids = gateway.Define(names);
  Broadcast(gateway, ids, 1, 1);
  StreamClient client(GetParam(), gateway.port(),
                      "?max_rate=unlimited&symbols=" + Joined(names));
  ASSERT_TRUE(AwaitVolume(client, names, 1));
  client.held().order.clear();
  const int64_t before = gateway.MetricOf("updates_total");
  // Until it is stuck for good: buffers of sockets grow for a while.
  int64_t round = 2, sent = before;
  for (int stuck = 0; stuck < 10;) {
    const int64_t skipped = gateway.MetricOf("flushes_skipped_total");
    Broadcast(gateway, ids, round, 100);
    round += 100;
    const int64_t now = gateway.MetricOf("updates_total");
    stuck = gateway.MetricOf("flushes_skipped_total") > skipped &&
                    std::exchange(sent, now) == now
                ? stuck + 1
                : 0;
  }
  client.socket().tls()->ChangeKeys();
  if (StreamClient::IsWebSocket(GetParam())) {
    ASSERT_TRUE(client.SendFrame(WsOpcode::kPing, "still here"));
  } else {
    ASSERT_TRUE(client.socket().Send("\r\n"));
  }
  Broadcast(gateway, ids, round, 100);
  const int64_t built = gateway.MetricOf("updates_total") - before;
  const size_t expected = static_cast<size_t>(built) + names.size();
  ASSERT_TRUE(AwaitVolume(client, names, round + 99));
  const auto& order = client.held().order;
  EXPECT_EQ(order.size(), expected);
  EXPECT_EQ(std::set<std::string>(order.end() - 300, order.end()).size(), 300u);
  ExpectTruth(gateway, client, names);
  // And with the new keys.
  Broadcast(gateway, ids, round + 100, 1);
  ASSERT_TRUE(AwaitVolume(client, names, round + 100));
  if (StreamClient::IsWebSocket(GetParam())) {
    EXPECT_EQ(client.pongs(), std::vector<std::string>{"still here"});
  }
  // A reset while it is written to raises no signal.
  client.socket().Reset();
  Broadcast(gateway, ids, round + 101, 100);
  EXPECT_TRUE(gateway.AwaitMetric("sessions", 0));
}

TEST_P(TlsTransportTest, ItsEndIsSaid) {
  if (StreamClient::IsPoll(GetParam())) {
    GTEST_SKIP() << "its answers say where they end";
  }
  auto gateway = std::make_unique<TestGateway>(config_);
  const TlsPort tls(gateway->port(), trusting_);
  gateway->Define({"A"});
  StreamClient client(GetParam(), gateway->port(), "?symbols=A");
  ASSERT_TRUE(client.Await("synced").has_value());
  std::thread stop([&] { gateway.reset(); });
  EXPECT_TRUE(client.Await("closing").has_value());
  EXPECT_TRUE(client.AwaitEnd());
  EXPECT_FALSE(client.was_reset());
  EXPECT_TRUE(client.socket().told_end());
  client.socket().Close();
  stop.join();
}

TEST_F(TlsTest, CarriesScriptsAndFilesAndPublishing) {
  config_.script_doors = {"jsonp", "frame"};
  config_.publish_topics = {"news"};
  TestGateway gateway(config_);
  const TlsPort tls(gateway.port(), trusting_);
  gateway.Tick(gateway.Define({"A"})[0], {{FieldId::kBid, 1234}});
  const std::string page = "Referer: https://localhost/\r\n";
  EXPECT_THAT(Get(gateway.port(), "/v1/jsonp?callback=f&symbols=A", page).body,
              HasSubstr("\"bid\":12.34"));
  LoopbackSocket frame(gateway.port());
  ASSERT_TRUE(frame.Send(RequestText("/v1/frame?symbols=A", page)));
  std::string bytes;
  while (bytes.find("12.34") == bytes.npos) {
    ASSERT_EQ(frame.Receive(&bytes), LoopbackSocket::Got::kBytes) << bytes;
  }
  // The head and the body of an answer came in one record, and the end is told.
  LoopbackSocket socket(gateway.port());
  const std::string body =
      R"({"type":"publish","id":1,"topic":"news","data":"x"})";
  ASSERT_TRUE(
      socket.Send(RequestText("/v1/publish",
                              "Connection: close\r\nContent-Length: " +
                                  std::to_string(body.size()) +
                                  "\r\nContent-Type: application/json\r\n",
                              "POST") +
                  body));
  bytes.clear();
  ASSERT_EQ(socket.Receive(&bytes), LoopbackSocket::Got::kBytes);
  EXPECT_THAT(bytes, HasSubstr("HTTP/1.1 200 "));
  EXPECT_TRUE(bytes.ends_with("}\n") || bytes.ends_with("}")) << bytes;
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  EXPECT_TRUE(socket.told_end());
}

// A record is longer than what is read at a time: the rest is no news for the
// socket.
TEST_F(TlsTest, WhatOneRecordBringsIsReadToItsEnd) {
  TestGateway gateway(config_);
  const TlsPort tls(gateway.port(), trusting_);
  std::string pings;
  for (int i = 0; i < 1200; ++i)
    AppendClientFrame(WsOpcode::kPing, "p", 7, &pings);
  for (const bool early : {false, true}) {
    StreamClient client(Kind::kWebSocket, gateway.port(), "", "",
                        early ? pings : "");
    ASSERT_TRUE(client.Await("hello").has_value());
    if (!early) {
      ASSERT_TRUE(client.socket().Send(pings));
    }
    while (client.pongs().size() < 1200) {
      client.Next(milliseconds(1));
      ASSERT_TRUE(client.open());
    }
  }
}

TEST_F(TlsTest, APollThatIsHungUpOnIsOver) {
  config_.heartbeat_ms = 600'000;
  TestGateway gateway(config_);
  const TlsPort tls(gateway.port(), trusting_);
  gateway.Tick(gateway.Define({"A"})[0], {{FieldId::kBid, 1}});
  StreamClient client(Kind::kPoll, gateway.port(), "?symbols=A");
  ASSERT_TRUE(client.Await("update").has_value());
  while (client.Next(milliseconds(1)).has_value()) {
  }  // up to the second one, which waits
  ASSERT_TRUE(gateway.AwaitMetric("sessions", 1));
  client.socket().EndSending();
  EXPECT_TRUE(gateway.AwaitMetric("sessions", 0));
}

TEST_F(TlsTest, ACertificateIsRenewedUnderWhoIsConnected) {
  config_.threads = 2;
  TestGateway gateway(config_);
  const TlsPort tls(gateway.port(), trusting_);
  const auto ids = gateway.Define({"A"});
  Broadcast(gateway, ids, 1, 1);
  std::vector<StreamClient> clients;
  for (const Kind kind : StreamClient::kKinds) {
    clients.emplace_back(kind, gateway.port(), "?symbols=A");
    ASSERT_TRUE(AwaitVolume(clients.back(), {"A"}, 1));
    EXPECT_EQ(clients.back().socket().tls()->ServerName(), "server one");
  }
  // Sessions come back by their tickets.
  EXPECT_TRUE(clients.back().socket().tls()->Resumed());
  const int64_t expiry =
      gateway.MetricOf("tls_certificate_expiry_timestamp_seconds");
  EXPECT_NEAR(static_cast<double>(expiry),
              static_cast<double>(std::time(nullptr) + 30 * 24 * 3600), 600);
  const int64_t closed = gateway.MetricOf("sessions_closed_total");

  const auto renewed = certificates_.Issue("server two", 60);
  Config config = config_;
  config.tls_certificate = renewed.certificate;
  // Not while half of it is there.
  const auto reload = [&] {
    return gateway.gateway
        ->Reload([&]() -> absl::StatusOr<Config> { return config; })
        .status;
  };
  const absl::Status torn = reload();
  ASSERT_FALSE(torn.ok());
  EXPECT_THAT(std::string(torn.message()),
              HasSubstr("--tls-key " + server_.key));
  EXPECT_THAT(std::string(torn.message()), HasSubstr(renewed.certificate));
  {
    LoopbackSocket socket(gateway.port());
    EXPECT_EQ(socket.tls()->ServerName(), "server one");
  }
  config.tls_key = renewed.key;
  const absl::Status reloaded = reload();
  ASSERT_TRUE(reloaded.ok()) << reloaded;
  for (int i = 0; i < 8; ++i) {  // of both shards
    LoopbackSocket socket(gateway.port());
    ASSERT_TRUE(socket.connected()) << socket.tls()->fault();
    EXPECT_EQ(socket.tls()->ServerName(), "server two");
    // A ticket of before tells of a client that was let in by other rules. Of
    // those that are new nothing was read yet.
    EXPECT_FALSE(socket.tls()->Resumed());
  }
  EXPECT_NEAR(static_cast<double>(
                  gateway.MetricOf("tls_certificate_expiry_timestamp_seconds")),
              static_cast<double>(expiry + 30 * 24 * 3600), 600);
  Broadcast(gateway, ids, 2, 1);
  for (StreamClient& client : clients) {
    EXPECT_TRUE(AwaitVolume(client, {"A"}, 2));
    EXPECT_EQ(client.socket().tls()->ServerName(), "server one");
  }
  // Each answer to a poll ends a session: of the others none has ended.
  EXPECT_LE(gateway.MetricOf("sessions_closed_total"), closed + 4);
  EXPECT_TRUE(gateway.AwaitAtLeast("sessions", 5));

  config.tls_certificate.clear();
  config.tls_key.clear();
  EXPECT_FALSE(reload().ok());
}

TEST_F(TlsTest, WhatIsOldOrWeakIsRefused) {
  TestGateway gateway(config_);
  const int port = gateway.port();
  EXPECT_EQ(Refusal(port, trusting_), "");
  TlsClientOptions options = trusting_;
  options.protocols = "";
  EXPECT_EQ(Refusal(port, options), "") << "no ALPN";
  options.protocols = std::string("\x02h2\x08http/1.1");
  EXPECT_EQ(Refusal(port, options), "");
  EXPECT_EQ(gateway.MetricOf("tls_handshake_failures_total"), 0);
  options.protocols = "\x02h2";
  EXPECT_THAT(Refusal(port, options), HasSubstr("no application protocol"));
  options = trusting_;
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    options.version = version;
    EXPECT_THAT(Refusal(port, options), HasSubstr("protocol version"));
  }
  options.version = TLS1_2_VERSION;
  for (const char* ciphers :
       {"ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"}) {
    options.ciphers = ciphers;
    EXPECT_THAT(Refusal(port, options), HasSubstr("handshake failure"));
  }
  options.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
  EXPECT_EQ(Refusal(port, options), "");
  EXPECT_TRUE(gateway.AwaitMetric("tls_handshake_failures_total", 5));

  config_.tls_min = "1.3";
  TestGateway strict(config_);
  EXPECT_THAT(Refusal(strict.port(), options), HasSubstr("protocol version"));
  EXPECT_EQ(Refusal(strict.port(), trusting_), "");
}

TEST_F(TlsTest, ClientsShowTheirCertificates) {
  TestCertificates others;
  TlsClientOptions good = trusting_, foreign = trusting_;
  good.client = certificates_.Issue("client");
  foreign.client = others.Issue("client");
  config_.tls_client_ca = certificates_.authority();
  for (const bool required : {false, true}) {
    config_.tls_client_required = required;
    TestGateway gateway(config_);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      for (TlsClientOptions options : {trusting_, good, foreign}) {
        options.version = version;
        const std::string refusal = Refusal(gateway.port(), options);
        if (options.client.key == foreign.client.key) {
          EXPECT_THAT(refusal, HasSubstr("unknown ca"));
        } else if (options.client.key.empty() && required) {
          EXPECT_THAT(refusal, testing::AnyOf(HasSubstr("certificate required"),
                                              HasSubstr("handshake failure")));
        } else {
          EXPECT_EQ(refusal, "");
        }
      }
    }
    EXPECT_TRUE(
        gateway.AwaitMetric("tls_handshake_failures_total", required ? 4 : 2));
  }
}

TEST_F(TlsTest, PlainHttpIsToldAndGarbageIsNot) {
  TestGateway gateway(config_);
  for (const char* request :
       {"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "P"}) {
    LoopbackSocket socket(gateway.port());
    std::string bytes;
    ASSERT_TRUE(socket.Send(request));
    HttpReply reply = TakeReply(socket, &bytes);
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr("This port speaks TLS"));
    EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
    EXPECT_EQ(bytes, "");
  }
  EXPECT_TRUE(gateway.AwaitMetric("tls_plain_http_total", 2));
  EXPECT_EQ(gateway.MetricOf("tls_handshake_failures_total"), 0);
  for (const std::string& garbage :
       {std::string(100'000, '\xff'), std::string(100, '\0'),
        std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x')}) {
    LoopbackSocket socket(gateway.port());
    std::string bytes;
    socket.Send(garbage);
    socket.ReceiveToEnd(&bytes);
    EXPECT_THAT(bytes, testing::Not(HasSubstr("HTTP")));
  }
  EXPECT_TRUE(gateway.AwaitMetric("tls_handshake_failures_total", 3));
  // Who looks whether there is somebody is no failure.
  LoopbackSocket(gateway.port()).Close();
  const TlsPort tls(gateway.port(), trusting_);
  EXPECT_EQ(Get(gateway.port(), "/v1/symbols").status, 200);
  EXPECT_EQ(gateway.MetricOf("tls_handshake_failures_total"), 3);
}

TEST_F(TlsTest, AHandshakeThatStallsIsEnded) {
  config_.handshake_ms = 200;
  TestGateway gateway(config_);
  int64_t failures = 0;
  for (const std::string& begin :
       {std::string(), std::string("\x16"),
        std::string("\x16\x03\x01\x02\x00\x01\x00", 7)}) {
    LoopbackSocket socket(gateway.port());
    ASSERT_TRUE(socket.Send(begin));
    std::string bytes;
    EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
    EXPECT_TRUE(
        gateway.AwaitMetric("tls_handshake_failures_total", ++failures));
  }
  // A handshake alone is no request.
  const TlsPort tls(gateway.port(), trusting_);
  LoopbackSocket socket(gateway.port());
  ASSERT_TRUE(socket.connected());
  std::string bytes;
  EXPECT_TRUE(socket.ReceiveToEnd(&bytes));
  EXPECT_TRUE(socket.told_end());
  EXPECT_EQ(gateway.MetricOf("tls_handshake_failures_total"), failures);
}

}  // namespace
}  // namespace streamhub
