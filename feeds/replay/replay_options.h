// What can be said of a replay, and what it says of itself.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_OPTIONS_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub {

struct ReplayProgress {
  // Being played; "2 files" of those that are merged. Valid during the call.
  std::string_view file;
  size_t file_number = 0;   // 1, 2, ...
  size_t files = 0;         // merged ones are one
  int64_t round = 0;        // of a loop: 1, 2, ...
  int64_t bytes_read = 0;   // of this file, as it is on disk
  int64_t bytes_total = 0;  // 0: not known (a pipe)
  int64_t messages = 0;     // of this round, all files
  int64_t event_ns = 0;     // venue time of the last message; 0: none yet
  double fraction = 0;      // of this file, 0 to 1; negative: not known
};

struct ReplayOptions {
  static constexpr double kMaxSpeed = std::numeric_limits<double>::infinity();

  std::vector<std::string> files;  // "-": standard input
  double speed = 1.0;              // 2: twice as fast; kMaxSpeed: no waiting
  bool loop = false;
  std::string date;      // 2024-01-02, of all files; empty: as in their names
  std::string timezone;  // of the times in the files; empty: their format's

  // "17:00", in that zone: day fields roll also then, by the files' clock.
  // Empty: only where ITCH files say that a day starts; in CSV files, which do
  // not, at midnight. Of CSV files without a `timezone` it is UTC.
  std::string session_roll;

  // "auto", "itch", "csv", or a preset of feeds/csv/format.h.
  std::string format = "auto";
  std::string csv_columns;   // as csv::Columns::Parse; of "csv"
  std::string csv_time;      // as csv::FindTimeForm; of "csv"; empty: "iso"
  std::string csv_decimals;  // as csv::DecimalsFinder::Create
  // Of CSV files without a column for it: one for all, or one for each.
  std::vector<std::string> symbol;

  // Called on the feed's thread about ten times a second while there is
  // something to play, and at the end of each file. May be empty.
  std::function<void(const ReplayProgress&)> progress;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_OPTIONS_H_
