// Age, freshness, trading and epochs: as bad as the worst of the inputs.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/feeds/derived/engine_fixture.h"

namespace streamhub::derived {
namespace {

using DerivedStateTest = DerivedEngineTest;

TEST_F(DerivedStateTest, ATickThatChangesNothingIsATick) {
  Start({"M=mid(A)"});
  const SymbolId a = test_.Add("A");
  Quote(a, 1, 3);
  Settle();
  const QuoteView before = Read("M");
  test_.clock.Advance(kSecond);
  Quote(a, 1, 3);
  Settle();
  const QuoteView after = Read("M");
  EXPECT_EQ(after.version, before.version);
  EXPECT_EQ(after.ticks, before.ticks + 1);
  EXPECT_EQ(after.received_ns, before.received_ns + kSecond);
}

TEST_F(DerivedStateTest, ItIsAsOldAsTheOldestOfItsInputs) {
  Start({"X=cross(A,B)", "M=mid(A)", "Z=basket(X,A)"});
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  Settle();
  const int64_t begin_ns = test_.clock.WallNs();
  Quote(a, 100, 110, /*event_ns=*/70);
  test_.clock.Advance(kSecond);
  Quote(b, 10, 11, /*event_ns=*/80);
  Settle();
  EXPECT_EQ(Read("X").received_ns, begin_ns);
  EXPECT_EQ(Read("X").event_ns, 70);
  EXPECT_EQ(Read("M").received_ns, begin_ns);
  test_.clock.Advance(kSecond);
  Quote(a, 101, 110, /*event_ns=*/90);
  Settle();
  EXPECT_EQ(Read("X").received_ns, begin_ns + kSecond) << "now B is the oldest";
  EXPECT_EQ(Read("X").event_ns, 80);
  EXPECT_EQ(Read("M").received_ns, begin_ns + 2 * kSecond);
  EXPECT_EQ(Read("Z").received_ns, begin_ns + kSecond);
  EXPECT_EQ(Read("Z").event_ns, 80);
  Quote(b, 10, 11, /*event_ns=*/0);
  Settle();
  EXPECT_EQ(Read("X").event_ns, 0) << "of B nothing is known";
}

TEST_F(DerivedStateTest, TradingIsTheWorstOfTheInputs) {
  Start({"X=cross(A,B)"});
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  Settle();
  EXPECT_EQ(TradingOf("X"), "unknown");
  const std::vector<std::string> worst_first = {"halted", "closed", "unknown",
                                                "auction", "open"};
  for (size_t i = 0; i < worst_first.size(); ++i) {
    for (size_t j = 0; j < worst_first.size(); ++j) {
      Trading(a, worst_first[i]);
      Trading(b, worst_first[j]);
      Settle();
      EXPECT_EQ(TradingOf("X"), worst_first[std::min(i, j)]) << i << ' ' << j;
    }
  }
  Trading(b, "whatever");
  Settle();
  EXPECT_EQ(TradingOf("X"), "unknown");
}

TEST_F(DerivedStateTest, ItIsAsFreshAsTheWorstOfItsFeeds) {
  Start({"M=mid(A)", "N=mid(E)", "D=spread(A,E)", "Z=basket(D,A)"});
  test_.Add("A");
  AddToSecond("E");
  Settle();
  const auto source = [&](std::string_view code) {
    return test_.market.feeds().info(InfoOf(code).feed).source;
  };
  EXPECT_EQ(source("M"), Source::kRealtime);
  EXPECT_EQ(source("N"), Source::kReplay);
  EXPECT_EQ(source("D"), Source::kReplay);
  for (const char* code : {"M", "N", "D", "Z"}) {
    EXPECT_EQ(StatusOf(code), FeedStatus::kLive) << code;
  }
  second_.SetStatus(FeedStatus::kEnded);
  Settle();
  EXPECT_EQ(StatusOf("M"), FeedStatus::kLive);
  EXPECT_EQ(StatusOf("N"), FeedStatus::kEnded);
  EXPECT_EQ(StatusOf("D"), FeedStatus::kEnded);
  EXPECT_EQ(StatusOf("Z"), FeedStatus::kEnded) << "it is made of E, too";
  test_.publisher.SetStatus(FeedStatus::kDown);
  Settle();
  EXPECT_EQ(StatusOf("M"), FeedStatus::kDown);
  EXPECT_EQ(StatusOf("D"), FeedStatus::kDown);
  EXPECT_EQ(StatusOf("N"), FeedStatus::kEnded);
}

// No tick tells of it: the turns in between do.
TEST_F(DerivedStateTest, AnInputWhoseFeedHangsTurnsItStaleAndBack) {
  Start({"M=mid(A)", "D=spread(A,E)"});
  test_.Add("A");
  const SymbolId e = AddToSecond("E");
  Settle();
  test_.clock.Advance(2 * kSecond);
  second_.Heartbeat();
  test_.clock.Advance(2 * kSecond);
  engine_->Turn();
  EXPECT_EQ(StatusOf("M"), FeedStatus::kStale);
  EXPECT_EQ(StatusOf("D"), FeedStatus::kStale);
  // Ticks of the one that lives do not make it fresh.
  second_.BeginBatch();
  second_.Publish(e, {{FieldId::kBid, 1}}, 0);
  second_.EndBatch();
  Settle();
  EXPECT_EQ(StatusOf("D"), FeedStatus::kStale);
  test_.publisher.Heartbeat();
  engine_->Turn();
  EXPECT_EQ(StatusOf("M"), FeedStatus::kLive);
  EXPECT_EQ(StatusOf("D"), FeedStatus::kLive);
}

TEST_F(DerivedStateTest, ItsHeartbeatIsBeatenWhileItsFeedsLive) {
  Start({"M=mid(A)"});
  test_.Add("A");
  Settle();
  for (int i = 0; i < 5; ++i) {
    test_.clock.Advance(2 * kSecond);
    test_.publisher.Heartbeat();
    engine_->Turn();
    EXPECT_EQ(StatusOf("M"), FeedStatus::kLive);
  }
  test_.clock.Advance(2 * kSecond);
  test_.publisher.Heartbeat();
  test_.clock.Advance(2 * kSecond);
  EXPECT_EQ(StatusOf("M"), FeedStatus::kStale)
      << "the thread of the engine hangs, and its feed does not";
}

// What a feed had published before it ended is there before it is told.
TEST_F(DerivedStateTest, TheLastValuesComeBeforeTheEnd) {
  Start({"M=mid(A)"});
  const SymbolId a = test_.Add("A");
  Settle();
  Quote(a, 10, 12);
  test_.publisher.SetStatus(FeedStatus::kEnded);
  engine_->Turn();
  EXPECT_EQ(Value("M", FieldId::kLast), 110);
  EXPECT_EQ(StatusOf("M"), FeedStatus::kEnded);
}

TEST_F(DerivedStateTest, AnEpochEmptiesIt) {
  Start({"M=mid(A)", "X=cross(A,E)"});
  const SymbolId a = test_.Add("A");
  const SymbolId e = AddToSecond("E");
  Quote(a, 10, 12);
  second_.BeginBatch();
  second_.Publish(e, {{FieldId::kBid, 2}, {FieldId::kAsk, 2}}, 0);
  second_.EndBatch();
  Trading(a, "open");
  Settle();
  ASSERT_EQ(Value("M", FieldId::kLast), 110);
  ASSERT_EQ(Value("X", FieldId::kBid), 500);
  const uint64_t version = Read("M").version;
  test_.publisher.StartEpoch();
  const uint64_t epoch = test_.market.epoch();
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), kEmpty);
  EXPECT_EQ(Value("X", FieldId::kBid), kEmpty);
  EXPECT_EQ(TradingOf("M"), "unknown");
  EXPECT_GT(Read("M").version, version) << "never goes back";
  EXPECT_EQ(test_.market.epoch(), epoch) << "it starts none of its own";
  Quote(a, 20, 22);
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), 210);
  EXPECT_EQ(Value("X", FieldId::kBid), 1000);
}

TEST_F(DerivedStateTest, AnInputThatIsClearedEmptiesIt) {
  Start({"M=mid(A)"});
  const SymbolId a = test_.Add("A");
  Quote(a, 10, 12);
  Settle();
  test_.market.Clear(a);
  test_.market.Wake();
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), kEmpty);
}

}  // namespace
}  // namespace streamhub::derived
