// The ring between a feed and the recorder: whole messages, in order, each
// once, between two threads.

#include "feeds/recorder/word_ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

namespace streamhub {
namespace {

bool PutAll(WordRing& ring, uint64_t first, size_t words) {
  if (!ring.HasRoom(words)) return false;
  auto to = ring.Begin();
  for (size_t i = 0; i < words; ++i) to.Put(first + i);
  ring.End(to);
  return true;
}

TEST(WordRing, HasRoomForWhatWasAskedFor) {
  EXPECT_EQ(WordRing(100).capacity(), 128u);
  EXPECT_EQ(WordRing(128).capacity(), 128u);
}

TEST(WordRing, IsFullAtItsCapacityAndNotBefore) {
  WordRing ring(16);
  EXPECT_FALSE(ring.HasRoom(17));
  EXPECT_TRUE(PutAll(ring, 0, 10));
  EXPECT_FALSE(PutAll(ring, 0, 7));
  EXPECT_TRUE(PutAll(ring, 10, 6));
  EXPECT_FALSE(ring.HasRoom(1));
  EXPECT_EQ(ring.Readable(), 16u);
  ring.Take(1);
  EXPECT_TRUE(ring.HasRoom(1));
  EXPECT_FALSE(ring.HasRoom(2));
}

TEST(WordRing, WhatWasPutComesRoundItsEnd) {
  WordRing ring(16);
  uint64_t next = 0;
  uint64_t expected = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(PutAll(ring, next, 11));
    next += 11;
    ASSERT_EQ(ring.Readable(), 11u);
    for (size_t j = 0; j < 11; ++j) EXPECT_EQ(ring.At(j), expected++);
    ring.Take(11);
    EXPECT_EQ(ring.read(), ring.Published());
  }
}

TEST(WordRing, NothingIsSeenBeforeItIsWhole) {
  WordRing ring(16);
  auto to = ring.Begin();
  to.Put(1);
  EXPECT_EQ(ring.Readable(), 0u);
  to.Put(2);
  ring.End(to);
  EXPECT_EQ(ring.Readable(), 2u);
}

// Messages of 1 to 13 words, each of which begins with its length; a ring so
// small that it is full and empty all the time.
TEST(WordRing, TwoThreadsLoseAndTearNothing) {
  constexpr uint64_t kMessages = 200'000;
  WordRing ring(64);
  std::thread writer([&] {
    for (uint64_t i = 0; i < kMessages; ++i) {
      const size_t words = 1 + i % 13;
      while (!ring.HasRoom(words)) std::this_thread::yield();
      auto to = ring.Begin();
      to.Put(words | i << 8);
      for (size_t j = 1; j < words; ++j) to.Put(i * j);
      ring.End(to);
    }
  });
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < kMessages; ++i) {
    while (ring.Readable() == 0) std::this_thread::yield();
    const size_t words = ring.At(0) & 0xFF;
    if (words != 1 + i % 13 || ring.At(0) >> 8 != i) ++wrong;
    for (size_t j = 1; j < words; ++j) {
      if (ring.At(j) != i * j) ++wrong;
    }
    ring.Take(words);
  }
  writer.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(ring.Readable(), 0u);
}

}  // namespace
}  // namespace streamhub
