// Books of CSV rows, from lines to the market.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/csv/book_rows.h"
#include "feeds/csv/csv_handler.h"
#include "tests/support/csv_sample.h"
#include "tests/support/test_market.h"

namespace streamhub::csv {
namespace {

class CsvBooksTest : public testing::Test {
 protected:
  CsvBooksTest() { handler_->ExpectBooks(); }

  // A level of XBTUSD. Why it was refused.
  std::string Give(bool snapshot, std::string_view side, std::string_view price,
                   std::string_view size, bool last = true,
                   std::string_view symbol = "XBTUSD") {
    BookRow row;
    row.time_ns = ++time_ns_;
    row.symbol = symbol;
    row.snapshot = snapshot;
    (side == "bid" ? row.bids : row.asks).Add({price, size});
    return Give(row, last);
  }
  std::string Give(const BookRow& row, bool last = true) {
    market_.publisher.BeginBatch();
    const auto why = handler_->OnBook(row, last);
    market_.publisher.EndBatch();
    return why.value_or("");
  }
  void Lose(std::string_view symbol) {
    market_.publisher.BeginBatch();
    handler_->LoseBook(symbol, ++time_ns_);
    market_.publisher.EndBatch();
  }
  // "101x5 102x7": the asks that are published, best first.
  std::string Asks(std::string_view symbol = "XBTUSD") {
    return Shown(symbol, false);
  }
  std::string Bids(std::string_view symbol = "XBTUSD") {
    return Shown(symbol, true);
  }
  std::string Shown(std::string_view symbol, bool bids) {
    const SymbolId id = *market_.market.symbols().Find(symbol);
    std::string text;
    for (int i = 1; i <= 10; ++i) {
      const BookLevelFields f = FieldsOfLevel(i);
      const int64_t price = market_.Value(id, bids ? f.bid : f.ask);
      const int64_t size = market_.Value(id, bids ? f.bid_size : f.ask_size);
      EXPECT_EQ(price == kEmpty, size == kEmpty);
      if (price == kEmpty) continue;
      text += (text.empty() ? "" : " ") + std::to_string(price) + "x" +
              std::to_string(size);
    }
    return text;
  }
  int64_t QuoteTime() {
    return market_.Value(*market_.market.symbols().Find("XBTUSD"),
                         FieldId::kQuoteTime);
  }

  TestMarket market_;
  std::unique_ptr<CsvHandler> handler_ = std::make_unique<CsvHandler>(
      market_.publisher, *DecimalsFinder::Create("1/0"));
  int64_t time_ns_ = 0;
};

TEST_F(CsvBooksTest, AmountsAreAbsoluteAndNoughtRemoves) {
  EXPECT_EQ(Give(true, "ask", "10.5", "5"), "");
  EXPECT_EQ(Give(true, "ask", "10.1", "7"), "");
  EXPECT_EQ(Give(true, "bid", "9.9", "3"), "");
  EXPECT_EQ(Asks(), "101x7 105x5");
  EXPECT_EQ(Bids(), "99x3");
  EXPECT_EQ(Give(false, "ask", "10.1", "2"), "");
  EXPECT_EQ(Asks(), "101x2 105x5");
  EXPECT_EQ(Give(false, "ask", "10.1", "0"), "");
  EXPECT_EQ(Asks(), "105x5");
  EXPECT_EQ(Give(false, "ask", "10.1", "0"), "");  // is not there
  EXPECT_EQ(Asks(), "105x5");
}

TEST_F(CsvBooksTest, AMessageIsShownOnceItIsComplete) {
  Give(true, "ask", "10.5", "5", /*last=*/false);
  Give(true, "bid", "9", "1", /*last=*/false);
  EXPECT_EQ(Asks() + Bids(), "");
  Give(true, "ask", "10.4", "6");
  EXPECT_EQ(Asks(), "104x6 105x5");
  EXPECT_EQ(Bids(), "90x1");
  EXPECT_EQ(QuoteTime(), 3);
}

TEST_F(CsvBooksTest, ASnapshotBehindUpdatesVoidsTheBook) {
  Give(true, "ask", "10.5", "5");
  Give(true, "ask", "10.6", "5");  // of the same one
  EXPECT_EQ(Asks(), "105x5 106x5");
  Give(false, "ask", "10.7", "5");
  Give(true, "ask", "10.8", "1");
  EXPECT_EQ(Asks(), "108x1");
}

TEST_F(CsvBooksTest, UpdatesBeforeTheFirstSnapshotAreIgnored) {
  EXPECT_EQ(Give(false, "ask", "10.5", "5"), "");
  EXPECT_EQ(Asks(), "");
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesIgnored), 1);
  EXPECT_EQ(handler_->BookOf("XBTUSD"), nullptr);
}

TEST_F(CsvBooksTest, AWholeRowIsTheBook) {
  BookRow row;
  row.symbol = "XBTUSD";
  row.snapshot = row.whole = true;
  row.time_ns = 4;
  row.asks.Add({"10.5", "1"});
  row.bids.Add({"10.4", "2"});
  EXPECT_EQ(Give(row), "");
  row.asks = {};
  row.asks.Add({"10.6", "3"});
  row.time_ns = 5;
  EXPECT_EQ(Give(row), "");
  EXPECT_EQ(Asks(), "106x3");
  EXPECT_EQ(Bids(), "104x2");
  EXPECT_EQ(QuoteTime(), 5);
  row.time_ns = 6;  // says nothing new
  EXPECT_EQ(Give(row), "");
  EXPECT_EQ(QuoteTime(), 5);
}

TEST_F(CsvBooksTest, WhatDoesNotFitEndsTheBookUntilTheNextSnapshot) {
  Give(true, "ask", "10.5", "5");
  Give(true, "bid", "10.4", "5");
  EXPECT_EQ(Give(false, "ask", "10.55", "5"),
            "price '10.55' does not fit the decimals of the symbol, 1/0");
  EXPECT_EQ(Asks() + Bids(), "");
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 1);
  EXPECT_EQ(Give(false, "ask", "10.5", "7"), "");
  EXPECT_EQ(Asks(), "");
  Give(true, "ask", "10.6", "8");
  EXPECT_EQ(Asks(), "106x8");
  EXPECT_EQ(Give(false, "bid", "1", "0.5"),
            "amount '0.5' does not fit the decimals of the symbol, 1/0");
}

TEST_F(CsvBooksTest, ALostRowEndsItsBookOrAll) {
  for (const char* const symbol : {"A", "B"}) {
    Give(true, "ask", "10.5", "5", true, symbol);
    Give(false, "ask", "10.6", "5", true, symbol);
  }
  Lose("A");
  Lose("C");
  EXPECT_EQ(Asks("A"), "");
  EXPECT_EQ(Asks("B"), "105x5 106x5");
  Lose("");
  EXPECT_EQ(Asks("B"), "");
  Give(true, "ask", "10.7", "5", true, "B");
  EXPECT_EQ(Asks("B"), "107x5");
}

TEST_F(CsvBooksTest, CrossedBooksArePassedOnAndCounted) {
  Give(true, "ask", "10.5", "5");
  Give(true, "bid", "10.5", "5");  // locked
  EXPECT_EQ(market_.counters.Get(Metric::kQuotesCrossed), 0);
  Give(false, "bid", "10.6", "5");
  EXPECT_EQ(market_.counters.Get(Metric::kQuotesCrossed), 1);
  EXPECT_EQ(Bids(), "106x5 105x5");
}

TEST_F(CsvBooksTest, BooksAndTradesOfASymbolMeet) {
  const Columns columns = *Columns::Parse("time=0,last=1,last_size=2");
  market_.publisher.BeginBatch();
  EXPECT_FALSE(handler_->On(
      {1, "XBTUSD", {"", "", "", "", "", "", "10.2", "4"}}, columns));
  market_.publisher.EndBatch();
  Give(true, "ask", "10.5", "5");
  Give(true, "ask", "10.6", "6");
  EXPECT_EQ(Asks(), "105x5 106x6");
  EXPECT_EQ(market_.market.symbols().size(), 1u);
  EXPECT_EQ(market_.Value(0, FieldId::kVolume), 4);
}

TEST_F(CsvBooksTest, ANewRunHasNoBooks) {
  Give(true, "ask", "10.5", "5");
  handler_->StartAgain();
  market_.publisher.StartEpoch();
  EXPECT_EQ(Asks(), "");
  Give(false, "ask", "10.6", "5");
  EXPECT_EQ(Asks(), "");
  Give(true, "ask", "10.5", "5");
  EXPECT_EQ(Asks(), "105x5");
}

// A thousand messages of a market that never was, from their lines: the book
// is what maps make of them, behind every message.
TEST_F(CsvBooksTest, ASampleFromItsLines) {
  const TardisSample sample = MakeTardisSample(7, 1'000);
  handler_ = std::make_unique<CsvHandler>(market_.publisher,
                                          *DecimalsFinder::Create("1/3"));
  handler_->ExpectBooks();
  BookRowReader rows(BookForm::kUpdates, *SessionTime::Create("UTC"));
  FieldSplitter fields;
  std::string_view text = sample.updates;
  const auto next_line = [&] {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    return line;
  };
  BookRow row;
  ASSERT_EQ(rows.Read(next_line(), fields, &row),
            BookRowReader::Result::kNoRow);
  const auto shown = [](const SampleLevels& levels) {
    std::string all;
    for (size_t i = 0; i < std::min<size_t>(10, levels.size()); ++i) {
      all += (i == 0 ? "" : " ") + std::to_string(levels[i].first) + "x" +
             std::to_string(levels[i].second);
    }
    return all;
  };
  for (size_t m = 0; m < sample.rows.size(); ++m) {
    for (int i = 1; i <= sample.rows[m]; ++i) {
      ASSERT_EQ(rows.Read(next_line(), fields, &row),
                BookRowReader::Result::kRow);
      ASSERT_EQ(Give(row, i == sample.rows[m]), "");
    }
    ASSERT_EQ(Bids(), shown(sample.bids[m])) << m;
    ASSERT_EQ(Asks(), shown(sample.asks[m])) << m;
    ASSERT_EQ(handler_->BookOf("XBTUSD")->bids.size(), sample.bids[m].size());
  }
  EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace streamhub::csv
