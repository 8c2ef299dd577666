// Tardis' book files and LOBSTER's pairs through the whole of a replay: how
// they are found, merged, and what damage comes to.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/csv/csv_handler.h"
#include "feeds/csv/lobster_handler.h"
#include "feeds/replay/csv_book_reader.h"
#include "feeds/replay/lobster_files.h"
#include "feeds/replay/lobster_reader.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/recording_start.h"
#include "feeds/replay/replay_feed.h"
#include "tests/feeds/replay/fake_control.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/csv_sample.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using csv::SampleLevels;
using testing::HasSubstr;

constexpr char kUpdatesHeader[] =
    "exchange,symbol,timestamp,local_timestamp,is_snapshot,side,price,"
    "amount\n";

class BookFilesTest : public testing::Test {
 protected:
  absl::Status Play(std::vector<std::string> files,
                    std::string format = "auto") {
    ReplayOptions options;
    options.files = std::move(files);
    options.format = std::move(format);
    options.speed = ReplayOptions::kMaxSpeed;
    auto feed = ReplayFeed::Create(options);
    if (!feed.ok()) return feed.status();
    if (absl::Status s = (*feed)->CheckStarts(); !s.ok()) return s;
    return (*feed)->Run(market_.publisher, control_);
  }
  int64_t Value(std::string_view code, FieldId field) {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.has_value() ? market_.Value(*id, field) : 0;
  }
  // What is published of one side is the best of these.
  void ExpectLevels(std::string_view code, bool bids,
                    const SampleLevels& levels, size_t depth = 10) {
    for (size_t i = 0; i < 10; ++i) {
      const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
      const bool there = i < std::min(depth, levels.size());
      EXPECT_EQ(Value(code, bids ? f.bid : f.ask),
                there ? levels[i].first : kEmpty)
          << i;
      EXPECT_EQ(Value(code, bids ? f.bid_size : f.ask_size),
                there ? levels[i].second : kEmpty)
          << i;
    }
  }

  TestMarket market_{1000, TestMarket::Info(), /*tape=*/10'000};
  FakeControl control_{market_};
};

// The two files of a LOBSTER day, removed at the end.
class Pair {
 public:
  Pair(std::string_view messages, std::string_view books,
       const std::string& end = "10.csv")
      : message_(kBegin + ("message_" + end), messages),
        orderbook_(std::filesystem::path(message_.path()).parent_path() /
                   (kBegin + ("orderbook_" + end))) {
    std::ofstream(orderbook_, std::ios::binary) << books;
  }

  const std::string& message() const { return message_.path(); }
  const std::string& orderbook() const { return orderbook_; }

 private:
  static constexpr char kBegin[] = "ACME_2012-06-21_34200000_57600000_";

  const TemporaryFile message_;
  const std::string orderbook_;
};

TEST_F(BookFilesTest, ATardisBookIsFoundAndPlayed) {
  const csv::TardisSample sample = csv::MakeTardisSample(1, 400);
  for (const std::string& stored : {sample.updates, Gzipped(sample.updates)}) {
    const TemporaryFile file("book.csv.gz", stored);
    ASSERT_EQ(Play({file.path()}), absl::OkStatus());
    ExpectLevels("XBTUSD", true, sample.bids.back());
    ExpectLevels("XBTUSD", false, sample.asks.back());
    market_.publisher.StartEpoch();
  }
  const SymbolInfo& info = market_.market.symbols().Get(0);
  EXPECT_EQ(info.price_decimals, csv::TardisSample::kPriceDecimals);
  EXPECT_EQ(info.quantity_decimals, csv::TardisSample::kSizeDecimals);
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 0);
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 0);
}

TEST_F(BookFilesTest, TardisSnapshotsAreFoundAndPlayed) {
  const csv::TardisSample sample = csv::MakeTardisSample(2, 300);
  const TemporaryFile file("snapshots", sample.snapshots);
  ASSERT_EQ(Play({file.path()}), absl::OkStatus());
  ExpectLevels("XBTUSD", true, sample.bids.back(), 5);
  ExpectLevels("XBTUSD", false, sample.asks.back(), 5);
  EXPECT_EQ(Value("XBTUSD", FieldId::kQuoteTime) / kMicrosecond,
            sample.times_ns.back() / kMicrosecond);
}

// No client sees half of a message: the book is right whenever it is told.
TEST_F(BookFilesTest, EachMessageIsShownAsAWhole) {
  const csv::TardisSample sample = csv::MakeTardisSample(3, 200);
  const TemporaryFile file("x", sample.updates);
  csv::CsvHandler handler(market_.publisher, *csv::DecimalsFinder::Create(""));
  handler.ExpectBooks();
  CsvBookReader reader(*ByteSource::Open(file.path()), csv::BookForm::kUpdates,
                       *SessionTime::Create("UTC"), handler, market_.counters);
  int64_t time_ns = 0;
  uint64_t ticks = 0;
  for (size_t m = 0; m < sample.rows.size(); ++m) {
    for (int i = 0; i < sample.rows[m]; ++i) {
      ASSERT_EQ(reader.Peek(0, &time_ns), RecordReader::Next::kRecord);
      ASSERT_EQ(reader.Peek(0, &time_ns), RecordReader::Next::kRecord);
      EXPECT_EQ(time_ns, sample.times_ns[m]);
      market_.publisher.BeginBatch();
      reader.Apply();
      market_.publisher.EndBatch();
    }
    if (m == 0) ticks = market_.Read(0).ticks;
    EXPECT_EQ(market_.Read(0).ticks, ticks + m);
    ExpectLevels("XBTUSD", true, sample.bids[m]);
    ExpectLevels("XBTUSD", false, sample.asks[m]);
  }
  EXPECT_EQ(reader.Peek(0, &time_ns), RecordReader::Next::kEnd);
  EXPECT_EQ(reader.Peek(0, &time_ns), RecordReader::Next::kEnd);
}

TEST_F(BookFilesTest, BookAndTradesOfASymbolAreMerged) {
  const TemporaryFile book("b.csv", std::string(kUpdatesHeader) +
                                        "x,BTC,2000000,1,true,ask,10.5,1\n"
                                        "x,BTC,2000000,1,true,bid,10,1\n"
                                        "x,BTC,4000000,2,false,bid,10,3\n");
  const TemporaryFile trades(
      "t.csv",
      "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
      "x,BTC,1000000,1,a,buy,10.25,2.5\nx,BTC,3000000,2,b,sell,10,1\n");
  ASSERT_EQ(Play({trades.path(), book.path()}), absl::OkStatus());
  EXPECT_EQ(market_.market.symbols().Get(0).price_decimals, 2);
  EXPECT_EQ(market_.market.symbols().Get(0).quantity_decimals, 1);
  EXPECT_EQ(Value("BTC", FieldId::kVolume), 35);
  EXPECT_EQ(Value("BTC", FieldId::kAsk), 1'050);
  EXPECT_EQ(Value("BTC", FieldId::kBidSize), 30);
  EXPECT_EQ(Value("BTC", FieldId::kBid2), kEmpty);
}

TEST_F(BookFilesTest, ADamagedUpdateEndsTheBookUntilASnapshot) {
  const std::string begin = std::string(kUpdatesHeader) +
                            "x,A,1,1,true,ask,10,1\n"
                            "x,B,1,1,true,ask,20,1\n"
                            "x,A,2,2,false,ask,11,1\n"
                            "x,B,2,2,false,ask,21,1\n"
                            "x,A,3,3,false,ask,12,many\n"
                            "x,A,4,4,false,ask,13,1\n";
  const TemporaryFile file("f", begin);
  const absl::Status status = Play({file.path()});
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("line 6: amount: 'many' is no decimal; 1 of 6 rows"));
  EXPECT_EQ(Value("A", FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value("B", FieldId::kAsk), 20);
  EXPECT_EQ(Value("B", FieldId::kAsk2), 21);
  // Whose it was cannot be told: all of them.
  market_.publisher.StartEpoch();
  const TemporaryFile torn("g", begin + "x,B\nx,A,5,5,true,ask,14,1\n");
  EXPECT_FALSE(Play({torn.path()}).ok());
  EXPECT_EQ(Value("B", FieldId::kAsk), kEmpty);
  EXPECT_EQ(Value("A", FieldId::kAsk), 14);
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 3);
}

TEST_F(BookFilesTest, ATardisFileIsRefusedForWhatItIsNot) {
  const TemporaryFile book(
      "b", std::string(kUpdatesHeader) + "x,A,1,1,true,ask,10,1\n");
  EXPECT_THAT(std::string(Play({book.path()}, "tardis-snapshot").message()),
              HasSubstr("is no recording of format tardis-snapshot, but of "
                        "tardis-book"));
  const TemporaryFile lacks(
      "l", "exchange,symbol,timestamp,local_timestamp,asks[0].price,x\n1\n");
  EXPECT_THAT(std::string(Play({lacks.path()}).message()),
              HasSubstr("line 1: the header has no column 'bids[0].price'"));
  const TemporaryFile odd("o", "a,b\n1,2\n");
  EXPECT_THAT(std::string(Play({odd.path()}, "tardis-book").message()),
              HasSubstr("is no recording of format tardis-book"));
}

TEST(LobsterFilesTest, AreToldByTheirNames) {
  const std::string at = "/data/AAPL_2012-06-21_34200000_57600000_";
  for (const char* const which : {"message_10.csv.gz", "orderbook_10.csv.gz"}) {
    const auto files = FindLobster(at + which);
    ASSERT_TRUE(files.has_value());
    EXPECT_EQ(files->message, at + "message_10.csv.gz");
    EXPECT_EQ(files->orderbook, at + "orderbook_10.csv.gz");
    EXPECT_EQ(files->symbol, "AAPL");
  }
  EXPECT_EQ(FindLobster("lobster_AAPL_2012-06-21_message_5.csv")->symbol,
            "AAPL");
  EXPECT_EQ(FindLobster("MSFT_x_message_5.csv.zst")->symbol, "MSFT");
  for (const char* const other :
       {"message_10.csv", "/a_message_10.csv/b.csv", "A_message_.csv",
        "A_message_10.txt", "A_messages_10.csv", "_message_10.csv", ""}) {
    EXPECT_FALSE(FindLobster(other).has_value()) << other;
  }
}

TEST_F(BookFilesTest, ALobsterDayIsPlayedByEitherOfItsFiles) {
  const csv::LobsterSample sample = csv::MakeLobsterSample(1, 2'000, 10);
  const Pair pair(sample.messages, sample.orderbook);
  const std::vector<std::vector<std::string>> ways = {
      {pair.message()}, {pair.orderbook()}, {pair.orderbook(), pair.message()}};
  for (const auto& files : ways) {
    market_.publisher.StartEpoch();
    const int64_t ticks = market_.counters.Get(Metric::kTicks);
    ASSERT_EQ(Play(files), absl::OkStatus());
    EXPECT_EQ(market_.counters.Get(Metric::kTicks) - ticks, 2'000);
    ExpectLevels("ACME", true, sample.bids.back());
    ExpectLevels("ACME", false, sample.asks.back());
    EXPECT_EQ(Value("ACME", FieldId::kVolume), sample.volume);
    EXPECT_EQ(Value("ACME", FieldId::kLast), sample.last_price);
    EXPECT_EQ(Value("ACME", FieldId::kLastSize), sample.last_size);
  }
  EXPECT_EQ(static_cast<int64_t>(TapeOf(market_.market, "ACME").size()),
            3 * sample.trades);
  // Half past nine in New York is 13:30 in UTC, in June.
  EXPECT_EQ(market_.Read(0).event_ns,
            1'340'251'200 * kSecond + sample.times_ns.back());
}

TEST_F(BookFilesTest, ALobsterDayBehindEachRow) {
  const csv::LobsterSample sample = csv::MakeLobsterSample(5, 500, 12);
  const Pair pair(sample.messages, sample.orderbook, "12.csv");
  csv::LobsterHandler handler(market_.publisher);
  LobsterReader reader(*ByteSource::Open(pair.message()),
                       *ByteSource::Open(pair.orderbook()), "ACME", 0, handler,
                       market_.counters);
  for (size_t row = 0; row < sample.times_ns.size(); ++row) {
    int64_t time_ns = 0;
    ASSERT_EQ(reader.Peek(0, &time_ns), RecordReader::Next::kRecord);
    EXPECT_EQ(time_ns, sample.times_ns[row]);
    market_.publisher.BeginBatch();
    reader.Apply();
    market_.publisher.EndBatch();
    ExpectLevels("ACME", true, sample.bids[row]);
    ExpectLevels("ACME", false, sample.asks[row]);
  }
  int64_t time_ns = 0;
  EXPECT_EQ(reader.Peek(0, &time_ns), RecordReader::Next::kEnd);
  EXPECT_EQ(
      reader.bytes_total(),
      static_cast<int64_t>(sample.messages.size() + sample.orderbook.size()));
  EXPECT_EQ(reader.bytes_read(), reader.bytes_total());
}

TEST_F(BookFilesTest, RowsStayBesideEachOtherWhateverIsDamaged) {
  const std::string message =
      "34200,1,1,1,100,1\n34201,1,1,1,oops,1\n"
      "34202,5,0,7,100,1\n34203,1,1,1,100,1\n";
  const std::string book = "200,1,100,1\n200,2,100,2\n200,3,100,3\n";
  {
    const Pair pair(message, book + "200,4,100\n");
    EXPECT_THAT(std::string(Play({pair.message()}).message()),
                HasSubstr("message_10.csv: line 2: its fifth column is no "
                          "price; 2 of 4 rows were left out"));
    EXPECT_EQ(Value("ACME", FieldId::kAskSize), 3);
    EXPECT_EQ(Value("ACME", FieldId::kVolume), 7);
  }
  const Pair lacks(message, book);
  EXPECT_THAT(std::string(Play({lacks.message()}).message()),
              HasSubstr("message_10.csv: line 4: has no row beside it in "));
  const Pair more("34200,1,1,1,100,1\n", book);
  EXPECT_THAT(std::string(Play({more.message()}).message()),
              HasSubstr("orderbook_10.csv: line 2: has no row beside it in "));
  const Pair deeper("34200,1,1,1,1,1\n34201,1,1,1,1,1\n",
                    "2,1,1,1\n2,1,1,1,3,1,0,1\n");
  EXPECT_THAT(std::string(Play({deeper.message()}).message()),
              HasSubstr("line 2: has another number of levels"));
}

TEST_F(BookFilesTest, ALobsterDayIsRefusedForWhatItLacks) {
  const TemporaryFile alone("ACME_2012-06-21_1_2_message_10.csv",
                            "1,1,1,1,1,1");
  EXPECT_THAT(std::string(Play({alone.path()}).message()),
              HasSubstr("ACME_2012-06-21_1_2_orderbook_10.csv"));
  EXPECT_THAT(std::string(Play({"-"}, "lobster").message()),
              HasSubstr("--format: '-' is not called as LOBSTER's files are"));
  const Pair wrong("hello\n", "1,2,3,4\n");
  EXPECT_THAT(std::string(Play({wrong.message()}).message()),
              HasSubstr("is no LOBSTER file: line 1: its first column"));
  const Pair swapped("1,1,1,1,1,1\n", "1,1,1,1,1,1\n");
  EXPECT_THAT(std::string(Play({swapped.orderbook()}).message()),
              HasSubstr("orderbook_10.csv: is no LOBSTER file: line 1"));
  const Pair empty("1,1,1,1,1,1\n", "");
  EXPECT_THAT(std::string(Play({empty.message()}).message()),
              HasSubstr("orderbook_10.csv: is empty"));
  ReplayOptions options;
  options.files = {swapped.message()};
  options.csv_decimals = "2";
  EXPECT_THAT(std::string(FindRecordings(options).status().message()),
              HasSubstr("has 4 of prices and none of sizes"));
}

TEST_F(BookFilesTest, TwoLobsterDaysAreMergedByTime) {
  const Pair one("34200,5,0,1,100,1\n34202,5,0,2,100,1\n",
                 "200,1,100,1\n200,3,100,3\n");
  // Of the same symbol, so that it shows which came last.
  const Pair two("34201,5,0,4,100,1\n34203,5,0,8,100,1\n",
                 "200,2,100,2\n200,4,100,4\n");
  ASSERT_EQ(Play({two.message(), one.orderbook()}), absl::OkStatus());
  EXPECT_EQ(Value("ACME", FieldId::kAskSize), 4);
  EXPECT_EQ(Value("ACME", FieldId::kVolume), 15);
  const auto tape = TapeOf(market_.market, "ACME");
  ASSERT_EQ(tape.size(), 4u);
  EXPECT_THAT(tape[1], HasSubstr("\"size\":4"));
}

}  // namespace
}  // namespace streamhub
