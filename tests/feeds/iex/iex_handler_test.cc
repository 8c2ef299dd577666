#include "feeds/iex/iex_handler.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::iex {
namespace {

constexpr uint32_t kSession = 17'281 << 16;
constexpr int64_t kDayNs = 86'400 * kSecond;
constexpr int64_t kStartNs = 17'281 * kDayNs + 43'200 * kSecond;

class IexHandlerTest : public testing::Test {
 protected:
  void Start(Protocol protocol, uint32_t session = kSession,
             int64_t sent_ns = kStartNs) {
    handler_.On(RunStart{protocol, session, sent_ns});
  }

  void Quote(uint32_t bid_size, int64_t bid, int64_t ask, uint32_t ask_size,
             int64_t time_ns = kStartNs) {
    handler_.On(QuoteUpdate{0, time_ns, symbol_, bid_size, bid, ask, ask_size});
  }

  void Level(Side side, int64_t price, uint32_t size, bool complete = true,
             int64_t time_ns = kStartNs) {
    const uint8_t flags = complete ? kEventComplete : 0;
    handler_.On(PriceLevel{side, flags, time_ns, symbol_, size, price});
  }

  void Deal(int64_t price, uint32_t size, uint8_t flags = 0,
            int64_t time_ns = kStartNs) {
    handler_.On(Trade{flags, time_ns, symbol_, size, price, ++trades_});
  }

  void Event(char code) { handler_.On(SystemEvent{code, kStartNs}); }

  SymbolId Id() {
    const auto id = market_.market.symbols().Find("ZIEXT");
    EXPECT_TRUE(id.has_value());
    return id.value_or(0);
  }
  int64_t Value(FieldId field) { return market_.Value(Id(), field); }
  std::string Trading() {
    char storage[8];
    return std::string(UnpackText(Value(FieldId::kTrading), storage));
  }

  const Symbol symbol_ = MakeSymbol("ZIEXT");
  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  IexHandler handler_{market_.publisher};
  int64_t trades_ = 0;
};

TEST_F(IexHandlerTest, DescribesTheSecurity) {
  Start(Protocol::kTops);
  handler_.On(ShortSaleTest{0, kStartNs, symbol_, ' '});
  const SymbolInfo& info = market_.market.symbols().Get(Id());
  EXPECT_EQ(info.code, "ZIEXT");
  EXPECT_EQ(info.name, "ZIEXT");
  EXPECT_EQ(info.currency, "USD");
  EXPECT_EQ(info.price_decimals, 4);
  EXPECT_EQ(info.quantity_decimals, 0);
  EXPECT_EQ(info.pip, 100);
  EXPECT_EQ(info.layout->PositionOf(FieldId::kBid2), -1);
  EXPECT_GE(info.layout->PositionOf(FieldId::kAuctionPrice), 0);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
}

TEST_F(IexHandlerTest, PublishesQuotes) {
  Start(Protocol::kTops);
  Quote(9'700, 99'0500, 99'0700, 1'000, kStartNs + 5);
  EXPECT_EQ(Value(FieldId::kBid), 99'0500);
  EXPECT_EQ(Value(FieldId::kBidSize), 9'700);
  EXPECT_EQ(Value(FieldId::kAsk), 99'0700);
  EXPECT_EQ(Value(FieldId::kAskSize), 1'000);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + 5);
  // A side of size 0 is empty, whatever its price.
  Quote(0, 99'0500, 0, 0, kStartNs + 6);
  for (const FieldId field :
       {FieldId::kBid, FieldId::kBidSize, FieldId::kAsk, FieldId::kAskSize}) {
    EXPECT_EQ(Value(field), kEmpty);
  }
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + 6);
}

TEST_F(IexHandlerTest, PublishesTenLevels) {
  Start(Protocol::kDeep);
  for (int i = 0; i < 12; ++i) Level(Side::kSell, 1000 + i, 100 + i);
  Level(Side::kBuy, 990, 5);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(Value(FieldId::kBidSize), 5);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), 1000);
  EXPECT_EQ(Value(FieldId::kAsk10), 1009);
  EXPECT_EQ(Value(FieldId::kAsk10Size), 109);
  Level(Side::kSell, 1000, 0, true, kStartNs + 20);
  EXPECT_EQ(Value(FieldId::kAsk), 1001);
  EXPECT_EQ(Value(FieldId::kAsk10), 1010);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + 20);
  // Below the tenth level: a tick, but no quote.
  Level(Side::kSell, 1011, 7, true, kStartNs + 30);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + 20);
  EXPECT_EQ(market_.Read(Id()).event_ns, kStartNs + 30);
  Level(Side::kBuy, 990, 0);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kBidSize), kEmpty);
}

TEST_F(IexHandlerTest, PublishesABookOnlyWhenItsEventIsComplete) {
  Start(Protocol::kDeep);
  Level(Side::kBuy, 990, 5);
  Level(Side::kSell, 1000, 10, true, kStartNs + 1);
  Level(Side::kSell, 1000, 0, false, kStartNs + 2);
  Level(Side::kBuy, 1000, 7, false, kStartNs + 2);
  EXPECT_EQ(Value(FieldId::kAsk), 1000);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + 1);
  EXPECT_EQ(handler_.Levels("ZIEXT", Side::kBuy)->size(), 2u);
  // Another security's event is not this one's.
  handler_.On(PriceLevel{Side::kBuy, kEventComplete, kStartNs + 2,
                         MakeSymbol("OMEGA"), 1, 1});
  EXPECT_EQ(Value(FieldId::kAsk), 1000);
  Level(Side::kBuy, 980, 0, true, kStartNs + 3);  // of nothing, but it ends it
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value(FieldId::kBid), 1000);
  EXPECT_EQ(Value(FieldId::kBidSize), 7);
  EXPECT_EQ(Value(FieldId::kBid2), 990);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + 3);
  EXPECT_EQ(handler_.ignored().levels, 1);
}

TEST_F(IexHandlerTest, CountsTradesByTheRules) {
  Start(Protocol::kTops);
  Deal(99'0600, 10, kIntermarketSweep, kStartNs + 1);
  EXPECT_EQ(Value(FieldId::kLast), 99'0600);
  EXPECT_EQ(Value(FieldId::kLastSize), 10);
  EXPECT_EQ(Value(FieldId::kTradeTime), kStartNs + 1);
  Deal(1, 20, kExtendedHours, kStartNs + 2);
  Deal(2, 30, kOddLot | kIntermarketSweep, kStartNs + 3);
  EXPECT_EQ(Value(FieldId::kLast), 99'0600);
  EXPECT_EQ(Value(FieldId::kLastSize), 10);
  EXPECT_EQ(Value(FieldId::kTradeTime), kStartNs + 1);
  EXPECT_EQ(Value(FieldId::kVolume), 60);
  Deal(99'0900, 40, kTradeThroughExempt, kStartNs + 4);
  Deal(99'0500, 50, kTradeThroughExempt | kSinglePriceCross, kStartNs + 5);
  EXPECT_EQ(Value(FieldId::kLast), 99'0500);
  EXPECT_EQ(Value(FieldId::kVolume), 150);
  EXPECT_EQ(Value(FieldId::kOpen), 99'0600);
  EXPECT_EQ(Value(FieldId::kHigh), 99'0900);
  EXPECT_EQ(Value(FieldId::kLow), 99'0500);
  EXPECT_EQ(handler_.traded(), (IexHandler::Traded{5, 150, 0, 0}));
}

TEST_F(IexHandlerTest, TellsTheTapeEveryTradeAndEveryBreak) {
  Start(Protocol::kTops);
  const auto info = [&](char type) {
    AuctionInformation m;
    m.type = type;
    m.symbol = symbol_;
    handler_.On(m);
  };
  Deal(990, 10, 0, 11'000);
  Deal(980, 20, kExtendedHours | kOddLot, 12'000);
  Deal(970, 1, kSinglePriceCross, 13'000);
  for (const char type : {'O', 'C', 'I', 'H', 'V'}) {
    info(type);
    Deal(960, 2, kSinglePriceCross, 14'000);
  }
  Deal(950, 3, 0, 15'000);  // not of the cross
  handler_.On(TradeBreak{0, 16'000, symbol_, 20, 980, 2});
  const auto crossed = [](int id, const std::string& cross) {
    return R"({"price":0.0960,"size":2,"time":14,"id":")" + std::to_string(id) +
           R"(","cross":")" + cross + "\"}";
  };
  EXPECT_EQ(
      TapeOf(market_.market, "ZIEXT"),
      (std::vector<std::string>{
          R"({"price":0.0990,"size":10,"time":11,"id":"1"})",
          R"({"price":0.0980,"size":20,"time":12,"id":"2"})",
          R"({"price":0.0970,"size":1,"time":13,"id":"3","cross":"other"})",
          crossed(4, "opening"), crossed(5, "closing"), crossed(6, "other"),
          crossed(7, "halt"), crossed(8, "halt"),
          R"({"price":0.0950,"size":3,"time":15,"id":"9"})",
          R"({"time":16,"cancelled":"2"})"}));
  EXPECT_EQ(handler_.traded(), (IexHandler::Traded{9, 44, 1, 20}));
  EXPECT_EQ(Value(FieldId::kVolume), 44);
}

TEST_F(IexHandlerTest, TellsOfAnAuctionUntilItsTradesCome) {
  Start(Protocol::kTops);
  AuctionInformation info;
  info.symbol = symbol_;
  info.paired_shares = 500;
  info.indicative_price = 99'0800;
  handler_.On(info);
  EXPECT_EQ(Value(FieldId::kAuctionPrice), 99'0800);
  EXPECT_EQ(Value(FieldId::kAuctionSize), 500);
  Deal(99'0600, 1);
  EXPECT_EQ(Value(FieldId::kAuctionPrice), 99'0800);
  Deal(99'0800, 500, kSinglePriceCross);
  EXPECT_EQ(Value(FieldId::kAuctionPrice), kEmpty);
  EXPECT_EQ(Value(FieldId::kAuctionSize), kEmpty);
  handler_.On(info);
  info.indicative_price = 0;  // nothing would match
  handler_.On(info);
  EXPECT_EQ(Value(FieldId::kAuctionPrice), kEmpty);
  EXPECT_EQ(Value(FieldId::kAuctionSize), kEmpty);
}

TEST_F(IexHandlerTest, TellsTheTradingStatus) {
  Start(Protocol::kTops);
  const auto status = [&](char code) {
    handler_.On(TradingStatus{code, kStartNs, symbol_});
  };
  const auto halt = [&](char code) {
    handler_.On(OperationalHalt{code, kStartNs, symbol_});
  };
  halt('N');
  EXPECT_EQ(Trading(), "unknown");
  status('T');
  EXPECT_EQ(Trading(), "open");
  Event('O');
  EXPECT_EQ(Trading(), "closed");
  Event('S');
  EXPECT_EQ(Trading(), "closed");
  Event('R');
  EXPECT_EQ(Trading(), "open");
  for (const auto& [code, trading] : {std::pair('H', "halted"),
                                      {'O', "auction"},
                                      {'P', "auction"},
                                      {'T', "open"}}) {
    status(code);
    EXPECT_EQ(Trading(), trading);
  }
  halt('O');
  EXPECT_EQ(Trading(), "halted");
  status('P');
  EXPECT_EQ(Trading(), "halted");
  halt('N');
  EXPECT_EQ(Trading(), "auction");
  status('T');
  Event('C');  // says nothing of trading
  EXPECT_EQ(Trading(), "open");
  Event('M');
  EXPECT_EQ(Trading(), "closed");
  Event('R');
  Event('E');
  EXPECT_EQ(Trading(), "closed");
}

TEST_F(IexHandlerTest, HearsOfASecurityWithoutValues) {
  Start(Protocol::kDeep);
  handler_.On(SecurityEvent{'O', kStartNs + 1, symbol_});
  const uint64_t ticks = market_.Read(Id()).ticks;
  const uint64_t version = market_.Read(Id()).version;
  handler_.On(OfficialPrice{'Q', kStartNs + 2, symbol_, 990});
  handler_.On(ShortSaleTest{1, kStartNs + 3, symbol_, 'A'});
  EXPECT_EQ(market_.Read(Id()).ticks, ticks + 2);
  EXPECT_EQ(market_.Read(Id()).version, version);
  EXPECT_EQ(market_.Read(Id()).event_ns, kStartNs + 3);
}

TEST_F(IexHandlerTest, TakesThePreviousCloseOfTheDirectory) {
  Start(Protocol::kTops);
  SecurityDirectory directory;
  directory.symbol = symbol_;
  directory.adjusted_close = 99'0000;
  handler_.On(directory);
  EXPECT_EQ(Value(FieldId::kPrevClose), 99'0000);
  Deal(98'5000, 1);
  EXPECT_EQ(Value(FieldId::kChange), -5000);
  directory.adjusted_close = 0;  // there is none
  handler_.On(directory);
  EXPECT_EQ(Value(FieldId::kPrevClose), 99'0000);
}

TEST_F(IexHandlerTest, ARestartOfTheSequenceKeepsEverything) {
  Start(Protocol::kDeep);
  Level(Side::kBuy, 990, 5);
  Deal(1000, 10);
  Start(Protocol::kDeep, kSession, kStartNs + 600 * kSecond);
  Event('O');
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(Value(FieldId::kVolume), 10);
  Deal(1010, 10);
  EXPECT_EQ(Value(FieldId::kVolume), 20);
  EXPECT_EQ(Value(FieldId::kPrevClose), kEmpty);
  // What is told again replaces.
  Level(Side::kBuy, 990, 7);
  EXPECT_EQ(Value(FieldId::kBidSize), 7);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
}

TEST_F(IexHandlerTest, AnotherSessionOfTheDayEmptiesBooks) {
  Start(Protocol::kDeep);
  Event('R');
  handler_.On(TradingStatus{'T', kStartNs, symbol_});
  handler_.On(OperationalHalt{'O', kStartNs, symbol_});
  Level(Side::kBuy, 990, 5);
  Level(Side::kSell, 1000, 6);
  Level(Side::kSell, 1001, 6, /*complete=*/false);
  Deal(1000, 10);
  const int64_t restart_ns = kStartNs + 600 * kSecond;
  Start(Protocol::kDeep, kSession + 1, restart_ns);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value(FieldId::kQuoteTime), restart_ns);
  EXPECT_EQ(handler_.Levels("ZIEXT", Side::kSell)->size(), 0u);
  EXPECT_EQ(Trading(), "unknown");
  // The day goes on.
  EXPECT_EQ(Value(FieldId::kVolume), 10);
  EXPECT_EQ(Value(FieldId::kPrevClose), kEmpty);
  Level(Side::kBuy, 980, 1);
  EXPECT_EQ(Value(FieldId::kBid), 980);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
}

TEST_F(IexHandlerTest, ASessionOfAnotherDateBeginsADay) {
  Start(Protocol::kTops);
  Quote(1, 990, 1000, 2);
  Deal(1000, 10);
  Start(Protocol::kTops, kSession + 65'536, kStartNs + kDayNs);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kAskSize), kEmpty);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kStartNs + kDayNs);
  EXPECT_EQ(Value(FieldId::kLast), 1000);
  EXPECT_EQ(Value(FieldId::kPrevClose), 1000);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value(FieldId::kOpen), kEmpty);
}

TEST_F(IexHandlerTest, ASessionRollLeavesTheQuotes) {
  Start(Protocol::kTops);
  Quote(1, 990, 1000, 2);
  Deal(1000, 10);
  handler_.RollDay(kStartNs + 30);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(Value(FieldId::kPrevClose), 1000);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  Deal(1010, 10);
  EXPECT_EQ(Value(FieldId::kChange), 10);
}

// The one price that means "empty" everywhere else.
TEST_F(IexHandlerTest, RefusesThePriceThatIsNone) {
  constexpr int64_t kNone = std::numeric_limits<int64_t>::min();
  Start(Protocol::kDeep);
  Level(Side::kBuy, kNone, 5);
  Deal(kNone, 10);
  EXPECT_EQ(handler_.Levels("ZIEXT", Side::kBuy)->size(), 0u);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_TRUE(TapeOf(market_.market, "ZIEXT").empty());
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 2);
  Start(Protocol::kTops);
  Quote(1, kNone, 1000, 2);
  Quote(1, 990, kNone, 2);
  EXPECT_EQ(Value(FieldId::kBidSize), kEmpty);
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 4);
}

TEST_F(IexHandlerTest, IgnoresWhatIsOfTheOtherProtocol) {
  Start(Protocol::kDeep);
  Level(Side::kBuy, 990, 5);
  Quote(1, 1, 2, 2);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  Start(Protocol::kTops);
  Level(Side::kBuy, 995, 5);
  EXPECT_EQ(Value(FieldId::kBid), 990);
  EXPECT_EQ(handler_.ignored(), (IexHandler::Ignored{0, 2}));
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesIgnored), 2);
}

TEST_F(IexHandlerTest, GoesOnWithoutSymbolsThatAreRefused) {
  Start(Protocol::kDeep);
  const Symbol bad = MakeSymbol("A,B");
  handler_.On(PriceLevel{Side::kBuy, kEventComplete, 1, bad, 1, 1});
  handler_.On(Trade{0, 1, bad, 1, 1, 1});
  handler_.On(TradeBreak{0, 1, bad, 1, 1, 1});
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  EXPECT_EQ(market_.counters.Get(Metric::kSymbolsRefused), 1);
  EXPECT_EQ(handler_.securities(), 1u);
  EXPECT_EQ(handler_.Levels("A,B", Side::kBuy)->size(), 1u);
  EXPECT_EQ(handler_.Levels("C", Side::kBuy), nullptr);
}

}  // namespace
}  // namespace streamhub::iex
