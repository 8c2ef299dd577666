#include "feeds/iex/sequence_tracker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "gateway/base/clock.h"

namespace streamhub::iex {
namespace {

using Counts = SequenceTracker::Counts;

constexpr uint32_t kSession = 100;
constexpr int64_t kStartNs = 1'493'132'598 * kSecond;

class SequenceTrackerTest : public testing::Test {
 protected:
  // Messages `first` to `last`, sent and made `at_ns` after the start. Returns
  // how many of them are new.
  int64_t Take(int64_t first, int64_t last, int64_t at_ns = 0,
               uint32_t session = kSession) {
    return TakeMade(first, last, at_ns, at_ns, session);
  }

  int64_t TakeMade(int64_t first, int64_t last, int64_t sent_ns,
                   int64_t made_ns, uint32_t session = kSession) {
    SegmentHead head;
    head.session = session;
    head.messages = static_cast<uint16_t>(last - first + 1);
    head.first_sequence = first;
    head.sent_ns = kStartNs + sent_ns;
    const auto arrival =
        tracker_.Take(head, kStartNs + made_ns, /*captured_ns=*/++captured_ns_);
    began_ = arrival.run_begins;
    return head.messages - static_cast<int64_t>(arrival.skip);
  }

  // A heartbeat that tells the next number.
  void Beat(int64_t next, int64_t at_ns = 0, uint32_t session = kSession) {
    EXPECT_EQ(Take(next, next - 1, at_ns, session), 0);
  }

  SequenceTracker tracker_;
  int64_t captured_ns_ = 0;
  bool began_ = false;
};

TEST_F(SequenceTrackerTest, FollowsOneRun) {
  Beat(1);
  EXPECT_TRUE(began_);
  EXPECT_EQ(Take(1, 3, 10), 3);
  EXPECT_FALSE(began_);
  EXPECT_EQ(Take(4, 4, 20), 1);
  Beat(5, 30);
  EXPECT_EQ(tracker_.counts(),
            (Counts{.segments = 4, .heartbeats = 2, .messages = 4, .runs = 1}));
  EXPECT_TRUE(tracker_.gaps().empty());
  EXPECT_EQ(
      tracker_.runs(),
      (std::vector<iex::Run>{{kSession, 0, 1, kStartNs, 5, kStartNs + 30}}));
}

TEST_F(SequenceTrackerTest, JoinsAStreamWithoutAGap) {
  EXPECT_EQ(Take(1000, 1001), 2);
  EXPECT_TRUE(tracker_.gaps().empty());
  EXPECT_EQ(tracker_.runs()[0].first_sequence, 1000);
}

TEST_F(SequenceTrackerTest, ReportsGapsWithTheirRange) {
  Take(1, 3);
  EXPECT_EQ(Take(6, 7), 2);
  Beat(11);
  EXPECT_EQ(Take(11, 12), 2);
  EXPECT_EQ(tracker_.gaps(),
            (std::vector<Gap>{{kSession, 4, 5, 2}, {kSession, 8, 10, 3}}));
  EXPECT_EQ(tracker_.counts(), (Counts{.segments = 4,
                                       .heartbeats = 1,
                                       .messages = 7,
                                       .runs = 1,
                                       .gaps = 2,
                                       .lost = 5}));
}

TEST_F(SequenceTrackerTest, LeavesOutWhatWasHad) {
  Take(1, 4);
  EXPECT_EQ(Take(1, 4), 0);
  EXPECT_EQ(Take(2, 3), 0);
  // The other line cuts the same messages into other segments.
  EXPECT_EQ(Take(3, 7), 3);
  EXPECT_EQ(Take(5, 7), 0);
  EXPECT_EQ(Take(8, 8), 1);
  EXPECT_EQ(tracker_.counts(), (Counts{.segments = 6,
                                       .messages = 8,
                                       .runs = 1,
                                       .duplicates = 4 + 2 + 2 + 3}));
}

TEST_F(SequenceTrackerTest, TellsLateMessagesFromCopies) {
  Take(1, 2);
  Take(6, 6);
  EXPECT_EQ(Take(3, 5), 0);
  EXPECT_EQ(Take(2, 6), 0);
  EXPECT_EQ(tracker_.counts().lost, 3);
  EXPECT_EQ(tracker_.counts().late, 3 + 3);
  EXPECT_EQ(tracker_.counts().duplicates, 2);
  EXPECT_EQ(tracker_.gaps().size(), 1u);
}

TEST_F(SequenceTrackerTest, AYoungerFirstMessageBeginsARun) {
  Take(1, 3, 0);
  Take(4, 5, 10);
  EXPECT_EQ(Take(1, 2, 11), 2);
  EXPECT_TRUE(began_);
  EXPECT_EQ(Take(3, 3, 12), 1);
  EXPECT_EQ(tracker_.runs(),
            (std::vector<iex::Run>{
                {kSession, 0, 1, kStartNs, 6, kStartNs + 10},
                {kSession, 2, 1, kStartNs + 11, 4, kStartNs + 12}}));
  EXPECT_TRUE(tracker_.gaps().empty());
}

// Of the other line, or on request: sent late, made when it was made.
TEST_F(SequenceTrackerTest, ACopyOfTheFirstMessagesBeginsNoRun) {
  TakeMade(1, 3, 0, 5);
  TakeMade(4, 5, 10, 6);
  EXPECT_EQ(TakeMade(1, 3, 60 * kSecond, 5), 0);
  EXPECT_FALSE(began_);
  EXPECT_EQ(tracker_.counts().runs, 1);
  EXPECT_EQ(tracker_.counts().duplicates, 3);
}

TEST_F(SequenceTrackerTest, AHeartbeatBeginsARunOnlyIfItIsASecondYounger) {
  Take(1, 5, 0);
  Beat(3, kSecond);  // of a line that lags, for all that is known
  EXPECT_FALSE(began_);
  Beat(1, kSecond + 1);
  EXPECT_TRUE(began_);
  EXPECT_EQ(Take(1, 2, 3 * kSecond), 2);
  EXPECT_TRUE(tracker_.gaps().empty());
  EXPECT_EQ(tracker_.counts().runs, 2);
}

TEST_F(SequenceTrackerTest, ARunWhoseBeginningWasLostHasAGap) {
  Take(1, 500, 0);
  EXPECT_EQ(Take(57, 58, kSecond), 0);
  EXPECT_FALSE(began_);
  EXPECT_EQ(Take(57, 58, kSecond + 1), 2);
  EXPECT_TRUE(began_);
  EXPECT_EQ(tracker_.gaps(), (std::vector<Gap>{{kSession, 1, 56, 3}}));
}

TEST_F(SequenceTrackerTest, AnotherSessionBeginsARun) {
  Take(1, 5, 0);
  EXPECT_EQ(Take(3, 4, 10, kSession + 1), 2);
  EXPECT_TRUE(began_);
  EXPECT_EQ(tracker_.gaps(), (std::vector<Gap>{{kSession + 1, 1, 2, 2}}));
  // What the other line still has of the session before.
  EXPECT_EQ(Take(6, 7, 5, kSession), 0);
  EXPECT_FALSE(began_);
  EXPECT_EQ(tracker_.counts().duplicates, 2);
  EXPECT_EQ(Take(5, 5, 11, kSession + 1), 1);
  EXPECT_EQ(tracker_.counts().runs, 2);
}

// Late and twice mean something within a run only.
TEST_F(SequenceTrackerTest, GapsOfAnEarlierRunDoNotMakeMessagesLate) {
  Take(1, 1, 0);
  Take(5, 5, 0);  // 2 to 4 are lost
  Take(1, 4, 10);
  Take(2, 4, 11);
  EXPECT_EQ(tracker_.counts().late, 0);
  EXPECT_EQ(tracker_.counts().duplicates, 3);
}

TEST_F(SequenceTrackerTest, KeepsABoundedNumberOfGapsAndRuns) {
  for (int i = 0; i < 1500; ++i) Take(1 + 2 * i, 1 + 2 * i, i);
  for (uint32_t i = 1; i < 1500; ++i) Take(1, 1, 1500 + i, kSession + i);
  EXPECT_EQ(tracker_.gaps().size(), SequenceTracker::kGapsKept);
  EXPECT_EQ(tracker_.gaps().back().first, 2000);
  EXPECT_EQ(tracker_.counts().gaps, 1499);
  EXPECT_EQ(tracker_.counts().lost, 1499);
  EXPECT_EQ(tracker_.runs().size(), SequenceTracker::kRunsKept);
  EXPECT_EQ(tracker_.runs().back().session, kSession + 999);
  EXPECT_EQ(tracker_.counts().runs, 1500);
}

TEST_F(SequenceTrackerTest, TimesBeyondAllBoundsAreNoHarm) {
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min() + kStartNs;
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max() - kStartNs;
  Take(1, 5, kFirst);
  Beat(1, kLast);
  EXPECT_TRUE(began_);
  Take(1, 5, kLast);
  Take(3, 3, kFirst);
  EXPECT_FALSE(began_);
  EXPECT_EQ(tracker_.counts().messages, 10);
}

// Two senders that each claim more than half of all numbers there are.
TEST_F(SequenceTrackerTest,
       WhatIsLostBeyondAllCountingStaysAtTheLargestNumber) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kFar = kMost / 4 * 3;
  for (const uint32_t session : {kSession, kSession + 1}) {
    const int64_t at_ns = session == kSession ? 0 : 10 * kSecond;
    Take(1, 1, at_ns, session);
    Take(kFar, kFar, at_ns + 1, session);
  }
  EXPECT_EQ(tracker_.counts().gaps, 2);
  EXPECT_EQ(tracker_.counts().lost, kMost);
}

}  // namespace
}  // namespace streamhub::iex
