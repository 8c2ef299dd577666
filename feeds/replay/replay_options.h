// What can be said of a replay, and what it says of itself.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_OPTIONS_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_OPTIONS_H_

#include <absl/status/status.h>

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

class ReplayControl;

struct ReplayOptions {
  static constexpr double kMaxSpeed = std::numeric_limits<double>::infinity();

  std::vector<std::string> files;  // "-": standard input
  double speed = 1.0;              // 2: twice as fast; kMaxSpeed: no waiting
  bool loop = false;
  // The files are lines (A and B) that bring the same messages, and what one of
  // them lacks is taken from the others. Of captures of ITCH, or of
  // IEX.
  bool arbitrate = false;
  int64_t line_silent_ns = 3'000'000'000;  // a line is down after that long
  bool reopen = true;   // named pipes, when their writer has broken off
  bool paused = false;  // waits for a command before the first record

  // As ParseReplayTime(); a time of day is one of the first record's day, by
  // the recordings' clock. Empty: the beginning, the end. Earlier records than
  // `from` are applied as fast as possible, while the feed is stale; later ones
  // than `to` are not played.
  std::string from, to;

  // Codes, or what codes begin with and a '*' behind it: other symbols are not
  // made. Empty: all.
  std::vector<std::string> only;

  std::string date;      // 2024-01-02, of all files; empty: as in their names
  std::string timezone;  // of the times in the files; empty: their format's

  // "17:00", in that zone: day fields roll also then, by the files' clock.
  // Empty: only where ITCH files say that a day starts; in CSV files, which do
  // not, at midnight. Of CSV files without a `timezone` it is UTC.
  std::string session_roll;

  // "auto", the name of a RecordingKind, or a preset of feeds/csv/format.h.
  std::string format = "auto";
  std::string csv_columns;   // as csv::Columns::Parse; of "csv"
  std::string csv_time;      // as csv::FindTimeForm; of "csv"; empty: "iso"
  std::string csv_decimals;  // as csv::DecimalsFinder::Create
  // Of CSV files without a column for it: one for all, or one for each.
  std::vector<std::string> symbol;

  // Called on the feed's thread about ten times a second while there is
  // something to play, and at the end of each file. May be empty.
  std::function<void(const ReplayProgress&)> progress;

  // Commands to the replay and its state; null: none. It outlives the feed.
  ReplayControl* control = nullptr;
  // With a control: Run() does not return at the end, but waits for a command
  // that plays it again.
  bool stay = false;
  // Called on the feed's thread each time it comes to the end and stays: OK, or
  // what was wrong with the recordings or is missing in them. Of one that does
  // not stay only where something is missing, which Run() does not tell: it is
  // no reason to be down. May be empty.
  std::function<void(const absl::Status&)> ended;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_OPTIONS_H_
