#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/ticklog/indexed_log.h"
#include "feeds/ticklog/log_reader.h"
#include "feeds/ticklog/log_writer.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/feeds/ticklog/log_notes.h"
#include "tests/feeds/ticklog/random_log.h"

namespace streamhub::ticklog {
namespace {

TEST(TickLogRoundTripTest, WhatIsWrittenIsReadInPiecesOfAnySize) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    // Blocks of a few records each up to all in one.
    const size_t block_bytes = size_t{64} << seed % 14;
    const RandomLog log(seed, 400, block_bytes);
    LogReader reader;
    LogNotes notes;
    const size_t piece = seed % 3 == 0 ? 1 + seed % 7 : 1000 * (1 + seed);
    EXPECT_EQ(ReadAll(reader, log.bytes, piece, &notes), LogReader::Next::kEnd)
        << seed << ": " << reader.status();
    EXPECT_TRUE(reader.status().ok()) << seed << ": " << reader.status();
    EXPECT_TRUE(reader.closed());
    ASSERT_EQ(notes.lines, log.lines) << seed;
    EXPECT_EQ(reader.whole_records(), log.happened);
    // The head, blocks, and the index with the footer.
    EXPECT_EQ(reader.whole_blocks(), log.ends.size() - 2);
    EXPECT_EQ(reader.unknown_records() + reader.unknown_symbols(), 0u);
  }
}

TEST(TickLogRoundTripTest, ByItsIndexALogIsTheSame) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const RandomLog log(seed, 300, 2000);
    const TemporaryFile file("a.ticklog", log.bytes);
    const auto indexed = IndexedLog::Open(file.path());
    ASSERT_TRUE(indexed.ok()) << indexed.status();
    EXPECT_TRUE((*indexed)->closed());
    EXPECT_EQ((*indexed)->index().blocks.size(), log.ends.size() - 2);
    LogNotes notes;
    TickRecord record;
    while ((*indexed)->Read(&record) == IndexedLog::Next::kRecord) {
      notes.Add(record);
    }
    EXPECT_TRUE((*indexed)->status().ok()) << (*indexed)->status();
    ASSERT_EQ(notes.lines, log.lines) << seed;
  }
}

TEST(TickLogRoundTripTest, LogsBehindOneAnotherAreReadAsOne) {
  const RandomLog a(1, 100, 1000), b(2, 100, 1000);
  LogReader reader;
  LogNotes notes;
  EXPECT_EQ(ReadAll(reader, a.bytes + b.bytes, 4096, &notes),
            LogReader::Next::kEnd);
  EXPECT_TRUE(reader.status().ok()) << reader.status();
  std::vector<std::string> both = a.lines;
  both.insert(both.end(), b.lines.begin(), b.lines.end());
  EXPECT_EQ(notes.lines, both);
  EXPECT_EQ(reader.whole_records(), a.happened + b.happened);
}

TEST(TickLogRoundTripTest, AnEmptyLogIsOne) {
  std::string bytes;
  {
    LogWriter writer(
        [&bytes](std::string_view piece) {
          bytes += piece;
          return absl::OkStatus();
        },
        {});
  }
  LogReader reader;
  LogNotes notes;
  EXPECT_EQ(ReadAll(reader, bytes, 1, &notes), LogReader::Next::kEnd);
  EXPECT_TRUE(reader.closed());
  EXPECT_EQ(reader.whole_blocks(), 0u);
  EXPECT_EQ(reader.whole_records(), 0u);
}

TEST(TickLogRoundTripTest, NeedsNoMoreBytesThanSaid) {
  // A day's worth of the same shape: 10,000 symbols, ticks of 2 to 3 fields.
  size_t bytes = 0;
  uint64_t records = 0;
  {
    LogWriter writer(
        [&bytes](std::string_view piece) {
          bytes += piece.size();
          return absl::OkStatus();
        },
        {});
    SymbolInfo info;
    info.code = "A";
    info.layout = &QuoteLayout();
    for (uint32_t number = 0; number < 100; ++number) {
      writer.Symbol(number, info, "f");
    }
    for (int i = 0; i < 100'000; ++i) {
      const FieldValue values[] = {{FieldId::kBid, 10000 + i % 7},
                                   {FieldId::kBidSize, 100}};
      writer.Tick(static_cast<uint32_t>(i) % 100, values, i * 1000, i * 1000);
    }
    records = writer.records();
    ASSERT_TRUE(writer.Close().ok());
  }
  EXPECT_EQ(records, 100'000u);
  EXPECT_LT(bytes / records, 4u);
}

}  // namespace
}  // namespace streamhub::ticklog
