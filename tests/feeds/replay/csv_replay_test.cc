// CSV files through the whole of a replay: merging, pace, loops, damage.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/csv_reader.h"
#include "feeds/replay/replay_feed.h"
#include "tests/feeds/replay/fake_control.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// Quotes of columns "time in s since 1970, bid, ask".
class CsvReplayTest : public testing::Test {
 protected:
  absl::Status Play(ReplayOptions options) {
    auto feed = ReplayFeed::Create(std::move(options));
    if (!feed.ok()) return feed.status();
    return (*feed)->Run(market_.publisher, control_);
  }

  static ReplayOptions Quotes(std::vector<std::string> files,
                              double speed = ReplayOptions::kMaxSpeed) {
    ReplayOptions options;
    options.files = std::move(files);
    options.speed = speed;
    options.csv_columns = "time=0,bid=1,ask=2";
    options.csv_time = "unix-s";
    options.symbol = {"A"};
    return options;
  }

  FeedStatus Status() {
    return market_.market.feeds().StatusAt(market_.feed,
                                           market_.clock.MonoNs());
  }
  int64_t Value(FieldId field, std::string_view code = "A") {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.has_value() ? market_.Value(*id, field) : 0;
  }
  int64_t Count(Metric metric) { return market_.counters.Get(metric); }
  int Decimals(std::string_view code = "A") {
    const auto id = market_.market.symbols().Find(code);
    return id.has_value() ? market_.market.symbols().Get(*id).price_decimals
                          : -1;
  }

  TestMarket market_;
  FakeControl control_{market_};
};

TEST_F(CsvReplayTest, PlaysPlainAndCompressedFilesAlike) {
  const std::string bytes = "t,bid,ask\n1,1.25,1.5\r\n2,1.3,1.75";
  for (const std::string& stored : {bytes, Gzipped(bytes), Zstandard(bytes)}) {
    const TemporaryFile file("x", stored);
    ASSERT_EQ(Play(Quotes({file.path()})), absl::OkStatus());
    EXPECT_EQ(Value(FieldId::kBid), 130);
    EXPECT_EQ(Value(FieldId::kAsk), 175);
    EXPECT_EQ(Value(FieldId::kQuoteTime), 2 * kSecond);
    EXPECT_EQ(Status(), FeedStatus::kEnded);
  }
  EXPECT_EQ(Count(Metric::kTicks), 6);
  EXPECT_TRUE(control_.waits_ns.empty());
}

TEST_F(CsvReplayTest, KeepsTheRecordedPaceOverMergedFiles) {
  const TemporaryFile one("1", "10,1,9\n12,3,9\n14,5,9\n");
  const TemporaryFile two("2", "11,2,9\n14,6,9\n15,7,9\n");
  ReplayOptions options = Quotes({one.path(), two.path()}, 2.0);
  std::vector<int64_t> bids;
  control_.on_wait = [&] { bids.push_back(Value(FieldId::kBid)); };
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_THAT(bids, ElementsAre(1, 2, 3, 6));
  EXPECT_EQ(Value(FieldId::kBid), 7);
  EXPECT_THAT(control_.waits_ns,
              ElementsAre(kSecond / 2, kSecond, 2 * kSecond, kSecond * 5 / 2));
}

TEST_F(CsvReplayTest, NobodyWaitsForTheNight) {
  const TemporaryFile one("1", "100000,1,9\n100001,2,9\n");
  const TemporaryFile two("2", "10,3,9\n11,4,9\n");
  ASSERT_EQ(Play(Quotes({one.path(), two.path()}, 1.0)), absl::OkStatus());
  EXPECT_THAT(control_.waits_ns, ElementsAre(kSecond, 2 * kSecond));
  EXPECT_EQ(Value(FieldId::kBid), 2);
}

TEST_F(CsvReplayTest, TimesThatGoBackAreDueAtOnce) {
  const TemporaryFile file("x", "15,1,9\n13,2,9\n16,3,9\n");
  ASSERT_EQ(Play(Quotes({file.path()}, 1.0)), absl::OkStatus());
  EXPECT_THAT(control_.waits_ns, ElementsAre(kSecond));
  EXPECT_EQ(Count(Metric::kTicks), 3);
}

TEST_F(CsvReplayTest, QuotesAndTradesOfOneSymbolMeet) {
  const TemporaryFile quotes(
      "q.csv",
      "exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,"
      "bid_price,bid_amount\n"
      "x,BTC,1000000,1,5,8629,8628,0.25\n");
  const TemporaryFile trades(
      "t.csv.gz",
      Gzipped("exchange,symbol,timestamp,local_timestamp,id,side,price,amount\n"
              "x,BTC,1000000,1,a,buy,8628.5,2\nx,ETH,2000000,2,b,sell,30,1\n"));
  ReplayOptions options;
  options.files = {quotes.path(), trades.path()};
  options.speed = ReplayOptions::kMaxSpeed;
  ASSERT_EQ(Play(options), absl::OkStatus());
  // As many decimals as the longest of either file.
  EXPECT_EQ(Decimals("BTC"), 1);
  EXPECT_EQ(Value(FieldId::kAsk, "BTC"), 86'290);
  EXPECT_EQ(Value(FieldId::kBidSize, "BTC"), 25);
  EXPECT_EQ(Value(FieldId::kLast, "BTC"), 86'285);
  EXPECT_EQ(Value(FieldId::kVolume, "BTC"), 200);
  EXPECT_EQ(Decimals("ETH"), 0);
  EXPECT_EQ(Value(FieldId::kLast, "ETH"), 30);
}

TEST_F(CsvReplayTest, ADayBeginsAtMidnightOrWhenItIsSaid) {
  // 23:00, 00:00 and 01:00 UTC.
  const TemporaryFile one("1", "82800,5\n90000,7\n");
  const TemporaryFile two("2", "86400,6\n");
  ReplayOptions options;
  options.files = {one.path(), two.path()};
  options.speed = ReplayOptions::kMaxSpeed;
  options.csv_columns = "time=0,last=1";
  options.csv_time = "unix-s";
  options.symbol = {"A", "B"};
  const auto play = [&](std::string roll, std::string zone) {
    options.session_roll = std::move(roll);
    options.timezone = std::move(zone);
    market_.publisher.StartEpoch();
    EXPECT_EQ(Play(options), absl::OkStatus());
  };
  play("", "");
  EXPECT_EQ(Value(FieldId::kPrevClose, "A"), 5);
  EXPECT_EQ(Value(FieldId::kOpen, "A"), 7);
  EXPECT_EQ(Value(FieldId::kPrevClose, "B"), kEmpty);
  play("", "UTC-05");
  EXPECT_EQ(Value(FieldId::kPrevClose, "A"), kEmpty);
  EXPECT_EQ(Value(FieldId::kOpen, "A"), 5);
  play("20:00", "UTC-05");  // 01:00 UTC
  EXPECT_EQ(Value(FieldId::kPrevClose, "A"), 5);
  EXPECT_EQ(Value(FieldId::kPrevClose, "B"), 6);
  EXPECT_EQ(Value(FieldId::kOpen, "B"), kEmpty);
}

TEST_F(CsvReplayTest, DecimalsAreThoseOfTheFirstThousandRows) {
  std::string bytes;
  for (size_t i = 0; i < CsvReader::kSurveyRows; ++i) bytes += "1,1,9\n";
  const std::string late = "2,1.5,9\n";
  {
    const TemporaryFile file("x", bytes + late);
    const absl::Status status = Play(Quotes({file.path()}));
    EXPECT_EQ(status.message(),
              file.path() +
                  ": line 1001: bid (column 1): '1.5' has more than "
                  "the 0 decimals of the symbol; 1 of 1001 rows were "
                  "left out");
    EXPECT_EQ(Count(Metric::kTicksRejected), 1);
    EXPECT_EQ(Decimals(), 0);
  }
  const TemporaryFile file("x", bytes.substr(6) + late);
  ReplayOptions options = Quotes({file.path()});
  options.symbol = {"B"};
  EXPECT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(Decimals("B"), 1);
  // Nothing is surveyed where it is said.
  options.symbol = {"C"};
  options.csv_decimals = "C=3";
  EXPECT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(Value(FieldId::kBid, "C"), 1'500);
}

TEST_F(CsvReplayTest, ADamagedRowIsToldAndAllOthersAreServed) {
  const std::pair<const char*, const char*> cases[] = {
      {"2,NaN,9", "bid (column 1): 'NaN' is no decimal"},
      {"2,2", "has 2 columns, want 3"},
      {"2013-02-30,2,9", "time (column 0): '2013-02-30' is no time of the "},
      {"-2,2,9", "time (column 0): '-2' is no time of the form unix-s"},
      {"2,\"2,9", "has a quote that is not closed"},
      {"", nullptr},  // filled below: a line that is too long
  };
  for (const auto& [row, fault] : cases) {
    const std::string line =
        fault == nullptr ? std::string(1'000'000, '7') : row;
    for (const bool zip : {false, true}) {
      const std::string bytes = "1,1,9\n\n" + line + "\n3,3,9\n";
      const TemporaryFile file("x", zip ? Gzipped(bytes) : bytes);
      TestMarket market;
      FakeControl control(market);
      auto feed = ReplayFeed::Create(Quotes({file.path()}));
      ASSERT_TRUE(feed.ok()) << feed.status();
      const absl::Status status = (*feed)->Run(market.publisher, control);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      const std::string message(status.message());
      EXPECT_THAT(message,
                  StartsWith(file.path() + ": line 3: " +
                             (fault ? fault : "has more than 16384 bytes")));
      EXPECT_THAT(message, HasSubstr("; 1 of 3 rows were left out"));
      EXPECT_EQ(market.counters.Get(Metric::kFeedMessagesBad), 1);
      EXPECT_EQ(market.counters.Get(Metric::kTicks), 2);
      EXPECT_EQ(market.Value(0, FieldId::kBid), 3);
    }
  }
}

TEST_F(CsvReplayTest, AFileThatCannotBeReadOnDoesNotStopTheOthers) {
  std::string rows;
  for (int i = 0; i < 20'000; ++i) {
    rows += std::to_string(i) + "," + std::to_string(i * 7 % 1'000) + ",9\n";
  }
  const std::string whole = Gzipped(rows);
  const TemporaryFile broken("x.gz", whole.substr(0, whole.size() / 2));
  const TemporaryFile good("y", "1,1,9\n30000,77,9\n");
  EXPECT_THAT(std::string(Play(Quotes({broken.path(), good.path()})).message()),
              HasSubstr("decompressed): truncated"));
  EXPECT_EQ(Value(FieldId::kBid), 77);
  EXPECT_GT(Count(Metric::kTicks), 5'000);
  // FeedThread, which is not here, would mark it down.
  EXPECT_EQ(Status(), FeedStatus::kLive);

  const TemporaryFile lacks("z", "a,b\n1,2\n");
  ReplayOptions options = Quotes({lacks.path()});
  options.csv_columns = "time=a,bid=b,ask=c";
  EXPECT_EQ(
      Play(options).message(),
      lacks.path() + ": line 1: the header has no column 'c', wanted for ask");
  const TemporaryFile empty("e", "");
  EXPECT_EQ(Play(Quotes({empty.path()})).message(),
            empty.path() + ": is empty");
  // A day without a row is none that is damaged.
  const TemporaryFile header("h", "t,bid,ask\n");
  EXPECT_EQ(Play(Quotes({header.path()})), absl::OkStatus());
}

TEST_F(CsvReplayTest, AFileOfWhichEveryRowIsLeftOutIsToldBeforehand) {
  const auto check = [](const std::string& path) {
    auto feed = ReplayFeed::Create(Quotes({path}));
    return feed.ok() ? (*feed)->CheckStarts() : feed.status();
  };
  const TemporaryFile other("x", "t,bid,ask\n1x,1,9\n2x,2,9\n");
  EXPECT_THAT(std::string(check(other.path()).message()),
              StartsWith(other.path() +
                         ": is no CSV file of that format: every one of its "
                         "first 2 rows would be left out: line 2: time "));
  std::string long_one;
  while (long_one.size() < 200'000) long_one += "?,2,9\n";
  const TemporaryFile longer("y", long_one);
  EXPECT_EQ(check(longer.path()).code(), absl::StatusCode::kDataLoss);
  const TemporaryFile one_good("z", "?,1,9\n?,2,9\n3,3,9\n");
  EXPECT_EQ(check(one_good.path()), absl::OkStatus());
  const TemporaryFile header("h", "t,bid,ask\n\n");
  EXPECT_EQ(check(header.path()), absl::OkStatus());
}

TEST_F(CsvReplayTest, RubbishOfAnySizeNeitherHangsNorGrows) {
  const std::string bad(8'000'000, '\0');
  const TemporaryFile one_line("x.gz", Gzipped(bad));
  control_.on_asked = [&] { return control_.asked > 100'000; };
  EXPECT_THAT(std::string(Play(Quotes({one_line.path()})).message()),
              HasSubstr("; 1 of 1 rows were left out"));
  EXPECT_GT(control_.asked, 5);
  const TemporaryFile empty_lines("y.gz",
                                  Gzipped(std::string(3'000'000, '\n')));
  control_.asked = 0;
  EXPECT_EQ(Play(Quotes({empty_lines.path()})), absl::OkStatus());
  EXPECT_GT(control_.asked, 1'000);
}

TEST_F(CsvReplayTest, ALoopGoesOnOverDamageAndTellsItAtItsEnd) {
  const TemporaryFile file("x", "1,1,9\n1,x,9\n3,3,9\n");
  ReplayOptions options = Quotes({file.path()}, 1.0);
  options.loop = true;
  int waits = 0;
  control_.on_wait = [&] { control_.stop = ++waits == 3; };
  EXPECT_EQ(Play(options).message(),
            file.path() +
                ": line 2: bid (column 1): 'x' is no decimal; 1 of 3 "
                "rows were left out");
  EXPECT_EQ(Count(Metric::kEpochs), 2);
  EXPECT_EQ(Count(Metric::kFeedMessagesBad), 3);
}

TEST_F(CsvReplayTest, ReadsAPipeAsItComes) {
  const TemporaryFile neighbour("a", "");
  const std::string path = neighbour.path() + ".pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  int writer = -1;
  control_.on_asked = [&] {
    const auto send = [&](std::string_view bytes) {
      EXPECT_EQ(write(writer, bytes.data(), bytes.size()),
                static_cast<ssize_t>(bytes.size()));
    };
    if (control_.asked == 2) {
      writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      send("1,1.0,9\n2,2.");
    } else if (control_.asked == 6) {
      EXPECT_EQ(Value(FieldId::kBid), 10);
      send("5,9\n3,2.7,9\n");
      close(writer);
    }
    return control_.asked > 100;
  };
  ReplayOptions options = Quotes({path});
  options.csv_decimals = "1";  // or it would wait for the rows of the survey
  const absl::Status status = Play(options);
  unlink(path.c_str());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(Value(FieldId::kBid), 27);
}

TEST_F(CsvReplayTest, ReportsTheProgressOfAllFilesAsOne) {
  const TemporaryFile one("1", "1,1,9\n3,1,9\n");
  const TemporaryFile two("2", Gzipped("2,1,9\n"));
  ReplayOptions options = Quotes({one.path(), two.path()}, 1.0);
  std::vector<ReplayProgress> reports;
  options.progress = [&](const ReplayProgress& p) {
    EXPECT_EQ(p.file, "2 files");
    reports.push_back(p);
  };
  ASSERT_EQ(Play(options), absl::OkStatus());
  ASSERT_GE(reports.size(), 2u);
  const ReplayProgress& last = reports.back();
  EXPECT_EQ(last.files, 1u);
  EXPECT_EQ(last.messages, 3);
  EXPECT_EQ(last.event_ns, 3 * kSecond);
  EXPECT_EQ(last.fraction, 1.0);
}

}  // namespace
}  // namespace streamhub
