#include "gateway/base/log.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

TEST(Log, WritesLevelledLinesToStandardError) {
  testing::internal::CaptureStderr();
  SetLogLevel(LogLevel::kInfo);
  Log(LogLevel::kDebug, "not this one");
  LogWarning("braces {} and %s are text");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(std::regex_match(
      text, std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d )"
                       R"(warning braces \{\} and %s are text\n)")))
      << text;
}

TEST(LogBudget, GrantsSoManyLinesASecond) {
  LogBudget budget(3);
  int64_t suppressed = -1;
  const int64_t t = 500 * kSecond;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(budget.Take(t + i, &suppressed));
    EXPECT_EQ(suppressed, 0);
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(budget.Take(t + kSecond - 1, &suppressed));
  }
  EXPECT_TRUE(budget.Take(t + kSecond, &suppressed));
  EXPECT_EQ(suppressed, 10);
  EXPECT_TRUE(budget.Take(t + kSecond, &suppressed));
  EXPECT_EQ(suppressed, 0) << "told once";
}

TEST(LogBudget, WorksFromTheFirstNanosecondOfTheClock) {
  LogBudget budget(1);
  int64_t suppressed = 0;
  EXPECT_TRUE(budget.Take(1, &suppressed));
  EXPECT_FALSE(budget.Take(2, &suppressed));
  EXPECT_TRUE(budget.Take(kSecond + 1, &suppressed));
  EXPECT_EQ(suppressed, 1);
}

}  // namespace
}  // namespace streamhub
