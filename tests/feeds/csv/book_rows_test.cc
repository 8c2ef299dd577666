#include "feeds/csv/book_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace streamhub::csv {
namespace {

using Result = BookRowReader::Result;

constexpr char kUpdatesHeader[] =
    "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,amount";
constexpr char kSnapshotHeader[] =
    "exchange,symbol,timestamp,local_timestamp,asks[0].price,asks[0].amount,"
    "bids[0].price,bids[0].amount,asks[1].price,asks[1].amount,bids[1].price,"
    "bids[1].amount";

class BookRowsTest : public testing::Test {
 protected:
  void Use(BookForm form, std::string_view header) {
    rows_.emplace(form, *SessionTime::Create("UTC"));
    EXPECT_EQ(Read(header), Result::kNoRow) << rows_->fault();
  }
  Result Read(std::string_view line) {
    line_ = std::string(line);
    return rows_->Read(line_, fields_, &row_);
  }
  // The fault of a line that is bad.
  std::string Fault(std::string_view line) {
    EXPECT_EQ(Read(line), Result::kBad) << line;
    return rows_->fault();
  }

  std::optional<BookRowReader> rows_;
  FieldSplitter fields_;
  std::string line_;
  BookRow row_;
};

TEST_F(BookRowsTest, AnUpdateIsOneLevelOfOneSide) {
  Use(BookForm::kUpdates, kUpdatesHeader);
  ASSERT_EQ(Read("deribit,BTC-PERPETUAL,1585699200245000,1585699200355684,"
                 "true,ask,6421.5,18640"),
            Result::kRow);
  EXPECT_EQ(row_.symbol, "BTC-PERPETUAL");
  EXPECT_EQ(row_.time_ns, 1'585'699'200'245'000'000);
  EXPECT_EQ(row_.local_ns, 1'585'699'200'355'684'000);
  EXPECT_TRUE(row_.snapshot);
  EXPECT_FALSE(row_.whole);
  EXPECT_EQ(row_.bids.count, 0u);
  ASSERT_EQ(row_.asks.count, 1u);
  EXPECT_EQ(row_.asks.levels[0].price, "6421.5");
  EXPECT_EQ(row_.asks.levels[0].size, "18640");
  ASSERT_EQ(Read("x,A,1,2,false,bid,-1.5,0"), Result::kRow);
  EXPECT_FALSE(row_.snapshot);
  EXPECT_EQ(row_.asks.count, 0u);
  ASSERT_EQ(row_.bids.count, 1u);
  EXPECT_EQ(row_.bids.levels[0].size, "0");
  EXPECT_EQ(Read(""), Result::kNoRow);
}

TEST_F(BookRowsTest, ColumnsAreFoundByName) {
  Use(BookForm::kUpdates,
      "amount,price,side,is_snapshot,local_timestamp,timestamp,symbol");
  ASSERT_EQ(Read("5,2.5,bid,true,9,8,A"), Result::kRow);
  EXPECT_EQ(row_.time_ns, 8'000);
  EXPECT_EQ(row_.local_ns, 9'000);
  EXPECT_EQ(row_.bids.levels[0].price, "2.5");
  EXPECT_EQ(row_.bids.levels[0].size, "5");
}

TEST_F(BookRowsTest, ASnapshotIsAllLevelsThatThereAre) {
  Use(BookForm::kSnapshots, kSnapshotHeader);
  ASSERT_EQ(Read("x,A,1,2,10.5,1,10,2,11,3,9.5,4"), Result::kRow);
  EXPECT_TRUE(row_.snapshot && row_.whole);
  ASSERT_EQ(row_.asks.count, 2u);
  ASSERT_EQ(row_.bids.count, 2u);
  EXPECT_EQ(row_.asks.levels[1].price, "11");
  EXPECT_EQ(row_.bids.levels[1].size, "4");
  ASSERT_EQ(Read("x,A,1,2,10.5,1,,,11,3,,"), Result::kRow);
  EXPECT_EQ(row_.asks.count, 2u);
  EXPECT_EQ(row_.bids.count, 0u);
}

TEST_F(BookRowsTest, OfDeepSnapshotsTenLevelsAreRead) {
  std::string header = "exchange,symbol,timestamp,local_timestamp";
  std::string line = "x,A,1,2";
  for (int i = 0; i < 25; ++i) {
    const std::string at = "[" + std::to_string(i) + "].";
    header += ",asks" + at + "price,asks" + at + "amount,bids" + at +
              "price,bids" + at + "amount";
    line +=
        "," + std::to_string(100 + i) + ",1," + std::to_string(99 - i) + ",2";
  }
  Use(BookForm::kSnapshots, header);
  ASSERT_EQ(Read(line), Result::kRow);
  ASSERT_EQ(row_.asks.count, 10u);
  EXPECT_EQ(row_.asks.levels[9].price, "109");
  EXPECT_EQ(row_.bids.levels[9].price, "90");
}

TEST_F(BookRowsTest, SaysWhatIsWrongWithARow) {
  Use(BookForm::kUpdates, kUpdatesHeader);
  EXPECT_EQ(Fault("x,A,1,2,true,ask,1"), "has 7 columns, want 8");
  EXPECT_EQ(Fault("x,A,yesterday,2,true,ask,1,2"),
            "timestamp: 'yesterday' is no time of the form unix-us");
  EXPECT_EQ(row_.symbol, "A");
  EXPECT_EQ(Fault("x,A,1,,true,ask,1,2"),
            "local_timestamp: '' is no time of the form unix-us");
  EXPECT_EQ(Fault("x,A,1,2,1,ask,1,2"),
            "is_snapshot: '1' is neither true nor false");
  EXPECT_EQ(Fault("x,A,1,2,true,buy,1,2"),
            "side: 'buy' is neither bid nor ask");
  EXPECT_EQ(Fault("x,A,1,2,true,bid,1e3,2"), "price: '1e3' is no decimal");
  EXPECT_EQ(Fault("x,A,1,2,true,bid,1,-2"), "amount: '-2' is negative");
  EXPECT_EQ(Fault("x,A,1,2,true,bid,1,"), "amount: '' is no decimal");
  EXPECT_EQ(Fault("x,A,1,2,true,bid,,"), "price: '' is empty");
  EXPECT_EQ(Fault("x,A@B,1,2,true,bid,1,2"), "symbol: 'A@B' is no symbol");
  EXPECT_EQ(row_.symbol, "");
  EXPECT_EQ(rows_->ReadTooLong(), Result::kBad);
}

TEST_F(BookRowsTest, AHeaderHasEveryColumnOnce) {
  const SessionTime utc = *SessionTime::Create("UTC");
  const auto fault = [&](BookForm form, std::string_view header) {
    BookRowReader rows(form, utc);
    EXPECT_EQ(rows.Read(header, fields_, &row_), Result::kUnusable) << header;
    return rows.fault();
  };
  EXPECT_EQ(fault(BookForm::kUpdates, kSnapshotHeader),
            "the header has no column 'is_snapshot'");
  EXPECT_EQ(fault(BookForm::kUpdates, std::string(kUpdatesHeader) + ",side"),
            "the header has more than one column 'side'");
  EXPECT_EQ(fault(BookForm::kSnapshots, kUpdatesHeader),
            "the header has no column 'bids[0].price'");
  EXPECT_EQ(fault(BookForm::kSnapshots,
                  std::string(kSnapshotHeader) + ",bids[2].price"),
            "the header has no column 'bids[2].amount'");
  BookRowReader rows(BookForm::kUpdates, utc);
  EXPECT_EQ(rows.ReadTooLong(), Result::kUnusable);
}

TEST_F(BookRowsTest, RowsOfOneMessageBelongTogether) {
  BookRow a;
  a.time_ns = 1;
  a.local_ns = 5;
  a.symbol = "A";
  BookRow b = a;
  b.time_ns = 2;
  EXPECT_TRUE(a.SameMessage(b));
  b.symbol = "B";
  EXPECT_FALSE(a.SameMessage(b));
  b = a;
  b.local_ns = 6;
  EXPECT_FALSE(a.SameMessage(b));
  b = a;
  b.snapshot = true;
  EXPECT_FALSE(a.SameMessage(b));
  b = a;
  b.whole = true;
  EXPECT_FALSE(b.SameMessage(b));
}

TEST_F(BookRowsTest, TheFormIsKnownByTheHeader) {
  EXPECT_EQ(BookFormOfStart(std::string(kUpdatesHeader) + "\nx"),
            "tardis-book");
  EXPECT_EQ(BookFormOfStart("\xEF\xBB\xBF" + std::string(kSnapshotHeader)),
            "tardis-snapshot");
  EXPECT_EQ(BookFormOfStart("exchange,symbol,timestamp,local_timestamp,id,"
                            "side,price,amount"),
            "");
  EXPECT_EQ(BookFormOfStart(""), "");
}

TEST_F(BookRowsTest, TheFinestTextsTellTheDecimals) {
  Use(BookForm::kSnapshots, kSnapshotHeader);
  ASSERT_EQ(Read("x,A,1,2,10.5,1.25,10,2,11.125,3,9.5,4.5"), Result::kRow);
  const Row finest = FinestOf(row_);
  EXPECT_EQ(finest.symbol, "A");
  EXPECT_EQ(finest[Column::kBid], "11.125");
  EXPECT_EQ(finest[Column::kBidSize], "1.25");
}

}  // namespace
}  // namespace streamhub::csv
