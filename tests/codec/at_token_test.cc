#include "gateway/codec/at_token.h"

#include <gtest/gtest.h>

#include <string>

namespace streamhub {
namespace {

TEST(AtTokenTest, AStreamsTokenHasThreeParts) {
  const ParsedAt at = ParseAt("5c0e31.9a1b22.0");
  EXPECT_EQ(at.epoch, "5c0e31");
  EXPECT_EQ(at.cursors, "5c0e31.9a1b22.0");
  EXPECT_FALSE(at.feeds.has_value());
  EXPECT_EQ(at.issued_ms, 0);
}

TEST(AtTokenTest, APollsTokenReadsBack) {
  std::string text = "5c0e31.0.0";
  AppendPollParts(0xFFFFFFFFFFFFFFFF, 1'700'000'000'123,
                  MakeSessionId(2, 117, /*poll=*/true), &text);
  EXPECT_TRUE(text.ends_with(".2-117p")) << text;
  const ParsedAt at = ParseAt(text);
  EXPECT_EQ(at.epoch, "5c0e31");
  EXPECT_EQ(at.cursors, "5c0e31.0.0");
  EXPECT_EQ(at.feeds, 0xFFFFFFFFFFFFFFFF);
  EXPECT_EQ(at.issued_ms, 1'700'000'000'123);
  EXPECT_EQ(at.session, MakeSessionId(2, 117, /*poll=*/true));
  // As it was before tokens told the session.
  text.resize(text.rfind('.'));
  EXPECT_EQ(ParseAt(text).issued_ms, 1'700'000'000'123);
  EXPECT_EQ(ParseAt(text).session, 0u);
}

TEST(AtTokenTest, NobodySaysToBeASessionThatIsNoPoll) {
  for (const char* text : {"a.b.c.7.8.2-117", "a.b.c.7.8.2-117px", "a.b.c.7.8.",
                           "a.b.c.7.8.2-117p.1", "a.b.c.2-117p", "2-117p"}) {
    EXPECT_EQ(ParseAt(text).session, 0u) << text;
  }
}

TEST(AtTokenTest, WhatIsMalformedWasNeverTold) {
  for (const char* text :
       {"", ".", "a", "a.b", "a.b.c", "a.b.c.", "a.b.c..", "a.b.c.x.1x",
        "a.b.c.1ffffffffffffffff.8000000000000000", "a.b.c.-1.-1",
        "a.b.c. 1. 1", "a.b.c.0x1.0x1", "a.b.c.+1.+1"}) {
    const ParsedAt at = ParseAt(text);
    EXPECT_FALSE(at.feeds.has_value()) << text;
    EXPECT_EQ(at.issued_ms, 0) << text;
  }
  EXPECT_EQ(ParseAt("a.b.c.7.8.9").cursors, "a.b.c");
  EXPECT_EQ(ParseAt("a.b.c.7.8.9").feeds, 7u);
  EXPECT_EQ(ParseAt("a.b.c.7.8.9").issued_ms, 8);
  EXPECT_EQ(ParseAt("a.b.c.7.8.9").session, 0u);
}

TEST(AtTokenTest, TheOrderOfFieldsDoesNotMatter) {
  const std::string all = AtFields(true, {});
  const std::string some = AtFields(false, {FieldId::kBid, FieldId::kAsk});
  EXPECT_EQ(some,
            AtFields(false, {FieldId::kAsk, FieldId::kBid, FieldId::kAsk}));
  EXPECT_NE(some, all);
  EXPECT_NE(some, AtFields(false, {FieldId::kBid}));
}

}  // namespace
}  // namespace streamhub
