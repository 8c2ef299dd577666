#include "feeds/itch/framing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "feeds/itch/writer.h"
#include "tests/feeds/itch/sample_session.h"

namespace streamhub::itch {
namespace {

using Next = FrameReader::Next;

struct Frames {
  std::vector<std::string> messages;
  std::vector<uint64_t> offsets;
  Next last;
  std::string error;
};

// Reads all of `bytes`, given in pieces of `piece` bytes.
Frames ReadAll(std::string_view bytes, size_t piece = 1 << 20) {
  FrameReader reader;
  Frames frames;
  while (true) {
    std::span<const uint8_t> message;
    frames.last = reader.Read(&message);
    switch (frames.last) {
      case Next::kMessage:
        frames.messages.emplace_back(message.begin(), message.end());
        frames.offsets.push_back(reader.offset());
        break;
      case Next::kNeedMore: {
        if (bytes.empty()) {
          reader.Finish();
          break;
        }
        const auto room = reader.Room();
        const size_t count = std::min({piece, bytes.size(), room.size()});
        std::copy_n(bytes.begin(), count, room.begin());
        reader.Filled(count);
        bytes.remove_prefix(count);
        break;
      }
      case Next::kEnd:
      case Next::kDamaged:
        frames.error = std::string(reader.status().message());
        return frames;
    }
  }
}

std::string TwoMessages() {
  std::string bytes;
  Append(OrderDelete{{1, 0, 5}, 42}, &bytes);
  Append(OrderCancel{{1, 0, 6}, 43, 7}, &bytes);
  return bytes;
}

TEST(FrameReaderTest, CutsTheSameInPiecesOfAnySize) {
  const std::string bytes = MakeSampleSession();
  const Frames whole = ReadAll(bytes);
  EXPECT_EQ(whole.last, Next::kEnd);
  EXPECT_GT(whole.messages.size(), 2000u);
  for (const size_t piece : {1, 2, 3, 7, 1000}) {
    const Frames frames = ReadAll(bytes, piece);
    EXPECT_EQ(frames.last, Next::kEnd);
    EXPECT_EQ(frames.messages, whole.messages);
    EXPECT_EQ(frames.offsets, whole.offsets);
  }
}

TEST(FrameReaderTest, EndsWithOrWithoutEndOfSession) {
  std::string bytes = TwoMessages();
  EXPECT_EQ(ReadAll(bytes).last, Next::kEnd);
  EXPECT_EQ(ReadAll(bytes).messages.size(), 2u);
  AppendEndOfSession(&bytes);
  EXPECT_EQ(ReadAll(bytes).last, Next::kEnd);
  EXPECT_EQ(ReadAll(bytes).messages.size(), 2u);
  EXPECT_EQ(ReadAll("").last, Next::kEnd);
}

TEST(FrameReaderTest, TakesTheSizeFromTheTypeWhereTheLengthIsZero) {
  std::string bytes = TwoMessages();
  const Frames right = ReadAll(bytes);
  bytes[0] = bytes[1] = bytes[21] = bytes[22] = '\0';
  for (const size_t piece : {1, 100}) {
    const Frames frames = ReadAll(bytes, piece);
    EXPECT_EQ(frames.last, Next::kEnd);
    EXPECT_EQ(frames.messages, right.messages);
    EXPECT_EQ(frames.offsets, (std::vector<uint64_t>{0, 21}));
  }
}

TEST(FrameReaderTest, NamesTheByteAndTheFault) {
  std::string bytes = TwoMessages();
  bytes[22] = 24;
  Frames frames = ReadAll(bytes);
  EXPECT_EQ(frames.last, Next::kDamaged);
  EXPECT_EQ(frames.messages.size(), 1u);
  EXPECT_EQ(frames.error,
            "at byte 21: length 24 does not match type 'X', which has 23 "
            "bytes");

  bytes = TwoMessages();
  bytes[22] = 0;
  bytes[23] = 'z';
  EXPECT_EQ(ReadAll(bytes).error,
            "at byte 21: zero length, and what follows is no message type of "
            "ITCH 5.0: 'z'");

  bytes = TwoMessages();
  bytes[21] = 'z';
  bytes[23] = 'z';
  EXPECT_EQ(ReadAll(bytes).error,
            "at byte 21: length 31255 with no message type of ITCH 5.0: 'z'");
}

TEST(FrameReaderTest, AnyCutIsTruncatedAndServesWhatWasBefore) {
  const std::string bytes = TwoMessages();
  for (size_t size = 1; size < bytes.size(); ++size) {
    if (size == 21) continue;
    const Frames frames = ReadAll(bytes.substr(0, size));
    EXPECT_EQ(frames.last, Next::kDamaged) << size;
    EXPECT_EQ(frames.messages.size(), size < 21 ? 0u : 1u) << size;
    EXPECT_TRUE(frames.error.starts_with(size < 21 ? "at byte 0: truncated: "
                                                   : "at byte 21: truncated: "))
        << frames.error;
  }
}

TEST(FrameReaderTest, PassesOnTypesOfALaterVersion) {
  std::string bytes = TwoMessages();
  bytes[2] = 'z';
  const Frames frames = ReadAll(bytes);
  EXPECT_EQ(frames.last, Next::kEnd);
  EXPECT_EQ(frames.messages.size(), 2u);
}

}  // namespace
}  // namespace streamhub::itch
