#include "feeds/itch/itch_handler.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feeds/itch/decoder.h"
#include "feeds/itch/framing.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::itch {
namespace {

constexpr int64_t kMidnightNs = 1'704'171'600 * kSecond;

class ItchHandlerTest : public testing::Test {
 protected:
  ItchHandlerTest() { handler_.StartDay(kMidnightNs); }

  Head At(uint64_t time_ns) { return {1, 0, time_ns}; }

  uint64_t Add(Side side, uint32_t shares, uint32_t price) {
    handler_.On(AddOrder{At(10), ++refs_, side, shares, stock_, price, {}});
    return refs_;
  }

  SymbolId Id() {
    const auto id = market_.market.symbols().Find("ALPHA");
    EXPECT_TRUE(id.has_value());
    return id.value_or(0);
  }
  int64_t Value(FieldId field) { return market_.Value(Id(), field); }
  std::string Trading() {
    char storage[8];
    return std::string(UnpackText(Value(FieldId::kTrading), storage));
  }

  const Stock stock_ = MakeStock("ALPHA");
  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  ItchHandler handler_{market_.publisher};
  uint64_t refs_ = 0;
};

TEST_F(ItchHandlerTest, DescribesTheStock) {
  handler_.On(StockDirectory{At(1), stock_});
  const SymbolInfo& info = market_.market.symbols().Get(Id());
  EXPECT_EQ(info.code, "ALPHA");
  EXPECT_EQ(info.name, "ALPHA");
  EXPECT_EQ(info.currency, "USD");
  EXPECT_EQ(info.price_decimals, 4);
  EXPECT_EQ(info.quantity_decimals, 0);
  EXPECT_EQ(info.pip, 100);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
}

TEST_F(ItchHandlerTest, PublishesTheTopTenLevels) {
  for (uint32_t i = 0; i < 12; ++i) Add(Side::kSell, 100 + i, 1000 + i);
  Add(Side::kBuy, 5, 990);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(Value(FieldId::kBidSize), 5);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), 1000);
  EXPECT_EQ(Value(FieldId::kAsk10), 1009);
  EXPECT_EQ(Value(FieldId::kAsk10Size), 109);
  handler_.On(OrderDelete{At(20), 1});
  EXPECT_EQ(Value(FieldId::kAsk), 1001);
  EXPECT_EQ(Value(FieldId::kAsk10), 1010);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kMidnightNs + 20);
  // Below the tenth level: a tick, but no quote.
  handler_.On(OrderDelete{At(30), 12});
  EXPECT_EQ(Value(FieldId::kQuoteTime), kMidnightNs + 20);
  EXPECT_EQ(market_.Read(Id()).event_ns, kMidnightNs + 30);
}

TEST_F(ItchHandlerTest, ASideThatGoesBecomesEmpty) {
  const uint64_t ref = Add(Side::kBuy, 100, 990);
  handler_.On(OrderCancel{At(11), ref, 40});
  EXPECT_EQ(Value(FieldId::kBidSize), 60);
  handler_.On(OrderReplace{At(12), ref, 77, 30, 980});
  EXPECT_EQ(Value(FieldId::kBid), 980);
  EXPECT_EQ(Value(FieldId::kBidSize), 30);
  handler_.On(OrderExecuted{At(13), 77, 30, 1});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kBidSize), kEmpty);
}

TEST_F(ItchHandlerTest, CountsTradesByTheRules) {
  const uint64_t ref = Add(Side::kBuy, 100, 990);
  handler_.On(OrderExecuted{At(11), ref, 10, 1});
  EXPECT_EQ(Value(FieldId::kLast), 990);
  EXPECT_EQ(Value(FieldId::kLastSize), 10);
  EXPECT_EQ(Value(FieldId::kTradeTime), kMidnightNs + 11);
  EXPECT_EQ(Value(FieldId::kBidSize), 90);
  handler_.On(OrderExecutedWithPrice{At(12), ref, 20, 2, true, 995});
  EXPECT_EQ(Value(FieldId::kLast), 995);
  handler_.On(OrderExecutedWithPrice{At(13), ref, 30, 3, false, 1});
  EXPECT_EQ(Value(FieldId::kLast), 995);
  EXPECT_EQ(Value(FieldId::kVolume), 30);
  EXPECT_EQ(Value(FieldId::kBidSize), 40);
  handler_.On(Trade{At(14), 0, Side::kBuy, 7, stock_, 985, 4});
  EXPECT_EQ(Value(FieldId::kLast), 985);
  EXPECT_EQ(Value(FieldId::kVolume), 37);
  handler_.On(CrossTrade{At(15), 1000, stock_, 2000, 5, 'O'});
  EXPECT_EQ(Value(FieldId::kVolume), 1037);
  EXPECT_EQ(Value(FieldId::kLast), 985);
  EXPECT_EQ(Value(FieldId::kTradeTime), kMidnightNs + 14);
  EXPECT_EQ(Value(FieldId::kOpen), 990);
  EXPECT_EQ(Value(FieldId::kHigh), 995);
  EXPECT_EQ(Value(FieldId::kLow), 985);
}

// Day and time are those of the message; who took is across from the order.
TEST_F(ItchHandlerTest, TellsTheTapeEveryTradeOnce) {
  const uint64_t bid = Add(Side::kBuy, 100, 990);
  const uint64_t ask = Add(Side::kSell, 100, 9'900'000);
  handler_.On(OrderExecuted{At(11'000), bid, 10, 1});
  handler_.On(OrderExecutedWithPrice{At(12'000), ask, 20, 2, true, 995});
  handler_.On(OrderExecutedWithPrice{At(13'000), bid, 30, 3, false, 1});
  handler_.On(Trade{At(14'000), 0, Side::kBuy, 7, stock_, 985, ~uint64_t{0}});
  handler_.On(CrossTrade{At(15'000), 1000, stock_, 2000, 5, 'O'});
  handler_.On(CrossTrade{At(15'000), 0, stock_, 0, 6, 'C'});  // there was none
  handler_.On(CrossTrade{At(16'000), 1, stock_, 2000, 7, 'H'});
  handler_.On(BrokenTrade{At(17'000), 5});
  handler_.On(OrderExecuted{At(18'000), 1000, 10, 8});  // of no order
  handler_.On(BrokenTrade{{0, 0, 17'000}, 5});          // of no stock
  handler_.On(BrokenTrade{{9, 0, 17'000}, 5});
  const std::string time =
      R"("time":)" + std::to_string(kMidnightNs / 10'000 + 1);
  EXPECT_EQ(TapeOf(market_.market, "ALPHA"),
            (std::vector<std::string>{
                R"({"price":0.0990,"size":10,)" + time +
                    R"(1,"side":"sell","id":"1"})",
                R"({"price":0.0995,"size":20,)" + time +
                    R"(2,"side":"buy","id":"2"})",
                R"({"price":0.0985,"size":7,)" + time +
                    R"(4,"id":"18446744073709551615"})",
                R"({"price":0.2000,"size":1000,)" + time +
                    R"(5,"id":"5","cross":"opening"})",
                R"({"price":0.2000,"size":1,)" + time +
                    R"(6,"id":"7","cross":"halt"})",
                "{" + time + R"(7,"cancelled":"5"})",
            }));
}

TEST_F(ItchHandlerTest, RefusesAVolumeThatDoesNotFit) {
  handler_.On(CrossTrade{At(1), ~uint64_t{0}, stock_, 1, 1, 'O'});
  EXPECT_TRUE(TapeOf(market_.market, "ALPHA").empty());
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 1);
}

TEST_F(ItchHandlerTest, CountsWhatItIgnores) {
  const uint64_t ref = Add(Side::kBuy, 100, 990);
  handler_.On(AddOrder{At(1), ref, Side::kBuy, 1, stock_, 1, {}});
  handler_.On(OrderExecuted{At(1), 100, 1, 1});
  handler_.On(OrderExecutedWithPrice{At(1), 100, 1, 1, true, 5});
  handler_.On(OrderCancel{At(1), 100, 1});
  handler_.On(OrderDelete{At(1), 100});
  handler_.On(OrderReplace{At(1), 100, 101, 1, 1});
  handler_.On(BrokenTrade{At(1), 5});
  EXPECT_EQ(handler_.ignored(), (Ignored{2, 1, 1, 1, 1, 1}));
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesIgnored), 7);
  EXPECT_EQ(Value(FieldId::kBidSize), 100);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
}

TEST_F(ItchHandlerTest, TellsTheTradingStatus) {
  handler_.On(StockDirectory{At(1), stock_});
  EXPECT_EQ(Trading(), "unknown");
  handler_.On(TradingAction{At(2), stock_, 'T', {}});
  EXPECT_EQ(Trading(), "open");
  handler_.On(SystemEvent{At(3), 'S'});
  EXPECT_EQ(Trading(), "closed");
  handler_.On(SystemEvent{At(4), 'Q'});
  EXPECT_EQ(Trading(), "open");
  for (const auto& [state, trading] : {std::pair('H', "halted"),
                                       {'Q', "auction"},
                                       {'P', "halted"},
                                       {'T', "open"}}) {
    handler_.On(TradingAction{At(5), stock_, state, {}});
    EXPECT_EQ(Trading(), trading);
  }
  handler_.On(SystemEvent{At(6), 'M'});
  EXPECT_EQ(Trading(), "closed");
  handler_.On(SystemEvent{At(7), 'O'});
  EXPECT_EQ(Trading(), "closed");
}

TEST_F(ItchHandlerTest, ANewDayEmptiesBooksAndRollsPrices) {
  const uint64_t ref = Add(Side::kBuy, 100, 990);
  handler_.On(OrderExecuted{At(11), ref, 10, 1});
  handler_.StartDay(kMidnightNs);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  const int64_t next_ns = kMidnightNs + 86'400 * kSecond;
  handler_.StartDay(next_ns);
  handler_.On(SystemEvent{{0, 0, 5}, 'O'});
  EXPECT_EQ(handler_.books().orders(), 0u);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value(FieldId::kPrevClose), 990);
  EXPECT_EQ(Value(FieldId::kLast), 990);
  // The locate of yesterday may be another stock's today.
  const Stock other = MakeStock("OMEGA");
  handler_.On(Trade{At(20), 0, Side::kBuy, 1, other, 5, 1});
  handler_.On(Trade{{2, 0, 21}, 0, Side::kBuy, 1, stock_, 1000, 2});
  EXPECT_EQ(Value(FieldId::kChange), 10);
  EXPECT_EQ(Value(FieldId::kTradeTime), next_ns + 21);
}

TEST_F(ItchHandlerTest, ASessionRollLeavesTheBooks) {
  Add(Side::kBuy, 5, 990);
  Trade trade;
  trade.head = At(20);
  trade.stock = stock_;
  trade.shares = 10;
  trade.price = 1000;
  handler_.On(trade);
  handler_.RollDay(kMidnightNs + 30);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(Value(FieldId::kLast), 1000);
  EXPECT_EQ(Value(FieldId::kPrevClose), 1000);
  EXPECT_EQ(Value(FieldId::kOpen), kEmpty);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  trade.price = 1010;
  handler_.On(trade);
  EXPECT_EQ(Value(FieldId::kChange), 10);
  EXPECT_EQ(Value(FieldId::kVolume), 10);
}

TEST_F(ItchHandlerTest, GoesOnWithoutSymbolsThatAreRefused) {
  const Stock bad = MakeStock("A,B");
  handler_.On(AddOrder{At(1), 1, Side::kBuy, 1, bad, 1, {}});
  handler_.On(OrderDelete{At(2), 1});
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  EXPECT_EQ(market_.counters.Get(Metric::kSymbolsRefused), 1);
  EXPECT_EQ(handler_.ignored(), Ignored{});
}

TEST_F(ItchHandlerTest, WritersMayLeaveLocatesZero) {
  handler_.On(AddOrder{{}, 1, Side::kBuy, 1, stock_, 10, {}});
  handler_.On(AddOrder{{}, 2, Side::kBuy, 1, MakeStock("OMEGA"), 20, {}});
  handler_.On(AddOrder{{}, 3, Side::kBuy, 1, stock_, 11, {}});
  EXPECT_EQ(Value(FieldId::kBid), 11);
  EXPECT_EQ(market_.market.symbols().size(), 2u);
}

// Plays the sample and looks at the market after each message.
TEST_F(ItchHandlerTest, TheSampleIsASoundSession) {
  const std::string bytes = MakeSampleSession();
  FrameReader reader;
  std::span<const uint8_t> message;
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto* const end = at + bytes.size();
  uint64_t time_ns = 0;
  bool halted = false;
  while (true) {
    const FrameReader::Next next = reader.Read(&message);
    if (next == FrameReader::Next::kNeedMore) {
      if (at == end) {
        reader.Finish();
        continue;
      }
      const auto room = reader.Room();
      const auto count = std::min<size_t>(room.size(), end - at);
      std::copy_n(at, count, room.begin());
      reader.Filled(count);
      at += count;
      continue;
    }
    if (next != FrameReader::Next::kMessage) break;
    ASSERT_GE(TimeNsOf(message), time_ns);
    time_ns = TimeNsOf(message);
    ASSERT_EQ(Decode(message, handler_), Decoded::kHandled);
    for (OrderBooks::BookId book = 0; book < handler_.books().books(); ++book) {
      const BookSide& bids = handler_.books().side(book, Side::kBuy);
      const BookSide& asks = handler_.books().side(book, Side::kSell);
      if (bids.size() == 0 || asks.size() == 0) continue;
      ASSERT_LT(bids.At(0).price, asks.At(0).price) << "at " << time_ns;
    }
    const auto ember = market_.market.symbols().Find("EMBER");
    halted |= ember.has_value() &&
              market_.Value(*ember, FieldId::kTrading) == PackText("halted");
  }
  EXPECT_TRUE(reader.status().ok());
  EXPECT_EQ(handler_.ignored(), Ignored{});
  bool more = false;
  const SymbolTable& symbols = market_.market.symbols();
  EXPECT_EQ(symbols.List(kTapePrefix, "", 100, /*topics=*/true, &more).size(),
            6u);
  EXPECT_EQ(symbols.size(), 6u + 6u);
  EXPECT_TRUE(halted);
  EXPECT_EQ(Trading(), "closed");
}

}  // namespace
}  // namespace streamhub::itch
