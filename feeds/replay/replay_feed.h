// Plays recordings into a market as if they happened now: at the recorded
// pace, faster, or as fast as possible; once or for ever.
//
// - Several ITCH files are played one after the other. One that is of another
//   date than the one before begins a new day (see itch_handler.h).
// - Several files of other kinds are merged by time (merged_reader.h).
// - The pace of each file starts with its first message: the night between two
//   files, where none has a message, is not waited for.
// - Captures that are lines of one stream are played as one
//   (itch_lines_reader.h).
// - Each round of a loop after the first starts a new epoch, and so does a seek
//   back (replay_control.h, replay_player.h): all files are played again, as
//   fast as possible, up to where it is to be.
// - While it is paused the feed is live, for what is told is what is to be; the
//   age of its prices grows.
// - A pipe that says nothing for stale_after turns the feed stale.
// - What is lost is reported as it appears: the feed is stale for a while.
// - After the last message the feed's status is `ended` and Run returns OK;
//   the values stay. Damaged input: Run returns an error that names file,
//   place and fault, after all that came before it was published, and of files
//   that are merged all that came after it, too, as long as a loop may go on;
//   the feed thread then marks the feed down.
// - Messages that are lost, or left out of a file that can be played to its
// end,
//   are no damage: the feed has `ended`, and they are told to
//   ReplayOptions::ended, as damage is.
// - Named pipes can be opened again after that, and are live with the first
//   message of whoever writes next; all that was played becomes empty.
// - One that stays for commands (ReplayOptions::stay) tells its end instead of
//   returning, logs the error itself, and returns OK when it is stopped.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/csv/decimals.h"
#include "feeds/feed.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recorded_market.h"
#include "feeds/replay/recording.h"
#include "feeds/replay/replay_options.h"
#include "feeds/replay/replay_player.h"

namespace streamhub {

class ReplayFeed final : public Feed {
 public:
  // InvalidArgument or NotFound, in one line that names the flag or the file:
  // a bad speed, bad decimals, a bad session roll, a bad time, and what
  // FindRecordings() refuses.
  static absl::StatusOr<std::unique_ptr<ReplayFeed>> Create(
      ReplayOptions options);

  // CheckStart() of each file, so that who starts a replay need not wait for
  // Run() to learn that there is nothing to play.
  absl::Status CheckStarts() const;

  absl::Status Run(Publisher& publisher, FeedControl& control) override;
  bool CanReopen() const override { return all_pipes_ && options_.reopen; }

 private:
  ReplayFeed(ReplayOptions options, std::vector<Recording> files,
             csv::DecimalsFinder decimals, ReplayPlan plan);

  bool IsWanted(std::string_view code) const;
  absl::Status PlayRound(RecordedMarket& market, ReplayPlayer& player,
                         const FeedControl& control);
  absl::Status PlayInTurn(RecordedMarket& market, ReplayPlayer& player,
                          const FeedControl& control);
  absl::Status PlayMerged(RecordedMarket& market, ReplayPlayer& player);
  absl::Status PlayLines(RecordedMarket& market, ReplayPlayer& player);
  // The last round is over. True: it is to be played again.
  bool Stay(const absl::Status& damage, ReplayPlayer& player);
  void NoteMissing(const RecordReader& reader);

  const ReplayOptions options_;
  const std::vector<Recording> files_;  // of one kind, at least one
  const csv::DecimalsFinder decimals_;
  const std::string merged_name_;
  const ReplayPlan plan_;
  const bool all_pipes_;  // named ones
  bool ran_ = false;
  absl::Status missing_;  // of this round, and is no damage
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_FEED_H_
