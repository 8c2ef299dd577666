#include "gateway/market/topic_ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr uint64_t kFirst = 1'764'480'000'000'000;
constexpr size_t kPlenty = 1 << 20;

TopicMessages Read(const TopicRing& ring, uint64_t cursor,
                   size_t bytes_max = kPlenty) {
  TopicMessages out;
  ring.ReadSince(cursor, bytes_max, &out);
  return out;
}

// The data of them all, with what was lost.
std::string Brief(const TopicMessages& read) {
  std::string brief = std::to_string(read.lost) + ":";
  for (const auto& m : read.messages) brief += " " + std::string(m.data);
  if (read.more) brief += " ...";
  return brief;
}

TEST(TopicRing, NumbersMessagesFromTheFirst) {
  TopicRing ring(10, kFirst);
  EXPECT_EQ(ring.newest(), kFirst - 1);
  EXPECT_EQ(ring.Append("1", 5 * kMicrosecond), kFirst);
  EXPECT_EQ(ring.Append(R"({"a":"b"})", 7 * kMicrosecond + 1), kFirst + 1);
  EXPECT_EQ(ring.newest(), kFirst + 1);
  const TopicMessages read = Read(ring, kFirst - 1);
  ASSERT_EQ(read.messages.size(), 2u);
  EXPECT_EQ(read.messages[0].json,
            R"({"seq":1764480000000000,"time":5,"data":1})");
  EXPECT_EQ(read.messages[0].data, "1");
  EXPECT_EQ(read.messages[0].time_us, 5);
  EXPECT_EQ(read.messages[1].json,
            R"({"seq":1764480000000001,"time":7,"data":{"a":"b"}})");
  EXPECT_EQ(read.messages[1].data, R"({"a":"b"})");
  EXPECT_EQ(read.messages[1].seq, kFirst + 1);
  EXPECT_EQ(read.last, kFirst + 1);
  EXPECT_FALSE(read.more);
}

TEST(TopicRing, OfNothingThereIsNothingToRead) {
  TopicRing ring(10, kFirst);
  EXPECT_EQ(Brief(Read(ring, kFirst - 1)), "0:");
  EXPECT_EQ(Read(ring, kFirst - 1).last, kFirst - 1);
  ring.Append("1", 0);
  EXPECT_EQ(Brief(Read(ring, kFirst)), "0:");
  EXPECT_EQ(Read(ring, kFirst).last, kFirst);
}

TEST(TopicRing, TheOldestMakeRoomAndAreCounted) {
  TopicRing ring(3, kFirst);
  for (int i = 1; i <= 5; ++i) ring.Append(std::to_string(i), 0);
  EXPECT_EQ(Brief(Read(ring, kFirst - 1)), "2: 3 4 5");
  EXPECT_EQ(Brief(Read(ring, kFirst)), "1: 3 4 5");
  EXPECT_EQ(Brief(Read(ring, kFirst + 1)), "0: 3 4 5");
  EXPECT_EQ(Brief(Read(ring, kFirst + 3)), "0: 5");
}

TEST(TopicRing, WhatDoesNotFitIsReadNext) {
  TopicRing ring(10, kFirst);
  for (int i = 1; i <= 4; ++i) ring.Append(std::to_string(i), 0);
  const size_t size = Read(ring, kFirst - 1).messages[0].json.size();
  EXPECT_EQ(Brief(Read(ring, kFirst - 1, 2 * size)), "0: 1 2 ...");
  EXPECT_EQ(Read(ring, kFirst - 1, 2 * size).last, kFirst + 1);
  EXPECT_EQ(Brief(Read(ring, kFirst + 1, 2 * size)), "0: 3 4");
  EXPECT_EQ(Brief(Read(ring, kFirst - 1, 0)), "0: 1 ...") << "one at least";
}

TEST(TopicRing, HistoryBeginsBeforeTheNewest) {
  TopicRing ring(3, kFirst);
  EXPECT_EQ(ring.CursorBefore(0), kFirst - 1);
  EXPECT_EQ(ring.CursorBefore(5), kFirst - 1);
  for (int i = 1; i <= 5; ++i) ring.Append(std::to_string(i), 0);
  EXPECT_EQ(Brief(Read(ring, ring.CursorBefore(0))), "0:");
  EXPECT_EQ(Brief(Read(ring, ring.CursorBefore(2))), "0: 4 5");
  EXPECT_EQ(Brief(Read(ring, ring.CursorBefore(99))), "0: 3 4 5");
}

TEST(TopicRing, KnowsCursorsOfOtherRuns) {
  TopicRing ring(3, kFirst);
  EXPECT_TRUE(ring.IsOfThisRun(kFirst - 1)) << "before the first message";
  EXPECT_FALSE(ring.IsOfThisRun(kFirst)) << "it is still to come";
  for (int i = 1; i <= 5; ++i) ring.Append(std::to_string(i), 0);
  EXPECT_TRUE(ring.IsOfThisRun(kFirst)) << "not kept any more, but it was";
  EXPECT_TRUE(ring.IsOfThisRun(kFirst + 4));
  EXPECT_FALSE(ring.IsOfThisRun(kFirst + 5));
  EXPECT_FALSE(ring.IsOfThisRun(kFirst - 2));
  EXPECT_FALSE(ring.IsOfThisRun(0));
  EXPECT_FALSE(ring.IsOfThisRun(~uint64_t{0}));
}

TEST(TopicRing, ClampsHowManyItKeeps) {
  TopicRing none(0, kFirst);
  none.Append("1", 0);
  none.Append("2", 0);
  EXPECT_EQ(none.keeps(), 1u);
  EXPECT_EQ(Brief(Read(none, kFirst - 1)), "1: 2");
  EXPECT_EQ(TopicRing(~uint32_t{0}, kFirst).keeps(), TopicRing::kKeepsMax);
}

// Messages of all sizes, against a list of what was appended: what is kept is
// the newest, whole, and within both bounds.
TEST(TopicRing, KeepsTheNewestWithinItsBytes) {
  constexpr size_t kBytes = 3000;
  TopicRing ring(20, kFirst, kBytes);
  std::vector<std::string> all;
  uint64_t random = 1;
  for (int i = 0; i < 5000; ++i) {
    random = random * 6364136223846793005 + 1442695040888963407;
    // Now and then one that alone is more than all may be.
    const size_t size = random >> 33 & 255;
    const size_t data = i % 977 == 976 ? 2 * kBytes : 1 + size;
    all.push_back(std::string(data, static_cast<char>('0' + i % 10)));
    ASSERT_EQ(ring.Append(all.back(), i), kFirst + all.size() - 1);

    const TopicMessages read = Read(ring, kFirst - 1);
    ASSERT_FALSE(read.messages.empty());
    ASSERT_LE(read.messages.size(), 20u);
    ASSERT_EQ(read.lost + read.messages.size(), all.size());
    size_t bytes = 0;
    for (const auto& m : read.messages) {
      ASSERT_EQ(m.data, all[m.seq - kFirst]) << i;
      bytes += m.json.size();
    }
    ASSERT_EQ(read.messages.back().seq, kFirst + all.size() - 1);
    ASSERT_TRUE(bytes <= 2 * kBytes + 100 || read.messages.size() == 1) << i;
    // Those it gave up were not given up for nothing: most of the room is used,
    // as far as both bounds let it.
    if (i > 100 && i < 900 && read.messages.size() < 20) {
      ASSERT_GE(bytes, kBytes - 2 * 320) << i;
    }
  }
}

TEST(TopicRing, ThreadsAppendWhileOthersRead) {
  constexpr int kWriters = 2, kReaders = 2;
  constexpr uint64_t kEach = 20000;
  TopicRing ring(50, kFirst, 2000);
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&ring, w] {
      for (uint64_t i = 0; i < kEach; ++i) {
        ring.Append(std::to_string(i * kWriters + static_cast<uint64_t>(w)), 0);
      }
    });
  }
  for (int r = 0; r < kReaders; ++r) {
    threads.emplace_back([&ring] {
      uint64_t cursor = kFirst - 1, seen = 0, lost = 0;
      std::vector<int64_t> newest(kWriters, -1);
      TopicMessages read;
      while (cursor != kFirst + kWriters * kEach - 1) {
        ring.ReadSince(cursor, 300, &read);
        lost += read.lost;
        for (const auto& m : read.messages) {
          ASSERT_EQ(m.seq, cursor + 1 + read.lost +
                               static_cast<uint64_t>(&m - &read.messages[0]));
          const int64_t number = std::stoll(std::string(m.data));
          int64_t& last = newest[static_cast<size_t>(number % kWriters)];
          ASSERT_GT(number, last) << "of one writer, in order";
          last = number;
        }
        seen += read.messages.size();
        cursor = read.last;
      }
      EXPECT_EQ(seen + lost, kWriters * kEach);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace streamhub
