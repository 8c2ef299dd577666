#include "feeds/fix/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/fix/writer.h"

namespace streamhub::fix {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Found {
  bool garbled;
  std::string text;  // the message, or what is wrong
  Fault fault;
  Place place;

  friend bool operator==(const Found&, const Found&) = default;
};

// All that is in `bytes`, which come in pieces of `piece`.
std::vector<Found> ReadAll(std::string_view bytes, size_t piece,
                           Check check = Check::kStrict) {
  FrameReader reader(check);
  std::vector<Found> all;
  for (;;) {
    Frame frame;
    switch (reader.Read(&frame)) {
      case FrameReader::Next::kMessage:
        all.push_back(
            {false, std::string(frame.bytes), Fault::kCut, frame.place});
        break;
      case FrameReader::Next::kGarbled:
        all.push_back({true, reader.what(), reader.fault(), frame.place});
        break;
      case FrameReader::Next::kNeedMore: {
        const auto room = reader.Room();
        EXPECT_FALSE(room.empty());
        const size_t count = std::min({piece, room.size(), bytes.size()});
        std::copy_n(bytes.begin(), count, room.begin());
        reader.Filled(count);
        bytes.remove_prefix(count);
        if (count == 0) reader.Finish();
        break;
      }
      case FrameReader::Next::kEnd:
        return all;
    }
  }
}

// The same whatever the pieces.
std::vector<Found> ReadInPieces(std::string_view bytes,
                                Check check = Check::kStrict) {
  std::vector<Found> all = ReadAll(bytes, bytes.size() + 1, check);
  for (const size_t piece : {1, 2, 7, 50}) {
    EXPECT_EQ(ReadAll(bytes, piece, check), all) << piece;
  }
  return all;
}

std::string Heartbeat(int seq, char separator = kSoh) {
  std::string out;
  AppendMessage({{35, "0"}, {34, std::to_string(seq)}}, &out, separator);
  return out;
}

std::vector<std::string> Texts(const std::vector<Found>& all) {
  std::vector<std::string> texts;
  for (const Found& one : all) {
    texts.push_back(one.garbled ? "garbled" : one.text);
  }
  return texts;
}

TEST(FixFraming, TheSumsAreThoseOfTheSpecification) {
  // By another program.
  const std::string message =
      "8=FIX.4.4\x01"
      "9=55\x01"
      "35=0\x01"
      "34=5\x01"
      "49=VENUE\x01"
      "52=20240102-09:30:00.250\x01"
      "56=GATEWAY\x01"
      "10=093\x01";
  EXPECT_THAT(Texts(ReadInPieces(message)), ElementsAre(message));
  std::string ours;
  AppendMessage({{35, "0"},
                 {34, "5"},
                 {49, "VENUE"},
                 {52, "20240102-09:30:00.250"},
                 {56, "GATEWAY"}},
                &ours);
  EXPECT_EQ(ours, message);
}

TEST(FixFraming, ARawStreamAndLogLines) {
  const std::string a = Heartbeat(1);
  const std::string b = Heartbeat(2);
  EXPECT_THAT(Texts(ReadInPieces(a + b)), ElementsAre(a, b));
  const std::string log =
      "# a log\n20140505-05:00:03.064 : " + a + "\r\n12:00:01.8" + b + "\n";
  const auto found = ReadInPieces(log);
  EXPECT_THAT(Texts(found), ElementsAre(a, b));
  EXPECT_EQ(found[0].place, (Place{log.find(a), 2}));
  EXPECT_EQ(found[1].place, (Place{log.find(b), 3}));
}

TEST(FixFraming, EachMessageHasItsSeparator) {
  const std::string a = Heartbeat(1, '|');
  const std::string b = Heartbeat(2);
  EXPECT_THAT(Texts(ReadInPieces(a + "\n" + b + a)), ElementsAre(a, b, a));
  // The sums are those of SOH: a '|' counts as one.
  EXPECT_EQ(a.substr(a.size() - 4, 3), Heartbeat(1).substr(a.size() - 4, 3));
  // At the end of a line the last one may be missing, of a log with '|'.
  const std::string bare = a.substr(0, a.size() - 1);
  EXPECT_THAT(Texts(ReadInPieces(bare + "\n" + bare)), ElementsAre(bare, bare));
  const auto cut = ReadInPieces(b.substr(0, b.size() - 1));
  ASSERT_EQ(cut.size(), 1u);
  EXPECT_EQ(cut[0].fault, Fault::kCut);
  EXPECT_THAT(Texts(ReadInPieces(b.substr(0, b.size() - 1) + "\n" + b)),
              ElementsAre("garbled", b));
}

TEST(FixFraming, AWrongSumIsToldWithItsPlace) {
  std::string bad = Heartbeat(2);
  bad[bad.size() - 2] = bad[bad.size() - 2] == '0' ? '1' : '0';
  const std::string log = Heartbeat(1) + "\n" + bad + "\n" + Heartbeat(3);
  const auto found = ReadInPieces(log);
  EXPECT_THAT(Texts(found), ElementsAre(Heartbeat(1), "garbled", Heartbeat(3)));
  EXPECT_EQ(found[1].fault, Fault::kBadCheckSum);
  EXPECT_EQ(found[1].place, (Place{Heartbeat(1).size() + 1, 2}));
  EXPECT_THAT(found[1].text, HasSubstr("CheckSum(10) is "));
}

TEST(FixFraming, AnyOtherByteIsNoticed) {
  const std::string good = Heartbeat(1);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_THAT(Texts(ReadAll(bad + Heartbeat(2), 1000)),
                testing::Contains(Heartbeat(2)))
        << i;
    EXPECT_THAT(Texts(ReadAll(bad, 1000)), testing::Not(testing::Contains(bad)))
        << i;
  }
}

TEST(FixFraming, AWrongLengthHidesNoMessage) {
  const std::string next = Heartbeat(7);
  for (const std::string_view length :
       {"9=1", "9=9", "9=11", "9=200", "9=999999999", "9=9999999999", "9="}) {
    std::string bad = Heartbeat(1);
    bad.replace(bad.find("9=10"), 4, length);
    EXPECT_THAT(Texts(ReadInPieces(bad + next)), ElementsAre("garbled", next))
        << length;
  }
  std::string bad = Heartbeat(1);
  bad.replace(bad.find("9=10"), 4, "9=13");
  EXPECT_EQ(ReadInPieces(bad + "12345678")[0].fault, Fault::kBadLength);
  bad.replace(bad.find("9=13"), 4, "9=60");
  EXPECT_EQ(ReadInPieces(bad + next)[0].fault, Fault::kCut);
  bad.replace(bad.find("9=60"), 4, "9=65537");
  EXPECT_EQ(ReadInPieces(bad + next)[0].fault, Fault::kTooLong);
}

TEST(FixFraming, CutMessagesAreToldAndTheNextOneIsFound) {
  const std::string whole = Heartbeat(1);
  for (size_t size = 5; size < whole.size(); ++size) {
    const auto found =
        ReadInPieces(Heartbeat(0) + whole.substr(0, size) + Heartbeat(2));
    EXPECT_THAT(Texts(found),
                ElementsAre(Heartbeat(0), "garbled", Heartbeat(2)))
        << size;
    const auto at_end = ReadInPieces(Heartbeat(0) + whole.substr(0, size));
    EXPECT_THAT(Texts(at_end), ElementsAre(Heartbeat(0), "garbled")) << size;
    EXPECT_EQ(at_end[1].fault, Fault::kCut) << size;
  }
}

TEST(FixFraming, TheHeadIsBeginStringLengthAndType) {
  std::string no_type;
  AppendMessage({{34, "1"}, {35, "0"}}, &no_type);
  EXPECT_EQ(ReadInPieces(no_type)[0].fault, Fault::kNoType);
  std::string empty_type;
  AppendMessage({{35, ""}}, &empty_type);
  EXPECT_EQ(ReadInPieces(empty_type)[0].fault, Fault::kNoType);
  EXPECT_EQ(ReadInPieces("8=FIX.4.4\x01"
                         "35=0\x01")[0]
                .fault,
            Fault::kNoLength);
  EXPECT_EQ(ReadInPieces("x8=FIX, 9=5")[0].fault, Fault::kNoLength);
  // A text about FIX is no message.
  EXPECT_TRUE(ReadInPieces("58=FIX is fun|58=FIX").empty());
  EXPECT_TRUE(ReadInPieces("").empty());
  EXPECT_TRUE(ReadInPieces("8=FI").empty());
}

TEST(FixFraming, DataMayHaveAnythingInIt) {
  std::string message;
  AppendMessage({{35, "B"},
                 {95, "20"},
                 {96,
                  "8=FIX.4.4\x01"
                  "9=1\x01\n10=\x01x"}},
                &message);
  EXPECT_THAT(Texts(ReadInPieces(message + message)),
              ElementsAre(message, message));
}

TEST(FixFraming, TheLongestMessage) {
  for (const size_t more : {size_t{0}, size_t{1}}) {
    std::string message;
    const std::string text(kMessageBytesMax - 9 + more, 'x');
    AppendMessage({{35, "B"}, {58, text}}, &message);
    const auto found = ReadAll(message + Heartbeat(2), 10'000);
    EXPECT_THAT(Texts(found),
                ElementsAre(more == 0 ? message : "garbled", Heartbeat(2)));
  }
}

TEST(FixFraming, LeniencyTakesWhatIsWrongInItsSums) {
  std::string message = Heartbeat(1);
  message.replace(message.find("34=1"), 4, "34=12345");
  const std::string log = "a: " + message + "\nb: " + Heartbeat(2) + "\n";
  EXPECT_THAT(Texts(ReadInPieces(log)), ElementsAre("garbled", Heartbeat(2)));
  EXPECT_THAT(Texts(ReadInPieces(log, Check::kLenient)),
              ElementsAre(message, Heartbeat(2)));
  EXPECT_THAT(Texts(ReadInPieces(message + message, Check::kLenient)),
              ElementsAre(message, message));
  // Cut ones do not reach into the next line or message.
  const std::string cut = message.substr(0, message.size() - 8);
  for (const std::string_view between : {"\n", ""}) {
    EXPECT_THAT(Texts(ReadInPieces(cut + std::string(between) + message,
                                   Check::kLenient)),
                ElementsAre("garbled", message));
  }
  // A message that has none in 64 KB has no end.
  const std::string endless =
      "8=FIX.4.4|9=5|35=0|58=" + std::string(70'000, 'x') + "|10=000|\n";
  EXPECT_THAT(Texts(ReadAll(endless + message, 10'000, Check::kLenient)),
              ElementsAre("garbled", message));
}

}  // namespace
}  // namespace streamhub::fix
