// Recordings of every kind: known by what they begin with, and played together.

#include "feeds/replay/recording_kind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/dbn/writer.h"
#include "feeds/fix/writer.h"
#include "feeds/iex/writer.h"
#include "feeds/replay/replay_feed.h"
#include "tests/feeds/crypto/sample_venue.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/fake_control.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/capture_writer.h"
#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::HasSubstr;

// 2024-01-03 00:00 UTC.
constexpr int64_t kMidnightNs = 1'704'240'000 * kSecond;

std::string Captured(const std::vector<std::string>& payloads) {
  packets::CaptureWriter capture;
  for (const std::string& payload : payloads) {
    capture.Add(kMidnightNs, packets::MakeFrame({}, payload));
  }
  return capture.bytes();
}

// A trade each, of a symbol of that kind's.
std::string Dbn(int64_t time_ns) {
  dbn::Metadata metadata;
  std::string bytes;
  dbn::Append(metadata, &bytes);
  dbn::Trade trade;
  trade.head.instrument = 77;
  trade.head.ts_event = trade.ts_recv = static_cast<uint64_t>(time_ns);
  trade.price = 2'500'000'000;  // 2.5
  trade.size = 3;
  dbn::Append(trade, dbn::FormOf(metadata), &bytes);
  return bytes;
}

std::string Fix(std::string_view time, char separator = fix::kSoh) {
  std::string bytes;
  fix::AppendMessage({{35, "X"},
                      {34, "1"},
                      {49, "S"},
                      {56, "T"},
                      {52, std::string(time)},
                      {268, "1"},
                      {279, "0"},
                      {269, "2"},
                      {55, "FIXED"},
                      {270, "1.5"},
                      {271, "4"}},
                     &bytes, separator);
  return bytes;
}

std::string Iex(int64_t time_ns) {
  iex::SegmentWriter writer(iex::Protocol::kTops, 5);
  iex::Trade trade;
  trade.time_ns = time_ns;
  trade.symbol = iex::MakeSymbol("IEXX");
  trade.size = 100;
  trade.price = 31'000;  // 3.1
  writer.Add(trade);
  // Others may be on the same network.
  return Captured({"hello", writer.Cut(time_ns)});
}

std::string Crypto(int64_t time_ns) {
  return std::to_string(time_ns) +
         R"( {"e":"trade","s":"BTC","T":1704240002000,"m":true,"t":1,)"
         R"("p":"5.25","q":"2"})"
         "\n";
}

std::string Mold() {
  const std::string session = itch::MakeSampleSession();
  return Captured({MakeMold("S", 1, MessagesOf(session)), MakeMoldEnd("S", 2)});
}

std::string Soup() {
  std::string bytes = MakeSoupLogin("S", 1);
  for (const std::string& message : MessagesOf(itch::MakeSampleSession())) {
    bytes += MakeSoup('S', message);
  }
  return bytes + MakeSoup('Z');
}

std::optional<RecordingKind> KindOf(std::string_view bytes) {
  return KindOfBytes(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

TEST(RecordingKindTest, IsKnownByWhatItBeginsWith) {
  EXPECT_EQ(KindOf(Dbn(kMidnightNs)), RecordingKind::kDbn);
  EXPECT_EQ(KindOf(Fix("20240102-23:59:58")), RecordingKind::kFix);
  EXPECT_EQ(KindOf("2014-05-05 05:00:03: " + Fix("20240102-23:59:58", '|')),
            RecordingKind::kFix);
  EXPECT_EQ(KindOf(Iex(kMidnightNs)), RecordingKind::kIex);
  EXPECT_EQ(KindOf(Mold()), RecordingKind::kItchMold);
  EXPECT_EQ(KindOf(Soup()), RecordingKind::kItchSoup);
  for (const auto venue :
       {crypto::SampleVenue::Kind::kSpot, crypto::SampleVenue::Kind::kFutures,
        crypto::SampleVenue::Kind::kCoinbase,
        crypto::SampleVenue::Kind::kKraken}) {
    EXPECT_EQ(KindOf(crypto::SampleVenue(venue, 1).Snapshot()),
              RecordingKind::kCrypto);
  }
  for (const auto form : {packets::CaptureWriter::Form{.nanoseconds = false},
                          packets::CaptureWriter::Form{.big_endian = true},
                          packets::CaptureWriter::Form{.pcapng = true}}) {
    EXPECT_EQ(KindOf(packets::CaptureWriter(form).bytes()),
              RecordingKind::kItchMold);
  }
}

TEST(RecordingKindTest, OthersSayNothingOfThemselves) {
  EXPECT_EQ(KindOf(""), std::nullopt);
  EXPECT_EQ(KindOf("D"), std::nullopt);
  EXPECT_EQ(KindOf("1704240002000"), std::nullopt);
  EXPECT_EQ(KindOf("1704240002000,1.5,1.6\n"), std::nullopt);
  EXPECT_EQ(KindOf("8=FI"), std::nullopt);
  EXPECT_EQ(KindOf(itch::MakeSampleSession()), std::nullopt);
}

TEST(RecordingKindTest, HasAName) {
  for (const auto kind :
       {RecordingKind::kItch, RecordingKind::kItchMold,
        RecordingKind::kItchSoup, RecordingKind::kCsv, RecordingKind::kDbn,
        RecordingKind::kFix, RecordingKind::kIex, RecordingKind::kCrypto,
        RecordingKind::kTickLog}) {
    EXPECT_EQ(FindKind(NameOf(kind)), kind);
  }
  EXPECT_EQ(FindKind("fxcm"), std::nullopt);
}

class KindsReplayTest : public testing::Test {
 protected:
  absl::Status Play(ReplayOptions options) {
    options.speed = ReplayOptions::kMaxSpeed;
    auto feed = ReplayFeed::Create(std::move(options));
    if (!feed.ok()) return feed.status();
    if (absl::Status s = (*feed)->CheckStarts(); !s.ok()) return s;
    return (*feed)->Run(market_.publisher, control_);
  }
  absl::Status Play(std::vector<std::string> files) {
    ReplayOptions options;
    options.files = std::move(files);
    return Play(options);
  }
  int64_t Value(std::string_view code, FieldId field) {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.has_value() ? market_.Value(*id, field) : 0;
  }

  TestMarket market_;
  FakeControl control_{market_};
};

TEST_F(KindsReplayTest, FilesOfAllKindsAreMerged) {
  const TemporaryFile dbn("a", Zstandard(Dbn(kMidnightNs - kSecond)));
  const TemporaryFile fix("b", Fix("20240102-23:59:58"));
  const TemporaryFile iex("c", Gzipped(Iex(kMidnightNs + kSecond)));
  const TemporaryFile crypto("d", Crypto(kMidnightNs + 2 * kSecond));
  ASSERT_EQ(Play({dbn.path(), crypto.path(), iex.path(), fix.path()}),
            absl::OkStatus());
  // The first two days' end rolls all, whatever brought the news.
  EXPECT_EQ(Value("FIXED", FieldId::kPrevClose), 15);
  EXPECT_EQ(Value("FIXED", FieldId::kVolume), kEmpty);
  EXPECT_NE(Value("77", FieldId::kPrevClose), kEmpty);
  EXPECT_EQ(Value("77", FieldId::kVolume), kEmpty);
  EXPECT_EQ(Value("IEXX", FieldId::kLast), 31'000);
  EXPECT_EQ(Value("IEXX", FieldId::kVolume), 100);
  EXPECT_EQ(Value("BTC", FieldId::kLast), 525);
  EXPECT_EQ(Value("BTC", FieldId::kPrevClose), kEmpty);
}

TEST_F(KindsReplayTest, EachRoundOfALoopBeginsEmpty) {
  const TemporaryFile fix("b", Fix("20240102-23:59:58"));
  const TemporaryFile dbn("a", Dbn(kMidnightNs - kSecond));
  ReplayOptions options;
  options.files = {fix.path(), dbn.path()};
  options.loop = true;
  int rounds = 0;
  options.progress = [&](const ReplayProgress& progress) {
    rounds = static_cast<int>(progress.round);
    control_.stop = rounds == 3 && progress.messages == 2;
  };
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(rounds, 3);
  EXPECT_EQ(Value("FIXED", FieldId::kVolume), 4);
  EXPECT_EQ(Value("77", FieldId::kVolume), 3);
}

TEST_F(KindsReplayTest, WrappedItchIsPlayedOneAfterTheOther) {
  const TemporaryFile mold("20240102.pcap", Mold());
  const TemporaryFile soup("20240103.soup.gz", Gzipped(Soup()));
  ASSERT_EQ(Play({mold.path(), soup.path()}), absl::OkStatus());
  EXPECT_GT(market_.market.symbols().size(), 0u);
  const TemporaryFile dbn("a", Dbn(kMidnightNs));
  EXPECT_THAT(std::string(Play({mold.path(), dbn.path()}).message()),
              HasSubstr("cannot be played together"));
}

TEST_F(KindsReplayTest, WhatIsOfAnotherKindIsRefused) {
  const TemporaryFile file("a", Dbn(kMidnightNs));
  ReplayOptions options;
  options.files = {file.path()};
  options.format = "fix";
  EXPECT_THAT(std::string(Play(options).message()),
              HasSubstr("is no recording of format fix, but of dbn"));
  const TemporaryFile text("b", "hello\n");
  options.files = {text.path()};
  EXPECT_THAT(std::string(Play(options).message()),
              HasSubstr("is no recording of format fix"));
  const TemporaryFile empty("c", "");
  options.files = {empty.path()};
  EXPECT_THAT(std::string(Play(options).message()), HasSubstr("is empty"));
}

// Of recordings that are not part of the source tree: without them skipped.
// Their facts are each decoder's own test's.
TEST_F(KindsReplayTest, RealRecordingsArePlayed) {
  const std::string folder = STREAMHUB_SOURCE_DIR "/../shared/data/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  const auto symbols_of = [&](const std::string& file, std::string date) {
    TestMarket market;
    FakeControl control(market);
    ReplayOptions options;
    options.files = {folder + file};
    options.date = std::move(date);
    options.speed = ReplayOptions::kMaxSpeed;
    auto feed = ReplayFeed::Create(options);
    EXPECT_TRUE(feed.ok()) << feed.status();
    if (!feed.ok()) return size_t{0};
    (*feed)->Run(market.publisher, control).IgnoreError();  // some are damaged
    return market.market.symbols().size();
  };
  EXPECT_EQ(symbols_of("itch/ritch_moldudp64_clean.pcap.gz", "2010-12-24"), 3u);
  EXPECT_EQ(symbols_of("itch/ritch_soupbintcp.bin.gz", "2010-12-24"), 3u);
  EXPECT_EQ(symbols_of("dbn/small/test_data.trades.v3.dbn.zst", ""), 1u);
  EXPECT_EQ(symbols_of("fix/eurusd_20140505.fix44.log.gz", ""), 1u);
  EXPECT_EQ(symbols_of("ws/coinbase_20210417.ws.gz", ""), 6u);
  EXPECT_EQ(symbols_of("ws/kraken_20210417.ws.gz", ""), 6u);
}

}  // namespace
}  // namespace streamhub
