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
  constexpr int64_t kSecondNs = 1'000'000'000, kDayNs = 86'400 * kSecondNs;
  // Not by a difference of times: the first day of all begins before the first
  // time of all.
  const int64_t of_day = (ns % kDayNs + kDayNs) % kDayNs;
  const auto days = static_cast<int>(ns / kDayNs - (ns % kDayNs < 0 ? 1 : 0));
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(days))};
  const auto seconds = static_cast<uint64_t>(of_day / kSecondNs);
  char text[] = "0000-00-00T00:00:00.000000000Z";
  PutDigits(static_cast<uint64_t>(int{date.year()}), 4, text);
  PutDigits(unsigned{date.month()}, 2, text + 5);
  PutDigits(unsigned{date.day()}, 2, text + 8);
  PutDigits(seconds / 3600, 2, text + 11);
  PutDigits(seconds / 60 % 60, 2, text + 14);
  PutDigits(seconds % 60, 2, text + 17);
  PutDigits(static_cast<uint64_t>(of_day % kSecondNs), 9, text + 20);
  out->append(text, sizeof text - 1);
}

std::string UtcText(int64_t ns) {
  std::string text;
  AppendUtc(ns, &text);
  return text;
}

}  // namespace streamhub
