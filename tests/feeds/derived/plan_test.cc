#include "feeds/derived/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/base/strings.h"

namespace streamhub::derived {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> OrderOf(const std::vector<std::string>& texts) {
  const auto plan = MakePlan(texts);
  EXPECT_TRUE(plan.ok()) << plan.status();
  std::vector<std::string> order;
  if (!plan.ok()) return order;
  for (const Definition& d : plan->definitions) order.push_back(d.symbol);
  return order;
}

std::string ErrorOf(const std::vector<std::string>& texts) {
  const auto plan = MakePlan(texts);
  EXPECT_FALSE(plan.ok());
  return std::string(FromAbsl(plan.status().message()));
}

TEST(Plan, WhatOthersNeedComesBeforeThem) {
  EXPECT_THAT(OrderOf({"C=basket(A,B)", "B=mid(A)", "A=mid(X)"}),
              ElementsAre("A", "B", "C"));
  EXPECT_THAT(OrderOf({"A=mid(X)", "B=mid(Y)"}), ElementsAre("A", "B"));
  EXPECT_TRUE(OrderOf({}).empty());
}

TEST(Plan, TwoOfOneNameAreRefused) {
  EXPECT_EQ(ErrorOf({"A=mid(X)", "B=mid(X)", "A=spread(X)"}),
            "\"A=spread(X)\": A is there twice");
}

TEST(Plan, CirclesAreRefusedAndNamed) {
  EXPECT_EQ(ErrorOf({"A=mid(A)"}), "\"A=mid(A)\": in a circle: A needs A");
  const std::string two = ErrorOf({"X=mid(A)", "A=mid(B)", "B=mid(A)"});
  EXPECT_THAT(two, HasSubstr("A needs B"));
  EXPECT_THAT(two, HasSubstr("B needs A"));
  EXPECT_THAT(two, testing::Not(HasSubstr("X needs")));
  EXPECT_THAT(ErrorOf({"A=basket(X,B)", "B=basket(Y,C)", "C=basket(A,Z)"}),
              HasSubstr("in a circle: "));
  std::vector<std::string> ring;
  for (int i = 0; i < 100; ++i) {
    ring.push_back("S" + std::to_string(i) + "=mid(S" +
                   std::to_string((i + 1) % 100) + ")");
  }
  EXPECT_THAT(ErrorOf(ring), HasSubstr(" and so on"));
}

TEST(Plan, ALongChainIsNone) {
  std::vector<std::string> chain;
  for (size_t i = 0; i < kDefinitionsMax; ++i) {
    chain.push_back("S" + std::to_string(i) + "=mid(S" + std::to_string(i + 1) +
                    ")");
  }
  const std::vector<std::string> order = OrderOf(chain);
  ASSERT_EQ(order.size(), kDefinitionsMax);
  EXPECT_EQ(order.back(), "S0");
  chain.push_back("T=mid(X)");
  EXPECT_THAT(ErrorOf(chain), HasSubstr("more than 10000 derived symbols"));
}

TEST(Plan, AnErrorBeginsWithTheText) {
  EXPECT_THAT(ErrorOf({"A=mid(X)", "B=mad(X)"}),
              StartsWith("\"B=mad(X)\": at byte 3: expected a kind"));
}

}  // namespace
}  // namespace streamhub::derived
