// Bytes of one message of IEX TOPS 1.6 or DEEP 1.0 -> its struct (message
// formats of both specifications; their types do not collide). Pure: no state,
// no allocation, never reads outside the bytes it is given, whatever they are.
// Any thread.
//
// A message may be longer than its type was when this was written: IEX adds
// fields at the end without notice (section "Architecture"). What is added is
// not looked at.

#ifndef STREAMHUB_FEEDS_IEX_DECODER_H_
#define STREAMHUB_FEEDS_IEX_DECODER_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "feeds/iex/messages.h"

namespace streamhub::iex {

// Every message starts with type, a code or flags, and its time.
inline constexpr size_t kHeadBytes = 10;

// The bytes that a message of `type` has at least, the type included; 0 if
// neither specification has such a type.
size_t MessageBytes(uint8_t type);

enum class Decoded {
  kHandled,      // the handler got it
  kSkipped,      // a type of later versions that says nothing about prices
  kUnknownType,  // none of TOPS or DEEP
  kBadSize,      // shorter than its type
  kBadTime,      // before 1970
};

// In words, for an error: "message 'Q' has 41 bytes, want 42". `result` is one
// of the last three, `message` what was decoded.
std::string Describe(Decoded result, std::span<const uint8_t> message);

// The time of a message; 0 if it has less than kHeadBytes.
int64_t TimeNsOf(std::span<const uint8_t> message);

// Calls `handler.On(const T&)` with the T of messages.h. Without kHandled the
// handler was not called.
template <typename Handler>
Decoded Decode(std::span<const uint8_t> message, Handler& handler);

// --- implementation ---

namespace internal {

// Little-endian, and signed where T is.
template <typename T>
T Load(const uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::little) return value;
  if constexpr (sizeof value == 2) {
    return static_cast<T>(__builtin_bswap16(static_cast<uint16_t>(value)));
  }
  if constexpr (sizeof value == 4) {
    return static_cast<T>(__builtin_bswap32(static_cast<uint32_t>(value)));
  }
  if constexpr (sizeof value == 8) {
    return static_cast<T>(__builtin_bswap64(static_cast<uint64_t>(value)));
  }
}

template <size_t kSize>
std::array<char, kSize> LoadText(const uint8_t* bytes) {
  std::array<char, kSize> text;
  std::memcpy(text.data(), bytes, kSize);
  return text;
}

}  // namespace internal

inline int64_t TimeNsOf(std::span<const uint8_t> message) {
  return message.size() < kHeadBytes
             ? 0
             : internal::Load<int64_t>(message.data() + 2);
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
  if (message.size() < size) return Decoded::kBadSize;
  const int64_t time_ns = TimeNsOf(message);
  if (time_ns < 0) return Decoded::kBadTime;
  const char code = static_cast<char>(m[1]);
  if (m[0] == 'S') {
    handler.On(SystemEvent{code, time_ns});
    return Decoded::kHandled;
  }
  const Symbol symbol = internal::LoadText<8>(m + 10);
  switch (m[0]) {
    case 'Q':
      handler.On(QuoteUpdate{m[1], time_ns, symbol, Load<uint32_t>(m + 18),
                             Load<int64_t>(m + 22), Load<int64_t>(m + 30),
                             Load<uint32_t>(m + 38)});
      break;
    case '8':
    case '5':
      handler.On(PriceLevel{m[0] == '8' ? Side::kBuy : Side::kSell, m[1],
                            time_ns, symbol, Load<uint32_t>(m + 18),
                            Load<int64_t>(m + 22)});
      break;
    case 'T':
      handler.On(Trade{m[1], time_ns, symbol, Load<uint32_t>(m + 18),
                       Load<int64_t>(m + 22), Load<int64_t>(m + 30)});
      break;
    case 'B':
      handler.On(TradeBreak{m[1], time_ns, symbol, Load<uint32_t>(m + 18),
                            Load<int64_t>(m + 22), Load<int64_t>(m + 30)});
      break;
    case 'H':
      handler.On(
          TradingStatus{code, time_ns, symbol, internal::LoadText<4>(m + 18)});
      break;
    case 'O':
      handler.On(OperationalHalt{code, time_ns, symbol});
      break;
    case 'P':
      handler.On(
          ShortSaleTest{m[1], time_ns, symbol, static_cast<char>(m[18])});
      break;
    case 'E':
      handler.On(SecurityEvent{code, time_ns, symbol});
      break;
    case 'D':
      handler.On(SecurityDirectory{m[1], time_ns, symbol,
                                   Load<uint32_t>(m + 18),
                                   Load<int64_t>(m + 22), m[30]});
      break;
    case 'X':
      handler.On(OfficialPrice{code, time_ns, symbol, Load<int64_t>(m + 18)});
      break;
    case 'A':
      handler.On(AuctionInformation{
          code, time_ns, symbol, Load<uint32_t>(m + 18), Load<int64_t>(m + 22),
          Load<int64_t>(m + 30), Load<uint32_t>(m + 38),
          static_cast<char>(m[42]), m[43], Load<uint32_t>(m + 44),
          Load<int64_t>(m + 48), Load<int64_t>(m + 56), Load<int64_t>(m + 64),
          Load<int64_t>(m + 72)});
      break;
    default:
      return Decoded::kSkipped;
  }
  return Decoded::kHandled;
}

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_DECODER_H_
