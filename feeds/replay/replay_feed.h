// Plays recordings into a market as if they happened now: at the recorded
// pace, faster, or as fast as possible; once or for ever.
//
// - Several files are played one after the other. One that is of another date
//   than the one before begins a new day (see itch_handler.h).
// - The pace of each file starts with its first message: the night between two
//   files is not waited for.
// - Each round of a loop after the first starts a new epoch.
// - A pipe that says nothing for stale_after turns the feed stale.
// - After the last message the feed's status is `ended` and Run returns OK;
//   the values stay. Damaged input: Run returns an error that names file, byte
//   and fault, after all that came before it was published; the feed thread
//   then marks the feed down.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/feed.h"
#include "feeds/replay/record_reader.h"
#include "feeds/session_time.h"

namespace streamhub {

struct ReplayProgress {
  std::string_view file;   // being played; valid during the call
  size_t file_number = 0;  // 1, 2, ...
  size_t files = 0;
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
  std::string date;  // 2024-01-02, of all files; empty: as in their names
  std::string timezone = "America/New_York";  // of the times in the files
  // "17:00", in that zone: day fields roll also then, by the files' clock.
  // Empty: only where the files say that a day starts.
  std::string session_roll;

  // Called on the feed's thread about ten times a second while there is
  // something to play, and at the end of each file. May be empty.
  std::function<void(const ReplayProgress&)> progress;
};

class ReplayFeed final : public Feed {
 public:
  // InvalidArgument or NotFound, in one line that names the flag or the file:
  // no file, one that cannot be read, a bad speed, date, time zone or session
  // roll, a file without a date, a loop over standard input or a pipe.
  static absl::StatusOr<std::unique_ptr<ReplayFeed>> Create(
      ReplayOptions options);

  absl::Status Run(Publisher& publisher, FeedControl& control) override;

 private:
  struct File {
    std::string path;
    int64_t midnight_ns;
  };

  ReplayFeed(ReplayOptions options, std::vector<File> files,
             std::optional<SessionRoll> roll)
      : options_(std::move(options)),
        files_(std::move(files)),
        roll_(std::move(roll)) {}

  absl::Status PlayRound(Publisher& publisher, FeedControl& control);
  absl::Status PlayFile(RecordReader& reader, Publisher& publisher,
                        FeedControl& control);
  void ApplyRecord(RecordReader& reader, int64_t event_ns);
  void Report(const RecordReader& reader);

  const ReplayOptions options_;
  const std::vector<File> files_;
  const std::optional<SessionRoll> roll_;
  int64_t next_roll_ns_ = 0;  // of this round; 0: no record yet
  ReplayProgress progress_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_
