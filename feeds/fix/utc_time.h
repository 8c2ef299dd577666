// The times of FIX, all of them UTC: "FIX 4.4", volume 1, data types
// UTCTimestamp, UTCDateOnly and UTCTimeOnly. Pure.

#ifndef STREAMHUB_FEEDS_FIX_UTC_TIME_H_
#define STREAMHUB_FEEDS_FIX_UTC_TIME_H_

#include <cstdint>
#include <string_view>

namespace streamhub::fix {

// "20140505": when that day begins, ns since 1970. False if there is no such
// day of the years 1970 to 2200; `*ns` is unset then, here and below.
bool ParseDateOnly(std::string_view text, int64_t* ns);

// "07:32:00" with a fraction of up to 9 digits, ns since midnight. A leap
// second, :60, is the next one.
bool ParseTimeOnly(std::string_view text, int64_t* ns);

// "20140505-07:32:00.123", ns since 1970.
bool ParseTimestamp(std::string_view text, int64_t* ns);

// The instant with that time of day which is nearest to `near_ns`.
int64_t NearestNs(int64_t time_of_day_ns, int64_t near_ns);

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_UTC_TIME_H_
