// Bytes of one NASDAQ TotalView-ITCH 5.0 message -> its struct. Pure: no
// state, no allocation, never reads outside the bytes it is given, whatever
// they are. Any thread.

#ifndef STREAMHUB_FEEDS_ITCH_DECODER_H_
#define STREAMHUB_FEEDS_ITCH_DECODER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "feeds/itch/messages.h"

namespace streamhub::itch {

// Every message starts with type, locate, tracking number and time.
inline constexpr size_t kHeadBytes = 11;

// Nanoseconds since midnight end here: a day has at most 25 hours.
inline constexpr uint64_t kTimeNsEnd = uint64_t{25} * 3600 * 1'000'000'000;

// The exact size in bytes of a message of `type`, the type included; 0 if
// ITCH 5.0 has no such type.
size_t MessageBytes(uint8_t type);

enum class Decoded {
  kHandled,      // the handler got it
  kSkipped,      // a type that says nothing about prices
  kUnknownType,  // none of ITCH 5.0
  kBadSize,      // not the size of its type
  kBadTime,      // beyond the end of the day
  kBadSide,      // neither B nor S
};

// In words, for an error: "message 'A' has side 'x', want B or S". `result` is
// one of the last four, `message` what was decoded.
std::string Describe(Decoded result, std::span<const uint8_t> message);

// The time of any message of at least kHeadBytes.
uint64_t TimeNsOf(std::span<const uint8_t> message);

// Calls `handler.On(const T&)` with the T of messages.h. Without kHandled the
// handler was not called.
template <typename Handler>
Decoded Decode(std::span<const uint8_t> message, Handler& handler);

// --- implementation ---

namespace internal {

template <typename T>
T Load(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big) return value;
  if constexpr (sizeof value == 2) return __builtin_bswap16(value);
  if constexpr (sizeof value == 4) return __builtin_bswap32(value);
  if constexpr (sizeof value == 8) return __builtin_bswap64(value);
}

inline uint64_t Load48(const uint8_t* bytes) {
  return uint64_t{Load<uint16_t>(bytes)} << 32 | Load<uint32_t>(bytes + 2);
}

template <size_t kSize>
std::array<char, kSize> LoadText(const uint8_t* bytes) {
  std::array<char, kSize> text;
  std::memcpy(text.data(), bytes, kSize);
  return text;
}

inline bool IsSide(uint8_t byte) { return byte == 'B' || byte == 'S'; }

inline Side LoadSide(uint8_t byte) {
  return byte == 'B' ? Side::kBuy : Side::kSell;
}

}  // namespace internal

inline uint64_t TimeNsOf(std::span<const uint8_t> message) {
  return internal::Load48(message.data() + 5);
}

// A table of the types, in the form of a switch.
template <typename Handler>
// NOLINTNEXTLINE(readability-function-size)
Decoded Decode(std::span<const uint8_t> message, Handler& handler) {
  using internal::Load;
  if (message.empty()) return Decoded::kBadSize;
  const uint8_t* const m = message.data();
  const size_t size = MessageBytes(m[0]);
  if (size == 0) return Decoded::kUnknownType;
  if (size != message.size()) return Decoded::kBadSize;
  const Head head{Load<uint16_t>(m + 1), Load<uint16_t>(m + 3),
                  TimeNsOf(message)};
  if (head.time_ns >= kTimeNsEnd) return Decoded::kBadTime;
  switch (m[0]) {
    case 'A':
    case 'F': {
      if (!internal::IsSide(m[19])) return Decoded::kBadSide;
      AddOrder add{head,
                   Load<uint64_t>(m + 11),
                   internal::LoadSide(m[19]),
                   Load<uint32_t>(m + 20),
                   internal::LoadText<8>(m + 24),
                   Load<uint32_t>(m + 32),
                   {}};
      if (m[0] == 'F') add.participant = internal::LoadText<4>(m + 36);
      handler.On(add);
      break;
    }
    case 'E':
      handler.On(OrderExecuted{head, Load<uint64_t>(m + 11),
                               Load<uint32_t>(m + 19), Load<uint64_t>(m + 23)});
      break;
    case 'C':
      handler.On(OrderExecutedWithPrice{
          head, Load<uint64_t>(m + 11), Load<uint32_t>(m + 19),
          Load<uint64_t>(m + 23), m[31] == 'Y', Load<uint32_t>(m + 32)});
      break;
    case 'X':
      handler.On(
          OrderCancel{head, Load<uint64_t>(m + 11), Load<uint32_t>(m + 19)});
      break;
    case 'D':
      handler.On(OrderDelete{head, Load<uint64_t>(m + 11)});
      break;
    case 'U':
      handler.On(OrderReplace{head, Load<uint64_t>(m + 11),
                              Load<uint64_t>(m + 19), Load<uint32_t>(m + 27),
                              Load<uint32_t>(m + 31)});
      break;
    case 'P':
      if (!internal::IsSide(m[19])) return Decoded::kBadSide;
      handler.On(Trade{head, Load<uint64_t>(m + 11), internal::LoadSide(m[19]),
                       Load<uint32_t>(m + 20), internal::LoadText<8>(m + 24),
                       Load<uint32_t>(m + 32), Load<uint64_t>(m + 36)});
      break;
    case 'Q':
      handler.On(CrossTrade{head, Load<uint64_t>(m + 11),
                            internal::LoadText<8>(m + 19),
                            Load<uint32_t>(m + 27), Load<uint64_t>(m + 31),
                            static_cast<char>(m[39])});
      break;
    case 'B':
      handler.On(BrokenTrade{head, Load<uint64_t>(m + 11)});
      break;
    case 'H':
      handler.On(TradingAction{head, internal::LoadText<8>(m + 11),
                               static_cast<char>(m[19]),
                               internal::LoadText<4>(m + 21)});
      break;
    case 'R':
      handler.On(StockDirectory{
          head, internal::LoadText<8>(m + 11), static_cast<char>(m[19]),
          static_cast<char>(m[20]), Load<uint32_t>(m + 21)});
      break;
    case 'S':
      handler.On(SystemEvent{head, static_cast<char>(m[11])});
      break;
    default:
      return Decoded::kSkipped;
  }
  return Decoded::kHandled;
}

}  // namespace streamhub::itch

#endif  // STREAMHUB_FEEDS_ITCH_DECODER_H_
