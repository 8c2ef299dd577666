// How a replay that runs is commanded, and what it tells of itself: a mailbox
// into the feed's thread and a copy of its state out of it. A door between
// threads; outlives the replay.
//
//   control.Post({.kind = ReplayCommand::Kind::kPause});
//   control.state().position_ns
//
// A command takes effect at once: it ends what the feed waits for. Commands are
// done in their order, and `state().done` counts them.

#ifndef STREAMHUB_FEEDS_REPLAY_REPLAY_CONTROL_H_
#define STREAMHUB_FEEDS_REPLAY_REPLAY_CONTROL_H_

#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "feeds/feed.h"
#include "feeds/replay/replay_time.h"

namespace streamhub {

struct ReplayCommand {
  enum class Kind {
    kPause,
    kResume,  // at the end: begins again
    kStep,    // pauses, and applies up to the next record that changes a value
    kSeek,    // to `to`: all records up to then, and none later
    kSpeed,
  };
  Kind kind = Kind::kPause;
  ReplayTime to = {};  // a time of day is one of the day that is played
  double speed = 1;    // kSpeedMin to kSpeedMax, or infinity
};

struct ReplayState {
  enum class Phase : uint8_t {
    kPlaying,
    kPaused,
    kSeeking,  // applies records as fast as it can, up to where it is to be
    kEnded,    // the last record is applied
  };
  Phase phase = Phase::kPlaying;
  bool paused = false;  // or, if it seeks, will be then
  double speed = 1;     // infinity: as fast as possible

  // Recorded times, ns since 1970 UTC; 0: not known (yet). The position: all
  // records up to then are applied. `last_ns` is known if the replay is told
  // where to end, and once it was at the end.
  int64_t position_ns = 0;
  int64_t next_ns = 0;  // of the next record
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  int64_t as_of_ns = 0;  // when it was so, monotonic

  int64_t round = 1;        // of a loop
  int64_t messages = 0;     // applied in this round
  int64_t bytes_read = 0;   // of all files, as they are on disk
  int64_t bytes_total = 0;  // 0: not known (a pipe)
  bool rewindable = true;   // false: a pipe cannot be read again
  uint64_t done = 0;        // commands so far
  size_t file_number = 0;   // 1, 2, ... of those that are played in turn
  size_t files = 0;

  // The position later on: between two records it moves on.
  int64_t PositionAt(int64_t mono_ns) const;

  // 0 to 1, by bytes; negative: not known.
  double Fraction() const {
    return bytes_total == 0 ? -1.0
                            : static_cast<double>(bytes_read) /
                                  static_cast<double>(bytes_total);
  }
};

class ReplayControl {
 public:
  static constexpr double kSpeedMin = 0.001;
  static constexpr double kSpeedMax = 1'000'000;
  static constexpr size_t kCommandsMax = 64;  // that wait

  ReplayControl() = default;
  ReplayControl(const ReplayControl&) = delete;

  // --- any thread ---

  // Returns the command's number, 1, 2, ...: it is done when `done` is that.
  // ResourceExhausted: too many wait. Unavailable: the replay is over for good.
  absl::StatusOr<uint64_t> Post(const ReplayCommand& command);

  ReplayState state() const;

  // What is played: a file, or "2 files" that are merged.
  std::string file() const;

  // --- the feed's thread ---

  // From now on commands end the waits of `control`; null: no more commands.
  void Attach(FeedControl* control);

  // The next command, if there is one.
  bool Take(ReplayCommand* command);

  void Tell(const ReplayState& state);
  void TellFile(std::string_view file);

 private:
  mutable std::mutex mutex_;
  // Under mutex_:
  std::array<ReplayCommand, kCommandsMax> waiting_;  // a ring
  uint64_t posted_ = 0;
  uint64_t taken_ = 0;
  FeedControl* control_ = nullptr;
  bool over_ = false;
  ReplayState state_;
  std::string file_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_REPLAY_CONTROL_H_
