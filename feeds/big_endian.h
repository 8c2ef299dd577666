// Integers in the order of the network, from bytes of any alignment. The
// caller has checked that they are there. Any thread.

#ifndef STREAMHUB_FEEDS_BIG_ENDIAN_H_
#define STREAMHUB_FEEDS_BIG_ENDIAN_H_

#include <cstdint>

namespace streamhub {

inline uint16_t LoadBig16(const uint8_t* bytes) {
  return static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
}

inline uint32_t LoadBig32(const uint8_t* bytes) {
  return uint32_t{LoadBig16(bytes)} << 16 | LoadBig16(bytes + 2);
}

inline uint64_t LoadBig64(const uint8_t* bytes) {
  return uint64_t{LoadBig32(bytes)} << 32 | LoadBig32(bytes + 4);
}

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_BIG_ENDIAN_H_
