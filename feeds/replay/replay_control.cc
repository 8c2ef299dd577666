#include "feeds/replay/replay_control.h"

#include <absl/status/status.h>

#include "feeds/replay/pace.h"

namespace streamhub {

int64_t ReplayState::PositionAt(int64_t mono_ns) const {
  if (phase != Phase::kPlaying || next_ns == 0) return position_ns;
  Pace pace(speed);
  pace.Anchor(position_ns, as_of_ns);
  return pace.AtNs(mono_ns, position_ns, next_ns);
}

absl::StatusOr<uint64_t> ReplayControl::Post(const ReplayCommand& command) {
  const std::lock_guard lock(mutex_);
  if (over_) return absl::UnavailableError("the replay is over");
  if (posted_ - taken_ == kCommandsMax) {
    return absl::ResourceExhaustedError("too many commands wait");
  }
  waiting_[posted_++ % kCommandsMax] = command;
  // Under the lock, so that it is not detached meanwhile.
  if (control_ != nullptr) control_->Interrupt();
  return posted_;
}

ReplayState ReplayControl::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::string ReplayControl::file() const {
  const std::lock_guard lock(mutex_);
  return file_;
}

void ReplayControl::Attach(FeedControl* control) {
  const std::lock_guard lock(mutex_);
  control_ = control;
  over_ = control == nullptr;
}

bool ReplayControl::Take(ReplayCommand* command) {
  const std::lock_guard lock(mutex_);
  if (taken_ == posted_) return false;
  *command = waiting_[taken_++ % kCommandsMax];
  return true;
}

void ReplayControl::Tell(const ReplayState& state) {
  const std::lock_guard lock(mutex_);
  state_ = state;
}

void ReplayControl::TellFile(std::string_view file) {
  const std::lock_guard lock(mutex_);
  file_ = file;
}

}  // namespace streamhub
