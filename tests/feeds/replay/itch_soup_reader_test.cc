#include "feeds/replay/itch_soup_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "feeds/replay/itch_reader.h"
#include "tests/feeds/itch/sample_session.h"
#include "tests/feeds/replay/market_state.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/mold_writer.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::EndsWith;
using testing::StartsWith;
using Next = RecordReader::Next;

constexpr int64_t kMidnightNs = 1'704'171'600 * kSecond;

std::unique_ptr<ByteSource> OpenFile(const std::string& path) {
  auto source = ByteSource::Open(path);
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

// The sample session as its server sends it.
std::string SampleStream() {
  std::string bytes = MakeSoupLogin("SESSION", 1);
  size_t sent = 0;
  for (const std::string& message : MessagesOf(itch::MakeSampleSession())) {
    bytes += MakeSoup('S', message);
    if (++sent % 100 == 0) bytes += MakeSoup('H');
  }
  return bytes + MakeSoup('Z');
}

class ItchSoupReaderTest : public testing::Test {
 protected:
  Next Play(const std::string& bytes) {
    file_.emplace("a.soup", bytes);
    reader_ = std::make_unique<ItchSoupReader>(
        OpenFile(file_->path()), handler_, market_.counters, kMidnightNs);
    times_.clear();
    return PlayAll(*reader_, &times_);
  }
  std::string Message() const {
    return std::string(reader_->status().message());
  }
  int64_t Bad() const { return market_.counters.Get(Metric::kFeedMessagesBad); }

  std::optional<TemporaryFile> file_;
  TestMarket market_;
  itch::ItchHandler handler_{market_.publisher};
  std::unique_ptr<ItchSoupReader> reader_;
  std::vector<int64_t> times_;
};

TEST_F(ItchSoupReaderTest, PlaysWhatTheMessagesAlonePlay) {
  TestMarket want;
  itch::ItchHandler handler(want.publisher);
  const TemporaryFile file("a.itch50", itch::MakeSampleSession());
  ItchReader binary(OpenFile(file.path()), handler, want.counters, kMidnightNs);
  std::vector<int64_t> times;
  ASSERT_EQ(PlayAll(binary, &times), Next::kEnd);
  ASSERT_GT(times.size(), 2000u);

  EXPECT_EQ(Play(Gzipped(SampleStream())), Next::kEnd);
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(times_, times);
  EXPECT_EQ(StateOf(market_), StateOf(want));
  EXPECT_EQ(reader_->bytes_read(), reader_->bytes_total());
  EXPECT_EQ(reader_->stream().session(), "SESSION");
  EXPECT_EQ(reader_->stream().next_sequence(), times.size() + 1);
}

TEST_F(ItchSoupReaderTest, RepeatedMessagesArePlayedOnceAndLostOnesTold) {
  const auto m = MessagesOf(itch::MakeSampleSession());
  std::string bytes = MakeSoupLogin("S", 1);
  for (size_t i = 0; i < 20; ++i) bytes += MakeSoup('S', m[i]);
  bytes += MakeSoupLogin("S", 11);
  for (size_t i = 10; i < 30; ++i) bytes += MakeSoup('S', m[i]);
  bytes += MakeSoupLogin("S", 33);
  for (size_t i = 32; i < 40; ++i) bytes += MakeSoup('S', m[i]);
  EXPECT_EQ(Play(bytes), Next::kEnd);
  EXPECT_EQ(times_.size(), 38u);
  EXPECT_EQ(reader_->stream().repeated(), 10);
  EXPECT_EQ(Message(), file_->path() +
                           ": 2 messages are lost in 1 gap; the first is 31 "
                           "to 32 of session S");
}

TEST_F(ItchSoupReaderTest, MessagesThatAreNoneAreLeftOut) {
  const auto m = MessagesOf(itch::MakeSampleSession());
  std::string side = m[20];
  ASSERT_EQ(side[0], 'A');
  side[19] = 'x';
  EXPECT_EQ(Play(MakeSoupLogin("S", 1) + MakeSoup('S', m[0]) +
                 MakeSoup('S', "z") + MakeSoup('U', m[1]) + MakeSoup('S', "") +
                 MakeSoup('S', side) + MakeSoup('S', m[1])),
            Next::kEnd);
  EXPECT_EQ(reader_->left_out(), 3);
  EXPECT_EQ(Bad(), 3);
  EXPECT_EQ(Message(), file_->path() +
                           ": 3 messages were left out, the first: at byte 48: "
                           "no message type of ITCH 5.0: 'z'");
}

TEST_F(ItchSoupReaderTest, ADamagedStreamIsPlayedUntilThen) {
  const std::string bytes = SampleStream();
  EXPECT_EQ(Play(bytes.substr(0, bytes.size() - 4)), Next::kFailed);
  const size_t at = bytes.size() - 3 - 15;  // the last message has 12 bytes
  EXPECT_THAT(Message(), StartsWith(file_->path() + ": at byte " +
                                    std::to_string(at) + ": truncated"));
  EXPECT_EQ(times_.size(), MessagesOf(itch::MakeSampleSession()).size() - 1);
  EXPECT_EQ(Bad(), 1);
  EXPECT_EQ(Play(Gzipped(bytes.substr(0, bytes.size() - 4))), Next::kFailed);
  EXPECT_THAT(Message(),
              StartsWith(file_->path() + ": decompressed data at byte "));
}

TEST_F(ItchSoupReaderTest, WhatIsNoSuchStreamIsDamaged) {
  EXPECT_EQ(Play(""), Next::kFailed);
  EXPECT_THAT(Message(), EndsWith(": is empty"));
  EXPECT_EQ(Play("time,bid,ask"), Next::kFailed);
  EXPECT_THAT(Message(), EndsWith("server: type 0x6d"));
  EXPECT_EQ(Play(MakeSoupLogin("S", 1) + MakeSoup('Z')), Next::kFailed);
  EXPECT_THAT(Message(),
              EndsWith(": holds no sequenced message of SoupBinTCP"));
}

TEST_F(ItchSoupReaderTest, APipeThatWaitsIsAskedAgain) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const auto m = MessagesOf(itch::MakeSampleSession());
  const std::string bytes = MakeSoupLogin("S", 1) + MakeSoup('S', m[0]);
  ItchSoupReader reader(std::make_unique<ByteSource>(ends[0], "pipe"), handler_,
                        market_.counters, kMidnightNs);
  int64_t event_ns = 0;
  for (const char byte : bytes) {
    EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
    ASSERT_EQ(write(ends[1], &byte, 1), 1);
  }
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kRecord);
  reader.Apply();
  close(ends[1]);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kEnd);
}

TEST_F(ItchSoupReaderTest, HeartbeatsDoNotKeepTheFeedBusy) {
  std::string bytes = MakeSoupLogin("S", 1);
  for (int i = 0; i < 9000; ++i) bytes += MakeSoup('H');
  bytes += MakeSoup('S', MessagesOf(itch::MakeSampleSession())[0]);
  const TemporaryFile file("a.soup", bytes);
  ItchSoupReader reader(OpenFile(file.path()), handler_, market_.counters,
                        kMidnightNs);
  int64_t event_ns = 0;
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kWaiting);
  EXPECT_EQ(reader.Peek(0, &event_ns), Next::kRecord);
}

}  // namespace
}  // namespace streamhub
