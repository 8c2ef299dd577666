#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/utf8.h"
#include "gateway/codec/ws_frame.h"

namespace streamhub {
namespace {

std::string Header(WsOpcode opcode, uint64_t size) {
  std::array<char, kWsServerHeaderMax> out;
  out.fill('?');
  const size_t written = WriteServerFrameHeader(opcode, size, out.data());
  EXPECT_EQ(written, WsServerHeaderSize(size));
  for (size_t i = written; i < out.size(); ++i) EXPECT_EQ(out[i], '?');
  return {out.data(), written};
}

// RFC 6455 section 5.7.
TEST(WsFrameWrite, TheExamplesOfTheRfc) {
  std::string out;
  AppendServerFrame(WsOpcode::kText, "Hello", &out);
  EXPECT_EQ(out, "\x81\x05Hello");
  out.clear();
  AppendClientFrame(WsOpcode::kText, "Hello", 0x37FA213D, &out);
  EXPECT_EQ(out, "\x81\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58");
  out.clear();
  AppendClientFrame(WsOpcode::kPong, "Hello", 0x37FA213D, &out);
  EXPECT_EQ(out, "\x8A\x85\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58");
  EXPECT_EQ(Header(WsOpcode::kPing, 5), "\x89\x05");
  EXPECT_EQ(Header(WsOpcode::kBinary, 256), std::string("\x82\x7E\x01\x00", 4));
  EXPECT_EQ(Header(WsOpcode::kBinary, 65536),
            std::string("\x82\x7F\0\0\0\0\0\x01\0\0", 10));
}

TEST(WsFrameWrite, HeadersUseTheShortestLength) {
  EXPECT_EQ(Header(WsOpcode::kText, 0), std::string("\x81\0", 2));
  EXPECT_EQ(Header(WsOpcode::kText, 125), "\x81\x7D");
  EXPECT_EQ(Header(WsOpcode::kText, 126), std::string("\x81\x7E\0\x7E", 4));
  EXPECT_EQ(Header(WsOpcode::kText, 65535), "\x81\x7E\xFF\xFF");
  EXPECT_EQ(Header(WsOpcode::kClose, 2), "\x88\x02");
  EXPECT_EQ(Header(WsOpcode::kText, 0x0102030405060708),
            "\x81\x7F\x01\x02\x03\x04\x05\x06\x07\x08");
}

TEST(WsFrameWrite, AHeaderFitsIntoTheHeadroomBeforeItsPayload) {
  for (const size_t size : {0, 5, 126, 70'000}) {
    const std::string payload(size, 'x');
    std::string buffer = std::string(16, '#') + payload;
    const size_t header = WsServerHeaderSize(size);
    WriteServerFrameHeader(WsOpcode::kText, size, buffer.data() + 16 - header);
    std::string frame;
    AppendServerFrame(WsOpcode::kText, payload, &frame);
    EXPECT_EQ(buffer.substr(16 - header), frame);
    EXPECT_EQ(buffer.substr(0, 16 - header), std::string(16 - header, '#'));
  }
}

TEST(WsFrameWrite, WhatOneSideWritesTheOtherReads) {
  const uint32_t seed = 13;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const size_t size : {0, 1, 7, 125, 126, 4096, 65535, 65536}) {
    const std::string payload(size, 'p');
    for (const bool from_client : {true, false}) {
      std::string wire;
      if (from_client) {
        AppendClientFrame(WsOpcode::kText, payload, random(), &wire);
      } else {
        AppendServerFrame(WsOpcode::kText, payload, &wire);
      }
      WsFrameReader reader({.role = from_client ? WsFrameReader::Role::kServer
                                                : WsFrameReader::Role::kClient,
                            .max_message_bytes = size});
      std::span<char> input(wire);
      WsEvent event;
      ASSERT_EQ(reader.Next(&input, &event), WsFrameReader::Result::kEvent);
      EXPECT_EQ(event.payload, payload);
      EXPECT_TRUE(input.empty());
    }
  }
}

TEST(WsFrameWrite, ClosePayloads) {
  EXPECT_EQ(ClosePayload(kWsNoCode, "is not sent"), "");
  EXPECT_EQ(ClosePayload(1000, ""), "\x03\xE8");
  EXPECT_EQ(ClosePayload(4001, "stopping"), "\x0F\xA1stopping");
  EXPECT_EQ(ClosePayload(1000, std::string(123, 'x')).size(), 125u);
  EXPECT_EQ(ClosePayload(1000, std::string(124, 'x')).size(), 125u);
  for (size_t before = 115; before < 125; ++before) {
    std::string reason(before, 'x');
    for (int i = 0; i < 3; ++i) reason += "\xF0\x9F\x98\x80";
    const std::string payload = ClosePayload(1000, reason);
    EXPECT_LE(payload.size(), kWsControlPayloadMax);
    EXPECT_GT(payload.size(), kWsControlPayloadMax - 4);
    EXPECT_TRUE(IsValidUtf8(std::string_view(payload).substr(2))) << before;
  }
}

TEST(WsFrameWrite, MasksAsTheRfcSays) {
  const std::array<char, 4> key = {'\x12', '\x34', '\x56', '\xF8'};
  for (size_t size = 0; size < 40; ++size) {
    for (uint64_t offset = 0; offset < 9; ++offset) {
      std::vector<char> bytes(size);
      std::vector<char> expected(size);
      for (size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<char>(i * 7);
        // RFC 6455 section 5.3.
        expected[i] = static_cast<char>(bytes[i] ^ key[(i + offset) % 4]);
      }
      WsMask(bytes, key, offset);
      EXPECT_EQ(bytes, expected) << size << " at " << offset;
    }
  }
}

}  // namespace
}  // namespace streamhub
