// Whatever happens to a log's bytes: nothing that is wrong is told as if it
// were right, and what is whole comes back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/ticklog/indexed_log.h"
#include "feeds/ticklog/log_format.h"
#include "feeds/ticklog/log_reader.h"
#include "tests/feeds/replay/temporary_file.h"
#include "tests/feeds/ticklog/log_notes.h"
#include "tests/feeds/ticklog/random_log.h"

namespace streamhub::ticklog {
namespace {

using testing::HasSubstr;

// Each of `some` is in `all`, in that order.
bool IsPartOf(const std::vector<std::string>& some,
              const std::vector<std::string>& all) {
  auto at = all.begin();
  for (const std::string& line : some) {
    at = std::find(at, all.end(), line);
    if (at == all.end()) return false;
    ++at;
  }
  return true;
}

std::string Damaged(std::string_view bytes, size_t at) {
  std::string damaged(bytes);
  damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
  return damaged;
}

// Small enough for all its bytes, with more than one block.
const RandomLog& SmallLog() {
  static const auto& log = *new RandomLog(3, 60, 500);
  return log;
}

TEST(TickLogDamageTest, NoByteCanChangeUnnoticed) {
  const RandomLog& log = SmallLog();
  ASSERT_GT(log.ends.size(), 6u);
  for (size_t at = 0; at < log.bytes.size(); ++at) {
    LogReader reader;
    LogNotes notes;
    ReadAll(reader, Damaged(log.bytes, at), 1 << 20, &notes);
    ASSERT_FALSE(reader.status().ok()) << at;
    ASSERT_TRUE(IsPartOf(notes.lines, log.lines)) << at;
    // All blocks but the one that is hit, and but for those of its symbols.
    const bool in_a_block = at >= log.ends[0] && at < *(log.ends.end() - 2);
    ASSERT_EQ(reader.whole_blocks(),
              at < kFileMagic.size() ? 0 : log.ends.size() - 2 - in_a_block)
        << at;
  }
}

TEST(TickLogDamageTest, NorCanItByTheIndex) {
  const RandomLog& log = SmallLog();
  for (size_t at = 0; at < log.bytes.size(); at += 7) {
    const TemporaryFile file("a.ticklog", Damaged(log.bytes, at));
    const auto indexed = IndexedLog::Open(file.path());
    if (!indexed.ok()) {
      EXPECT_LT(at, kFileMagic.size());
      continue;
    }
    LogNotes notes;
    TickRecord record;
    while ((*indexed)->Read(&record) == IndexedLog::Next::kRecord) {
      notes.Add(record);
    }
    const bool in_a_block = at < *(log.ends.end() - 2);
    if (in_a_block) {
      ASSERT_FALSE((*indexed)->status().ok()) << at;
      ASSERT_TRUE(IsPartOf(notes.lines, log.lines)) << at;
    } else {
      // The heads of blocks are read instead.
      ASSERT_EQ(notes.lines, log.lines) << at;
    }
  }
}

TEST(TickLogDamageTest, CutAnywhereAllWholeBlocksComeBack) {
  const RandomLog& log = SmallLog();
  for (size_t size = 0; size < log.bytes.size(); ++size) {
    LogReader reader;
    LogNotes notes;
    const auto next = ReadAll(
        reader, std::string_view(log.bytes).substr(0, size), 1 << 20, &notes);
    const auto whole = static_cast<size_t>(
        std::upper_bound(log.ends.begin(), log.ends.end(), size) -
        log.ends.begin());
    const bool at_end =
        whole > 0 && whole < log.ends.size() && log.ends[whole - 1] == size;
    // Between the index and the footer is such a place, too.
    if (next == LogReader::Next::kEnd && !at_end) {
      EXPECT_EQ(size, log.bytes.size() - kFooterBytes);
      continue;
    }
    ASSERT_EQ(next, at_end ? LogReader::Next::kEnd : LogReader::Next::kFailed)
        << size;
    EXPECT_FALSE(reader.closed());
    const size_t blocks =
        whole == 0 ? 0 : std::min(whole - 1, log.ends.size() - 2);
    ASSERT_EQ(reader.whole_blocks(), blocks) << size;
    ASSERT_EQ(notes.lines.size(), log.lines_at[blocks]) << size;
    ASSERT_TRUE(
        std::equal(notes.lines.begin(), notes.lines.end(), log.lines.begin()))
        << size;
    if (next == LogReader::Next::kFailed && size > kFileHeadBytes) {
      EXPECT_EQ(reader.status().message(),
                absl::StrCat("at byte ", size,
                             ": ends inside a block: the writer was killed; ",
                             reader.whole_records(), " records are whole"));
    }
  }
}

TEST(TickLogDamageTest, CutAnywhereItsIndexIsRebuilt) {
  const RandomLog& log = SmallLog();
  for (size_t size = kFileHeadBytes; size < log.bytes.size(); size += 11) {
    const TemporaryFile file("a.ticklog", log.bytes.substr(0, size));
    const auto indexed = IndexedLog::Open(file.path());
    ASSERT_TRUE(indexed.ok()) << indexed.status();
    EXPECT_FALSE((*indexed)->closed());
    LogReader reader;
    LogNotes by_index, by_stream;
    ReadAll(reader, log.bytes.substr(0, size), 4096, &by_stream);
    TickRecord record;
    while ((*indexed)->Read(&record) == IndexedLog::Next::kRecord) {
      by_index.Add(record);
    }
    ASSERT_EQ(by_index.lines, by_stream.lines) << size;
  }
}

TEST(TickLogDamageTest, ADamagedBlockIsNamedAndCounted) {
  const RandomLog& log = SmallLog();
  uint64_t lost = 0;
  for (size_t block = 0; block + 2 < log.ends.size(); ++block) {
    LogReader reader;
    LogNotes notes;
    const size_t payload = log.ends[block] + kBlockHeadBytes;
    ReadAll(reader, Damaged(log.bytes, payload + 5), 4096, &notes);
    ASSERT_EQ(reader.damages().size(), 1u);
    const LogDamage& damage = reader.damages()[0];
    EXPECT_EQ(damage.offset, log.ends[block]);
    EXPECT_EQ(damage.what,
              absl::StrCat("block ", block,
                           " is damaged: its checksum is wrong; its ",
                           damage.records, " records are lost"));
    EXPECT_EQ(damage.records, log.happened - reader.whole_records());
    EXPECT_EQ(reader.lost_records(), damage.records);
    EXPECT_TRUE(reader.closed());
    lost += damage.records;
  }
  EXPECT_EQ(lost, log.happened);
}

TEST(TickLogDamageTest, BlocksThatAreMissingOrThereTwiceAreTold) {
  const RandomLog& log = SmallLog();
  const std::string_view bytes = log.bytes;
  const auto part = [&](size_t from, size_t to) {
    return std::string(
        bytes.substr(log.ends[from], log.ends[to] - log.ends[from]));
  };
  const std::string head(bytes.substr(0, log.ends[0]));
  const size_t last = log.ends.size() - 1;
  const auto told = [](const std::string& log_bytes) {
    LogReader reader;
    LogNotes notes;
    ReadAll(reader, log_bytes, 4096, &notes);
    return std::string(reader.status().message());
  };
  EXPECT_THAT(told(head + part(0, 1) + part(3, last)),
              HasSubstr("blocks 1 to 2 are missing before it"));
  EXPECT_THAT(told(head + part(0, 2) + part(1, last)),
              HasSubstr("block 1 is there again"));
  EXPECT_THAT(told(head + part(0, last - 2) + part(last - 1, last)),
              HasSubstr("are missing before it"));
  EXPECT_THAT(told(head + part(0, 1) +
                   std::string(bytes.substr(bytes.size() - kFooterBytes))),
              HasSubstr("blocks are missing at the end"));
}

TEST(TickLogDamageTest, WhatIsNoTickLogIsRefused) {
  const auto told = [](std::string_view bytes) {
    LogReader reader;
    LogNotes notes;
    EXPECT_EQ(ReadAll(reader, bytes, 4096, &notes), LogReader::Next::kFailed);
    return std::string(reader.status().message());
  };
  EXPECT_EQ(told(""), "at byte 0: is empty");
  EXPECT_EQ(told("SHUB"), "at byte 0: ends inside its head");
  EXPECT_EQ(told("time,bid"), "at byte 0: is no tick log");
  EXPECT_EQ(told("time,bid,ask,and,more"), "at byte 0: is no tick log");
  const RandomLog& log = SmallLog();
  EXPECT_EQ(told(log.bytes + "something else than a log"),
            absl::StrCat("at byte ", log.bytes.size(),
                         ": what follows its end is no tick log"));
  std::string version(log.bytes.substr(0, kFileHeadBytes));
  version[8] = 2;
  const uint32_t crc = Crc(
      {reinterpret_cast<const uint8_t*>(version.data()), kFileHeadBytes - 4});
  for (int i = 0; i < 4; ++i) {
    version[kFileHeadBytes - 4 + static_cast<size_t>(i)] =
        static_cast<char>(crc >> (8 * i));
  }
  EXPECT_EQ(told(version), "at byte 0: is a tick log of another version");
}

}  // namespace
}  // namespace streamhub::ticklog
