#include "bench/load/crowd.h"

#include <absl/strings/string_view.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "bench/load/behaviours.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

constexpr int64_t kEndNsMax = 30 * kSecond;

}  // namespace

Crowd::Crowd(const RunPlan& plan, const CrowdOptions& options,
             std::function<bool()> stop)
    : plan_(plan),
      options_(options),
      stop_(std::move(stop)),
      doors_(WorkerCount()),
      processes_(static_cast<size_t>(options.processes)) {}

Crowd::~Crowd() {
  for (const auto& worker : workers_) worker->Stop();
}

void Crowd::MakeWorkers(const std::vector<std::vector<uint32_t>>& symbols,
                        size_t process, int64_t begin_ns) {
  const auto threads = static_cast<size_t>(options_.threads);
  for (size_t i = 0; i < threads; ++i) {
    const size_t number = process * threads + i;
    const int cpu = options_.cpus.empty()
                        ? -1
                        : options_.cpus[number % options_.cpus.size()];
    workers_.push_back(std::make_unique<Worker>(plan_, &doors_[number], cpu));
  }
  const auto processes = static_cast<size_t>(options_.processes);
  for (size_t i = process; i < symbols.size(); i += processes) {
    const double after_s = static_cast<double>(i) / options_.connect_rate;
    const int64_t after_ns =
        static_cast<int64_t>(after_s * static_cast<double>(kSecond));
    const Manner manner = {.slow = BelongsTo(options_.slow_share, i),
                           .storm = BelongsTo(options_.storm_share, i),
                           .recorded = plan_.record && i == 0};
    workers_[i / processes % threads]->Add(options_.seed + i, symbols[i],
                                           begin_ns + after_ns, manner);
  }
  for (const auto& worker : workers_) worker->Start();
}

absl::Status Crowd::Start(const std::vector<std::vector<uint32_t>>& symbols,
                          int64_t begin_ns) {
  if (options_.processes == 1) {
    MakeWorkers(symbols, 0, begin_ns);
    return absl::OkStatus();
  }
  for (size_t i = 0; i < static_cast<size_t>(options_.processes); ++i) {
    auto child = Child::Fork([this, i, &symbols, begin_ns](int channel) {
      MakeWorkers(symbols, i, begin_ns);
      return RunProcess(i, channel);
    });
    if (!child.ok()) return child.status();
    children_.push_back(*std::move(child));
  }
  return absl::OkStatus();
}

// Until its parent hangs up, or says that no more will come: then it tells what
// it found.
int Crowd::RunProcess(size_t process, int channel) {
  constexpr int kLookMs = 50;
  ProcessDoor& door = processes_[process];
  pollfd told{channel, POLLIN, 0};
  while (poll(&told, 1, kLookMs) == 0) {
    if (!door.check.load()) continue;
    if (check_error_.ok()) check_error_ = CheckHere();
    door.behind.store(check_error_.ok() ? checker_->Behind() : 0);
  }
  const std::string bytes = Pack(Reap());
  return WriteAll(channel, bytes.data(), bytes.size()) ? 0 : 1;
}

void Crowd::Measure(int64_t begin_ns, int64_t end_ns) {
  const int64_t storm_ns =
      options_.storm_share > 0
          ? begin_ns + static_cast<int64_t>(
                           static_cast<double>(end_ns - begin_ns) * kStormAfter)
          : WorkerDoor::kNever;
  for (size_t i = 0; i < WorkerCount(); ++i) {
    doors_[i].end_ns.store(end_ns);
    doors_[i].begin_ns.store(begin_ns);
    // A measurement that is cut short keeps the storm that it had.
    if (doors_[i].storm_ns.load() == WorkerDoor::kNever) {
      doors_[i].storm_ns.store(storm_ns);
    }
  }
}

int64_t Crowd::Sum(std::atomic<int64_t> WorkerDoor::*member) const {
  int64_t sum = 0;
  for (size_t i = 0; i < WorkerCount(); ++i) sum += (doors_[i].*member).load();
  return sum;
}

bool Crowd::Whole() const {
  return std::all_of(children_.begin(), children_.end(),
                     [](const auto& child) { return child->Alive(); });
}

absl::Status Crowd::CheckHere() {
  if (checker_ == nullptr) {
    checker_ =
        std::make_unique<Checker>(plan_, workers_, options_.feed_ends, stop_);
  }
  return checker_->Step();
}

absl::Status Crowd::CheckStep() {
  if (children_.empty()) {
    check_error_ = CheckHere();
    return check_error_;
  }
  for (size_t i = 0; i < children_.size(); ++i) processes_[i].check.store(true);
  return absl::OkStatus();
}

int64_t Crowd::Behind() const {
  if (children_.empty()) return checker_->Behind();
  int64_t sum = 0;
  for (size_t i = 0; i < children_.size(); ++i) {
    const int64_t behind = processes_[i].behind.load();
    if (behind == WorkerDoor::kNever) return behind;
    sum += behind;
  }
  return sum;
}

ProcessUse Crowd::Use() const {
  ProcessUse sum;
  // What was spun away is no work.
  sum.cpu_s = -static_cast<double>(Sum(&WorkerDoor::idle_ns)) /
              static_cast<double>(kSecond);
  if (children_.empty()) {
    // Before they are made each of several would begin as this one is.
    const ProcessUse own = UseOf(getpid()).value_or(ProcessUse());
    for (int64_t i = 0; i < options_.processes; ++i) sum += own;
    return sum;
  }
  for (const auto& child : children_) {
    sum += UseOf(child->pid()).value_or(ProcessUse());
  }
  return sum;
}

Harvest Crowd::Reap() {
  Harvest harvest;
  for (const auto& worker : workers_) {
    worker->Stop();
    harvest.tally.Merge(worker->tally());
    harvest.failed += worker->failed();
  }
  if (checker_ == nullptr) return harvest;
  harvest.ended_early = checker_->ended_early();
  harvest.error = std::string(FromAbsl(check_error_.message()));
  if (check_error_.ok()) checker_->AddTo(&harvest.check);
  return harvest;
}

absl::StatusOr<Harvest> Crowd::Stop() {
  if (children_.empty()) return Reap();
  Harvest all;
  for (const auto& child : children_) {
    const auto bytes = child->Rest(kEndNsMax);
    if (!bytes.ok()) return bytes.status();
    Harvest part;
    if (!Unpack(*bytes, &part)) {
      return absl::UnavailableError("a process with clients has ended early");
    }
    all.Merge(part);
  }
  return all;
}

}  // namespace streamhub::load
