#include "gateway/base/utf8.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace streamhub {
namespace {

// RFC 3629 by arithmetic: decode, then refuse what has a shorter form, the
// surrogates and what lies above U+10FFFF. Slow and obviously right.
bool ReferenceIsValid(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<uint8_t>(text[i]);
    int more = 0;
    uint32_t code = 0;
    if (lead < 0x80) {
      code = lead;
    } else if ((lead & 0xE0) == 0xC0) {
      more = 1;
      code = lead & 0x1F;
    } else if ((lead & 0xF0) == 0xE0) {
      more = 2;
      code = lead & 0x0F;
    } else if ((lead & 0xF8) == 0xF0) {
      more = 3;
      code = lead & 0x07;
    } else {
      return false;
    }
    if (text.size() - i <= static_cast<size_t>(more)) return false;
    for (int k = 1; k <= more; ++k) {
      const auto byte = static_cast<uint8_t>(text[i + k]);
      if ((byte & 0xC0) != 0x80) return false;
      code = code << 6 | (byte & 0x3F);
    }
    constexpr std::array<uint32_t, 4> kShortest = {0, 0x80, 0x800, 0x10000};
    if (code < kShortest[more] || code > 0x10FFFF) return false;
    if (code >= 0xD800 && code <= 0xDFFF) return false;
    i += 1 + more;
  }
  return true;
}

bool ValidInPieces(std::string_view text, size_t first, size_t second) {
  Utf8Checker checker;
  return checker.Feed(text.substr(0, first)) &&
         checker.Feed(text.substr(first, second - first)) &&
         checker.Feed(text.substr(second)) && checker.AtBoundary();
}

// All sequences of three bytes whose class matters, then a fourth and fifth.
TEST(Utf8, AgreesWithTheReferenceOnEveryShortSequence) {
  const std::vector<int> edges = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                  0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
                                  0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1,
                                  0xF3, 0xF4, 0xF5, 0xF8, 0xFF};
  std::string text;
  const auto check = [&] {
    ASSERT_EQ(IsValidUtf8(text), ReferenceIsValid(text))
        << testing::PrintToString(text);
  };
  for (int a = 0; a < 256; ++a) {
    text = {static_cast<char>(a)};
    check();
    for (int b = 0; b < 256; ++b) {
      text = {static_cast<char>(a), static_cast<char>(b)};
      check();
      for (const int c : edges) {
        text = {static_cast<char>(a), static_cast<char>(b),
                static_cast<char>(c)};
        check();
      }
    }
  }
  for (const int a : edges) {
    for (const int b : edges) {
      for (const int c : edges) {
        for (const int d : edges) {
          text = {static_cast<char>(a), static_cast<char>(b),
                  static_cast<char>(c), static_cast<char>(d)};
          check();
        }
      }
    }
  }
}

TEST(Utf8, AcceptsEveryCodePointAndNoSurrogate) {
  for (uint32_t code = 0; code <= 0x110100; ++code) {
    std::string text;
    if (code < 0x80) {
      text = {static_cast<char>(code)};
    } else if (code < 0x800) {
      text = {static_cast<char>(0xC0 | code >> 6),
              static_cast<char>(0x80 | (code & 0x3F))};
    } else if (code < 0x10000) {
      text = {static_cast<char>(0xE0 | code >> 12),
              static_cast<char>(0x80 | (code >> 6 & 0x3F)),
              static_cast<char>(0x80 | (code & 0x3F))};
    } else {
      text = {static_cast<char>(0xF0 | code >> 18),
              static_cast<char>(0x80 | (code >> 12 & 0x3F)),
              static_cast<char>(0x80 | (code >> 6 & 0x3F)),
              static_cast<char>(0x80 | (code & 0x3F))};
    }
    const bool good = code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
    ASSERT_EQ(IsValidUtf8(text), good) << code;
  }
}

TEST(Utf8, MixedTextAgreesWhereverItIsSplit) {
  const uint32_t seed = 20231114;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> parts = {"a",
                                          "plain text",
                                          "\xC3\xA9",
                                          "\xE2\x82\xAC",
                                          "\xF0\x9F\x98\x80",
                                          "\x7F",
                                          "\xED\x9F\xBF",
                                          "\xEE\x80\x80",
                                          "\xF4\x8F\xBF\xBF",
                                          "12345678",
                                          "\xC2",
                                          "\x80",
                                          "\xED\xA0\x80",
                                          "\xF4\x90"};
  int valid = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    // Mostly good parts, or nearly every long text would be bad.
    const size_t kinds = round % 2 == 0 ? 10 : parts.size();
    for (int n = random() % 6; n >= 0; --n) text += parts[random() % kinds];
    const bool good = ReferenceIsValid(text);
    valid += good;
    ASSERT_EQ(IsValidUtf8(text), good) << testing::PrintToString(text);
    for (size_t i = 0; i <= text.size(); ++i) {
      ASSERT_EQ(ValidInPieces(text, i, (i + text.size() + 1) / 2), good)
          << testing::PrintToString(text) << " split at " << i;
    }
  }
  EXPECT_GT(valid, 1000);
  EXPECT_LT(valid, 3000);
}

TEST(Utf8, FailsAtTheFirstBadByte) {
  Utf8Checker checker;
  EXPECT_TRUE(checker.Feed("ok \xE0"));
  EXPECT_FALSE(checker.AtBoundary());
  EXPECT_FALSE(checker.Feed("\x80")) << "overlong, known from its 2nd byte";
}

TEST(Utf8, ResetForgetsAnUnfinishedCharacter) {
  for (const char* unfinished : {"\xE0", "\xED", "\xF0", "\xF4", "\xC2"}) {
    Utf8Checker checker;
    EXPECT_TRUE(checker.Feed(unfinished));
    checker.Reset();
    EXPECT_TRUE(checker.AtBoundary());
    EXPECT_TRUE(checker.Feed("\xC2\x80\xC2\xBF")) << unfinished;
    EXPECT_TRUE(checker.AtBoundary());
  }
}

TEST(Utf8, EmptyTextIsValid) {
  EXPECT_TRUE(IsValidUtf8({}));
  EXPECT_TRUE(IsValidUtf8(""));
}

TEST(ForTerminal, KeepsWhatIsShownAndNoControl) {
  EXPECT_EQ(ForTerminal("Zürich 1.5 €"), "Zürich 1.5 €");
  EXPECT_EQ(ForTerminal("a\x1b[2J\r\n\x7f\x01z"), "a?[2J????z");
  EXPECT_EQ(ForTerminal(""), "");
}

}  // namespace
}  // namespace streamhub
