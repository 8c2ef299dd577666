// Messages inside of scripts (gateway/codec/script.h).

#include "gateway/codec/script.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhub {
namespace {

std::string ScriptText(std::string_view text) {
  std::string out;
  AppendScriptText(text, &out);
  return out;
}

TEST(CallbackNameTest, IdentifiersAndTheirMembersAreGood) {
  for (const char* good :
       {"f", "_", "$", "cb1", "a.b", "jQuery.cb_42", "A.$.x"}) {
    EXPECT_TRUE(IsCallbackName(good)) << good;
  }
  EXPECT_TRUE(IsCallbackName(std::string(64, 'a')));
}

TEST(CallbackNameTest, AnythingElseIsRefused) {
  for (const char* bad : {"", "1a", ".", "a.", ".a", "a..b", "a.1", "a b", "a(",
                          "alert(1)//", "a;b", "a[0]", "a-b", "<script>", "a\n",
                          "\xC3\xA9", "a\xE2\x80\xA8", "a%28"}) {
    EXPECT_FALSE(IsCallbackName(bad)) << bad;
  }
  EXPECT_FALSE(IsCallbackName(std::string(65, 'a')));
  EXPECT_FALSE(IsCallbackName(std::string_view("a\0b", 3)));
}

TEST(CallbackScriptTest, TheObjectsBecomeOneArray) {
  EXPECT_EQ(CallbackScript("a.b", "{\"x\":1}"), "/**/a.b([{\"x\":1}]);\n");
  EXPECT_EQ(CallbackScript("f", "{\"x\":1}\n{\"y\":2}\n"),
            "/**/f([{\"x\":1},\n{\"y\":2}]);\n");
}

TEST(CallbackScriptTest, WhatEndsALineOfAScriptIsEscaped) {
  EXPECT_EQ(
      CallbackScript("f", "{\"x\":\"\xE2\x80\xA8\xE2\x80\xA9\xE2\x82\xAC\"}"),
      "/**/f([{\"x\":\"\\u2028\\u2029\xE2\x82\xAC\"}]);\n");
}

TEST(ScriptTextTest, NothingLeavesTheLiteralOrTheScript) {
  EXPECT_EQ(ScriptText("{\"a\":\"b\"}\n{}"), "{\"a\":\"b\"}\\n{}");
  EXPECT_EQ(ScriptText("</script><!--'\\"), "\\x3C/script>\\x3C!--\\'\\\\");
  EXPECT_EQ(ScriptText("\xE2\x80\xA8|\xE2\x80\xA9|\xE2\x82\xAC|\xE2"),
            "\\u2028|\\u2029|\xE2\x82\xAC|\xE2");
}

}  // namespace
}  // namespace streamhub
