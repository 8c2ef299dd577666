// The start of a day: ten thousand symbols that nobody knew a moment ago, all
// of their first quotes and trades at once, while clients wait for them.
// Nothing is lost, and every client ends with the market's own values.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;

constexpr int kSymbols = kSanitized ? 1'000 : 10'000;
constexpr int kTicks = 5;  // of each symbol, the last one a trade

// Of symbol `i`, tick by tick; every value is its own.
int64_t BidOf(int i, int tick) { return 10'000 + 10 * i + tick; }

void Burst(Publisher& publisher, const std::vector<std::string>& names) {
  std::vector<SymbolId> ids;
  publisher.BeginBatch();
  for (const std::string& name : names) {
    SymbolInfo info;
    info.code = name;
    info.layout = &BookLayout();
    const auto id = publisher.Define(std::move(info));
    ASSERT_TRUE(id.ok()) << id.status();
    ids.push_back(*id);
  }
  for (int tick = 1; tick <= kTicks; ++tick) {
    for (int i = 0; i < kSymbols; ++i) {
      const int64_t bid = BidOf(i, tick);
      publisher.Publish(ids[static_cast<size_t>(i)],
                        {{FieldId::kTrading, PackText("auction")},
                         {FieldId::kBid, bid},
                         {FieldId::kBidSize, tick},
                         {FieldId::kAsk, bid + 2},
                         {FieldId::kAskSize, i + 1}},
                        tick);
    }
  }
  for (int i = 0; i < kSymbols; ++i) {
    publisher.Publish(ids[static_cast<size_t>(i)],
                      {{FieldId::kTrading, PackText("open")},
                       {FieldId::kLast, BidOf(i, kTicks)},
                       {FieldId::kVolume, i + 1}},
                      kTicks + 1);
  }
  publisher.EndBatch();
}

// A price with two decimals.
std::string Text(int64_t scaled) {
  std::string digits = std::to_string(scaled);
  return digits.insert(digits.size() - 2, ".");
}

bool HoldsAll(const HeldMarket& held, const std::vector<std::string>& names) {
  if (held.quotes.size() < names.size()) return false;
  for (int i = 0; i < kSymbols; ++i) {
    const auto quote = held.quotes.find(names[static_cast<size_t>(i)]);
    if (quote == held.quotes.end()) return false;
    const auto volume = quote->second.fields.find("volume");
    if (volume == quote->second.fields.end() ||
        volume->second != std::to_string(i + 1)) {
      return false;
    }
  }
  return true;
}

TEST(OpeningBurst, TenThousandSymbolsArriveAtOnce) {
  Config config = TestConfig();
  config.threads = 2;
  TestGateway gateway(config);
  const std::vector<std::string> names = Names(kSymbols);
  // At every change; as binary messages; and at most five times a second.
  struct Follower {
    StreamClient client;
    bool conflated;
  };
  std::vector<Follower> followers;
  for (const auto& [kind, conflated] : {std::pair(Kind::kWebSocket, false),
                                        {Kind::kWebSocketFlat, false},
                                        {Kind::kWebSocket, true}}) {
    followers.push_back({StreamClient(kind, gateway.port()), conflated});
    StreamClient& client = followers.back().client;
    constexpr size_t kAtOnce = 1'000;  // a message is up to 64 KB
    for (size_t i = 0; i < names.size(); i += kAtOnce) {
      std::string request = SubscribeText(
          {names.begin() + static_cast<std::ptrdiff_t>(i),
           names.begin() + static_cast<std::ptrdiff_t>(i + kAtOnce)});
      const std::string rate = R"("max_rate":"unlimited")";
      if (conflated) {
        request.replace(request.find(rate), rate.size(), R"("max_rate":5)");
      }
      ASSERT_TRUE(client.Send(request));
      ASSERT_TRUE(client.Await("synced").has_value());
    }
  }

  const auto began = std::chrono::steady_clock::now();
  const auto passed_ms = [&] {
    return static_cast<long long>(
        std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - began)
            .count());
  };
  gateway.puppet->Do([&](Publisher& publisher) { Burst(publisher, names); });
  std::printf("published in %lld ms\n", passed_ms());
  for (Follower& follower : followers) {
    EXPECT_TRUE(follower.client.AwaitState(
        [&](const HeldMarket& held) { return HoldsAll(held, names); }));
    std::printf("with a client after %lld ms\n", passed_ms());
  }

  for (Follower& follower : followers) {
    int64_t updates = 0;
    for (int i = 0; i < kSymbols; ++i) {
      const std::string& name = names[static_cast<size_t>(i)];
      const HeldQuote& quote = follower.client.held().quotes[name];
      const int64_t bid = BidOf(i, kTicks);
      ASSERT_EQ(quote.fields.at("trading"), "open") << name;
      ASSERT_EQ(quote.fields.at("bid"), Text(bid)) << name;
      ASSERT_EQ(quote.fields.at("bid_size"), std::to_string(kTicks));
      ASSERT_EQ(quote.fields.at("ask"), Text(bid + 2));
      ASSERT_EQ(quote.fields.at("ask_size"), std::to_string(i + 1));
      ASSERT_EQ(quote.fields.at("last"), Text(bid));
      ASSERT_EQ(quote.fields.at("bid10"), "null");
      // Folded into fewer updates maybe, but each of them counted: beside them
      // is the one that makes the symbol.
      ASSERT_EQ(quote.ticks, kTicks + 2) << name;
      updates += quote.updates;
    }
    EXPECT_GE(updates, kSymbols);
    EXPECT_LE(updates, int64_t{kSymbols} * (kTicks + 2));
  }
  EXPECT_EQ(gateway.MetricOf("ticks_total"), int64_t{kSymbols} * (kTicks + 1));
  EXPECT_EQ(gateway.MetricOf("ticks_rejected_total"), 0);
  EXPECT_EQ(gateway.MetricOf("symbols_refused_total"), 0);
}

}  // namespace
}  // namespace streamhub
