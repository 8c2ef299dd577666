#include "feeds/replay/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/temporary_file.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kTrades =
    "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n";
constexpr std::string_view kQuotes =
    "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,"
    "bid_price,bid_amount\r\n";

ReplayOptions Of(std::vector<std::string> files) {
  ReplayOptions options;
  options.files = std::move(files);
  return options;
}

Recording One(const ReplayOptions& options) {
  auto found = FindRecordings(options);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? (*found)[0] : Recording{"", *SessionTime::Create("UTC"),
                                              0,  RecordingKind::kItch,
                                              {}, ""};
}

std::string ErrorOf(const ReplayOptions& options) {
  const auto found = FindRecordings(options);
  EXPECT_FALSE(found.ok());
  return std::string(found.status().message());
}

TEST(RecordingTest, KnowsAFileByItsHeader) {
  for (const std::string& bytes :
       {std::string(kTrades), Gzipped(kTrades), Zstandard(kTrades),
        "\xEF\xBB\xBF" + std::string(kTrades) + "more"}) {
    // Whatever its name.
    const TemporaryFile file("t.txt", bytes);
    EXPECT_EQ(One(Of({file.path()})).csv, *csv::FindPreset("tardis-trades"));
  }
  const TemporaryFile quotes("q.csv.gz", Gzipped(kQuotes));
  const Recording found = One(Of({quotes.path()}));
  EXPECT_EQ(found.csv, *csv::FindPreset("tardis-quotes"));
  EXPECT_EQ(found.symbol, "");
  EXPECT_EQ(found.midnight_ns, 0);

  const TemporaryFile truefx("x.csv", "timestamp,bid,ask\n");
  ReplayOptions options = Of({truefx.path()});
  options.symbol = {"USD/JPY"};
  EXPECT_EQ(One(options).csv, *csv::FindPreset("truefx"));
  EXPECT_EQ(One(options).symbol, "USD/JPY");
}

TEST(RecordingTest, KnowsAFileByItsName) {
  const TemporaryFile file("20140505_eurusd_tick_quote.csv.zst", "");
  ReplayOptions options = Of({file.path()});
  options.symbol = {"EUR/USD"};
  Recording found = One(options);
  EXPECT_EQ(found.csv, *csv::FindPreset("fxcm"));
  // 2014-05-05 05:00 UTC: the clock of that format.
  EXPECT_EQ(found.midnight_ns, 1'399'266'000 * kSecond);
  options.timezone = "UTC";
  options.date = "2014-05-06";
  EXPECT_EQ(One(options).midnight_ns, 1'399'334'400 * kSecond);
}

TEST(RecordingTest, AnythingElseIsItch) {
  const TemporaryFile file("20240102.itch", itch::MakeSampleSession());
  const Recording found = One(Of({file.path()}));
  EXPECT_FALSE(found.csv.has_value());
  EXPECT_EQ(found.midnight_ns, 1'704'171'600 * kSecond);  // in New York
  ReplayOptions options = Of({"-"});
  options.date = "2024-01-02";
  EXPECT_FALSE(One(options).csv.has_value());
  // But not what does not begin so, unless that is said; date or none.
  for (const char* name : {"20240102.itch", "day.shtl"}) {
    const TemporaryFile damaged(name, "SHTX\x01 and more");
    options = Of({damaged.path()});
    EXPECT_THAT(ErrorOf(options),
                StartsWith(damaged.path() + ": its format is not recognised: "
                                            "at byte 0 is 53 48 54 58 01 20 61 "
                                            "6e; "));
    options.format = "itch";
    options.date = "2024-01-02";
    EXPECT_EQ(One(options).kind, RecordingKind::kItch);
  }
  const TemporaryFile empty("undated", "");
  EXPECT_EQ(ErrorOf(Of({empty.path()})), empty.path() + ": is empty");
}

TEST(RecordingTest, WhatIsSaidWins) {
  const TemporaryFile file("x.csv", std::string(kTrades));
  ReplayOptions options = Of({file.path()});
  options.format = "itch";
  options.date = "2024-01-02";
  EXPECT_FALSE(One(options).csv.has_value());
  options.format = "tardis-quotes";
  EXPECT_EQ(One(options).csv, *csv::FindPreset("tardis-quotes"));
  options.format = "auto";
  options.csv_columns = "time=timestamp,symbol=symbol,last=price";
  options.csv_time = "unix-us";
  const Recording found = One(options);
  EXPECT_EQ(found.csv->columns, *csv::Columns::Parse(options.csv_columns));
  EXPECT_EQ(found.csv->time, *csv::FindTimeForm("unix-us"));
  options.csv_time = "";
  EXPECT_EQ(One(options).csv->time, *csv::FindTimeForm("iso"));
}

TEST(RecordingTest, SymbolsGoToTheFilesThatHaveNone) {
  const TemporaryFile a("a.csv", "timestamp,bid,ask\n");
  const TemporaryFile b("b.csv", std::string(kTrades));
  const TemporaryFile c("c.csv", "timestamp,bid,ask\n");
  ReplayOptions options = Of({a.path(), b.path(), c.path()});
  options.symbol = {"X", "Y"};
  auto found = FindRecordings(options);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)[0].symbol, "X");
  EXPECT_EQ((*found)[1].symbol, "");
  EXPECT_EQ((*found)[2].symbol, "Y");
  options.symbol = {"X"};
  found = FindRecordings(options);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ((*found)[2].symbol, "X");

  options.symbol = {};
  EXPECT_THAT(ErrorOf(options),
              StartsWith("--symbol: wanted, as '" + a.path()));
  options.symbol = {"X", "Y", "Z"};
  EXPECT_THAT(ErrorOf(options),
              StartsWith("--symbol: 3 are given and 2 files"));
  options.symbol = {"X,Y"};
  EXPECT_THAT(ErrorOf(options), StartsWith("--symbol: 'X,Y' is no symbol"));
  options.files = {b.path()};
  options.symbol = {"X"};
  EXPECT_EQ(ErrorOf(options), "--symbol: no file wants one");
}

TEST(RecordingTest, RefusesWhatDoesNotFitInOneLine) {
  const TemporaryFile unknown("x.csv.gz", Gzipped("time,open,close\n"));
  const TemporaryFile itch("20240102.itch", "");
  const TemporaryFile trades("t.csv", std::string(kTrades));
  ReplayOptions options = Of({unknown.path()});
  EXPECT_THAT(ErrorOf(options),
              StartsWith("--format: wanted, as '" + unknown.path() +
                         "' has none of the known headers: for example "));
  options.format = "csv";
  EXPECT_THAT(ErrorOf(options), StartsWith("--csv-columns: wanted"));
  options.csv_columns = "time=0";
  EXPECT_THAT(ErrorOf(options), StartsWith("--csv-columns: 'time=0': has no"));
  options.csv_columns = "time=0,bid=1";
  options.csv_time = "hours";
  EXPECT_THAT(ErrorOf(options), StartsWith("--csv-time: 'hours' is none of"));
  options.csv_time = "ms-of-day";
  EXPECT_THAT(ErrorOf(options), StartsWith("--date: wanted, as '"));
  options.format = "fxcm";
  EXPECT_EQ(ErrorOf(options),
            "--csv-columns: only with --format csv, not with fxcm");
  options.csv_columns = "";
  EXPECT_EQ(ErrorOf(options),
            "--csv-time: only with --format csv, not with fxcm");
  options = Of({unknown.path()});
  options.format = "parquet";
  EXPECT_EQ(ErrorOf(options), "--format: unknown 'parquet'");
  options = Of({itch.path()});
  options.csv_decimals = "2";
  EXPECT_THAT(ErrorOf(options), HasSubstr("is no CSV file"));
  options = Of({itch.path(), trades.path()});
  EXPECT_THAT(ErrorOf(options), HasSubstr("cannot be played together"));
}

}  // namespace
}  // namespace streamhub
