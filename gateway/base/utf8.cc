#include "gateway/base/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace streamhub {

bool Utf8Checker::Feed(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (need_ == 0) {
      // Most text is ASCII: eight bytes at a time.
      uint64_t word;
      while (i + sizeof(word) <= bytes.size()) {
        std::memcpy(&word, bytes.data() + i, sizeof(word));
        if ((word & 0x8080808080808080) != 0) break;
        i += sizeof(word);
      }
      if (i == bytes.size()) return true;
    }
    const auto byte = static_cast<uint8_t>(bytes[i]);
    if (need_ > 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80;
      high_ = 0xBF;
      --need_;
    } else if (byte >= 0xC2 && byte <= 0xDF) {
      need_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      need_ = 2;
      if (byte == 0xE0) low_ = 0xA0;   // overlong
      if (byte == 0xED) high_ = 0x9F;  // surrogates
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      need_ = 3;
      if (byte == 0xF0) low_ = 0x90;   // overlong
      if (byte == 0xF4) high_ = 0x8F;  // above U+10FFFF
    } else if (byte >= 0x80) {
      return false;
    }
  }
  return true;
}

std::string ShownText(std::string_view bytes) {
  constexpr size_t kShownMax = 64;
  size_t size = std::min(bytes.size(), kShownMax);
  if (size < bytes.size()) {
    while (size > 0 && (bytes[size] & 0xC0) == 0x80) --size;
  }
  std::string shown(bytes.substr(0, size));
  if (!IsValidUtf8(shown)) {
    std::replace_if(
        shown.begin(), shown.end(),
        [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  }
  return shown;
}

std::string ForTerminal(std::string_view text) {
  std::string shown(text);
  std::replace_if(
      shown.begin(), shown.end(),
      [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }, '?');
  return shown;
}

}  // namespace streamhub
