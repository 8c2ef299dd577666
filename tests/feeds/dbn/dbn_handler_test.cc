#include "feeds/dbn/dbn_handler.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "feeds/dbn/decoder.h"
#include "tests/feeds/dbn/sample.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::dbn {
namespace {

constexpr auto kDayNs = static_cast<int64_t>(kSampleDayNs);
constexpr int64_t kDay = 86'400 * kSecond;

class DbnHandlerTest : public testing::Test {
 protected:
  DbnHandlerTest() { handler_.Use(handler_.Open(SampleMetadata(3))); }

  static Head At(int64_t after_ns, uint32_t instrument = 1) {
    return {0, 1, instrument, kSampleDayNs + static_cast<uint64_t>(after_ns)};
  }

  // A record of ALPHA, and the last of its event unless said otherwise.
  void Order(char action, char side, uint64_t id, int64_t price, uint32_t size,
             uint8_t flags = kLastOfEvent, uint32_t instrument = 1) {
    ++now_;
    handler_.On(Mbo{At(now_, instrument), id, price, size, flags, 0, action,
                    side, kSampleDayNs + static_cast<uint64_t>(now_) + 500});
  }
  static Trade Change(char action, char side, int64_t price, uint32_t size,
                      uint8_t flags = kLastOfEvent) {
    return {At(1), price, size, action, side, flags, 0, kSampleDayNs + 501};
  }
  static BidAsk Best(int64_t bid, int64_t ask) {
    return {bid, ask, 3, 4, 1, 2};
  }

  SymbolId Id(std::string_view code = "ALPHA") {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.value_or(0);
  }
  int64_t Value(FieldId field) { return market_.Value(Id(), field); }
  std::string Trading() {
    char storage[8];
    return std::string(UnpackText(Value(FieldId::kTrading), storage));
  }
  int64_t Rejected() { return market_.counters.Get(Metric::kTicksRejected); }

  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  DbnHandler handler_{market_.publisher};
  int64_t now_ = 0;
};

// A symbol is not refused for what only describes it.
TEST_F(DbnHandlerTest, ACurrencyThatIsNoTextIsLeftOut) {
  Definition definition;
  definition.head = At(1);
  definition.ts_recv = kSampleDayNs + 2;
  definition.currency = "U\xFF";
  definition.high_limit_price = 120 * kOne;
  handler_.On(definition);
  EXPECT_EQ(market_.market.symbols().Get(Id()).currency, "");
  EXPECT_NE(Value(FieldId::kLimitUp), kEmpty);
  EXPECT_EQ(market_.counters.Get(Metric::kSymbolsRefused), 0);
}

TEST_F(DbnHandlerTest, DescribesTheInstrument) {
  Definition definition;
  definition.head = At(1);
  definition.ts_recv = kSampleDayNs + 2;
  definition.min_price_increment = kOne / 4;
  definition.currency = "USD";
  definition.high_limit_price = 120 * kOne;
  handler_.On(definition);
  const SymbolInfo& info = market_.market.symbols().Get(Id());
  EXPECT_EQ(info.code, "ALPHA");
  EXPECT_EQ(info.currency, "USD");
  EXPECT_EQ(info.price_decimals, 2);
  EXPECT_EQ(info.quantity_decimals, 0);
  EXPECT_EQ(info.pip, 25);
  EXPECT_EQ(Value(FieldId::kLimitUp), 12'000);
  EXPECT_EQ(Value(FieldId::kLimitDown), kEmpty);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
}

TEST_F(DbnHandlerTest, PublishesTheTopTenLevels) {
  for (uint32_t i = 0; i < 12; ++i) {
    Order('A', 'A', i, (100 + i) * kOne, 10 + i);
  }
  Order('A', 'B', 50, 99 * kOne, 5);
  Order('A', 'B', 51, 99 * kOne, 6);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 11);
  EXPECT_EQ(Value(FieldId::kBidCount), 2);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), 1'000'000);
  EXPECT_EQ(Value(FieldId::kAskCount), 1);
  EXPECT_EQ(Value(FieldId::kAsk10), 1'090'000);
  EXPECT_EQ(Value(FieldId::kAsk10Size), 19);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kDayNs + now_);
  Order('C', 'A', 0, 100 * kOne, 10);
  EXPECT_EQ(Value(FieldId::kAsk), 1'010'000);
  EXPECT_EQ(Value(FieldId::kAsk10), 1'100'000);
  const int64_t moved_ns = kDayNs + now_;
  // Below the tenth level: a tick, but no quote.
  Order('C', 'A', 11, 111 * kOne, 11);
  EXPECT_EQ(Value(FieldId::kQuoteTime), moved_ns);
  EXPECT_EQ(market_.Read(Id()).event_ns, kDayNs + now_);
}

TEST_F(DbnHandlerTest, ABookIsPublishedWhenItsEventIsOver) {
  Order('A', 'B', 1, 99 * kOne, 5, 0);
  Order('A', 'A', 2, 98 * kOne, 5, 0);  // crossed, for now
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(market_.counters.Get(Metric::kTicks), 0);
  Order('C', 'A', 2, 98 * kOne, 5);
  EXPECT_EQ(market_.counters.Get(Metric::kTicks), 1);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
}

TEST_F(DbnHandlerTest, ASnapshotEndsWithTheNextEvent) {
  handler_.On(
      Mbo{At(-kDay), 1, 99 * kOne, 5, kSnapshot, 0, 'A', 'B', kSampleDayNs});
  handler_.On(
      Mbo{At(-kDay), 2, 100 * kOne, 6, kSnapshot, 0, 'A', 'A', kSampleDayNs});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  // The event goes on, the snapshot does not.
  Order('A', 'B', 3, 99 * kOne + kOne / 2, 1, 0);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kAskSize), 6);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kDayNs);
  Order('N', 'N', 0, kUndefined, 0);
  EXPECT_EQ(Value(FieldId::kBid), 995'000);
  // One that says itself that it ends: its time is when it was captured.
  Order('R', 'N', 0, kUndefined, 0, kSnapshot);
  handler_.On(Mbo{At(-kDay), 4, 90 * kOne, 5,
                  static_cast<uint8_t>(kSnapshot | kLastOfEvent), 0, 'A', 'B',
                  kSampleDayNs + 900});
  EXPECT_EQ(Value(FieldId::kBid), 900'000);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kDayNs + 900);
  EXPECT_EQ(handler_.FindBook("ALPHA")->orders(), 1u);
}

TEST_F(DbnHandlerTest, OrdersAreModifiedInPlace) {
  Order('A', 'B', 1, 99 * kOne, 5);
  Order('M', 'B', 1, 98 * kOne, 7);
  EXPECT_EQ(Value(FieldId::kBid), 980'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 7);
  Order('M', 'N', 1, 97 * kOne, 7);  // known, so its side is
  EXPECT_EQ(Value(FieldId::kBid), 970'000);
  Order('M', 'A', 2, 101 * kOne, 3);  // unknown: added
  EXPECT_EQ(Value(FieldId::kAsk), 1'010'000);
  Order('C', 'B', 1, 97 * kOne, 3);
  EXPECT_EQ(Value(FieldId::kBidSize), 4);
  Order('A', 'B', 9, 96 * kOne, 2, kLastOfEvent | kTopOfBook);
  EXPECT_EQ(Value(FieldId::kBid), 960'000);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  Order('A', 'B', 0, kUndefined, 0, kLastOfEvent | kTopOfBook);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), 1'010'000);
  Order('R', 'N', 0, kUndefined, 0);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value(FieldId::kAskCount), kEmpty);
  EXPECT_EQ(handler_.ignored(), Ignored{});
}

TEST_F(DbnHandlerTest, OnlyTradesCountAndTheyMoveNoBook) {
  Order('A', 'B', 1, 99 * kOne, 10);
  Order('T', 'A', 0, 99 * kOne, 4, 0);
  EXPECT_EQ(Value(FieldId::kLast), 990'000);
  EXPECT_EQ(Value(FieldId::kLastSize), 4);
  EXPECT_EQ(Value(FieldId::kTradeTime), kDayNs + now_);
  EXPECT_EQ(Value(FieldId::kVolume), 4);
  Order('F', 'B', 1, 99 * kOne, 4, 0);
  EXPECT_EQ(Value(FieldId::kVolume), 4);
  EXPECT_EQ(Value(FieldId::kBidSize), 10);
  Order('C', 'B', 1, 99 * kOne, 4);
  EXPECT_EQ(Value(FieldId::kBidSize), 6);
  handler_.On(Change('T', 'B', 101 * kOne, 2));
  handler_.On(Change('F', 'B', 101 * kOne, 2));
  handler_.On(Mbp1{Change('T', 'N', 98 * kOne, 1, 0), {Best(1, 2)}});
  handler_.On(Mbp10{Change('T', 'N', 100 * kOne, 1), {}});
  handler_.On(Cmbp1{Change('T', 'N', 100 * kOne, 1), Best(1, 2)});
  EXPECT_EQ(Value(FieldId::kVolume), 9);
  EXPECT_EQ(Value(FieldId::kOpen), 990'000);
  EXPECT_EQ(Value(FieldId::kHigh), 1'010'000);
  EXPECT_EQ(Value(FieldId::kLow), 980'000);
  EXPECT_EQ(Value(FieldId::kLast), 1'000'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 6);
}

TEST_F(DbnHandlerTest, TellsTheTapeWhoTook) {
  now_ = 11'000 - 1;
  Order('T', 'A', 7, 99 * kOne, 4);
  Order('F', 'B', 1, 99 * kOne, 4);
  now_ = 12'000 - 1;
  Order('T', 'B', 7, 100 * kOne, 5);
  now_ = 13'000 - 1;
  Order('T', 'N', 7, 101 * kOne, 6);
  EXPECT_EQ(TapeOf(market_.market, "ALPHA"),
            (std::vector<std::string>{
                R"({"price":99.0000,"size":4,"time":)" +
                    std::to_string(kDayNs / 1000 + 11) + R"(,"side":"sell"})",
                R"({"price":100.0000,"size":5,"time":)" +
                    std::to_string(kDayNs / 1000 + 12) + R"(,"side":"buy"})",
                R"({"price":101.0000,"size":6,"time":)" +
                    std::to_string(kDayNs / 1000 + 13) + "}",
            }));
}

TEST_F(DbnHandlerTest, LevelsAreWhatTheRecordSays) {
  Mbp10 ten{Change('A', 'B', 99 * kOne, 1), {}};
  ten.levels.fill({});
  for (int i = 0; i < 10; ++i) {
    ten.levels[static_cast<size_t>(i)] =
        Best((99 - i) * kOne, (100 + i) * kOne);
  }
  ten.change.flags = 0;
  handler_.On(ten);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);  // the event is not over
  ten.change.flags = kLastOfEvent;
  handler_.On(ten);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 3);
  EXPECT_EQ(Value(FieldId::kBidCount), 1);
  EXPECT_EQ(Value(FieldId::kAskCount), 2);
  EXPECT_EQ(Value(FieldId::kAsk10), 1'090'000);
  EXPECT_EQ(Value(FieldId::kAsk10Size), 4);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kDayNs + 1);
  ten.levels[9] = {};
  ten.change.head.ts_event += 7;
  handler_.On(ten);
  EXPECT_EQ(Value(FieldId::kAsk10), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk10Size), kEmpty);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kDayNs + 8);
  // What tells less of the book is not asked any more.
  handler_.On(Mbp1{Change('A', 'B', 98 * kOne, 1), {Best(98 * kOne, 0)}});
  handler_.On(Bbo{At(1), kOne, 1, 'B', 0, kSampleDayNs, 1, Best(1, 2)});
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  // Orders tell more.
  Order('A', 'B', 1, 50 * kOne, 5);
  EXPECT_EQ(Value(FieldId::kBid), 500'000);
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
  handler_.On(ten);
  EXPECT_EQ(Value(FieldId::kBid), 500'000);
}

TEST_F(DbnHandlerTest, TheBestOfSeveralVenuesHasNoCounts) {
  handler_.On(Mbp1{Change('A', 'B', kOne, 1), {Best(99 * kOne, 100 * kOne)}});
  EXPECT_EQ(Value(FieldId::kAskCount), 2);
  handler_.On(Cmbp1{Change('A', 'B', kOne, 1), Best(98 * kOne, 100 * kOne)});
  EXPECT_EQ(Value(FieldId::kBid), 980'000);
  EXPECT_EQ(Value(FieldId::kAskCount), kEmpty);
  handler_.On(Mbp1{Change('R', 'N', kUndefined, 0), {BidAsk{}}});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kBidSize), kEmpty);
}

TEST_F(DbnHandlerTest, AnIntervalsBestIsPublishedAtOnce) {
  const Bbo bbo{At(7), 99 * kOne,           3, 'B',
                0,     kSampleDayNs + 1000, 1, Best(99 * kOne, 100 * kOne)};
  handler_.On(bbo);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kQuoteTime), kDayNs + 1000);
  EXPECT_EQ(Value(FieldId::kLast), 990'000);
  EXPECT_EQ(Value(FieldId::kLastSize), 3);
  EXPECT_EQ(Value(FieldId::kTradeTime), kDayNs + 7);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value(FieldId::kOpen), kEmpty);
  handler_.On(Change('T', 'B', 101 * kOne, 2));
  handler_.On(bbo);
  EXPECT_EQ(Value(FieldId::kLast), 1'010'000);
}

TEST_F(DbnHandlerTest, BarsCountWhereThereIsNothingElse) {
  const Ohlcv bar{At(1), 100 * kOne, 103 * kOne, 98 * kOne, 101 * kOne, 50};
  handler_.On(bar);
  EXPECT_EQ(handler_.ignored().bars, 1);
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  for (const uint16_t schema : {5, 6, 7, 8, 13}) {
    Metadata metadata = SampleMetadata(3);
    metadata.schema = schema;
    handler_.Use(handler_.Open(metadata));
    handler_.On(bar);
  }
  EXPECT_EQ(handler_.ignored().bars, 1);
  EXPECT_EQ(Value(FieldId::kOpen), 1'000'000);
  EXPECT_EQ(Value(FieldId::kHigh), 1'030'000);
  EXPECT_EQ(Value(FieldId::kLow), 980'000);
  EXPECT_EQ(Value(FieldId::kLast), 1'010'000);
  EXPECT_EQ(Value(FieldId::kVolume), 250);
  EXPECT_EQ(Value(FieldId::kTradeTime), kEmpty);
  EXPECT_TRUE(TapeOf(market_.market, "ALPHA").empty());
  Ohlcv bad = bar;
  bad.volume = ~uint64_t{0};
  handler_.On(bad);
  bad = bar;
  bad.low = kUndefined;
  handler_.On(bad);
  EXPECT_EQ(Value(FieldId::kVolume), 250);
  EXPECT_EQ(Rejected(), 2);
}

TEST_F(DbnHandlerTest, TellsTheTradingStatus) {
  const auto status = [&](int action, char is_trading) {
    handler_.On(Status{At(1), kSampleDayNs, static_cast<StatusAction>(action),
                       0, 0, is_trading});
    return Trading();
  };
  EXPECT_EQ(status(0, 'Y'), "unknown");
  EXPECT_EQ(status(7, '~'), "open");
  for (const int halted : {8, 9, 10}) {
    EXPECT_EQ(status(halted, 'Y'), "halted");
    EXPECT_EQ(status(7, 'Y'), "open");
  }
  for (const int closed : {12, 13, 15}) {
    EXPECT_EQ(status(closed, 'Y'), "closed");
    EXPECT_EQ(status(7, 'Y'), "open");
  }
  for (const int phase : {1, 2, 3, 4, 5, 6, 11}) {
    EXPECT_EQ(status(phase, 'N'), "auction");
    EXPECT_EQ(status(phase, 'Y'), "open");
    EXPECT_EQ(status(phase, '~'), "auction");
  }
  EXPECT_EQ(status(0, 'Y'), "auction");
  EXPECT_EQ(status(14, 'Y'), "auction");
  EXPECT_EQ(handler_.ignored().actions, 0);
  EXPECT_EQ(status(16, 'Y'), "auction");
  EXPECT_EQ(handler_.ignored().actions, 1);
}

TEST_F(DbnHandlerTest, StatisticsAreFields) {
  const auto say = [&](uint16_t type, int64_t price, int64_t quantity,
                       uint8_t action = 1) {
    Statistics s;
    s.head = At(1);
    s.ts_recv = kSampleDayNs;
    s.type = type;
    s.price = price;
    s.quantity = quantity;
    s.update_action = action;
    handler_.On(s);
  };
  say(kSettlementPrice, 99 * kOne, 5);
  say(kOpenInterest, kUndefined, 1234);
  say(kVwap, 98 * kOne, kUndefined);
  say(kUpperPriceLimit, 110 * kOne, kUndefined);
  say(kLowerPriceLimit, 90 * kOne, kUndefined);
  say(kIndicativeOpeningPrice, 97 * kOne, 77);
  say(1, 1, 1);  // the opening price is the first trade's
  EXPECT_EQ(Value(FieldId::kSettlement), 990'000);
  EXPECT_EQ(Value(FieldId::kOpenInterest), 1234);
  EXPECT_EQ(Value(FieldId::kVwap), 980'000);
  EXPECT_EQ(Value(FieldId::kLimitUp), 1'100'000);
  EXPECT_EQ(Value(FieldId::kLimitDown), 900'000);
  EXPECT_EQ(Value(FieldId::kAuctionPrice), 970'000);
  EXPECT_EQ(Value(FieldId::kAuctionSize), 77);
  EXPECT_EQ(Value(FieldId::kOpen), kEmpty);
  say(kIndicativeOpeningPrice, 96 * kOne, 78, /*deleted*/ 2);
  EXPECT_EQ(Value(FieldId::kAuctionPrice), kEmpty);
  EXPECT_EQ(Value(FieldId::kAuctionSize), kEmpty);
}

// Four decimals, as nothing else is known.
TEST_F(DbnHandlerTest, NeverRoundsAPrice) {
  constexpr int64_t kFine = 99 * kOne + 1;
  Order('A', 'B', 1, 99 * kOne, 5);
  Order('A', 'B', 2, kFine, 6);
  Order('A', 'B', 3, 98 * kOne, 7);
  EXPECT_EQ(Rejected(), 1);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 5);
  EXPECT_EQ(Value(FieldId::kBid2), 980'000);
  EXPECT_EQ(Value(FieldId::kBid3), kEmpty);
  // It is in the book all the same.
  Order('M', 'B', 2, 99 * kOne, 6);
  EXPECT_EQ(Value(FieldId::kBidSize), 11);
  Order('T', 'B', 0, kFine, 6);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  EXPECT_EQ(Rejected(), 2);
  EXPECT_TRUE(TapeOf(market_.market, "ALPHA").empty());
}

TEST_F(DbnHandlerTest, ALevelThatDoesNotFitIsNotShown) {
  handler_.On(Mbp1{Change('A', 'B', kOne, 1), {Best(kOne + 1, 2 * kOne)}});
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kBidSize), kEmpty);
  EXPECT_EQ(Value(FieldId::kBidCount), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), 20'000);
  EXPECT_EQ(Rejected(), 1);
}

TEST_F(DbnHandlerTest, ASymbolThatBecomesAnotherInstrumentStartsEmpty) {
  Metadata metadata = SampleMetadata(3);
  metadata.mappings = {
      {"ALPHA", {{20240102, 20240103, "1"}, {20240103, 20240104, "5"}}}};
  handler_.Use(handler_.Open(metadata));
  Order('A', 'B', 1, 99 * kOne, 5);
  Order('A', 'A', 2, 100 * kOne, 5);
  Order('T', 'A', 0, 99 * kOne, 5);
  now_ += kDay;
  Order('A', 'B', 1, 98 * kOne, 7, 0, 5);
  EXPECT_EQ(Value(FieldId::kBid), kEmpty);
  EXPECT_EQ(Value(FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value(FieldId::kLast), 990'000);
  Order('N', 'N', 0, kUndefined, 0, kLastOfEvent, 5);
  EXPECT_EQ(Value(FieldId::kBid), 980'000);
  EXPECT_EQ(handler_.FindBook("ALPHA")->orders(), 1u);
  EXPECT_EQ(market_.market.symbols().size(), 2u);  // and its tape
}

TEST_F(DbnHandlerTest, NamesComeInBandToo) {
  handler_.On(Change('T', 'B', kOne, 1));
  Trade other = Change('T', 'B', kOne, 1);
  other.head.instrument = 3;
  handler_.On(other);
  SymbolMapping mapping;
  mapping.head.instrument = 3;
  mapping.out = "DELTA";
  handler_.On(mapping);
  handler_.On(other);
  EXPECT_EQ(market_.Value(Id("3"), FieldId::kVolume), 1);
  EXPECT_EQ(market_.Value(Id("DELTA"), FieldId::kVolume), 1);
  EXPECT_EQ(Value(FieldId::kVolume), 1);
}

TEST_F(DbnHandlerTest, ADefinitionNamesAnInstrumentThatHasNoSymbolYet) {
  Definition definition;
  definition.head = At(1, 8);
  definition.ts_recv = kSampleDayNs;
  definition.raw_symbol = "EIGHT";
  handler_.On(definition);
  EXPECT_EQ(market_.market.symbols().Find("8"), std::nullopt);
  Order('A', 'B', 1, 99 * kOne, 5, kLastOfEvent, 8);
  EXPECT_EQ(market_.Value(Id("EIGHT"), FieldId::kBid), 990'000);
  // This one has a symbol, its digits, and keeps it.
  Order('A', 'B', 1, 99 * kOne, 5, kLastOfEvent, 9);
  definition.head.instrument = 9;
  definition.raw_symbol = "NINE";
  handler_.On(definition);
  Order('A', 'B', 2, 98 * kOne, 5, kLastOfEvent, 9);
  EXPECT_EQ(market_.Value(Id("9"), FieldId::kBid2), 980'000);
  EXPECT_EQ(handler_.FindBook("NINE"), nullptr);
}

TEST_F(DbnHandlerTest, TheSameNumberElsewhereIsAnotherInstrument) {
  Metadata elsewhere = SampleMetadata(3);
  elsewhere.dataset = "OTHER";
  elsewhere.mappings = {{"OMEGA", {{20240102, 20240103, "1"}}}};
  const auto first = handler_.Open(SampleMetadata(3));
  const auto second = handler_.Open(elsewhere);
  handler_.Use(second);
  handler_.On(Change('T', 'B', kOne, 1));
  handler_.Use(first);
  handler_.On(Change('T', 'B', kOne, 2));
  handler_.Use(second);
  handler_.On(Change('T', 'B', kOne, 4));
  EXPECT_EQ(Value(FieldId::kVolume), 2);
  EXPECT_EQ(market_.Value(Id("OMEGA"), FieldId::kVolume), 5);
}

TEST_F(DbnHandlerTest, ASessionRollLeavesTheBooks) {
  Order('A', 'B', 1, 99 * kOne, 5);
  Order('T', 'A', 0, 99 * kOne, 5);
  handler_.RollDay(kDayNs + 30);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kLast), 990'000);
  EXPECT_EQ(Value(FieldId::kPrevClose), 990'000);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
  Order('T', 'A', 0, 100 * kOne, 6);
  EXPECT_EQ(Value(FieldId::kChange), 10'000);
  EXPECT_EQ(Value(FieldId::kVolume), 6);
}

TEST_F(DbnHandlerTest, CountsWhatItIgnores) {
  Order('A', 'B', 1, 99 * kOne, 5);
  Order('A', 'B', 1, 98 * kOne, 5);
  Order('A', 'N', 2, 98 * kOne, 5);
  Order('A', 'B', 3, 98 * kOne, 0);
  Order('A', 'B', 4, kUndefined, 5);
  Order('C', 'B', 5, 98 * kOne, 5);
  Order('M', 'N', 6, 98 * kOne, 5);
  Order('M', 'B', 6, 98 * kOne, 0);
  Order('x', 'B', 7, 98 * kOne, 5);
  handler_.On(ErrorMessage{At(1), "no"});
  handler_.On(SystemMessage{At(1), "Heartbeat"});
  EXPECT_EQ(handler_.ignored(), (Ignored{4, 1, 2, 1, 0, 1, 0}));
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesIgnored), 9);
  EXPECT_EQ(Value(FieldId::kBid), 990'000);
  EXPECT_EQ(Value(FieldId::kBidSize), 5);
}

TEST_F(DbnHandlerTest, GoesOnWithoutSymbolsThatAreRefused) {
  SymbolMapping mapping;
  mapping.head.instrument = 1;
  mapping.out = "A,B";
  handler_.On(mapping);
  Order('A', 'B', 1, 99 * kOne, 5);
  Order('T', 'B', 1, 99 * kOne, 5);
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  EXPECT_EQ(market_.counters.Get(Metric::kSymbolsRefused), 1);
  EXPECT_EQ(handler_.FindBook("A,B")->orders(), 1u);
  EXPECT_EQ(handler_.FindBook("ALPHA"), nullptr);
}

// A second run over the same market: symbols keep their decimals.
TEST_F(DbnHandlerTest, ASecondRunGoesByTheDecimalsThatAreThere) {
  Order('T', 'B', 1, 99 * kOne, 5);
  DbnHandler second(market_.publisher);
  second.Use(second.Open(SampleMetadata(3)));
  second.On(Change('T', 'B', 99 * kOne + 1, 1));
  EXPECT_EQ(Rejected(), 1);
  second.On(Change('T', 'B', 98 * kOne, 1));
  EXPECT_EQ(Value(FieldId::kLast), 980'000);
}

}  // namespace
}  // namespace streamhub::dbn
