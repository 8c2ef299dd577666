// Integers and texts of a DBN record. Pure; any thread.

#ifndef STREAMHUB_FEEDS_DBN_LITTLE_ENDIAN_H_
#define STREAMHUB_FEEDS_DBN_LITTLE_ENDIAN_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace streamhub::dbn {

// A little-endian integer of any size and alignment.
template <typename T>
T Load(const uint8_t* bytes) {
  std::make_unsigned_t<T> value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big) {
    if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
    if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
    if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
  }
  return static_cast<T>(value);
}

// A text of up to `bytes` bytes: it ends at the first NUL.
inline std::string_view LoadText(const uint8_t* at, size_t bytes) {
  const auto* const text = reinterpret_cast<const char*>(at);
  return {text, strnlen(text, bytes)};
}

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_LITTLE_ENDIAN_H_
