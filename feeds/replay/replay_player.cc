#include "feeds/replay/replay_player.h"

#include <algorithm>
#include <utility>

#include "feeds/line_marks.h"
#include "gateway/base/clock.h"
#include "gateway/base/log.h"

namespace streamhub {
namespace {

// So many messages take about 0.1 ms: no shard sleeps longer than that while
// there is news, and the cost of waking is spread.
constexpr int kBatchMessages = 256;
constexpr int kWaitMs = 50;
constexpr int64_t kReportNs = 100 * kMillisecond;
// Until a command comes.
constexpr int64_t kHoldNs = 3600 * kSecond;
// The time after a gap does not pass while nothing is played.
constexpr int64_t kGapHoldNs = 20 * kMillisecond;

}  // namespace

ReplayPlayer::ReplayPlayer(ReplayPlan plan, RecordedMarket& market,
                           Publisher& publisher, FeedControl& feed_control)
    : plan_(std::move(plan)),
      market_(market),
      publisher_(publisher),
      feed_control_(feed_control),
      changes_(publisher),
      pace_(plan_.speed),
      paused_(plan_.paused) {
  if (plan_.control != nullptr) plan_.control->Attach(&feed_control_);
  if (plan_.to.has_value() && !plan_.to->of_day) last_ns_ = plan_.to->ns;
}

ReplayPlayer::~ReplayPlayer() {
  if (plan_.control != nullptr) plan_.control->Attach(nullptr);
}

void ReplayPlayer::SetStatus(FeedStatus status) {
  if (std::exchange(status_, status) == status || silent_) return;
  publisher_.SetStatus(status);
}

void ReplayPlayer::BeginRound() {
  if (!rewind_) {
    ++progress_.round;
    wanted_ = plan_.from;
  }
  rewind_ = again_ = ended_ = begun_ = false;
  position_ns_ = applied_ns_ = next_ns_ = next_roll_ns_ = 0;
  bytes_before_ = bytes_now_ = 0;
  progress_.messages = 0;
  const bool far = wanted_.has_value() || target_ns_.has_value();
  SetStatus(far ? FeedStatus::kStale : FeedStatus::kLive);
  Tell();
}

void ReplayPlayer::SetFile(std::string_view file, size_t number, size_t files) {
  progress_.file = file;
  progress_.file_number = number;
  progress_.files = files;
  if (plan_.control != nullptr) plan_.control->TellFile(file);
}

ReplayPlayer::Outcome ReplayPlayer::Play(RecordReader& reader) {
  pace_.Release();
  begun_ = false;
  next_ns_ = 0;
  report_ns_ = Now();
  while (!feed_control_.stopping()) {
    TakeCommands();
    // Where it costs nothing it looks for the next record first, to tell of it.
    if (IsHeld() && (next_ns_ != 0 || !plan_.rewindable)) {
      bytes_now_ = reader.bytes_read();
      Tell();
      publisher_.HoldGap();
      feed_control_.WaitUntil(Now() +
                              (publisher_.in_gap() ? kGapHoldNs : kHoldNs));
      continue;
    }
    int64_t event_ns = 0;
    // Only here may it wait for a pipe: within a batch shards would wait too.
    Next next = reader.Peek(kWaitMs, &event_ns);
    // No batch, no heartbeat: a pipe that is silent is a silent feed.
    if (next == Next::kWaiting) continue;
    if (next == Next::kRecord) {
      if (std::exchange(silent_, false)) publisher_.SetStatus(status_);
      See(event_ns);
      if (rewind_) return Outcome::kRewind;
      if (event_ns > end_ns_) return Outcome::kOver;
      next_ns_ = event_ns;
      if (target_ns_.has_value() && event_ns > *target_ns_) Arrive(reader);
      if (IsHeld()) continue;
    }
    const int64_t now_ns = Now();
    const int64_t due_ns = ApplyDue(reader, now_ns, &next, &event_ns);
    if (next == Next::kEnd) return Outcome::kEnd;
    if (next == Next::kFailed) return Outcome::kFailed;
    next_ns_ = next == Next::kRecord ? event_ns : 0;
    if (now_ns >= report_ns_) Report(reader);
    if (due_ns <= now_ns) continue;
    bytes_now_ = reader.bytes_read();
    Tell();
    if (!feed_control_.WaitUntil(due_ns)) break;
  }
  return Outcome::kStopped;
}

// The head of a reader, before it is judged.
void ReplayPlayer::See(int64_t event_ns) {
  if (first_ns_ == 0) first_ns_ = event_ns;
  if (plan_.to.has_value() && end_ns_ == kNever) {
    end_ns_ = plan_.to->NsAt(event_ns, plan_.zone);
    last_ns_ = end_ns_;
  }
  if (wanted_.has_value()) FindTarget(event_ns);
}

void ReplayPlayer::FindTarget(int64_t reference_ns) {
  const int64_t to_ns = wanted_->NsAt(
      position_ns_ != 0 ? position_ns_ : reference_ns, plan_.zone);
  wanted_.reset();
  if (to_ns < applied_ns_) {
    if (!plan_.rewindable) {
      LogWarning("the replay cannot seek back: a pipe is read only once");
      if (!ended_) SetStatus(FeedStatus::kLive);
      return;
    }
    rewind_ = true;
  }
  target_ns_ = to_ns;
}

// All records up to the target are applied.
void ReplayPlayer::Arrive(const RecordReader& reader) {
  position_ns_ = *target_ns_;
  bytes_now_ = reader.bytes_read();
  EndSeek();
  Anchor(Now());
  SetStatus(FeedStatus::kLive);
  Tell();
}

// Before a status that is not `stale`: who is served seldom would have that at
// once and the values of where it is now much later.
void ReplayPlayer::EndSeek() {
  if (!std::exchange(target_ns_, std::nullopt).has_value()) return;
  // It is not, where no record was passed.
  if (status_ == FeedStatus::kStale) publisher_.RenewEpoch();
}

// Applies what may be applied now. When the next record is due.
int64_t ReplayPlayer::ApplyDue(RecordReader& reader, int64_t now_ns, Next* next,
                               int64_t* event_ns) {
  const bool seeking = target_ns_.has_value();
  const bool stepping = !seeking && steps_ > 0;
  const int64_t limit_ns = std::min(end_ns_, target_ns_.value_or(kNever));
  const bool paced = !seeking && !stepping && !pace_.IsMax();
  if (seeking) SetStatus(FeedStatus::kStale);
  if (stepping) changes_.Begin();
  int64_t due_ns = now_ns;
  publisher_.BeginBatch();
  for (int i = 0;
       i < kBatchMessages && *next == Next::kRecord && *event_ns <= limit_ns;
       ++i) {
    if (paced) {
      due_ns = pace_.DueNs(*event_ns, now_ns);
      if (due_ns > now_ns) break;
    }
    Apply(reader, *event_ns);
    *next = reader.Peek(0, event_ns);
    if (stepping && changes_.Moved()) {
      --steps_;
      break;
    }
  }
  publisher_.EndBatch();
  for (GapWatch& watch : gap_watches_) watch.Look(publisher_);
  return due_ns;
}

void ReplayPlayer::Apply(RecordReader& reader, int64_t event_ns) {
  if (plan_.roll.has_value() && event_ns >= next_roll_ns_) {
    if (next_roll_ns_ != 0) market_.RollDay(event_ns);
    next_roll_ns_ = plan_.roll->NextNs(event_ns);
  }
  reader.Apply();
  begun_ = true;
  applied_ns_ = std::max(applied_ns_, event_ns);
  position_ns_ = std::max(position_ns_, event_ns);
  ++progress_.messages;
  progress_.event_ns = event_ns;
}

bool ReplayPlayer::IsHeld() const {
  return paused_ && steps_ == 0 && !wanted_.has_value() &&
         !target_ns_.has_value();
}

int64_t ReplayPlayer::Position(int64_t now_ns) const {
  const bool moves = !paused_ && !target_ns_.has_value() && next_ns_ != 0;
  return moves ? pace_.AtNs(now_ns, position_ns_, next_ns_) : position_ns_;
}

// The pace goes on from the position. Of a reader without a record so far the
// first one is due at once.
void ReplayPlayer::Anchor(int64_t now_ns) {
  if (begun_) pace_.Anchor(position_ns_, now_ns);
}

void ReplayPlayer::TakeCommands() {
  if (plan_.control == nullptr) return;
  ReplayCommand command;
  bool any = false;
  while (plan_.control->Take(&command)) {
    Do(command);
    ++done_;
    any = true;
  }
  if (any) Tell();
}

void ReplayPlayer::Do(const ReplayCommand& command) {
  const int64_t now_ns = Now();
  position_ns_ = Position(now_ns);
  switch (command.kind) {
    case ReplayCommand::Kind::kPause:
      paused_ = true;
      break;
    case ReplayCommand::Kind::kResume:
      paused_ = false;
      steps_ = 0;
      again_ = ended_ && plan_.rewindable;
      break;
    case ReplayCommand::Kind::kStep:
      paused_ = true;
      if (!ended_) ++steps_;
      break;
    case ReplayCommand::Kind::kSeek:
      wanted_ = command.to;
      target_ns_.reset();
      steps_ = 0;
      break;
    case ReplayCommand::Kind::kSpeed:
      pace_.SetSpeed(command.speed);
      break;
  }
  Anchor(now_ns);
}

bool ReplayPlayer::AwaitNextRound() {
  last_ns_ = applied_ns_;
  return Await(&ReplayPlayer::IsNextRoundDue);
}

void ReplayPlayer::End(FeedStatus status) {
  last_ns_ = applied_ns_;
  ended_ = true;
  EndSeek();
  SetStatus(status);
}

// At the end of a round, where there is nothing to seek forward to.
bool ReplayPlayer::Await(bool (ReplayPlayer::*ready)()) {
  position_ns_ = applied_ns_;
  next_ns_ = 0;
  begun_ = false;
  EndSeek();
  while (!feed_control_.stopping()) {
    TakeCommands();
    if (wanted_.has_value()) FindTarget(position_ns_);
    if (!rewind_) {
      target_ns_.reset();
      if (!ended_) SetStatus(FeedStatus::kLive);
    }
    if ((this->*ready)()) return true;
    Tell();
    feed_control_.WaitUntil(Now() + kHoldNs);
  }
  return false;
}

bool ReplayPlayer::IsNextRoundDue() {
  return rewind_ || !paused_ || steps_ > 0;
}

bool ReplayPlayer::IsPlayedAgain() {
  steps_ = 0;
  return rewind_ || again_;
}

void ReplayPlayer::EndFile(const RecordReader& reader) {
  Report(reader);
  bytes_before_ += std::exchange(bytes_now_, 0);
}

void ReplayPlayer::Report(const RecordReader& reader) {
  report_ns_ = Now() + kReportNs;
  bytes_now_ = reader.bytes_read();
  Tell();
  if (const LineMarks* lines = reader.lines(); lines != nullptr) {
    publisher_.health().SetLines(lines->marks());
  }
  if (!plan_.progress) return;
  progress_.bytes_read = bytes_now_;
  progress_.bytes_total = reader.bytes_total();
  progress_.fraction = progress_.bytes_total == 0
                           ? -1.0
                           : static_cast<double>(progress_.bytes_read) /
                                 static_cast<double>(progress_.bytes_total);
  plan_.progress(progress_);
}

void ReplayPlayer::Tell() {
  if (plan_.control == nullptr) return;
  using Phase = ReplayState::Phase;
  ReplayState state;
  const bool seeking = wanted_.has_value() || target_ns_.has_value() ||
                       rewind_ || again_ || steps_ > 0;
  state.phase = seeking   ? Phase::kSeeking
                : ended_  ? Phase::kEnded
                : paused_ ? Phase::kPaused
                          : Phase::kPlaying;
  state.paused = paused_;
  state.speed = pace_.speed();
  state.as_of_ns = Now();
  state.position_ns = Position(state.as_of_ns);
  state.next_ns = next_ns_;
  state.first_ns = first_ns_;
  state.last_ns = last_ns_;
  state.round = progress_.round;
  state.messages = progress_.messages;
  state.bytes_read = bytes_before_ + bytes_now_;
  state.bytes_total = plan_.bytes_total;
  state.rewindable = plan_.rewindable;
  state.done = done_;
  state.file_number = progress_.file_number;
  state.files = progress_.files;
  plan_.control->Tell(state);
}

}  // namespace streamhub
