#include "tests/codec/ws_frame_reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <span>

namespace streamhub::ws_frame_test {
namespace {

constexpr uint32_t kMaskKey = 0x37FA213D;

// Reads `wire` in pieces of sizes that `next_size` says. Every piece has a
// buffer of its own, so that the address sanitizer sees its ends.
Reading Read(std::string_view wire, const Options& options,
             const std::function<size_t()>& next_size) {
  WsFrameReader reader(options);
  Reading reading;
  for (size_t given = 0; given < wire.size();) {
    const size_t size = std::min(next_size(), wire.size() - given);
    std::vector<char> piece(wire.begin() + given, wire.begin() + given + size);
    given += size;
    std::span<char> input(piece);
    WsEvent event;
    WsFrameReader::Result result;
    while ((result = reader.Next(&input, &event)) ==
           WsFrameReader::Result::kEvent) {
      reading.log.push_back(Describe(event));
    }
    EXPECT_LE(reader.buffered_bytes(), options.max_message_bytes);
    if (result == WsFrameReader::Result::kFailed) {
      EXPECT_FALSE(reader.failure().reason.empty());
      EXPECT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kFailed);
      reading.log.push_back("fail " + std::to_string(reader.failure().code));
      reading.failed_after = given;
      return reading;
    }
    EXPECT_TRUE(input.empty()) << "all input is taken";
  }
  return reading;
}

}  // namespace

std::string Frame(int first_byte, std::string_view payload, bool masked,
                  int length) {
  const uint64_t size = payload.size();
  if (length == 0) length = size < 126 ? 7 : size < 65536 ? 16 : 64;
  const int mask_bit = masked ? 0x80 : 0;
  std::string wire(1, static_cast<char>(first_byte));
  wire += static_cast<char>(mask_bit | (length == 7    ? static_cast<int>(size)
                                        : length == 16 ? 126
                                                       : 127));
  for (int shift = length == 7 ? 0 : length; shift > 0; shift -= 8) {
    wire += static_cast<char>(size >> (shift - 8));
  }
  if (!masked) return wire + std::string(payload);
  std::string key;
  for (int shift = 24; shift >= 0; shift -= 8) {
    key += static_cast<char>(kMaskKey >> shift);
  }
  wire += key;
  for (size_t i = 0; i < size; ++i) {
    wire += static_cast<char>(payload[i] ^ key[i % 4]);
  }
  return wire;
}

std::string Close(uint16_t code, std::string_view reason) {
  return Frame(kFin | kClose, ClosePayload(code, reason));
}

std::string Pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

std::string Describe(const WsEvent& event) {
  const std::string payload(event.payload);
  switch (event.type) {
    case WsEvent::Type::kText:
      return "text " + payload;
    case WsEvent::Type::kBinary:
      return "binary " + payload;
    case WsEvent::Type::kPing:
      return "ping " + payload;
    case WsEvent::Type::kPong:
      return "pong " + payload;
    case WsEvent::Type::kClose:
      return "close " + std::to_string(event.close_code) + " " + payload;
  }
  return "?";
}

Reading ReadBytewise(std::string_view wire, const Options& options) {
  return Read(wire, options, [] { return size_t{1}; });
}

void ExpectReads(std::string_view wire, const Log& expected,
                 const Options& options) {
  EXPECT_EQ(Read(wire, options, [&] { return wire.size(); }).log, expected);
  EXPECT_EQ(ReadBytewise(wire, options).log, expected);
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  std::mt19937 random(kSeed);
  for (int round = 0; round < 20; ++round) {
    const size_t longest = std::max<size_t>(1, wire.size() >> (round % 8));
    EXPECT_EQ(Read(wire, options, [&] { return 1 + random() % longest; }).log,
              expected)
        << "round " << round;
  }
}

void ExpectCases(const std::vector<Case>& cases, const Options& options) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ExpectReads(c.wire, c.expected, options);
  }
}

}  // namespace streamhub::ws_frame_test
