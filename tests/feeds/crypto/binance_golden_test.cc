// The golden facts beside two captures of Binance.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/feeds/crypto/golden_capture.h"

namespace streamhub::crypto {
namespace {

using Kind = Message::Kind;
using Wide = __int128;

std::string Text(Wide number) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + number % 10));
    number /= 10;
  } while (number > 0);
  return digits;
}

// The digits of a decimal without its point, and without noughts in front.
std::string Digits(std::string_view decimal) {
  std::string digits(decimal);
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
}

struct Quote {
  int64_t bid, bid_size, ask, ask_size;

  friend bool operator==(const Quote&, const Quote&) = default;
};

class BinanceGoldenTest : public CaptureGoldenTest {
 protected:
  static constexpr std::string_view kSymbol = "BTCUSDT";

  // Keeps what the facts are about, behind each line.
  void Note() {
    const std::string_view stream = Behind(line_.json, "stream");
    const std::string_view sent_ms = Behind(line_.json, "E");
    // The answer to a request waits at the recorder.
    if (!stream.empty() && !sent_ms.empty()) {
      const int64_t sent_ns = Scaled(sent_ms, 0) * kMillisecond;
      behind_ms_.push_back(static_cast<double>(line_.received_ns - sent_ns) /
                           static_cast<double>(kMillisecond));
    }
    const Message& m = Given();
    ++kinds_[stream.empty() ? "rest_depth_snapshot"
                            : std::string(stream.substr(stream.find('@') + 1))];
    switch (m.kind) {
      case Kind::kBook:
        NoteBook(m);
        break;
      case Kind::kBest:
        ticker_ = {Price(m.best.bid.price), Size(m.best.bid.size),
                   Price(m.best.ask.price), Size(m.best.ask.size)};
        ticker_id_ = m.best.id;
        tickers_[m.best.id] = ticker_;
        break;
      case Kind::kTrades:
        NoteTrade(m.trades[0]);
        break;
      default:
        ADD_FAILURE() << line_.json;
    }
  }

  void NoteBook(const Message& m) {
    if (m.book.snapshot) {
      snapshot_ = m.book.ids.last;
      snapshot_bids_ = m.book.bids.size();
      snapshot_asks_ = m.book.asks.size();
    } else {
      updates_.push_back(m.book.ids);
    }
    const LevelBook* const book = feed_->handler.BookOf(kSymbol);
    // At a snapshot it has those that were kept, too.
    if (book == nullptr || updates_.empty()) return;
    const Level bid = book->bids.At(0);
    const Level ask = book->asks.At(0);
    books_[updates_.back().last] = {bid.price, bid.size, ask.price, ask.size};
  }

  void NoteTrade(const TradeText& trade) {
    if (trade_ids_.second != 0 && *trade.id != trade_ids_.second + 1) {
      ++trade_gaps_;
    }
    if (trade_ids_.second == 0) trade_ids_.first = *trade.id;
    trade_ids_.second = *trade.id;
    last_type_ = std::string(Behind(line_.json, "X"));
    const int64_t size = Size(trade.size);
    volume_ += size;
    if (trade.taker == Taker::kSeller) maker_bought_ += size;
    turnover_ += Wide{Price(trade.price)} * size;
  }

  int64_t Price(std::string_view text) {
    return Scaled(text, PriceDecimals(kSymbol));
  }
  int64_t Size(std::string_view text) {
    return Scaled(text, SizeDecimals(kSymbol));
  }

  void ExpectTicker(const element& fact) {
    EXPECT_EQ(ticker_, (Quote{Price(fact["bid"]), Size(fact["bid_qty"]),
                              Price(fact["ask"]), Size(fact["ask_qty"])}));
    EXPECT_EQ(ticker_id_, uint64_t(fact["update_id"]));
    // It is what the market shows, or the book is newer.
    if (ticker_id_ > updates_.back().last) {
      EXPECT_EQ(feed_->Value(kSymbol, FieldId::kBid), ticker_.bid);
      EXPECT_EQ(feed_->Value(kSymbol, FieldId::kBidSize), ticker_.bid_size);
      EXPECT_EQ(feed_->Value(kSymbol, FieldId::kAsk), ticker_.ask);
      EXPECT_EQ(feed_->Value(kSymbol, FieldId::kAskSize), ticker_.ask_size);
    }
  }

  void ExpectAll() {
    for (const element& point : facts_["book_at"]) {
      Play(int64_t(point["lines_with_local_ns_le"]), [&](auto) { Note(); });
      ExpectBook(kSymbol, point["depth_book"], "qty", /*shown=*/false);
      ExpectTicker(point["last_bookTicker"]);
    }
    Play(kForEver, [&](auto) { Note(); });
    ExpectLines();
    ExpectDepth(facts_["depth"]);
    ExpectTrades(facts_["trades"]);
    EXPECT_EQ(kinds_["bookTicker"], int64_t(facts_["bookTicker"]["count"]));
    ExpectTicker(facts_["bookTicker"]["last"]);
    int64_t common = 0;
    int64_t equal = 0;
    for (const auto& [id, quote] : books_) {
      const auto ticker = tickers_.find(id);
      if (ticker == tickers_.end()) continue;
      ++common;
      equal += ticker->second == quote;
    }
    const element checks = facts_["verification"];
    EXPECT_EQ(common,
              int64_t(checks["compared_depth_vs_bookTicker_same_update_id"]));
    EXPECT_EQ(equal, int64_t(checks["equal"]));
    EXPECT_EQ(trade_gaps_, int64_t(checks["trade_id_gaps"]));
  }

  void ExpectLines() {
    EXPECT_EQ(count_, int64_t(facts_["lines"]));
    EXPECT_EQ(first_ns_, int64_t(facts_["first_local_ns"]));
    EXPECT_EQ(last_ns_, int64_t(facts_["last_local_ns"]));
    EXPECT_NEAR(static_cast<double>(last_ns_ - first_ns_) / 1e9,
                double(facts_["duration_s"]), 1e-6);
    std::map<std::string, int64_t> kinds;
    for (const auto& [name, number] : object(facts_["lines_by_kind"])) {
      kinds[std::string(name)] = int64_t(number);
    }
    EXPECT_EQ(kinds_, kinds);
    // The recorder's clock is behind: all were received before they were sent.
    std::sort(behind_ms_.begin(), behind_ms_.end());
    const element behind = facts_["local_minus_exchange_event_time_ms"];
    EXPECT_NEAR(behind_ms_.front(), double(behind["min"]), 1e-3);
    EXPECT_NEAR(behind_ms_.back(), double(behind["max"]), 1e-3);
    EXPECT_NEAR(behind_ms_[behind_ms_.size() / 2], double(behind["median"]),
                0.02);
    EXPECT_LT(behind_ms_.back(), 0);
  }

  void ExpectDepth(const element& fact) {
    EXPECT_EQ(snapshot_, uint64_t(fact["rest_snapshot_lastUpdateId"]));
    EXPECT_EQ(snapshot_bids_, uint64_t(fact["snapshot_bid_levels"]));
    EXPECT_EQ(snapshot_asks_, uint64_t(fact["snapshot_ask_levels"]));
    const Tally& tally = feed_->handler.tally();
    EXPECT_EQ(tally.old_updates,
              int64_t(fact["events_discarded_as_older_than_snapshot"]));
    EXPECT_EQ(tally.updates, int64_t(fact["events_applied"]));
    const UpdateIds first = updates_[static_cast<size_t>(tally.old_updates)];
    EXPECT_EQ(first.first, uint64_t(fact["first_applied"]["U"]));
    EXPECT_EQ(first.last, uint64_t(fact["first_applied"]["u"]));
    EXPECT_EQ(tally.losses, int64_t(fact["continuity_breaks"]));
    EXPECT_EQ(updates_.back().last, uint64_t(fact["last_u"]));
    ExpectBook(kSymbol, fact["book_at_end"], "qty", /*shown=*/false);
  }

  void ExpectTrades(const element& fact) {
    EXPECT_EQ(feed_->handler.tally().trades, int64_t(fact["count"]));
    EXPECT_EQ(feed_->Value(kSymbol, FieldId::kVolume), volume_);
    EXPECT_EQ(volume_, Size(fact["volume_base_or_contracts"]));
    EXPECT_EQ(maker_bought_, Size(fact["volume_where_buyer_is_maker"]));
    EXPECT_EQ(Text(turnover_), Digits(fact["sum_price_times_qty"]));
    EXPECT_EQ(trade_ids_.first, uint64_t(fact["first_trade_id"]));
    EXPECT_EQ(trade_ids_.second, uint64_t(fact["last_trade_id"]));
    const element last = fact["last_trade"];
    EXPECT_EQ(feed_->Value(kSymbol, FieldId::kLast), Price(last["price"]));
    EXPECT_EQ(feed_->Value(kSymbol, FieldId::kLastSize), Size(last["qty"]));
    EXPECT_EQ(feed_->Value(kSymbol, FieldId::kTradeTime),
              int64_t(last["trade_time_ms"]) * kMillisecond);
    // Spot has none.
    const bool spot = last["type"].is_null();
    EXPECT_EQ(last_type_,
              spot ? std::string_view() : std::string_view(last["type"]));
    const auto tape = TapeOf(feed_->market.market, kSymbol);
    ASSERT_EQ(tape.size(), 100u);
    const std::string id = std::to_string(uint64_t(last["trade_id"]));
    const std::string end = std::string(",\"side\":\"") +
                            (bool(last["buyer_is_maker"]) ? "sell" : "buy") +
                            "\",\"id\":\"" + id + "\"}";
    EXPECT_TRUE(tape.back().ends_with(end)) << tape.back();
  }

  std::map<std::string, int64_t> kinds_;
  std::vector<double> behind_ms_;
  uint64_t snapshot_ = 0;
  size_t snapshot_bids_ = 0;
  size_t snapshot_asks_ = 0;
  std::vector<UpdateIds> updates_;
  std::map<uint64_t, Quote> books_;  // by their last update
  std::unordered_map<uint64_t, Quote> tickers_;
  Quote ticker_ = {};
  uint64_t ticker_id_ = 0;
  std::pair<uint64_t, uint64_t> trade_ids_;  // the first, the last
  int64_t trade_gaps_ = 0;
  std::string last_type_;
  int64_t volume_ = 0;
  int64_t maker_bought_ = 0;
  Wide turnover_ = 0;
};

TEST_F(BinanceGoldenTest, Spot) {
  if (!Open("binance", "spot_btcusdt_20240808.gz")) {
    GTEST_SKIP() << "no captures at " << kFolder;
  }
  ExpectAll();
  EXPECT_EQ(PriceDecimals(kSymbol), 8);
  ExpectSameByReader();
}

TEST_F(BinanceGoldenTest, UsdMarginedFutures) {
  if (!Open("binance", "usdm_btcusdt_20240808.gz")) {
    GTEST_SKIP() << "no captures at " << kFolder;
  }
  ExpectAll();
  EXPECT_EQ(PriceDecimals(kSymbol), 2);
  EXPECT_EQ(SizeDecimals(kSymbol), 3);
}

}  // namespace
}  // namespace streamhub::crypto
