// The golden facts beside CSV files that are not part of the source tree:
// without them these tests are skipped. The facts were computed by other
// programs.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/csv/csv_handler.h"
#include "feeds/csv/decimal.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/csv_book_reader.h"
#include "feeds/replay/csv_reader.h"
#include "feeds/replay/recording.h"
#include "gateway/base/clock.h"
#include "tests/support/golden.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using golden::element;

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/csv/";

// The digits of a decimal, "1.38756", without the point.
int64_t Digits(const element& decimal) {
  std::string digits{std::string_view(decimal)};
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  return std::stoll(digits);
}

class CsvGoldenTest : public testing::Test {
 protected:
  // Opens a file as the replay would, knowing its kind by itself. False: it
  // is not there.
  bool Open(const std::string& name, std::vector<std::string> symbol = {}) {
    if (!std::filesystem::exists(kFolder + name)) return false;
    facts_ = golden::LoadFiles(std::string(kFolder) + "golden_csv.json")[name];
    ReplayOptions options;
    options.files = {kFolder + name};
    options.symbol = std::move(symbol);
    auto found = FindRecordings(options);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok()) return false;
    midnight_ns_ = (*found)[0].midnight_ns;
    auto source = ByteSource::Open(options.files[0]);
    EXPECT_TRUE(source.ok()) << source.status();
    handler_ = std::make_unique<csv::CsvHandler>(
        market_.publisher, *csv::DecimalsFinder::Create(""));
    kind_ = (*found)[0].kind;
    if (kind_ == RecordingKind::kTardisBook ||
        kind_ == RecordingKind::kTardisSnapshot) {
      handler_->ExpectBooks();
      reader_ = std::make_unique<CsvBookReader>(
          *std::move(source),
          kind_ == RecordingKind::kTardisBook ? csv::BookForm::kUpdates
                                              : csv::BookForm::kSnapshots,
          (*found)[0].zone, *handler_, market_.counters);
      return true;
    }
    reader_ = std::make_unique<CsvReader>(*std::move(source), (*found)[0],
                                          *handler_, market_.counters);
    return true;
  }

  // The first line has these names.
  void ExpectHeader(const std::string& name) {
    std::ifstream file(kFolder + name);
    std::string line;
    std::getline(file, line);
    if (line.ends_with('\r')) line.pop_back();
    // The facts tell how they begin.
    EXPECT_TRUE(line.starts_with(std::string_view(facts_["header"]))) << line;
    EXPECT_EQ(std::count(line.begin(), line.end(), ',') + 1,
              int64_t(facts_["columns"]));
    EXPECT_TRUE(line.starts_with("exchange,symbol,"));
    for (const char* const row : {"first_row", "last_row"}) {
      // That column is not read: it is in the file as it is in the facts.
      const std::string begin =
          std::string(std::string_view(facts_[row]["exchange"])) + "," +
          std::string(std::string_view(facts_[row]["symbol"])) + "," +
          std::string(std::string_view(facts_[row]["timestamp"])) + "," +
          std::string(std::string_view(facts_[row]["local_timestamp"])) + ",";
      std::ifstream again(kFolder + name);
      const std::string all{std::istreambuf_iterator<char>(again), {}};
      EXPECT_NE(all.find("\n" + begin), std::string::npos) << begin;
    }
  }

  // Applies the next row if its time is at most `end_ns`.
  bool Next(int64_t end_ns = std::numeric_limits<int64_t>::max()) {
    int64_t event_ns = 0;
    if (reader_->Peek(0, &event_ns) != RecordReader::Next::kRecord ||
        event_ns > end_ns) {
      return false;
    }
    reader_->Apply();
    time_ns_ = event_ns;
    ++rows_;
    return true;
  }

  int64_t Value(FieldId field) { return market_.Value(0, field); }
  const SymbolInfo& Info() { return market_.market.symbols().Get(0); }

  void ExpectQuote(const element& bid, const element& ask) {
    EXPECT_EQ(Value(FieldId::kBid), Digits(bid));
    EXPECT_EQ(Value(FieldId::kAsk), Digits(ask));
    EXPECT_EQ(Value(FieldId::kQuoteTime), time_ns_);
  }
  void ExpectAllPlayed() {
    EXPECT_EQ(reader_->status(), absl::OkStatus());
    EXPECT_EQ(rows_, int64_t(facts_["rows"]));
    EXPECT_EQ(market_.counters.Get(Metric::kTicks), rows_);
    EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 0);
    EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 0);
  }

  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  std::unique_ptr<csv::CsvHandler> handler_;
  std::unique_ptr<RecordReader> reader_;
  RecordingKind kind_ = RecordingKind::kCsv;
  element facts_;
  int64_t midnight_ns_ = 0;
  int64_t time_ns_ = 0;
  int64_t rows_ = 0;
};

TEST_F(CsvGoldenTest, Fxcm) {
  if (!Open("fxcm_eurusd_20140505_tick_quote.csv.gz", {"EUR/USD"})) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  // 2014-05-05 on a clock five hours behind UTC.
  ASSERT_EQ(midnight_ns_, 1'399'266'000 * kSecond);
  int64_t sum_bid = 0, sum_ask = 0, max_bid = 0, min_ask = 1'000'000;
  int64_t same = 0, bid = 0, ask = 0, ms = -1;
  const auto play = [&](int64_t ms_end) {
    const int64_t end_ns = midnight_ns_ + ms_end * kMillisecond;
    while (Next(end_ns)) {
      ms = (time_ns_ - midnight_ns_) / kMillisecond;
      same += Value(FieldId::kBid) == bid && Value(FieldId::kAsk) == ask;
      bid = Value(FieldId::kBid);
      ask = Value(FieldId::kAsk);
      sum_bid += bid;
      sum_ask += ask;
      max_bid = std::max(max_bid, bid);
      min_ask = std::min(min_ask, ask);
    }
  };
  play(int64_t(facts_["first"]["ms"]));
  EXPECT_EQ(ms, int64_t(facts_["first"]["ms"]));
  ExpectQuote(facts_["first"]["bid"], facts_["first"]["ask"]);
  EXPECT_EQ(Info().price_decimals, 5);
  for (const element& point : facts_["quote_at"]) {
    play(int64_t(point["ms_le"]));
    EXPECT_EQ(ms, int64_t(point["row_ms"]));
    ExpectQuote(point["bid"], point["ask"]);
  }
  play(86'400'000);
  EXPECT_EQ(ms, int64_t(facts_["last"]["ms"]));
  ExpectQuote(facts_["last"]["bid"], facts_["last"]["ask"]);
  ExpectAllPlayed();
  EXPECT_EQ(sum_bid, Digits(facts_["sum_bid"]));
  EXPECT_EQ(sum_ask, Digits(facts_["sum_ask"]));
  EXPECT_EQ(max_bid, Digits(facts_["max_bid"]));
  EXPECT_EQ(min_ask, Digits(facts_["min_ask"]));
  EXPECT_EQ(same, int64_t(facts_["rows_identical_to_previous"]));
  EXPECT_EQ(market_.counters.Get(Metric::kQuotesCrossed),
            int64_t(facts_["crossed_rows"]));
}

TEST_F(CsvGoldenTest, TrueFx) {
  if (!Open("truefx_usdjpy_2013-01.csv", {"USD/JPY"})) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  int64_t sum_bid = 0, sum_ask = 0, before_ns = 0;
  while (Next()) {
    if (rows_ == 1) {
      ExpectQuote(facts_["first"].at(1), facts_["first"].at(2));
      EXPECT_EQ(time_ns_, 1'357'077'600'295 * kMillisecond);
      EXPECT_EQ(std::string_view(facts_["first"].at(0)),
                "2013-01-01 22:00:00.295000+00:00");
    }
    sum_bid += Value(FieldId::kBid);
    sum_ask += Value(FieldId::kAsk);
    EXPECT_GE(time_ns_, before_ns);
    before_ns = time_ns_;
  }
  EXPECT_TRUE(bool(facts_["nondecreasing_time"]));
  ExpectQuote(facts_["last"].at(1), facts_["last"].at(2));
  EXPECT_EQ(std::string_view(facts_["last"].at(0)),
            "2013-01-01 22:35:13.494000+00:00");
  EXPECT_EQ(time_ns_, 1'357'079'713'494 * kMillisecond);
  ExpectAllPlayed();
  EXPECT_EQ(Info().price_decimals, 3);
  EXPECT_EQ(sum_bid, Digits(facts_["sum_bid"]));
  EXPECT_EQ(sum_ask, Digits(facts_["sum_ask"]));
  EXPECT_EQ(market_.counters.Get(Metric::kQuotesCrossed),
            int64_t(facts_["crossed_rows"]));
}

TEST_F(CsvGoldenTest, TardisQuotes) {
  if (!Open("tardis_huobi-dm-swap_quotes_BTC-USD.csv")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  const auto expect = [&](const element& row) {
    ExpectQuote(row["bid_price"], row["ask_price"]);
    EXPECT_EQ(Value(FieldId::kBidSize), Digits(row["bid_amount"]));
    EXPECT_EQ(Value(FieldId::kAskSize), Digits(row["ask_amount"]));
    EXPECT_EQ(time_ns_ / kMicrosecond, Digits(row["timestamp"]));
    EXPECT_EQ(Info().code, std::string_view(row["symbol"]));
  };
  while (Next()) {
    if (rows_ == 1) expect(facts_["first_row"]);
  }
  expect(facts_["last_row"]);
  ExpectAllPlayed();
  EXPECT_EQ(Info().price_decimals, 1);
  EXPECT_EQ(Info().quantity_decimals, 0);
  ExpectHeader("tardis_huobi-dm-swap_quotes_BTC-USD.csv");
}

TEST_F(CsvGoldenTest, TardisTrades) {
  if (!Open("tardis_bitmex_trades_XBTUSD.csv")) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  int64_t volume = 0;
  const auto expect = [&](const element& row) {
    EXPECT_EQ(Value(FieldId::kLast), Digits(row["price"]));
    EXPECT_EQ(Value(FieldId::kLastSize), Digits(row["amount"]));
    EXPECT_EQ(Value(FieldId::kTradeTime) / kMicrosecond,
              Digits(row["timestamp"]));
    EXPECT_EQ(Info().code, std::string_view(row["symbol"]));
  };
  while (Next()) {
    if (rows_ == 1) expect(facts_["first_row"]);
    volume += Value(FieldId::kLastSize);
    EXPECT_EQ(Value(FieldId::kVolume), volume);
  }
  expect(facts_["last_row"]);
  ExpectAllPlayed();
  EXPECT_EQ(volume, 2'152 + 9);
  ExpectHeader("tardis_bitmex_trades_XBTUSD.csv");

  const auto tape = TapeOf(market_.market, "XBTUSD");
  ASSERT_EQ(static_cast<int64_t>(tape.size()), rows_);
  const auto text = [](const element& row) {
    return "{\"price\":" + std::string(std::string_view(row["price"])) +
           ",\"size\":" + std::string(std::string_view(row["amount"])) +
           ",\"time\":" + std::string(std::string_view(row["timestamp"])) +
           ",\"side\":\"" + std::string(std::string_view(row["side"])) +
           "\",\"id\":\"" + std::string(std::string_view(row["id"])) + "\"}";
  };
  EXPECT_EQ(tape.front(), text(facts_["first_row"]));
  EXPECT_EQ(tape.back(), text(facts_["last_row"]));
}

// A row of the file as a list of its columns.
std::vector<std::string> ColumnsOf(const std::string& line) {
  std::vector<std::string> columns;
  std::stringstream text(line);
  for (std::string column; std::getline(text, column, ',');) {
    columns.push_back(column);
  }
  return columns;
}

TEST_F(CsvGoldenTest, TardisSnapshots) {
  const char kName[] = "tardis_binance-futures_book_snapshot_5_BTCUSDT.csv";
  if (!Open(kName)) GTEST_SKIP() << "no recordings at " << kFolder;
  ASSERT_EQ(kind_, RecordingKind::kTardisSnapshot);
  ExpectHeader(kName);
  const auto scaled = [&](const std::string& text, int decimals) {
    int64_t value = 0;
    EXPECT_EQ(csv::ParseScaled(text, decimals, &value), csv::Fit::kFits);
    return value;
  };
  const auto expect = [&](const element& row) {
    const int prices = Info().price_decimals;
    const int sizes = Info().quantity_decimals;
    const auto text = [&](const char* name) {
      return std::string(std::string_view(row[name]));
    };
    EXPECT_EQ(Value(FieldId::kAsk), scaled(text("asks[0].price"), prices));
    EXPECT_EQ(Value(FieldId::kAskSize), scaled(text("asks[0].amount"), sizes));
    EXPECT_EQ(Value(FieldId::kBid), scaled(text("bids[0].price"), prices));
    EXPECT_EQ(Value(FieldId::kBidSize), scaled(text("bids[0].amount"), sizes));
    EXPECT_EQ(Value(FieldId::kAsk2), scaled(text("asks[1].price"), prices));
    EXPECT_EQ(Info().code, std::string_view(row["symbol"]));
    EXPECT_EQ(time_ns_ / kMicrosecond, Digits(row["timestamp"]));
  };
  std::ifstream file(std::string(kFolder) + kName);
  std::string line;
  std::getline(file, line);
  while (Next()) {
    if (rows_ == 1) expect(facts_["first_row"]);
    // All five levels, against the file's text.
    std::getline(file, line);
    const auto columns = ColumnsOf(line);
    ASSERT_EQ(columns.size(), 24u);
    for (size_t i = 0; i < 5; ++i) {
      const BookLevelFields f = FieldsOfLevel(static_cast<int>(i) + 1);
      const int prices = Info().price_decimals;
      const int sizes = Info().quantity_decimals;
      EXPECT_EQ(Value(f.ask), scaled(columns[4 + 4 * i], prices));
      EXPECT_EQ(Value(f.ask_size), scaled(columns[5 + 4 * i], sizes));
      EXPECT_EQ(Value(f.bid), scaled(columns[6 + 4 * i], prices));
      EXPECT_EQ(Value(f.bid_size), scaled(columns[7 + 4 * i], sizes));
    }
    EXPECT_EQ(Value(FieldId::kBid6), kEmpty);
  }
  expect(facts_["last_row"]);
  ExpectAllPlayed();
  EXPECT_EQ(Info().price_decimals, 2);
  EXPECT_EQ(Info().quantity_decimals, 3);
}

// Fifteen levels of asks, one message: clients see the best ten at once.
TEST_F(CsvGoldenTest, TardisBook) {
  const char kName[] = "tardis_deribit_incremental_book_L2_BTC-PERPETUAL.csv";
  if (!Open(kName)) GTEST_SKIP() << "no recordings at " << kFolder;
  ASSERT_EQ(kind_, RecordingKind::kTardisBook);
  ExpectHeader(kName);
  while (Next()) {
    EXPECT_EQ(market_.counters.Get(Metric::kTicks), rows_ == 15 ? 1 : 0);
  }
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(rows_, int64_t(facts_["rows"]));
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 0);
  EXPECT_EQ(market_.counters.Get(Metric::kTicksRejected), 0);
  const LevelBook* const book = handler_->BookOf("BTC-PERPETUAL");
  ASSERT_NE(book, nullptr);
  EXPECT_EQ(book->bids.size(), 0u);
  ASSERT_EQ(book->asks.size(), 15u);
  EXPECT_EQ(Info().price_decimals, 1);
  EXPECT_EQ(Info().quantity_decimals, 0);
  size_t depth = 0;
  for (const char* const name : {"first_row", "last_row"}) {
    const element row = facts_[name];
    int64_t price = 0;
    ASSERT_EQ(csv::ParseScaled(std::string_view(row["price"]), 1, &price),
              csv::Fit::kFits);
    EXPECT_EQ(book->asks.At(depth).price, price);
    EXPECT_EQ(book->asks.At(depth).size, Digits(row["amount"]));
    EXPECT_EQ(std::string_view(row["side"]), "ask");
    EXPECT_EQ(std::string_view(row["is_snapshot"]), "true");
    EXPECT_EQ(time_ns_ / kMicrosecond, Digits(row["timestamp"]));
    depth = 14;
  }
  for (int i = 1; i <= 10; ++i) {
    EXPECT_EQ(Value(FieldsOfLevel(i).ask), 64'215 + 5 * (i - 1));
    EXPECT_EQ(Value(FieldsOfLevel(i).bid), kEmpty);
  }
}

}  // namespace
}  // namespace streamhub
