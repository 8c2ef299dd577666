// Incidents: what is in their logs, what ends them, and that no disk holds up
// who is watched.

#include "gateway/server/incident_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>
#include <utility>

#include "tests/server/held_disk.h"
#include "tests/support/manual_clock.h"
#include "tests/support/sent_log.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

constexpr auto kPatience = HeldDisk::kPatience;

class IncidentRecorderTest : public testing::Test {
 protected:
  std::unique_ptr<IncidentRecorder> Make(size_t queue_bytes_max = 1 << 20) {
    IncidentRecorder::Options options;
    options.dir = "/nowhere";
    options.incidents_max = 2;
    options.queue_bytes_max = queue_bytes_max;
    options.create = [this](const std::string&)
        -> absl::StatusOr<std::unique_ptr<ticklog::LogWriter>> {
      return disk_.MakeLog();
    };
    return std::make_unique<IncidentRecorder>(clock_, std::move(options));
  }

  uint64_t Begin(IncidentRecorder& recorder,
                 IncidentWanted wanted = Session()) {
    const auto begun = recorder.Begin(wanted);
    EXPECT_TRUE(begun.ok()) << begun.status();
    return begun.ok() ? begun->id : 0;
  }

  static IncidentWanted Session() {
    IncidentWanted wanted;
    wanted.session = MakeSessionId(2, 117);
    return wanted;
  }

  bool Send(IncidentRecorder& recorder, uint64_t id, std::string_view bytes,
            std::string_view symbol = "") {
    SentCopy copy;
    copy.session = MakeSessionId(2, 117);
    copy.transport = TransportKind::kSse;
    copy.encoding = Encoding::kFlat;
    copy.time_ns = clock_.WallNs();
    copy.batch = ++batch_;
    copy.symbol = symbol;
    copy.bytes = bytes;
    return recorder.OnSent(id, copy);
  }

  static IncidentState StateOf(const IncidentRecorder& recorder, uint64_t id) {
    for (const IncidentState& state : recorder.States()) {
      if (state.id == id) return state;
    }
    ADD_FAILURE() << "no incident " << id;
    return {};
  }

  static std::vector<std::string> BytesOf(const std::vector<LoggedCopy>& log) {
    std::vector<std::string> bytes;
    for (const LoggedCopy& copy : log) {
      bytes.push_back(copy.lost > 0 ? "lost " + std::to_string(copy.lost)
                                    : copy.bytes);
    }
    return bytes;
  }

  ManualClock clock_;
  HeldDisk disk_;
  uint64_t batch_ = 0;
};

TEST_F(IncidentRecorderTest, WhatWasSentIsInTheLogInItsOrder) {
  const auto recorder = Make();
  const uint64_t id = Begin(*recorder);
  const std::string any("\0\xff any bytes \n", 14);
  EXPECT_TRUE(Send(*recorder, id, "first"));
  clock_.Advance(kMillisecond);
  EXPECT_TRUE(Send(*recorder, id, any));
  EXPECT_TRUE(Send(*recorder, id, "third"));
  EXPECT_FALSE(Send(*recorder, id + 1, "of nobody's"));
  const auto stopped = recorder->Stop(id, kPatience);
  ASSERT_EQ(stopped.size(), 1u);
  EXPECT_TRUE(stopped[0].closed);
  EXPECT_EQ(stopped[0].end, IncidentEnd::kStopped);
  EXPECT_EQ(stopped[0].records, 3u);
  EXPECT_EQ(stopped[0].lost, 0u);
  EXPECT_EQ(stopped[0].started_ns, ManualClock::kStartWallNs);
  EXPECT_EQ(stopped[0].ended_ns, clock_.WallNs());
  EXPECT_EQ(stopped[0].file_bytes, disk_.bytes().size());
  EXPECT_FALSE(Send(*recorder, id, "afterwards"));
  EXPECT_FALSE(recorder->Wants(id));

  const auto log = ReadSentLog(disk_.bytes());
  EXPECT_EQ(BytesOf(log), (std::vector<std::string>{"first", any, "third"}));
  EXPECT_EQ(log[0].session, MakeSessionId(2, 117));
  EXPECT_EQ(log[0].transport, "sse");
  EXPECT_EQ(log[0].encoding, "fb");
  EXPECT_EQ(log[0].time_ns, ManualClock::kStartWallNs);
  EXPECT_EQ(log[1].time_ns, ManualClock::kStartWallNs + kMillisecond);
  EXPECT_EQ(log[0].batch, 1u);
  EXPECT_EQ(log[2].batch, 3u);
  EXPECT_EQ(log[0].symbol, "");
}

TEST_F(IncidentRecorderTest, FramesOfASymbolNameIt) {
  const auto recorder = Make();
  IncidentWanted wanted;
  wanted.symbol = "EUR/USD";
  const uint64_t id = Begin(*recorder, wanted);
  EXPECT_TRUE(Send(*recorder, id, "frame", "EUR/USD"));
  recorder->Stop(0, kPatience);
  const auto log = ReadSentLog(disk_.bytes());
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0].symbol, "EUR/USD");
}

TEST_F(IncidentRecorderTest, ItEndsBeforeItHasTooManyBytes) {
  const auto recorder = Make();
  IncidentWanted wanted = Session();
  wanted.bytes_max = 2 * (kIncidentRecordBytes + 100);
  const uint64_t id = Begin(*recorder, wanted);
  const std::string hundred(100, 'x');
  EXPECT_TRUE(Send(*recorder, id, hundred));
  EXPECT_TRUE(Send(*recorder, id, hundred));
  EXPECT_FALSE(Send(*recorder, id, ""));
  ASSERT_TRUE(recorder->AwaitClosed(id, kPatience));
  const IncidentState state = StateOf(*recorder, id);
  EXPECT_EQ(state.end, IncidentEnd::kBytes);
  EXPECT_EQ(IncidentEndName(state.end), "bytes_max");
  EXPECT_EQ(state.bytes, wanted.bytes_max);
  EXPECT_EQ(ReadSentLog(disk_.bytes()).size(), 2u);
}

TEST_F(IncidentRecorderTest, ItsSecondsEndItAtTheFirstThatIsLater) {
  const auto recorder = Make();
  IncidentWanted wanted = Session();
  wanted.seconds = 5;
  const uint64_t id = Begin(*recorder, wanted);
  clock_.Advance(5 * kSecond - 1);
  EXPECT_TRUE(Send(*recorder, id, "in time"));
  clock_.Advance(1);
  EXPECT_FALSE(Send(*recorder, id, "late"));
  ASSERT_TRUE(recorder->AwaitClosed(id, kPatience));
  EXPECT_EQ(StateOf(*recorder, id).end, IncidentEnd::kTime);
  EXPECT_EQ(BytesOf(ReadSentLog(disk_.bytes())),
            std::vector<std::string>{"in time"});
}

TEST_F(IncidentRecorderTest, ItsSecondsEndItInSilenceToo) {
  const auto recorder = Make();
  const uint64_t id = Begin(*recorder);
  // Not by the time of day, which may be set.
  clock_.SetWallNs(ManualClock::kStartWallNs - 1000 * kSecond);
  clock_.Advance(60 * kSecond);
  ASSERT_TRUE(recorder->AwaitClosed(id, kPatience));
  EXPECT_EQ(StateOf(*recorder, id).end, IncidentEnd::kTime);
}

TEST_F(IncidentRecorderTest, TheEndOfTheSessionEndsIt) {
  const auto recorder = Make();
  const uint64_t id = Begin(*recorder);
  EXPECT_TRUE(Send(*recorder, id, "farewell"));
  recorder->OnOver(id);
  ASSERT_TRUE(recorder->AwaitClosed(id, kPatience));
  EXPECT_EQ(StateOf(*recorder, id).end, IncidentEnd::kSessionOver);
  EXPECT_EQ(ReadSentLog(disk_.bytes()).size(), 1u);
}

// If anything here waited for the disk, the test would not end.
TEST_F(IncidentRecorderTest, ADiskThatStandsStillHoldsUpNobody) {
  const auto recorder = Make(/*queue_bytes_max=*/4096);
  const uint64_t id = Begin(*recorder);
  EXPECT_TRUE(Send(*recorder, id, "first"));
  disk_.HoldUp();
  clock_.Advance(kSecond);  // time to flush
  disk_.AwaitWaiter();
  int64_t lost_from_ns = 0;
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(kMillisecond);
    EXPECT_TRUE(Send(*recorder, id, std::string(1000, 'a')));
    if (i == 4) lost_from_ns = clock_.WallNs();
  }
  const int64_t lost_to_ns = clock_.WallNs();
  IncidentState state = StateOf(*recorder, id);
  EXPECT_EQ(state.records, 5u);  // what was there before, and what fits in
  EXPECT_EQ(state.lost, 96u);
  EXPECT_EQ(state.end, IncidentEnd::kNone);
  const int before = disk_.writes();
  disk_.GoOn();
  clock_.Advance(kSecond);
  disk_.AwaitWrites(before + 2);  // the block it stood at, and what had waited
  EXPECT_TRUE(Send(*recorder, id, "again"));
  state = recorder->Stop(id, kPatience).at(0);
  EXPECT_TRUE(state.closed);
  EXPECT_EQ(state.records, 6u);

  const auto log = ReadSentLog(disk_.bytes());
  ASSERT_EQ(log.size(), 7u);
  EXPECT_EQ(log[0].bytes, "first");
  EXPECT_EQ(log[4].bytes, std::string(1000, 'a'));
  EXPECT_EQ(log[5].lost, 96u);
  EXPECT_EQ(log[5].lost_from_ns, lost_from_ns);
  EXPECT_EQ(log[5].time_ns, lost_to_ns);
  EXPECT_EQ(log[6].bytes, "again");
}

TEST_F(IncidentRecorderTest, AGapAtTheEndIsToldToo) {
  const auto recorder = Make(/*queue_bytes_max=*/1024);
  const uint64_t id = Begin(*recorder);
  disk_.HoldUp();
  EXPECT_TRUE(Send(*recorder, id, "first"));
  clock_.Advance(kSecond);
  disk_.AwaitWaiter();
  EXPECT_TRUE(Send(*recorder, id, std::string(2000, 'a')));
  EXPECT_TRUE(Send(*recorder, id, std::string(2000, 'a')));
  disk_.GoOn();
  recorder->Stop(id, kPatience);
  EXPECT_EQ(BytesOf(ReadSentLog(disk_.bytes())),
            (std::vector<std::string>{"first", "lost 2"}));
}

TEST_F(IncidentRecorderTest, ADiskThatIsFullEndsItAndSaysSo) {
  const auto recorder = Make();
  const uint64_t id = Begin(*recorder);
  EXPECT_TRUE(Send(*recorder, id, "first"));
  disk_.Break();
  clock_.Advance(kSecond);
  ASSERT_TRUE(recorder->AwaitClosed(id, kPatience));
  const IncidentState state = StateOf(*recorder, id);
  EXPECT_EQ(state.end, IncidentEnd::kFailed);
  EXPECT_THAT(state.error, HasSubstr("the disk is full"));
  EXPECT_FALSE(Send(*recorder, id, "more"));
}

TEST_F(IncidentRecorderTest, OnlySoManyAtATime) {
  const auto recorder = Make();
  const uint64_t first = Begin(*recorder);
  Begin(*recorder);
  EXPECT_TRUE(absl::IsResourceExhausted(recorder->Begin(Session()).status()));
  recorder->Stop(first, kPatience);
  const uint64_t third = Begin(*recorder);
  EXPECT_NE(third, 0u);
  EXPECT_EQ(recorder->Stop(0, kPatience).size(), 2u);
  EXPECT_TRUE(recorder->Stop(0, kPatience).empty());
  EXPECT_TRUE(recorder->Stop(99, kPatience).empty());
  EXPECT_EQ(recorder->Stop(first, kPatience).size(), 1u);
}

TEST_F(IncidentRecorderTest, WhatIsOverIsForgottenInTheEnd) {
  const auto recorder = Make();
  uint64_t last = 0;
  for (int i = 0; i < 40; ++i) {
    last = Begin(*recorder);
    recorder->Stop(last, kPatience);
  }
  const auto states = recorder->States();
  EXPECT_LE(states.size(), 20u);
  EXPECT_EQ(states.back().id, last);
}

TEST_F(IncidentRecorderTest, WithoutAFolderItIsOff) {
  IncidentRecorder recorder(clock_, {});
  EXPECT_FALSE(recorder.on());
  EXPECT_TRUE(absl::IsFailedPrecondition(recorder.Begin(Session()).status()));
  EXPECT_FALSE(recorder.Wants(1));
}

TEST_F(IncidentRecorderTest, TheEndOfAllWritesWhatThereIs) {
  auto recorder = Make();
  const uint64_t id = Begin(*recorder);
  EXPECT_TRUE(Send(*recorder, id, "first"));
  recorder.reset();
  EXPECT_EQ(ReadSentLog(disk_.bytes()).size(), 1u);
}

// Two of one second, a symbol that is no name of a file, and a folder that is
// not there.
TEST_F(IncidentRecorderTest, FilesAreInTheFolder) {
  std::string dir = testing::TempDir() + "incidents_XXXXXX";
  ASSERT_NE(mkdtemp(dir.data()), nullptr);
  {
    IncidentRecorder recorder(clock_, {.dir = dir});
    IncidentWanted wanted;
    wanted.symbol = "../a b/\xc3\xa9";
    const auto first = recorder.Begin(wanted);
    const auto second = recorder.Begin(wanted);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->file,
              dir + "/incident-20231114T221320Z-.._a_b___.ticklog");
    EXPECT_EQ(second->file,
              dir + "/incident-20231114T221320Z-.._a_b___-2.ticklog");
    EXPECT_TRUE(Send(recorder, first->id, "frame", wanted.symbol));
    recorder.Stop(0, kPatience);
    const auto log = ReadSentLogFile(first->file);
    ASSERT_EQ(log.size(), 1u);
    EXPECT_EQ(log[0].symbol, wanted.symbol);
    EXPECT_TRUE(ReadSentLogFile(second->file).empty());
    const auto third = recorder.Begin(Session());
    ASSERT_TRUE(third.ok());
    EXPECT_THAT(third->file, EndsWith("Z-2-117.ticklog"));
  }
  fs::remove_all(dir);
  IncidentRecorder recorder(clock_, {.dir = dir});
  const auto refused = recorder.Begin(Session());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr(dir));
}

TEST_F(IncidentRecorderTest, ManyShardsAtATime) {
  constexpr int kShards = 4, kEach = 2000;
  const auto recorder = Make(/*queue_bytes_max=*/64 << 10);
  IncidentWanted wanted;
  wanted.symbol = "A";
  const uint64_t id = Begin(*recorder, wanted);
  std::vector<std::thread> shards;
  for (int shard = 1; shard <= kShards; ++shard) {
    shards.emplace_back([&, shard] {
      for (int i = 1; i <= kEach; ++i) {
        SentCopy copy;
        copy.session = MakeSessionId(static_cast<uint32_t>(shard), 1);
        copy.time_ns = clock_.WallNs();
        copy.batch = static_cast<uint64_t>(i);
        copy.symbol = "A";
        const std::string bytes(50, static_cast<char>('0' + shard));
        copy.bytes = bytes;
        EXPECT_TRUE(recorder->OnSent(id, copy));
      }
    });
  }
  for (std::thread& shard : shards) shard.join();
  const IncidentState state = recorder->Stop(id, kPatience).at(0);
  EXPECT_EQ(state.records + state.lost, uint64_t{kShards} * kEach);
  uint64_t records = 0, lost = 0;
  uint64_t last[kShards + 1] = {};
  for (const LoggedCopy& copy : ReadSentLog(disk_.bytes())) {
    lost += copy.lost;
    if (copy.lost > 0) continue;
    ++records;
    const uint32_t shard = ShardOf(copy.session);
    ASSERT_GT(copy.batch, last[shard]);
    last[shard] = copy.batch;
    EXPECT_EQ(copy.bytes, std::string(50, static_cast<char>('0' + shard)));
  }
  EXPECT_EQ(records, state.records);
  EXPECT_EQ(lost, state.lost);
}

}  // namespace
}  // namespace streamhub
