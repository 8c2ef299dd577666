#include "feeds/csv/lobster.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "feeds/csv/lobster_handler.h"
#include "gateway/base/clock.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub::csv {
namespace {

std::string Fault(std::string_view line) {
  LobsterMessage message;
  const char* const fault = ParseLobsterMessage(line, &message);
  return fault == nullptr ? "" : fault;
}

TEST(LobsterTest, AMessageIsSixNumbers) {
  LobsterMessage m;
  ASSERT_EQ(ParseLobsterMessage("34200.004241176,1,16113575,18,5853300,-1", &m),
            nullptr);
  EXPECT_EQ(m.since_midnight_ns, 34'200'004'241'176);
  EXPECT_EQ(m.type, LobsterType::kNew);
  EXPECT_EQ(m.order, 16'113'575);
  EXPECT_EQ(m.shares, 18);
  EXPECT_EQ(m.price, 5'853'300);
  EXPECT_FALSE(m.buy);
  ASSERT_EQ(ParseLobsterMessage("57600,4,1,2,3, 1", &m), nullptr);
  EXPECT_TRUE(m.buy);
  ASSERT_EQ(ParseLobsterMessage("40000.5,7,0,0,-1,-1", &m), nullptr);
  EXPECT_EQ(m.price, -1);
}

TEST(LobsterTest, SaysWhatIsWrongWithAMessage) {
  EXPECT_EQ(Fault("x,1,1,1,1,1"),
            "its first column is no time, in seconds since midnight");
  EXPECT_EQ(Fault("90000,1,1,1,1,1"),
            "its first column is no time, in seconds since midnight");
  EXPECT_EQ(Fault("1.0000000001,1,1,1,1,1"),
            "its first column is no time, in seconds since midnight");
  EXPECT_EQ(Fault("1,8,1,1,1,1"), "its second column is no type, from 1 to 7");
  EXPECT_EQ(Fault("1,1,,1,1,1"), "its third column is no order's number");
  EXPECT_EQ(Fault("1,1,1,-1,1,1"), "its fourth column is no number of shares");
  EXPECT_EQ(Fault("1,1,1,1,1.5,1"), "its fifth column is no price");
  EXPECT_EQ(Fault("1,1,1,1,1,0"), "its sixth column is neither 1 nor -1");
  EXPECT_EQ(Fault("1,1,1,1,1"), "its sixth column is neither 1 nor -1");
  EXPECT_EQ(Fault("1,1,1,1,1,1,1"), "has more than six columns");
  EXPECT_NE(Fault(""), "");
}

TEST(LobsterTest, ABookHasFourNumbersALevel) {
  LobsterBook book;
  ASSERT_EQ(ParseLobsterBook("101,1,100,2,9999999999,0,99,3", &book), nullptr);
  EXPECT_EQ(book.levels, 2u);
  EXPECT_EQ(book.asks[0], (TopLevel{101, 1}));
  EXPECT_EQ(book.bids[0], (TopLevel{100, 2}));
  EXPECT_EQ(book.asks[1], TopLevel());
  EXPECT_EQ(book.bids[1], (TopLevel{99, 3}));
  EXPECT_EQ(book.bids[2], TopLevel());
  ASSERT_EQ(ParseLobsterBook("9999999999,0,-9999999999,0", &book), nullptr);
  EXPECT_EQ(book.asks[0], TopLevel());
  EXPECT_EQ(book.bids[0], TopLevel());
  for (const char* const wrong :
       {"", "1", "1,2,3", "1,2,3,4,5", "1,2,3,-4", "1,2,3,x", "1,2,3,4,"}) {
    EXPECT_NE(ParseLobsterBook(wrong, &book), nullptr) << wrong;
  }
}

TEST(LobsterTest, OfADeepBookTenLevelsAreKept) {
  std::string line;
  for (int i = 0; i < 50; ++i) {
    line += (i == 0 ? "" : ",") + std::to_string(1000 + i) + ",1," +
            std::to_string(999 - i) + ",2";
  }
  LobsterBook book;
  ASSERT_EQ(ParseLobsterBook(line, &book), nullptr);
  EXPECT_EQ(book.levels, 50u);
  EXPECT_EQ(book.asks[9], (TopLevel{1009, 1}));
  EXPECT_NE(ParseLobsterBook(line + ",1", &book), nullptr);
}

class LobsterHandlerTest : public testing::Test {
 protected:
  bool Give(std::string_view message, std::string_view book) {
    LobsterMessage m;
    LobsterBook b;
    EXPECT_EQ(ParseLobsterMessage(message, &m), nullptr);
    EXPECT_EQ(ParseLobsterBook(book, &b), nullptr);
    market_.publisher.BeginBatch();
    const bool fits =
        handler_.On(handler_.Use("AAPL"), m.since_midnight_ns, m, b);
    market_.publisher.EndBatch();
    return fits;
  }
  int64_t Value(FieldId field) { return market_.Value(0, field); }
  int64_t Trading() { return Value(FieldId::kTrading); }

  static constexpr char kBook[] = "5859400,200,5853300,18";

  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  LobsterHandler handler_{market_.publisher};
};

TEST_F(LobsterHandlerTest, TheRowBesideTheMessageIsTheBook) {
  EXPECT_TRUE(Give("34200.1,1,5,18,5853300,1",
                   "5859400,200,5853300,18,5859800,7,5853000,150"));
  const SymbolInfo& info = market_.market.symbols().Get(0);
  EXPECT_EQ(info.code, "AAPL");
  EXPECT_EQ(info.price_decimals, 4);
  EXPECT_EQ(info.quantity_decimals, 0);
  EXPECT_EQ(Value(FieldId::kAsk), 5'859'400);
  EXPECT_EQ(Value(FieldId::kAskSize), 200);
  EXPECT_EQ(Value(FieldId::kBid), 5'853'300);
  EXPECT_EQ(Value(FieldId::kBid2), 5'853'000);
  EXPECT_EQ(Value(FieldId::kBid2Size), 150);
  EXPECT_EQ(Value(FieldId::kAsk2), 5'859'800);
  EXPECT_EQ(Value(FieldId::kBid3), kEmpty);
  EXPECT_EQ(Value(FieldId::kQuoteTime), 34'200 * kSecond + kSecond / 10);
  EXPECT_EQ(Value(FieldId::kLast), kEmpty);
  EXPECT_EQ(Trading(), PackText("unknown"));
  // A level that has gone is empty, and an old time stays where nothing moved.
  EXPECT_TRUE(Give("34201,3,5,18,5853000,1", kBook));
  EXPECT_EQ(Value(FieldId::kBid2), kEmpty);
  EXPECT_TRUE(Give("34202,1,5,18,1,1", kBook));
  EXPECT_EQ(Value(FieldId::kQuoteTime), 34'201 * kSecond);
}

TEST_F(LobsterHandlerTest, ExecutionsAreTrades) {
  Give("1,4,5,30,5859400,-1", kBook);
  Give("2,4,5,20,5853300,1", kBook);
  Give("3,5,0,100,5856400,1", kBook);
  EXPECT_EQ(Value(FieldId::kLast), 5'856'400);
  EXPECT_EQ(Value(FieldId::kLastSize), 100);
  EXPECT_EQ(Value(FieldId::kTradeTime), 3 * kSecond);
  EXPECT_EQ(Value(FieldId::kVolume), 150);
  EXPECT_EQ(Value(FieldId::kOpen), 5'859'400);
  EXPECT_EQ(Value(FieldId::kLow), 5'853'300);
  // A cross adds to the volume alone.
  Give("4,6,-1,1000,5800000,-1", kBook);
  EXPECT_EQ(Value(FieldId::kLast), 5'856'400);
  EXPECT_EQ(Value(FieldId::kVolume), 1'150);
  // Neither a new order nor a cancel is one.
  Give("5,1,5,30,5859400,-1", kBook);
  Give("5,2,5,30,5859400,-1", kBook);
  Give("5,3,5,30,5859400,-1", kBook);
  EXPECT_EQ(TapeOf(market_.market, "AAPL"),
            (std::vector<std::string>{
                R"({"price":585.9400,"size":30,"time":1000000,"side":"buy"})",
                R"({"price":585.3300,"size":20,"time":2000000,"side":"sell"})",
                R"({"price":585.6400,"size":100,"time":3000000})",
                R"({"price":580.0000,"size":1000,"time":4000000,)"
                R"("cross":"other"})"}));
}

TEST_F(LobsterHandlerTest, HaltsAreShown) {
  Give("1,7,0,0,-1,-1", kBook);
  EXPECT_EQ(Trading(), PackText("halted"));
  Give("2,7,0,0,0,-1", kBook);
  EXPECT_EQ(Trading(), PackText("auction"));
  Give("3,7,0,0,1,-1", kBook);
  EXPECT_EQ(Trading(), PackText("open"));
}

TEST_F(LobsterHandlerTest, AVolumeThatDoesNotFitIsRefused) {
  EXPECT_TRUE(Give("1,5,0,9223372036854775807,1,1", kBook));
  EXPECT_FALSE(Give("2,5,0,1,2,1", kBook));
  EXPECT_FALSE(Give("2,6,0,1,2,1", kBook));
  EXPECT_EQ(Value(FieldId::kLast), 1);
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 2);
}

TEST_F(LobsterHandlerTest, ADayRolls) {
  Give("1,5,0,7,100,1", kBook);
  market_.publisher.BeginBatch();
  handler_.RollDay(9);
  market_.publisher.EndBatch();
  EXPECT_EQ(Value(FieldId::kPrevClose), 100);
  EXPECT_EQ(Value(FieldId::kVolume), kEmpty);
}

}  // namespace
}  // namespace streamhub::csv
