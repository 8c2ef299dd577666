#include "gateway/market/field.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

TEST(Field, NamesAreUniqueAndFindTheirField) {
  std::set<std::string> names;
  for (size_t i = 0; i < kFieldCount; ++i) {
    const auto field = static_cast<FieldId>(i);
    const std::string name(FieldName(field));
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(FindField(name), field);
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789"),
              std::string::npos)
        << name;
  }
  EXPECT_EQ(FindField("bidd"), std::nullopt);
  EXPECT_EQ(FindField("Bid"), std::nullopt);
  EXPECT_EQ(FindField(""), std::nullopt);
  EXPECT_EQ(FindField({}), std::nullopt);
}

// The names and kinds that docs/protocol.md promises.
TEST(Field, DictionaryIsWhatTheProtocolSays) {
  for (const char* name :
       {"bid", "ask", "last", "open", "high", "low", "prev_close", "change",
        "bid2", "ask10", "vwap", "auction_price", "settlement", "limit_up",
        "limit_down", "year_high", "year_low"}) {
    ASSERT_TRUE(FindField(name)) << name;
    EXPECT_EQ(KindOf(*FindField(name)), FieldKind::kPrice) << name;
  }
  for (const char* name :
       {"bid_size", "ask_size", "bid2_size", "ask10_size", "last_size",
        "volume", "turnover", "auction_size", "open_interest", "bid_count",
        "ask_count", "trade_count"}) {
    ASSERT_TRUE(FindField(name)) << name;
    EXPECT_EQ(KindOf(*FindField(name)), FieldKind::kQuantity) << name;
  }
  EXPECT_EQ(KindOf(FieldId::kTradeTime), FieldKind::kTime);
  EXPECT_EQ(KindOf(FieldId::kQuoteTime), FieldKind::kTime);
  EXPECT_EQ(KindOf(FieldId::kTrading), FieldKind::kText);
  EXPECT_EQ(kFieldCount, 15 + 9 * 4 + 13);
}

TEST(Field, LevelsOfTheBookAreFourFieldsEach) {
  for (int level = 1; level <= 10; ++level) {
    const std::string n = level == 1 ? "" : std::to_string(level);
    const BookLevelFields fields = FieldsOfLevel(level);
    EXPECT_EQ(FieldName(fields.bid), "bid" + n);
    EXPECT_EQ(FieldName(fields.bid_size), "bid" + n + "_size");
    EXPECT_EQ(FieldName(fields.ask), "ask" + n);
    EXPECT_EQ(FieldName(fields.ask_size), "ask" + n + "_size");
  }
}

std::string PackAndUnpack(std::string_view text) {
  char storage[8];
  return std::string(UnpackText(PackText(text), storage));
}

TEST(Field, TextOfUpToEightBytesSurvives) {
  for (const char* text :
       {"", "a", "open", "auction", "unknown", "12345678", "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"}) {
    EXPECT_EQ(PackAndUnpack(text), text);
    EXPECT_NE(PackText(text), kEmpty);
  }
  EXPECT_EQ(PackText({}), PackText(""));
}

TEST(Field, LongerTextIsCutBetweenCharacters) {
  EXPECT_EQ(PackAndUnpack("123456789"), "12345678");
  EXPECT_EQ(PackAndUnpack("1234567\xC3\xA9"), "1234567");
  EXPECT_EQ(PackAndUnpack("12345\xF0\x9F\x98\x80"), "12345");
  EXPECT_EQ(PackAndUnpack("123456\xC3\xA9x"), "123456\xC3\xA9");
  for (size_t before = 0; before <= 8; ++before) {
    const std::string text =
        std::string(before, 'x') + "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC";
    EXPECT_TRUE(IsValidUtf8(PackAndUnpack(text))) << before;
  }
}

// Whatever a feed hands us, no text becomes *empty* by accident.
TEST(Field, NoTextIsEmpty) {
  const std::string empty_bytes("\0\0\0\0\0\0\0\x80", 8);
  EXPECT_NE(PackText(empty_bytes), kEmpty);
  EXPECT_EQ(PackText(std::string(20, '\x80')), PackText(""));
}

}  // namespace
}  // namespace streamhub
