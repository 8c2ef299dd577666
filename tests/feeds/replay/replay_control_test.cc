// A replay under command, on a clock that is turned by hand: what is applied
// when, to the nanosecond.

#include "feeds/replay/replay_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/itch/writer.h"
#include "feeds/replay/replay_feed.h"
#include "feeds/tick_tap.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/market_state.h"
#include "tests/feeds/replay/staged_control.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = ReplayCommand::Kind;
using Phase = ReplayState::Phase;

// 2024-01-02 09:30 in New York.
constexpr int64_t kOpen = 1'704'205'800 * kSecond;
constexpr uint64_t kOpenOfDay = uint64_t{34'200} * kSecond;

// A trade of `code` at each of `seconds` after 09:30, at prices 1, 2, ...
std::string Trades(const std::vector<double>& seconds,
                   const std::string& code = "ALPHA") {
  std::string bytes;
  uint32_t price = 0;
  for (const double s : seconds) {
    itch::Trade trade;
    trade.head.time_ns = kOpenOfDay + static_cast<uint64_t>(s * kSecond);
    trade.stock = itch::MakeStock(code);
    trade.shares = 10;
    trade.price = ++price;
    itch::Append(trade, &bytes);
  }
  return bytes;
}

// Notes each tick of the field `last` as {seconds since the start, value}, and
// each status.
class Notes final : public TickTap {
 public:
  explicit Notes(const TestMarket& market) : market_(market) {}

  void OnSymbol(SymbolId, const SymbolInfo&) override {}
  void OnTick(SymbolId, std::span<const FieldValue> values, int64_t,
              int64_t) override {
    for (const FieldValue& v : values) {
      if (v.field == FieldId::kLast) lasts.push_back({Seconds(), v.value});
    }
  }
  void OnTrade(SymbolId, const TradeReport&, int64_t, int64_t) override {}
  void OnStatus(FeedStatus status, int64_t) override {
    happened.push_back(std::string(FeedStatusName(status)));
    epochs.push_back(market_.market.epoch());
  }
  void OnEpoch(uint64_t, int64_t) override { happened.push_back("epoch"); }

  std::vector<std::pair<double, int64_t>> lasts;
  std::vector<std::string> happened;
  std::vector<uint64_t> epochs;  // when each status was told

 private:
  double Seconds() const {
    return static_cast<double>(market_.clock.MonoNs() -
                               ManualClock::kStartMonoNs) /
           kSecond;
  }
  const TestMarket& market_;
};

using Lasts = std::vector<std::pair<double, int64_t>>;

class ReplayControlTest : public testing::Test {
 protected:
  ReplayControlTest() { market_.publisher.SetTap(&notes_); }

  ReplayOptions Of(std::vector<std::string> files, double speed = 1) {
    ReplayOptions options;
    options.files = std::move(files);
    options.speed = speed;
    options.control = &control_;
    options.stay = true;
    return options;
  }

  void Play(ReplayOptions options) {
    auto feed = ReplayFeed::Create(std::move(options));
    ASSERT_TRUE(feed.ok()) << feed.status();
    EXPECT_EQ((*feed)->Run(market_.publisher, stage_), absl::OkStatus());
  }

  void Post(Kind kind, double speed = 1) {
    EXPECT_TRUE(control_.Post({.kind = kind, .speed = speed}).ok());
  }
  void Seek(const std::string& to) {
    EXPECT_TRUE(
        control_.Post({.kind = Kind::kSeek, .to = *ParseReplayTime(to)}).ok());
  }
  void At(double seconds, std::function<void()> action) {
    stage_.At(static_cast<int64_t>(seconds * kSecond), std::move(action));
  }

  int64_t Value(std::string_view code, FieldId field) {
    const auto id = market_.market.symbols().Find(code);
    return id.has_value() ? market_.Value(*id, field) : kEmpty;
  }
  int64_t Last() { return Value("ALPHA", FieldId::kLast); }
  int64_t Volume() { return Value("ALPHA", FieldId::kVolume); }
  int64_t Position() {
    return control_.state().PositionAt(market_.clock.MonoNs());
  }
  FeedStatus Status() {
    return market_.market.feeds().StatusAt(market_.feed,
                                           market_.clock.MonoNs());
  }

  TestMarket market_;
  Notes notes_{market_};
  StagedControl stage_{market_};
  ReplayControl control_;
};

TEST_F(ReplayControlTest, APauseHoldsAndResumingGoesOnWhereItWas) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20}));
  At(4, [&] { Post(Kind::kPause); });
  At(50, [&] {
    EXPECT_EQ(control_.state().phase, Phase::kPaused);
    EXPECT_EQ(Position(), kOpen + 4 * kSecond);
    EXPECT_EQ(control_.state().next_ns, kOpen + 10 * kSecond);
    EXPECT_EQ(Last(), 1);
    market_.publisher.Heartbeat();  // as a wait does
    EXPECT_EQ(Status(), FeedStatus::kLive);
  });
  At(100, [&] { Post(Kind::kResume); });
  Play(Of({file.path()}));
  EXPECT_EQ(notes_.lasts, (Lasts{{0, 1}, {106, 2}, {116, 3}}));
  EXPECT_EQ(stage_.interrupts, 2);
  EXPECT_THAT(notes_.happened, ElementsAre("live", "ended"));
}

TEST_F(ReplayControlTest, ASpeedHoldsFromThePositionOn) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20, 30, 31}));
  At(4, [&] { Post(Kind::kSpeed, 2); });    // at 4 s
  At(8, [&] { Post(Kind::kSpeed, 0.5); });  // at 12 s
  At(9, [&] { Post(Kind::kPause); });       // at 12.5 s
  At(10, [&] { Post(Kind::kSpeed, 10); });  // still
  At(11, [&] { Post(Kind::kResume); });     // 20 s comes 0.75 s later
  At(12, [&] { Post(Kind::kSpeed, std::numeric_limits<double>::infinity()); });
  Play(Of({file.path()}));
  EXPECT_EQ(notes_.lasts,
            (Lasts{{0, 1}, {7, 2}, {11.75, 3}, {12, 4}, {12, 5}}));
}

TEST_F(ReplayControlTest, FromMaxSpeedAPaceBeginsWhereItIs) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20}));
  ReplayOptions options = Of({file.path()}, ReplayOptions::kMaxSpeed);
  options.paused = true;
  At(1, [&] { Post(Kind::kStep); });
  At(2, [&] {
    Post(Kind::kSpeed, 5);
    Post(Kind::kResume);
  });
  Play(std::move(options));
  EXPECT_EQ(notes_.lasts, (Lasts{{1, 1}, {4, 2}, {6, 3}}));
}

TEST_F(ReplayControlTest, PausedFromTheBeginningNothingIsThere) {
  const TemporaryFile file("20240102.itch", Trades({5, 6}));
  ReplayOptions options = Of({file.path()});
  options.paused = true;
  At(10, [&] {
    EXPECT_EQ(market_.market.symbols().size(), 0u);
    const ReplayState state = control_.state();
    EXPECT_EQ(state.phase, Phase::kPaused);
    EXPECT_EQ(state.position_ns, 0);
    EXPECT_EQ(state.first_ns, kOpen + 5 * kSecond);
    EXPECT_EQ(state.last_ns, 0);
    EXPECT_EQ(control_.file(), file.path());
    Post(Kind::kResume);
  });
  Play(std::move(options));
  EXPECT_EQ(notes_.lasts, (Lasts{{10, 1}, {11, 2}}));
  EXPECT_EQ(control_.state().last_ns, kOpen + 6 * kSecond);
}

// What is below the ten levels that are shown is passed over, and so is a
// symbol that is only named.
TEST_F(ReplayControlTest, AStepIsOneChangeThatCanBeSeen) {
  std::string bytes;
  for (uint32_t i = 0; i < 12; ++i) {
    itch::AddOrder add;
    add.head.time_ns = kOpenOfDay + i;
    add.ref = i + 1;
    add.side = itch::Side::kBuy;
    add.stock = itch::MakeStock("ALPHA");
    add.shares = 10;
    add.price = 100 - i;
    itch::Append(add, &bytes);
  }
  const TemporaryFile file("20240102.itch", bytes + Trades({1, 2}));
  ReplayOptions options = Of({file.path()});
  options.paused = true;
  std::vector<int64_t> messages;
  for (int i = 1; i <= 12; ++i) {
    At(i, [&] { Post(Kind::kStep); });
    At(i + 0.5, [&] { messages.push_back(control_.state().messages); });
  }
  Play(std::move(options));
  EXPECT_THAT(messages, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14));
  EXPECT_EQ(control_.state().phase, Phase::kEnded);
}

TEST_F(ReplayControlTest, StepsThatWaitAreAllDone) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20, 30}));
  At(1, [&] {
    Post(Kind::kStep);
    Post(Kind::kStep);
  });
  At(2, [&] {
    EXPECT_EQ(Last(), 3);
    EXPECT_EQ(Position(), kOpen + 20 * kSecond);
    EXPECT_EQ(control_.state().phase, Phase::kPaused);
    EXPECT_EQ(control_.state().done, 2u);
    Post(Kind::kResume);
  });
  Play(Of({file.path()}));
  EXPECT_EQ(notes_.lasts, (Lasts{{0, 1}, {1, 2}, {1, 3}, {12, 4}}));
}

TEST_F(ReplayControlTest, ASeekForwardAppliesUpToItsTimeAndNoneLater) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20, 20, 20.5, 30}));
  const uint64_t epoch = market_.market.epoch();
  At(4, [&] { Seek("09:30:20"); });
  At(4.1, [&] {
    EXPECT_EQ(Last(), 4) << "both of that time, and no later one";
    EXPECT_EQ(control_.state().messages, 4);
    Post(Kind::kPause);
    Seek("09:30:20.499999999");
  });
  At(4.2, [&] {
    EXPECT_EQ(Last(), 4);
    EXPECT_EQ(Position(), kOpen + 20'499'999'999);
    Seek("2024-01-02T14:30:29.5Z");
  });
  At(5, [&] {
    EXPECT_EQ(Last(), 5);
    EXPECT_EQ(Position(), kOpen + 29'500 * kMillisecond);
    Post(Kind::kResume);
  });
  Play(Of({file.path()}));
  EXPECT_EQ(notes_.lasts.back(), (std::pair<double, int64_t>{5.5, 6}));
  // Where a record was passed clients replace, before they are told `live`.
  ASSERT_EQ(notes_.epochs.size(), 6u);
  EXPECT_EQ(notes_.epochs[1], epoch) << "stale";
  EXPECT_NE(notes_.epochs[2], epoch) << "live";
  EXPECT_EQ(notes_.epochs[3], notes_.epochs[2]);
  EXPECT_NE(notes_.epochs[4], notes_.epochs[3]);
  EXPECT_EQ(notes_.epochs[5], notes_.epochs[4]);
  EXPECT_THAT(notes_.happened,
              ElementsAre("live", "stale", "live", "stale", "live", "ended"));
}

// Also past the end, where it is told that it ended.
TEST_F(ReplayControlTest, ASeekThatEndsTheRecordingIsReplacedByClients) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20}));
  const uint64_t epoch = market_.market.epoch();
  At(4, [&] { Seek("09:31"); });
  Play(Of({file.path()}));
  EXPECT_THAT(notes_.happened, ElementsAre("live", "stale", "ended"));
  EXPECT_EQ(notes_.epochs[1], epoch);
  EXPECT_NE(notes_.epochs[2], epoch);
  EXPECT_EQ(Last(), 3);
}

// What is read ahead is little of a file of so many records.
TEST_F(ReplayControlTest, HowFarTheFilesAreReadFollowsASeek) {
  std::vector<double> seconds(30'000);
  for (size_t i = 0; i < seconds.size(); ++i) {
    seconds[i] = static_cast<double>(i) / 100;
  }
  const std::string bytes = Trades(seconds);
  const TemporaryFile file("20240102.itch", bytes);
  const auto total = static_cast<int64_t>(bytes.size());
  ReplayOptions options = Of({file.path()});
  options.paused = true;
  int64_t half = 0;
  At(1, [&] {
    EXPECT_EQ(control_.state().bytes_total, total);
    EXPECT_LT(control_.state().bytes_read, total / 4);
    Seek("09:32:30");
  });
  At(2, [&] {
    half = control_.state().bytes_read;
    EXPECT_EQ(control_.state().messages, 15'001);
    EXPECT_GE(half, total / 2);
    EXPECT_LT(half, total * 3 / 4);
    EXPECT_NEAR(control_.state().Fraction(), 0.5, 0.25);
    Seek("09:34");
  });
  At(3, [&] {
    EXPECT_GE(control_.state().bytes_read, total * 4 / 5);
    Seek("09:30:01");
  });
  At(4, [&] { EXPECT_LT(control_.state().bytes_read, half); });
  Play(std::move(options));
}

TEST_F(ReplayControlTest, BackOverNoRecordNothingIsPlayedAgain) {
  const TemporaryFile file("20240102.itch", Trades({0, 10}));
  At(8, [&] { Seek("09:30:02"); });
  Play(Of({file.path()}));
  EXPECT_EQ(notes_.lasts, (Lasts{{0, 1}, {16, 2}}));
  EXPECT_THAT(notes_.happened, ElementsAre("live", "ended"));
}

TEST_F(ReplayControlTest, ASeekBackIsANewEpochWithTheStateOfThatTime) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20, 30}));
  At(25, [&] { Seek("09:30:15"); });
  At(25.5, [&] {
    EXPECT_EQ(Last(), 2);
    EXPECT_EQ(Volume(), 20) << "of the new epoch only";
    EXPECT_EQ(Position(), kOpen + 15'500 * kMillisecond);
    EXPECT_EQ(control_.state().round, 1);
    EXPECT_EQ(control_.state().messages, 2);
  });
  Play(Of({file.path()}));
  EXPECT_EQ(
      notes_.lasts,
      (Lasts{{0, 1}, {10, 2}, {20, 3}, {25, 1}, {25, 2}, {30, 3}, {40, 4}}));
  EXPECT_THAT(notes_.happened,
              ElementsAre("live", "stale", "epoch", "live", "ended"));
}

// Books, day fields, all: wherever one comes from, a time has one state.
TEST_F(ReplayControlTest, WhereverASeekComesFromTheStateIsTheSame) {
  const TemporaryFile file("20240102.itch.gz",
                           Gzipped(itch::MakeSampleSession()));
  ReplayOptions whole = Of({file.path()}, ReplayOptions::kMaxSpeed);
  Play(whole);
  const int64_t first = control_.state().first_ns;
  const int64_t last = control_.state().last_ns;
  ASSERT_GT(last, first);
  for (const int percent : {3, 50, 97}) {
    const std::string to = FormatUtc(first + (last - first) / 100 * percent);
    std::vector<MarketState> states;
    for (const std::string& before :
         {std::string(), FormatUtc(first), FormatUtc(last)}) {
      TestMarket market;
      StagedControl stage(market);
      ReplayControl control;
      ReplayOptions options = whole;
      options.control = &control;
      options.paused = true;
      const auto seek = [&control](const std::string& time) {
        EXPECT_TRUE(
            control.Post({.kind = Kind::kSeek, .to = *ParseReplayTime(time)})
                .ok());
      };
      if (before.empty()) {
        options.from = to;
      } else {
        stage.At(kSecond, [&] { seek(before); });
        stage.At(2 * kSecond, [&] { seek(to); });
      }
      auto feed = ReplayFeed::Create(options);
      ASSERT_TRUE(feed.ok());
      EXPECT_TRUE((*feed)->Run(market.publisher, stage).ok());
      states.push_back(StateOf(market));
      // The versions of a new epoch go on; what they count is the same.
      for (auto& [code, values] : states.back()) values[0] = values[1] = 0;
    }
    EXPECT_FALSE(states[0].empty());
    EXPECT_EQ(states[1], states[0]) << to;
    EXPECT_EQ(states[2], states[0]) << to;
  }
}

TEST_F(ReplayControlTest, FromIsCaughtUpWithThenThePaceBegins) {
  const TemporaryFile file("20240102.itch", Trades({0, 10, 20, 30, 40}));
  ReplayOptions options = Of({file.path()});
  options.from = "09:30:15";
  options.to = "09:30:30";
  At(3, [&] { EXPECT_EQ(Position(), kOpen + 18 * kSecond); });
  Play(options);
  EXPECT_EQ(notes_.lasts, (Lasts{{0, 1}, {0, 2}, {5, 3}, {15, 4}}));
  EXPECT_THAT(notes_.happened, ElementsAre("stale", "live", "ended"));
  EXPECT_EQ(Volume(), 40);
  EXPECT_EQ(control_.state().last_ns, kOpen + 30 * kSecond);
}

TEST_F(ReplayControlTest, FromBeforeTheFirstRecordIsTheBeginning) {
  const TemporaryFile file("20240102.itch", Trades({0, 10}));
  ReplayOptions options = Of({file.path()});
  options.from = "04:00";
  Play(options);
  EXPECT_EQ(notes_.lasts, (Lasts{{0, 1}, {10, 2}}));
}

TEST_F(ReplayControlTest, FromInALaterFileAndALoop) {
  const TemporaryFile one("20240102.itch", Trades({0, 10}));
  const TemporaryFile two("20240103.itch", Trades({5, 15}));
  ReplayOptions options = Of({one.path(), two.path()});
  options.from = "2024-01-03T14:30:06Z";
  options.loop = true;
  At(10, [&] {
    EXPECT_EQ(control_.state().round, 2);
    EXPECT_EQ(control_.state().file_number, 2u);
    stage_.stop = true;
  });
  Play(options);
  // With the new day the price of the day before is told once more.
  EXPECT_EQ(notes_.lasts, (Lasts{{0, 1},
                                 {0, 2},
                                 {0, 2},
                                 {0, 1},
                                 {9, 2},
                                 {9, 1},
                                 {9, 2},
                                 {9, 2},
                                 {9, 1}}));
  EXPECT_THAT(notes_.happened,
              ElementsAre("stale", "live", "stale", "epoch", "live"));
  EXPECT_EQ(Value("ALPHA", FieldId::kPrevClose), 2);
}

TEST_F(ReplayControlTest, MergedFilesAreSoughtAsOne) {
  const TemporaryFile one("a.csv", "1,S,10,11\n5,S,20,21\n9,S,30,31\n");
  const TemporaryFile two("b.csv", "2,T,10,11\n6,T,20,21\n8,T,30,31\n");
  ReplayOptions options = Of({one.path(), two.path()});
  options.csv_columns = "time=0,symbol=1,bid=2,ask=3";
  options.csv_time = "unix-s";
  At(4, [&] { Seek("1970-01-01T00:00:08Z"); });
  At(4.5, [&] {
    EXPECT_EQ(Value("S", FieldId::kBid), 20);
    EXPECT_EQ(Value("T", FieldId::kBid), 30);
    EXPECT_EQ(control_.file(), "2 files");
    Post(Kind::kPause);
    Seek("00:00:01");
  });
  At(5, [&] {
    EXPECT_EQ(Value("S", FieldId::kBid), 10);
    EXPECT_EQ(Value("T", FieldId::kBid), kEmpty);
  });
  Play(options);
}

TEST_F(ReplayControlTest, AtTheEndItStaysAndCanBePlayedAgain) {
  const TemporaryFile file("20240102.itch", Trades({0, 10}));
  ReplayOptions options = Of({file.path()});
  std::vector<absl::Status> ends;
  options.ended = [&](const absl::Status& status) { ends.push_back(status); };
  At(20, [&] {
    EXPECT_EQ(control_.state().phase, Phase::kEnded);
    EXPECT_EQ(Status(), FeedStatus::kEnded);
    Post(Kind::kStep);  // there is none
    Seek("09:30:05");
  });
  At(21, [&] {
    EXPECT_EQ(Last(), 1);
    EXPECT_EQ(control_.state().phase, Phase::kPaused);
    Post(Kind::kResume);
  });
  At(40, [&] { Post(Kind::kResume); });
  At(45, [&] {
    EXPECT_EQ(control_.state().round, 2);
    EXPECT_EQ(Last(), 1);
  });
  Play(options);
  EXPECT_EQ(notes_.lasts,
            (Lasts{{0, 1}, {10, 2}, {20, 1}, {26, 2}, {40, 1}, {50, 2}}));
  EXPECT_THAT(notes_.happened,
              ElementsAre("live", "ended", "stale", "epoch", "live", "ended",
                          "live", "epoch", "ended"));
  EXPECT_EQ(ends.size(), 3u);
}

TEST_F(ReplayControlTest, ASeekPastTheEndHoldsALoopThatIsPaused) {
  const TemporaryFile file("20240102.itch", Trades({0, 10}));
  ReplayOptions options = Of({file.path()});
  options.loop = true;
  At(1, [&] {
    Post(Kind::kPause);
    Seek("16:00");
  });
  At(5, [&] {
    EXPECT_EQ(Last(), 2);
    market_.publisher.Heartbeat();  // as a wait does
    EXPECT_EQ(Status(), FeedStatus::kLive);
    EXPECT_EQ(control_.state().phase, Phase::kPaused);
    Post(Kind::kResume);
  });
  At(6, [&] {
    EXPECT_EQ(control_.state().round, 2);
    EXPECT_EQ(Last(), 1);
    stage_.stop = true;
  });
  Play(options);
}

TEST_F(ReplayControlTest, DamageIsToldAndWhatIsBeforeItCanBePlayedAgain) {
  const std::string bytes = Trades({0, 10});
  const TemporaryFile file("20240102.itch", bytes + "rubbish!");
  ReplayOptions options = Of({file.path()});
  std::vector<absl::Status> ends;
  options.ended = [&](const absl::Status& status) { ends.push_back(status); };
  At(20, [&] {
    market_.publisher.Heartbeat();
    EXPECT_EQ(Status(), FeedStatus::kDown);
    Seek("09:30:05");
  });
  At(21, [&] { stage_.stop = true; });
  testing::internal::CaptureStderr();
  Play(options);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("length 29301"));
  EXPECT_THAT(notes_.happened,
              ElementsAre("live", "down", "stale", "epoch", "live"));
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0].code(), absl::StatusCode::kDataLoss);
}

TEST_F(ReplayControlTest, OnlyTheSymbolsThatAreWantedAreMade) {
  const TemporaryFile one("20240102.part1",
                          Trades({0, 1}, "ALPHA") + Trades({2, 3}, "ALPINE"));
  const TemporaryFile two("20240102.part2",
                          Trades({4}, "BETA") + Trades({5}, "BETAX"));
  ReplayOptions options =
      Of({one.path(), two.path()}, ReplayOptions::kMaxSpeed);
  options.only = {"ALP*", "BETA"};
  Play(options);
  std::vector<std::string> codes;
  for (SymbolId id = 0; id < market_.market.symbols().size(); ++id) {
    codes.push_back(market_.market.symbols().Get(id).code);
  }
  EXPECT_THAT(codes, ElementsAre("ALPHA", "ALPINE", "BETA"));
  EXPECT_EQ(market_.counters.Get(Metric::kSymbolsRefused), 0);
  EXPECT_EQ(control_.state().messages, 6);
}

TEST_F(ReplayControlTest, BadTimesAreRefusedByTheirFlag) {
  const TemporaryFile file("20240102.itch", Trades({0}));
  const auto error = [&](const std::string& from, const std::string& to) {
    ReplayOptions options = Of({file.path()});
    options.from = from;
    options.to = to;
    const auto feed = ReplayFeed::Create(options);
    return feed.ok() ? "" : std::string(feed.status().message());
  };
  EXPECT_EQ(error("09:30", "09:30"), "");
  EXPECT_THAT(error("9:30", ""), HasSubstr("--from: '9:30' is no time like"));
  EXPECT_THAT(error("", "late"), HasSubstr("--to: 'late' is no time like"));
  EXPECT_EQ(error("09:30", "09:29"), "--to: is before --from");
}

TEST_F(ReplayControlTest, TheMailboxHasALimitAndAnEnd) {
  for (size_t i = 1; i <= ReplayControl::kCommandsMax; ++i) {
    const auto number = control_.Post({.kind = Kind::kPause});
    ASSERT_TRUE(number.ok());
    EXPECT_EQ(*number, i);
  }
  EXPECT_TRUE(absl::IsResourceExhausted(control_.Post({}).status()));
  const TemporaryFile file("20240102.itch", Trades({0}));
  Play(Of({file.path()}));
  EXPECT_EQ(control_.state().done, ReplayControl::kCommandsMax);
  EXPECT_TRUE(absl::IsUnavailable(control_.Post({}).status()));
}

// The same values, whatever the pace; with commands on the way, too.
TEST_F(ReplayControlTest, AnExcerptEndsAlikeAtEveryPace) {
  const std::string sample = itch::MakeSampleSession();
  std::vector<std::string> files;
  const TemporaryFile own("20240102.itch", sample);
  files.push_back(own.path());
  const std::string shared = STREAMHUB_SOURCE_DIR
      "/../shared/data/itch/esh4_20231225_2200-2330z.itch50.gz";
  if (std::filesystem::exists(shared)) files.push_back(shared);
  for (const std::string& path : files) {
    std::vector<MarketState> states;
    for (const double speed : {1.0, 10.0, ReplayOptions::kMaxSpeed, 0.5}) {
      TestMarket market;
      StagedControl stage(market);
      ReplayControl control;
      ReplayOptions options = Of({path}, speed);
      options.control = &control;
      if (speed == 0.5) {  // so that it is not over before the last command
        for (int i = 1; i <= 30; ++i) {
          stage.At(i * kSecond, [&control, i] {
            EXPECT_TRUE(control
                            .Post({.kind = i % 3 == 0   ? Kind::kStep
                                           : i % 3 == 1 ? Kind::kPause
                                                        : Kind::kSpeed,
                                   .speed = 0.5 + i / 100.0})
                            .ok());
            if (i % 3 == 0) {
              EXPECT_TRUE(control.Post({.kind = Kind::kResume}).ok());
            }
          });
        }
      }
      auto feed = ReplayFeed::Create(options);
      ASSERT_TRUE(feed.ok()) << feed.status();
      EXPECT_TRUE((*feed)->Run(market.publisher, stage).ok());
      EXPECT_EQ(control.state().phase, Phase::kEnded);
      states.push_back(StateOf(market));
      EXPECT_FALSE(states.back().empty());
      EXPECT_EQ(states.back(), states.front()) << path << " at " << speed;
    }
  }
}

}  // namespace
}  // namespace streamhub
