#include "bench/load/recording.h"

#include <algorithm>
#include <utility>

namespace streamhub::load {
namespace {

constexpr size_t kSizeMin = 1024;

size_t HashOf(int64_t time_us) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  return static_cast<size_t>((static_cast<uint64_t>(time_us) * kOdd) >> 32);
}

}  // namespace

// The entry of that time, or the free one where it belongs.
Turn* TurnLog::Find(int64_t time_us) {
  const size_t mask = table_.size() - 1;
  size_t at = HashOf(time_us) & mask;
  while (table_[at].messages != 0 && table_[at].time_us != time_us) {
    at = (at + 1) & mask;
  }
  last_ = at;
  return &table_[at];
}

void TurnLog::Grow() {
  const std::vector<Turn> old = std::move(table_);
  table_.assign(std::max(kSizeMin, 2 * old.size()), Turn());
  for (const Turn& turn : old) {
    if (turn.messages != 0) *Find(turn.time_us) = turn;
  }
}

void TurnLog::Add(int64_t time_us, int64_t messages) {
  if (messages <= 0) return;
  messages_ += messages;
  if (table_.empty()) Grow();
  Turn* turn = &table_[last_];
  if (turn->time_us != time_us || turn->messages == 0) turn = Find(time_us);
  if (turn->messages == 0) {
    if (used_ == kTurnsMax) return;
    ++used_;
    turn->time_us = time_us;
  }
  turn->messages += messages;
  if (2 * used_ > table_.size()) Grow();
}

void TurnLog::Merge(const TurnLog& other) {
  int64_t known = 0;
  for (const Turn& turn : other.Sorted()) {
    Add(turn.time_us, turn.messages);
    known += turn.messages;
  }
  AddUntold(other.messages_ - known);
}

std::vector<Turn> TurnLog::Sorted() const {
  std::vector<Turn> turns;
  turns.reserve(used_);
  for (const Turn& turn : table_) {
    if (turn.messages != 0) turns.push_back(turn);
  }
  std::sort(turns.begin(), turns.end(),
            [](const Turn& a, const Turn& b) { return a.time_us < b.time_us; });
  return turns;
}

void Sample::Keep(std::string_view message, std::vector<std::string>* where) {
  if (where->size() == kMessagesMax || bytes + message.size() > kBytesMax) {
    return;
  }
  bytes += message.size();
  where->emplace_back(message);
}

void Recording::Merge(const Recording& other) {
  turns.Merge(other.turns);
  if (sample.empty()) sample = other.sample;
}

}  // namespace streamhub::load
