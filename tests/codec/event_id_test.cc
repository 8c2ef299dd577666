#include "gateway/codec/event_id.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace streamhub {
namespace {

// A subscribe request as the query of the stream's URL makes it.
Request Asked(std::vector<RequestSymbol> symbols) {
  Request request;
  request.symbols = std::move(symbols);
  return request;
}

// `AT A@1 B@0`: what the request holds once `id` is applied to it.
std::string Held(std::string_view id,
                 std::vector<RequestSymbol> symbols = {{"A"}, {"B"}}) {
  Request request = Asked(std::move(symbols));
  ApplyEventId(id, &request);
  std::string held = request.at;
  for (const RequestSymbol& symbol : request.symbols) {
    held += ' ' + symbol.name + '@' + std::to_string(symbol.version);
  }
  return held;
}

constexpr char kNothing[] = " A@0 B@0";

TEST(EventIdTest, TellsTheTokenAndTheVersions) {
  EXPECT_EQ(Held("5c.0.0;A@7,B@12"), "5c.0.0 A@7 B@12");
  EXPECT_EQ(Held("5c.0.0;B@12"), "5c.0.0 A@0 B@12");
  EXPECT_EQ(Held("5c.0.0;A@18446744073709551615"),
            "5c.0.0 A@18446744073709551615 B@0");
}

TEST(EventIdTest, NamesThatAreNotAskedForArePassedOver) {
  EXPECT_EQ(Held("5c.0.0;C@1,A@7,D@2"), "5c.0.0 A@7 B@0");
}

TEST(EventIdTest, NamesMayHoldWhatSymbolsMay) {
  EXPECT_EQ(Held("5c.0.0;A;B@3,€/$@4", {{"A;B"}, {"€/$"}}),
            "5c.0.0 A;B@3 €/$@4");
}

// The URL of a stream stays what it was when it was opened; its cursors are
// older than those of the id, and of another token.
TEST(EventIdTest, StandsForTheVersionsOfTheUrl) {
  Request request = Asked({{"A", 3}, {"B", 4}});
  request.at = "old.0.0";
  ApplyEventId("5c.0.0;A@7", &request);
  EXPECT_EQ(request.at, "5c.0.0");
  EXPECT_EQ(request.symbols[0].version, 7u);
  EXPECT_EQ(request.symbols[1].version, 0u);
}

TEST(EventIdTest, WhatIsMalformedHoldsNothing) {
  for (const char* const id :
       {"", "5c.0.0", "A@1", "5c.0.0;A", "5c.0.0;A@", "5c.0.0;A@x",
        "5c.0.0;A@1x", "5c.0.0;A@-1", "5c.0.0;A@+1", "5c.0.0;A@ 1",
        "5c.0.0;A@1.0", "5c.0.0;A@18446744073709551616", "5c.0.0;A@1,B",
        "5c.0.0;A@1,,B@2", "5c.0.0;,A@1", "5c.0.0;A@1@2", "5c.0.0;A@1;B@2"}) {
    EXPECT_EQ(Held(id), kNothing) << id;
  }
  EXPECT_EQ(Held(std::string_view("5c;A@1\0", 7)), kNothing);
}

TEST(EventIdTest, WhatIsMalformedLeavesTheUrlInForce) {
  Request request = Asked({{"A", 3}});
  request.at = "5c.0.0";
  ApplyEventId("5c.0.0;A@9,B", &request);
  EXPECT_EQ(request.at, "5c.0.0");
  EXPECT_EQ(request.symbols[0].version, 3u);
}

TEST(EventIdTest, ATokenAloneHoldsNoVersion) {
  EXPECT_EQ(Held("5c.0.0;"), "5c.0.0 A@0 B@0");
  EXPECT_EQ(Held(";A@1"), " A@1 B@0");  // no token: no resume either
}

TEST(EventIdTest, ManyAndTwiceAreTakenInStride) {
  EXPECT_EQ(Held("5c.0.0;A@1,A@2"), "5c.0.0 A@2 B@0");
  std::string id = "5c.0.0;";
  for (int i = 0; i < 100'000; ++i) id += "S" + std::to_string(i) + "@1,";
  EXPECT_EQ(Held(id + "B@9"), "5c.0.0 A@0 B@9");
}

TEST(EventIdTest, NoBytesDoHarm) {
  constexpr char kAlphabet[] = "AB@;,019.- \0\xFF\n";
  std::mt19937_64 random(11);
  for (int i = 0; i < 50'000; ++i) {
    std::string id;
    const size_t size = random() % 16;
    while (id.size() < size) id += kAlphabet[random() % sizeof(kAlphabet)];
    Request request = Asked({{"A"}, {"B"}});
    // On the heap and of just this size, so that a sanitizer sees a byte more.
    ApplyEventId(std::string_view(
                     std::vector<char>(id.begin(), id.end()).data(), id.size()),
                 &request);
    ASSERT_EQ(request.symbols.size(), 2u);
    if (id.find(';') == id.npos) {
      ASSERT_EQ(request.at, "");
      ASSERT_EQ(request.symbols[0].version, 0u);
    }
  }
}

}  // namespace
}  // namespace streamhub
