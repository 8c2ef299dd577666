// Clients that follow a replay of a recording end with the market's own values,
// field for field: as `/v1/quotes` tells them, and as a second run of the same
// recording leaves them in a cache.

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "feeds/replay/replay_feed.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/integration/test_gateway.h"
#include "tests/support/stream_client.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using Kind = StreamClient::Kind;
using Fields = std::map<std::string, std::string>;

constexpr double kMax = std::numeric_limits<double>::infinity();

class RunOn final : public FeedControl {
 public:
  bool stopping() const override { return false; }
  bool WaitUntil(int64_t) override { return true; }
};

// A value as the protocol writes it, by other means than the server's.
std::string Text(FieldId field, int64_t value, const SymbolInfo& info) {
  if (value == kEmpty) return "null";
  char storage[8];
  int decimals = 0;
  switch (KindOf(field)) {
    case FieldKind::kText:
      return std::string(UnpackText(value, storage));
    case FieldKind::kTime:
      return std::to_string(value / 1000);
    case FieldKind::kPrice:
      decimals = info.price_decimals;
      break;
    case FieldKind::kQuantity:
      decimals = info.quantity_decimals;
      break;
  }
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (decimals > 0) {
    const auto least = static_cast<size_t>(decimals) + 1;
    if (digits.size() < least) digits.insert(0, least - digits.size(), '0');
    digits.insert(digits.size() - static_cast<size_t>(decimals), ".");
  }
  return value < 0 ? "-" + digits : digits;
}

// What the recording leaves in a cache, by symbol.
std::map<std::string, Fields> PlayedIntoACache(
    const std::vector<std::string>& files,
    const std::vector<std::string>& symbol) {
  ReplayOptions options;
  options.files = files;
  options.symbol = symbol;
  options.speed = kMax;
  auto feed = ReplayFeed::Create(options);
  EXPECT_TRUE(feed.ok());
  TestMarket market(100'000);
  RunOn control;
  EXPECT_TRUE((*feed)->Run(market.publisher, control).ok());
  std::map<std::string, Fields> all;
  for (SymbolId id = 0; id < market.market.symbols().size(); ++id) {
    const SymbolInfo& info = market.market.symbols().Get(id);
    const QuoteView view = market.Read(id);
    for (int i = 0; i < info.layout->size(); ++i) {
      const FieldId field = info.layout->field(i);
      all[info.code][std::string(FieldName(field))] =
          Text(field, view.value[i], info);
    }
  }
  return all;
}

struct Played {
  const char* name;
  std::vector<std::string> files;
  double speed;
  size_t symbols_max;                    // that are followed
  std::vector<std::string> symbol = {};  // of CSV files
};

// Quotes and trades of five symbols over two seconds, in two files that live
// as long as the test program.
const std::vector<std::string>& CsvFiles() {
  static const TemporaryFile quotes("quotes.csv", [] {
    std::string rows =
        "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,"
        "bid_price,bid_amount\n";
    for (int i = 0; i < 20'000; ++i) {
      const std::string us = std::to_string(1'588'291'200'000'000 + i * 100);
      absl::StrAppend(&rows, "x,S", i % 5, ",", us, ",", us, ",", i % 7, ".25,",
                      i % 100 + 1, ".5,", i % 100, i % 3 == 0 ? "" : ".125",
                      ",", i % 11, "\n");
    }
    return rows;
  }());
  static const TemporaryFile trades(
      "trades.csv.gz", Gzipped([] {
        std::string rows =
            "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n";
        for (int i = 0; i < 10'000; ++i) {
          const std::string us =
              std::to_string(1'588'291'200'000'050 + i * 200);
          absl::StrAppend(&rows, "x,S", i % 5, ",", us, ",", us, ",", i,
                          ",buy,", i % 100, ".5,", i % 13, "\n");
        }
        return rows;
      }()));
  static const auto& files =
      *new std::vector<std::string>{quotes.path(), trades.path()};
  return files;
}

void PrintTo(const Played& played, std::ostream* out) { *out << played.name; }

std::vector<Played> Recordings() {
  const std::string sample =
      std::string(STREAMHUB_SOURCE_DIR "/") + itch::kSamplePath;
  std::vector<Played> all = {{"SampleAtMaxSpeed", {sample}, kMax, 100},
                             {"SampleAccelerated", {sample}, 40, 100},
                             {"CsvAtMaxSpeed", CsvFiles(), kMax, 100},
                             {"CsvAccelerated", CsvFiles(), 4, 100}};
  const std::string folder = STREAMHUB_SOURCE_DIR "/../shared/data/itch/";
  const std::string future = folder + "esh4_20231225_2200-2330z.itch50.gz";
  const std::string day = folder + "ex20101224.TEST_ITCH_50";
  if (std::filesystem::exists(future)) {
    all.push_back({"Esh4AtMaxSpeed", {future}, kMax, 100});
    all.push_back({"Esh4Accelerated", {future}, 2000, 100});
  }
  if (std::filesystem::exists(day)) {
    all.push_back({"Ex20101224AtMaxSpeed", {day}, kMax, 400});
  }
  const std::string fx = STREAMHUB_SOURCE_DIR
      "/../shared/data/csv/fxcm_eurusd_20140505_tick_quote.csv.gz";
  if (std::filesystem::exists(fx)) {
    all.push_back({"FxcmAtMaxSpeed", {fx}, kMax, 100, {"EUR/USD"}});
    all.push_back({"FxcmAccelerated", {fx}, 40'000, 100, {"EUR/USD"}});
  }
  return all;
}

class ReplayTest : public testing::TestWithParam<Played> {};
INSTANTIATE_TEST_SUITE_P(, ReplayTest, testing::ValuesIn(Recordings()),
                         [](const testing::TestParamInfo<Played>& param) {
                           return std::string(param.param.name);
                         });

Fields Subset(const Fields& all, const std::set<std::string>& wanted) {
  Fields some;
  for (const auto& [name, value] : all) {
    if (wanted.empty() || wanted.contains(name)) some.insert({name, value});
  }
  return some;
}

TEST_P(ReplayTest, ClientsEndWithTheMarketsOwnValues) {
  const auto truth = PlayedIntoACache(GetParam().files, GetParam().symbol);
  ASSERT_FALSE(truth.empty());
  std::vector<std::string> names;
  for (const auto& [name, fields] : truth) {
    if (names.size() < GetParam().symbols_max) names.push_back(name);
  }

  Config config = TestConfig();
  config.feed = "replay";
  config.files = GetParam().files;
  config.symbol = GetParam().symbol;
  config.speed = GetParam().speed;
  auto gateway = Gateway::Start(config, {});
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  const int port = (*gateway)->port();
  const std::set<std::string> some = {"trading", "ask", "last", "volume",
                                      "bid3_size"};
  struct Follower {
    std::set<std::string> fields;  // empty: all
    StreamClient client;
  };
  std::vector<Follower> followers;
  const std::string symbols = "symbols=" + Joined(names);
  for (const Kind kind : StreamClient::kKinds) {
    followers.push_back(
        {{}, StreamClient(kind, port, "?max_rate=unlimited&" + symbols)});
    followers.push_back({{}, StreamClient(kind, port, "?" + symbols)});
    followers.push_back(
        {some, StreamClient(kind, port,
                            "?max_rate=unlimited&"
                            "fields=ask,last,volume,bid3_size&" +
                                symbols)});
  }
  for (Follower& follower : followers) {
    ASSERT_TRUE(follower.client.AwaitState([](const HeldMarket& held) {
      return held.feeds.contains("replay") &&
             held.feeds.at("replay") == "ended";
    }));
  }
  const auto document =
      JsonReader(Get(port, "/v1/quotes?" + symbols).body).Read();
  ASSERT_TRUE(document.has_value());
  const HeldMarket quotes = FromDocument(*document);
  EXPECT_NE(Get(port, "/v1/quotes?symbols=" + names[0])
                .body.find(R"("state":"ended","source":"replay")"),
            std::string::npos);

  for (Follower& follower : followers) {
    const auto complete = [&](const HeldMarket& held) {
      for (const std::string& name : names) {
        const auto found = held.quotes.find(name);
        if (found == held.quotes.end()) return false;
        if (found->second.fields != Subset(truth.at(name), follower.fields)) {
          return false;
        }
      }
      return true;
    };
    EXPECT_TRUE(follower.client.AwaitState(complete));
    int64_t updates = 0;
    for (const std::string& name : names) {
      const HeldQuote& held = follower.client.held().quotes[name];
      EXPECT_EQ(held.fields, Subset(truth.at(name), follower.fields)) << name;
      updates += held.updates;
    }
    std::printf(
        "%lld updates, %llu bytes\n", static_cast<long long>(updates),
        static_cast<unsigned long long>(follower.client.bytes_received()));
    EXPECT_EQ(follower.client.held().epoch, quotes.epoch);
  }
  for (const std::string& name : names) {
    EXPECT_EQ(quotes.quotes.at(name).fields, truth.at(name)) << name;
    EXPECT_EQ(quotes.quotes.at(name).version,
              followers[0].client.held().quotes[name].version);
    EXPECT_EQ(quotes.quotes.at(name).ticks,
              followers[0].client.held().quotes[name].ticks);
  }
}

// What a client that comes back asks for.
std::string ResumeQuery(const HeldMarket& held,
                        const std::vector<std::string>& names) {
  std::string query = "?max_rate=unlimited&symbols=";
  for (const std::string& name : names) {
    if (query.back() != '=') query += ',';
    query += name;
    const auto quote = held.quotes.find(name);
    if (quote == held.quotes.end() || held.at.empty()) continue;
    absl::StrAppend(&query, "@", quote->second.version);
  }
  return held.at.empty() ? query : query + "&at=" + held.at;
}

// Every transport: one that paces reads all the time; the others stall while
// it reads, and one after the other is cut and resumes from what it holds.
TEST_P(ReplayTest, ClientsThatStallAndAreCutEndEqualToo) {
  const auto truth = PlayedIntoACache(GetParam().files, GetParam().symbol);
  std::vector<std::string> names;
  for (const auto& [name, fields] : truth) {
    if (names.size() < GetParam().symbols_max) names.push_back(name);
  }
  Config config = TestConfig();
  config.feed = "replay";
  config.files = GetParam().files;
  config.symbol = GetParam().symbol;
  config.speed = GetParam().speed;
  auto gateway = Gateway::Start(config, {});
  ASSERT_TRUE(gateway.ok()) << gateway.status();
  const int port = (*gateway)->port();
  const std::string query = ResumeQuery({}, names);
  StreamClient pacer(Kind::kWebSocket, port, query);
  std::vector<std::unique_ptr<StreamClient>> clients;
  for (const Kind kind : StreamClient::kKinds) {
    clients.push_back(std::make_unique<StreamClient>(kind, port, query));
  }
  const auto ended = [](const HeldMarket& held) {
    const auto feed = held.feeds.find("replay");
    return feed != held.feeds.end() && feed->second == "ended";
  };
  for (size_t round = 0; round < 10 * clients.size(); ++round) {
    const size_t seen = pacer.held().order.size();
    ASSERT_TRUE(pacer.AwaitState([&](const HeldMarket& held) {
      return ended(held) || held.order.size() > seen + 20;
    }));
    auto& client = clients[round % clients.size()];
    client->Next();  // some of what waits, not all
    HeldMarket held = client->held();
    if (round % 2 == 0) client->socket().Reset();
    client = std::make_unique<StreamClient>(client->kind(), port,
                                            ResumeQuery(held, names));
    // What came with the head of the reply is not applied yet.
    client->held() = std::move(held);
  }
  ASSERT_TRUE(pacer.AwaitState(ended));
  const auto document =
      JsonReader(Get(port, "/v1/quotes?symbols=" + Joined(names)).body).Read();
  ASSERT_TRUE(document.has_value());
  HeldMarket quotes = FromDocument(*document);
  for (const auto& client : clients) {
    const auto complete = [&](const HeldMarket& held) {
      for (const std::string& name : names) {
        const auto found = held.quotes.find(name);
        if (found == held.quotes.end()) return false;
        if (found->second.fields != truth.at(name)) return false;
      }
      return ended(held);
    };
    EXPECT_TRUE(client->AwaitState(complete))
        << StreamClient::NameOf(client->kind());
    for (const std::string& name : names) {
      EXPECT_EQ(client->held().quotes[name].fields, quotes.quotes[name].fields)
          << StreamClient::NameOf(client->kind()) << ' ' << name;
    }
    EXPECT_EQ(client->held().epoch, quotes.epoch);
  }
}

}  // namespace
}  // namespace streamhub
