#include "gateway/codec/frame_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gateway/codec/json_writer.h"
#include "tests/support/stuck_writer.h"
#include "tests/support/test_market.h"

namespace streamhub {
namespace {

using Result = FrameCache::Result;

class FrameCacheTest : public ::testing::Test {
 protected:
  FrameCacheTest() : frames(home.market, home.counters), a(home.Add("A")) {
    BeginTurn();
  }

  void BeginTurn() { frames.BeginTurn(home.clock.WallNs()); }

  // An update of A as text; what came instead in brackets.
  std::string Update(uint64_t cursor, FieldMask fields,
                     QuietNote quiet = QuietNote::kNotQuiet) {
    switch (frames.UpdateSince(a, cursor, fields, quiet, writer, &frame)) {
      case Result::kBusy:
        return "[busy]";
      case Result::kNothing:
        return "[nothing]";
      case Result::kFrame:
        return std::string(frame.bytes);
    }
    return "";
  }

  int64_t Built() const { return home.counters.Get(Metric::kFramesBuilt); }

  static FieldMask Only(FieldId field) {
    return FieldMask{1} << QuoteLayout().PositionOf(field);
  }

  TestMarket home;
  FrameCache frames;
  JsonWriter writer{home.market};
  const SymbolId a;
  FrameCache::Frame frame{};
  const FieldMask bid = Only(FieldId::kBid), ask = Only(FieldId::kAsk);
};

TEST_F(FrameCacheTest, FromNothingIsASnapshot) {
  home.Tick(a, {{FieldId::kBid, 150}});
  EXPECT_EQ(Update(0, bid | ask),
            R"("A":{"v":2,"snapshot":true,"n":2,"t":1700000000000000,)"
            R"("quiet":false,"bid":1.50,"ask":null})");
  EXPECT_TRUE(frame.snapshot);
  EXPECT_EQ(frame.told, QuietNote::kNotQuiet);
  EXPECT_EQ(frame.version, 2u);
}

TEST_F(FrameCacheTest, FromTheFutureIsASnapshot) {
  home.Tick(a, {{FieldId::kBid, 150}});
  Update(3, bid);
  EXPECT_TRUE(frame.snapshot);
  Update(2, bid, QuietNote::kNone);
  EXPECT_FALSE(frame.snapshot);
}

TEST_F(FrameCacheTest, FromACursorIsWhatChangedSince) {
  home.Tick(a, {{FieldId::kBid, 150}});
  home.Tick(a, {{FieldId::kAsk, 160}});
  EXPECT_EQ(Update(1, bid | ask),
            R"("A":{"v":3,"n":3,"t":1700000000000000,"bid":1.50,"ask":1.60})");
  EXPECT_FALSE(frame.snapshot);
  EXPECT_EQ(Update(2, bid | ask),
            R"("A":{"v":3,"n":3,"t":1700000000000000,"ask":1.60})");
  EXPECT_EQ(Update(2, bid), "[nothing]");
  EXPECT_EQ(Update(3, bid | ask), "[nothing]");
}

TEST_F(FrameCacheTest, QuietIsToldWhereItIsNews) {
  home.Tick(a, {{FieldId::kBid, 150}});
  EXPECT_EQ(Update(2, bid, QuietNote::kNotQuiet), "[nothing]");
  EXPECT_EQ(Update(2, bid, QuietNote::kNone),
            R"("A":{"v":2,"n":2,"t":1700000000000000,"quiet":false})");
  home.clock.Advance(FeedInfo().quiet_after_ns + 1);
  BeginTurn();
  EXPECT_EQ(Update(2, bid, QuietNote::kNotQuiet),
            R"("A":{"v":2,"n":2,"t":1700000000000000,"quiet":true})");
  EXPECT_EQ(frame.told, QuietNote::kQuiet);
  EXPECT_EQ(Update(2, bid, QuietNote::kQuiet), "[nothing]");
  EXPECT_EQ(Update(1, bid, QuietNote::kQuiet),
            R"("A":{"v":2,"n":2,"t":1700000000000000,"bid":1.50})");
}

TEST_F(FrameCacheTest, WhatManyGetIsEncodedOnce) {
  home.Tick(a, {{FieldId::kBid, 150}, {FieldId::kAsk, 160}});
  const std::string first = Update(1, bid);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(Update(1, bid), first);
  EXPECT_EQ(Built(), 1);
  // Other fields were asked for, and the same changed.
  EXPECT_EQ(Update(1, bid | Only(FieldId::kLast)), first);
  EXPECT_EQ(Built(), 1);
}

TEST_F(FrameCacheTest, WhatDiffersIsEncodedForItself) {
  home.Tick(a, {{FieldId::kBid, 150}, {FieldId::kAsk, 160}});
  std::vector<std::string> all;
  for (int i = 0; i < 2; ++i) {  // the second time each is found again
    all = {Update(1, bid), Update(1, ask), Update(1, bid | ask), Update(0, bid),
           Update(1, bid, QuietNote::kNone)};
    EXPECT_EQ(Built(), 5);
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(FrameCacheTest, ATurnSeesOneStateOfASymbol) {
  home.Tick(a, {{FieldId::kBid, 150}});
  const std::string before = Update(1, bid);
  home.Tick(a, {{FieldId::kBid, 151}});
  EXPECT_EQ(Update(1, bid), before);
  EXPECT_EQ(frame.version, 2u);
  BeginTurn();
  EXPECT_EQ(Update(1, bid),
            R"("A":{"v":3,"n":3,"t":1700000000000000,"bid":1.51})");
  EXPECT_EQ(frame.version, 3u);
}

TEST_F(FrameCacheTest, ABusyWriterIsNotWaitedFor) {
  home.Tick(a, {{FieldId::kBid, 150}});
  StuckWriter::Enter(home.market.cache(), a);
  EXPECT_EQ(Update(1, bid), "[busy]");
  EXPECT_EQ(Update(0, bid), "[busy]");
  EXPECT_EQ(home.counters.Get(Metric::kReadsContended), 1);
  StuckWriter::Leave(home.market.cache(), a);
  // Not within the turn: who comes later gets what others got.
  EXPECT_EQ(Update(1, bid), "[busy]");
  BeginTurn();
  EXPECT_EQ(Update(1, bid),
            R"("A":{"v":2,"n":2,"t":1700000000000000,"bid":1.50})");
  EXPECT_EQ(Built(), 1);
}

TEST_F(FrameCacheTest, ASymbolThatIsDefinedLaterIsFound) {
  Update(0, bid);
  const SymbolId later = home.Add("LATER");
  EXPECT_EQ(frames.UpdateSince(later, 0, bid, QuietNote::kNone, writer, &frame),
            Result::kFrame);
  EXPECT_EQ(frame.bytes,
            R"("LATER":{"v":1,"snapshot":true,"n":1,"t":1700000000000000,)"
            R"("quiet":false,"bid":null})");
  EXPECT_TRUE(Update(0, bid).starts_with("\"A\":"));
}

// Once per encoding, however many get it; a snapshot and a note that a symbol
// is quiet are of ticks that are old by right.
TEST_F(FrameCacheTest, TheAgeOfWhatIsEncodedIsStamped) {
  const auto latency = std::make_unique<ShardLatency>(1);
  latency->BeginTurn(home.clock.MonoNs());
  FrameCache stamped(home.market, home.counters, latency.get());
  const auto seen = [&] {
    return latency->encode(home.feed).Read(home.clock.MonoNs());
  };
  const auto turn = [&](uint64_t cursor, QuietNote quiet) {
    stamped.BeginTurn(home.clock.WallNs());
    for (int session = 0; session < 3; ++session) {
      EXPECT_EQ(stamped.UpdateSince(a, cursor, bid, quiet, writer, &frame),
                Result::kFrame);
    }
  };
  constexpr int kTurns = 800;
  for (int i = 0; i < kTurns; ++i) {
    home.Tick(a, {{FieldId::kBid, i}});
    home.clock.Advance(3 * kMillisecond);
    turn(0, QuietNote::kNone);
    turn(home.Read(a).version, QuietNote::kNone);
  }
  EXPECT_EQ(seen().count, 0);
  for (int i = 0; i < kTurns; ++i) {
    const uint64_t cursor = home.Read(a).version;
    home.Tick(a, {{FieldId::kBid, -1 - i}});
    home.clock.Advance(3 * kMillisecond);
    turn(cursor, QuietNote::kNotQuiet);
  }
  EXPECT_NEAR(static_cast<double>(seen().count), kTurns / ShardLatency::kStride,
              20);
  EXPECT_EQ(seen().sum_ns, seen().count * 3 * kMillisecond);
}

}  // namespace
}  // namespace streamhub
