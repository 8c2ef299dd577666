#include "gateway/base/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <string>

#include "gateway/base/audit.h"
#include "gateway/base/clock.h"
#include "gateway/base/utf8.h"
#include "tests/support/json_value.h"

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

// What `write` writes to standard error, as JSON lines.
template <typename Write>
std::string JsonLinesOf(const Write& write) {
  testing::internal::CaptureStderr();
  SetLogFormat(LogFormat::kJson);
  write();
  SetLogFormat(LogFormat::kText);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, AsJsonALineIsAnObject) {
  const std::string text = JsonLinesOf([] {
    SetLogLevel(LogLevel::kWarning);
    LogInfo("not this one");
    LogWarning("braces {} and %s are text");
    SetLogLevel(LogLevel::kInfo);
  });
  EXPECT_TRUE(std::regex_match(
      text,
      std::regex(R"(\{"ts":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z",)"
                 R"("level":"warning","message":"braces \{\} and %s are text",)"
                 R"("thread":\d+\}\n)")))
      << text;
}

// Whatever somebody sends that is logged: it stays within its string, and the
// line is UTF-8 and JSON.
TEST(Log, HostileTextEndsNoLineAndNoString) {
  const std::string quoted = "a\"},{\"level\":\"error\\";
  const std::string bytes("\n\r\x00\x1f\x7f", 5);
  const std::string torn = "\xC3\xBC \xC3( \xF0\x9F\x98 \xED\xA0\x80 \xFF";
  for (const std::string& message :
       {quoted, bytes, torn, torn + "\xE2\x82", std::string(100'000, '"')}) {
    const std::string text = JsonLinesOf([&message] { LogWarning(message); });
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_TRUE(IsValidUtf8(text));
    const auto line = JsonReader(text).Read();
    ASSERT_TRUE(line.has_value()) << text.substr(0, 300);
    EXPECT_EQ(line->members.size(), 4u);
    EXPECT_EQ(line->Text("level"), "warning");
    if (IsValidUtf8(message)) {
      EXPECT_EQ(line->Text("message"), message);
    }
  }
  const std::string told =
      JsonLinesOf([&torn] { LogWarning(torn + "\xE2\x82"); });
  const auto line = JsonReader(told).Read();
  ASSERT_TRUE(line.has_value());
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(line->Text("message"), "\xC3\xBC " + bad + "( " + bad + bad + bad +
                                       " " + bad + bad + bad + " " + bad + bad);
}

TEST(Audit, IsAJsonLineThatNoLevelAndNoFormatHoldsBack) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    testing::internal::CaptureStderr();
    SetLogLevel(LogLevel::kError);
    SetLogFormat(format);
    Audit("withdraw", {{"symbol", "A\"B"}, {"reason", "\xFF\n"}});
    SetLogFormat(LogFormat::kText);
    SetLogLevel(LogLevel::kInfo);
    const std::string text = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    const auto line = JsonReader(text).Read();
    ASSERT_TRUE(line.has_value()) << text;
    EXPECT_EQ(line->Text("level"), "info");
    EXPECT_EQ(line->Text("audit"), "withdraw");
    EXPECT_EQ(line->Text("symbol"), "A\"B");
    EXPECT_EQ(line->Text("reason"), "\xEF\xBF\xBD\n");
    EXPECT_EQ(line->Text("ts").size(), 30u);
  }
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
