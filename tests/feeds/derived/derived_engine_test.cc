#include "feeds/derived/derived_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/feeds/derived/engine_fixture.h"
#include "tests/support/stuck_writer.h"
#include "tests/support/test_market.h"

namespace streamhub::derived {
namespace {

using ::testing::HasSubstr;

TEST_F(DerivedEngineTest, PublishesWhatTheFormulaGives) {
  Start({"M=mid(A)", "X=cross(A,B) decimals=4"});
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  Quote(a, 1000, 1010);
  Quote(b, 400, 500);
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), 10050) << "one decimal more than A";
  EXPECT_EQ(Value("X", FieldId::kBid), 20000);
  EXPECT_EQ(Value("X", FieldId::kAsk), 25250);
  EXPECT_EQ(Value("X", FieldId::kLast), kEmpty);
  Quote(a, 2000, 2020);
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), 20100);
  EXPECT_EQ(Value("X", FieldId::kBid), 40000);
}

TEST_F(DerivedEngineTest, DescribesWhatItMakes) {
  Start({"M=mid(A)", "X=cross(A,B)"});
  test_.Add("A");
  test_.Add("B");
  Settle();
  EXPECT_EQ(InfoOf("M").name, "mid(A)");
  EXPECT_EQ(InfoOf("M").currency, "USD");
  EXPECT_EQ(InfoOf("M").price_decimals, 3);
  EXPECT_EQ(InfoOf("M").layout->PositionOf(FieldId::kBid), -1);
  EXPECT_EQ(InfoOf("X").price_decimals, 2);
  EXPECT_GE(InfoOf("X").layout->PositionOf(FieldId::kAsk), 0);
}

TEST_F(DerivedEngineTest, CurrenciesAreThoseOfTheInputsIfTheyAgree) {
  Start({"D=spread(A,E)", "S=spread(A,B2)", "X=cross(A,B2)",
         "B=basket(A,B2) name=Both currency=CHF decimals=7"});
  test_.Add("A");
  test_.Add("B2");
  AddToSecond("E");
  Settle();
  EXPECT_EQ(InfoOf("D").currency, "") << "dollars less euros";
  EXPECT_EQ(InfoOf("S").currency, "USD");
  EXPECT_EQ(InfoOf("X").currency, "") << "a ratio";
  EXPECT_EQ(InfoOf("B").currency, "CHF");
  EXPECT_EQ(InfoOf("B").name, "Both");
  EXPECT_EQ(InfoOf("B").price_decimals, 7);
}

TEST_F(DerivedEngineTest, ItAppearsWhenAllItsInputsHave) {
  Start({"X=cross(A,B)"});
  test_.Add("A");
  Settle();
  EXPECT_FALSE(Find("X").has_value());
  EXPECT_EQ(counters_.Get(Metric::kDerivedInputsMissing), 1);
  const SymbolId b = test_.Add("B");
  Settle();
  ASSERT_TRUE(Find("X").has_value());
  EXPECT_EQ(counters_.Get(Metric::kDerivedInputsMissing), 0);
  EXPECT_EQ(Value("X", FieldId::kBid), kEmpty);
  Quote(b, 1, 2);
  Settle();
  EXPECT_EQ(Value("X", FieldId::kBid), kEmpty);
}

// A feed that comes defines its symbols before it says that it is connected: a
// name that both want is the feed's, and the feed does not fail.
TEST_F(DerivedEngineTest, ANameThatAFeedHasStaysTheFeeds) {
  Start({"B=mid(A)", "M=mid(B)", "N=mid(A)"});
  test_.publisher.SetStatus(FeedStatus::kDown);
  test_.Add("A");
  Settle();
  EXPECT_FALSE(Find("B").has_value());
  const SymbolId b = test_.Add("B");
  test_.publisher.SetStatus(FeedStatus::kLive);
  testing::internal::CaptureStderr();
  Settle();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("derived symbol B: owned by feed test"));
  EXPECT_EQ(InfoOf("B").feed, test_.feed);
  EXPECT_TRUE(Find("N").has_value());
  EXPECT_EQ(counters_.Get(Metric::kForeignWrites), 1);
  EXPECT_EQ(counters_.Get(Metric::kDerivedInputsMissing), 0);
  Quote(b, 10, 20);
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), 150) << "of the feed's";
}

// The other way round neither is shown: one is not to be taken for the other.
TEST_F(DerivedEngineTest, ANameThatAFeedBringsLaterIsEmpty) {
  Start({"B=mid(A)", "M=basket(B)"});
  const SymbolId a = test_.Add("A");
  Quote(a, 1000, 1010);
  Settle();
  ASSERT_EQ(Value("B", FieldId::kLast), 10050);
  ASSERT_NE(Value("M", FieldId::kLast), kEmpty);
  SymbolInfo info;
  info.code = "B";
  info.layout = &QuoteLayout();
  EXPECT_EQ(test_.publisher.Define(info).status().code(),
            absl::StatusCode::kPermissionDenied);
  testing::internal::CaptureStderr();
  Settle();
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      HasSubstr("derived symbol B: a feed brings a symbol of that name"));
  EXPECT_EQ(Value("B", FieldId::kLast), kEmpty);
  EXPECT_EQ(Value("M", FieldId::kLast), kEmpty);
  Quote(a, 2000, 2010);
  Settle();
  EXPECT_EQ(Value("B", FieldId::kLast), kEmpty);
}

TEST_F(DerivedEngineTest, ATopicIsNoInput) {
  Start({"M=mid(news)"});
  SymbolId id = 0;
  test_.market.DefineTopic("news", kNoFeed, 10, test_.clock.WallNs(), &id);
  test_.market.Append(id, "1", 0);
  Settle();
  EXPECT_FALSE(Find("M").has_value());
  EXPECT_EQ(counters_.Get(Metric::kDerivedInputsMissing), 1);
}

TEST_F(DerivedEngineTest, WhatNoFeedHasIsToldOnce) {
  Start({"X=cross(A,B)", "Y=mid(C)"});
  test_.Add("A");
  testing::internal::CaptureStderr();
  Settle();
  test_.clock.Advance(DerivedEngine::kPatienceNs - 1);
  engine_->Turn();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  test_.clock.Advance(1);
  engine_->Turn();
  test_.clock.Advance(kSecond);
  engine_->Turn();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("derived symbols wait for 2 that no feed has: "
                             "B (for X), C (for Y)"));
  EXPECT_EQ(log.find("wait for"), log.rfind("wait for"));
  EXPECT_EQ(counters_.Get(Metric::kDerivedInputsMissing), 2);
}

TEST_F(DerivedEngineTest, OneOfAnotherIsComputedInTheSameTurn) {
  Start({"Z=basket(2*Y,A)", "Y=spread(A)"});
  const SymbolId a = test_.Add("A");
  Settle();
  test_.Tick(
      a, {{FieldId::kBid, 100}, {FieldId::kAsk, 110}, {FieldId::kLast, 105}});
  const int64_t before = engine_->computed();
  engine_->Turn();
  EXPECT_EQ(Value("Y", FieldId::kLast), 10);
  EXPECT_EQ(Value("Z", FieldId::kLast), 125);
  EXPECT_EQ(engine_->computed(), before + 2) << "each of them once";
}

TEST_F(DerivedEngineTest, ManyTicksAreOneComputation) {
  Start({"X=cross(A,B)", "M=mid(C)"});
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  test_.Add("C");
  Settle();
  const int64_t before = engine_->computed();
  for (int i = 1; i <= 100; ++i) {
    Quote(a, 1000 + i, 1010 + i);
    Quote(b, 100 + i, 110 + i);
  }
  Settle();
  EXPECT_EQ(engine_->computed(), before + 1) << "and none of what C makes";
}

// Its own ticks set its own bits and wake it.
TEST_F(DerivedEngineTest, ItDoesNotRunAfterItsOwnTicks) {
  Start({"M=mid(A)", "N=mid(M)"});
  const SymbolId a = test_.Add("A");
  Settle();
  EXPECT_EQ(Settle(), 1) << "nothing happened";
  Quote(a, 1, 2);
  const int64_t before = engine_->computed();
  EXPECT_LE(Settle(), 2);
  EXPECT_EQ(engine_->computed(), before + 2);
  EXPECT_EQ(Settle(), 1);
  EXPECT_EQ(engine_->computed(), before + 2);
}

TEST_F(DerivedEngineTest, OverflowsAreCounted) {
  Start({"M=mid(A) decimals=12"});
  const SymbolId a = test_.Add("A");
  Quote(a, 1'000'000'000, 2'000'000'000);
  Settle();
  EXPECT_EQ(Value("M", FieldId::kLast), kEmpty);
  EXPECT_EQ(counters_.Get(Metric::kDerivedOverflows), 1);
  EXPECT_EQ(counters_.Get(Metric::kTicks), engine_->computed());
}

TEST_F(DerivedEngineTest, AReadThatFailedIsTriedAgain) {
  Start({"M=mid(A)"});
  const SymbolId a = test_.Add("A");
  Settle();
  Quote(a, 10, 12);
  StuckWriter::Enter(test_.market.cache(), a);
  EXPECT_TRUE(engine_->Turn()) << "there is something left";
  EXPECT_TRUE(engine_->Turn());
  EXPECT_GE(counters_.Get(Metric::kReadsContended), 2);
  EXPECT_EQ(Value("M", FieldId::kLast), kEmpty);
  StuckWriter::Leave(test_.market.cache(), a);
  EXPECT_FALSE(engine_->Turn());
  EXPECT_EQ(Value("M", FieldId::kLast), 110);
}

// Nothing is published of what was never read.
TEST_F(DerivedEngineTest, ItWaitsForTheFirstReadOfEveryInput) {
  Start({"X=cross(A,B)", "Y=mid(X)"});
  const SymbolId a = test_.Add("A");
  const SymbolId b = test_.Add("B");
  Trading(a, "open");
  Trading(b, "open");
  StuckWriter::Enter(test_.market.cache(), b);
  engine_->Turn();
  Quote(a, 4, 6);
  engine_->Turn();
  EXPECT_EQ(engine_->computed(), 0);
  EXPECT_EQ(TradingOf("X"), "unknown");
  StuckWriter::Leave(test_.market.cache(), b);
  engine_->Turn();
  EXPECT_EQ(engine_->computed(), 2);
  EXPECT_EQ(TradingOf("Y"), "open");
}

TEST_F(DerivedEngineTest, ATickWakesItOnceItSleeps) {
  Start({"M=mid(A)"});
  const SymbolId a = test_.Add("A");
  Settle();
  const int before = rings_;
  Quote(a, 1, 2);
  Quote(a, 2, 3);
  EXPECT_EQ(rings_, before + 1);
}

TEST_F(DerivedEngineTest, AMarketThatIsFullIsTold) {
  TestMarket small(/*symbols_max=*/1);
  const auto sets = AddFeedSets(small.market);
  ShardWake& wake = small.market.AddShard([] {});
  Publisher publisher(small.market, sets[0].feed, counters_, small.clock);
  DerivedEngine engine(MakePlan(std::vector<std::string>{"M=mid(A)"}).value(),
                       sets, {&publisher}, wake);
  small.Add("A");
  small.publisher.SetStatus(FeedStatus::kLive);
  testing::internal::CaptureStderr();
  engine.Turn();
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("symbols_max"));
  engine.Turn();
  EXPECT_EQ(counters_.Get(Metric::kSymbolsRefused), 1) << "not again and again";
}

}  // namespace
}  // namespace streamhub::derived
