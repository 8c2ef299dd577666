// The golden facts beside CSV files that are not part of the source tree:
// without them these tests are skipped. The facts were computed by other
// programs.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "feeds/csv/csv_handler.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/csv_reader.h"
#include "feeds/replay/recording.h"
#include "gateway/base/clock.h"
#include "tests/support/tape_reader.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using simdjson::dom::element;

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
    facts_ =
        parser_.load(std::string(kFolder) + "golden_csv.json")["files"][name];
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
    reader_ = std::make_unique<CsvReader>(*std::move(source), (*found)[0],
                                          *handler_, market_.counters);
    return true;
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
  std::unique_ptr<CsvReader> reader_;
  simdjson::dom::parser parser_;
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
  for (const element point : facts_["quote_at"]) {
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

}  // namespace
}  // namespace streamhub
