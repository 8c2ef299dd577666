#include "gateway/codec/documents.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/codec/json.h"
#include "tests/support/json_value.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

class DocumentsTest : public ::testing::Test {
 protected:
  DocumentsTest() { home.publisher.SetStatus(FeedStatus::kLive); }

  std::string Quotes(std::vector<RequestSymbol> symbols,
                     std::vector<FieldId> fields = {}) const {
    Request request;
    request.symbols = std::move(symbols);
    request.all_fields = fields.empty();
    request.fields = std::move(fields);
    std::string out;
    AppendQuotes(home.market, home.clock, withdrawn, request, &out);
    return out;
  }

  // The `state` of A in a document of it.
  std::string StateOfA() const {
    const auto document = JsonReader(Quotes({{"A"}})).Read();
    if (!document.has_value()) return "no JSON";
    return std::string(document->Find("quotes")->Find("A")->Text("state"));
  }

  std::string Symbols(std::string_view prefix, std::string_view after,
                      size_t limit, bool topics = false) const {
    std::string out;
    AppendSymbols(home.market, prefix, after, limit, topics, &out);
    const auto document = JsonReader(out).Read();
    if (!document.has_value()) return "no JSON";
    std::string names;
    for (const auto& [name, info] : document->Find("symbols")->members) {
      names += name + ' ';
    }
    return names + "more=" + std::string(document->Text("more"));
  }

  TestMarket home;
  WithdrawnSet withdrawn;
};

TEST_F(DocumentsTest, QuotesAreTheStateNow) {
  home.Tick(home.Add("A"), {{FieldId::kBid, 150}});
  home.Add("B");
  std::string epoch;
  AppendEpoch(home.market.epoch(), &epoch);
  EXPECT_EQ(
      Quotes({{"B"}, {"NEW\"CO"}, {"A"}, {"X"}}, {FieldId::kBid}),
      R"({"epoch":")" + epoch +
          R"(","time":1700000000000000,"quotes":{"B":{"v":1,"snapshot":true,)"
          R"("n":1,"t":1700000000000000,"quiet":false,"trading":"unknown",)"
          R"("bid":null,"state":"live","source":"realtime"},)"
          R"("A":{"v":2,"snapshot":true,"n":2,"t":1700000000000000,)"
          R"("quiet":false,"trading":"unknown","bid":1.50,"state":"live",)"
          R"("source":"realtime"}},"unknown":["NEW\"CO","X"]})"
          "\n");
}

TEST_F(DocumentsTest, TheStateOfASymbolIsItsFeedsUnlessThatIsLive) {
  home.Add("A");
  EXPECT_EQ(StateOfA(), "live");
  home.clock.Advance(4 * kSecond);
  EXPECT_EQ(StateOfA(), "stale");
  home.clock.Advance(20 * kSecond);
  EXPECT_EQ(StateOfA(), "stale");
  home.publisher.Heartbeat();
  EXPECT_EQ(StateOfA(), "quiet");
  home.publisher.SetStatus(FeedStatus::kDown);
  EXPECT_EQ(StateOfA(), "down");
  home.publisher.SetStatus(FeedStatus::kEnded);
  EXPECT_EQ(StateOfA(), "ended");
}

TEST_F(DocumentsTest, SymbolsAreListedByNameInParts) {
  for (const char* const code : {"B1", "A2", "A10", "A1", "C"}) home.Add(code);
  EXPECT_EQ(Symbols("", "", 10), "A1 A10 A2 B1 C more=false");
  EXPECT_EQ(Symbols("A", "", 2), "A1 A10 more=true");
  EXPECT_EQ(Symbols("A", "A10", 2), "A2 more=false");
  EXPECT_EQ(Symbols("A", "A10", 1), "A2 more=false");
  EXPECT_EQ(Symbols("Z", "", 10), "more=false");
}

TEST_F(DocumentsTest, TopicsAreListedWhereTheyAreAskedFor) {
  home.Add("A");
  home.Add("C");
  SymbolId id = 0;
  home.market.DefineTopic("B", kNoFeed, 5, 1, &id);
  EXPECT_EQ(Symbols("", "", 10), "A C more=false");
  EXPECT_EQ(Symbols("", "", 1), "A more=true");
  EXPECT_EQ(Symbols("", "", 10, true), "A B C more=false");
  EXPECT_NE(Quotes({{"B"}}, {}).find(R"("quotes":{},"unknown":["B"]})"),
            std::string::npos)
      << "it has no values";
}

}  // namespace
}  // namespace streamhub
