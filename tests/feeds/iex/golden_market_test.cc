// The golden facts of two recordings about the market that they make: quotes
// and books at the stated times and at the end, the tapes, the day's fields.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/csv/time_text.h"
#include "feeds/iex/iex_handler.h"
#include "tests/feeds/iex/golden_facts.h"
#include "tests/support/json_value.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::iex {
namespace {

constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

// "364.9300" as it is in the cache.
int64_t Scaled(std::string_view decimal) {
  std::string digits(decimal);
  digits.erase(digits.find('.'), 1);
  return std::stoll(digits);
}

class GoldenMarket : public GoldenIex {
 protected:
  int64_t Value(std::string_view code, FieldId field) {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.has_value() ? market_.Value(*id, field) : 0;
  }

  // A side that is null, or has the size 0, is empty.
  void ExpectSide(std::string_view code, const element& price,
                  const element& size, FieldId price_field,
                  FieldId size_field) {
    const bool empty = size.is_null() || int64_t(size) == 0;
    if (empty) {
      EXPECT_TRUE(price.is_null() || Scaled(std::string_view(price)) == 0);
    }
    EXPECT_EQ(Value(code, price_field),
              empty ? kEmpty : Scaled(std::string_view(price)));
    EXPECT_EQ(Value(code, size_field), empty ? kEmpty : int64_t(size));
  }

  void ExpectBbo(std::string_view code, const element& bbo) {
    SCOPED_TRACE(code);
    ExpectSide(code, bbo["bid"], bbo["bid_size"], FieldId::kBid,
               FieldId::kBidSize);
    ExpectSide(code, bbo["ask"], bbo["ask_size"], FieldId::kAsk,
               FieldId::kAskSize);
    if (!deep_) {
      EXPECT_EQ(Value(code, FieldId::kQuoteTime),
                int64_t(bbo["quote_timestamp_ns"]));
      return;
    }
    EXPECT_EQ(handler_.Levels(code, Side::kBuy)->size(),
              uint64_t(bbo["bid_levels"]));
    EXPECT_EQ(handler_.Levels(code, Side::kSell)->size(),
              uint64_t(bbo["ask_levels"]));
  }

  // Every level that is published, against those that were added up naively.
  void ExpectTenLevels(std::string_view code, const SecurityFacts& facts) {
    std::vector<std::pair<int64_t, uint32_t>> bids(facts.bids.begin(),
                                                   facts.bids.end());
    std::reverse(bids.begin(), bids.end());
    const std::vector<std::pair<int64_t, uint32_t>> asks(facts.asks.begin(),
                                                         facts.asks.end());
    for (size_t i = 0; i < 10; ++i) {
      SCOPED_TRACE(testing::Message() << code << " level " << i + 1);
      const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
      const bool bid = i < bids.size();
      const bool ask = i < asks.size();
      EXPECT_EQ(Value(code, f.bid), bid ? bids[i].first : kEmpty);
      EXPECT_EQ(Value(code, f.bid_size),
                bid ? int64_t{bids[i].second} : kEmpty);
      EXPECT_EQ(Value(code, f.ask), ask ? asks[i].first : kEmpty);
      EXPECT_EQ(Value(code, f.ask_size),
                ask ? int64_t{asks[i].second} : kEmpty);
    }
  }

  TestMarket market_{10'000, TestMarket::Info(), /*tape=*/10'000};
  IexHandler handler_{market_.publisher};
  Receiver receiver_{market_.counters};
};

TEST_P(GoldenMarket, AtEachCheckpoint) {
  for (const element& point : facts_["bbo_at"]) {
    const int64_t at_ns = point["packets_with_send_time_le_ns"];
    SCOPED_TRACE(at_ns);
    int64_t time_ns = 0;
    EXPECT_TRUE(csv::TimeReader(csv::TimeForm(), *SessionTime::Create("UTC"), 0)
                    .Read(std::string_view(point["time"]), &time_ns));
    EXPECT_EQ(time_ns, at_ns);
    PlayUntil(at_ns, receiver_, handler_);
    for (const auto& [code, bbo] : object(point["bbo"])) ExpectBbo(code, bbo);
  }
  PlayUntil(kForEver, receiver_, handler_);
  for (const auto& [code, want] : object(facts_["focus"])) {
    ExpectBbo(code, want["bbo_at_end"]);
  }
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 0);
  EXPECT_EQ(market_.counters.Get(Metric::kSymbolsRefused), 0);
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 0);
  EXPECT_EQ(handler_.securities(), uint64_t(facts_["symbols_seen"]));
}

TEST_P(GoldenMarket, AllSecuritiesAtTheEnd) {
  PlayUntil(kForEver, receiver_, handler_);
  const element check = facts_["all_symbols_check"];
  const element trades = facts_["trades"];
  EXPECT_EQ(
      handler_.traded(),
      (IexHandler::Traded{int64_t(trades["count"]), int64_t(trades["volume"]),
                          int64_t(trades["trade_breaks"]),
                          int64_t(trades["broken_volume"])}));
  int64_t volume = 0, quoted = 0, sizes = 0, bids = 0, asks = 0;
  const SymbolTable& symbols = market_.market.symbols();
  for (SymbolId id = 0; id < symbols.size(); ++id) {
    if (market_.market.topic(id) != nullptr) continue;
    const auto value = [&](FieldId field) { return market_.Value(id, field); };
    if (value(FieldId::kVolume) != kEmpty) volume += value(FieldId::kVolume);
    if (value(FieldId::kQuoteTime) != kEmpty) ++quoted;
    if (value(FieldId::kBid) != kEmpty) bids += value(FieldId::kBid);
    if (value(FieldId::kAsk) != kEmpty) asks += value(FieldId::kAsk);
    if (value(FieldId::kBidSize) != kEmpty) sizes += value(FieldId::kBidSize);
    if (value(FieldId::kAskSize) != kEmpty) sizes += value(FieldId::kAskSize);
  }
  EXPECT_EQ(volume, int64_t(check["sum_volume"]));
  if (!deep_) {
    EXPECT_EQ(quoted, int64_t(check["symbols_with_quote"]));
    EXPECT_EQ(bids, int64_t(check["sum_last_bid_price_e4"]));
    EXPECT_EQ(asks, int64_t(check["sum_last_ask_price_e4"]));
    EXPECT_EQ(sizes, int64_t(check["sum_last_bid_size"]) +
                         int64_t(check["sum_last_ask_size"]));
    return;
  }
  EXPECT_EQ(quoted, int64_t(check["symbols_with_book"]));
  int64_t levels = 0;
  sizes = 0;
  for (SymbolId id = 0; id < symbols.size(); ++id) {
    for (const Side side : {Side::kBuy, Side::kSell}) {
      const PriceLevels* const all =
          handler_.Levels(symbols.Get(id).code, side);
      if (market_.market.topic(id) != nullptr || all == nullptr) continue;
      for (size_t i = 0; i < all->size(); ++i, ++levels) {
        sizes += all->At(i).size;
      }
    }
  }
  EXPECT_EQ(levels, int64_t(check["nonempty_price_levels"]));
  EXPECT_EQ(sizes, int64_t(check["sum_level_sizes"]));
}

TEST_P(GoldenMarket, TapesDayFieldsAndStatus) {
  Tally tally;
  Receiver other(market_.counters);
  PlayUntil(kForEver, other, tally);
  at_ = 0;
  PlayUntil(kForEver, receiver_, handler_);
  int64_t halted = 0;
  for (const auto& [code, facts] : tally.securities) {
    const bool halt = facts.halt == 'O' || facts.status == 'H';
    halted += halt ? 1 : 0;
    // One recording ends behind the market's hours, the other within.
    EXPECT_EQ(Value(code, FieldId::kTrading),
              PackText(halt ? "halted" : (deep_ ? "open" : "closed")))
        << code;
  }
  EXPECT_GT(halted, 0);
  for (const auto& [code, facts] : tally.securities) {
    if (facts.trades.empty()) continue;
    SCOPED_TRACE(code);
    std::vector<std::string> told, cancelled;
    for (const std::string& text : TapeOf(market_.market, code)) {
      const auto report = JsonReader(text).Read();
      ASSERT_TRUE(report.has_value()) << text;
      if (report->Find("cancelled") != nullptr) {
        cancelled.push_back(text);
        continue;
      }
      told.push_back(std::string(report->Text("price")) + " " +
                     std::string(report->Text("size")) + " " +
                     std::string(report->Text("time")) + " " +
                     std::string(report->Text("id")) + " " +
                     (report->Find("cross") == nullptr ? "" : "cross"));
    }
    EXPECT_EQ(static_cast<int64_t>(cancelled.size()), facts.breaks);
    std::vector<std::string> want;
    const Trade* last = nullptr;
    int64_t open = kEmpty, high = kEmpty, low = kEmpty;
    for (const Trade& t : facts.trades) {
      want.push_back(Decimal(t.price) + " " + std::to_string(t.size) + " " +
                     std::to_string(t.time_ns / kMicrosecond) + " " +
                     std::to_string(t.id) + " " +
                     ((t.flags & 0x08) == 0 ? "" : "cross"));
      if ((t.flags & 0x60) != 0) continue;  // extended hours, odd lot
      last = &t;
      if (open == kEmpty) open = high = low = t.price;
      high = std::max(high, t.price);
      low = std::min(low, t.price);
    }
    EXPECT_EQ(told, want);
    EXPECT_EQ(Value(code, FieldId::kVolume), facts.Volume());
    EXPECT_EQ(Value(code, FieldId::kOpen), open);
    EXPECT_EQ(Value(code, FieldId::kHigh), high);
    EXPECT_EQ(Value(code, FieldId::kLow), low);
    EXPECT_EQ(Value(code, FieldId::kLast), last ? last->price : kEmpty);
    EXPECT_EQ(Value(code, FieldId::kLastSize), last ? last->size : kEmpty);
    EXPECT_EQ(Value(code, FieldId::kTradeTime), last ? last->time_ns : kEmpty);
  }
}

// Hands on to the handler and looks at the cache after each message.
class Watcher {
 public:
  Watcher(TestMarket& market, IexHandler& handler)
      : market_(market), handler_(handler) {}

  template <typename T>
  void On(const T& m) {
    handler_.On(m);
  }
  void On(const QuoteUpdate& m) {
    handler_.On(m);
    ++quotes;
    const SymbolId id = IdOf(m.symbol);
    const auto expect = [&](FieldId field, int64_t value, uint32_t size) {
      if (market_.Value(id, field) != (size == 0 ? kEmpty : value)) ++wrong;
    };
    expect(FieldId::kBid, m.bid, m.bid_size);
    expect(FieldId::kBidSize, m.bid_size, m.bid_size);
    expect(FieldId::kAsk, m.ask, m.ask_size);
    expect(FieldId::kAskSize, m.ask_size, m.ask_size);
    expect(FieldId::kQuoteTime, m.time_ns, 1);
  }
  void On(const PriceLevel& m) {
    tally.On(m);
    if ((m.flags & kEventComplete) != 0) {
      handler_.On(m);
      ++complete;
      compare(std::string(SymbolCode(m.symbol)));
      return;
    }
    ++incomplete;
    const auto known = market_.market.symbols().Find(SymbolCode(m.symbol));
    const uint64_t version = known ? market_.Read(*known).version : 0;
    handler_.On(m);
    if (known && market_.Read(*known).version != version) ++wrong;
  }

  std::function<void(const std::string&)> compare;
  Tally tally;
  int64_t quotes = 0, complete = 0, incomplete = 0, wrong = 0;

 private:
  SymbolId IdOf(const Symbol& symbol) {
    return market_.market.symbols().Find(SymbolCode(symbol)).value_or(0);
  }

  TestMarket& market_;
  IexHandler& handler_;
};

TEST_P(GoldenMarket, AfterEveryQuoteAndEveryEvent) {
  Watcher watcher(market_, handler_);
  watcher.compare = [&](const std::string& code) {
    ExpectTenLevels(code, watcher.tally.securities[code]);
  };
  PlayUntil(kForEver, receiver_, watcher);
  EXPECT_EQ(watcher.wrong, 0);
  EXPECT_EQ(watcher.quotes, deep_ ? 0 : 27'217);
  EXPECT_EQ(watcher.complete + watcher.incomplete, deep_ ? 1'743 + 1'689 : 0);
  EXPECT_EQ(watcher.complete > 0, deep_);
  EXPECT_EQ(handler_.ignored(),
            (IexHandler::Ignored{watcher.tally.removed_nothing, 0}));
}

INSTANTIATE_TEST_SUITE_P(Recordings, GoldenMarket,
                         testing::Values(kTopsFile, kDeepFile), ShortName);

}  // namespace
}  // namespace streamhub::iex
