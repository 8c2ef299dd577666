#include "feeds/soup/stream_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/mold_writer.h"

namespace streamhub::soup {
namespace {

using testing::StartsWith;
using Next = StreamReader::Next;

struct Seen {
  Type type;
  std::string payload;
  uint64_t sequence;
  uint64_t offset;

  friend bool operator==(const Seen&, const Seen&) = default;
};

struct Content {
  std::vector<Seen> packets;
  Next last = Next::kEnd;
  std::string error;

  // The sequenced messages, as "5:text".
  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const Seen& seen : packets) {
      if (seen.type != Type::kSequenced) continue;
      messages.push_back(std::to_string(seen.sequence) + ":" + seen.payload);
    }
    return messages;
  }
};

// Reads all of `bytes`, given in pieces of `piece` bytes.
Content ReadAll(std::string_view bytes, StreamReader* reader,
                size_t piece = 1 << 20) {
  Content content;
  while (true) {
    Packet packet;
    content.last = reader->Read(&packet);
    switch (content.last) {
      case Next::kPacket:
        content.packets.push_back(
            {packet.type,
             std::string(packet.payload.begin(), packet.payload.end()),
             packet.sequence, reader->offset()});
        break;
      case Next::kNeedMore: {
        if (bytes.empty()) {
          reader->Finish();
          break;
        }
        const auto room = reader->Room();
        EXPECT_FALSE(room.empty());
        const size_t count = std::min({piece, bytes.size(), room.size()});
        std::copy_n(bytes.begin(), count, room.begin());
        reader->Filled(count);
        bytes.remove_prefix(count);
        break;
      }
      case Next::kEnd:
      case Next::kDamaged:
        content.error = std::string(reader->status().message());
        return content;
    }
  }
}

Content ReadAll(std::string_view bytes, size_t piece = 1 << 20) {
  StreamReader reader;
  return ReadAll(bytes, &reader, piece);
}

std::string EveryPacket() {
  return MakeSoup('+', "hello") + MakeSoup('J', "A") +
         MakeSoupLogin("SESSION", 41) + MakeSoup('S', "first") + MakeSoup('H') +
         MakeSoup('U', "beside") + MakeSoup('x', "unknown") +
         MakeSoup('S', std::string(65'534, 's')) + MakeSoup('S', "") +
         MakeSoup('Z');
}

TEST(SoupStreamTest, EveryPacketInPiecesOfAnySize) {
  for (const size_t piece : {1, 2, 3, 7, 1000, 1 << 20}) {
    StreamReader reader;
    const Content content = ReadAll(EveryPacket(), &reader, piece);
    EXPECT_EQ(content.last, Next::kEnd) << content.error;
    ASSERT_EQ(content.packets.size(), 9u);
    const auto& p = content.packets;
    EXPECT_EQ(p[0], (Seen{Type::kDebug, "hello", 0, 0}));
    EXPECT_EQ(p[1], (Seen{Type::kLoginRejected, "A", 0, 8}));
    EXPECT_EQ(p[2].type, Type::kLoginAccepted);
    EXPECT_EQ(p[2].offset, 12u);
    EXPECT_EQ(p[3], (Seen{Type::kSequenced, "first", 41, 45}));
    EXPECT_EQ(p[4], (Seen{Type::kHeartbeat, "", 0, 53}));
    EXPECT_EQ(p[5], (Seen{Type::kUnsequenced, "beside", 0, 56}));
    EXPECT_EQ(p[6].sequence, 42u);
    EXPECT_TRUE(p[6].payload == std::string(65'534, 's'));
    EXPECT_EQ(p[7].sequence, 43u);
    EXPECT_EQ(p[7].payload, "");
    EXPECT_EQ(p[8].type, Type::kEndOfSession);
    EXPECT_EQ(reader.session(), "SESSION");
    EXPECT_EQ(reader.next_sequence(), 44u);
    for (const auto& [type, count] :
         {std::pair(Type::kDebug, 1), std::pair(Type::kLoginAccepted, 1),
          std::pair(Type::kLoginRejected, 1), std::pair(Type::kSequenced, 3),
          std::pair(Type::kUnsequenced, 1), std::pair(Type::kHeartbeat, 1),
          std::pair(Type::kEndOfSession, 1), std::pair(Type::kUnknown, 1)}) {
      EXPECT_EQ(reader.count(type), count);
    }
  }
}

TEST(SoupStreamTest, WithoutALoginThereAreNoNumbers) {
  StreamReader reader;
  const Content content =
      ReadAll(MakeSoup('S', "a") + MakeSoup('S', "b"), &reader);
  EXPECT_THAT(content.Messages(), testing::ElementsAre("0:a", "0:b"));
  EXPECT_EQ(reader.next_sequence(), 0u);
}

TEST(SoupStreamTest, ALaterLoginRepeatsOrLeavesOut) {
  StreamReader reader;
  const Content content = ReadAll(
      MakeSoupLogin("S", 10) + MakeSoup('S', "a") + MakeSoup('S', "b") +
          MakeSoupLogin("S", 11) + MakeSoup('S', "b") + MakeSoup('S', "c") +
          MakeSoupLogin("S", 15) + MakeSoup('S', "d") + MakeSoupLogin("S", 13) +
          MakeSoup('S', "late") + MakeSoup('S', "late") + MakeSoup('S', "d") +
          MakeSoup('S', "e"),
      &reader);
  EXPECT_EQ(content.last, Next::kEnd);
  EXPECT_THAT(content.Messages(),
              testing::ElementsAre("10:a", "11:b", "12:c", "15:d", "16:e"));
  EXPECT_EQ(reader.repeated(), 4);
  EXPECT_EQ(reader.gaps().kept(), (std::vector<Gap>{{"S", 13, 14}}));
}

TEST(SoupStreamTest, ANewSessionStartsAnew) {
  StreamReader reader;
  const Content content = ReadAll(
      MakeSoupLogin("S", 10) + MakeSoup('S', "a") + MakeSoupLogin("T", 1) +
          MakeSoup('S', "b") + MakeSoupLogin("U", 77) + MakeSoup('S', "c"),
      &reader);
  EXPECT_THAT(content.Messages(), testing::ElementsAre("10:a", "1:b", "77:c"));
  EXPECT_EQ(reader.session(), "U");
  EXPECT_EQ(reader.repeated(), 0);
  EXPECT_EQ(reader.gaps().gaps(), 0);
}

TEST(SoupStreamTest, AnyCutIsTruncatedAndServesWhatWasBefore) {
  const std::string bytes = MakeSoupLogin("S", 1) + MakeSoup('S', "message");
  for (size_t size = 1; size < bytes.size(); ++size) {
    const Content content = ReadAll(bytes.substr(0, size));
    if (size == 33) {
      EXPECT_EQ(content.last, Next::kEnd);
      continue;
    }
    EXPECT_EQ(content.last, Next::kDamaged) << size;
    EXPECT_EQ(content.packets.size(), size < 33 ? 0u : 1u) << size;
    EXPECT_THAT(
        content.error,
        StartsWith(size < 33 ? "at byte 0: truncated: the input ends "
                             : "at byte 33: truncated: the input ends "))
        << size;
  }
  EXPECT_EQ(ReadAll("").last, Next::kEnd);
}

TEST(SoupStreamTest, NamesTheFault) {
  EXPECT_EQ(ReadAll("time,bid,ask").error,
            "at byte 0: no packet of a SoupBinTCP server: type 0x6d");
  EXPECT_EQ(ReadAll(MakeSoup('H') + std::string(2, '\0')).error,
            "at byte 3: a packet of length 0, which has no type");
  EXPECT_EQ(ReadAll(MakeSoup('H') + std::string("\0\x05S", 3)).error,
            "at byte 3: truncated: the input ends 3 bytes into a packet of 7, "
            "its length included");
  const auto login = [](std::string number, size_t bytes = 20) {
    number.insert(0, bytes - number.size(), ' ');
    return ReadAll(MakeSoup('H') + MakeSoup('A', "SESSION   " + number)).error;
  };
  EXPECT_EQ(login("1"), "");
  EXPECT_EQ(login("18446744073709551615"), "");
  const std::string fault =
      "at byte 3: login accepted, but not with a session and the number of "
      "its next message";
  for (const char* number :
       {"", "0", "-1", "1.5", "1 2", "1x", "+1", "18446744073709551616"}) {
    EXPECT_EQ(login(number), fault) << number;
  }
  EXPECT_EQ(login("1", 19), fault);
  EXPECT_EQ(login("1", 21), fault);
  EXPECT_EQ(login("", 0), fault);
}

TEST(SoupStreamTest, NumbersMayBePaddedOnEitherSide) {
  const std::string padding(18, ' ');
  for (const std::string& number :
       {padding + "42", std::string(18, '0') + "42", "42" + padding}) {
    StreamReader reader;
    ReadAll(MakeSoup('A', "    SESS  " + number), &reader);
    EXPECT_EQ(reader.next_sequence(), 42u) << number;
    EXPECT_EQ(reader.session(), "SESS");
  }
}

}  // namespace
}  // namespace streamhub::soup
