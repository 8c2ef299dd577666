#include "feeds/csv/row_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feeds/csv/line_reader.h"
#include "gateway/base/clock.h"

namespace streamhub::csv {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// What comes of the lines: "time symbol values", "-", "bad: " or "unusable: ".
std::vector<std::string> Read(const Format& format,
                              const std::vector<std::string>& lines) {
  const auto zone = SessionTime::Create(format.zone);
  EXPECT_TRUE(zone.ok());
  RowReader reader(format, "ONE", *zone, 1'000 * kSecond);
  std::vector<std::string> all;
  for (const std::string& line : lines) {
    Row row;
    switch (reader.Read(line, &row)) {
      case RowReader::Result::kRow:
        all.push_back(std::to_string(row.time_ns / kMillisecond) + " " +
                      std::string(row.symbol));
        for (size_t i = 2; i < static_cast<size_t>(Column::kSide); ++i) {
          all.back() += "," + std::string(row.values[i]);
        }
        for (const Column column : {Column::kSide, Column::kId}) {
          if (row[column].empty()) continue;
          all.back() += "; " + std::string(row[column]);
        }
        break;
      case RowReader::Result::kNoRow:
        all.push_back("-");
        break;
      case RowReader::Result::kBad:
        all.push_back("bad: " + reader.fault());
        break;
      case RowReader::Result::kUnusable:
        all.push_back("unusable: " + reader.fault());
        break;
    }
  }
  return all;
}

Format Custom(std::string_view columns, std::string_view time = "ms-of-day") {
  return {*Columns::Parse(columns), *FindTimeForm(time), "UTC"};
}

// Of the second of two rows, the first being good.
std::string SecondOf(std::string_view columns, const std::string& first,
                     const std::string& second) {
  const auto all = Read(Custom(columns), {first, second});
  EXPECT_THAT(all[0], StartsWith("1000001 ONE"));
  return all[1];
}

TEST(RowReaderTest, ReadsEachPreset) {
  EXPECT_THAT(Read(*FindPreset("fxcm"), {"3074,1.38756,1.38758"}),
              ElementsAre("1003074 ONE,1.38756,,1.38758,,,"));
  EXPECT_THAT(Read(*FindPreset("truefx"),
                   {"timestamp,bid,ask",
                    "2013-01-01 22:00:00.295000+00:00,86.655,86.728"}),
              ElementsAre("-", "1357077600295 ONE,86.655,,86.728,,,"));
  EXPECT_THAT(
      Read(*FindPreset("tardis-quotes"),
           {"exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,"
            "bid_price,bid_amount",
            "huobi,BTC-USD,1588291201099000,1588291201234268,5494,8629.3,"
            "8629.2,806"}),
      ElementsAre("-", "1588291201099 BTC-USD,8629.2,806,8629.3,5494,,"));
  EXPECT_THAT(
      Read(*FindPreset("tardis-trades"),
           {"exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
            "bitmex,XBTUSD,1583020803145000,1583020803307160,c-1,sell,8531.5,"
            "2152"}),
      ElementsAre("-", "1583020803145 XBTUSD,,,,,8531.5,2152; sell; c-1"));
}

TEST(RowReaderTest, AHeaderIsKnownByALetterOrByWhatIsWanted) {
  EXPECT_THAT(Read(Custom("time=0,bid=1"), {"", "ms,bid", "", "1,2"}),
              ElementsAre("-", "-", "-", "1000001 ONE,2,,,,,"));
  EXPECT_THAT(Read(Custom("time=t,bid=1"), {"x,y,t", "9,2,1"}),
              ElementsAre("-", "1000001 ONE,2,,,,,"));
  EXPECT_THAT(Read(Custom("time=t,bid=b"), {"\"b\", t", "2,1"}),
              ElementsAre("-", "1000001 ONE,2,,,,,"));
  // Later lines are none.
  EXPECT_THAT(Read(Custom("time=0,bid=1"), {"1,2", "ms,bid"})[1],
              StartsWith("bad: time (column 0): 'ms' is no time of the form "));
}

TEST(RowReaderTest, AHeaderThatLacksAColumnMakesTheFileUnusable) {
  const Format format = Custom("time=t,bid=b");
  EXPECT_THAT(Read(format, {"t,c"}),
              ElementsAre("unusable: the header has no column 'b', wanted for "
                          "bid"));
  EXPECT_THAT(Read(format, {"t,b,t"}),
              ElementsAre("unusable: the header has more than one column 't', "
                          "wanted for time"));
  EXPECT_THAT(Read(format, {"t,\"b"}),
              ElementsAre("unusable: has a quote that is not closed"));
  EXPECT_THAT(Read(Custom("time=t,bid=7"), {"t,b"}),
              ElementsAre("unusable: the header has 2 columns, and bid is "
                          "mapped to column 7"));
  const auto zone = SessionTime::Create("UTC");
  RowReader reader(format, "ONE", *zone, 0);
  EXPECT_EQ(reader.ReadTooLong(), RowReader::Result::kUnusable);
  EXPECT_EQ(reader.fault(), "has more than 16384 bytes");
  EXPECT_EQ(reader.ReadTooLong(), RowReader::Result::kBad);
}

TEST(RowReaderTest, RowsHaveAsManyColumnsAsTheFirst) {
  const auto all =
      Read(Custom("time=0,bid=1"), {"1", "1,2,3", "1,2", "1,2,3,4", "1,2,3"});
  EXPECT_THAT(
      all, ElementsAre("bad: bid (column 1) is missing", "1000001 ONE,2,,,,,",
                       "bad: has 2 columns, want 3",
                       "bad: has 4 columns, want 3", "1000001 ONE,2,,,,,"));
  EXPECT_THAT(Read(Custom("time=5,bid=1"), {"1,2"}),
              ElementsAre("bad: time (column 5) is missing"));
}

TEST(RowReaderTest, EachValueIsCheckedForWhatItHasToBe) {
  const auto bid = [](const std::string& text) {
    return SecondOf("time=0,bid=1,bid_size=2", "1,2,3", "1," + text + ",3");
  };
  EXPECT_EQ(bid("NaN"), "bad: bid (column 1): 'NaN' is no decimal");
  EXPECT_EQ(bid("1e5"), "bad: bid (column 1): '1e5' is no decimal");
  EXPECT_EQ(bid("\"1,5\""), "bad: bid (column 1): '1,5' is no decimal");
  EXPECT_EQ(bid("\x01\n\xFF"),
            "bad: bid (column 1): '\\x01\\n\\xff' is no decimal");
  EXPECT_EQ(
      bid(std::string(5'000, 'z')),
      "bad: bid (column 1): '" + std::string(40, 'z') + "...' is no decimal");
  EXPECT_EQ(bid("-2"), "1000001 ONE,-2,3,,,,");
  EXPECT_EQ(bid(""), "1000001 ONE,,3,,,,");
  EXPECT_EQ(SecondOf("time=0,bid=1,bid_size=2", "1,2,3", "1,2,-3"),
            "bad: bid_size (column 2): '-3' is negative");
  EXPECT_EQ(SecondOf("time=0,bid=1", "1,2", "-1,2"),
            "bad: time (column 0): '-1' is no time of the form ms-of-day");
  EXPECT_EQ(SecondOf("time=0,bid=1", "1,2", "\"1,2"),
            "bad: has a quote that is not closed");
}

TEST(RowReaderTest, ATradeHasAPrice) {
  EXPECT_EQ(SecondOf("time=0,last=1,last_size=2", "1,2,3", "1,,3"),
            "bad: last (column 1) is empty");
  EXPECT_EQ(SecondOf("time=0,last=1,last_size=2", "1,2,3", "1,2,"),
            "1000001 ONE,,,,,2,");
  // Beside quotes it may be missing: there was none.
  EXPECT_EQ(SecondOf("time=0,bid=1,last=2", "1,2,3", "1,2,"),
            "1000001 ONE,2,,,,,");
}

TEST(RowReaderTest, SymbolsAreChecked) {
  const auto all = Read(Custom("symbol=0,time=1,bid=2"),
                        {"EUR/USD,1,2", ",1,2", "a@b,1,2",
                         std::string(65, 'x') + ",1,2", "\xFF,1,2"});
  EXPECT_EQ(all[0], "1000001 EUR/USD,2,,,,,");
  EXPECT_EQ(all[1], "bad: symbol (column 0): '' is no symbol");
  EXPECT_EQ(all[2], "bad: symbol (column 0): 'a@b' is no symbol");
  EXPECT_THAT(all[3], StartsWith("bad: symbol (column 0): 'xxx"));
  EXPECT_EQ(all[4], "bad: symbol (column 0): '\\xff' is no symbol");
}

}  // namespace
}  // namespace streamhub::csv
