#include "feeds/ticklog/ticklog_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/test_market.h"

namespace streamhub::ticklog {
namespace {

constexpr uint32_t kTape = 10;

class TickLogHandlerTest : public testing::Test {
 protected:
  TickLogHandlerTest() {
    test_.publisher.SetStatus(FeedStatus::kLive);
    log_ = handler_.Open();
  }

  SymbolId Define(TickLogHandler::LogId log, uint32_t number, std::string code,
                  const Layout& layout = QuoteLayout(),
                  int price_decimals = 2) {
    SymbolInfo info;
    info.code = code;
    info.price_decimals = price_decimals;
    info.layout = &layout;
    TickRecord record;
    record.kind = TickRecord::Kind::kSymbol;
    record.number = number;
    record.info = &info;
    handler_.Apply(log, record);
    return test_.market.symbols().Find(code).value_or(~SymbolId{0});
  }

  void Values(TickRecord::Kind kind, TickLogHandler::LogId log, uint32_t number,
              std::initializer_list<FieldValue> values, int64_t event_ns) {
    TickRecord record;
    record.kind = kind;
    record.number = number;
    record.time_ns = event_ns + 5;
    record.event_ns = event_ns;
    record.values = {values.begin(), values.size()};
    test_.publisher.BeginBatch();
    handler_.Apply(log, record);
    test_.publisher.EndBatch();
  }

  void Tick(uint32_t number, std::initializer_list<FieldValue> values,
            int64_t event_ns = 1) {
    Values(TickRecord::Kind::kTick, log_, number, values, event_ns);
  }

  void Refresh(uint32_t number, std::initializer_list<FieldValue> values,
               int64_t event_ns = 1) {
    Values(TickRecord::Kind::kRefresh, log_, number, values, event_ns);
  }

  void Status(std::string_view feed, FeedStatus status) {
    TickRecord record;
    record.kind = TickRecord::Kind::kStatus;
    record.feed = feed;
    record.status = status;
    handler_.Apply(log_, record);
  }

  void Epoch(TickLogHandler::LogId log, uint64_t epoch) {
    TickRecord record;
    record.kind = TickRecord::Kind::kEpoch;
    record.epoch = epoch;
    handler_.Apply(log, record);
  }

  FeedStatus Shown() const {
    return test_.market.feeds().StatusAt(test_.feed, test_.clock.MonoNs());
  }

  TestMarket test_{1000, TestMarket::Info(), kTape};
  TickLogHandler handler_{test_.publisher};
  TickLogHandler::LogId log_ = 0;
};

TEST_F(TickLogHandlerTest, PublishesTicksWithTheirOwnTime) {
  const SymbolId id = Define(log_, 7, "A");
  Tick(7, {{FieldId::kBid, 100}, {FieldId::kAsk, kEmpty}}, 42);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), 100);
  EXPECT_EQ(test_.Value(id, FieldId::kAsk), kEmpty);
  EXPECT_EQ(test_.Read(id).event_ns, 42);
  EXPECT_EQ(test_.counters.Get(Metric::kTicks), 1);
}

TEST_F(TickLogHandlerTest, LogsHaveNumbersOfTheirOwn) {
  const TickLogHandler::LogId other = handler_.Open();
  const SymbolId a = Define(log_, 0, "A");
  const SymbolId b = Define(other, 0, "B");
  EXPECT_EQ(Define(other, 1, "A"), a);
  Tick(0, {{FieldId::kBid, 1}});
  Values(TickRecord::Kind::kTick, other, 0, {{FieldId::kBid, 2}}, 1);
  EXPECT_EQ(test_.Value(a, FieldId::kBid), 1);
  EXPECT_EQ(test_.Value(b, FieldId::kBid), 2);
  // Of nobody: left out.
  Values(TickRecord::Kind::kTick, log_, 1, {{FieldId::kBid, 3}}, 1);
  EXPECT_EQ(test_.Value(a, FieldId::kBid), 1);
}

TEST_F(TickLogHandlerTest, ALayoutOutlivesWhoReadIt) {
  const FieldId fields[] = {FieldId::kVwap, FieldId::kTrading};
  SymbolId id = 0;
  {
    const Layout gone(fields);
    id = Define(log_, 0, "A", gone);
  }
  Tick(0, {{FieldId::kVwap, 3}});
  EXPECT_EQ(test_.market.symbols().Get(id).layout->size(), 2);
  EXPECT_EQ(test_.Value(id, FieldId::kVwap), 3);
}

TEST_F(TickLogHandlerTest, TradesComeOnTheTape) {
  Define(log_, 0, "A");
  TickRecord record;
  record.kind = TickRecord::Kind::kTrade;
  record.event_ns = 3000;
  record.trade.price = 12345;
  record.trade.id = "x1";
  test_.publisher.BeginBatch();
  handler_.Apply(log_, record);
  test_.publisher.EndBatch();
  EXPECT_EQ(test_.counters.Get(Metric::kTrades), 1);
  EXPECT_TRUE(test_.market.symbols().Find("tape/A").has_value());
  EXPECT_EQ(test_.counters.Get(Metric::kTicks), 0);
}

TEST_F(TickLogHandlerTest, AStateThatIsThereIsNoTick) {
  const SymbolId id = Define(log_, 0, "A");
  Tick(0, {{FieldId::kBid, 100}, {FieldId::kAsk, 101}}, 42);
  Refresh(0, {{FieldId::kBid, 100},
              {FieldId::kAsk, 101},
              {FieldId::kTrading, PackText("unknown")}});
  EXPECT_EQ(test_.Read(id).event_ns, 42);
  EXPECT_EQ(test_.counters.Get(Metric::kTicks), 1);
  const uint64_t ticks = test_.Read(id).ticks;
  const uint64_t version = test_.Read(id).version;
  // One field is other than it was, one is no more.
  Refresh(0, {{FieldId::kBid, 102}}, 50);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), 102);
  EXPECT_EQ(test_.Value(id, FieldId::kAsk), kEmpty);
  EXPECT_EQ(test_.Value(id, FieldId::kTrading), PackText("unknown"));
  EXPECT_EQ(test_.Read(id).ticks, ticks + 1);
  EXPECT_EQ(test_.Read(id).version, version + 1);
  EXPECT_EQ(test_.Read(id).event_ns, 50);
}

TEST_F(TickLogHandlerTest, OtherDecimalsAreRejectedAndCounted) {
  const SymbolId id = Define(log_, 0, "A");
  Tick(0, {{FieldId::kBid, 100}});
  const TickLogHandler::LogId other = handler_.Open();
  Define(other, 0, "A", QuoteLayout(), 4);
  Values(TickRecord::Kind::kTick, other, 0, {{FieldId::kBid, 10000}}, 1);
  Values(TickRecord::Kind::kRefresh, other, 0, {{FieldId::kBid, 10000}}, 1);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), 100);
  EXPECT_EQ(test_.counters.Get(Metric::kTicksRejected), 2);
}

TEST_F(TickLogHandlerTest, AnEpochIsNewWhereItChanges) {
  const SymbolId id = Define(log_, 0, "A");
  const uint64_t market = test_.market.epoch();
  Epoch(log_, 17);  // of the log's begin: the market's is as good
  Tick(0, {{FieldId::kBid, 100}});
  EXPECT_EQ(test_.market.epoch(), market);
  Epoch(log_, 17);
  EXPECT_EQ(test_.market.epoch(), market);
  // The next file of the rotation.
  handler_.Close(log_);
  log_ = handler_.Open();
  Define(log_, 0, "A");
  Epoch(log_, 17);
  EXPECT_EQ(test_.market.epoch(), market);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), 100);
  Epoch(log_, 18);
  const uint64_t second = test_.market.epoch();
  EXPECT_NE(second, market);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), kEmpty);
  Tick(0, {{FieldId::kBid, 100}});
  // A log of another run, after the end of this one.
  handler_.Close(log_);
  log_ = handler_.Open();
  Epoch(log_, 19);
  EXPECT_NE(test_.market.epoch(), second);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), kEmpty);
}

// As a recorder writes it that does not tell the epoch at the begin.
TEST_F(TickLogHandlerTest, AnEpochAmidTicksIsNew) {
  const SymbolId id = Define(log_, 0, "A");
  const uint64_t market = test_.market.epoch();
  Tick(0, {{FieldId::kBid, 100}});
  Epoch(log_, 18);
  EXPECT_NE(test_.market.epoch(), market);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), kEmpty);
  handler_.Close(log_);
  log_ = handler_.Open();
  Define(log_, 0, "A");
  const uint64_t second = test_.market.epoch();
  Refresh(0, {{FieldId::kBid, 7}});
  EXPECT_EQ(test_.market.epoch(), second);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), 7);
  Epoch(log_, 19);
  EXPECT_NE(test_.market.epoch(), second);
  EXPECT_EQ(test_.Value(id, FieldId::kBid), kEmpty);
}

TEST_F(TickLogHandlerTest, LogsSideBySideHaveEachAnEpoch) {
  Define(log_, 0, "A");
  Epoch(log_, 1);
  Tick(0, {{FieldId::kBid, 100}});
  const uint64_t market = test_.market.epoch();
  const TickLogHandler::LogId other = handler_.Open();
  Epoch(other, 2);
  Epoch(log_, 1);
  Epoch(other, 2);
  EXPECT_EQ(test_.market.epoch(), market);
  Epoch(other, 3);
  EXPECT_NE(test_.market.epoch(), market);
}

TEST_F(TickLogHandlerTest, FeedsThatWereDownOrStaleAreShown) {
  Status("a", FeedStatus::kLive);
  EXPECT_EQ(Shown(), FeedStatus::kLive);
  Status("a", FeedStatus::kStale);
  EXPECT_EQ(Shown(), FeedStatus::kStale);
  Status("a", FeedStatus::kDown);
  EXPECT_EQ(Shown(), FeedStatus::kDown);
  Status("b", FeedStatus::kLive);
  EXPECT_EQ(Shown(), FeedStatus::kStale);
  Status("a", FeedStatus::kLive);
  EXPECT_EQ(Shown(), FeedStatus::kLive);
  Status("b", FeedStatus::kDown);
  EXPECT_EQ(Shown(), FeedStatus::kStale);
  Status("b", FeedStatus::kEnded);
  EXPECT_EQ(Shown(), FeedStatus::kLive);
  Status("a", FeedStatus::kEnded);
  EXPECT_EQ(Shown(), FeedStatus::kLive);
}

TEST_F(TickLogHandlerTest, StartingAgainForgets) {
  Epoch(log_, 1);
  Status("a", FeedStatus::kDown);
  const uint64_t market = test_.market.epoch();
  handler_.StartAgain();
  EXPECT_EQ(Shown(), FeedStatus::kLive);
  log_ = handler_.Open();
  Epoch(log_, 2);
  EXPECT_EQ(test_.market.epoch(), market);
  Status("b", FeedStatus::kLive);
  EXPECT_EQ(Shown(), FeedStatus::kLive);
}

}  // namespace
}  // namespace streamhub::ticklog
