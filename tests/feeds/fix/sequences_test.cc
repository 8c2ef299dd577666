#include "feeds/fix/sequences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace streamhub::fix {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using Verdict = Sequences::Verdict;

class FixSequencesTest : public testing::Test {
 protected:
  Verdict Give(uint64_t seq, bool poss_dup = false,
               std::string_view type = "X") {
    Message m;
    m.type = type;
    m.sender = "A";
    m.target = "B";
    m.seq = seq;
    m.poss_dup = poss_dup;
    return Give(m);
  }
  Verdict Give(const Message& m) {
    ++place_.offset;
    return sequences_.On(m, place_);
  }
  Verdict Reset(uint64_t seq, uint64_t to, bool gap_fill,
                bool poss_dup = false) {
    Message m;
    m.type = kSequenceReset;
    m.sender = "A";
    m.target = "B";
    m.seq = seq;
    m.new_seq = to;
    m.gap_fill = gap_fill;
    m.poss_dup = poss_dup;
    return Give(m);
  }
  Verdict Appl(uint64_t seq, bool resend = false) {
    Message m;
    m.type = "X";
    m.appl_id = "APP";
    m.appl_seq = seq;
    m.appl_resend = resend;
    return Give(m);
  }
  std::vector<std::pair<uint64_t, uint64_t>> Gaps() const {
    std::vector<std::pair<uint64_t, uint64_t>> all;
    for (const Gap& gap : sequences_.gaps()) {
      all.emplace_back(gap.first, gap.last);
    }
    return all;
  }

  Sequences sequences_;
  Place place_;
};

TEST_F(FixSequencesTest, TheFirstNumberBeginsAndGapsHaveTheirRange) {
  EXPECT_EQ(Give(5), Verdict::kUse);
  EXPECT_EQ(Give(6), Verdict::kUse);
  EXPECT_THAT(Gaps(), IsEmpty());
  EXPECT_EQ(Give(8), Verdict::kUse);
  EXPECT_EQ(Give(12), Verdict::kUse);
  EXPECT_EQ(Give(13), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(7, 7), Pair(9, 11)));
  EXPECT_EQ(sequences_.gaps()[1].place.offset, 4u);
  EXPECT_EQ(sequences_.name(sequences_.gaps()[0].stream), "A>B");
}

TEST_F(FixSequencesTest, RepeatsAreDropped) {
  Give(1);
  Give(2);
  EXPECT_EQ(Give(2, true), Verdict::kRepeat);
  EXPECT_EQ(Give(1, true), Verdict::kRepeat);
  EXPECT_EQ(Give(3, true), Verdict::kUse);
  EXPECT_EQ(sequences_.repeats(), 2);
  EXPECT_EQ(Give(2), Verdict::kTooLow);
  EXPECT_EQ(sequences_.too_low(), 1);
  EXPECT_EQ(Give(4), Verdict::kUse);
  EXPECT_THAT(Gaps(), IsEmpty());
}

TEST_F(FixSequencesTest, ALateMessageFillsItsGap) {
  Give(1);
  Give(10);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(2, 9)));
  EXPECT_EQ(Give(5, true), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(2, 4), Pair(6, 9)));
  EXPECT_EQ(Give(2, true), Verdict::kUse);
  EXPECT_EQ(Give(9, true), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(3, 4), Pair(6, 8)));
  EXPECT_EQ(Give(5, true), Verdict::kRepeat);
  for (const uint64_t seq : {3, 4, 6, 7, 8}) {
    EXPECT_EQ(Give(seq, true), Verdict::kUse) << seq;
  }
  EXPECT_THAT(Gaps(), IsEmpty());
  EXPECT_EQ(sequences_.filled(), 8);
  EXPECT_EQ(Give(11), Verdict::kUse);
}

TEST_F(FixSequencesTest, ALogonMayBeginAnew) {
  Give(1);
  Give(9);
  Message logon;
  logon.type = kLogon;
  logon.sender = "A";
  logon.target = "B";
  logon.seq = 4;
  logon.reset_seq = true;
  EXPECT_EQ(Give(logon), Verdict::kUse);
  EXPECT_EQ(Give(5), Verdict::kUse);
  EXPECT_EQ(sequences_.restarts(), 1);
  // What is missing of the former run cannot be filled any more.
  EXPECT_EQ(Give(3, true), Verdict::kRepeat);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(2, 8)));
  // Without the flag, too, if its number came before.
  EXPECT_EQ(Give(2, false, kLogon), Verdict::kUse);
  EXPECT_EQ(Give(3), Verdict::kUse);
  // And any message of number 1.
  EXPECT_EQ(Give(1), Verdict::kUse);
  EXPECT_EQ(Give(2), Verdict::kUse);
  EXPECT_EQ(sequences_.restarts(), 3);
  // A logon that goes on makes gaps like others.
  EXPECT_EQ(Give(5, false, kLogon), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(2, 8), Pair(3, 4)));
}

TEST_F(FixSequencesTest, AGapFillLeavesNothingMissing) {
  Give(1);
  EXPECT_EQ(Reset(2, 6, true), Verdict::kUse);
  EXPECT_EQ(Give(6), Verdict::kUse);
  EXPECT_THAT(Gaps(), IsEmpty());
  // Late, in answer to a request.
  Give(20);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(7, 19)));
  Reset(7, 10, true, true);
  Give(10, true);
  Reset(11, 20, true, true);
  EXPECT_THAT(Gaps(), IsEmpty());
  EXPECT_EQ(Give(21), Verdict::kUse);
  // It may itself show a gap.
  Reset(24, 30, true);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(22, 23)));
  EXPECT_EQ(Give(30), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(22, 23)));
  EXPECT_EQ(sequences_.too_low(), 0);
}

TEST_F(FixSequencesTest, AResetLosesWhatItLeavesOutAndNeverGoesBack) {
  Give(1);
  EXPECT_EQ(Reset(99, 5, false), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(2, 4)));
  EXPECT_EQ(Give(5), Verdict::kUse);
  Reset(1, 3, false);
  EXPECT_EQ(sequences_.too_low(), 1);
  EXPECT_EQ(Give(6), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(2, 4)));
}

TEST_F(FixSequencesTest, EachDirectionHasItsNumbers) {
  Message m;
  m.type = "0";
  const auto give = [&](std::string_view sender, std::string_view target,
                        uint64_t seq) {
    m.sender = sender;
    m.target = target;
    m.seq = seq;
    Give(m);
  };
  give("A", "B", 1);
  give("B", "A", 7);
  give("A", "BC", 3);
  give("A", "B", 2);
  give("B", "A", 8);
  EXPECT_THAT(Gaps(), IsEmpty());
  give("A", "BC", 5);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(4, 4)));
  EXPECT_EQ(sequences_.streams(), 3u);
  EXPECT_EQ(sequences_.name(sequences_.gaps()[0].stream), "A>BC");
  // Without a number there is nothing to miss.
  m.seq.reset();
  EXPECT_EQ(Give(m), Verdict::kUse);
}

TEST_F(FixSequencesTest, ApplicationNumbersMayBeShared) {
  Appl(82);
  Appl(83);
  EXPECT_EQ(Appl(83), Verdict::kUse);
  EXPECT_EQ(Appl(84), Verdict::kUse);
  EXPECT_EQ(sequences_.shared(), 1);
  EXPECT_THAT(Gaps(), IsEmpty());
  EXPECT_EQ(Appl(87), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(85, 86)));
  EXPECT_EQ(sequences_.name(sequences_.gaps()[0].stream), "APP");
  EXPECT_EQ(Appl(86, true), Verdict::kUse);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(85, 85)));
  EXPECT_EQ(Appl(87, true), Verdict::kRepeat);
  EXPECT_EQ(Appl(40, true), Verdict::kRepeat);
  EXPECT_EQ(Appl(1), Verdict::kUse);
  EXPECT_EQ(Appl(2), Verdict::kUse);
  EXPECT_EQ(sequences_.restarts(), 1);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(85, 85)));
}

TEST_F(FixSequencesTest, TheNumberBeforeIsWhatIsSaid) {
  Message m;
  m.type = "X";
  m.appl_id = "APP";
  m.appl_seq = 10;
  Give(m);
  // Sparse numbers.
  m.appl_seq = 20;
  m.appl_last_seq = 10;
  Give(m);
  EXPECT_THAT(Gaps(), IsEmpty());
  m.appl_seq = 40;
  m.appl_last_seq = 30;
  Give(m);
  EXPECT_THAT(Gaps(), ElementsAre(Pair(21, 30)));
}

TEST_F(FixSequencesTest, WhatIsKeptIsBounded) {
  const uint64_t gaps = Sequences::kGapsMax + 3;
  for (uint64_t i = 0; i <= gaps; ++i) Give(2 * i + 2);
  EXPECT_EQ(sequences_.gaps().size(), Sequences::kGapsMax);
  EXPECT_EQ(sequences_.gaps_untold(), 3);
  Message m;
  m.type = "0";
  m.seq = 1;
  for (size_t i = 0; i < Sequences::kStreamsMax + 5; ++i) {
    const std::string name = std::to_string(i);
    m.sender = name;
    EXPECT_EQ(Give(m), Verdict::kUse);
  }
  EXPECT_EQ(sequences_.streams(), Sequences::kStreamsMax);
}

}  // namespace
}  // namespace streamhub::fix
