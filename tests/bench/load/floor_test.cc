// A floor from recorded messages to what is measured of it, over each wire.

#include "bench/load/floor.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "bench/load/floor_run.h"
#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

constexpr char kAck[] =
    R"({"type":"ack","id":1,"at":"e.0.0","max_rate":"unlimited","symbols":)"
    R"({"A":{},"B":{}}})";
constexpr char kSnapshot[] =
    R"({"type":"update","epoch":"e","time":1700000000000000,"quotes":{)"
    R"("A":{"v":1,"snapshot":true,"n":1,"t":1700000000000000,"bid":1},)"
    R"("B":{"v":1,"snapshot":true,"n":1,"t":1700000000000000,"bid":1}}})";
constexpr char kSynced[] = R"({"type":"synced","id":1})";

std::string Update(const std::string& fields) {
  return R"({"type":"update","epoch":"e","time":1700000000000000,"quotes":{)"
         R"("A":{"v":2,"n":2,"t":1700000000000000,)" +
         fields + "}}}";
}

TEST(FloorFrameTest, KnowsWhereItsTimeIs) {
  for (const WireKind kind :
       {WireKind::kWs, WireKind::kSse, WireKind::kStream, WireKind::kPoll}) {
    const FloorFrame frame =
        FrameFor(kind, Encoding::kJson, Update("\"bid\":1"));
    ASSERT_NE(frame.time_at, std::string::npos) << NameOf(kind);
    EXPECT_EQ(frame.bytes.substr(frame.time_at, 17), "1700000000000000,");
  }
  EXPECT_EQ(
      FrameFor(WireKind::kWs, Encoding::kJson, "{\"time\":12,\"a\":1}").time_at,
      std::string::npos)
      << "not a time as gateways write it";
  EXPECT_EQ(
      FrameFor(WireKind::kWs, Encoding::kFlat, Update("\"bid\":1")).time_at,
      std::string::npos);
}

// Turns of 10 messages, every 10 ms of half a second, to 10 clients.
LoadReport Measured(int64_t bytes_mean) {
  LoadReport report;
  report.window_s = 0.5;
  Tally& tally = report.tally;
  for (int64_t i = 0; i < 50; ++i) {
    for (uint64_t client = 1; client <= 10; ++client) {
      tally.recording.deliveries.Add(1'700'000'000'000'000 + i * 10'000,
                                     client);
    }
  }
  tally.messages = 500;
  tally.updates = 2000;
  tally.bytes = 500 * bytes_mean;
  tally.recording.sample.names = {"A", "B"};
  tally.recording.sample.opening = {kAck, kSnapshot, kSynced};
  tally.recording.sample.updates = {Update("\"bid\":1"),
                                    Update("\"bid\":" + std::string(300, '1'))};
  return report;
}

LoadOptions Options(WireKind kind) {
  LoadOptions options;
  options.kind = kind;
  options.clients = 10;
  options.connect_rate = 10'000;
  options.warmup_s = 0.1;
  return options;
}

const LoadHooks& Patient() {
  static const auto& hooks =
      *new LoadHooks{.wait =
                         [](int ms) {
                           poll(nullptr, 0, ms);
                           return false;
                         },
                     .progress = [](const std::string&) {}};
  return hooks;
}

class FloorTest : public testing::TestWithParam<WireKind> {};

TEST_P(FloorTest, SendsAsManyMessagesOfThatSizeAsWereRecorded) {
  constexpr int64_t kBytesMean = 300;
  const LoadReport measured = Measured(kBytesMean);
  const auto floor = MeasureFloor(Options(GetParam()), measured, Patient(), -1);
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_EQ(floor->failed, 0);
  // As many but for what a stall at an end of the window shifts, or makes a
  // poll come too late.
  EXPECT_GT(floor->messages + floor->held_back, 350);
  EXPECT_LT(floor->messages + floor->held_back, 650);
  EXPECT_GT(floor->messages, 100);
  EXPECT_NEAR(
      static_cast<double>(floor->bytes) / static_cast<double>(floor->messages),
      kBytesMean, 10);
  EXPECT_GT(floor->cpu_s, 0);
  EXPECT_LT(floor->cpu_s, 0.5);
  // The time in a message is that of its turn.
  EXPECT_EQ(floor->delivery_us.count(), floor->messages);
  EXPECT_LT(floor->delivery_us.Percentile(50), 1'000'000);
}

INSTANTIATE_TEST_SUITE_P(Wires, FloorTest,
                         testing::Values(WireKind::kWs, WireKind::kSse,
                                         WireKind::kStream, WireKind::kPoll),
                         [](const auto& wire) {
                           return std::string(NameOf(wire.param));
                         });

TEST(FloorRunTest, SendsToThoseWhoHadIt) {
  LoadReport measured = Measured(300);
  for (Delivery& delivery : measured.tally.recording.deliveries.kept) {
    if (delivery.client > 4) delivery.client = 1000;  // never came
  }
  const auto floor =
      MeasureFloor(Options(WireKind::kWs), measured, Patient(), -1);
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_GT(floor->messages, 100);
  EXPECT_NEAR(static_cast<double>(floor->held_back) /
                  static_cast<double>(floor->messages),
              1.5, 0.2);
}

TEST(FloorRunTest, ClientsOfSeveralProcessesAreAddedUp) {
  LoadOptions options = Options(WireKind::kWs);
  options.processes = 3;
  const auto floor = MeasureFloor(options, Measured(300), Patient(), -1);
  ASSERT_TRUE(floor.ok()) << floor.status();
  EXPECT_EQ(floor->failed, 0);
  EXPECT_GT(floor->messages, 350);
  EXPECT_LT(floor->messages, 650);
}

// Nobody waits for the clients of a process that was killed.
TEST(FloorRunTest, AProcessWithClientsThatIsGoneIsTold) {
  LoadOptions options = Options(WireKind::kWs);
  options.processes = 3;
  options.connect_rate = 1;  // it is killed before it could connect
  const int64_t late_ns = SystemClock().MonoNs() + 20 * kSecond;
  LoadHooks hooks = Patient();
  hooks.wait = [late_ns](int ms) {
    poll(nullptr, 0, ms);
    return SystemClock().MonoNs() > late_ns;
  };
  pid_t last = 0;
  hooks.progress = [&last](const std::string&) {
    if (last != 0) return;
    std::ifstream children(
        absl::StrCat("/proc/self/task/", getpid(), "/children"));
    for (pid_t pid = 0; children >> pid;) last = pid;
    if (last != 0) kill(last, SIGKILL);
  };
  const auto floor = MeasureFloor(options, Measured(300), hooks, -1);
  ASSERT_NE(last, 0);
  EXPECT_EQ(floor.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(floor.status().message(), testing::HasSubstr("ended early"));
}

TEST(FloorRunTest, NothingCannotBeRepeated) {
  const auto floor =
      MeasureFloor(Options(WireKind::kWs), LoadReport(), Patient(), -1);
  EXPECT_EQ(floor.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(FloorRunTest, IsStopped) {
  LoadHooks hooks = Patient();
  hooks.wait = [](int) { return true; };
  const auto floor =
      MeasureFloor(Options(WireKind::kWs), Measured(300), hooks, -1);
  EXPECT_EQ(floor.status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace streamhub::load
