#include "gateway/base/utc_text.h"

#include <chrono>

namespace streamhub {
namespace {

// So many decimal digits, with noughts in front.
void PutDigits(uint64_t value, int digits, char* out) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

void AppendUtc(int64_t ns, std::string* out) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{
      std::chrono::nanoseconds(ns)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = static_cast<uint64_t>((time - day).count());
  constexpr uint64_t kSecondNs = 1'000'000'000;
  const uint64_t seconds = of_day / kSecondNs;
  char text[] = "0000-00-00T00:00:00.000000000Z";
  PutDigits(static_cast<uint64_t>(int{date.year()}), 4, text);
  PutDigits(unsigned{date.month()}, 2, text + 5);
  PutDigits(unsigned{date.day()}, 2, text + 8);
  PutDigits(seconds / 3600, 2, text + 11);
  PutDigits(seconds / 60 % 60, 2, text + 14);
  PutDigits(seconds % 60, 2, text + 17);
  PutDigits(of_day % kSecondNs, 9, text + 20);
  out->append(text, sizeof text - 1);
}

std::string UtcText(int64_t ns) {
  std::string text;
  AppendUtc(ns, &text);
  return text;
}

}  // namespace streamhub
