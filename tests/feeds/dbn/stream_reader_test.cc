#include "feeds/dbn/stream_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/feeds/dbn/sample.h"

namespace streamhub::dbn {
namespace {

using Next = StreamReader::Next;

// Metadata without a symbol, 128 bytes, and two records: bytes 128 and 184.
std::string TwoRecords() {
  std::string bytes;
  Metadata metadata;
  Append(metadata, &bytes);
  Append(Mbo{{kMboType, 1, 1, 5}, 42}, {}, &bytes);
  Append(Trade{{kTradeType, 1, 1, 6}, 43}, {}, &bytes);
  return bytes;
}

TEST(StreamReaderTest, CutsTheSameInPiecesOfAnySize) {
  const std::string bytes = MakeSample({3, false});
  const Frames whole = ReadFrames(bytes);
  EXPECT_EQ(whole.last, Next::kEnd);
  EXPECT_EQ(whole.records.size(), 22u);
  EXPECT_EQ(whole.metadata, SampleMetadata(3));
  uint64_t offset = whole.offsets[0];
  for (size_t i = 0; i < whole.records.size(); ++i) {
    EXPECT_EQ(whole.offsets[i], offset);
    offset += whole.records[i].size();
  }
  EXPECT_EQ(offset, bytes.size());
  for (const size_t piece : {1, 2, 3, 7, 1000}) {
    const Frames frames = ReadFrames(bytes, piece);
    EXPECT_EQ(frames.last, Next::kEnd);
    EXPECT_EQ(frames.metadata_seen, 1);
    EXPECT_EQ(frames.metadata, whole.metadata);
    EXPECT_EQ(frames.records, whole.records);
    EXPECT_EQ(frames.offsets, whole.offsets);
  }
}

TEST(StreamReaderTest, ReadsTheMetadataOfEachVersion) {
  for (const int version : {1, 2, 3}) {
    SCOPED_TRACE(version);
    Metadata metadata = SampleMetadata(version);
    metadata.schema = 9;
    metadata.limit = 1000;
    metadata.ts_out = true;
    if (version == 1) metadata.record_count = 77;
    std::string bytes;
    Append(metadata, &bytes);
    const Frames frames = ReadFrames(bytes);
    EXPECT_EQ(frames.last, Next::kEnd) << frames.error;
    EXPECT_EQ(frames.metadata, metadata);
  }
}

TEST(StreamReaderTest, AnEmptyStreamEnds) {
  const Frames frames = ReadFrames("");
  EXPECT_EQ(frames.last, Next::kEnd);
  EXPECT_EQ(frames.metadata_seen, 0);
}

TEST(StreamReaderTest, TakesMetadataBiggerThanItsBuffer) {
  Metadata metadata = SampleMetadata(3);
  for (int i = 0; i < 5000; ++i) {
    metadata.symbols.push_back("S" + std::to_string(i));
  }
  std::string bytes;
  Append(metadata, &bytes);
  ASSERT_GT(bytes.size(), 300'000u);
  for (int i = 0; i < 5000; ++i) {
    Append(Mbo{{kMboType, 1, 1, 5}, 42}, {}, &bytes);
  }
  const Frames frames = ReadFrames(bytes, 100'000);
  EXPECT_EQ(frames.last, Next::kEnd) << frames.error;
  EXPECT_EQ(frames.metadata, metadata);
  EXPECT_EQ(frames.records.size(), 5000u);
}

TEST(StreamReaderTest, NamesTheByteAndTheFault) {
  const auto damage = [](size_t at, char byte) {
    std::string bytes = TwoRecords();
    bytes[at] = byte;
    Frames frames = ReadFrames(bytes);
    EXPECT_EQ(frames.last, Next::kDamaged);
    return std::pair(frames.error, frames.records.size());
  };
  EXPECT_EQ(damage(1, 'X').first, "at byte 0: does not begin with 'DBN'");
  EXPECT_EQ(damage(3, 4).first, "at byte 0: is DBN version 4, want 1 to 3");
  EXPECT_EQ(damage(3, 0).first, "at byte 0: is DBN version 0, want 1 to 3");
  EXPECT_EQ(damage(7, 0x7F).first,
            "at byte 0: metadata of 2130706552 bytes, more than 268435456");
  EXPECT_EQ(damage(184, 3),
            std::pair(std::string("at byte 184: a record of 12 bytes, less "
                                  "than its head of 16"),
                      size_t{1}));
  EXPECT_EQ(damage(184, 0).second, 1u);
}

TEST(StreamReaderTest, AnyCutIsTruncatedAndServesWhatWasBefore) {
  const std::string bytes = TwoRecords();
  ASSERT_EQ(bytes.size(), 232u);
  for (size_t size = 1; size < bytes.size(); ++size) {
    const Frames frames = ReadFrames(bytes.substr(0, size));
    const bool between = size == 128 || size == 184;
    EXPECT_EQ(frames.last, between ? Next::kEnd : Next::kDamaged) << size;
    EXPECT_EQ(frames.records.size(), size < 184 ? 0u : 1u) << size;
    EXPECT_EQ(frames.error.find("truncated: ") != std::string::npos, !between)
        << frames.error;
  }
  EXPECT_EQ(ReadFrames(bytes.substr(0, 200)).error,
            "at byte 184: truncated: the input ends 16 bytes into a record of "
            "48");
}

// Counts are believed only as far as there are bytes for them.
TEST(StreamReaderTest, MetadataThatEndTooSoonAreDamage) {
  std::string whole;
  Append(SampleMetadata(2), &whole);
  for (size_t size = 8; size < whole.size(); ++size) {
    std::string bytes = whole.substr(0, size);
    bytes[4] = static_cast<char>((size - 8) & 0xFF);
    bytes[5] = static_cast<char>((size - 8) >> 8);
    const Frames frames = ReadFrames(bytes);
    EXPECT_EQ(frames.last, Next::kDamaged) << size;
    EXPECT_TRUE(frames.error.starts_with("at byte ")) << frames.error;
    EXPECT_NE(frames.error.find(": metadata: "), std::string::npos);
  }
}

TEST(StreamReaderTest, MetadataWithALieInThemAreDamage) {
  const auto damage = [](size_t at, char byte) {
    std::string bytes;
    Append(SampleMetadata(2), &bytes);
    bytes[at] = byte;
    const Frames frames = ReadFrames(bytes);
    EXPECT_EQ(frames.last, Next::kDamaged);
    return frames.error;
  };
  // The symbols' length is behind dataset, schema, three numbers and three
  // bytes; the counts are behind what is reserved.
  EXPECT_EQ(damage(8 + 45, 1),
            "at byte 53: metadata: symbols of 1 bytes, want 16 to 1024");
  EXPECT_EQ(damage(8 + 100 + 3, 1),
            "at byte 108: metadata: 16777216 bytes of a schema definition of 1 "
            "bytes or more, with 679 bytes left");
  EXPECT_EQ(damage(8 + 104 + 3, 1),
            "at byte 112: metadata: 16777219 symbols of 71 bytes or more, with "
            "675 bytes left");
}

TEST(StreamReaderTest, ShowsWhatIsWaiting) {
  const std::string bytes = TwoRecords();
  StreamReader reader;
  std::span<const uint8_t> record;
  const auto give = [&](size_t begin, size_t end) {
    const auto room = reader.Room();
    std::copy(bytes.begin() + static_cast<ptrdiff_t>(begin),
              bytes.begin() + static_cast<ptrdiff_t>(end), room.begin());
    reader.Filled(end - begin);
  };
  const auto waiting = [&] {
    std::vector<size_t> sizes;
    reader.ForEachWaiting(
        [&](std::span<const uint8_t> r) { sizes.push_back(r.size()); });
    return sizes;
  };
  give(0, 231);
  ASSERT_EQ(reader.Read(&record), Next::kMetadata);
  EXPECT_EQ(waiting(), (std::vector<size_t>{56}));
  give(231, 232);
  EXPECT_EQ(waiting(), (std::vector<size_t>{56, 48}));
  ASSERT_EQ(reader.Read(&record), Next::kRecord);
  EXPECT_EQ(record.size(), 56u);
  EXPECT_EQ(waiting(), (std::vector<size_t>{48}));
}

}  // namespace
}  // namespace streamhub::dbn
