#include "feeds/iex/decoder.h"

#include <absl/strings/str_cat.h>

#include <array>
#include <utility>

namespace streamhub::iex {
namespace {

constexpr std::array<uint8_t, 256> kBytes = [] {
  std::array<uint8_t, 256> bytes = {};
  for (const auto& [type, size] : std::initializer_list<std::pair<char, int>>{
           {'S', 10},
           {'D', 31},
           {'H', 22},
           {'O', 18},
           {'P', 19},
           {'E', 18},
           {'Q', 42},
           {'8', 30},
           {'5', 30},
           {'T', 38},
           {'B', 38},
           {'X', 26},
           {'A', 80},
           // Retail liquidity, of TOPS 1.66 and DEEP 1.08.
           {'I', 18}}) {
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
      return absl::StrCat("no message type of TOPS 1.6 or DEEP 1.0: ", type);
    case Decoded::kBadSize:
      return absl::StrCat("message ", type, " has ", message.size(),
                          " bytes, want ", MessageBytes(message[0]));
    case Decoded::kBadTime:
      return absl::StrCat("message ", type, " has time ", TimeNsOf(message),
                          " ns, before 1970");
    case Decoded::kHandled:
    case Decoded::kSkipped:
      break;
  }
  return absl::StrCat("message ", type);
}

}  // namespace streamhub::iex
