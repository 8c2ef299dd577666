// Captures that are lines of one stream of IEX, by our own writers.

#include "feeds/replay/iex_lines_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/iex/writer.h"
#include "feeds/replay/iex_reader.h"
#include "feeds/replay/recording.h"
#include "tests/feeds/replay/market_state.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/capture_writer.h"
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

constexpr int64_t kStartNs = 1'704'205'800 * kSecond;
constexpr int64_t kStepNs = kMillisecond;
constexpr size_t kPerSegment = 2;
constexpr uint32_t kSession = 7;

// So many segments of a session, each of a quote and a trade of one of three
// symbols, the first one of segment `i` with number kPerSegment * i + 1.
Strings SegmentsOf(size_t count, uint32_t session = kSession,
                   int64_t start_ns = kStartNs) {
  iex::SegmentWriter writer(iex::Protocol::kTops, session);
  Strings payloads;
  for (size_t i = 0; i < count; ++i) {
    const int64_t time_ns = start_ns + static_cast<int64_t>(i) * kStepNs;
    const auto symbol = iex::MakeSymbol(std::string(1, "XYZ"[i % 3]));
    iex::QuoteUpdate quote;
    quote.time_ns = time_ns;
    quote.symbol = symbol;
    quote.bid_size = 100;
    quote.bid = 10'000 + static_cast<int64_t>(i);
    quote.ask = quote.bid + 100;
    quote.ask_size = 200;
    iex::Trade trade;
    trade.time_ns = time_ns;
    trade.symbol = symbol;
    trade.size = 50;
    trade.price = quote.bid;
    trade.id = static_cast<int64_t>(i);
    writer.Add(quote).Add(trade);
    payloads.push_back(writer.Cut(time_ns));
  }
  return payloads;
}

// What one line captured: each packet a millisecond after the one before, all
// of them `late_ns` later, without those of numbers `lost`.
struct LineOf {
  std::function<bool(size_t)> lost = [](size_t) { return false; };
  int64_t late_ns = 0;
};

std::string CaptureOf(const Strings& payloads, const LineOf& line) {
  CaptureWriter writer;
  for (size_t i = 0; i < payloads.size(); ++i) {
    if (line.lost(i)) continue;
    writer.Add(kStartNs + static_cast<int64_t>(i) * kStepNs + line.late_ns,
               MakeFrame(Flow(), payloads[i]));
  }
  return writer.bytes();
}

class IexLinesReaderTest : public testing::Test {
 protected:
  using Window = IexLinesReader::Window;

  void Play(const Strings& captures, const Window& window = Window()) {
    std::vector<std::unique_ptr<ByteSource>> sources;
    for (const std::string& bytes : captures) {
      files_.emplace_back("line.pcap", bytes);
      auto source = ByteSource::Open(files_.back().path());
      ASSERT_TRUE(source.ok()) << source.status();
      sources.push_back(*std::move(source));
    }
    reader_ = std::make_unique<IexLinesReader>(
        std::move(sources), handler_, market_.counters, kSecond, window);
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
  iex::IexHandler handler_{market_.publisher};
  std::vector<int64_t> times_;
  std::unique_ptr<IexLinesReader> reader_;
  Next last_ = Next::kWaiting;
};

MarketState WholeState(const Strings& payloads) {
  const TemporaryFile file("a.pcap", CaptureOf(payloads, LineOf()));
  TestMarket market;
  iex::IexHandler handler(market.publisher);
  IexReader reader(*ByteSource::Open(file.path()), handler, market.counters);
  std::vector<int64_t> times;
  EXPECT_EQ(PlayAll(reader, &times), Next::kEnd);
  return StateOf(market);
}

TEST_F(IexLinesReaderTest, OnlyWhatBothLackIsLost) {
  constexpr size_t kSegments = 600;
  const auto lacks_a = [](size_t i) { return i % 7 == 5; };
  const auto lacks_b = [](size_t i) { return i % 11 == 5; };
  const Strings payloads = SegmentsOf(kSegments);
  Play({CaptureOf(payloads, {.lost = lacks_a}),
        CaptureOf(payloads, {.lost = lacks_b, .late_ns = 30 * kMicrosecond})});
  EXPECT_EQ(last_, Next::kEnd);
  std::vector<Gap> want;
  for (size_t i = 5; i < kSegments; i += 77) {
    want.push_back({"7", kPerSegment * i + 1, kPerSegment * (i + 1)});
  }
  EXPECT_EQ(reader_->gaps()->kept(), want);
  const size_t lost = kPerSegment * want.size();
  EXPECT_THAT(Message(),
              HasSubstr(std::to_string(lost) + " messages are lost in " +
                        std::to_string(want.size()) + " gaps"));
  EXPECT_EQ(reader_->messages(),
            static_cast<int64_t>(kPerSegment * kSegments - lost));
  EXPECT_EQ(reader_->lines()->missing(), lost);
  int64_t missed_a = 0, missed_b = 0;
  for (size_t i = 0; i < kSegments; ++i) {
    missed_a += lacks_a(i) ? kPerSegment : 0;
    missed_b += lacks_b(i) ? kPerSegment : 0;
  }
  EXPECT_EQ(Line(0).missed, missed_a);
  EXPECT_EQ(Line(1).missed, missed_b);
  EXPECT_EQ(Line(1).first, missed_a - static_cast<int64_t>(lost));
  EXPECT_TRUE(std::is_sorted(times_.begin(), times_.end()));
}

TEST_F(IexLinesReaderTest, LinesThatTogetherHaveAllAreAWholeDay) {
  const Strings payloads = SegmentsOf(1000);
  // B is far behind, and A has its first one from nowhere.
  Play({CaptureOf(payloads, {.lost = [](size_t i) { return i % 3 == 1; }}),
        CaptureOf(payloads, {.lost = [](size_t i) { return i % 3 == 0; },
                             .late_ns = 300 * kStepNs})});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(reader_->gaps()->gaps(), 0);
  EXPECT_EQ(reader_->receiver().sequence().counts().late, 0);
  EXPECT_EQ(StateOf(market_), WholeState(payloads));
}

TEST_F(IexLinesReaderTest, WhatIsMissingIsWaitedForNoLongerThanTheWindow) {
  const Strings payloads = SegmentsOf(200);
  const LineOf a = {.lost = [](size_t i) { return i == 100; }};
  const LineOf b = {.lost = [](size_t i) { return i < 90; },
                    .late_ns = 20 * kStepNs};
  Play({CaptureOf(payloads, a), CaptureOf(payloads, b)}, {.segments = 8});
  EXPECT_EQ(reader_->gaps()->messages(), kPerSegment);
  EXPECT_EQ(reader_->receiver().sequence().counts().late,
            static_cast<int64_t>(kPerSegment));
}

TEST_F(IexLinesReaderTest, ANewSessionComesAfterAllThatIsHeld) {
  Strings payloads = SegmentsOf(50);
  const Strings next = SegmentsOf(50, kSession + 1, kStartNs + 50 * kStepNs);
  payloads.insert(payloads.end(), next.begin(), next.end());
  // Nobody has segment 45; what comes behind it is held until the session ends.
  const auto lost = [](size_t i) { return i == 45; };
  Play({CaptureOf(payloads, {.lost = lost}),
        CaptureOf(payloads, {.lost = lost, .late_ns = 5 * kStepNs})});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(reader_->gaps()->kept(), (std::vector<Gap>{{"7", 91, 92}}));
  EXPECT_EQ(reader_->messages(), 198);
  EXPECT_EQ(reader_->receiver().sequence().counts().runs, 2);
  EXPECT_TRUE(std::is_sorted(times_.begin(), times_.end()));
}

TEST_F(IexLinesReaderTest, ADamagedLineIsToldAndTheOtherGoesOn) {
  const Strings payloads = SegmentsOf(100);
  const std::string whole = CaptureOf(payloads, LineOf());
  Play({whole.substr(0, whole.size() / 2), whole});
  EXPECT_EQ(last_, Next::kEnd);
  EXPECT_EQ(reader_->gaps()->gaps(), 0);
  EXPECT_EQ(reader_->messages(), 200);
  EXPECT_THAT(Message(), HasSubstr(files_[0].path() + ": at byte "));
  EXPECT_EQ(StateOf(market_), WholeState(payloads));
}

TEST_F(IexLinesReaderTest, WithoutAnySegmentItFails) {
  Play({CaptureOf({"no segment"}, LineOf()), CaptureOf({"none"}, LineOf())});
  EXPECT_EQ(last_, Next::kFailed);
  EXPECT_THAT(Message(), HasSubstr("holds no segment of the stream"));
}

TEST(IexLines, AreOfOneProtocol) {
  const TemporaryFile iex("a.pcap", CaptureOf(SegmentsOf(3), LineOf()));
  const TemporaryFile other("20240102.pcap", CaptureOf({"other"}, LineOf()));
  ReplayOptions options;
  options.arbitrate = true;
  options.files = {iex.path(), iex.path()};
  EXPECT_TRUE(FindRecordings(options).ok());
  options.files = {iex.path(), other.path()};
  // Which are not even merged.
  EXPECT_FALSE(FindRecordings(options).ok());
}

}  // namespace
}  // namespace streamhub
