#include "feeds/crypto/kraken_checksum.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "gateway/market/symbol.h"

namespace streamhub::crypto {
namespace {

constexpr size_t kLevels = 10;
// 64 bits, and the noughts that a value was written with beyond its decimals.
constexpr size_t kValueBytes = 20 + kDecimalsMax;

// The digits of `scaled` with `written` decimals instead of `decimals`.
char* Append(int64_t scaled, int decimals, int written, char* out) {
  if (scaled == 0) return out;
  char* end = std::to_chars(out, out + kValueBytes, scaled).ptr;
  for (; decimals < written; ++decimals) *end++ = '0';
  for (; decimals > written && end > out; --decimals) --end;
  return end;
}

}  // namespace

uint32_t KrakenChecksum(const LevelBook& book, int price_decimals,
                        int size_decimals) {
  std::array<char, 2 * kLevels * 2 * kValueBytes> text;
  char* end = text.data();
  for (const LevelSide* const side : {&book.asks, &book.bids}) {
    for (size_t i = 0; i < std::min(side->size(), kLevels); ++i) {
      const Level level = side->At(i);
      end = Append(level.price, price_decimals, level.price_written, end);
      end = Append(level.size, size_decimals, level.size_written, end);
    }
  }
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()),
            static_cast<uInt>(end - text.data())));
}

}  // namespace streamhub::crypto
