#include "feeds/tape.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feeds/publisher.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

constexpr int64_t kEventNs = 1'700'000'000'123'456'789;

class TapeTest : public testing::Test {
 protected:
  TapeTest() : test_(/*symbols_max=*/4) {}

  Publisher MakePublisher(uint32_t keeps) {
    return Publisher(test_.market, test_.feed, test_.counters, test_.clock,
                     keeps);
  }
  SymbolId Define(Publisher& publisher, std::string code, int decimals = 2,
                  int quantity_decimals = 0) {
    SymbolInfo info;
    info.code = std::move(code);
    info.price_decimals = decimals;
    info.quantity_decimals = quantity_decimals;
    info.layout = &QuoteLayout();
    const auto id = publisher.Define(std::move(info));
    EXPECT_TRUE(id.ok());
    return id.value_or(0);
  }

  TestMarket test_;
};

using Texts = std::vector<std::string>;

TEST_F(TapeTest, TellsWhatTheFeedKnows) {
  Publisher publisher = MakePublisher(10);
  const SymbolId id = Define(publisher, "EUR/USD", 5, 2);
  publisher.BeginBatch();
  publisher.Report(id, {.price = 110'005, .size = 12'345}, kEventNs);
  publisher.Report(id,
                   {.price = -1,
                    .size = 0,
                    .taker = Taker::kBuyer,
                    .id = "a\"1",
                    .cross = "opening"},
                   kEventNs);
  publisher.Report(id, {.price = 7, .taker = Taker::kSeller}, 0);
  publisher.Report(id, {.id = "4711", .cancelled = true}, kEventNs);
  publisher.EndBatch();
  EXPECT_EQ(TapeOf(test_.market, "EUR/USD"),
            (Texts{
                R"({"price":1.10005,"size":123.45,"time":1700000000123456})",
                R"({"price":-0.00001,"size":0.00,"time":1700000000123456,)"
                R"("side":"buy","id":"a\"1","cross":"opening"})",
                R"({"price":0.00007,"side":"sell"})",
                R"({"time":1700000000123456,"cancelled":"4711"})",
            }));
  EXPECT_EQ(test_.counters.Get(Metric::kTrades), 4);
  EXPECT_EQ(test_.counters.Get(Metric::kTopics), 1);
}

TEST_F(TapeTest, BeginsWithTheFirstTradeAndOutlivesTheEpoch) {
  Publisher publisher = MakePublisher(2);
  const SymbolId id = Define(publisher, "A");
  EXPECT_FALSE(test_.market.symbols().Find("tape/A").has_value());
  publisher.BeginBatch();
  for (int i = 1; i <= 3; ++i) publisher.Report(id, {.price = i}, 0);
  publisher.EndBatch();
  publisher.StartEpoch();
  EXPECT_EQ(TapeOf(test_.market, "A"),
            (Texts{R"({"price":0.02})", R"({"price":0.03})"}));
  const auto topic = test_.market.symbols().Find("tape/A");
  ASSERT_TRUE(topic.has_value());
  EXPECT_EQ(test_.market.symbols().Get(*topic).feed, test_.feed);
  EXPECT_EQ(test_.market.topic(*topic)->keeps(), 2u);
}

TEST_F(TapeTest, WithoutTapesThereAreNoTopics) {
  Publisher publisher = MakePublisher(0);
  const SymbolId id = Define(publisher, "A");
  publisher.BeginBatch();
  publisher.Report(id, {.price = 1}, 0);
  publisher.EndBatch();
  EXPECT_EQ(test_.market.symbols().size(), 1u);
  EXPECT_EQ(test_.counters.Get(Metric::kTrades), 0);
}

// Each once, however often they trade; the trades go nowhere.
TEST_F(TapeTest, CountsTheSymbolsThatCannotHaveOne) {
  Publisher publisher = MakePublisher(10);
  const SymbolId lengthy = Define(publisher, std::string(60, 'x'));
  const SymbolId taken = Define(publisher, "A");
  Define(publisher, "tape/A");
  const SymbolId late = Define(publisher, "B");
  SymbolId other = 0;
  for (const char* topic : {"t1", "t2", "t3", "t4"}) {
    test_.market.DefineTopic(topic, kNoFeed, 1, 1, &other);  // all that fit
  }
  publisher.BeginBatch();
  for (int i = 0; i < 3; ++i) {
    for (const SymbolId id : {lengthy, taken, late}) {
      publisher.Report(id, {.price = 1}, 0);
    }
  }
  publisher.EndBatch();
  EXPECT_EQ(test_.counters.Get(Metric::kSymbolsRefused), 2);
  EXPECT_EQ(test_.counters.Get(Metric::kForeignWrites), 1);
  EXPECT_EQ(test_.counters.Get(Metric::kTrades), 0);
  EXPECT_EQ(test_.counters.Get(Metric::kTopics), 0);
}

}  // namespace
}  // namespace streamhub
