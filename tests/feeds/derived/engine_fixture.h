// A market of two feeds with derived symbols, whose turns the test makes.

#ifndef STREAMHUB_TESTS_FEEDS_DERIVED_ENGINE_FIXTURE_H_
#define STREAMHUB_TESTS_FEEDS_DERIVED_ENGINE_FIXTURE_H_

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/derived/derived_engine.h"
#include "tests/support/test_market.h"

namespace streamhub::derived {

class DerivedEngineTest : public testing::Test {
 protected:
  DerivedEngineTest()
      : second_feed_(test_.market.AddFeed(SecondInfo())),
        second_(test_.market, second_feed_, test_.counters, test_.clock) {}

  void Start(const std::vector<std::string>& texts) {
    auto plan = MakePlan(texts);
    ASSERT_TRUE(plan.ok()) << plan.status();
    sets_ = AddFeedSets(test_.market);
    wake_ = &test_.market.AddShard([this] { ++rings_; });
    std::vector<Publisher*> publishers;
    for (const FeedSet& set : sets_) {
      publishers.push_back(&publishers_.emplace_back(test_.market, set.feed,
                                                     counters_, test_.clock));
    }
    engine_.emplace(*std::move(plan), sets_, publishers, *wake_);
    test_.publisher.SetStatus(FeedStatus::kLive);
    second_.SetStatus(FeedStatus::kLive);
  }

  // Turns until it may sleep; returns how many that took.
  int Settle() {
    for (int turns = 1; turns < 10; ++turns) {
      const bool again = engine_->Turn();
      if (!again && engine_->TrySleep()) return turns;
    }
    ADD_FAILURE() << "it never sleeps";
    return 10;
  }

  // A quote without a trade.
  void Quote(SymbolId id, int64_t bid, int64_t ask, int64_t event_ns = 0) {
    test_.Tick(id, {{FieldId::kBid, bid}, {FieldId::kAsk, ask}}, event_ns);
  }
  void Trading(SymbolId id, std::string_view word) {
    test_.Tick(id, {{FieldId::kTrading, PackText(word)}});
  }

  std::optional<SymbolId> Find(std::string_view code) const {
    return test_.market.symbols().Find(code);
  }
  QuoteView Read(std::string_view code) const {
    return test_.Read(Find(code).value());
  }
  const SymbolInfo& InfoOf(std::string_view code) const {
    return test_.market.symbols().Get(Find(code).value());
  }
  int64_t Value(std::string_view code, FieldId field) const {
    return test_.Value(Find(code).value(), field);
  }
  std::string TradingOf(std::string_view code) const {
    char storage[8];
    return std::string(UnpackText(Value(code, FieldId::kTrading), storage));
  }
  FeedStatus StatusOf(std::string_view code) const {
    return test_.market.feeds().StatusAt(InfoOf(code).feed,
                                         test_.clock.MonoNs());
  }

  static FeedInfo SecondInfo() {
    FeedInfo info;
    info.name = "second";
    info.source = Source::kReplay;
    return info;
  }
  SymbolId AddToSecond(std::string code) {
    SymbolInfo info;
    info.code = std::move(code);
    info.currency = "EUR";
    info.layout = &QuoteLayout();
    return second_.Define(std::move(info)).value();
  }

  TestMarket test_;
  const FeedId second_feed_;
  Publisher second_;
  Counters counters_;
  std::vector<FeedSet> sets_;
  std::deque<Publisher> publishers_;
  ShardWake* wake_ = nullptr;
  std::optional<DerivedEngine> engine_;
  int rings_ = 0;
};

}  // namespace streamhub::derived

#endif  // STREAMHUB_TESTS_FEEDS_DERIVED_ENGINE_FIXTURE_H_
