// What the tests of WsFrameReader share: frames made by hand, right and wrong,
// and reading them in every kind of split.

#ifndef STREAMHUB_TESTS_CODEC_WS_FRAME_READING_H_
#define STREAMHUB_TESTS_CODEC_WS_FRAME_READING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/codec/ws_frame.h"

namespace streamhub::ws_frame_test {

// Events as text: "text Hello", "close 1000 bye"; last "fail 1002".
using Log = std::vector<std::string>;
using Options = WsFrameReader::Options;

inline constexpr uint32_t kSeed = 6455;

// Byte 0 of a frame (RFC 6455 section 5.2).
inline constexpr uint8_t kFin = 0x80;
inline constexpr uint8_t kMore = 0;  // FIN not set
inline constexpr uint8_t kContinue = 0, kText = 1, kBinary = 2;
inline constexpr uint8_t kClose = 8, kPing = 9, kPong = 10;

// A frame of any first byte, its length in the form that `length` names: 7, 16
// or 64 bits, 0: the shortest.
std::string Frame(int first_byte, std::string_view payload, bool masked = true,
                  int length = 0);

std::string Close(uint16_t code, std::string_view reason = {});

// `size` letters.
std::string Pattern(size_t size);

std::string Describe(const WsEvent& event);

struct Reading {
  Log log;
  size_t failed_after = 0;  // bytes given until it failed
};

Reading ReadBytewise(std::string_view wire, const Options& options = {});

// Whole, byte by byte, and in random pieces.
void ExpectReads(std::string_view wire, const Log& expected,
                 const Options& options = {});

struct Case {
  std::string name;
  std::string wire;
  Log expected;
};
void ExpectCases(const std::vector<Case>& cases, const Options& options = {});

}  // namespace streamhub::ws_frame_test

#endif  // STREAMHUB_TESTS_CODEC_WS_FRAME_READING_H_
