// Derived symbols of a whole gateway, as its clients see them.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/derived/exact.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

// The digits of a price as the protocol writes it; kEmpty of null.
int64_t Scaled(const std::string& text) {
  if (text == "null") return kEmpty;
  std::string digits;
  for (const char c : text) {
    if (c != '.') digits += c;
  }
  return std::stoll(digits);
}

int64_t Rounded(derived::Int128 n, derived::Int128 d) {
  int64_t quotient = 0;
  EXPECT_TRUE(Divide(n, d, derived::Rounding::kHalfEven, &quotient));
  return quotient;
}

Config DerivedConfig(std::vector<std::string> derived) {
  Config config = TestConfig();
  config.derived = std::move(derived);
  return config;
}

class EveryStreamOfDerived : public testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(, EveryStreamOfDerived,
                         testing::Values(Kind::kWebSocket, Kind::kSse,
                                         Kind::kWebSocketFlat),
                         [](const testing::TestParamInfo<Kind>& param) {
                           return std::string(
                               StreamClient::NameOf(param.param));
                         });

// Subscribed to before there is anything that it could be made of.
TEST_P(EveryStreamOfDerived, ACrossFollowsItsInputs) {
  TestGateway gateway(
      DerivedConfig({"X=cross(A,B) decimals=4 currency=GBP", "M=mid(A)"}));
  StreamClient client = StreamClient::IsWebSocket(GetParam())
                            ? StreamClient(GetParam(), gateway.port())
                            : StreamClient(GetParam(), gateway.port(),
                                           "?max_rate=unlimited&symbols=X,M");
  if (StreamClient::IsWebSocket(GetParam())) {
    client.Send(SubscribeText({"X", "M"}));
  }
  ASSERT_TRUE(client.Await("synced").has_value());
  const auto ids = gateway.Define({"A", "B"});
  gateway.Tick(ids[1], {{FieldId::kBid, 200}, {FieldId::kAsk, 250}});
  for (int i = 1; i <= 20; ++i) {
    gateway.Tick(ids[0], {{FieldId::kBid, 100 * i},
                          {FieldId::kAsk, 100 * i + 1},
                          {FieldId::kLast, 7},
                          {FieldId::kTrading, PackText("halted")}});
    // 100 i / 250 with four decimals, and the middle with three.
    const int64_t bid = 4000 * i;
    ASSERT_TRUE(client.AwaitState([&](const HeldMarket& held) {
      const auto x = held.quotes.find("X");
      const auto m = held.quotes.find("M");
      return x != held.quotes.end() && m != held.quotes.end() &&
             Scaled(x->second.fields.at("bid")) == bid &&
             Scaled(m->second.fields.at("last")) == 1000 * i + 5 &&
             x->second.fields.at("last") == "null" &&
             x->second.fields.at("trading") == "halted";
    })) << i;
  }
}

TEST(DerivedTest, AFeedThatHangsTurnsItStaleAndBack) {
  Config config = DerivedConfig({"M=mid(A)"});
  config.stale_after_ms = 600;
  TestGateway gateway(config);
  gateway.Define({"A"});
  StreamClient client(Kind::kWebSocket, gateway.port());
  client.Send(SubscribeText({"M"}));
  const auto is = [](std::string_view status) {
    return [status](const HeldMarket& held) {
      const auto found = held.feeds.find("derived/synthetic");
      return found != held.feeds.end() && found->second == status;
    };
  };
  ASSERT_TRUE(client.AwaitState(is("live")));
  std::promise<void> release;
  gateway.puppet->Start(
      [hung = release.get_future().share()](Publisher&) { hung.wait(); });
  EXPECT_TRUE(client.AwaitState(is("stale")));
  const HttpReply reply = Get(gateway.port(), "/v1/quotes?symbols=M");
  EXPECT_NE(reply.body.find(R"("state":"stale")"), std::string::npos);
  release.set_value();
  EXPECT_TRUE(client.AwaitState(is("live")));
}

TEST(DerivedTest, ItIsQuietWhenOneOfItsInputsIs) {
  Config config = DerivedConfig({"X=cross(A,B)"});
  config.quiet_after_ms = 300;
  TestGateway gateway(config);
  const auto ids = gateway.Define({"A", "B"});
  const auto state_is = [&](const char* state) {
    const HttpReply reply = Get(gateway.port(), "/v1/quotes?symbols=X");
    return reply.body.find(std::string(R"("state":")") + state + '"') !=
           std::string::npos;
  };
  const auto await = [&](const char* state, bool tick_both) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!state_is(state)) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      gateway.Tick(ids[0], {{FieldId::kBid, 1}});
      if (tick_both) gateway.Tick(ids[1], {{FieldId::kBid, 1}});
    }
    return true;
  };
  EXPECT_TRUE(await("live", true));
  EXPECT_TRUE(await("quiet", false)) << "A ticks and B does not";
  EXPECT_TRUE(await("live", true));
}

TEST(DerivedTest, WhatIsAwaitedIsCounted) {
  TestGateway gateway(DerivedConfig({"X=cross(A,B)"}));
  EXPECT_TRUE(gateway.AwaitMetric("derived_inputs_missing", 2));
  gateway.Define({"A", "B"});
  EXPECT_TRUE(gateway.AwaitMetric("derived_inputs_missing", 0));
  EXPECT_TRUE(gateway.AwaitMetric("derived_overflows_total", 0));
}

// Each has its own, and `/healthz` tells of the feeds of both under names that
// are not the same.
TEST(DerivedTest, ARecordingBesideAFeedHasThemToo) {
  const TemporaryFile file("derived.csv",
                           "exchange,symbol,timestamp,local_timestamp,"
                           "ask_amount,ask_price,bid_price,bid_amount\n"
                           "x,R,1588291200000000,1588291200000000,1,12,10,1\n");
  Config config = DerivedConfig({"M=mid(A)", "N=mid(R)"});
  config.replay_market = "day";
  config.files = {file.path()};
  TestGateway gateway(config);
  const SymbolId id = gateway.Define({"A"})[0];
  gateway.Tick(id, {{FieldId::kBid, 100}, {FieldId::kAsk, 102}});
  const auto await = [&](const char* target, const char* what) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
      const HttpReply reply = Get(gateway.port(), target);
      if (reply.body.find(what) != std::string::npos) return true;
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
  };
  EXPECT_TRUE(await("/v1/quotes?symbols=M,N", R"("last":1.010)"));
  EXPECT_TRUE(await("/v1/quotes?symbols=M,N", R"("unknown":["N"])"));
  EXPECT_TRUE(await("/v1/quotes?market=day&symbols=M,N", R"("last":11.)"));
  EXPECT_TRUE(await("/v1/quotes?market=day&symbols=M,N", R"("unknown":["M"])"));
  const HttpReply health = Get(gateway.gateway->admin_port(), "/healthz");
  const auto document = JsonReader(health.body).Read();
  ASSERT_TRUE(document.has_value()) << "a name twice: " << health.body;
  EXPECT_NE(document->Find("feeds")->Find("derived/synthetic"), nullptr);
  EXPECT_NE(document->Find("feeds")->Find("derived/replay"), nullptr);
}

TEST(DerivedTest, WhatCannotBeIsRefusedBeforeItListens) {
  const auto error = [](const Config& config) {
    return std::string(Gateway::Start(config).status().message());
  };
  EXPECT_NE(
      error(DerivedConfig({"A=mid(A)"})).find("--derived \"A=mid(A)\": in"),
      std::string::npos);
  Config none = DerivedConfig({"A=mid(B)"});
  none.feed = "none";
  EXPECT_NE(error(none).find("there is no feed"), std::string::npos);
}

// The synthetic market, to its end: what the documents say of the derived
// symbols is what the formulas make of what they say of the others.
TEST(DerivedTest, AtTheEndItIsWhatTheFormulaGives) {
  Config config = DerivedConfig({"EUR/BTC=cross(EUR/USD,BTC-USD) decimals=12",
                                 "MID=mid(EUR/USD)",
                                 "DESK=basket(0.5*AAPL,-1.25*MSFT) decimals=4",
                                 "W=spread(EUR/USD)", "TWO=basket(2*MID)"});
  config.symbols = 50;
  config.even_ticks = true;  // nothing is halted
  config.ticks_per_second = 50'000;
  config.ticks_max = 20'000;
  auto started = Gateway::Start(config);
  ASSERT_TRUE(started.ok()) << started.status();
  const int port = (*started)->port();
  StreamClient client(Kind::kWebSocket, port);
  client.Send(SubscribeText({"EUR/BTC", "MID", "DESK", "W", "TWO"}));
  ASSERT_TRUE(client.AwaitState([](const HeldMarket& held) {
    const auto found = held.feeds.find("derived/synthetic");
    return found != held.feeds.end() && found->second == "ended";
  }));
  const HttpReply reply = Get(
      port,
      "/v1/quotes?symbols=EUR/USD,BTC-USD,AAPL,MSFT,EUR/BTC,MID,DESK,W,TWO");
  const auto document = JsonReader(reply.body).Read();
  ASSERT_TRUE(document.has_value());
  HeldMarket held = FromDocument(*document);
  ASSERT_EQ(held.quotes.size(), 9u) << reply.body;
  const auto value = [&](const std::string& code, const std::string& field) {
    return Scaled(held.quotes.at(code).fields.at(field));
  };
  using derived::PowerOfTen;
  // 5 decimals over 2, to 12.
  EXPECT_EQ(value("EUR/BTC", "bid"),
            Rounded(value("EUR/USD", "bid") * PowerOfTen(9),
                    value("BTC-USD", "ask")));
  EXPECT_EQ(value("EUR/BTC", "ask"),
            Rounded(value("EUR/USD", "ask") * PowerOfTen(9),
                    value("BTC-USD", "bid")));
  const int64_t bid = value("EUR/USD", "bid"), ask = value("EUR/USD", "ask");
  EXPECT_EQ(value("MID", "last"), Rounded((bid + ask) * PowerOfTen(1), 2));
  EXPECT_EQ(value("TWO", "last"), 2 * value("MID", "last"));
  EXPECT_EQ(value("W", "last"), ask - bid);
  EXPECT_EQ(value("DESK", "bid"),
            50 * value("AAPL", "bid") - 125 * value("MSFT", "ask"));
  EXPECT_EQ(value("DESK", "ask"),
            50 * value("AAPL", "ask") - 125 * value("MSFT", "bid"));
  for (const char* code : {"EUR/BTC", "MID", "DESK", "W", "TWO"}) {
    EXPECT_EQ(document->Find("quotes")->Find(code)->Text("source"),
              "simulated");
    EXPECT_EQ(document->Find("quotes")->Find(code)->Text("state"), "ended");
    // And what the client was sent.
    EXPECT_TRUE(client.AwaitState([&](const HeldMarket& mine) {
      const auto found = mine.quotes.find(code);
      return found != mine.quotes.end() &&
             found->second.fields == held.quotes.at(code).fields;
    })) << code;
  }
}

}  // namespace
}  // namespace streamhub
