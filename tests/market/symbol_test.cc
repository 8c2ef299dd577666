#include "gateway/market/symbol.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhub {
namespace {

TEST(Symbol, ValidCodes) {
  for (const char* code :
       {"AAPL",
        "A\xC2\xA0"
        "B",
        "A\xC3\x82", "VOD.L", "EUR/USD", "BTC-USD", "ESH4", "a", "BRK B",
        "^GSPC", "M\xC3\xBCnchen", "\xE2\x82\xAC", "=:;'\"\\"}) {
    EXPECT_TRUE(IsValidSymbol(code)) << code;
  }
  EXPECT_TRUE(IsValidSymbol(std::string(64, 'X')));
}

TEST(Symbol, InvalidCodes) {
  EXPECT_FALSE(IsValidSymbol(""));
  EXPECT_FALSE(IsValidSymbol(std::string(65, 'X')));
  EXPECT_FALSE(IsValidSymbol("A,B"));
  EXPECT_FALSE(IsValidSymbol("A@1"));
  EXPECT_FALSE(IsValidSymbol("A\tB"));
  EXPECT_FALSE(IsValidSymbol("A\nB"));
  EXPECT_FALSE(IsValidSymbol("A\x7F"));
  EXPECT_FALSE(IsValidSymbol(std::string("A\0B", 3)));
  EXPECT_FALSE(IsValidSymbol("\xFF"));
  EXPECT_FALSE(IsValidSymbol("A\xC3"));
  EXPECT_FALSE(IsValidSymbol("\xED\xA0\x80"));
  EXPECT_FALSE(IsValidSymbol("A\xC2\x85")) << "a control character of C1";
  EXPECT_FALSE(IsValidSymbol("\xC2\xA9\xC2\x9F"));
}

}  // namespace
}  // namespace streamhub
