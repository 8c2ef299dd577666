#include "gateway/base/utc_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace streamhub {
namespace {

TEST(UtcTextTest, IsExactToTheNanosecond) {
  EXPECT_EQ(UtcText(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(UtcText(1'704'206'100'123'456'789),
            "2024-01-02T14:35:00.123456789Z");
  EXPECT_EQ(UtcText(1'709'251'199'999'999'999),
            "2024-02-29T23:59:59.999999999Z");
  EXPECT_EQ(UtcText(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(UtcTextTest, EveryTimeHasOne) {
  EXPECT_EQ(UtcText(std::numeric_limits<int64_t>::max()),
            "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(UtcText(std::numeric_limits<int64_t>::min()),
            "1677-09-21T00:12:43.145224192Z");
}

TEST(UtcTextTest, IsAppended) {
  std::string text = "at ";
  AppendUtc(1, &text);
  EXPECT_EQ(text, "at 1970-01-01T00:00:00.000000001Z");
}

}  // namespace
}  // namespace streamhub
