#include "gateway/session/publishing.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/base/quota.h"
#include "gateway/market/topic_ring.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

class PublishingTest : public testing::Test {
 protected:
  void Use(std::vector<std::string> allowed, double rate = 1e6) {
    publishing_.emplace(test_.market, counters_, test_.clock,
                        PublishRules{.allowed = std::move(allowed),
                                     .rate = rate,
                                     .keeps = 3,
                                     .topics = &topics_});
    budget_ = {};
  }

  // The code of the refusal; empty if it was published.
  std::string Publish(std::string_view topic, std::string_view data = "1") {
    Request request;
    request.type = Request::Type::kPublish;
    request.id = "7";
    request.topic = topic;
    request.data = data;
    const auto done = publishing_->Publish(request, &budget_);
    if (const auto* sequence = std::get_if<uint64_t>(&done)) {
      sequence_ = *sequence;
      return "";
    }
    const auto& error = std::get<RequestError>(done);
    EXPECT_EQ(error.id, "7");
    EXPECT_FALSE(error.reason.empty());
    key_ = error.key;
    return error.code;
  }
  int64_t Refused() { return counters_.Get(Metric::kPublishesRefused); }

  TestMarket test_{/*symbols_max=*/4};
  Quota topics_{2};
  Counters counters_;
  std::optional<Publishing> publishing_;
  PublishBudget budget_;
  uint64_t sequence_ = 0;
  std::string key_;
};

TEST_F(PublishingTest, OnlyWhatIsListedIsAllowed) {
  Use({"news", "chat/*"});
  EXPECT_EQ(Publish("news"), "");
  EXPECT_EQ(Publish("chat/desk"), "");
  for (const char* topic : {"new", "newsy", "chat", "Chat/desk", "x"}) {
    EXPECT_EQ(Publish(topic), "forbidden") << topic;
    EXPECT_EQ(key_, topic);
  }
  EXPECT_EQ(Refused(), 5);
  Use({});
  EXPECT_EQ(Publish("news"), "forbidden");
}

TEST_F(PublishingTest, WhatIsAFeedsIsNobodyElses) {
  test_.Add("AAPL");
  Use({"*"});
  EXPECT_EQ(Publish("AAPL"), "forbidden");
  EXPECT_EQ(Publish("tape/AAPL"), "forbidden");
  EXPECT_EQ(key_, "tape/AAPL");
  EXPECT_FALSE(test_.market.symbols().Find("tape/AAPL").has_value());
}

TEST_F(PublishingTest, MessagesAreNumberedAndKept) {
  Use({"*"});
  bool rung = false;
  ShardWake& shard = test_.market.AddShard([&] { rung = true; });
  shard.BeginTurn();
  ASSERT_TRUE(shard.TrySleep());
  ASSERT_EQ(Publish("a", R"({"x":1})"), "");
  EXPECT_TRUE(rung);
  const uint64_t first = sequence_;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Publish("a", std::to_string(i)), "");
  EXPECT_EQ(sequence_, first + 3);
  const SymbolId id = *test_.market.symbols().Find("a");
  EXPECT_EQ(test_.market.symbols().Get(id).feed, kNoFeed);
  TopicMessages kept;
  test_.market.topic(id)->ReadSince(first - 1, 1000, &kept);
  ASSERT_EQ(kept.messages.size(), 3u);
  EXPECT_EQ(kept.messages.front().data, "0");
  EXPECT_EQ(kept.lost, 1u);
  EXPECT_EQ(counters_.Get(Metric::kMessagesPublished), 4);
  EXPECT_EQ(counters_.Get(Metric::kTopics), 1);
}

TEST_F(PublishingTest, TheNumberOfTopicsIsBounded) {
  Use({"*"});
  EXPECT_EQ(Publish("a"), "");
  EXPECT_EQ(Publish("b"), "");
  EXPECT_EQ(Publish("c"), "too_many_topics");
  EXPECT_EQ(key_, "c");
  EXPECT_EQ(Publish("a"), "");
}

TEST_F(PublishingTest, AFullMarketTakesNoTopic) {
  Use({"*"});
  SymbolId id = 0;
  for (const char* code : {"A", "B", "C", "D"}) {
    test_.market.DefineTopic(code, kNoFeed, 5, 1, &id);
  }
  EXPECT_EQ(Publish("a"), "too_many_topics");
  EXPECT_EQ(counters_.Get(Metric::kSymbolsRefused), 1);
  EXPECT_TRUE(topics_.Take()) << "none was begun";
}

TEST_F(PublishingTest, ARateHoldsForEachClient) {
  Use({"*"}, /*rate=*/10);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Publish("a"), "") << i;
  EXPECT_EQ(Publish("a"), "too_many_messages");
  test_.clock.Advance(kSecond / 10);
  EXPECT_EQ(Publish("a"), "");
  EXPECT_EQ(Publish("a"), "too_many_messages");
  // What is refused for another reason counts as well.
  test_.clock.Advance(kSecond / 10);
  EXPECT_EQ(Publish("tape/a"), "forbidden");
  EXPECT_EQ(Publish("a"), "too_many_messages");
  test_.clock.Advance(3600 * kSecond);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(Publish("a"), "") << i;
  EXPECT_EQ(Publish("a"), "too_many_messages");
  budget_ = {};
  EXPECT_EQ(Publish("a"), "") << "another client";
}

}  // namespace
}  // namespace streamhub
