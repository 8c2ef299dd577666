// Single values as JSON text (RFC 8259): exact, appended without an allocation
// of their own. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_BASE_JSON_TEXT_H_
#define STREAMHUB_GATEWAY_BASE_JSON_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace streamhub {

namespace internal {

// 00, 01, ... 99.
inline constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  }
  return pairs;
}();

inline char* PairBefore(char* end, uint32_t pair) {
  std::memcpy(end - 2, &kPairs[2 * pair], 2);
  return end - 2;
}

// Lays the digits of `rest` down in front of `end`; returns where they begin.
// Half of what std::to_chars takes, which counts them first.
inline char* DigitsBefore(char* end, uint64_t rest) {
  while (rest >= 10'000) {
    const auto four = static_cast<uint32_t>(rest % 10'000);
    rest /= 10'000;
    end = PairBefore(PairBefore(end, four % 100), four / 100);
  }
  auto last = static_cast<uint32_t>(rest);
  if (last >= 100) {
    end = PairBefore(end, last % 100);
    last /= 100;
  }
  if (last >= 10) return PairBefore(end, last);
  *--end = static_cast<char>('0' + last);
  return end;
}

inline uint64_t Magnitude(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

}  // namespace internal

inline void AppendUnsigned(uint64_t value, std::string* out) {
  char text[20];
  char* const end = text + sizeof(text);
  out->append(internal::DigitsBefore(end, value), end);
}

inline void AppendInt(int64_t value, std::string* out) {
  char text[20];
  char* const end = text + sizeof(text);
  char* p = internal::DigitsBefore(end, internal::Magnitude(value));
  if (value < 0) *--p = '-';
  out->append(p, end);
}

// `value` / 10^decimals in plain decimal with exactly `decimals` (0-18) digits
// after the point.
inline void AppendDecimal(int64_t value, int decimals, std::string* out) {
  // Digits are laid down from the right; 19 of the value, a point, zeros.
  char text[48];
  char* const end = text + sizeof(text);
  char* p = end;
  uint64_t rest = internal::Magnitude(value);
  for (int i = 0; i < decimals; ++i) {
    *--p = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (decimals > 0) *--p = '.';
  p = internal::DigitsBefore(p, rest);
  if (value < 0) *--p = '-';
  out->append(p, end);
}

// A string with its quotes (section 7). `text` must be UTF-8.
void AppendString(std::string_view text, std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_JSON_TEXT_H_
