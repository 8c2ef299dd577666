// The times of price files: counts of a unit since midnight or since 1970, or
// a date and time in words, each turned into ns since 1970 UTC exactly. Pure
// but for the system's time zone data.

#ifndef STREAMHUB_FEEDS_CSV_TIME_TEXT_H_
#define STREAMHUB_FEEDS_CSV_TIME_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/session_time.h"

namespace streamhub::csv {

struct TimeForm {
  enum class Base { kDateTime, kMidnight, kEpoch };

  Base base = Base::kDateTime;
  // 10^-decimals seconds are one, of counts.
  int decimals = 0;

  friend bool operator==(const TimeForm&, const TimeForm&) = default;
};

// "iso"; "s-of-day", "ms-of-day", "us-of-day", "ns-of-day"; "unix-s",
// "unix-ms", "unix-us", "unix-ns". nullopt for anything else.
std::optional<TimeForm> FindTimeForm(std::string_view name);

std::string_view NameOf(const TimeForm& form);

// All of those names, for an error.
std::string TimeFormNames();

class TimeReader {
 public:
  // `midnight_ns`: when the day began that times count from; `zone`: of date
  // times that do not say an offset.
  TimeReader(TimeForm form, const SessionTime& zone, int64_t midnight_ns)
      : form_(form), zone_(zone), midnight_ns_(midnight_ns) {}

  // False if `text` is not such a time, to the ns, of the years 1970 to 2200.
  //
  // Counts may have a fraction; since midnight they are below 25 hours, for
  // the day on which clocks are turned back, and none is negative. A date time
  // is 2013-01-01 or 20130101, a blank or 'T', 22:00:00 with a fraction of up
  // to 9 digits, and maybe an offset: Z, +01, +0100 or +01:00. Days that do
  // not exist and leap seconds are refused.
  bool Read(std::string_view text, int64_t* ns) const;

 private:
  bool ReadCount(std::string_view text, int64_t* ns) const;
  bool ReadDateTime(std::string_view text, int64_t* ns) const;

  const TimeForm form_;
  const SessionTime zone_;
  const int64_t midnight_ns_;
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_TIME_TEXT_H_
