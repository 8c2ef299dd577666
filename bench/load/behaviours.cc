#include "bench/load/behaviours.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "bench/load/worker.h"

namespace streamhub::load {

bool BelongsTo(double share, size_t index) {
  // A share such as 0.1 is no binary fraction, and must not lose one of ten.
  constexpr double kRounding = 1e-9;
  const auto before = static_cast<double>(index);
  return std::floor((before + 1) * share + kRounding) >
         std::floor(before * share + kRounding);
}

int64_t StormNs(const RunPlan& plan) {
  constexpr double kCompleteS = 3;
  return static_cast<int64_t>((plan.storm_within_s + kCompleteS) *
                              static_cast<double>(kSecond));
}

bool Worker::IsHeldBack(const Client& client) const {
  return client.manner().slow && client.ready() && !released_;
}

// After the measurement they read all that waits, and are compared as the
// others are.
void Worker::ReadSlowly(int64_t now_ns) {
  if (released_) return;
  if (now_ns >= door_->end_ns.load()) {
    released_ = true;
    slow_.clear();
    for (const auto& client : clients_) {
      if (client->manner().slow && client->fd() >= 0) {
        Watch(*client, EPOLL_CTL_MOD);
      }
    }
    return;
  }
  const auto bytes = static_cast<size_t>(
      std::clamp(plan_.slow_bytes_per_second *
                     static_cast<double>(kSlowPeriodNs) / kSecond,
                 1.0, static_cast<double>(room_.size())));
  while (!slow_.empty() && slow_.front().next_ns <= now_ns) {
    const SlowRead read = slow_.front();
    slow_.pop_front();
    Client& client = *read.client;
    // Gone, or cut off and new: then it is not ready, or was put in again.
    if (client.fd() < 0 || !IsHeldBack(client)) continue;
    const bool wrote = client.wants_write();
    const absl::Status status = Read(client, bytes, now_ns);
    if (!status.ok()) {
      Fail(client, status);
      continue;
    }
    if (wrote != client.wants_write()) Watch(client, EPOLL_CTL_MOD);
    slow_.push_back({&client, read.next_ns + kSlowPeriodNs});
  }
}

// Every client comes back at a time of its own, without what it held.
void Worker::Storm(int64_t now_ns) {
  const int64_t storm_ns = door_->storm_ns.load();
  if (stormed_ns_ != 0 || now_ns < storm_ns) return;
  stormed_ns_ = storm_ns;
  std::mt19937_64 random(static_cast<uint64_t>(storm_ns));
  std::uniform_real_distribution<double> after_s(0, plan_.storm_within_s);
  for (const auto& client : clients_) {
    if (!client->manner().storm || !client->ready() || client->fd() < 0) {
      continue;
    }
    client->Cut();
    ++tally_.storm_cut;
    returns_.entries.push_back(
        {client.get(),
         storm_ns + static_cast<int64_t>(after_s(random) *
                                         static_cast<double>(kSecond))});
  }
  std::erase_if(slow_,
                [](const SlowRead& read) { return read.client->fd() < 0; });
  std::sort(
      returns_.entries.begin(), returns_.entries.end(),
      [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
}

bool Worker::IsSurvivor(const Client& client) const {
  return plan_.storms && !client.manner().storm && !client.manner().slow;
}

int64_t Worker::StormEndNs() const {
  const int64_t storm_ns = door_->storm_ns.load();
  if (storm_ns == WorkerDoor::kNever) return storm_ns;
  return std::min(storm_ns + StormNs(plan_), door_->end_ns.load());
}

// At the end; who got nothing more has a gap that no update closed.
void Worker::NoteGaps() {
  if (stormed_ns_ == 0) return;
  for (const auto& client : clients_) {
    if (!IsSurvivor(*client) || client->fd() < 0) continue;
    tally_.gap_us.Add(client->GapNs(stormed_ns_, StormEndNs()) / kMicrosecond);
  }
}

// At the end. Of those that were to be reached all the time.
void Worker::NoteLongestGap() {
  const int64_t begin_ns = door_->begin_ns.load();
  const int64_t end_ns = std::min(door_->end_ns.load(), SystemClock().MonoNs());
  if (begin_ns >= end_ns) return;  // there was no measurement
  for (const auto& client : clients_) {
    const Manner& manner = client->manner();
    if (client->fd() < 0 || manner.slow || (plan_.storms && manner.storm)) {
      continue;
    }
    tally_.longest_gap_us =
        std::max(tally_.longest_gap_us,
                 client->LongestGapNs(begin_ns, end_ns) / kMicrosecond);
  }
}

void Worker::NoteReturn(const Client& client) {
  tally_.storm_complete_us.Add((client.complete_ns() - client.began_ns()) /
                               kMicrosecond);
  tally_.storm_last_us =
      std::max(tally_.storm_last_us,
               (client.complete_ns() - stormed_ns_) / kMicrosecond);
}

}  // namespace streamhub::load
