// The golden facts beside three recordings, which are not part of the source
// tree: without them these tests are skipped. The facts were computed from the
// specification by other programs.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "feeds/itch/decoder.h"
#include "feeds/itch/framing.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/file_date.h"
#include "feeds/replay/itch_reader.h"
#include "feeds/replay/replay_feed.h"
#include "feeds/session_time.h"
#include "gateway/base/clock.h"
#include "tests/feeds/itch/naive_books.h"
#include "tests/support/golden.h"
#include "tests/support/json_value.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using golden::element;
using golden::object;
using itch::Side;
using itch::Stock;

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/itch/";

std::string Decimal(uint64_t scaled) {
  char text[40];
  std::snprintf(text, sizeof text, "%llu.%04llu",
                static_cast<unsigned long long>(scaled / 10'000),
                static_cast<unsigned long long>(scaled % 10'000));
  return text;
}

// "15:59:55.052006081"
std::string ClockText(int64_t ns) {
  char text[32];
  const auto s = static_cast<int>(ns / kSecond);
  std::snprintf(text, sizeof text, "%02d:%02d:%02d.%09d", s / 3600, s / 60 % 60,
                s % 60, static_cast<int>(ns % kSecond));
  return text;
}

// The scaled price of "4810.5000", the empty value of null.
int64_t Price(const element& value) {
  if (value.is_null()) return kEmpty;
  std::string digits{std::string_view(value)};
  digits.erase(digits.find('.'), 1);
  return std::stoll(digits);
}

int64_t Quantity(const element& value) {
  return value.is_null() ? kEmpty : int64_t(value);
}

// Everything that golden files state of a stock but its book.
struct Figures {
  int64_t add_msgs = 0, add_shares = 0;
  int64_t displayed_exec_msgs = 0, displayed_exec_shares = 0;
  int64_t nondisplayed_msgs = 0, nondisplayed_shares = 0;
  int64_t cross_msgs = 0, cross_shares = 0;
  uint64_t notional = 0;
  uint32_t last_price = 0, last_shares = 0;
  uint64_t last_time_ns = 0;
  char last_type = ' ';
};

// Adds the figures up with the naive books, from decoded messages.
class Tally {
 public:
  void On(const itch::SystemEvent& m) {
    events.emplace_back(m.code, m.head.time_ns);
  }
  void On(const itch::StockDirectory& m) {
    codes[m.head.locate] = std::string(itch::StockCode(m.stock));
  }
  void On(const itch::TradingAction&) {}
  void On(const itch::BrokenTrade&) {}
  void On(const itch::AddOrder& m) {
    Figures& f = stocks[m.head.locate];
    ++f.add_msgs;
    f.add_shares += m.shares;
    EXPECT_TRUE(books.Add(m.ref, {m.head.locate, m.side, m.shares, m.price}));
  }
  void On(const itch::OrderExecuted& m) {
    const auto it = books.orders.find(m.ref);
    if (it == books.orders.end()) {
      ++anomalies["exec_unknown_ref"];
      return;
    }
    Execute(m.head, it->second.price, m.shares, 'E');
    books.Take(m.ref, m.shares);
  }
  void On(const itch::OrderExecutedWithPrice& m) {
    nonprintable += m.printable ? 0 : 1;
    if (!books.Take(m.ref, m.shares)) {
      ++anomalies["exec_unknown_ref"];
    } else if (m.printable) {
      Execute(m.head, m.price, m.shares, 'C');
    }
  }
  void On(const itch::OrderCancel& m) {
    if (!books.Take(m.ref, m.shares)) ++anomalies["cancel_unknown_ref"];
  }
  void On(const itch::OrderDelete& m) {
    if (!books.Take(m.ref, ~uint32_t{0})) ++anomalies["delete_unknown_ref"];
  }
  void On(const itch::OrderReplace& m) {
    if (!books.Replace(m.old_ref, m.new_ref, m.shares, m.price)) {
      ++anomalies["replace_unknown_ref"];
    }
  }
  void On(const itch::Trade& m) {
    Figures& f = stocks[m.head.locate];
    ++f.nondisplayed_msgs;
    f.nondisplayed_shares += m.shares;
    Last(&f, m.head, m.price, m.shares, 'P');
  }
  void On(const itch::CrossTrade& m) {
    Figures& f = stocks[m.head.locate];
    ++f.cross_msgs;
    f.cross_shares += static_cast<int64_t>(m.shares);
  }

  std::map<char, int64_t> types;
  std::map<uint16_t, std::string> codes;
  std::map<uint16_t, Figures> stocks;
  std::map<std::string, int64_t> anomalies;
  std::vector<std::pair<char, uint64_t>> events;
  int64_t nonprintable = 0;
  itch::NaiveBooks books;

 private:
  void Execute(const itch::Head& head, uint32_t price, uint32_t shares,
               char type) {
    Figures& f = stocks[head.locate];
    ++f.displayed_exec_msgs;
    f.displayed_exec_shares += shares;
    Last(&f, head, price, shares, type);
  }
  void Last(Figures* f, const itch::Head& head, uint32_t price, uint32_t shares,
            char type) {
    f->notional += uint64_t{price} * shares;
    f->last_price = price;
    f->last_shares = shares;
    f->last_time_ns = head.time_ns;
    f->last_type = type;
  }
};

class GoldenTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) {
      GTEST_SKIP() << "no recordings at " << kFolder;
    }
    const element files =
        golden::LoadFiles(std::string(kFolder) + "golden_itch.json");
    // What differs in framing alone refers to the other file.
    const std::string name = GetParam();
    facts_ = files[name];
    std::string_view same;
    if (facts_["same_as"].get(same) == simdjson::SUCCESS) {
      EXPECT_EQ(same, "ex20101224.TEST_ITCH_50");
      facts_ = files[same].As(name);
    }
    path_ = kFolder + name;
    date_ = name.starts_with("esh4") ? "2023-12-25" : "2010-12-24";
    const auto zone = SessionTime::Create("America/New_York");
    ASSERT_TRUE(zone.ok()) << zone.status();
    midnight_ns_ = zone->MidnightNs(*ParseDate(date_));
  }

  int64_t Value(const TestMarket& market, std::string_view code,
                FieldId field) {
    const auto id = market.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.has_value() ? market.Value(*id, field) : 0;
  }

  // Of the market's cache.
  void ExpectQuotes(const TestMarket& market, const object& quotes) {
    for (const auto& [code, quote] : quotes) {
      SCOPED_TRACE(code);
      EXPECT_EQ(Value(market, code, FieldId::kBid), Price(quote["bid"]));
      EXPECT_EQ(Value(market, code, FieldId::kBidSize),
                Quantity(quote["bid_shares"]));
      EXPECT_EQ(Value(market, code, FieldId::kAsk), Price(quote["ask"]));
      EXPECT_EQ(Value(market, code, FieldId::kAskSize),
                Quantity(quote["ask_shares"]));
    }
  }

  void ExpectFinalMarket(const TestMarket& market) {
    ExpectQuotes(market, facts_["bbo_at_end"]);
    const object stocks = facts_["per_symbol"];
    EXPECT_EQ(market.market.symbols().size(), stocks.size());
    for (const auto& [code, stock] : stocks) {
      SCOPED_TRACE(code);
      const element last = stock["last_trade"];
      EXPECT_EQ(Value(market, code, FieldId::kLast), Price(last["price"]));
      EXPECT_EQ(Value(market, code, FieldId::kLastSize),
                int64_t(last["shares"]));
      EXPECT_EQ(Value(market, code, FieldId::kTradeTime),
                midnight_ns_ + int64_t(last["timestamp_ns"]));
      EXPECT_EQ(Value(market, code, FieldId::kVolume),
                int64_t(stock["volume_rule_T2_incl_cross"]));
      EXPECT_EQ(Value(market, code, FieldId::kTrading), PackText("closed"));
    }
  }

  void ExpectTenLevels(const TestMarket& market, const Tally& tally) {
    for (const auto& [locate, code] : tally.codes) {
      const auto bids = tally.books.Levels(locate, Side::kBuy);
      const auto asks = tally.books.Levels(locate, Side::kSell);
      for (size_t i = 0; i < 10; ++i) {
        SCOPED_TRACE(testing::Message() << code << " level " << i + 1);
        const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
        const bool bid = i < bids.size();
        const bool ask = i < asks.size();
        EXPECT_EQ(Value(market, code, f.bid), bid ? bids[i].price : kEmpty);
        EXPECT_EQ(Value(market, code, f.bid_size),
                  bid ? static_cast<int64_t>(bids[i].shares) : kEmpty);
        EXPECT_EQ(Value(market, code, f.ask), ask ? asks[i].price : kEmpty);
        EXPECT_EQ(Value(market, code, f.ask_size),
                  ask ? static_cast<int64_t>(asks[i].shares) : kEmpty);
      }
    }
  }

  // Of all messages, decoded without the handler.
  std::unique_ptr<Tally> TallyFile() {
    auto tally = std::make_unique<Tally>();
    auto source = ByteSource::Open(path_);
    EXPECT_TRUE(source.ok()) << source.status();
    itch::FrameReader frames;
    std::span<const uint8_t> message;
    while (true) {
      const auto next = frames.Read(&message);
      if (next == itch::FrameReader::Next::kMessage) {
        ++tally->types[static_cast<char>(message[0])];
        EXPECT_EQ(itch::Decode(message, *tally), itch::Decoded::kHandled);
        continue;
      }
      if (next != itch::FrameReader::Next::kNeedMore) break;
      size_t bytes = 0;
      if ((*source)->Read(frames.Room(), 0, &bytes) ==
          ByteSource::Result::kBytes) {
        frames.Filled(bytes);
      } else {
        frames.Finish();
      }
    }
    EXPECT_TRUE(frames.status().ok()) << frames.status();
    return tally;
  }

  element facts_;
  std::string path_;
  std::string date_;
  int64_t midnight_ns_ = 0;
};

TEST_P(GoldenTest, CountsAndSums) {
  const auto tally = TallyFile();
  int64_t total = 0;
  for (const auto& [type, count] : tally->types) {
    EXPECT_EQ(count, int64_t(facts_["messages_by_type"][std::string(1, type)]));
    total += count;
  }
  EXPECT_EQ(total, int64_t(facts_["total_messages"]));
  EXPECT_EQ(tally->types.size(), object(facts_["messages_by_type"]).size());
  EXPECT_EQ(tally->nonprintable, int64_t(facts_["nonprintable_C_msgs"]));
  std::map<std::string, int64_t> anomalies;
  for (const auto& [kind, count] : object(facts_["anomalies"])) {
    anomalies[std::string(kind)] = int64_t(count);
  }
  EXPECT_EQ(tally->anomalies, anomalies);
  std::vector<std::pair<char, uint64_t>> events;
  for (const element& event : facts_["system_events"]) {
    events.emplace_back(std::string_view(event["code"])[0],
                        uint64_t(event["timestamp_ns"]));
  }
  EXPECT_EQ(tally->events, events);
  for (const auto& [locate, code] : tally->codes) {
    SCOPED_TRACE(code);
    EXPECT_EQ(code,
              std::string_view(facts_["symbols"][std::to_string(locate)]));
    const Figures& f = tally->stocks[locate];
    const element want = facts_["per_symbol"][code];
    EXPECT_EQ(f.add_msgs, int64_t(want["add_msgs"]));
    EXPECT_EQ(f.add_shares, int64_t(want["add_shares"]));
    EXPECT_EQ(f.displayed_exec_msgs, int64_t(want["displayed_exec_msgs"]));
    EXPECT_EQ(f.displayed_exec_shares, int64_t(want["displayed_exec_shares"]));
    EXPECT_EQ(f.nondisplayed_msgs, int64_t(want["nondisplayed_P_msgs"]));
    EXPECT_EQ(f.nondisplayed_shares, int64_t(want["nondisplayed_P_shares"]));
    EXPECT_EQ(f.cross_msgs, int64_t(want["cross_Q_msgs"]));
    EXPECT_EQ(f.cross_shares, int64_t(want["cross_Q_shares"]));
    EXPECT_EQ(f.displayed_exec_msgs + f.nondisplayed_msgs,
              int64_t(want["trade_count_rule_T1"]));
    EXPECT_EQ(f.displayed_exec_shares + f.nondisplayed_shares,
              int64_t(want["volume_rule_T1"]));
    EXPECT_EQ(Decimal(f.notional), std::string_view(want["notional_rule_T1"]));
    const element last = want["last_trade"];
    EXPECT_EQ(Decimal(f.last_price), std::string_view(last["price"]));
    EXPECT_EQ(f.last_shares, int64_t(last["shares"]));
    EXPECT_EQ(f.last_time_ns, uint64_t(last["timestamp_ns"]));
    EXPECT_EQ(ClockText(static_cast<int64_t>(f.last_time_ns)),
              std::string_view(last["time"]));
    EXPECT_EQ(f.last_type, std::string_view(last["msg_type"])[0]);
  }
}

TEST_P(GoldenTest, TheMarketAtEachCheckpoint) {
  TestMarket market;
  itch::ItchHandler handler(market.publisher);
  auto source = ByteSource::Open(path_);
  ASSERT_TRUE(source.ok()) << source.status();
  ItchReader reader(*std::move(source), handler, market.counters, midnight_ns_);
  int64_t event_ns = 0;
  std::optional<int64_t> first_ns;
  int64_t last_ns = 0;
  const auto play_until = [&](int64_t end_ns) {
    while (reader.Peek(0, &event_ns) == RecordReader::Next::kRecord &&
           event_ns - midnight_ns_ <= end_ns) {
      if (!first_ns.has_value()) first_ns = event_ns - midnight_ns_;
      EXPECT_GE(event_ns - midnight_ns_, last_ns);
      last_ns = event_ns - midnight_ns_;
      reader.Apply();
    }
  };
  for (const element& point : facts_["book_at"]) {
    const int64_t at_ns = point["after_all_messages_with_timestamp_le_ns"];
    SCOPED_TRACE(at_ns);
    EXPECT_EQ(ClockText(at_ns), std::string_view(point["time"]));
    play_until(at_ns);
    ExpectQuotes(market, point["bbo"]);
  }
  play_until(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(reader.status(), absl::OkStatus());
  ExpectFinalMarket(market);
  EXPECT_TRUE(bool(facts_["timestamps_nondecreasing"]));  // as checked above
  EXPECT_EQ(first_ns, int64_t(facts_["first_timestamp_ns"]));
  EXPECT_EQ(last_ns, int64_t(facts_["last_timestamp_ns"]));
  EXPECT_EQ(ClockText(last_ns), std::string_view(facts_["last_time"]));
  EXPECT_EQ(ClockText(first_ns.value_or(0)),
            std::string_view(facts_["first_time"]));
  ExpectTenLevels(market, *TallyFile());

  itch::Ignored ignored;
  for (const auto& [kind, count] : object(facts_["anomalies"])) {
    int64_t& field = kind == "exec_unknown_ref"     ? ignored.executions
                     : kind == "cancel_unknown_ref" ? ignored.cancels
                     : kind == "delete_unknown_ref" ? ignored.deletes
                                                    : ignored.replaces;
    field = int64_t(count);
  }
  EXPECT_EQ(handler.ignored(), ignored);
  EXPECT_EQ(static_cast<int64_t>(handler.books().orders()),
            int64_t(facts_["live_orders_at_end"]));
  // Books are numbered as their stocks appear: as the locates are here.
  std::map<std::string, int64_t> live;
  handler.books().ForEachOrder(
      [&](uint64_t, uint32_t book, Side, uint32_t, uint32_t) {
        ++live[std::string(
            std::string_view(facts_["symbols"][std::to_string(book + 1)]))];
      });
  for (const auto& [code, orders] : object(facts_["live_orders_by_symbol"])) {
    EXPECT_EQ(live[std::string(code)], int64_t(orders)) << code;
  }
}

TEST_P(GoldenTest, TheTapesAreWhatWasTraded) {
  TestMarket market(1000, TestMarket::Info(), /*tape=*/10'000);
  itch::ItchHandler handler(market.publisher);
  auto source = ByteSource::Open(path_);
  ASSERT_TRUE(source.ok()) << source.status();
  ItchReader reader(*std::move(source), handler, market.counters, midnight_ns_);
  int64_t event_ns = 0;
  while (reader.Peek(0, &event_ns) == RecordReader::Next::kRecord) {
    reader.Apply();
  }
  for (const auto& [code, stock] : object(facts_["per_symbol"])) {
    SCOPED_TRACE(code);
    int64_t trades = 0, volume = 0, crosses = 0, crossed = 0;
    uint64_t notional = 0;
    std::optional<JsonValue> last;
    for (const std::string& text : TapeOf(market.market, code)) {
      const auto trade = JsonReader(text).Read();
      ASSERT_TRUE(trade.has_value()) << text;
      const int64_t size = trade->Int("size");
      if (trade->Find("cross") != nullptr) {
        ++crosses;
        crossed += size;
        continue;
      }
      std::string price{trade->Text("price")};
      price.erase(price.find('.'), 1);
      notional += std::stoull(price) * static_cast<uint64_t>(size);
      ++trades;
      volume += size;
      last = trade;
    }
    EXPECT_EQ(trades, int64_t(stock["trade_count_rule_T1"]));
    EXPECT_EQ(volume, int64_t(stock["volume_rule_T1"]));
    EXPECT_EQ(Decimal(notional), std::string_view(stock["notional_rule_T1"]));
    EXPECT_EQ(crosses, int64_t(stock["cross_Q_msgs"]));
    EXPECT_EQ(crossed, int64_t(stock["cross_Q_shares"]));
    ASSERT_TRUE(last.has_value());
    const element want = stock["last_trade"];
    EXPECT_EQ(last->Text("price"), std::string_view(want["price"]));
    EXPECT_EQ(last->Int("time"),
              (midnight_ns_ + int64_t(want["timestamp_ns"])) / kMicrosecond);
  }
}

class NeverStop final : public FeedControl {
 public:
  bool stopping() const override { return false; }
  bool WaitUntil(int64_t) override {
    ADD_FAILURE() << "full speed does not wait";
    return true;
  }
};

TEST_P(GoldenTest, TheMarketAfterAReplayAtFullSpeed) {
  TestMarket market;
  NeverStop control;
  ReplayOptions options;
  options.files = {path_};
  options.speed = ReplayOptions::kMaxSpeed;
  options.date = date_;
  auto feed = ReplayFeed::Create(options);
  ASSERT_TRUE(feed.ok()) << feed.status();
  ASSERT_EQ((*feed)->Run(market.publisher, control), absl::OkStatus());
  ExpectFinalMarket(market);
  EXPECT_EQ(market.market.feeds().StatusAt(market.feed, market.clock.MonoNs()),
            FeedStatus::kEnded);
}

INSTANTIATE_TEST_SUITE_P(Recordings, GoldenTest,
                         testing::Values("ex20101224.TEST_ITCH_50",
                                         "ritch_framed.itch50",
                                         "esh4_20231225_2200-2330z.itch50.gz"),
                         [](const auto& file) {
                           const std::string name = file.param;
                           return name.substr(0, name.find_first_of("._"));
                         });

}  // namespace
}  // namespace streamhub
