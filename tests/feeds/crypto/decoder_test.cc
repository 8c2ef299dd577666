#include "feeds/crypto/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/base/clock.h"

namespace streamhub::crypto {
namespace {

using testing::HasSubstr;
using Kind = Message::Kind;
using Counts = TradeText::Counts;

class CryptoDecoderTest : public testing::Test {
 protected:
  // The message; nothing of it if it is bad.
  const Message& Good(std::string_view json) {
    EXPECT_TRUE(decoder_.Decode(json, &message_)) << decoder_.fault();
    return message_;
  }
  // The fault.
  std::string Bad(std::string_view json) {
    EXPECT_FALSE(decoder_.Decode(json, &message_)) << json;
    return decoder_.fault();
  }

  Decoder decoder_;
  Message message_;
};

std::string Levels(std::span<const LevelText> levels) {
  std::string text;
  for (const LevelText& level : levels) {
    text.append(level.price).append("x").append(level.size).append(" ");
  }
  return text;
}

TEST_F(CryptoDecoderTest, BinanceSpotDepth) {
  const Message& m = Good(
      R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate",)"
      R"("E":1723161255208,"s":"BTCUSDT","U":157,"u":160,)"
      R"("b":[["0.0024","10"],["0.0022","0"]],"a":[["0.0026","100.5"]]}})");
  EXPECT_EQ(m.kind, Kind::kBook);
  EXPECT_EQ(m.venue, Venue::kBinance);
  EXPECT_EQ(m.type, "depthUpdate");
  EXPECT_EQ(m.symbol, "BTCUSDT");
  EXPECT_EQ(m.event_ns, 1'723'161'255'208 * kMillisecond);
  EXPECT_FALSE(m.book.snapshot);
  EXPECT_EQ(m.book.ids, (UpdateIds{157, 160, std::nullopt}));
  EXPECT_EQ(Levels(m.book.bids), "0.0024x10 0.0022x0 ");
  EXPECT_EQ(Levels(m.book.asks), "0.0026x100.5 ");
  EXPECT_EQ(m.book.depth, 0u);
  EXPECT_FALSE(m.book.checksum.has_value());
}

TEST_F(CryptoDecoderTest, BinanceFuturesDepthOutsideACombinedStream) {
  const Message& m =
      Good(R"({"e":"depthUpdate","E":9,"T":7,"s":"BTCUSDT","U":157,"u":160,)"
           R"("pu":149,"b":[],"a":[]})");
  EXPECT_EQ(m.book.ids, (UpdateIds{157, 160, 149}));
  // That of matching.
  EXPECT_EQ(m.event_ns, 7 * kMillisecond);
}

TEST_F(CryptoDecoderTest, BinanceSnapshotsAreOfTheOneSymbolSeen) {
  const std::string snapshot =
      R"({"lastUpdateId":160,"bids":[["4.0","431"]],"asks":[["4.2","12"]]})";
  EXPECT_THAT(Bad(snapshot), HasSubstr("without a symbol, before any"));
  Good(R"({"u":4,"s":"BNBUSDT","b":"1","B":"2","a":"3","A":"4"})");
  const Message& m = Good(snapshot);
  EXPECT_EQ(m.kind, Kind::kBook);
  EXPECT_TRUE(m.book.snapshot);
  EXPECT_EQ(m.symbol, "BNBUSDT");
  EXPECT_EQ(m.book.ids.last, 160u);
  EXPECT_EQ(m.event_ns, 0);
  EXPECT_EQ(Levels(m.book.bids), "4.0x431 ");
  EXPECT_EQ(Levels(m.book.asks), "4.2x12 ");
  Good(R"({"u":4,"s":"ETHUSDT","b":"1","B":"2","a":"3","A":"4"})");
  EXPECT_THAT(Bad(snapshot), HasSubstr("after several symbols"));
}

TEST_F(CryptoDecoderTest, BinanceBookTicker) {
  const Message& spot = Good(
      R"({"stream":"bnbusdt@bookTicker","data":{"u":400900217,)"
      R"("s":"BNBUSDT","b":"25.3519","B":"31.21","a":"25.3652","A":"40.66"}})");
  EXPECT_EQ(spot.kind, Kind::kBest);
  EXPECT_EQ(spot.type, "bookTicker");
  EXPECT_EQ(spot.event_ns, 0);
  EXPECT_EQ(spot.best.id, 400'900'217u);
  EXPECT_TRUE(spot.best.of_book);
  EXPECT_EQ(spot.best.bid.price, "25.3519");
  EXPECT_EQ(spot.best.bid.size, "31.21");
  EXPECT_EQ(spot.best.ask.price, "25.3652");
  EXPECT_EQ(spot.best.ask.size, "40.66");
  const Message& futures =
      Good(R"({"e":"bookTicker","u":5,"E":8,"T":6,"s":"X","b":"1","B":"2",)"
           R"("a":"3","A":"4"})");
  EXPECT_EQ(futures.kind, Kind::kBest);
  EXPECT_EQ(futures.event_ns, 6 * kMillisecond);
}

TEST_F(CryptoDecoderTest, BinanceTradesSayWhoTookAndWhetherTheyCount) {
  const auto trade = [this](std::string_view rest) -> const TradeText& {
    return Good(R"({"e":"trade","E":9,"s":"BTCUSDT","t":12345,"p":"0.001",)"
                R"("q":"100","T":7,)" +
                std::string(rest) + "}")
        .trades[0];
  };
  const TradeText& sold = trade(R"("m":true,"M":true)");
  EXPECT_EQ(sold.taker, Taker::kSeller);
  EXPECT_EQ(sold.counts, Counts::kYes);
  EXPECT_EQ(sold.id, 12'345u);
  EXPECT_EQ(sold.price, "0.001");
  EXPECT_EQ(sold.size, "100");
  EXPECT_EQ(sold.time_ns, 7 * kMillisecond);
  EXPECT_EQ(message_.event_ns, 7 * kMillisecond);
  EXPECT_EQ(trade(R"("X":"MARKET","m":false)").taker, Taker::kBuyer);
  EXPECT_EQ(trade(R"("X":"MARKET","m":false)").counts, Counts::kYes);
  EXPECT_EQ(trade(R"("X":"INSURANCE_FUND","m":false)").counts, Counts::kOther);
  EXPECT_EQ(trade(R"("X":7,"m":false)").counts, Counts::kOther);
}

TEST_F(CryptoDecoderTest, BinanceStreamsThatAreNotRead) {
  for (const std::string_view json :
       {R"({"stream":"x@depth5@100ms","data":{"lastUpdateId":1,"bids":[]}})",
        R"({"stream":"x@depth20","data":{"e":"depthUpdate","s":"X","U":1}})",
        R"({"stream":"x@aggTrade","data":{"e":"aggTrade","s":"X","a":1}})",
        R"({"stream":"x@depth","data":{"lastUpdateId":1,"bids":[]}})",
        R"({"e":"kline","s":"X"})", R"({})", R"({"other":1})"}) {
    EXPECT_EQ(Good(json).kind, Kind::kOther) << json;
  }
  EXPECT_EQ(Good(R"({"result":null,"id":1})").kind, Kind::kNotice);
}

TEST_F(CryptoDecoderTest, CoinbaseBooks) {
  const Message& snapshot = Good(
      R"({"type":"snapshot","product_id":"BTC-USD","asks":[["102.2","3"]],)"
      R"("bids":[["101.1","0.45"],["101.0","1"]]})");
  EXPECT_EQ(snapshot.kind, Kind::kBook);
  EXPECT_EQ(snapshot.venue, Venue::kCoinbase);
  EXPECT_TRUE(snapshot.book.snapshot);
  EXPECT_EQ(snapshot.symbol, "BTC-USD");
  EXPECT_EQ(snapshot.event_ns, 0);
  EXPECT_EQ(Levels(snapshot.book.bids), "101.1x0.45 101.0x1 ");
  EXPECT_EQ(Levels(snapshot.book.asks), "102.2x3 ");
  const Message& update =
      Good(R"({"type":"l2update","product_id":"BTC-USD",)"
           R"("changes":[["buy","101.8","0.16"],["sell","102","0"],)"
           R"(["buy","101.7","2"]],"time":"1970-01-01T00:00:01.5Z"})");
  EXPECT_EQ(update.kind, Kind::kBook);
  EXPECT_FALSE(update.book.snapshot);
  EXPECT_EQ(update.event_ns, 3 * kSecond / 2);
  EXPECT_EQ(Levels(update.book.bids), "101.8x0.16 101.7x2 ");
  EXPECT_EQ(Levels(update.book.asks), "102x0 ");
}

TEST_F(CryptoDecoderTest, CoinbaseTradesNameTheMaker) {
  const auto match = [this](std::string_view type, std::string_view side) {
    return Good(R"({"type":")" + std::string(type) +
                R"(","trade_id":10,"side":")" + std::string(side) +
                R"(","size":"5.2","price":"400.2","product_id":"BTC-USD",)"
                R"("sequence":50,"time":"1970-01-01T00:00:02Z"})")
        .trades[0];
  };
  const TradeText bought = match("match", "sell");
  EXPECT_EQ(bought.taker, Taker::kBuyer);
  EXPECT_EQ(bought.counts, Counts::kYes);
  EXPECT_EQ(bought.id, 10u);
  EXPECT_EQ(bought.price, "400.2");
  EXPECT_EQ(bought.size, "5.2");
  EXPECT_EQ(bought.time_ns, 2 * kSecond);
  EXPECT_EQ(match("match", "buy").taker, Taker::kSeller);
  EXPECT_EQ(match("last_match", "buy").counts, Counts::kBefore);
}

TEST_F(CryptoDecoderTest, CoinbaseTickerAndNotices) {
  const Message& ticker =
      Good(R"({"type":"ticker","sequence":37,"product_id":"BTC-USD",)"
           R"("price":"6.5","best_bid":"6.4","best_ask":"6.6"})");
  EXPECT_EQ(ticker.kind, Kind::kBest);
  EXPECT_EQ(ticker.best.id, 37u);
  EXPECT_FALSE(ticker.best.of_book);
  EXPECT_EQ(ticker.best.bid.price, "6.4");
  EXPECT_EQ(ticker.best.ask.price, "6.6");
  EXPECT_EQ(ticker.best.bid.size, "");
  EXPECT_EQ(Good(R"({"type":"heartbeat"})").kind, Kind::kNotice);
  EXPECT_EQ(Good(R"({"type":"subscriptions"})").kind, Kind::kNotice);
  EXPECT_EQ(Good(R"({"type":"error","message":"x"})").kind, Kind::kNotice);
  const Message& other = Good(R"({"type":"received","product_id":"A"})");
  EXPECT_EQ(other.kind, Kind::kOther);
  EXPECT_EQ(other.type, "received");
}

TEST_F(CryptoDecoderTest, KrakenBooks) {
  const Message& snapshot =
      Good(R"([0,{"as":[["5541.3","2.5","1534614248.123678"]],)"
           R"("bs":[["5541.2","1.5","1534614248.765567"],)"
           R"(["5539.9","5","1534614241.1"]]},"book-100","XBT/USD"])");
  EXPECT_EQ(snapshot.kind, Kind::kBook);
  EXPECT_EQ(snapshot.venue, Venue::kKraken);
  EXPECT_EQ(snapshot.type, "book snapshot");
  EXPECT_EQ(snapshot.symbol, "XBT/USD");
  EXPECT_TRUE(snapshot.book.snapshot);
  EXPECT_EQ(snapshot.book.depth, 100u);
  EXPECT_EQ(snapshot.event_ns, 1'534'614'248'765'567'000);
  EXPECT_EQ(Levels(snapshot.book.bids), "5541.2x1.5 5539.9x5 ");
  EXPECT_EQ(Levels(snapshot.book.asks), "5541.3x2.5 ");
  EXPECT_FALSE(snapshot.book.checksum.has_value());
}

TEST_F(CryptoDecoderTest, KrakenUpdatesOfOneAndBothSides) {
  const Message& both = Good(
      R"([1234,{"a":[["5541.3","2.5","3.5"],["5542.7","0.4","9.0","r"]]},)"
      R"({"b":[["5541.3","0","2.5"]],"c":"974942666"},"book-10","XBT/USD"])");
  EXPECT_EQ(both.type, "book update");
  EXPECT_FALSE(both.book.snapshot);
  EXPECT_EQ(both.book.depth, 10u);
  EXPECT_EQ(both.book.checksum, 974'942'666u);
  EXPECT_EQ(Levels(both.book.asks), "5541.3x2.5 5542.7x0.4 ");
  EXPECT_EQ(Levels(both.book.bids), "5541.3x0 ");
  // Not that of the level that was told again.
  EXPECT_EQ(both.event_ns, 7 * kSecond / 2);
  const Message& one = Good(
      R"([1234,{"b":[["5541.3","0","2.5"]],"c":"7"},"book-10","XBT/USD"])");
  EXPECT_EQ(one.book.checksum, 7u);
  EXPECT_EQ(one.book.asks.size(), 0u);
}

TEST_F(CryptoDecoderTest, KrakenTrades) {
  const Message& m = Good(
      R"([0,[["5541.2","0.158","1534614057.321597","s","l",""],)"
      R"(["6060.0","0.024","1534614058.5","b","m",""]],"trade","XBT/USD"])");
  EXPECT_EQ(m.kind, Kind::kTrades);
  ASSERT_EQ(m.trades.size(), 2u);
  EXPECT_EQ(m.trades[0].taker, Taker::kSeller);
  EXPECT_EQ(m.trades[0].price, "5541.2");
  EXPECT_EQ(m.trades[0].size, "0.158");
  EXPECT_EQ(m.trades[0].time_ns, 1'534'614'057'321'597'000);
  EXPECT_EQ(m.trades[0].id, std::nullopt);
  EXPECT_EQ(m.trades[1].taker, Taker::kBuyer);
}

TEST_F(CryptoDecoderTest, KrakenEvents) {
  EXPECT_EQ(Good(R"({"event":"heartbeat"})").kind, Kind::kNotice);
  EXPECT_EQ(Good(R"({"connectionID":17843232920108168701,)"
                 R"("event":"systemStatus","status":"online"})")
                .type,
            "systemStatus");
  const auto status = [this](std::string_view state, std::string_view name) {
    return Good(R"({"channelID":1664,"channelName":"book-1000",)"
                R"("event":"subscriptionStatus","pair":"XBT/EUR","status":")" +
                std::string(state) + R"(","subscription":{"name":")" +
                std::string(name) + R"("}})");
  };
  EXPECT_FALSE(status("subscribed", "book").ended);
  EXPECT_FALSE(status("unsubscribed", "trade").ended);
  EXPECT_TRUE(status("unsubscribed", "book").ended);
  EXPECT_EQ(message_.symbol, "XBT/EUR");
  EXPECT_EQ(Good(R"({"errorMessage":"x","event":"subscriptionStatus"})").kind,
            Kind::kNotice);
  EXPECT_EQ(Good(R"([0,["1","2"],"spread","XBT/USD"])").kind, Kind::kOther);
}

TEST_F(CryptoDecoderTest, DamagedJsonIsNoMessage) {
  for (const std::string_view json :
       {"", " ", "{", "}", "[1,2", "{\"type\":\"l2update\"", "{\"e\":\"\xFF\"}",
        "{\"e\":\"trade\"} x", "nul", "{\"e\":01}"}) {
    EXPECT_THAT(Bad(json), HasSubstr("is no JSON: ")) << json;
  }
  EXPECT_EQ(Bad("7"), "message: want an object or a list");
  EXPECT_EQ(Bad(std::string(5000, '[')).substr(0, 10), "is no JSON");
}

TEST_F(CryptoDecoderTest, SaysWhatIsWrongOfBinance) {
  const auto depth = [this](std::string_view rest) {
    return Bad(R"({"e":"depthUpdate","s":"X",)" + std::string(rest) + "}");
  };
  EXPECT_EQ(Bad(R"({"e":"depthUpdate","s":"A,B"})"), "s: is no symbol");
  EXPECT_EQ(depth(R"("E":-1)"), "E: want milliseconds since 1970");
  EXPECT_EQ(depth(R"("E":9000000000000)"), "E: want milliseconds since 1970");
  EXPECT_EQ(depth(R"("u":5)"), "U: want a number without a sign, below 2^63");
  EXPECT_EQ(depth(R"("U":1,"u":9223372036854775808)"),
            "u: want a number without a sign, below 2^63");
  EXPECT_EQ(depth(R"("U":6,"u":5)"), "U: is beyond u");
  EXPECT_EQ(depth(R"("U":1,"u":5,"pu":"x")"),
            "pu: want a number without a sign, below 2^63");
  EXPECT_EQ(depth(R"("U":1,"u":5,"b":7)"), "b: want a list");
  EXPECT_EQ(depth(R"("U":1,"u":5,"b":[["1","2"],["1"]])"),
            "b[1]: want price and size as decimal strings");
  EXPECT_EQ(depth(R"("U":1,"u":5,"b":[],"a":[["1",2]])"),
            "a[0]: want price and size as decimal strings");
  EXPECT_EQ(depth(R"("U":1,"u":5,"b":[],"a":[["1","2e5"]])"),
            "a[0]: want price and size as decimal strings");
  EXPECT_EQ(depth(R"("U":1,"u":5,"b":[7])"),
            "b[0]: want price and size as decimal strings");
  EXPECT_EQ(Bad(R"({"stream":"x@trade","data":7})"), "data: want an object");
  EXPECT_EQ(Bad(R"({"e":"trade","s":"X","p":"1","q":"2","t":3,"T":4})"),
            "m: want true or false");
  EXPECT_EQ(Bad(R"({"e":"trade","s":"X","p":1})"),
            "p: want a decimal as a string");
}

TEST_F(CryptoDecoderTest, SaysWhatIsWrongOfCoinbaseAndKraken) {
  EXPECT_EQ(Bad(R"({"type":"l2update","product_id":""})"),
            "product_id: is no symbol");
  EXPECT_EQ(Bad(R"({"type":"l2update","product_id":"A","time":"noon"})"),
            "time: want a date and time");
  EXPECT_EQ(Bad(R"({"type":"l2update","product_id":"A",)"
                R"("changes":[["buy","1","2"],["bid","1","2"]]})"),
            "changes[1]: want buy or sell, price and size as decimal strings");
  EXPECT_EQ(Bad(R"({"type":"match","product_id":"A","price":"1","size":"2",)"
                R"("trade_id":3,"side":"x"})"),
            "side: want buy or sell");
  EXPECT_EQ(Bad("[1,2,3]"), "message: want number, data, channel and pair");
  EXPECT_EQ(Bad("[1,2,3,4,5,6]"), "message: has more than 5 elements");
  EXPECT_EQ(Bad(R"([1,{},"book-10","A,B"])"), "pair: is no symbol");
  EXPECT_EQ(Bad(R"([1,{},"book-x","A"])"), "channel: want book-DEPTH");
  EXPECT_EQ(Bad(R"([1,{},"book-0","A"])"), "channel: want book-DEPTH");
  EXPECT_EQ(Bad(R"([1,7,"book-10","A"])"), "book: want an object");
  EXPECT_EQ(Bad(R"([1,{"a":7},"book-10","A"])"), "a: want a list");
  EXPECT_EQ(Bad(R"([1,{"a":[["1","2"]]},"book-10","A"])"),
            "a[0]: want price, volume and time as decimal strings");
  EXPECT_EQ(Bad(R"([1,{"c":"4294967296"},"book-10","A"])"),
            "c: want a checksum of 32 bits as a string");
  EXPECT_EQ(Bad(R"([1,[["1","2","3","x"]],"trade","A"])"),
            "trade[0]: want price, volume and time as decimal strings, b or s");
  // What a member is called cannot move a terminal's cursor.
  EXPECT_EQ(Bad("{\"event\":\"subscriptionStatus\",\"pair\":\"a\\u0007\"}"),
            "pair: is no symbol");
}

}  // namespace
}  // namespace streamhub::crypto
