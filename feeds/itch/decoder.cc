#include "feeds/itch/decoder.h"

#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

namespace streamhub::itch {
namespace {

constexpr std::array<uint8_t, 256> kBytes = [] {
  std::array<uint8_t, 256> bytes = {};
  for (const auto& [type, size] : std::initializer_list<std::pair<char, int>>{
           {'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35},
           {'W', 12}, {'K', 28}, {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40},
           {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19}, {'U', 35}, {'P', 44},
           {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}}) {
    bytes[static_cast<uint8_t>(type)] = static_cast<uint8_t>(size);
  }
  return bytes;
}();

// A byte as 'A', or as 0x07 where it is not printable.
std::string Show(uint8_t byte) {
  if (byte > 0x20 && byte < 0x7F) {
    return absl::StrCat("'", std::string(1, static_cast<char>(byte)), "'");
  }
  return absl::StrCat("0x", absl::Hex(byte, absl::kZeroPad2));
}

}  // namespace

size_t MessageBytes(uint8_t type) { return kBytes[type]; }

std::string Describe(Decoded result, std::span<const uint8_t> message) {
  if (message.empty()) return "empty message";
  const std::string type = Show(message[0]);
  switch (result) {
    case Decoded::kUnknownType:
      return absl::StrCat("no message type of ITCH 5.0: ", type);
    case Decoded::kBadSize:
      return absl::StrCat("length ", message.size(), " does not match type ",
                          type, ", which has ", MessageBytes(message[0]),
                          " bytes");
    case Decoded::kBadTime:
      return absl::StrCat("message ", type, " has time ", TimeNsOf(message),
                          " ns, beyond the end of a day");
    case Decoded::kBadSide:
      return absl::StrCat("message ", type, " has side ", Show(message[19]),
                          ", want B or S");
    case Decoded::kHandled:
    case Decoded::kSkipped:
      break;
  }
  return absl::StrCat("message ", type);
}

}  // namespace streamhub::itch
