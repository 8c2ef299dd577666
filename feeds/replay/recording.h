// What kind of recording each file of a replay is, and all that is needed to
// read it. Control path: before the replay begins.

#ifndef STREAMHUB_FEEDS_REPLAY_RECORDING_H_
#define STREAMHUB_FEEDS_REPLAY_RECORDING_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "feeds/csv/format.h"
#include "feeds/replay/recording_kind.h"
#include "feeds/replay/replay_options.h"
#include "feeds/session_time.h"

namespace streamhub {

struct Recording {
  std::string path;
  SessionTime zone;         // of its times
  int64_t midnight_ns = 0;  // when its day began; 0: its times say their day
  RecordingKind kind = RecordingKind::kItch;

  std::optional<csv::Format> csv;  // of a CSV file
  std::string symbol;              // of all its rows; empty: it says it itself
};

// One for each of the options' files, all of them ITCH or none of them.
// InvalidArgument or NotFound, in one line that names the flag or the file: no
// file, one that cannot be read, a file without a date that needs
// one, a kind that cannot be told, options that do not fit the kind, lines that
// are not of one stream.
//
// The kind of a file is what `format` says; "csv" if there are `csv_columns`;
// "fxcm" by the end of its name, "_tick_quote.csv"; "lobster" by its name
// (lobster_files.h), the two files of a day being one recording, whose path is
// that of the messages, and either will do; where it is a file that can be read
// again, what KindOfFile() says, or a preset by its header. A file that
// is called ".csv" and is none of these is refused, and any other is ITCH, if
// it begins as ITCH does; else DataLoss, with what it begins with.
absl::StatusOr<std::vector<Recording>> FindRecordings(
    const ReplayOptions& options);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORDING_H_
