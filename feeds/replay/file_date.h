// The date of a recording, from its name. Pure.

#ifndef STREAMHUB_FEEDS_REPLAY_FILE_DATE_H_
#define STREAMHUB_FEEDS_REPLAY_FILE_DATE_H_

#include <optional>
#include <string_view>

#include "feeds/session_time.h"

namespace streamhub {

// The first date in the last part of `path`: eight digits in a row as
// YYYYMMDD or MMDDYYYY ("20240102.itch50.gz", "01302019.NASDAQ_ITCH50.gz"),
// YYYY-MM-DD ("AAPL_2012-06-21_message_10.csv"), or NASDAQ's SMMDDYY-v
// ("S081321-v50.txt.gz"). nullopt if there is none.
std::optional<CalendarDate> DateOfFile(std::string_view path);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_FILE_DATE_H_
