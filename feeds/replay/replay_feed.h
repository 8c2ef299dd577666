// Plays recordings into a market as if they happened now: at the recorded
// pace, faster, or as fast as possible; once or for ever.
//
// - Several ITCH files are played one after the other. One that is of another
//   date than the one before begins a new day (see itch_handler.h).
// - Several files of other kinds are merged by time (merged_reader.h).
// - The pace of each file starts with its first message: the night between two
//   files, where none has a message, is not waited for.
// - Each round of a loop after the first starts a new epoch.
// - A pipe that says nothing for stale_after turns the feed stale.
// - After the last message the feed's status is `ended` and Run returns OK;
//   the values stay. Damaged input: Run returns an error that names file,
//   place and fault, after all that came before it was published, and of files
//   that are merged all that came after it, too, as long as a loop may go on;
//   the feed thread then marks the feed down.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feeds/csv/decimals.h"
#include "feeds/feed.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recorded_market.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/replay_options.h"
#include "feeds/session_time.h"

namespace streamhub {

class ReplayFeed final : public Feed {
 public:
  // InvalidArgument or NotFound, in one line that names the flag or the file:
  // a bad speed, bad decimals, a bad session roll, and what FindRecordings()
  // refuses.
  static absl::StatusOr<std::unique_ptr<ReplayFeed>> Create(
      ReplayOptions options);

  // CheckStart() of each file, so that who starts a replay need not wait for
  // Run() to learn that there is nothing to play.
  absl::Status CheckStarts() const;

  absl::Status Run(Publisher& publisher, FeedControl& control) override;

 private:
  ReplayFeed(ReplayOptions options, std::vector<Recording> files,
             csv::DecimalsFinder decimals, std::optional<SessionRoll> roll);

  absl::Status PlayInTurn(RecordedMarket& market, Publisher& publisher,
                          FeedControl& control);
  absl::Status PlayMerged(RecordedMarket& market, Publisher& publisher,
                          FeedControl& control);
  absl::Status PlayFile(RecordReader& reader, RecordedMarket& market,
                        Publisher& publisher, FeedControl& control);
  void ApplyRecord(RecordReader& reader, RecordedMarket& market,
                   int64_t event_ns);
  void Report(const RecordReader& reader);

  const ReplayOptions options_;
  const std::vector<Recording> files_;  // of one kind, at least one
  const csv::DecimalsFinder decimals_;
  const std::string merged_name_;
  const std::optional<SessionRoll> roll_;
  int64_t next_roll_ns_ = 0;  // of this round; 0: no record yet
  ReplayProgress progress_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_
