#include "feeds/fix/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "feeds/fix/writer.h"
#include "gateway/base/clock.h"

namespace streamhub::fix {
namespace {

constexpr int64_t kSentNs = 1'399'248'000 * kSecond;  // 2014-05-05

// A message with a SendingTime, through bytes.
class FixDecoderTest : public testing::Test {
 protected:
  bool Decode(const Fields& fields, bool sent = true) {
    Fields body = {fields[0]};
    if (sent) body.emplace_back(52, "20140505-00:00:00");
    body.insert(body.end(), fields.begin() + 1, fields.end());
    bytes_.clear();
    AppendMessage(body, &bytes_);
    return decoder_.Decode({bytes_, kSoh, {}}, &message_);
  }
  std::string Fault(const Fields& fields) {
    return Decode(fields) ? "" : decoder_.fault();
  }

  std::string bytes_;
  Decoder decoder_;
  Message message_;
};

TEST_F(FixDecoderTest, TheHeader) {
  ASSERT_TRUE(Decode({{35, "0"},
                      {34, "17"},
                      {43, "Y"},
                      {49, "VENUE"},
                      {56, "US"},
                      {122, "20140504-00:00:00"},
                      {1180, "APP"},
                      {1181, "5"},
                      {1350, "4"},
                      {1352, "Y"}}))
      << decoder_.fault();
  EXPECT_EQ(message_.type, "0");
  EXPECT_EQ(message_.seq, 17u);
  EXPECT_TRUE(message_.poss_dup);
  EXPECT_EQ(message_.sender, "VENUE");
  EXPECT_EQ(message_.target, "US");
  EXPECT_EQ(message_.sending_ns, kSentNs);
  EXPECT_EQ(message_.orig_sending_ns, kSentNs - 86'400 * kSecond);
  EXPECT_EQ(message_.appl_id, "APP");
  EXPECT_EQ(message_.appl_seq, 5u);
  EXPECT_EQ(message_.appl_last_seq, 4u);
  EXPECT_TRUE(message_.appl_resend);
  // Nothing stays of the one before.
  ASSERT_TRUE(Decode({{35, "4"}, {123, "Y"}, {36, "9"}}));
  EXPECT_FALSE(message_.seq.has_value() || message_.poss_dup ||
               message_.appl_seq.has_value() || message_.appl_resend);
  EXPECT_TRUE(message_.gap_fill);
  EXPECT_EQ(message_.new_seq, 9u);
  ASSERT_TRUE(Decode({{35, "A"}, {141, "Y"}}));
  EXPECT_TRUE(message_.reset_seq);
}

TEST_F(FixDecoderTest, ASnapshot) {
  ASSERT_TRUE(Decode({{35, "W"},
                      {55, "EUR/USD"},
                      {48, "77"},
                      {60, "20140505-00:00:01"},
                      {1021, "1"},
                      {268, "2"},
                      {269, "0"},
                      {270, "1.5"},
                      {271, "100"},
                      {272, "20140505"},
                      {273, "01:00:00"},
                      {269, "1"},
                      {270, "1.6"},
                      {278, "id"}}))
      << decoder_.fault();
  EXPECT_EQ(message_.symbol, "EUR/USD");
  EXPECT_EQ(message_.security_id, "77");
  EXPECT_EQ(message_.transact_ns, kSentNs + kSecond);
  EXPECT_TRUE(message_.top_of_book);
  ASSERT_EQ(message_.entries.size(), 2u);
  const Entry& bid = message_.entries[0];
  EXPECT_EQ(bid.action, Action::kNew);
  EXPECT_EQ(bid.type, "0");
  EXPECT_EQ(bid.price, "1.5");
  EXPECT_EQ(bid.size, "100");
  EXPECT_EQ(bid.date_ns, kSentNs);
  EXPECT_EQ(bid.time_ns, 3600 * kSecond);
  EXPECT_EQ(bid.id, "");
  const Entry& ask = message_.entries[1];
  EXPECT_EQ(ask.type, "1");
  EXPECT_EQ(ask.price, "1.6");
  EXPECT_EQ(ask.size, "");
  EXPECT_EQ(ask.id, "id");
  EXPECT_FALSE(ask.time_ns.has_value());
}

TEST_F(FixDecoderTest, AnIncrementalRefresh) {
  ASSERT_TRUE(Decode({{35, "X"},
                      {268, "3"},
                      {279, "0"},
                      {269, "0"},
                      {55, "A"},
                      {270, "10"},
                      {1023, "3"},
                      {83, "12"},
                      {279, "2"},
                      {280, "old"},
                      {279, "5"},
                      {269, "2"},
                      {48, "77"},
                      {60, "20140505-00:00:02"},
                      {286, "4"},
                      {1003, "T1"},
                      {2446, "2"}}))
      << decoder_.fault();
  ASSERT_EQ(message_.entries.size(), 3u);
  EXPECT_EQ(message_.symbol, "");
  EXPECT_EQ(message_.entries[0].symbol, "A");
  EXPECT_EQ(message_.entries[0].level, 3);
  EXPECT_EQ(message_.entries[0].rpt_seq, "12");
  EXPECT_EQ(message_.entries[1].action, Action::kDelete);
  EXPECT_EQ(message_.entries[1].ref_id, "old");
  EXPECT_EQ(message_.entries[1].symbol, "");
  EXPECT_EQ(message_.entries[2].action, Action::kOverlay);
  EXPECT_EQ(message_.entries[2].security_id, "77");
  EXPECT_EQ(message_.entries[2].transact_ns, kSentNs + 2 * kSecond);
  EXPECT_EQ(message_.entries[2].flag, "4");
  EXPECT_EQ(message_.entries[2].trade_id, "T1");
  EXPECT_EQ(message_.entries[2].aggressor, '2');
  EXPECT_FALSE(message_.transact_ns.has_value());
}

TEST_F(FixDecoderTest, StatusMessages) {
  ASSERT_TRUE(Decode({{35, "f"}, {55, "A"}, {326, "17"}}));
  EXPECT_EQ(message_.trading_status, 17);
  ASSERT_TRUE(Decode({{35, "h"}, {336, "MD"}, {340, "2"}}));
  EXPECT_EQ(message_.session_status, 2);
  EXPECT_FALSE(message_.trading_status.has_value());
  // Of a request the group has other fields.
  EXPECT_TRUE(Decode({{35, "V"}, {267, "2"}, {269, "0"}, {269, "1"}}));
  EXPECT_TRUE(message_.entries.empty());
}

TEST_F(FixDecoderTest, ZeroEntriesAreAnEmptyGroup) {
  ASSERT_TRUE(Decode({{35, "W"}, {55, "A"}, {268, "0"}}));
  EXPECT_TRUE(message_.entries.empty());
  EXPECT_EQ(message_.symbol, "A");
}

TEST_F(FixDecoderTest, CodesOfInstruments) {
  EXPECT_EQ(CodeOf("A", "77"), "A");
  EXPECT_EQ(CodeOf("", "77"), "77");
  EXPECT_EQ(CodeOf("[N/A]", "77"), "77");
  EXPECT_EQ(CodeOf("[N/A]", ""), "[N/A]");
  EXPECT_EQ(CodeOf("", ""), "");
}

TEST_F(FixDecoderTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(Fault({{35, "0"}, {34, "x"}}), "MsgSeqNum(34) 'x' is no number");
  EXPECT_EQ(Fault({{35, "0"}, {43, "y"}}),
            "PossDupFlag(43) 'y' is neither Y nor N");
  EXPECT_EQ(Fault({{35, "0"}, {52, "today"}}),
            "SendingTime(52) 'today' is no UTC time");
  EXPECT_EQ(Fault({{35, "f"}, {326, "10000"}}),
            "SecurityTradingStatus(326) '10000' is no number up to 9999");
  EXPECT_EQ(Fault({{35, "W"}, {268, "1"}, {269, "0"}, {270, "1e5"}}),
            "MDEntryPx(270) '1e5' is no decimal");
  EXPECT_EQ(Fault({{35, "W"}, {268, "1"}, {269, "0"}, {271, "many"}}),
            "MDEntrySize(271) 'many' is no decimal");
  EXPECT_EQ(Fault({{35, "W"}, {268, "1"}, {269, "0"}, {272, "20140230"}}),
            "MDEntryDate(272) '20140230' is no date");
  EXPECT_EQ(Fault({{35, "W"}, {268, "1"}, {269, "0"}, {273, "7:00"}}),
            "MDEntryTime(273) '7:00' is no time of day");
  EXPECT_EQ(Fault({{35, "W"}, {268, "1"}, {269, "0"}, {1023, "0"}}),
            "MDPriceLevel(1023) '0' is no level");
  EXPECT_EQ(Fault({{35, "X"}, {268, "1"}, {279, "6"}}),
            "MDUpdateAction(279) '6' is none of 0 to 5");
  EXPECT_EQ(Fault({{35, "X"}, {268, "x"}}),
            "NoMDEntries(268) 'x' is no number");
  EXPECT_EQ(Fault({{35, "X"}, {268, "0"}, {268, "0"}}),
            "NoMDEntries(268) '0' comes twice");
  EXPECT_EQ(Fault({{35, "X"}, {268, "1"}, {269, "0"}}),
            "the group NoMDEntries(268) begins with tag 269, want 279");
  EXPECT_EQ(Fault({{35, "W"}, {268, "2"}, {269, "0"}, {270, "1"}}),
            "NoMDEntries(268) is 2, and there are 1");
  EXPECT_EQ(Fault({{35, "W"}, {268, "1"}, {269, "0"}, {269, "1"}}),
            "NoMDEntries(268) is 1, and there are 2");
  EXPECT_EQ(Fault({{35, "W"}, {55, "A"}}), "NoMDEntries(268) is missing");
  EXPECT_EQ(Fault({{35, "0"}, {58, ""}}), "a field without a value");
  EXPECT_FALSE(Decode({{35, "0"}, {34, "3"}}, /*sent=*/false));
  EXPECT_EQ(decoder_.fault(), "SendingTime(52) is missing");
  // What was found before it is there.
  EXPECT_EQ(message_.seq, 3u);
  // Fit to be logged.
  EXPECT_EQ(Fault({{35, "0"}, {34, "a\n\xFF"}}),
            "MsgSeqNum(34) 'a?\?' is no number");
}

}  // namespace
}  // namespace streamhub::fix
