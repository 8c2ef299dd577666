#include "bench/load/checker.h"

#include "gateway/base/clock.h"

namespace streamhub::load {

absl::Status Checker::Step() {
  if (feed_ends_ && !references_.empty() && references_.back()->ended()) {
    return absl::OkStatus();
  }
  if (SystemClock().MonoNs() < next_ns_) return absl::OkStatus();
  auto reference = std::make_unique<Reference>(plan_.wanted);
  absl::Status fetched = FetchReference(http_, plan_.wanted, reference.get());
  if (!fetched.ok()) return fetched;
  ended_early_ =
      ended_early_ || (references_.empty() && feed_ends_ && reference->ended());
  next_ns_ = SystemClock().MonoNs() + kSecond;
  references_.push_back(std::move(reference));
  if (feed_ends_ && !references_.back()->ended()) return absl::OkStatus();
  for (const auto& worker : workers_) {
    worker->CompareWith(references_.back().get());
  }
  return absl::OkStatus();
}

int64_t Checker::Behind() const {
  if (references_.empty()) return WorkerDoor::kNever;
  int64_t sum = 0;
  for (const auto& worker : workers_) {
    const int64_t behind = worker->behind(references_.back().get());
    if (behind == WorkerDoor::kNever) return behind;
    sum += behind;
  }
  return sum;
}

void Checker::AddTo(CheckResult* result) const {
  if (references_.empty()) return;
  for (const auto& worker : workers_) {
    worker->AddTo(*references_.back(), result);
  }
}

}  // namespace streamhub::load
