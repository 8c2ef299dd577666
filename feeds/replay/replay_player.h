// Plays the records of readers into a market: at their pace, held, step by
// step, or as fast as it can to where it is to be; as a ReplayControl says. On
// the feed's thread.
//
// What a seek to a time T promises: all records up to the first one that is
// later than T are applied, and none from there on. While it gets there the
// feed is stale, and when it is there a new epoch begins, by which all clients
// replace what they hold, however seldom they are served. A step applies
// records up to the first that changes a value.
//
// A round is one pass over all recordings. What is later than `to` is not
// played; each round begins with a seek to `from`.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_PLAYER_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_PLAYER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/feed.h"
#include "feeds/replay/change_watch.h"
#include "feeds/replay/gap_watch.h"
#include "feeds/replay/pace.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recorded_market.h"
#include "feeds/replay/replay_control.h"
#include "feeds/replay/replay_options.h"
#include "feeds/replay/replay_time.h"
#include "feeds/session_time.h"

namespace streamhub {

struct ReplayPlan {
  double speed = 1;
  bool paused = false;
  std::optional<ReplayTime> from, to;
  SessionTime zone;                 // of times of day
  std::optional<SessionRoll> roll;  // day fields begin anew then, too
  bool rewindable = true;           // every recording can be read again
  int64_t bytes_total = 0;          // of all of them; 0: not known
  ReplayControl* control = nullptr;
  std::function<void(const ReplayProgress&)> progress = {};
};

class ReplayPlayer {
 public:
  // All outlive this.
  ReplayPlayer(ReplayPlan plan, RecordedMarket& market, Publisher& publisher,
               FeedControl& feed_control);
  // After it no commands are taken any more.
  ~ReplayPlayer();

  ReplayPlayer(const ReplayPlayer&) = delete;

  // A round begins, with fresh readers: the first, the next of a loop, or the
  // same one again after a seek back.
  void BeginRound();

  enum class Outcome {
    kEnd,
    kFailed,   // see the reader's status
    kOver,     // what comes is later than `to`
    kRewind,   // a seek back: all is to be played again from the beginning
    kStopped,  // the feed must return
  };

  // The feed has no status of its own before there is a record.
  void AwaitFirstRecord() { silent_ = true; }

  // Of the readers that are played from now on; they outlive their play.
  void WatchGaps(std::vector<GapWatch> watches) {
    gap_watches_ = std::move(watches);
  }

  // Which file is played, as ReplayProgress says it.
  void SetFile(std::string_view file, size_t number, size_t files);

  // Plays `reader` until there is an outcome. Its pace begins with its first
  // record.
  Outcome Play(RecordReader& reader);

  // Tells how far `reader` is.
  void Report(const RecordReader& reader);

  // A file of several is over; another reader follows.
  void EndFile(const RecordReader& reader);

  // A round is over and the next one is wanted: false if stopping. Waits while
  // it is held.
  bool AwaitNextRound();

  // The last round is over, and the feed is ended or down from now on.
  void End(FeedStatus status);

  // After End(): waits for a command that wants it played again. False if
  // stopping.
  bool AwaitCommand() { return Await(&ReplayPlayer::IsPlayedAgain); }

  // After Outcome::kRewind, until the next round begins.
  bool rewinding() const { return rewind_; }

  // Of this round.
  int64_t messages() const { return progress_.messages; }

 private:
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  using Next = RecordReader::Next;

  int64_t Now() const { return publisher_.clock().MonoNs(); }
  void SetStatus(FeedStatus status);
  void TakeCommands();
  void Do(const ReplayCommand& command);
  bool IsHeld() const;
  int64_t Position(int64_t now_ns) const;
  void Anchor(int64_t now_ns);
  void See(int64_t event_ns);
  void FindTarget(int64_t reference_ns);
  void Arrive(const RecordReader& reader);
  void EndSeek();
  int64_t ApplyDue(RecordReader& reader, int64_t now_ns, Next* next,
                   int64_t* event_ns);
  void Apply(RecordReader& reader, int64_t event_ns);
  void Tell();
  bool Await(bool (ReplayPlayer::*ready)());
  bool IsNextRoundDue();
  bool IsPlayedAgain();

  const ReplayPlan plan_;
  RecordedMarket& market_;
  Publisher& publisher_;
  FeedControl& feed_control_;
  ChangeWatch changes_;
  Pace pace_;
  FeedStatus status_ = FeedStatus::kDown;
  bool silent_ = false;  // no record so far: no status is told
  std::vector<GapWatch> gap_watches_;

  // What is wanted.
  bool paused_;
  int64_t steps_ = 0;                 // that are owed
  std::optional<ReplayTime> wanted_;  // a seek; its instant is not known yet
  std::optional<int64_t> target_ns_;  // a seek on its way
  bool rewind_ = false;               // to get there
  bool again_ = false;                // at the end: a new round

  // Where it is.
  bool ended_ = false;
  bool begun_ = false;        // a record of this reader was applied
  int64_t position_ns_ = 0;   // 0: none of this round was applied
  int64_t applied_ns_ = 0;    // of this round, the latest
  int64_t next_ns_ = 0;       // 0: not known
  int64_t next_roll_ns_ = 0;  // of this round; 0: no record yet
  int64_t first_ns_ = 0;      // 0: not known
  int64_t last_ns_ = 0;       // 0: not known
  int64_t end_ns_ = kNever;   // by plan_.to
  int64_t report_ns_ = 0;     // when the next one is due
  int64_t bytes_before_ = 0;  // of this round's files that are over
  int64_t bytes_now_ = 0;     // of this one
  uint64_t done_ = 0;
  ReplayProgress progress_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_PLAYER_H_
