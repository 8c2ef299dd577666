#include "feeds/crypto/crypto_handler.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "tests/feeds/crypto/feeding.h"

namespace streamhub::crypto {
namespace {

using Levels = Feeding::Levels;
using Outcome = CryptoHandler::Outcome;

// Messages as short as they can be.
std::string Depth(uint64_t first, uint64_t last, std::string_view bids,
                  std::string_view asks, std::string_view more = "") {
  return R"({"e":"depthUpdate","E":)" + std::to_string(last) +
         R"(,"s":"BTC","U":)" + std::to_string(first) + R"(,"u":)" +
         std::to_string(last) + R"(,"b":[)" + std::string(bids) + R"(],"a":[)" +
         std::string(asks) + "]" + std::string(more) + "}";
}
std::string Rest(uint64_t last, std::string_view bids, std::string_view asks) {
  return R"({"lastUpdateId":)" + std::to_string(last) + R"(,"bids":[)" +
         std::string(bids) + R"(],"asks":[)" + std::string(asks) + "]}";
}
std::string Ticker(uint64_t id, std::string_view bid, std::string_view bid_size,
                   std::string_view ask, std::string_view ask_size) {
  return R"({"u":)" + std::to_string(id) + R"(,"s":"BTC","b":")" +
         std::string(bid) + R"(","B":")" + std::string(bid_size) +
         R"(","a":")" + std::string(ask) + R"(","A":")" +
         std::string(ask_size) + R"("})";
}
std::string Trade(uint64_t id, std::string_view price, std::string_view size,
                  std::string_view more = "") {
  return R"({"e":"trade","s":"BTC","t":)" + std::to_string(id) + R"(,"p":")" +
         std::string(price) + R"(","q":")" + std::string(size) +
         R"(","T":9,"m":true)" + std::string(more) + "}";
}

class CryptoHandlerTest : public testing::Test {
 protected:
  Outcome Give(std::string_view json) { return feed_.Give(json); }
  const Tally& tally() { return feed_.handler.tally(); }
  const std::vector<Loss>& losses() { return feed_.handler.losses(); }
  const std::string& complaint() { return feed_.handler.complaint(); }
  Levels Bids() { return feed_.Bids("BTC"); }
  Levels Asks() { return feed_.Asks("BTC"); }
  int64_t Value(FieldId field) { return feed_.Value("BTC", field); }

  Feeding feed_;
};

TEST_F(CryptoHandlerTest, UpdatesBeforeTheSnapshotAreKeptForIt) {
  EXPECT_EQ(Give(Depth(1, 2, R"(["1.00","1"])", "")), Outcome::kDone);
  EXPECT_EQ(Give(Depth(3, 4, R"(["2.00","2"])", "")), Outcome::kDone);
  EXPECT_EQ(Give(Depth(5, 6, R"(["3.00","3"])", R"(["9.00","9"])")),
            Outcome::kDone);
  EXPECT_EQ(feed_.handler.BookOf("BTC"), nullptr);
  EXPECT_EQ(Give(Rest(3, R"(["2.00","7"],["1.50","5"])", R"(["8.00","8"])")),
            Outcome::kDone);
  ASSERT_NE(feed_.handler.BookOf("BTC"), nullptr);
  // The first is old, the others came on top of the snapshot.
  EXPECT_EQ(tally().old_updates, 1);
  EXPECT_EQ(tally().updates, 2);
  EXPECT_EQ(Bids(), (Levels{{300, 3000}, {200, 2000}, {150, 5000}}));
  EXPECT_EQ(Asks(), (Levels{{800, 8000}, {900, 9000}}));
  EXPECT_EQ(Value(FieldId::kQuoteTime), 6 * kMillisecond);
  EXPECT_EQ(Give(Depth(7, 7, R"(["3.00","0"])", "")), Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{200, 2000}, {150, 5000}}));
  EXPECT_EQ(feed_.Read("BTC").event_ns, 7 * kMillisecond);
}

TEST_F(CryptoHandlerTest, AGapEndsTheBookUntilTheNextSnapshot) {
  Give(Depth(1, 2, "", ""));
  Give(Rest(2, R"(["1.00","1"])", R"(["2.00","1"])"));
  EXPECT_EQ(Give(Depth(6, 8, R"(["1.10","1"])", "")), Outcome::kLost);
  EXPECT_EQ(complaint(), "BTC: updates 3 to 5 of its book are missing");
  const Loss loss = {Loss::Kind::kUpdates, "BTC", 3, 5, 8 * kMillisecond};
  EXPECT_EQ(losses(), std::vector<Loss>{loss});
  EXPECT_EQ(tally().losses, 1);
  EXPECT_EQ(feed_.handler.BookOf("BTC"), nullptr);
  EXPECT_EQ(Bids(), Levels());
  EXPECT_EQ(Asks(), Levels());
  // An older snapshot does not reach what was kept.
  EXPECT_EQ(Give(Rest(4, R"(["1.00","1"])", "")), Outcome::kLost);
  EXPECT_EQ(complaint(), "BTC: updates 5 to 5 of its book are missing");
  EXPECT_EQ(Bids(), Levels());
  EXPECT_EQ(Give(Depth(9, 9, R"(["1.20","2"])", "")), Outcome::kDone);
  EXPECT_EQ(Give(Rest(7, R"(["1.00","1"])", R"(["2.00","1"])")),
            Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{120, 2000}, {110, 1000}, {100, 1000}}));
  EXPECT_EQ(Asks(), (Levels{{200, 1000}}));
}

TEST_F(CryptoHandlerTest, FuturesGoByThePreviousNumber) {
  Give(Depth(1, 5, "", "", R"(,"pu":0)"));
  Give(Rest(4, R"(["1.00","1"])", ""));
  EXPECT_EQ(tally().updates, 1);
  EXPECT_EQ(Give(Depth(9, 9, R"(["1.10","1"])", "", R"(,"pu":5)")),
            Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{110, 1000}, {100, 1000}}));
  EXPECT_EQ(Give(Depth(10, 12, "", "", R"(,"pu":8)")), Outcome::kLost);
  EXPECT_EQ(Bids(), Levels());
}

TEST_F(CryptoHandlerTest, OfTooManyUpdatesTheOldestGo) {
  for (uint64_t i = 1; i <= PendingUpdates::kUpdatesMax + 3; ++i) {
    Give(Depth(i, i, i == 2 ? R"(["5.00","1"])" : "", ""));
  }
  EXPECT_EQ(tally().dropped_updates, 3);
  // A snapshot from before those is too old, one from behind them is not.
  EXPECT_EQ(Give(Rest(2, "", "")), Outcome::kLost);
  EXPECT_EQ(losses().back().first, 3u);
  EXPECT_EQ(losses().back().last, 3u);
  EXPECT_EQ(Give(Rest(3, R"(["1.00","1"])", "")), Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{100, 1000}}));
}

TEST_F(CryptoHandlerTest, ASnapshotThatIsOlderThanTheBookIsIgnored) {
  Give(Depth(1, 2, "", ""));
  Give(Rest(2, R"(["1.00","1"])", ""));
  Give(Depth(3, 5, R"(["1.10","1"])", ""));
  EXPECT_EQ(Give(Rest(4, R"(["9.00","1"])", "")), Outcome::kIgnored);
  EXPECT_EQ(tally().old_snapshots, 1);
  EXPECT_EQ(Bids(), (Levels{{110, 1000}, {100, 1000}}));
  EXPECT_EQ(Give(Rest(5, R"(["3.00","1"])", "")), Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{300, 1000}}));
}

TEST_F(CryptoHandlerTest, ABestQuoteAloneIsShownWhileThereIsNoBook) {
  EXPECT_EQ(Give(Ticker(5, "1.00", "2", "1.10", "3")), Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{100, 2000}}));
  EXPECT_EQ(Asks(), (Levels{{110, 3000}}));
  EXPECT_EQ(Value(FieldId::kQuoteTime), kEmpty);  // Spot tells none
  EXPECT_EQ(Give(Ticker(4, "7.00", "2", "8.00", "3")), Outcome::kIgnored);
  EXPECT_EQ(tally().old_quotes, 1);
  EXPECT_EQ(Bids(), (Levels{{100, 2000}}));
  // A side without a size has gone.
  Give(Ticker(6, "0.00", "0", "1.10", "3"));
  EXPECT_EQ(Bids(), Levels());
}

TEST_F(CryptoHandlerTest, ANewerBestQuoteStandsOverTheBook) {
  Give(Depth(1, 2, "", ""));
  Give(Rest(10, R"(["1.00","1"],["0.90","2"],["0.80","3"])",
            R"(["1.10","1"],["1.20","2"])"));
  // As new as the book: the book has it.
  Give(Ticker(10, "5.00", "9", "6.00", "9"));
  EXPECT_EQ(Bids(), (Levels{{100, 1000}, {90, 2000}, {80, 3000}}));
  Give(Ticker(11, "0.90", "7", "1.05", "8"));
  EXPECT_EQ(Bids(), (Levels{{90, 7000}, {80, 3000}}));
  EXPECT_EQ(Asks(), (Levels{{105, 8000}, {110, 1000}, {120, 2000}}));
  // The book itself is as it was, and shows again what is newer.
  EXPECT_EQ(LevelsOf(feed_.handler.BookOf("BTC")->bids),
            (Levels{{100, 1000}, {90, 2000}, {80, 3000}}));
  Give(Depth(11, 12, R"(["1.00","0"],["0.95","4"])", R"(["1.05","8"])"));
  EXPECT_EQ(Bids(), (Levels{{95, 4000}, {90, 2000}, {80, 3000}}));
  EXPECT_EQ(Asks(), (Levels{{105, 8000}, {110, 1000}, {120, 2000}}));
}

TEST_F(CryptoHandlerTest, AfterAGapOnlyNewerBestQuotesCount) {
  Give(Depth(1, 2, "", ""));
  Give(Rest(2, R"(["1.00","1"])", ""));
  Give(Ticker(3, "1.05", "1", "1.10", "1"));
  Give(Depth(6, 8, "", ""));
  EXPECT_EQ(Bids(), Levels());
  Give(Ticker(9, "1.06", "1", "1.10", "1"));
  EXPECT_EQ(Bids(), (Levels{{106, 1000}}));
  // Newer than what comes behind a gap, it stays.
  Give(Ticker(30, "1.07", "1", "1.10", "1"));
  EXPECT_EQ(Give(Depth(20, 21, "", "")), Outcome::kLost);
  EXPECT_EQ(Bids(), (Levels{{107, 1000}}));
}

TEST_F(CryptoHandlerTest, TradesMakeLastVolumeAndTape) {
  EXPECT_EQ(Give(Trade(5, "1.50", "2")), Outcome::kDone);
  EXPECT_EQ(Give(Trade(6, "1.60", "0.5", R"(,"X":"MARKET")")), Outcome::kDone);
  EXPECT_EQ(Value(FieldId::kLast), 160);
  EXPECT_EQ(Value(FieldId::kLastSize), 500);
  EXPECT_EQ(Value(FieldId::kVolume), 2500);
  EXPECT_EQ(Value(FieldId::kOpen), 150);
  EXPECT_EQ(Value(FieldId::kHigh), 160);
  EXPECT_EQ(Value(FieldId::kLow), 150);
  EXPECT_EQ(Value(FieldId::kTradeTime), 9 * kMillisecond);
  // One of the insurance fund is none of the market.
  EXPECT_EQ(Give(Trade(7, "9.00", "1", R"(,"X":"INSURANCE_FUND")")),
            Outcome::kIgnored);
  EXPECT_EQ(tally().other_trades, 1);
  EXPECT_EQ(Value(FieldId::kLast), 160);
  EXPECT_EQ(Value(FieldId::kVolume), 2500);
  EXPECT_EQ(tally().trades, 2);
  const std::vector<std::string> tape = {
      R"({"price":1.50,"size":2.000,"time":9000,"side":"sell","id":"5"})",
      R"({"price":1.60,"size":0.500,"time":9000,"side":"sell","id":"6"})"};
  EXPECT_EQ(TapeOf(feed_.market.market, "BTC"), tape);
}

TEST_F(CryptoHandlerTest, NumbersOfTradesTellRepeatsAndGaps) {
  Give(Trade(5, "1.00", "1"));
  EXPECT_EQ(Give(Trade(5, "1.00", "1")), Outcome::kIgnored);
  EXPECT_EQ(Give(Trade(4, "1.00", "1")), Outcome::kIgnored);
  EXPECT_EQ(tally().repeated_trades, 2);
  EXPECT_EQ(Value(FieldId::kVolume), 1000);
  EXPECT_EQ(Give(Trade(9, "1.10", "1")), Outcome::kLost);
  EXPECT_EQ(complaint(), "BTC: trades 6 to 8 are missing");
  const Loss loss = {Loss::Kind::kTrades, "BTC", 6, 8, 9 * kMillisecond};
  EXPECT_EQ(losses(), std::vector<Loss>{loss});
  // It counts all the same.
  EXPECT_EQ(Value(FieldId::kLast), 110);
  EXPECT_EQ(Give(Trade(10, "1.10", "1")), Outcome::kDone);
}

TEST_F(CryptoHandlerTest, CoinbaseCountsMatchesNotTheLastOneBefore) {
  const auto match = [this](std::string_view type, int id) {
    return Give(R"({"type":")" + std::string(type) + R"(","trade_id":)" +
                std::to_string(id) +
                R"(,"side":"sell","size":"2","price":"3.00",)"
                R"("product_id":"A-USD","time":"1970-01-01T00:00:02Z"})");
  };
  EXPECT_EQ(match("last_match", 7), Outcome::kIgnored);
  EXPECT_EQ(feed_.Value("A-USD", FieldId::kLast), kEmpty);
  EXPECT_EQ(feed_.Value("A-USD", FieldId::kVolume), kEmpty);
  EXPECT_EQ(tally().earlier_trades, 1);
  EXPECT_EQ(match("match", 8), Outcome::kDone);
  EXPECT_EQ(feed_.Value("A-USD", FieldId::kVolume), 2000);
  EXPECT_EQ(feed_.Value("A-USD", FieldId::kTradeTime), 2 * kSecond);
  EXPECT_EQ(match("match", 10), Outcome::kLost);
  EXPECT_EQ(feed_.Info("A-USD").currency, "USD");
  EXPECT_EQ(TapeOf(feed_.market.market, "A-USD").front(),
            R"({"price":3.00,"size":2.000,"time":2000000,"side":"buy",)"
            R"("id":"8"})");
}

TEST_F(CryptoHandlerTest, CoinbaseTickersStandInForABook) {
  const std::string ticker =
      R"({"type":"ticker","sequence":5,"product_id":"A-USD",)"
      R"("best_bid":"1.00","best_ask":"2.00"})";
  Give(R"({"type":"l2update","product_id":"A-USD","changes":[]})");
  EXPECT_EQ(tally().early_updates, 1);
  Give(ticker);
  EXPECT_EQ(feed_.Bids("A-USD"), (Levels{{100, kEmpty}}));
  Give(R"({"type":"snapshot","product_id":"A-USD","bids":[["1.50","1"]],)"
       R"("asks":[]})");
  Give(ticker);
  EXPECT_EQ(feed_.Bids("A-USD"), (Levels{{150, 1000}}));
  EXPECT_EQ(feed_.Asks("A-USD"), Levels());
  // When the book ends, one from before is worth nothing.
  EXPECT_EQ(Give(R"({"type":"l2update","product_id":"A-USD",)"
                 R"("changes":[["buy","1.001","1"]]})"),
            Outcome::kRefused);
  EXPECT_EQ(feed_.Bids("A-USD"), Levels());
}

constexpr char kKrakenBook[] =
    R"([1,{"as":[["5.05","5","1.5"],["5.10","5","1.5"]],)"
    R"("bs":[["5.00","5","1.5"]]},"book-2","A/B"])";

TEST_F(CryptoHandlerTest, KrakenKeepsItsDepth) {
  Give(kKrakenBook);
  EXPECT_EQ(feed_.Asks("A/B"), (Levels{{505, 5000}, {510, 5000}}));
  EXPECT_EQ(feed_.Value("A/B", FieldId::kQuoteTime), 3 * kSecond / 2);
  Give(R"([1,{"a":[["5.01","1","2"]]},"book-2","A/B"])");
  EXPECT_EQ(feed_.Asks("A/B"), (Levels{{501, 1000}, {505, 5000}}));
  // The one that was cut off is told again as soon as there is room for it.
  Give(R"([1,{"a":[["5.01","0","3"],["5.10","6","2","r"]]},"book-2","A/B"])");
  EXPECT_EQ(feed_.Asks("A/B"), (Levels{{505, 5000}, {510, 6000}}));
}

TEST_F(CryptoHandlerTest, AWrongChecksumEndsAKrakenBook) {
  Give(kKrakenBook);
  // Asks 505 and 510, bid 500 at 4, each with its size; the size as written.
  EXPECT_EQ(Give(R"([1,{"b":[["5.00","4.000","2"]],"c":"1"},"book-2","A/B"])"),
            Outcome::kLost);
  EXPECT_EQ(tally().checksums, 0);
  EXPECT_EQ(losses()[0].kind, Loss::Kind::kChecksum);
  EXPECT_EQ(losses()[0].first, 1u);
  EXPECT_EQ(losses()[0].event_ns, 2 * kSecond);
  EXPECT_EQ(complaint(), "A/B: its book has the checksum " +
                             std::to_string(losses()[0].last) +
                             ", the venue's 1");
  EXPECT_EQ(feed_.Bids("A/B"), Levels());
  EXPECT_EQ(Give(R"([1,{"b":[["5.00","4","2"]]},"book-2","A/B"])"),
            Outcome::kIgnored);
  EXPECT_EQ(tally().early_updates, 1);
  // With the right one, which was told, all is well.
  Give(kKrakenBook);
  EXPECT_EQ(Give(R"([1,{"b":[["5.00","4.000","2"]],"c":")" +
                 std::to_string(losses()[0].last) + R"("},"book-2","A/B"])"),
            Outcome::kDone);
  EXPECT_EQ(tally().checksums, 1);
  EXPECT_EQ(feed_.Bids("A/B"), (Levels{{500, 4000}}));
}

TEST_F(CryptoHandlerTest, AnEndedSubscriptionEndsTheBook) {
  Give(kKrakenBook);
  const auto end = [this](std::string_view pair) {
    return Give(R"({"event":"subscriptionStatus","pair":")" +
                std::string(pair) +
                R"(","status":"unsubscribed","subscription":{"name":"book"}})");
  };
  EXPECT_EQ(end("C/D"), Outcome::kDone);
  EXPECT_FALSE(feed_.Knows("C/D"));
  EXPECT_NE(feed_.handler.BookOf("A/B"), nullptr);
  EXPECT_EQ(end("A/B"), Outcome::kDone);
  EXPECT_EQ(feed_.handler.BookOf("A/B"), nullptr);
  EXPECT_TRUE(losses().empty());
}

TEST_F(CryptoHandlerTest, WhatDoesNotFitIsRefusedWhole) {
  Give(Depth(1, 2, "", ""));
  Give(Rest(2, R"(["1.00","1"])", ""));
  EXPECT_EQ(Give(Ticker(3, "1.005", "1", "2", "1")), Outcome::kRefused);
  EXPECT_EQ(complaint(),
            "BTC: bid '1.005' has more than the 2 decimals of the symbol");
  EXPECT_EQ(Bids(), (Levels{{100, 1000}}));
  EXPECT_EQ(Give(Trade(1, "1", "0.0001")), Outcome::kRefused);
  EXPECT_EQ(complaint(),
            "BTC: size '0.0001' has more than the 3 decimals of the symbol");
  EXPECT_EQ(Give(Trade(1, "1", "-1")), Outcome::kRefused);
  EXPECT_EQ(complaint(), "BTC: size: a size is negative");
  EXPECT_EQ(Give(Trade(1, "99999999999999999999", "1")), Outcome::kRefused);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
  // Noughts beyond are exact.
  EXPECT_EQ(Give(Trade(1, "1.5000", "1.0000")), Outcome::kDone);
  EXPECT_EQ(Value(FieldId::kLast), 150);
  // A book without one of its updates is none; nothing of it was applied.
  EXPECT_EQ(Give(Depth(3, 4, R"(["2.00","1"],["2.001","1"])", "")),
            Outcome::kRefused);
  EXPECT_EQ(Bids(), Levels());
  EXPECT_EQ(feed_.handler.BookOf("BTC"), nullptr);
  EXPECT_EQ(feed_.market.counters.Get(Metric::kTicksRejected), 5);
}

TEST_F(CryptoHandlerTest, VolumeThatDoesNotFitIsRefused) {
  EXPECT_EQ(Give(Trade(1, "1", "9000000000000000")), Outcome::kDone);
  EXPECT_EQ(Give(Trade(2, "2", "9000000000000000")), Outcome::kRefused);
  EXPECT_EQ(complaint(), "BTC: a trade makes the day's volume too big");
  EXPECT_EQ(Value(FieldId::kLast), 100);
  EXPECT_EQ(TapeOf(feed_.market.market, "BTC").size(), 1u);
}

TEST_F(CryptoHandlerTest, DecimalsAreThoseOfTheSurvey) {
  Feeding feed("");
  ASSERT_TRUE(feed.decoder.Decode(Ticker(1, "1.25", "1", "1.5", "2.125"),
                                  &feed.message));
  feed.handler.Survey(feed.message);
  ASSERT_TRUE(feed.decoder.Decode(Trade(1, "1.3750", "1.0"), &feed.message));
  feed.handler.Survey(feed.message);
  feed.Give(Trade(1, "1", "1"));
  EXPECT_EQ(feed.Info("BTC").price_decimals, 4);
  EXPECT_EQ(feed.Info("BTC").quantity_decimals, 3);
  EXPECT_EQ(feed.Value("BTC", FieldId::kLast), 10'000);
  // One that the survey had not gets no fewer, and as many as it needs.
  feed.Give(R"({"type":"snapshot","product_id":"A-B","asks":[],)"
            R"("bids":[["1.00001","1"]]})");
  EXPECT_EQ(feed.Info("A-B").price_decimals, 5);
  EXPECT_EQ(feed.Info("A-B").quantity_decimals, 3);
}

TEST_F(CryptoHandlerTest, ADayRolls) {
  Give(Trade(1, "1.00", "1"));
  Give(Ticker(1, "1", "1", "2", "1"));
  feed_.handler.RollDay(77);
  EXPECT_EQ(Value(FieldId::kPrevClose), 100);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  Give(Trade(2, "1.25", "1"));
  EXPECT_EQ(Value(FieldId::kChange), 25);
  EXPECT_EQ(Value(FieldId::kOpen), 125);
}

TEST_F(CryptoHandlerTest, StartsAgainWithNothing) {
  Give(Depth(1, 2, "", ""));
  Give(Rest(2, R"(["1.00","1"])", ""));
  Give(Trade(5, "1.00", "1"));
  feed_.handler.StartAgain();
  feed_.market.publisher.StartEpoch();
  EXPECT_EQ(feed_.handler.BookOf("BTC"), nullptr);
  // The same messages once more have the same effect.
  Give(Depth(1, 2, "", ""));
  Give(Rest(2, R"(["1.00","1"])", ""));
  EXPECT_EQ(Give(Trade(5, "1.00", "1")), Outcome::kDone);
  EXPECT_EQ(Bids(), (Levels{{100, 1000}}));
  EXPECT_EQ(Value(FieldId::kVolume), 1000);
}

TEST_F(CryptoHandlerTest, OtherMessagesAreCountedOnly) {
  EXPECT_EQ(Give(R"({"e":"aggTrade","s":"BTC"})"), Outcome::kIgnored);
  EXPECT_EQ(tally().others, 1);
  EXPECT_EQ(Give(R"({"event":"heartbeat"})"), Outcome::kDone);
  EXPECT_EQ(feed_.market.market.symbols().size(), 0u);
}

}  // namespace
}  // namespace streamhub::crypto
