#include "feeds/replay/fix_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "feeds/fix/writer.h"
#include "gateway/base/clock.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr int64_t kStartNs = 1'399'248'000 * kSecond;  // 2014-05-05

// A message of the session, `second` seconds after the start.
std::string Make(int seq, int second, std::string type, fix::Fields more = {},
                 char separator = fix::kSoh) {
  char time[48];
  std::snprintf(time, sizeof time, "20140505-00:%02d:%02d", second / 60,
                second % 60);
  fix::Fields body = {{35, std::move(type)},
                      {34, std::to_string(seq)},
                      {49, "VENUE"},
                      {52, time},
                      {56, "US"}};
  body.insert(body.end(), more.begin(), more.end());
  std::string out;
  fix::AppendMessage(body, &out, separator);
  return out;
}

// The bid of A, by price alone.
std::string Bid(int seq, int second, std::string price, fix::Fields head = {}) {
  for (auto& field :
       fix::Fields{{268, "1"}, {279, "1"}, {269, "0"}, {55, "A"}}) {
    head.push_back(std::move(field));
  }
  head.emplace_back(270, std::move(price));
  return Make(seq, second, "X", std::move(head));
}

class FixReaderTest : public testing::Test {
 protected:
  void Open(std::string_view bytes, std::string_view decimals = "",
            fix::Check check = fix::Check::kStrict) {
    file_ = std::make_unique<TemporaryFile>("log", bytes);
    auto source = ByteSource::Open(file_->path());
    ASSERT_TRUE(source.ok()) << source.status();
    handler_ = std::make_unique<fix::FixHandler>(
        market_.publisher, *csv::DecimalsFinder::Create(decimals));
    reader_ = std::make_unique<FixReader>(*std::move(source), *handler_,
                                          market_.counters, check);
  }
  RecordReader::Next Peek() {
    for (;;) {
      const auto next = reader_->Peek(0, &event_ns_);
      if (next != RecordReader::Next::kWaiting) return next;
    }
  }
  // How many records there are; the last Peek() is in next_.
  int PlayAll() {
    int count = 0;
    while ((next_ = Peek()) == RecordReader::Next::kRecord) {
      reader_->Apply();
      ++count;
    }
    return count;
  }
  int64_t Value(FieldId field) { return market_.Value(0, field); }
  std::string Status() { return std::string(reader_->status().message()); }

  TestMarket market_;
  std::unique_ptr<TemporaryFile> file_;
  std::unique_ptr<fix::FixHandler> handler_;
  std::unique_ptr<FixReader> reader_;
  RecordReader::Next next_ = RecordReader::Next::kWaiting;
  int64_t event_ns_ = 0;
};

TEST_F(FixReaderTest, EveryMessageIsARecordAtItsSendingTime) {
  Open(Make(1, 0, "A") + Bid(2, 5, "1.25") + Make(3, 6, "0"));
  ASSERT_EQ(Peek(), RecordReader::Next::kRecord);
  EXPECT_EQ(event_ns_, kStartNs);
  ASSERT_EQ(Peek(), RecordReader::Next::kRecord);
  reader_->Apply();
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  ASSERT_EQ(Peek(), RecordReader::Next::kRecord);
  EXPECT_EQ(event_ns_, kStartNs + 5 * kSecond);
  reader_->Apply();
  EXPECT_EQ(Value(FieldId::kBid), 125);
  ASSERT_EQ(Peek(), RecordReader::Next::kRecord);
  EXPECT_EQ(event_ns_, kStartNs + 6 * kSecond);
  reader_->Apply();
  EXPECT_EQ(Peek(), RecordReader::Next::kEnd);
  EXPECT_EQ(reader_->status(), absl::OkStatus());
  EXPECT_EQ(reader_->bytes_read(), reader_->bytes_total());
}

TEST_F(FixReaderTest, CompressedLogLinesWithBars) {
  std::string log;
  for (int i = 1; i <= 200; ++i) {
    log += "00:00:00 : " + Make(i, i, "0", {}, '|') + "\n";
  }
  Open(Gzipped(log));
  EXPECT_EQ(PlayAll(), 200);
  EXPECT_EQ(next_, RecordReader::Next::kEnd);
  EXPECT_EQ(Status(), "");
}

TEST_F(FixReaderTest, TheFirstMessagesSayTheDecimals) {
  Open(Bid(1, 1, "1.5") + Bid(2, 2, "1.37561") + Bid(3, 3, "1.37562"));
  EXPECT_EQ(PlayAll(), 3);
  EXPECT_EQ(market_.market.symbols().Get(0).price_decimals, 5);
  EXPECT_EQ(Value(FieldId::kBid), 137'562);
  EXPECT_EQ(Status(), "");
}

TEST_F(FixReaderTest, TheSurveyEndsWhereItIsSaid) {
  std::string log;
  for (size_t i = 0; i < FixReader::kSurveyMessages; ++i) {
    log += Bid(static_cast<int>(i) + 1, 1, "1.5");
  }
  const int next = static_cast<int>(FixReader::kSurveyMessages) + 1;
  log += Bid(next, 2, "1.25") + Bid(next + 1, 3, "1.5");
  Open(log);
  EXPECT_EQ(PlayAll(), next + 1);
  EXPECT_EQ(reader_->entries_left_out(), 1);
  EXPECT_EQ(next_, RecordReader::Next::kFailed);
  EXPECT_THAT(Status(),
              AllOf(HasSubstr("MDEntryPx(270) '1.25' of A has more than the 1 "
                              "decimals of the symbol; 1 entries were left "
                              "out"),
                    Not(HasSubstr("messages"))));
}

TEST_F(FixReaderTest, GarbledMessagesAreLeftOutAndMakeGaps) {
  std::string bad = Bid(2, 2, "1.99");
  bad[bad.size() - 2] ^= 1;
  Open(Bid(1, 1, "1.25") + "\n" + bad + "\n" + Bid(3, 3, "1.26") + "\n" +
       Bid(7, 4, "1.27") + "\n");
  EXPECT_EQ(PlayAll(), 3);
  EXPECT_EQ(next_, RecordReader::Next::kFailed);
  EXPECT_EQ(reader_->left_out(), 1);
  EXPECT_EQ(market_.counters.Get(Metric::kFeedMessagesBad), 1);
  EXPECT_EQ(Value(FieldId::kBid), 127);
  ASSERT_EQ(reader_->sequences().gaps().size(), 2u);
  EXPECT_THAT(
      Status(),
      AllOf(HasSubstr(": line 2, byte " +
                      std::to_string(Bid(1, 1, "1.25").size() + 1) +
                      ": CheckSum(10) is "),
            HasSubstr("; 1 of 4 messages were left out; missing: 2, 4-6")));
}

TEST_F(FixReaderTest, RepeatsAreDroppedAndLateOnesPlayed) {
  Open(Bid(1, 1, "1.25") + Bid(4, 2, "1.28") + Bid(1, 3, "1.20", {{43, "Y"}}) +
       Bid(2, 4, "1.26", {{43, "Y"}}) + Bid(3, 5, "1.27", {{43, "Y"}}) +
       Bid(3, 6, "1.21", {{43, "Y"}}));
  EXPECT_EQ(PlayAll(), 4);
  EXPECT_EQ(Value(FieldId::kBid), 127);
  EXPECT_EQ(reader_->sequences().repeats(), 2);
  EXPECT_EQ(reader_->sequences().filled(), 2);
  EXPECT_EQ(Status(), "");
}

TEST_F(FixReaderTest, NumbersThatCameBeforeAreLeftOut) {
  Open(Make(5, 1, "0") + Make(6, 2, "0") + Bid(5, 3, "1.25") + Make(7, 4, "0"));
  EXPECT_EQ(PlayAll(), 3);
  EXPECT_EQ(market_.market.symbols().size(), 0u);
  EXPECT_THAT(Status(), HasSubstr("MsgSeqNum(34) 5 came before, and "
                                  "PossDupFlag(43) does not say so; 1 of 4"));
}

TEST_F(FixReaderTest, WhatCannotBeReadHasUsedUpItsNumber) {
  Open(Make(1, 1, "0") + Bid(2, 2, "much") + Make(3, 3, "0"));
  EXPECT_EQ(PlayAll(), 2);
  EXPECT_TRUE(reader_->sequences().gaps().empty());
  EXPECT_THAT(Status(), HasSubstr("MDEntryPx(270) 'much' is no decimal"));
}

TEST_F(FixReaderTest, LeniencyIsAskedFor) {
  std::string message = Bid(1, 1, "1.25");
  message.replace(message.find("VENUE"), 5, "X");
  Open(message);
  EXPECT_EQ(PlayAll(), 0);
  EXPECT_EQ(next_, RecordReader::Next::kFailed);
  EXPECT_THAT(Status(), HasSubstr("1 of 1 messages were left out"));
  Open(message, "", fix::Check::kLenient);
  EXPECT_EQ(PlayAll(), 1);
  EXPECT_EQ(Status(), "");
  EXPECT_EQ(Value(FieldId::kBid), 125);
}

TEST_F(FixReaderTest, FilesThatAreNone) {
  Open("");
  EXPECT_EQ(PlayAll(), 0);
  EXPECT_THAT(Status(), HasSubstr(": is empty"));
  Open(std::string(3'000'000, 'x'));
  EXPECT_EQ(PlayAll(), 0);
  EXPECT_EQ(next_, RecordReader::Next::kFailed);
  EXPECT_THAT(Status(), HasSubstr(": has no FIX message"));
  Open(Gzipped(Make(1, 1, "0")).substr(0, 30));
  EXPECT_EQ(PlayAll(), 0);
  EXPECT_EQ(next_, RecordReader::Next::kFailed);
  EXPECT_FALSE(reader_->status().ok());
}

TEST_F(FixReaderTest, RubbishLeavesTheFeedItsTurns) {
  Open(std::string(8'000'000, 'x'), "2/0");
  int turns = 0;
  while (reader_->Peek(0, &event_ns_) == RecordReader::Next::kWaiting) ++turns;
  EXPECT_GT(turns, 0);
  // Of messages that are left out, too.
  std::string log = Make(1, 1, "0");
  for (int i = 0; i < 5000; ++i) log += Make(1, 1, "0", {{43, "Y"}});
  Open(log, "2/0");
  EXPECT_EQ(Peek(), RecordReader::Next::kRecord);
  reader_->Apply();
  EXPECT_EQ(reader_->Peek(0, &event_ns_), RecordReader::Next::kWaiting);
  EXPECT_EQ(PlayAll(), 0);
  EXPECT_EQ(reader_->sequences().repeats(), 5000);
}

TEST_F(FixReaderTest, TheSessionRolls) {
  Open(Make(1, 1, "X",
            {{268, "1"}, {279, "0"}, {269, "2"}, {55, "A"}, {270, "10"}}));
  EXPECT_EQ(PlayAll(), 1);
  handler_->RollDay(kStartNs + 9 * kSecond);
  EXPECT_EQ(Value(FieldId::kPrevClose), 10);
}

}  // namespace
}  // namespace streamhub
