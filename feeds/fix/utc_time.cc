#include "feeds/fix/utc_time.h"

#include <chrono>
#include <cstddef>

#include "feeds/session_time.h"
#include "gateway/base/clock.h"

namespace streamhub::fix {
namespace {

constexpr int64_t kDay = 86'400 * kSecond;
constexpr size_t kFractionDigitsMax = 9;

// `count` digits of `text` from `at` on, which it has; -1 if one is none.
int Digits(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || '9' < c) return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

bool ParseDateOnly(std::string_view text, int64_t* ns) {
  if (text.size() != 8) return false;
  const CalendarDate date = {Digits(text, 0, 4), Digits(text, 4, 2),
                             Digits(text, 6, 2)};
  if (!IsValidDate(date)) return false;
  namespace chr = std::chrono;
  const chr::sys_days days = chr::year(date.year) /
                             static_cast<unsigned>(date.month) /
                             static_cast<unsigned>(date.day);
  *ns = chr::nanoseconds(days.time_since_epoch()).count();
  return true;
}

bool ParseTimeOnly(std::string_view text, int64_t* ns) {
  if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
  const int hour = Digits(text, 0, 2);
  const int minute = Digits(text, 3, 2);
  const int second = Digits(text, 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 60) {
    return false;
  }
  int64_t fraction = 0;
  if (text.size() > 8) {
    const size_t digits = text.size() - 9;
    if (text[8] != '.' || digits == 0 || digits > kFractionDigitsMax) {
      return false;
    }
    fraction = Digits(text, 9, digits);
    if (fraction < 0) return false;
    for (size_t i = digits; i < kFractionDigitsMax; ++i) fraction *= 10;
  }
  *ns = (int64_t{hour} * 3600 + minute * 60 + second) * kSecond + fraction;
  return true;
}

bool ParseTimestamp(std::string_view text, int64_t* ns) {
  int64_t date_ns = 0;
  int64_t time_ns = 0;
  if (text.size() < 9 || text[8] != '-' ||
      !ParseDateOnly(text.substr(0, 8), &date_ns) ||
      !ParseTimeOnly(text.substr(9), &time_ns)) {
    return false;
  }
  *ns = date_ns + time_ns;
  return true;
}

int64_t NearestNs(int64_t time_of_day_ns, int64_t near_ns) {
  const int64_t before = near_ns - kDay / 2;
  // Times are after 1970, but half a day before one need not be.
  const int64_t midnight = before >= 0 ? before / kDay * kDay : -kDay;
  const int64_t at = midnight + time_of_day_ns;
  return at < before ? at + kDay : at;
}

}  // namespace streamhub::fix
