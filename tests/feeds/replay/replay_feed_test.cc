#include "feeds/replay/replay_feed.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "feeds/itch/writer.h"
#include "feeds/replay/byte_source.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/fake_control.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ReplayFeedTest : public testing::Test {
 protected:
  absl::Status Play(ReplayOptions options) {
    auto feed = ReplayFeed::Create(std::move(options));
    if (!feed.ok()) return feed.status();
    return (*feed)->Run(market_.publisher, control_);
  }

  static ReplayOptions AtMaxSpeed(std::vector<std::string> files) {
    ReplayOptions options;
    options.files = std::move(files);
    options.speed = ReplayOptions::kMaxSpeed;
    return options;
  }

  FeedStatus Status() {
    return market_.market.feeds().StatusAt(market_.feed,
                                           market_.clock.MonoNs());
  }
  int64_t Value(std::string_view code, FieldId field) {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.has_value() ? market_.Value(*id, field) : 0;
  }

  TestMarket market_;
  FakeControl control_{market_};
};

constexpr uint64_t kStartNs = uint64_t{34'200} * kSecond;

// A trade of ALPHA at each of `seconds` after 09:30.
std::string Trades(const std::vector<double>& seconds) {
  std::string bytes;
  uint32_t price = 0;
  for (const double s : seconds) {
    itch::Trade trade;
    trade.head.time_ns = kStartNs + static_cast<uint64_t>(s * kSecond);
    trade.stock = itch::MakeStock("ALPHA");
    trade.shares = 10;
    trade.price = ++price;
    itch::Append(trade, &bytes);
  }
  return bytes;
}

// Every value of every symbol, and how many ticks each had.
std::vector<std::vector<int64_t>> Everything(const TestMarket& market) {
  std::vector<std::vector<int64_t>> all;
  for (SymbolId id = 0; id < market.market.symbols().size(); ++id) {
    const QuoteView view = market.Read(id);
    const int size = market.market.symbols().Get(id).layout->size();
    all.emplace_back(view.value.begin(), view.value.begin() + size);
    all.back().push_back(static_cast<int64_t>(view.ticks));
  }
  return all;
}

std::string Stored(const std::string& path) {
  std::ifstream file(std::string(STREAMHUB_SOURCE_DIR "/") + path,
                     std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Uncompressed(std::string_view gzipped) {
  const TemporaryFile file("a", gzipped);
  auto source = ByteSource::Open(file.path());
  EXPECT_TRUE(source.ok());
  std::string bytes;
  std::vector<uint8_t> room(1 << 16);
  size_t count = 0;
  while ((*source)->Read(room, 0, &count) == ByteSource::Result::kBytes) {
    bytes.append(room.begin(), room.begin() + count);
  }
  EXPECT_TRUE((*source)->status().ok()) << (*source)->status();
  return bytes;
}

TEST_F(ReplayFeedTest, TheCommittedSampleIsTheGeneratedOne) {
  EXPECT_TRUE(Uncompressed(Stored(itch::kSamplePath)) ==
              itch::MakeSampleSession())
      << "make_itch_sample | gzip -9n > " << itch::kSamplePath;
}

TEST_F(ReplayFeedTest, PlaysTheSamplePlainAndCompressedAlike) {
  std::vector<std::vector<int64_t>> first;
  const std::string bytes = itch::MakeSampleSession();
  for (const std::string& stored : {bytes, Gzipped(bytes), Zstandard(bytes)}) {
    const TemporaryFile file("20240102.itch", stored);
    TestMarket market;
    FakeControl control(market);
    auto feed = ReplayFeed::Create(AtMaxSpeed({file.path()}));
    ASSERT_TRUE(feed.ok()) << feed.status();
    ASSERT_EQ((*feed)->Run(market.publisher, control), absl::OkStatus());
    EXPECT_TRUE(control.waits_ns.empty());
    EXPECT_EQ(market.market.symbols().size(), 6u);
    if (first.empty()) first = Everything(market);
    EXPECT_EQ(Everything(market), first);
  }
}

TEST_F(ReplayFeedTest, EventTimesAreTheVenuesDay) {
  const TemporaryFile file("20240702.itch", Trades({1}));
  ASSERT_EQ(Play(AtMaxSpeed({file.path()})), absl::OkStatus());
  // 2024-07-02 09:30:01 in New York is 13:30:01 UTC.
  EXPECT_EQ(Value("ALPHA", FieldId::kTradeTime), 1'719'927'001 * kSecond);
  EXPECT_EQ(Status(), FeedStatus::kEnded);
}

TEST_F(ReplayFeedTest, FlagsWinOverTheFileName) {
  const TemporaryFile file("20240702.itch", Trades({1}));
  ReplayOptions options = AtMaxSpeed({file.path()});
  options.date = "2024-01-02";
  options.timezone = "Europe/London";
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(Value("ALPHA", FieldId::kTradeTime), 1'704'187'801 * kSecond);
}

TEST_F(ReplayFeedTest, KeepsTheRecordedPace) {
  const TemporaryFile file("20240102.itch", Trades({0, 0, 1.5, 1.5, 4}));
  std::vector<int64_t> lasts;
  control_.on_wait = [&] { lasts.push_back(Value("ALPHA", FieldId::kLast)); };
  ReplayOptions options;
  options.files = {file.path()};
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(control_.waits_ns,
            (std::vector<int64_t>{1500 * kMillisecond, 4 * kSecond}));
  // What was due was there before each wait ended, and nothing else.
  EXPECT_EQ(lasts, (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(Value("ALPHA", FieldId::kLast), 5);
}

TEST_F(ReplayFeedTest, SpeedDividesTheWaits) {
  const TemporaryFile file("20240102.itch", Trades({0, 1, 3}));
  ReplayOptions options;
  options.files = {file.path()};
  options.speed = 4;
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(control_.waits_ns,
            (std::vector<int64_t>{250 * kMillisecond, 750 * kMillisecond}));
}

TEST_F(ReplayFeedTest, TimesThatGoBackAreDueAtOnce) {
  const TemporaryFile file("20240102.itch", Trades({5, 3, 6}));
  ReplayOptions options;
  options.files = {file.path()};
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(control_.waits_ns, (std::vector<int64_t>{kSecond}));
}

TEST_F(ReplayFeedTest, FilesInARowAreDaysWithoutTheNights) {
  const TemporaryFile one("20240102.itch", Trades({0, 1}));
  const TemporaryFile two("20240103.itch", Trades({100, 102}));
  ReplayOptions options;
  options.files = {one.path(), two.path()};
  const uint64_t epoch = market_.market.epoch();
  ASSERT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(control_.waits_ns, (std::vector<int64_t>{kSecond, 3 * kSecond}));
  EXPECT_EQ(Value("ALPHA", FieldId::kVolume), 20);
  EXPECT_EQ(Value("ALPHA", FieldId::kPrevClose), 2);
  EXPECT_EQ(market_.market.epoch(), epoch);
}

TEST_F(ReplayFeedTest, TheSessionRollsByTheClockOfTheFile) {
  const TemporaryFile file("20240102.itch", Trades({0, 60, 1801, 1802}));
  ReplayOptions options = AtMaxSpeed({file.path()});
  options.session_roll = "10:00";  // half an hour after the first trade
  ASSERT_TRUE(Play(options).ok());
  EXPECT_EQ(Value("ALPHA", FieldId::kPrevClose), 2);
  EXPECT_EQ(Value("ALPHA", FieldId::kOpen), 3);
  EXPECT_EQ(Value("ALPHA", FieldId::kVolume), 20);
  EXPECT_EQ(Value("ALPHA", FieldId::kChange), 2);
}

TEST_F(ReplayFeedTest, PartsOfADayAreOneDay) {
  const TemporaryFile one("20240102.part1", Trades({0, 1}));
  const TemporaryFile two("20240102.part2", Trades({2}));
  ASSERT_EQ(Play(AtMaxSpeed({one.path(), two.path()})), absl::OkStatus());
  EXPECT_EQ(Value("ALPHA", FieldId::kVolume), 30);
  EXPECT_EQ(Value("ALPHA", FieldId::kPrevClose), kEmpty);
}

TEST_F(ReplayFeedTest, EachRoundOfALoopIsAnEpoch) {
  const TemporaryFile file("20240102.itch", Trades({0, 1}));
  ReplayOptions options;
  options.files = {file.path()};
  options.loop = true;
  std::vector<uint64_t> epochs;
  control_.on_wait = [&] {
    epochs.push_back(market_.market.epoch());
    // The state of the round before is gone.
    EXPECT_EQ(Value("ALPHA", FieldId::kVolume), 10);
    EXPECT_EQ(Value("ALPHA", FieldId::kPrevClose), kEmpty);
    control_.stop = epochs.size() == 3;
  };
  ASSERT_EQ(Play(options), absl::OkStatus());
  ASSERT_EQ(epochs.size(), 3u);
  EXPECT_NE(epochs[0], epochs[1]);
  EXPECT_NE(epochs[1], epochs[2]);
  EXPECT_EQ(market_.counters.Get(Metric::kEpochs), 2);
  EXPECT_EQ(Status(), FeedStatus::kLive);
}

TEST_F(ReplayFeedTest, ALoopOfNothingEnds) {
  std::string nothing;
  itch::AppendEndOfSession(&nothing);
  const TemporaryFile file("20240102.itch", nothing);
  ReplayOptions options = AtMaxSpeed({file.path()});
  options.loop = true;
  EXPECT_EQ(Play(options), absl::OkStatus());
  EXPECT_EQ(Status(), FeedStatus::kEnded);
}

TEST_F(ReplayFeedTest, AsksWhetherToStopWhileItPlaysFast) {
  const TemporaryFile file("20240102.itch", Trades(std::vector(100'000, 0.0)));
  control_.on_asked = [&] { return control_.asked > 20; };
  ASSERT_EQ(Play(AtMaxSpeed({file.path()})), absl::OkStatus());
  const int64_t last = Value("ALPHA", FieldId::kLast);
  EXPECT_GT(last, 1000);
  EXPECT_LT(last, 20 * 256);
  EXPECT_EQ(Status(), FeedStatus::kLive);
}

TEST_F(ReplayFeedTest, DamageIsToldAndWhatWasBeforeIsServed) {
  const std::string good = Trades({0, 1, 2});
  const size_t message_bytes = good.size() / 3;
  struct Case {
    std::string bytes;
    std::string error;
    int64_t last;
  };
  std::string side = good;
  side[2 * message_bytes + 2 + 19] = 'x';
  std::string time = good;
  time[2 * message_bytes + 2 + 5] = '\xFF';
  std::string length = good;
  length[2 * message_bytes + 1] = 45;
  const std::string at = "at byte " + std::to_string(2 * message_bytes) + ": ";
  const Case cases[] = {
      {good.substr(0, good.size() - 1), at + "truncated: ", 2},
      {side, at + "message 'P' has side 'x', want B or S", 2},
      {time, at + "message 'P' has time ", 2},
      {length, at + "length 45 does not match type 'P'", 2},
      {"", "is empty", 0},
      {"rubbish!", "at byte 0: length 29301 with no message type", 0}};
  for (const Case& c : cases) {
    for (const bool zip : {false, true}) {
      const TemporaryFile file("20240102.itch",
                               zip ? Gzipped(c.bytes) : c.bytes);
      TestMarket market;
      FakeControl control(market);
      ReplayOptions options = AtMaxSpeed({file.path()});
      options.format = "itch";
      auto feed = ReplayFeed::Create(std::move(options));
      ASSERT_TRUE(feed.ok()) << feed.status();
      const absl::Status status = (*feed)->Run(market.publisher, control);
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(status.message()),
                  StartsWith(file.path() + ": " +
                             (zip ? "decompressed data " : "") + c.error));
      EXPECT_EQ(market.counters.Get(Metric::kFeedMessagesBad), 1);
      const auto id = market.market.symbols().Find("ALPHA");
      ASSERT_EQ(id.has_value(), c.last > 0);
      if (id.has_value()) {
        EXPECT_EQ(market.Value(*id, FieldId::kLast), c.last);
      }
    }
  }
}

TEST_F(ReplayFeedTest, ATruncatedGzipFileServesWhatIsThere) {
  const std::string stored = Gzipped(itch::MakeSampleSession());
  const TemporaryFile file("20240102.itch.gz",
                           stored.substr(0, stored.size() - 100));
  const absl::Status status = Play(AtMaxSpeed({file.path()}));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("decompressed): truncated"));
  EXPECT_EQ(market_.market.symbols().size(), 6u);
  EXPECT_NE(Value("FJORD", FieldId::kVolume), kEmpty);
}

TEST_F(ReplayFeedTest, TypesOfALaterVersionAreLeftOutAndCounted) {
  std::string bytes = Trades({0, 1, 2});
  bytes[46 + 2] = 'z';
  const TemporaryFile file("20240102.itch", bytes);
  EXPECT_EQ(Play(AtMaxSpeed({file.path()})), absl::OkStatus());
  EXPECT_EQ(Value("ALPHA", FieldId::kVolume), 20);
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 1);
}

TEST_F(ReplayFeedTest, ReadsAPipeWhichIsHeldUpWithoutHangingItself) {
  const TemporaryFile neighbour("a", "");
  const std::string path = neighbour.path() + ".20240102";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string bytes = Trades({0, 1});
  int writer = -1;
  // Each question is a chance to go on: open, write a part, the rest, close.
  control_.on_asked = [&] {
    if (control_.asked == 2) {
      writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      EXPECT_EQ(write(writer, bytes.data(), 50), 50);
    } else if (control_.asked == 6) {
      const auto rest = static_cast<ssize_t>(bytes.size() - 50);
      EXPECT_EQ(Value("ALPHA", FieldId::kLast), 1);
      EXPECT_EQ(write(writer, bytes.data() + 50, rest), rest);
      close(writer);
    }
    return control_.asked > 100;
  };
  const absl::Status status = Play(AtMaxSpeed({path}));
  unlink(path.c_str());
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(Value("ALPHA", FieldId::kLast), 2);
}

TEST_F(ReplayFeedTest, APipeThatIsSilentIsAFeedThatIs) {
  const TemporaryFile neighbour("b", "");
  const std::string path = neighbour.path() + ".20240102";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string bytes = Trades({0});
  int writer = -1;
  std::vector<FeedStatus> seen;
  control_.on_asked = [&] {
    if (control_.asked == 2) {
      writer = open(path.c_str(), O_WRONLY | O_CLOEXEC);
      const auto size = static_cast<ssize_t>(bytes.size());
      EXPECT_EQ(write(writer, bytes.data(), bytes.size()), size);
    }
    seen.push_back(Status());
    market_.clock.Advance(kSecond);
    return seen.back() == FeedStatus::kStale || control_.asked > 100;
  };
  EXPECT_EQ(Play(AtMaxSpeed({path})), absl::OkStatus());
  close(writer);
  unlink(path.c_str());
  EXPECT_EQ(Value("ALPHA", FieldId::kLast), 1);
  EXPECT_EQ(seen.back(), FeedStatus::kStale);
}

TEST_F(ReplayFeedTest, ReportsProgress) {
  const TemporaryFile one("20240102.itch", Trades({0, 1}));
  const TemporaryFile two("20240103.itch", Gzipped(Trades({0, 1, 2})));
  ReplayOptions options;
  options.files = {one.path(), two.path()};
  std::vector<ReplayProgress> reports;
  options.progress = [&](const ReplayProgress& p) { reports.push_back(p); };
  ASSERT_EQ(Play(options), absl::OkStatus());
  ASSERT_GE(reports.size(), 4u);
  EXPECT_EQ(reports.front().messages, 1);
  EXPECT_EQ(reports.front().file_number, 1u);
  const ReplayProgress& last = reports.back();
  EXPECT_EQ(last.file_number, 2u);
  EXPECT_EQ(last.files, 2u);
  EXPECT_EQ(last.round, 1);
  EXPECT_EQ(last.messages, 5);
  EXPECT_EQ(last.bytes_read, last.bytes_total);
  EXPECT_EQ(last.fraction, 1.0);
  EXPECT_EQ(last.event_ns, Value("ALPHA", FieldId::kTradeTime));
}

TEST_F(ReplayFeedTest, RefusesBadOptionsInOneLine) {
  const TemporaryFile file("20240102.itch", "");
  const TemporaryFile undated("itch", itch::MakeSampleSession());
  const auto error = [](ReplayOptions options) {
    const auto feed = ReplayFeed::Create(std::move(options));
    EXPECT_FALSE(feed.ok());
    return std::string(feed.status().message());
  };
  ReplayOptions good;
  good.files = {file.path()};
  ASSERT_TRUE(ReplayFeed::Create(good).ok());

  EXPECT_EQ(error({}), "no file to replay");
  ReplayOptions options = good;
  options.files.push_back("/no/such/file");
  EXPECT_EQ(error(options), "/no/such/file: No such file or directory");
  options = good;
  for (const double speed :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN()}) {
    options.speed = speed;
    EXPECT_THAT(error(options), StartsWith("--speed: "));
  }
  options = good;
  options.date = "2024-02-30";
  EXPECT_EQ(error(options),
            "--date: '2024-02-30' is not a date like 2024-01-02");
  options = good;
  options.timezone = "Mars/Olympus";
  EXPECT_THAT(error(options),
              StartsWith("--timezone: unknown time zone 'Mars/Olympus'"));
  options.timezone = "UTC";
  options.session_roll = "25:00";
  EXPECT_THAT(error(options), StartsWith("--session-roll: '25:00'"));
  options = good;
  options.files = {undated.path()};
  EXPECT_THAT(error(options), StartsWith("--date: wanted, as '" +
                                         undated.path() + "' has no date"));
  options.files = {"-"};
  EXPECT_THAT(error(options), StartsWith("--date: wanted, as '-'"));
  options.loop = true;
  EXPECT_THAT(error(options), StartsWith("--loop: '-' cannot be read twice"));
  options.loop = false;
  options.files = {"-", "-"};
  EXPECT_THAT(error(options), HasSubstr("given twice"));
}

}  // namespace
}  // namespace streamhub
