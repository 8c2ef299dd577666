#include "gateway/codec/query_string.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace streamhub {
namespace {

// "[name=value][name=value]", or "bad: NAME".
std::string Split(std::string_view query) {
  std::vector<QueryParameter> parameters;
  std::string bad;
  if (!SplitQuery(query, &parameters, &bad)) return "bad: " + bad;
  std::string all;
  for (const QueryParameter& each : parameters) {
    all += '[' + each.name + '=' + each.value + ']';
  }
  return all;
}

TEST(QueryStringTest, PairsComeInOrderAndMayRepeat) {
  EXPECT_EQ(Split("a=1&b=2&a=3"), "[a=1][b=2][a=3]");
  EXPECT_EQ(Split(""), "");
}

TEST(QueryStringTest, EmptyPartsAreNothing) {
  EXPECT_EQ(Split("&"), "");
  EXPECT_EQ(Split("&&a=1&&&b=2&"), "[a=1][b=2]");
}

TEST(QueryStringTest, NameOrValueMayBeEmpty) {
  EXPECT_EQ(Split("a"), "[a=]");
  EXPECT_EQ(Split("a=&b"), "[a=][b=]");
  EXPECT_EQ(Split("=x"), "[=x]");
  EXPECT_EQ(Split("="), "[=]");
}

TEST(QueryStringTest, TheFirstEqualSignDivides) {
  EXPECT_EQ(Split("a=b=c"), "[a=b=c]");
  EXPECT_EQ(Split("a%3Db=c"), "[a=b=c]");
}

TEST(QueryStringTest, PercentIsDecodedOnceAfterSplitting) {
  EXPECT_EQ(Split("%61=%41%2f%2F"), "[a=A//]");
  EXPECT_EQ(Split("a=1%262&b=%2541"), "[a=1&2][b=%41]");
  EXPECT_EQ(Split("a=%00"), std::string("[a=\0]", 5));
  EXPECT_EQ(Split("a=%ff"), "[a=\xFF]");
}

TEST(QueryStringTest, APlusIsAPlus) { EXPECT_EQ(Split("a=b+c"), "[a=b+c]"); }

TEST(QueryStringTest, BadEscapesNameTheParameterAsWritten) {
  EXPECT_EQ(Split("a=%"), "bad: a");
  EXPECT_EQ(Split("a=%4"), "bad: a");
  EXPECT_EQ(Split("a=%4g"), "bad: a");
  EXPECT_EQ(Split("a=%g4"), "bad: a");
  EXPECT_EQ(Split("a=%-1"), "bad: a");
  EXPECT_EQ(Split("a=%%41"), "bad: a");
  EXPECT_EQ(Split("b=1&a%2=x&c=%"), "bad: a%2");
  // An escape does not reach into the next parameter.
  EXPECT_EQ(Split("a=%4&1=2"), "bad: a");
}

}  // namespace
}  // namespace streamhub
