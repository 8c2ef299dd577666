#include "gateway/market/symbol_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace streamhub {
namespace {

SymbolInfo Info(std::string_view code) {
  SymbolInfo info;
  info.code = std::string(code);
  info.name = "name of " + info.code;
  info.layout = &QuoteLayout();
  return info;
}

SymbolId Add(SymbolTable& table, std::string_view code) {
  SymbolId id = 0;
  EXPECT_EQ(table.Add(
                Info(code), [](SymbolId) {}, &id),
            SymbolTable::Added::kNew);
  return id;
}

std::vector<std::string> Codes(const SymbolTable& table,
                               std::string_view prefix, std::string_view after,
                               size_t limit, bool* more) {
  std::vector<std::string> codes;
  for (const SymbolId id : table.List(prefix, after, limit, true, more)) {
    codes.push_back(table.Get(id).code);
  }
  return codes;
}

using Strings = std::vector<std::string>;

TEST(SymbolTable, GivesDenseIdsAndFindsThem) {
  SymbolTable table(10);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(Add(table, "B"), 0u);
  EXPECT_EQ(Add(table, "A"), 1u);
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.Find("A"), 1u);
  EXPECT_EQ(table.Find("B"), 0u);
  EXPECT_EQ(table.Find("C"), std::nullopt);
  EXPECT_EQ(table.Find(""), std::nullopt);
  EXPECT_EQ(table.Get(1).name, "name of A");
}

TEST(SymbolTable, AKnownCodeIsLeftAsItIs) {
  SymbolTable table(10);
  Add(table, "A");
  SymbolInfo other = Info("A");
  other.name = "another";
  SymbolId id = 99;
  bool prepared = false;
  EXPECT_EQ(table.Add(
                other, [&](SymbolId) { prepared = true; }, &id),
            SymbolTable::Added::kKnown);
  EXPECT_EQ(id, 0u);
  EXPECT_FALSE(prepared);
  EXPECT_EQ(table.Get(0).name, "name of A");
}

TEST(SymbolTable, PreparesBeforeAnybodyCanSeeTheSymbol) {
  SymbolTable table(10);
  SymbolId id = 0, prepared = 99;
  table.Add(
      Info("A"),
      [&](SymbolId fresh) {
        prepared = fresh;
        EXPECT_EQ(table.size(), 0u);
      },
      &id);
  EXPECT_EQ(prepared, id);
  EXPECT_EQ(table.size(), 1u);
}

TEST(SymbolTable, RefusesMoreThanItsLimitButKnowsTheOldOnes) {
  SymbolTable table(2);
  Add(table, "A");
  Add(table, "B");
  SymbolId id = 99;
  EXPECT_EQ(table.Add(
                Info("C"), [](SymbolId) { FAIL(); }, &id),
            SymbolTable::Added::kFull);
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.Find("C"), std::nullopt);
  EXPECT_EQ(table.Add(
                Info("B"), [](SymbolId) {}, &id),
            SymbolTable::Added::kKnown);
  EXPECT_EQ(id, 1u);
}

TEST(SymbolTable, ListsInByteOrderByPrefix) {
  SymbolTable table(10);
  for (const char* code : {"MSFT", "AAPL", "AA", "AAL", "ab", "B", "A"}) {
    Add(table, code);
  }
  bool more = true;
  EXPECT_EQ(Codes(table, "", "", 100, &more),
            (Strings{"A", "AA", "AAL", "AAPL", "B", "MSFT", "ab"}));
  EXPECT_FALSE(more);
  EXPECT_EQ(Codes(table, "AA", "", 100, &more), (Strings{"AA", "AAL", "AAPL"}));
  EXPECT_EQ(Codes(table, "AAPL", "", 100, &more), Strings{"AAPL"});
  EXPECT_EQ(Codes(table, "AAPLX", "", 100, &more), Strings{});
  EXPECT_EQ(Codes(table, "Z", "", 100, &more), Strings{});
  EXPECT_EQ(Codes(table, "AA", "", 3, &more).size(), 3u);
  EXPECT_FALSE(more);
  EXPECT_EQ(Codes(table, "AA", "", 2, &more), (Strings{"AA", "AAL"}));
  EXPECT_TRUE(more);
  EXPECT_EQ(Codes(table, "AA", "", 0, &more), Strings{});
  EXPECT_TRUE(more);
}

TEST(SymbolTable, AfterNeedsNoKnownCodeAndNeverWidensThePrefix) {
  SymbolTable table(10);
  for (const char* code : {"A", "AA", "AB", "B"}) Add(table, code);
  bool more = false;
  EXPECT_EQ(Codes(table, "", "AAA", 9, &more), (Strings{"AB", "B"}));
  EXPECT_EQ(Codes(table, "A", "0", 9, &more), (Strings{"A", "AA", "AB"}));
  EXPECT_EQ(Codes(table, "A", "Z", 9, &more), Strings{});
  EXPECT_EQ(Codes(table, "A", "A", 9, &more), (Strings{"AA", "AB"}))
      << "`after` itself is not listed again, even if it is the prefix";
}

TEST(SymbolTable, PagesCoverEverySymbolOnce) {
  SymbolTable table(300);
  for (int i = 0; i < 300; ++i) Add(table, "S" + std::to_string(i * 7 % 300));
  for (const size_t limit : {1, 7, 100, 300, 1000}) {
    for (const char* prefix : {"", "S", "S1", "S10"}) {
      bool more = false;
      const Strings all = Codes(table, prefix, "", 1000, &more);
      Strings paged;
      std::string after;
      do {
        const Strings page = Codes(table, prefix, after, limit, &more);
        paged.insert(paged.end(), page.begin(), page.end());
        ASSERT_LE(paged.size(), all.size());
        ASSERT_TRUE(!more || page.size() == limit);
        if (!page.empty()) after = page.back();
      } while (more);
      EXPECT_EQ(paged, all) << prefix << " by " << limit;
    }
  }
}

TEST(SymbolTable, ReadersSeeWholeSymbolsWhileWritersAdd) {
  constexpr int kSymbols = 2000;
  SymbolTable table(2 * kSymbols);
  std::atomic<int> writers = 2;
  std::vector<std::thread> threads;
  for (int w = 0; w < 2; ++w) {
    threads.emplace_back([&, w] {
      for (int i = 0; i < kSymbols; ++i) {
        SymbolId id = 0;
        // Half of the codes are added by both.
        const int n = i % 2 == 0 ? i : i + w * 100'000;
        table.Add(
            Info("S" + std::to_string(n)), [](SymbolId) {}, &id);
      }
      --writers;
    });
  }
  size_t seen = 0;
  while (writers > 0 || seen < table.size()) {
    for (const size_t size = table.size(); seen < size; ++seen) {
      const SymbolInfo& info = table.Get(static_cast<SymbolId>(seen));
      ASSERT_EQ(info.name, "name of " + info.code);
      ASSERT_EQ(table.Find(info.code), static_cast<SymbolId>(seen));
    }
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(seen, kSymbols / 2 * 3u);
}

}  // namespace
}  // namespace streamhub
