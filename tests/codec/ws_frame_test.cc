// The reader of WebSocket frames against the families of the Autobahn test
// suite, each case whole, byte by byte and in random pieces.

#include "gateway/codec/ws_frame.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/codec/ws_frame_reading.h"

namespace streamhub::ws_frame_test {
namespace {

TEST(WsFrameReader, Family1Framing) {
  const Options options = {.max_message_bytes = 1 << 17, .allow_binary = true};
  for (const size_t size :
       {0, 1, 125, 126, 127, 128, 1000, 65535, 65536, 65537}) {
    SCOPED_TRACE(size);
    const std::string payload = Pattern(size);
    ExpectReads(Frame(kFin | kText, payload), {"text " + payload}, options);
    ExpectReads(Frame(kFin | kBinary, payload), {"binary " + payload}, options);
  }
  ExpectCases({
      {"125 bytes, 16 bits",
       Frame(kFin | kText, Pattern(125), true, 16),
       {"fail 1002"}},
      {"1 byte, 64 bits", Frame(kFin | kText, "a", true, 64), {"fail 1002"}},
      {"65535 bytes, 64 bits",
       Frame(kFin | kText, Pattern(65535), true, 64),
       {"fail 1002"}},
      {"2^63 bytes", "\x81\xFF\x80" + std::string(11, '\0'), {"fail 1002"}},
      {"not masked", Frame(kFin | kText, "Hello", false), {"fail 1002"}},
      {"a ping not masked", Frame(kFin | kPing, "", false), {"fail 1002"}},
  });
}

TEST(WsFrameReader, Family1BinaryIsRefusedUnlessAllowed) {
  ExpectCases({
      {"whole", Frame(kFin | kBinary, "x"), {"fail 1003"}},
      {"fragmented", Frame(kMore | kBinary, "x"), {"fail 1003"}},
      {"after a text",
       Frame(kFin | kText, "a") + Frame(kFin | kBinary, "x"),
       {"text a", "fail 1003"}},
  });
}

TEST(WsFrameReader, Family2PingsAndPongs) {
  std::string ten_pings;
  Log ten;
  for (int i = 0; i < 10; ++i) {
    ten_pings += Frame(kFin | kPing, "payload" + std::to_string(i));
    ten.push_back("ping payload" + std::to_string(i));
  }
  ExpectCases({
      {"empty", Frame(kFin | kPing, ""), {"ping "}},
      {"text", Frame(kFin | kPing, "Hello, world!"), {"ping Hello, world!"}},
      {"any bytes", Frame(kFin | kPing, "\xFF\xFE\xFD"), {"ping \xFF\xFE\xFD"}},
      {"125 bytes",
       Frame(kFin | kPing, Pattern(125)),
       {"ping " + Pattern(125)}},
      {"126 bytes", Frame(kFin | kPing, Pattern(126)), {"fail 1002"}},
      {"an unasked pong",
       Frame(kFin | kPong, "p") + Frame(kFin | kPing, "q"),
       {"pong p", "ping q"}},
      {"ten pings", ten_pings, ten},
  });
}

TEST(WsFrameReader, Family3ReservedBits) {
  for (int rsv = 0x10; rsv <= 0x70; rsv += 0x10) {
    SCOPED_TRACE(rsv);
    ExpectReads(Frame(kFin | rsv | kText, "a"), {"fail 1002"});
    ExpectReads(Frame(kFin | rsv | kPing, ""), {"fail 1002"});
    ExpectReads(Frame(kFin | rsv | kClose, ""), {"fail 1002"});
    ExpectReads(Frame(kFin | kText, "a") + Frame(kFin | rsv | kText, "b") +
                    Frame(kFin | kPing, ""),
                {"text a", "fail 1002"});
  }
}

TEST(WsFrameReader, Family4ReservedOpcodes) {
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    SCOPED_TRACE(opcode);
    ExpectReads(Frame(kFin | opcode, ""), {"fail 1002"});
    ExpectReads(Frame(opcode, "a"), {"fail 1002"});
    ExpectReads(Frame(kFin | kText, "a") + Frame(kFin | opcode, "x") +
                    Frame(kFin | kPing, ""),
                {"text a", "fail 1002"});
  }
}

TEST(WsFrameReader, Family5Fragmentation) {
  const std::string one = Frame(kMore | kText, "one ");
  const std::string two = Frame(kMore | kContinue, "two ");
  const std::string three = Frame(kFin | kContinue, "three");
  const std::string ping = Frame(kFin | kPing, "p");
  ExpectCases({
      {"three fragments", one + two + three, {"text one two three"}},
      {"empty fragments",
       Frame(kMore | kText, "") + Frame(kMore | kContinue, "") +
           Frame(kFin | kContinue, ""),
       {"text "}},
      {"only the last is not empty",
       Frame(kMore | kText, "") + three,
       {"text three"}},
      {"pings between",
       one + ping + two + ping + Frame(kFin | kPong, "q") + three,
       {"ping p", "ping p", "pong q", "text one two three"}},
      {"a close inside", one + Close(1000, "bye") + three, {"close 1000 bye"}},
      {"two messages",
       one + three + Frame(kFin | kText, "x") + one + three,
       {"text one three", "text x", "text one three"}},
      {"a fragmented ping", Frame(kMore | kPing, "a"), {"fail 1002"}},
      {"a fragmented pong", Frame(kMore | kPong, "a"), {"fail 1002"}},
      {"a fragmented close", Frame(kMore | kClose, ""), {"fail 1002"}},
      {"a continuation of nothing", three, {"fail 1002"}},
      {"an open continuation of nothing", two, {"fail 1002"}},
      {"a continuation after the end",
       one + three + three,
       {"text one three", "fail 1002"}},
      {"a continuation after a whole message",
       Frame(kFin | kText, "a") + two,
       {"text a", "fail 1002"}},
      {"a text inside", one + Frame(kFin | kText, "x"), {"fail 1002"}},
      {"an open text inside", one + ping + one, {"ping p", "fail 1002"}},
  });
  ExpectReads(one + Frame(kFin | kBinary, "x"), {"fail 1002"},
              {.allow_binary = true});
  ExpectReads(Frame(kMore | kBinary, "\xFF") + Frame(kFin | kContinue, "\xFE"),
              {"binary \xFF\xFE"}, {.allow_binary = true});
}

// Autobahn 6.5 to 6.23, a choice: base/utf8_test has every short sequence.
const std::vector<std::string> kGoodUtf8 = {
    "",
    "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5",
    std::string("\0", 1),
    "\xC2\x80",
    "\xDF\xBF",
    "\xE0\xA0\x80",
    "\xEF\xBF\xBF",
    "\xED\x9F\xBF",
    "\xEE\x80\x80",
    "\xF0\x90\x80\x80",
    "\xF4\x8F\xBF\xBF",
    "\xF0\x9F\x98\x80 and \xE2\x82\xAC",
};
struct BadUtf8 {
  std::string text;
  size_t bad_at;  // the first byte that cannot be right
};
const std::vector<BadUtf8> kBadUtf8 = {
    {"\x80", 0},
    {"\xBF", 0},
    {"a\xFF", 1},
    {"\xC0\xAF", 0},
    {"\xC1\xBF", 0},
    {"\xE0\x9F\xBF", 1},
    {"\xF0\x8F\xBF\xBF", 1},
    {"\xED\xA0\x80", 1},
    {"\xED\xBF\xBF", 1},
    {"\xF4\x90\x80\x80", 1},
    {"\xF5\x80\x80\x80", 0},
    {"\xFC\x84\x80\x80\x80\x80", 0},
    {"\xE2\x82 ", 2},
    {"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5\xED\xA0\x80 edited", 12},
};

TEST(WsFrameReader, Family6GoodTextHoweverFragmented) {
  for (const std::string& text : kGoodUtf8) {
    SCOPED_TRACE(testing::PrintToString(text));
    ExpectReads(Frame(kFin | kText, text), {"text " + text});
    for (size_t i = 0; i <= text.size(); ++i) {
      ExpectReads(Frame(kMore | kText, text.substr(0, i)) +
                      Frame(kFin | kPing, "\xFF") +
                      Frame(kFin | kContinue, text.substr(i)),
                  {"ping \xFF", "text " + text});
    }
  }
}

TEST(WsFrameReader, Family6BadTextFailsAtTheFirstBadByte) {
  constexpr size_t kHeader = 6;
  for (const BadUtf8& bad : kBadUtf8) {
    SCOPED_TRACE(testing::PrintToString(bad.text));
    const std::string wire = Frame(kFin | kText, bad.text);
    ExpectReads(wire, {"fail 1007"});
    EXPECT_EQ(ReadBytewise(wire).failed_after, kHeader + bad.bad_at + 1);
    for (size_t i = 0; i <= bad.text.size(); ++i) {
      const std::string fragmented =
          Frame(kMore | kText, bad.text.substr(0, i)) +
          Frame(kFin | kContinue, bad.text.substr(i));
      ExpectReads(fragmented, {"fail 1007"});
      EXPECT_EQ(ReadBytewise(fragmented).failed_after,
                kHeader + bad.bad_at + 1 + (i <= bad.bad_at ? kHeader : 0));
    }
  }
}

TEST(WsFrameReader, Family6TextThatEndsInsideACharacter) {
  for (const std::string& text : kGoodUtf8) {
    if (text.size() < 2) continue;
    const std::string cut = text.substr(0, text.size() - 1);
    SCOPED_TRACE(testing::PrintToString(cut));
    ExpectReads(Frame(kFin | kText, cut), {"fail 1007"});
    ExpectReads(Frame(kMore | kText, cut) + Frame(kFin | kContinue, ""),
                {"fail 1007"});
  }
}

TEST(WsFrameReader, Family6EveryMessageStartsAfresh) {
  const Options options = {.allow_binary = true};
  ExpectReads(Frame(kFin | kBinary, "\xE2\x82") + Frame(kFin | kText, "ok"),
              {"binary \xE2\x82", "text ok"}, options);
  ExpectReads(Frame(kFin | kText, "\xE2\x82\xAC") + Frame(kFin | kText, "\xAC"),
              {"text \xE2\x82\xAC", "fail 1007"}, options);
}

TEST(WsFrameReader, Family7Close) {
  const std::string reason = Pattern(123);
  ExpectCases({
      {"no code", Frame(kFin | kClose, ""), {"close 1005 "}},
      {"a code", Close(1000), {"close 1000 "}},
      {"a reason", Close(1001, "bye"), {"close 1001 bye"}},
      {"a long reason", Close(1000, reason), {"close 1000 " + reason}},
      {"half a code", Frame(kFin | kClose, "\x03"), {"fail 1002"}},
      {"126 bytes",
       Frame(kFin | kClose, "\x03\xE8" + Pattern(124)),
       {"fail 1002"}},
      {"a reason that is no text",
       Close(1000, "\xCE\xBA\xED\xA0\x80"),
       {"fail 1007"}},
      {"a reason that is cut", Close(1000, "\xE2\x82"), {"fail 1007"}},
      {"all after it is ignored",
       Frame(kFin | kText, "a") + Close(1000) + Frame(kFin | kPing, "x") +
           Close(1001) + "\xFF\xFF\xFF",
       {"text a", "close 1000 "}},
  });
}

TEST(WsFrameReader, Family7CloseCodes) {
  for (const uint16_t code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                              1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    ExpectReads(Close(code), {"close " + std::to_string(code) + " "});
  }
  for (const uint16_t code :
       {0, 999, 1004, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    SCOPED_TRACE(code);
    ExpectReads(Close(code, "r"), {"fail 1002"});
  }
  ExpectReads(Frame(kFin | kClose, "\x03\xED"), {"fail 1002"});  // 1005
}

TEST(WsFrameReader, Family9Limits) {
  const Options options = {.max_message_bytes = 1000};
  const std::string full = Pattern(1000);
  const std::string half = Pattern(500);
  ExpectCases(
      {
          {"the limit",
           Frame(kFin | kText, full) + Frame(kFin | kText, full),
           {"text " + full, "text " + full}},
          {"one more", Frame(kFin | kText, full + "x"), {"fail 1009"}},
          {"the limit, fragmented",
           Frame(kMore | kText, half) + Frame(kFin | kContinue, half),
           {"text " + half + half}},
          {"one more, fragmented",
           Frame(kMore | kText, half) + Frame(kMore | kContinue, half) +
               Frame(kMore | kContinue, "") + Frame(kFin | kContinue, "x"),
           {"fail 1009"}},
          {"control frames do not count",
           Frame(kMore | kText, half) + Frame(kFin | kPing, Pattern(125)) +
               Frame(kFin | kContinue, half),
           {"ping " + Pattern(125), "text " + half + half}},
      },
      options);
  // Announced by the header alone, up to the most that a length can say.
  const std::string huge = "\x81\xFF\x7F" + std::string(7, '\xFF') + "mask";
  EXPECT_EQ(ReadBytewise(huge).log, Log{"fail 1009"});
  EXPECT_EQ(ReadBytewise(huge).failed_after, 10u);
  const std::string later = Frame(kMore | kText, "a") + "\x80\xFF\x7F" +
                            std::string(7, '\xFF') + "mask";
  EXPECT_EQ(ReadBytewise(later).log, Log{"fail 1009"});
  ExpectReads(Frame(kFin | kText, "") + Frame(kFin | kText, "a"),
              {"text ", "fail 1009"}, {.max_message_bytes = 0});
}

TEST(WsFrameReader, Family10ManyFragments) {
  const Options options = {.max_message_bytes = 65536};
  const std::string text = Pattern(65536);
  for (const size_t fragment : {1300, 97}) {
    std::string wire;
    for (size_t i = 0; i < text.size(); i += fragment) {
      const bool last = i + fragment >= text.size();
      wire += Frame((last ? kFin : kMore) | (i == 0 ? kText : kContinue),
                    text.substr(i, fragment));
    }
    ExpectReads(wire, {"text " + text}, options);
  }
}

TEST(WsFrameReader, FailsAsSoonAsItKnows) {
  const std::vector<std::pair<std::string, size_t>> cases = {
      {Frame(kFin | 0x40 | kText, "a"), 1},
      {Frame(kFin | 3, "a"), 1},
      {Frame(kMore | kPing, "a"), 1},
      {Frame(kFin | kContinue, "a"), 1},
      {Frame(kFin | kBinary, "a"), 1},
      {Frame(kFin | kText, "a", false), 2},
      {Frame(kFin | kPing, Pattern(126)), 2},
      {Frame(kFin | kClose, "a"), 2},
      {Frame(kFin | kText, "a", true, 16), 4},
      {Frame(kFin | kText, "a", true, 64), 10},
      {Close(999, "reason"), 6 + 8},
  };
  for (const auto& [wire, bytes] : cases) {
    EXPECT_EQ(ReadBytewise(wire).failed_after, bytes)
        << testing::PrintToString(wire);
  }
}

TEST(WsFrameReader, AClientReadsUnmaskedFramesOnly) {
  const Options options = {.role = WsFrameReader::Role::kClient,
                           .allow_binary = true};
  ExpectReads(
      Frame(kMore | kText, "Hel", false) + Frame(kFin | kPing, "p", false) +
          Frame(kFin | kContinue, "lo", false) +
          Frame(kFin | kBinary, Pattern(70'000).substr(0, 60'000), false) +
          Frame(kFin | kClose, "\x0F\xA1stop", false),
      {"ping p", "text Hello", "binary " + Pattern(70'000).substr(0, 60'000),
       "close 4001 stop"},
      options);
  ExpectReads(Frame(kFin | kText, "a"), {"fail 1002"}, options);
  ExpectReads(Frame(kFin | kText, "a", false, 16), {"fail 1002"}, options);
}

// Random conversations: what is read is what was said.
TEST(WsFrameReader, RandomConversations) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  const auto control = [&](std::string* wire, Log* log) {
    const std::string payload = Pattern(random() % 126);
    const bool ping = random() % 2 == 0;
    *wire += Frame(kFin | (ping ? kPing : kPong), payload);
    log->push_back((ping ? "ping " : "pong ") + payload);
  };
  for (int round = 0; round < 200; ++round) {
    std::string wire;
    Log expected;
    for (int messages = 1 + random() % 5; messages > 0; --messages) {
      std::string text = Pattern(random() % (1 + (random() % 2) * 700));
      if (random() % 2 == 0) text += "\xE2\x82\xAC\xF0\x9F\x98\x80";
      int opcode = kText;
      std::string_view rest = text;
      while (random() % 3 != 0) {
        const size_t size = random() % (rest.size() + 1);
        wire += Frame(kMore | opcode, rest.substr(0, size));
        rest.remove_prefix(size);
        opcode = kContinue;
        if (random() % 3 == 0) control(&wire, &expected);
      }
      wire += Frame(kFin | opcode, rest);
      expected.push_back("text " + text);
      if (random() % 3 == 0) control(&wire, &expected);
    }
    ASSERT_NO_FATAL_FAILURE(ExpectReads(wire, expected)) << "round " << round;
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace streamhub::ws_frame_test
