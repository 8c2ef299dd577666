#include "feeds/mold/session_tracker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/mold_writer.h"
#include "tests/support/packet_writer.h"

namespace streamhub::mold {
namespace {

using Window = SessionTracker::Window;
using Numbers = std::vector<uint64_t>;
using Gaps = std::vector<Gap>;

// Plays packets whose messages are their own numbers, and collects these.
class Line {
 public:
  explicit Line(const Window& window = {}) : tracker(window) {}

  // Messages `first` to `last`.
  Line& Data(uint64_t first, uint64_t last) {
    std::vector<std::string> messages;
    for (uint64_t i = first; i <= last; ++i) {
      messages.push_back(session + std::to_string(i));
    }
    return Send(MakeMold(session, first, messages));
  }
  Line& Data(uint64_t only) { return Data(only, only); }
  Line& Heartbeat(uint64_t next) {
    return Send(MakeMoldHeartbeat(session, next));
  }
  Line& End(uint64_t next) { return Send(MakeMoldEnd(session, next)); }
  Line& Finish() {
    tracker.Finish();
    Drain();
    return *this;
  }

  // The bytes are gone once their messages were given out.
  Line& Send(std::string payload) {
    Packet packet;
    EXPECT_EQ(Parse(packets::AsBytes(payload), &packet), Parsed::kPacket);
    tracker.Add(packet);
    Drain();
    std::fill(payload.begin(), payload.end(), '#');
    return *this;
  }

  const SessionTracker::Counts& counts() const { return tracker.counts(); }

  std::string session = "S";
  SessionTracker tracker;
  Numbers got;

 private:
  void Drain() {
    std::span<const uint8_t> message;
    while (tracker.Next(&message)) {
      const uint64_t number = tracker.sequence();
      EXPECT_EQ(
          std::string(message.begin(), message.end()),
          std::string(NameOf(tracker.session())) + std::to_string(number));
      EXPECT_EQ(tracker.next_sequence(), number + 1);
      got.push_back(number);
    }
  }
};

Numbers Range(uint64_t first, uint64_t last) {
  Numbers numbers;
  for (uint64_t i = first; i <= last; ++i) numbers.push_back(i);
  return numbers;
}

TEST(SessionTrackerTest, InOrder) {
  Line line;
  line.Heartbeat(1).Data(1, 3).Data(4).Heartbeat(5).Data(5, 9).End(10).Finish();
  EXPECT_EQ(line.got, Range(1, 9));
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
  EXPECT_EQ(line.counts(), (SessionTracker::Counts{.packets = 6,
                                                   .heartbeats = 2,
                                                   .ends_of_session = 1,
                                                   .sessions = 1,
                                                   .messages = 9}));
  EXPECT_TRUE(line.tracker.ended());
  EXPECT_EQ(line.tracker.next_sequence(), 10u);
  EXPECT_EQ(line.tracker.first_sequence(), 1u);
}

TEST(SessionTrackerTest, DuplicatesAreLeftOutAndCounted) {
  Line line;
  line.Data(1, 3).Data(1, 3).Data(2).Data(4).Data(4).Finish();
  EXPECT_EQ(line.got, Range(1, 4));
  EXPECT_EQ(line.counts().duplicates, 3);
  EXPECT_EQ(line.counts().reordered, 0);
}

TEST(SessionTrackerTest, APacketMayRepeatAPartOfOthers) {
  Line line;
  line.Data(1, 3).Data(2, 5).Data(8, 9).Data(5, 8).Finish();
  EXPECT_EQ(line.got, Range(1, 9));
  EXPECT_EQ(line.counts().duplicates, 0);
  EXPECT_EQ(line.counts().reordered, 1);
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
}

TEST(SessionTrackerTest, SwappedPacketsArePutInOrder) {
  Line line;
  line.Data(1).Data(4, 5).Data(2, 3);
  EXPECT_EQ(line.got, Range(1, 5));
  line.Data(7).Data(8).Data(10).Data(9).Data(6);
  EXPECT_EQ(line.got, Range(1, 10));
  EXPECT_EQ(line.counts().reordered, 3);
  line.Finish();
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
}

TEST(SessionTrackerTest, TheFirstPacketsMayBeSwapped) {
  Line line;
  line.Data(4, 6).Data(1, 3).Finish();
  EXPECT_EQ(line.got, Range(1, 6));
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
  EXPECT_EQ(line.counts().reordered, 1);
}

TEST(SessionTrackerTest, ADuplicateOfWhatIsHeldTakesNoPlace) {
  Line line({.packets = 10, .bytes = 12});
  line.Data(1).Data(3).Data(3).Data(3).Data(3);
  EXPECT_EQ(line.counts().duplicates, 3);
  EXPECT_EQ(line.got, Range(1, 1));  // one block of 4 bytes is held
  line.Data(2);
  EXPECT_EQ(line.got, Range(1, 3));
  // Two that begin alike, the longer one last.
  line.Data(5).Data(5, 6).Data(4).Finish();
  EXPECT_EQ(line.got, Range(1, 6));
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
}

TEST(SessionTrackerTest, AHeldPacketThatOthersMadeADuplicateIsOne) {
  Line line;
  line.Data(1).Data(4).Data(2, 5).Finish();
  EXPECT_EQ(line.got, Range(1, 5));
  EXPECT_EQ(line.counts().duplicates, 1);
}

TEST(SessionTrackerTest, AGapIsGivenUpAfterAWindowOfPackets) {
  Line line({.packets = 3});
  line.Data(1).Data(4).Data(5);
  EXPECT_EQ(line.got, Range(1, 1));
  line.Data(6);
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
  line.Data(7);  // the third after the one that told of the gap
  EXPECT_EQ(line.got, (Numbers{1, 4, 5, 6, 7}));
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 3}}));
  EXPECT_EQ(line.tracker.gaps().messages(), 2u);
}

TEST(SessionTrackerTest, WhatComesWithTheLastPacketOfTheWindowIsNotLost) {
  Line line({.packets = 3});
  line.Data(1).Data(4).Data(5).Data(6).Data(2, 3);
  EXPECT_EQ(line.got, Range(1, 6));
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
}

TEST(SessionTrackerTest, EachGapHasItsOwnWindow) {
  Line line({.packets = 3});
  // 2 is known to be missing by the second packet, 5 by the fourth.
  line.Data(1).Data(3).Data(4).Data(6).Data(7);
  EXPECT_EQ(line.got, (Numbers{1, 3, 4}));
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 2}}));
  line.Data(5);
  EXPECT_EQ(line.got, (Numbers{1, 3, 4, 5, 6, 7}));
  EXPECT_EQ(line.tracker.gaps().gaps(), 1);
}

TEST(SessionTrackerTest, AGapIsGivenUpWhenTooManyBytesAreHeld) {
  // A message "S9" is a block of 4 bytes.
  Line line({.packets = 1000, .bytes = 8});
  line.Data(1).Data(3).Data(4);
  EXPECT_EQ(line.got, Range(1, 1));
  line.Data(5);
  EXPECT_EQ(line.got, (Numbers{1, 3, 4, 5}));
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 2}}));
}

TEST(SessionTrackerTest, WithoutAWindowNothingIsWaitedFor) {
  Line line({.packets = 0});
  line.Data(1).Data(3);
  EXPECT_EQ(line.got, (Numbers{1, 3}));
  line.Data(2);
  EXPECT_EQ(line.got, (Numbers{1, 3}));
  EXPECT_EQ(line.counts().late, 1);
}

TEST(SessionTrackerTest, WhatComesAfterItWasGivenUpIsLate) {
  Line line({.packets = 1});
  line.Data(1).Data(4).Data(5).Data(2).Data(3).Data(4).Finish();
  EXPECT_EQ(line.got, (Numbers{1, 4, 5}));
  EXPECT_EQ(line.counts().late, 2);
  EXPECT_EQ(line.counts().duplicates, 1);
  EXPECT_EQ(line.counts().reordered, 0);
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 3}}));
}

TEST(SessionTrackerTest, TheEndGivesUpEveryGap) {
  Line line;
  line.Data(1).Data(3).Data(6, 7).Finish();
  EXPECT_EQ(line.got, (Numbers{1, 3, 6, 7}));
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 2}, {"S", 4, 5}}));
}

TEST(SessionTrackerTest, AHeartbeatTellsOfAGap) {
  Line line({.packets = 2});
  line.Data(1).Heartbeat(4).Heartbeat(4);
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
  line.Heartbeat(4);
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 3}}));
  line.Data(4);
  EXPECT_EQ(line.got, (Numbers{1, 4}));
  // A packet may be swapped with it, too.
  line.Heartbeat(6).Data(5).Finish();
  EXPECT_EQ(line.got, (Numbers{1, 4, 5}));
  EXPECT_EQ(line.counts().reordered, 1);
  EXPECT_EQ(line.tracker.gaps().gaps(), 1);
}

TEST(SessionTrackerTest, ANewerHeartbeatDoesNotMakeAGapYounger) {
  Line line({.packets = 2});
  line.Data(1).Heartbeat(3).Heartbeat(4).Heartbeat(5);
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 4}}));
}

TEST(SessionTrackerTest, TheEndOfTheSessionTellsOfAGap) {
  Line line;
  line.Data(1).End(3);
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
  line.Finish();
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 2}}));
}

TEST(SessionTrackerTest, ALateJoinIsNoGap) {
  Line line;
  line.Data(500, 501).Data(502).Data(499).Finish();
  EXPECT_EQ(line.got, Range(500, 502));
  EXPECT_EQ(line.tracker.first_sequence(), 500u);
  EXPECT_EQ(line.tracker.gaps().gaps(), 0);
  EXPECT_EQ(line.counts().duplicates, 0);
  EXPECT_EQ(line.counts().late, 1);
}

TEST(SessionTrackerTest, AMissingStartIsAGap) {
  Line line;
  line.Data(3).Finish();
  EXPECT_EQ(line.got, Range(3, 3));
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 1, 2}}));
}

TEST(SessionTrackerTest, ANewSessionStartsAnew) {
  Line line;
  line.Data(1, 5).Data(8);
  line.session = "T";
  // What is held of the one before comes first, then the new one's.
  line.Data(1, 2);
  EXPECT_EQ(line.got, (Numbers{1, 2, 3, 4, 5, 8, 1, 2}));
  EXPECT_EQ(NameOf(line.tracker.session()), "T");
  EXPECT_FALSE(line.tracker.ended());
  line.Data(4).Finish();
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 6, 7}, {"T", 3, 3}}));
  EXPECT_EQ(line.counts().sessions, 2);
  EXPECT_EQ(line.counts().duplicates, 0);
}

TEST(SessionTrackerTest, ANewSessionForgetsWhatWasAnnounced) {
  Line line({.packets = 2});
  line.Data(1).Heartbeat(100).End(100);
  line.session = "T";
  line.Data(1).Data(2).Data(3).Finish();
  EXPECT_EQ(line.got, (Numbers{1, 1, 2, 3}));
  EXPECT_EQ(line.tracker.gaps().kept(), (Gaps{{"S", 2, 99}}));
  EXPECT_FALSE(line.tracker.ended());
}

// Whatever happens to the packets on their way: what comes out is in order,
// and it and the gaps are all that was sent.
TEST(SessionTrackerTest, GivenOutOrLostAndNothingElse) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    Line line({.packets = 1 + random() % 5, .bytes = 20 + random() % 60});
    std::vector<std::pair<uint64_t, uint64_t>> sent;
    uint64_t next = 1;
    for (int i = 0; i < 40; ++i) {
      const uint64_t last = next + random() % 3;
      sent.emplace_back(next, last);
      next = last + 1;
    }
    for (size_t i = 0; i < sent.size(); ++i) {
      const auto dice = random() % 10;
      if (dice == 0) sent.erase(sent.begin() + static_cast<ptrdiff_t>(i));
      if (dice == 1) sent.push_back(sent[i % sent.size()]);
      if (dice < 4) {
        std::swap(sent[i % sent.size()],
                  sent[(i + 1 + random() % 7) % sent.size()]);
      }
    }
    for (const auto& [first, last] : sent) line.Data(first, last);
    line.End(next).Finish();
    EXPECT_TRUE(std::is_sorted(line.got.begin(), line.got.end()));
    Numbers all = line.got;
    for (const Gap& gap : line.tracker.gaps().kept()) {
      for (uint64_t i = gap.first; i <= gap.last; ++i) all.push_back(i);
    }
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all, Range(line.tracker.first_sequence(), next - 1)) << round;
  }
}

}  // namespace
}  // namespace streamhub::mold
