// A venue's local time: dates and times of day in its time zone, turned into
// nanoseconds since 1970-01-01 UTC. By the system's time zone data (IANA tz
// database, tzdata), so that daylight saving is what it was on that date.
// Control path; immutable, any thread.

#ifndef STREAMHUB_FEEDS_SESSION_TIME_H_
#define STREAMHUB_FEEDS_SESSION_TIME_H_

#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace date {
class time_zone;
}  // namespace date

namespace streamhub {

struct CalendarDate {
  int year = 0;   // 1970 to 2200
  int month = 0;  // 1 to 12
  int day = 0;    // 1 to 31

  friend bool operator==(const CalendarDate&, const CalendarDate&) = default;
};

// True for a day that exists in the Gregorian calendar, 1970 to 2200.
bool IsValidDate(const CalendarDate& date);

// "2024-01-02" (ISO 8601 extended). InvalidArgument for anything else.
absl::StatusOr<CalendarDate> ParseDate(std::string_view text);

class SessionTime {
 public:
  // `zone` as in the IANA database, "America/New_York", or whole hours from
  // UTC all the year, "UTC-05" (-12 to +14). InvalidArgument if the system does
  // not know it, NotFound if there is no zone data at all.
  static absl::StatusOr<SessionTime> Create(std::string_view zone);

  // When `date` begins in the zone. Where the clock skips midnight that is
  // the instant of the jump; where it is turned back, the earlier one.
  int64_t MidnightNs(const CalendarDate& date) const;

  // When the zone's clocks show `time_of_day` (0 to 24 h) on `date`. A time
  // that they skip is the instant of the jump, of two the earlier one counts.
  int64_t AtNs(const CalendarDate& date,
               std::chrono::seconds time_of_day) const;

  // The first instant after `after_ns` at which the zone's clocks show
  // `time_of_day` (0 to 24 h since midnight as the clock shows it). A time
  // that the clock skips counts as the instant of the jump.
  int64_t NextNs(int64_t after_ns, std::chrono::seconds time_of_day) const;

 private:
  explicit SessionTime(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_;  // of the database, which lives for ever
};

// When a trading day begins where the source does not say it: every day at a
// time of day in a zone.
class SessionRoll {
 public:
  // `time`: "17:00". InvalidArgument for anything but 00:00 to 23:59.
  static absl::StatusOr<SessionRoll> Create(std::string_view time,
                                            const SessionTime& zone);

  // The first roll after `after_ns`.
  int64_t NextNs(int64_t after_ns) const {
    return zone_.NextNs(after_ns, time_of_day_);
  }

 private:
  SessionRoll(const SessionTime& zone, std::chrono::seconds time_of_day)
      : zone_(zone), time_of_day_(time_of_day) {}

  SessionTime zone_;
  std::chrono::seconds time_of_day_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SESSION_TIME_H_
