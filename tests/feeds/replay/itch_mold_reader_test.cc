#include "feeds/replay/itch_mold_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "feeds/itch/writer.h"
#include "feeds/replay/itch_reader.h"
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
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Next = RecordReader::Next;
using Strings = std::vector<std::string>;

constexpr int64_t kMidnightNs = 1'704'171'600 * kSecond;
constexpr int64_t kCapturedNs = 1'800'000'000 * kSecond;  // another year

// A market that one recording was played into.
struct Played {
  void Play(std::unique_ptr<RecordReader> reader) {
    last = PlayAll(*reader, &times);
    status = reader->status();
    state = StateOf(market);
  }

  TestMarket market;
  itch::ItchHandler handler{market.publisher};
  std::vector<int64_t> times;
  Next last = Next::kWaiting;
  absl::Status status;
  MarketState state;
};

std::unique_ptr<ByteSource> OpenFile(const std::string& path) {
  auto source = ByteSource::Open(path);
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

// The messages as a BinaryFILE: what everything is compared with.
std::unique_ptr<Played> PlayBinary(const Strings& messages) {
  std::string bytes;
  for (const std::string& message : messages) {
    packets::AppendBig(message.size(), 2, &bytes);
    bytes += message;
  }
  const TemporaryFile file("a.itch50", bytes);
  auto played = std::make_unique<Played>();
  played->Play(
      std::make_unique<ItchReader>(OpenFile(file.path()), played->handler,
                                   played->market.counters, kMidnightNs));
  EXPECT_EQ(played->last, Next::kEnd) << played->status;
  return played;
}

Strings Sample() { return MessagesOf(itch::MakeSampleSession()); }

// Three to a packet, and a heartbeat now and then.
Strings PacketsOf(const Strings& messages) {
  Strings payloads;
  for (size_t i = 0; i < messages.size(); i += 3) {
    const auto end = std::min(messages.size(), i + 3);
    payloads.push_back(
        MakeMold("SESSION", i + 1,
                 Strings(messages.begin() + static_cast<ptrdiff_t>(i),
                         messages.begin() + static_cast<ptrdiff_t>(end))));
    if (i % 300 == 0) {
      payloads.push_back(MakeMoldHeartbeat("SESSION", end + 1));
    }
  }
  payloads.push_back(MakeMoldEnd("SESSION", messages.size() + 1));
  return payloads;
}

std::string CaptureOf(const Strings& payloads,
                      const CaptureWriter::Form& form = {}) {
  CaptureWriter writer(form);
  int64_t time_ns = kCapturedNs;
  for (const std::string& payload : payloads) {
    writer.Add(time_ns += kMillisecond, MakeFrame(Flow(), payload));
  }
  return writer.bytes();
}

class ItchMoldReaderTest : public testing::Test {
 protected:
  void Play(const std::string& bytes,
            const mold::SessionTracker::Window& window = {}) {
    file_.emplace("a.pcap", bytes);
    reader_ = std::make_unique<ItchMoldReader>(
        OpenFile(file_->path()), played_.handler, played_.market.counters,
        kMidnightNs, window);
    played_.last = PlayAll(*reader_, &played_.times);
    played_.status = reader_->status();
    played_.state = StateOf(played_.market);
  }

  std::string Message() const { return std::string(played_.status.message()); }
  int64_t Bad() const {
    return played_.market.counters.Get(Metric::kFeedMessagesBad);
  }

  std::optional<TemporaryFile> file_;
  Played played_;
  std::unique_ptr<ItchMoldReader> reader_;
};

TEST_F(ItchMoldReaderTest, PlaysWhatTheMessagesAlonePlay) {
  const auto want = PlayBinary(Sample());
  ASSERT_GT(want->times.size(), 2000u);
  const Strings payloads = PacketsOf(Sample());
  const std::string pcap = CaptureOf(payloads);
  for (const std::string& bytes :
       {pcap, Gzipped(pcap), Zstandard(pcap),
        CaptureOf(payloads, {.pcapng = true}),
        CaptureOf(payloads, {.nanoseconds = false, .big_endian = true})}) {
    auto played = std::make_unique<Played>();
    const TemporaryFile file("a", bytes);
    auto reader =
        std::make_unique<ItchMoldReader>(OpenFile(file.path()), played->handler,
                                         played->market.counters, kMidnightNs);
    ItchMoldReader& inside = *reader;
    played->last = PlayAll(inside, &played->times);
    EXPECT_EQ(played->last, Next::kEnd);
    EXPECT_EQ(inside.status(), absl::OkStatus());
    EXPECT_EQ(inside.bytes_read(), static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(inside.bytes_total(), static_cast<int64_t>(bytes.size()));
    // Times are those of ITCH, whenever the packets were captured.
    EXPECT_EQ(played->times, want->times);
    EXPECT_EQ(StateOf(played->market), want->state);
    EXPECT_EQ(inside.tracker().counts().messages,
              static_cast<int64_t>(want->times.size()));
    EXPECT_EQ(inside.packet_counts()[packets::Parsed::kDatagram],
              static_cast<int64_t>(payloads.size()));
  }
}

TEST_F(ItchMoldReaderTest, LostDuplicateAndSwappedPackets) {
  Strings messages = Sample();
  Strings payloads = PacketsOf(messages);
  std::swap(payloads[30], payloads[31]);
  payloads.insert(payloads.begin() + 20, payloads[12]);
  payloads.erase(payloads.begin() + 10);  // a heartbeat is among those before
  Play(CaptureOf(payloads));
  EXPECT_EQ(played_.last, Next::kEnd);
  EXPECT_EQ(Message(), file_->path() +
                           ": 3 messages are lost in 1 gap; the first is 28 "
                           "to 30 of session SESSION");
  EXPECT_EQ(reader_->tracker().gaps().kept(),
            (std::vector<Gap>{{"SESSION", 28, 30}}));
  EXPECT_EQ(reader_->tracker().counts().duplicates, 1);
  EXPECT_EQ(reader_->tracker().counts().reordered, 1);
  messages.erase(messages.begin() + 27, messages.begin() + 30);
  const auto want = PlayBinary(messages);
  EXPECT_EQ(played_.times, want->times);
  EXPECT_EQ(played_.state, want->state);
  EXPECT_EQ(Bad(), 0);
}

TEST_F(ItchMoldReaderTest, TheWindowIsTheCallers) {
  Strings payloads = PacketsOf(Sample());
  std::swap(payloads[30], payloads[31]);
  Play(CaptureOf(payloads), {.packets = 0});
  EXPECT_EQ(reader_->tracker().counts().late, 1);
  EXPECT_EQ(reader_->tracker().gaps().gaps(), 1);
}

TEST_F(ItchMoldReaderTest, LinesAAndBFillEachOther) {
  const Strings payloads = PacketsOf(Sample());
  Flow line_b;
  line_b.destination = {packets::Ipv4Address(239, 9, 9, 9), 26401};
  CaptureWriter writer;
  for (size_t i = 0; i < payloads.size(); ++i) {
    if (i % 7 != 3) writer.Add(kCapturedNs, MakeFrame(Flow(), payloads[i]));
    if (i % 7 != 5) writer.Add(kCapturedNs, MakeFrame(line_b, payloads[i]));
  }
  Play(writer.bytes());
  EXPECT_EQ(played_.last, Next::kEnd);
  EXPECT_EQ(played_.status, absl::OkStatus());
  EXPECT_EQ(played_.state, PlayBinary(Sample())->state);
  EXPECT_EQ(reader_->other_streams(), 0);
}

TEST_F(ItchMoldReaderTest, OtherTrafficIsLeftOutAndCounted) {
  const Strings messages = Sample();
  Flow other;
  other.destination.port = 9;
  CaptureWriter writer;
  for (const std::string& payload : PacketsOf(messages)) {
    writer.Add(kCapturedNs, MakeFrame(Flow(), payload));
    writer.Add(kCapturedNs, packets::MakeEthernet(0x0806, "who has?"));
    writer.Add(kCapturedNs, MakeFrame(Flow(), "no MoldUDP64 but something"));
    writer.Add(kCapturedNs, MakeFrame(other, MakeMoldHeartbeat("OTHER", 1)));
  }
  Play(writer.bytes());
  const auto sent = static_cast<int64_t>(PacketsOf(messages).size());
  EXPECT_EQ(played_.status, absl::OkStatus());
  EXPECT_EQ(played_.state, PlayBinary(messages)->state);
  EXPECT_EQ(reader_->packet_counts()[packets::Parsed::kNotIp], sent);
  EXPECT_EQ(reader_->packet_counts()[packets::Parsed::kDatagram], 3 * sent);
  EXPECT_EQ(reader_->not_mold(), sent);
  // The last of them comes when ours has ended, and might be the next session.
  EXPECT_EQ(reader_->other_streams(), sent - 1);
  EXPECT_EQ(reader_->tracker().counts().sessions, 2);
}

TEST_F(ItchMoldReaderTest, ANewSessionTakesOver) {
  const Strings messages = Sample();
  const Strings first(messages.begin(), messages.begin() + 100);
  const Strings second(messages.begin() + 100, messages.end());
  Strings payloads;
  payloads.push_back(MakeMold("ONE", 1, first));
  payloads.push_back(MakeMoldHeartbeat("TWO", 1));
  for (size_t i = 0; i < second.size(); ++i) {
    payloads.push_back(MakeMold("TWO", i + 1, {second[i]}));
  }
  Play(CaptureOf(payloads));
  EXPECT_EQ(played_.status, absl::OkStatus());
  EXPECT_EQ(played_.state, PlayBinary(messages)->state);
  EXPECT_EQ(reader_->tracker().counts().sessions, 2);
}

TEST_F(ItchMoldReaderTest, ATruncatedCaptureIsPlayedToItsLastWholePacket) {
  Strings payloads = PacketsOf(Sample());
  payloads.resize(60);
  payloads.erase(payloads.begin() + 50);  // what follows is held until the end
  const std::string bytes = CaptureOf(payloads);
  const std::string damaged = bytes.substr(0, bytes.size() - 1);
  Play(damaged);
  EXPECT_EQ(played_.last, Next::kFailed);
  EXPECT_THAT(Message(), StartsWith(file_->path() + ": at byte "));
  EXPECT_THAT(Message(), HasSubstr(", after 58 packets: truncated"));
  EXPECT_EQ(reader_->tracker().gaps().gaps(), 1);
  EXPECT_EQ(played_.times.size(), 3u * (58 - 1));  // a heartbeat
  EXPECT_EQ(Bad(), 1);
  int64_t event_ns = 0;
  EXPECT_EQ(reader_->Peek(0, &event_ns), Next::kFailed);
  EXPECT_EQ(Bad(), 1);

  Play(Gzipped(damaged));
  EXPECT_THAT(Message(),
              StartsWith(file_->path() + ": decompressed data at byte "));
  const std::string gzipped = Gzipped(bytes);
  Play(gzipped.substr(0, gzipped.size() - 1));
  EXPECT_EQ(played_.last, Next::kFailed);
  EXPECT_THAT(Message(), HasSubstr("truncated: the compressed data"));
}

TEST_F(ItchMoldReaderTest, MessagesThatAreNoneAreLeftOut) {
  Strings messages = Sample();
  messages.resize(50);
  std::string late = messages[10];
  late[5] = '\x7F';  // its time
  std::string add;
  itch::Append(itch::AddOrder{.head = {1, 0, 1}, .ref = 1, .shares = 1}, &add);
  add = add.substr(2);
  add[19] = 'x';  // its side
  Strings with = messages;
  for (const std::string& bad :
       {std::string("z") + std::string(20, '\0'), std::string(),
        std::string("A"), messages[10] + "x", late, add}) {
    with.insert(with.begin() + 20, bad);
  }
  Play(CaptureOf(PacketsOf(with)));
  EXPECT_EQ(played_.last, Next::kEnd);
  EXPECT_EQ(reader_->left_out(), 6);
  EXPECT_EQ(Bad(), 6);
  EXPECT_EQ(played_.state, PlayBinary(messages)->state);
  EXPECT_EQ(Message(), file_->path() +
                           ": 6 messages were left out, the first: message "
                           "21: message 'A' has side 'x', want B or S");
}

TEST_F(ItchMoldReaderTest, WhatIsNoSuchCaptureIsDamaged) {
  Play("");
  EXPECT_EQ(played_.last, Next::kFailed);
  EXPECT_THAT(Message(), EndsWith(": is empty"));
  Play("time,bid,ask");
  EXPECT_EQ(played_.last, Next::kFailed);
  EXPECT_THAT(Message(), HasSubstr("at byte 0, after 0 packets: neither"));
  CaptureWriter writer;
  Play(writer.bytes());
  EXPECT_THAT(Message(), EndsWith(": holds no MoldUDP64 packet: no packet"));
  writer.Add(kCapturedNs, packets::MakeEthernet(0x0806, "who has?"));
  writer.Add(kCapturedNs, MakeFrame(Flow(), "hello"));
  Play(writer.bytes());
  EXPECT_EQ(played_.last, Next::kFailed);
  EXPECT_THAT(Message(),
              EndsWith(": holds no MoldUDP64 packet: 2 packets: 1 UDP, 1 not "
                       "IP; of the first one of UDP: 5 bytes, the header "
                       "alone has 20"));
}

TEST_F(ItchMoldReaderTest, APipeThatWaitsIsAskedAgain) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Strings messages = Sample();
  const std::string first = MakeMold("S", 1, {messages[0]});
  const std::string bytes = CaptureOf({first, MakeMold("S", 2, {messages[1]})});
  ItchMoldReader reader(std::make_unique<ByteSource>(ends[0], "pipe"),
                        played_.handler, played_.market.counters, kMidnightNs);
  int64_t event_ns = 0;
  size_t records = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting) << i;
    ASSERT_EQ(write(ends[1], bytes.data() + i, 1), 1);
    // The last byte of the first packet brings its message, and no later one.
    if (reader.Peek(0, &event_ns) == Next::kRecord) {
      ++records;
      reader.Apply();
      EXPECT_EQ(i + 1, records == 1 ? CaptureOf({first}).size() : bytes.size());
    }
  }
  EXPECT_EQ(records, 2u);
  close(ends[1]);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kEnd);
}

TEST_F(ItchMoldReaderTest, OtherTrafficDoesNotKeepTheFeedBusy) {
  CaptureWriter writer;
  const std::string frame = packets::MakeEthernet(0x0806, "who has?");
  for (int i = 0; i < 9000; ++i) writer.Add(kCapturedNs, frame);
  writer.Add(kCapturedNs, MakeFrame(Flow(), MakeMold("S", 1, {Sample()[0]})));
  const TemporaryFile file("a.pcap", writer.bytes());
  ItchMoldReader reader(OpenFile(file.path()), played_.handler,
                        played_.market.counters, kMidnightNs);
  int64_t event_ns = 0;
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kRecord);
}

}  // namespace
}  // namespace streamhub
