#include "feeds/session_time.h"

#include <absl/strings/str_cat.h>
#include <date/tz.h>

#include <charconv>
#include <exception>
#include <string>

#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using std::chrono::nanoseconds;

bool ParseDigits(std::string_view text, int* out) {
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && stopped == end;
}

date::year_month_day ToDate(const CalendarDate& d) {
  return date::year(d.year) / static_cast<unsigned>(d.month) /
         static_cast<unsigned>(d.day);
}

int64_t ToUtcNs(const date::time_zone& zone, date::local_seconds local) {
  // With a choice given, to_sys does not throw for skipped or doubled times.
  const auto utc = zone.to_sys(local, date::choose::earliest);
  return nanoseconds(utc.time_since_epoch()).count();
}

// "UTC-05" in the words of the database, which counts hours the other way:
// "Etc/GMT+5". Anything else as it is; what comes of it is not known there.
std::string NameInDatabase(std::string_view zone) {
  int hours = 0;
  if (zone.size() != 6 || !zone.starts_with("UTC") ||
      (zone[3] != '-' && zone[3] != '+') ||
      !ParseDigits(zone.substr(4), &hours)) {
    return std::string(zone);
  }
  if (hours == 0) return "Etc/UTC";
  return absl::StrCat("Etc/GMT", zone[3] == '-' ? "+" : "-", hours);
}

}  // namespace

bool IsValidDate(const CalendarDate& d) {
  return d.year >= 1970 && d.year <= 2200 && d.month >= 1 && d.month <= 12 &&
         d.day >= 1 && d.day <= 31 && ToDate(d).ok();
}

absl::StatusOr<CalendarDate> ParseDate(std::string_view text) {
  CalendarDate d;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' ||
      !ParseDigits(text.substr(0, 4), &d.year) ||
      !ParseDigits(text.substr(5, 2), &d.month) ||
      !ParseDigits(text.substr(8, 2), &d.day) || !IsValidDate(d)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", ToAbsl(text), "' is not a date like 2024-01-02"));
  }
  return d;
}

absl::StatusOr<SessionTime> SessionTime::Create(std::string_view zone) {
  try {
    date::get_tzdb();
  } catch (const std::exception& e) {
    return absl::NotFoundError(
        absl::StrCat("no time zone data (package tzdata): ", e.what()));
  }
  try {
    const date::time_zone* const found =
        date::locate_zone(NameInDatabase(zone));
    // The library reads a zone's file when it is first needed, and throws
    // then: make it throw here.
    ToUtcNs(*found, date::local_days(ToDate({1970, 1, 1})));
    return SessionTime(found);
  } catch (const std::exception&) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown time zone '", ToAbsl(zone),
                     "': want a name like America/New_York or UTC-05"));
  }
}

int64_t SessionTime::MidnightNs(const CalendarDate& d) const {
  return ToUtcNs(*zone_, date::local_days(ToDate(d)));
}

int64_t SessionTime::AtNs(const CalendarDate& d,
                          std::chrono::seconds time_of_day) const {
  return ToUtcNs(*zone_, date::local_days(ToDate(d)) + time_of_day);
}

int64_t SessionTime::NextNs(int64_t after_ns,
                            std::chrono::seconds time_of_day) const {
  const auto after = date::floor<std::chrono::seconds>(
      date::sys_time<nanoseconds>(nanoseconds(after_ns)));
  // A day early, because the zone's offset may change between the two.
  auto day = date::floor<date::days>(zone_->to_local(after)) - date::days(1);
  while (true) {
    const int64_t roll_ns = ToUtcNs(*zone_, day + time_of_day);
    if (roll_ns > after_ns) return roll_ns;
    day += date::days(1);
  }
}

absl::StatusOr<SessionRoll> SessionRoll::Create(std::string_view time,
                                                const SessionTime& zone) {
  int hour = 0, minute = 0;
  if (time.size() != 5 || time[2] != ':' ||
      !ParseDigits(time.substr(0, 2), &hour) || hour > 23 ||
      !ParseDigits(time.substr(3, 2), &minute) || minute > 59) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", ToAbsl(time), "' is not a time of day like 17:00"));
  }
  return SessionRoll(zone,
                     std::chrono::hours(hour) + std::chrono::minutes(minute));
}

}  // namespace streamhub
