// Captures that are lines of one stream: by our own writers, and of the faulty
// recording, which is no part of the source tree: without it that is skipped.

#include "feeds/replay/itch_lines_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/itch_mold_reader.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/market_state.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/capture_writer.h"
#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using packets::CaptureWriter;
using packets::Flow;
using packets::MakeFrame;
using testing::HasSubstr;
using Next = RecordReader::Next;
using Strings = std::vector<std::string>;

constexpr int64_t kMidnightNs = 1'704'171'600 * kSecond;
constexpr int64_t kCapturedNs = 1'800'000'000 * kSecond;
constexpr int64_t kStepNs = kMillisecond;
constexpr size_t kPerPacket = 3;

Strings Sample() { return MessagesOf(itch::MakeSampleSession()); }

// Packet `i` has the messages from kPerPacket * i + 1 on.
Strings PacketsOf(const Strings& messages, std::string_view session) {
  Strings payloads;
  for (size_t i = 0; i < messages.size(); i += kPerPacket) {
    const auto end = std::min(messages.size(), i + kPerPacket);
    payloads.push_back(
        MakeMold(session, i + 1,
                 Strings(messages.begin() + static_cast<ptrdiff_t>(i),
                         messages.begin() + static_cast<ptrdiff_t>(end))));
  }
  payloads.push_back(MakeMoldEnd(session, messages.size() + 1));
  return payloads;
}

// What one line captured: each packet a millisecond after the one before, all
// of them `late_ns` later, without those of numbers `lost`.
struct LineOf {
  std::function<bool(size_t)> lost = [](size_t) { return false; };
  int64_t late_ns = 0;
  uint8_t group = 3;  // of its multicast address
};

std::string CaptureOf(const Strings& payloads, const LineOf& line) {
  CaptureWriter writer;
  Flow flow;
  flow.destination.address = packets::Ipv4Address(239, 1, 2, line.group);
  for (size_t i = 0; i < payloads.size(); ++i) {
    if (line.lost(i)) continue;
    writer.Add(kCapturedNs + static_cast<int64_t>(i) * kStepNs + line.late_ns,
               MakeFrame(flow, payloads[i]));
  }
  return writer.bytes();
}

class ItchLinesReaderTest : public testing::Test {
 protected:
  void Play(const Strings& captures, int64_t silent_ns = kSecond) {
    std::vector<std::string> paths;
    for (const std::string& bytes : captures) {
      files_.emplace_back("line.pcap", bytes);
      paths.push_back(files_.back().path());
    }
    PlayFiles(paths, silent_ns);
  }

  void PlayFiles(const Strings& paths, int64_t silent_ns = kSecond) {
    std::vector<std::unique_ptr<ByteSource>> sources;
    for (const std::string& path : paths) {
      auto source = ByteSource::Open(path);
      ASSERT_TRUE(source.ok()) << source.status();
      sources.push_back(*std::move(source));
    }
    reader_ = std::make_unique<ItchLinesReader>(
        std::move(sources), handler_, market_.counters, kMidnightNs, silent_ns);
    last_ = PlayAll(*reader_, &times_);
  }

  FeedLine Line(size_t line) const {
    return reader_->lines()->marks().lines.at(line);
  }
  std::string Message() const {
    return std::string(reader_->status().message());
  }

  std::deque<TemporaryFile> files_;
  TestMarket market_;
  itch::ItchHandler handler_{market_.publisher};
  std::vector<int64_t> times_;
  std::unique_ptr<ItchLinesReader> reader_;
  Next last_ = Next::kWaiting;
};

// What the same day is without any loss.
MarketState WholeState() {
  const TemporaryFile file("a.pcap",
                           CaptureOf(PacketsOf(Sample(), "S"), LineOf()));
  TestMarket market;
  itch::ItchHandler handler(market.publisher);
  ItchMoldReader reader(*ByteSource::Open(file.path()), handler,
                        market.counters, kMidnightNs);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(reader, &times), Next::kEnd);
  return StateOf(market);
}

TEST_F(ItchLinesReaderTest, OnlyWhatBothLackIsLost) {
  const Strings payloads = PacketsOf(Sample(), "S");
  const size_t count = payloads.size() - 1;  // and the end of the session
  ASSERT_GT(count, 500u);
  // A lacks every 7th, B every 11th: both every 77th.
  const LineOf a = {.lost = [](size_t i) { return i % 7 == 5; }};
  const LineOf b = {.lost = [](size_t i) { return i % 11 == 5; },
                    .late_ns = 30 * kMicrosecond,
                    .group = 4};
  Play({CaptureOf(payloads, a), CaptureOf(payloads, b)});
  EXPECT_EQ(last_, Next::kEnd);
  std::vector<Gap> want;
  for (size_t i = 5; i < count; i += 77) {
    want.push_back({"S", kPerPacket * i + 1, kPerPacket * (i + 1)});
  }
  ASSERT_GT(want.size(), 5u);
  ASSERT_LE(want.back().last, Sample().size());
  const size_t lost = kPerPacket * want.size();
  EXPECT_EQ(reader_->gaps()->kept(), want);
  EXPECT_THAT(Message(),
              HasSubstr(std::to_string(lost) + " messages are lost in " +
                        std::to_string(want.size()) + " gaps"));
  EXPECT_EQ(reader_->lines()->missing(), lost);
  EXPECT_EQ(times_.size(), Sample().size() - lost);
  // The marks add up, too.
  const auto lost_by = [&](const LineOf& line) {
    int64_t packets = 0;
    for (size_t i = 0; i < count; ++i) packets += line.lost(i) ? 1 : 0;
    return static_cast<int64_t>(kPerPacket) * packets;
  };
  EXPECT_EQ(Line(0).missed, lost_by(a));
  EXPECT_EQ(Line(1).missed, lost_by(b));
  EXPECT_EQ(Line(1).first, Line(0).missed - static_cast<int64_t>(lost));
  EXPECT_EQ(Line(0).first + Line(1).first, static_cast<int64_t>(times_.size()));
  EXPECT_EQ(Line(1).lag_ns, 30 * kMicrosecond);
  EXPECT_EQ(reader_->lines()->marks().used, 0u);
}

TEST_F(ItchLinesReaderTest, LinesThatTogetherHaveAllAreAWholeDay) {
  const Strings payloads = PacketsOf(Sample(), "S");
  // B is far behind: 300 packets.
  Play({CaptureOf(payloads, {.lost = [](size_t i) { return i % 3 == 1; }}),
        CaptureOf(payloads, {.lost = [](size_t i) { return i % 3 == 0; },
                             .late_ns = 300 * kStepNs})});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(reader_->gaps()->gaps(), 0);
  EXPECT_EQ(StateOf(market_), WholeState());
  EXPECT_EQ(Line(1).lag_ns, 300 * kStepNs);
}

TEST_F(ItchLinesReaderTest, ALineThatFallsSilentIsDownAndTheOtherGoesOn) {
  const Strings payloads = PacketsOf(Sample(), "S");
  Play({CaptureOf(payloads, {.lost = [](size_t i) { return i >= 100; }}),
        CaptureOf(payloads, {.late_ns = kMicrosecond})},
       /*silent_ns=*/200 * kStepNs);
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(StateOf(market_), WholeState());
  EXPECT_FALSE(Line(0).up);
  EXPECT_EQ(Line(0).heard_ns, kCapturedNs + 99 * kStepNs);
  EXPECT_EQ(Line(0).since_ns, kCapturedNs + 299 * kStepNs);
  EXPECT_EQ(Line(0).missed,
            static_cast<int64_t>(Sample().size() - 100 * kPerPacket));
  EXPECT_TRUE(Line(1).up);
  EXPECT_EQ(reader_->lines()->marks().used, 1u);
}

// The second line's end of the first session comes when the first line is in
// the second one already.
TEST_F(ItchLinesReaderTest, SessionsFollowOnEachOther) {
  const Strings messages = Sample();
  const auto half = messages.begin() + 999;
  Strings payloads = PacketsOf({messages.begin(), half}, "S1");
  for (auto& more : PacketsOf({half, messages.end()}, "S2")) {
    payloads.push_back(std::move(more));
  }
  Play({CaptureOf(payloads, {.lost = [](size_t i) { return i == 50; }}),
        CaptureOf(payloads, {.lost = [](size_t i) { return i == 500; },
                             .late_ns = 20 * kStepNs,
                             .group = 4})});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(reader_->tracker().counts().sessions, 2);
  EXPECT_EQ(reader_->gaps()->gaps(), 0) << Message();
  EXPECT_EQ(times_.size(), messages.size());
  EXPECT_EQ(StateOf(market_), WholeState());
  EXPECT_GT(reader_->other_streams(), 10);  // of a session that is over
}

TEST_F(ItchLinesReaderTest, ADamagedLineStopsNoOther) {
  const Strings payloads = PacketsOf(Sample(), "S");
  const std::string whole = CaptureOf(payloads, LineOf());
  Play({whole.substr(0, whole.size() / 2), whole, "no capture at all", ""});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(StateOf(market_), WholeState());
  EXPECT_EQ(reader_->gaps()->gaps(), 0);
  EXPECT_THAT(Message(), HasSubstr(files_[0].path() + ": at byte "));
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 3);
}

TEST_F(ItchLinesReaderTest, IfAllAreDamagedItFails) {
  Play({"no capture at all", ""});
  EXPECT_EQ(last_, Next::kFailed);
  EXPECT_THAT(Message(), HasSubstr(files_[0].path()));
  EXPECT_TRUE(times_.empty());
}

TEST_F(ItchLinesReaderTest, OneLineWithoutPacketsOfTheStreamIsTold) {
  const Strings payloads = PacketsOf(Sample(), "S");
  Play({CaptureOf(payloads, LineOf()),
        CaptureOf(PacketsOf(Sample(), "OTHER"),
                  {.late_ns = kMicrosecond, .group = 9})});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(StateOf(market_), WholeState());
  EXPECT_THAT(Message(), HasSubstr("holds no MoldUDP64 packet of the session"));
}

// --- the recording ---

const char kFolder[] = STREAMHUB_SOURCE_DIR "/../shared/data/itch/";

TEST_F(ItchLinesReaderTest, TheFaultyRecordingAndTheCleanOneHaveNoGap) {
  if (!std::filesystem::exists(kFolder)) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  const std::string faults = std::string(kFolder) + "ritch_moldudp64_faults.";
  const std::string clean = std::string(kFolder) + "ritch_moldudp64_clean.";
  PlayFiles({faults + "pcap.gz", clean + "pcap.gz"});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(reader_->gaps()->gaps(), 0);
  EXPECT_EQ(times_.size(), 12'012u);
  EXPECT_EQ(Line(0).missed, 243);
  EXPECT_EQ(Line(1).missed, 0);
  TestMarket want;
  itch::ItchHandler handler(want.publisher);
  ItchMoldReader alone(*ByteSource::Open(clean + "pcap.gz"), handler,
                       want.counters, kMidnightNs);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(alone, &times), Next::kEnd);
  EXPECT_EQ(StateOf(market_), StateOf(want));
  EXPECT_EQ(times_, times);
}

TEST_F(ItchLinesReaderTest, TheFaultyRecordingTwiceHasItsGaps) {
  if (!std::filesystem::exists(kFolder)) {
    GTEST_SKIP() << "no recordings at " << kFolder;
  }
  const std::string faults =
      std::string(kFolder) + "ritch_moldudp64_faults.pcap.gz";
  PlayFiles({faults, faults});
  EXPECT_EQ(reader_->gaps()->messages(), 243u);
  EXPECT_EQ(times_.size(), 11'769u);
  EXPECT_EQ(Line(0).missed, 243);
  EXPECT_EQ(Line(1).first, 0);
  EXPECT_EQ(Line(1).copies, 11'769);
}

}  // namespace
}  // namespace streamhub
