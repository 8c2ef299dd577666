// Captures as files: lines, damage, surveys, times.

#include "feeds/replay/crypto_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/crypto/capture_line.h"
#include "feeds/replay/merged_reader.h"
#include "tests/feeds/crypto/sample_venue.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using crypto::SampleVenue;
using testing::EndsWith;
using testing::HasSubstr;
using Next = RecordReader::Next;

class CryptoReaderTest : public testing::Test {
 protected:
  // Another reader of the same handler.
  std::unique_ptr<CryptoReader> Open(const std::string& path) {
    auto source = ByteSource::Open(path);
    EXPECT_TRUE(source.ok()) << source.status();
    return std::make_unique<CryptoReader>(*std::move(source), handler_,
                                          market_.counters);
  }

  // Plays all of it: the times of its records.
  std::vector<int64_t> Play(RecordReader& reader) {
    std::vector<int64_t> times;
    while (true) {
      int64_t time_ns = 0;
      const Next next = reader.Peek(0, &time_ns);
      if (next == Next::kWaiting) continue;
      last_ = next;
      if (next != Next::kRecord) return times;
      // Asking again changes nothing.
      int64_t again_ns = 0;
      EXPECT_EQ(reader.Peek(0, &again_ns), Next::kRecord);
      EXPECT_EQ(again_ns, time_ns);
      times.push_back(time_ns);
      market_.publisher.BeginBatch();
      reader.Apply();
      market_.publisher.EndBatch();
    }
  }
  std::vector<int64_t> PlayBytes(std::string_view bytes) {
    const TemporaryFile file("capture.gz", Gzipped(bytes));
    const auto reader = Open(file.path());
    auto times = Play(*reader);
    status_ = reader->status();
    return times;
  }

  int64_t Value(std::string_view symbol, FieldId field) {
    const auto id = market_.market.symbols().Find(symbol);
    EXPECT_TRUE(id.has_value()) << symbol;
    return id.has_value() ? market_.Value(*id, field) : 0;
  }
  int64_t Count(Metric metric) { return market_.counters.Get(metric); }

  TestMarket market_{100, TestMarket::Info(), /*tape=*/100};
  crypto::CryptoHandler handler_{market_.publisher,
                                 *csv::DecimalsFinder::Create("")};
  Next last_ = Next::kWaiting;
  absl::Status status_;
};

const char kTicker[] =
    R"({"u":4,"s":"BTC","b":"1.5","B":"2","a":"3.25","A":"4"})";

TEST_F(CryptoReaderTest, RecordsHaveTheRecordersTimes) {
  const std::string ticker = kTicker;
  EXPECT_THAT(
      PlayBytes("1000 " + ticker + "\n\n2.5: " + ticker + "\r\n2000 " + ticker),
      testing::ElementsAre(1000, 2'500'000'000, 2000));
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(status_, absl::OkStatus());
  EXPECT_EQ(Count(Metric::kTicks), 3);
  EXPECT_EQ(Value("BTC", FieldId::kBid), 150);
  EXPECT_EQ(Value("BTC", FieldId::kAsk), 325);
}

TEST_F(CryptoReaderTest, DamageIsLeftOutAndTold) {
  const std::string ticker = kTicker;
  EXPECT_EQ(PlayBytes("1 " + ticker + "\n2 {\"e\":\n" + "rubbish\n3 " + ticker)
                .size(),
            2u);
  EXPECT_EQ(last_, Next::kFailed);
  EXPECT_EQ(Count(Metric::kFeedMessagesBad), 2);
  EXPECT_EQ(status_.code(), absl::StatusCode::kDataLoss);
  const std::string text(status_.message());
  EXPECT_THAT(text, HasSubstr("capture.gz: line 2: is no JSON: "));
  EXPECT_THAT(text, EndsWith("; 2 of 4 messages were left out"));
}

TEST_F(CryptoReaderTest, AMessageThatDoesNotFitIsLeftOutAndTold) {
  const std::string begin = R"({"e":"trade","s":"BTC","T":9,"m":true,"t":)";
  PlayBytes("1 " + begin + R"(1,"p":"5","q":"-2"})" + "\n2 " + begin +
            R"(2,"p":"5","q":"2"})" + "\n");
  EXPECT_EQ(last_, Next::kFailed);
  EXPECT_THAT(std::string(status_.message()),
              HasSubstr("line 1: BTC: size: a size is negative; 1 of 2 "));
  EXPECT_EQ(Value("BTC", FieldId::kLast), 5);
}

TEST_F(CryptoReaderTest, FailsOfAnEmptyFileAndOfDamagedCompression) {
  PlayBytes("");
  EXPECT_EQ(last_, Next::kFailed);
  EXPECT_THAT(std::string(status_.message()), EndsWith("capture.gz: is empty"));
  std::string packed = Gzipped("1 " + std::string(kTicker) + "\n");
  packed.resize(packed.size() - 9);
  const TemporaryFile file("cut.gz", packed);
  const auto reader = Open(file.path());
  Play(*reader);
  EXPECT_EQ(last_, Next::kFailed);
  EXPECT_THAT(std::string(reader->status().message()), HasSubstr("truncated"));
}

TEST_F(CryptoReaderTest, LinesMayBeAsLongAsDeepBooksAre) {
  std::string levels;
  for (int i = 0; i < 20'000; ++i) {
    levels +=
        (i == 0 ? "[\"" : ",[\"") + std::to_string(100'000 - i) + "\",\"1\"]";
  }
  const std::string snapshot =
      R"({"type":"snapshot","product_id":"A-B","asks":[],"bids":[)" + levels +
      "]}";
  ASSERT_GT(snapshot.size(), 250'000u);
  EXPECT_EQ(PlayBytes("1.0: " + snapshot + "\n2.0: " + snapshot).size(), 2u);
  EXPECT_EQ(status_, absl::OkStatus());
  ASSERT_NE(handler_.BookOf("A-B"), nullptr);
  EXPECT_EQ(handler_.BookOf("A-B")->bids.size(), 20'000u);
  EXPECT_EQ(Value("A-B", FieldId::kBid), 100'000);
}

TEST_F(CryptoReaderTest, ALineBeyondAllBooksIsLeftOut) {
  const std::string most(crypto::kCaptureLineBytesMax + 1, 'x');
  EXPECT_EQ(PlayBytes(most + "\n1 " + kTicker + "\n").size(), 1u);
  EXPECT_THAT(std::string(status_.message()),
              HasSubstr("line 1: has more than 16777216 bytes"));
}

// What comes first has fewer decimals than what comes then.
TEST_F(CryptoReaderTest, TheFirstLinesSayTheDecimals) {
  const std::string begin = R"({"e":"trade","s":"BTC","T":9,"m":true,"t":)";
  std::string bytes = "1 " + begin + R"(1,"p":"5","q":"2"})" + "\n";
  bytes += "2 " + begin + R"(2,"p":"5.125","q":"2.5"})" + "\n";
  PlayBytes(bytes);
  EXPECT_EQ(status_, absl::OkStatus());
  EXPECT_EQ(market_.market.symbols().Get(0).price_decimals, 3);
  EXPECT_EQ(market_.market.symbols().Get(0).quantity_decimals, 1);
  EXPECT_EQ(Value("BTC", FieldId::kLast), 5125);
  EXPECT_EQ(Value("BTC", FieldId::kVolume), 45);
}

TEST_F(CryptoReaderTest, ASnapshotMayStandBeforeItsSymbol) {
  PlayBytes(
      "1 {\"lastUpdateId\":3,\"bids\":[[\"1.5\",\"2\"]],\"asks\":[]}\n"
      "2 {\"e\":\"depthUpdate\",\"s\":\"BTC\",\"U\":4,\"u\":4,"
      "\"b\":[[\"1.25\",\"3\"]],\"a\":[]}\n");
  EXPECT_EQ(status_, absl::OkStatus());
  EXPECT_EQ(Value("BTC", FieldId::kBid), 150);
  EXPECT_EQ(Value("BTC", FieldId::kBid2), 125);
}

TEST_F(CryptoReaderTest, GapsAreListedAndNoFaultOfTheFile) {
  SampleVenue venue(SampleVenue::Kind::kSpot, 3);
  std::string bytes = venue.Update(1);
  bytes += venue.Snapshot();
  venue.Update(2);
  bytes += venue.Update(1);
  PlayBytes(bytes);
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(status_, absl::OkStatus());
  ASSERT_EQ(handler_.losses().size(), 1u);
  EXPECT_EQ(handler_.losses()[0].first, 1002u);
  EXPECT_EQ(handler_.losses()[0].last, 1003u);
}

TEST_F(CryptoReaderTest, CapturesOfSeveralVenuesAreMerged) {
  SampleVenue spot(SampleVenue::Kind::kSpot, 3);
  SampleVenue kraken(SampleVenue::Kind::kKraken, 4);
  std::string spot_bytes = spot.Update(1);
  spot_bytes += spot.Snapshot();
  std::string kraken_bytes = kraken.Snapshot();
  for (int i = 0; i < 50; ++i) {
    spot_bytes += spot.Update(2);
    spot_bytes += spot.Trade();
    kraken_bytes += kraken.Update(2);
    kraken_bytes += kraken.Trade();
  }
  const TemporaryFile one("spot", spot_bytes);
  const TemporaryFile two("kraken", kraken_bytes);
  std::vector<std::unique_ptr<RecordReader>> readers;
  readers.push_back(Open(one.path()));
  readers.push_back(Open(two.path()));
  MergedReader merged(std::move(readers));
  const auto times = Play(merged);
  EXPECT_EQ(times.size(), 2u + 1u + 4u * 50u);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_EQ(merged.status(), absl::OkStatus());
  EXPECT_EQ(Value("BTCUSDT", FieldId::kBid), spot.Bids()[0].first);
  EXPECT_EQ(Value("BTCUSDT", FieldId::kVolume), spot.volume());
  EXPECT_EQ(Value("XMR/USD", FieldId::kAsk), kraken.Asks()[0].first);
  EXPECT_EQ(Value("XMR/USD", FieldId::kVolume), kraken.volume());
}

TEST_F(CryptoReaderTest, ADayRolls) {
  const std::string trade =
      R"({"e":"trade","s":"BTC","T":9,"m":true,"t":1,"p":"5","q":"2"})";
  const TemporaryFile file("x", "1 " + trade + "\n");
  const auto reader = Open(file.path());
  Play(*reader);
  EXPECT_EQ(Value("BTC", FieldId::kVolume), 2);
  handler_.RollDay(10);
  EXPECT_EQ(Value("BTC", FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value("BTC", FieldId::kPrevClose), 5);
  EXPECT_EQ(reader->bytes_read(), reader->bytes_total());
}

}  // namespace
}  // namespace streamhub
