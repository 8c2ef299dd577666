#include "bench/load/run.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <random>
#include <utility>

#include "bench/load/worker.h"
#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

constexpr int kLookMs = 100;
// Longer than the slowest beat of the ladder that one would check with.
constexpr int64_t kCheckNsMax = 30 * kSecond;

int64_t Now() { return SystemClock().MonoNs(); }

int64_t Nanoseconds(double seconds) {
  return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
}

class Run {
 public:
  Run(const LoadOptions& options, const LoadHooks& hooks)
      : options_(options),
        hooks_(hooks),
        http_(options.target, [&hooks] { return hooks.wait(0); }) {}

  absl::StatusOr<LoadReport> Go();

 private:
  absl::Status AwaitSymbols();
  absl::Status Prepare();
  bool Connect();
  bool Measure();
  absl::Status Check();
  bool WaitUntil(int64_t mono_ns, const char* phase);
  bool Look(const char* phase);
  void Use(ProcessUse ProcessReport::*when);
  int64_t Sum(int64_t (Worker::*member)() const) const;
  int64_t Behind(const Reference* reference) const;

  const LoadOptions& options_;
  const LoadHooks& hooks_;
  HttpClient http_;
  RunPlan plan_;
  LoadReport report_;
  std::vector<std::unique_ptr<Reference>> references_;  // outlive the workers
  std::vector<std::unique_ptr<Worker>> workers_;
  int64_t looked_ns_ = 0;
  int64_t looked_updates_ = 0;
};

// A gateway listens before its feed has brought its symbols.
absl::Status Run::AwaitSymbols() {
  const int64_t deadline_ns = Now() + kCheckNsMax;
  for (;;) {
    const auto names = ListSymbols(http_, 0);
    if (!names.ok()) return names.status();
    if (static_cast<int64_t>(names->size()) >= options_.symbols_awaited) {
      return absl::OkStatus();
    }
    if (hooks_.wait(kLookMs)) return absl::CancelledError("stopped");
    if (Now() > deadline_ns) {
      return absl::UnavailableError(
          absl::StrCat("the gateway has ", names->size(), " symbols, not ",
                       options_.symbols_awaited));
    }
  }
}

absl::Status Run::Prepare() {
  absl::Status awaited = AwaitSymbols();
  if (!awaited.ok()) return awaited;
  const auto clock = MeasureClock(http_);
  if (!clock.ok()) return clock.status();
  auto names = ListSymbols(http_, static_cast<size_t>(options_.symbols_max));
  if (!names.ok()) return names.status();
  if (static_cast<int64_t>(names->size()) < options_.symbols_per_client) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--symbols-per-client ", options_.symbols_per_client,
        ": the gateway has only ", names->size(), " symbols to choose from"));
  }
  plan_.target = options_.target;
  plan_.address = http_.address();
  plan_.kind = options_.kind;
  plan_.encoding = options_.encoding;
  plan_.clock_offset_us = clock->offset_us;
  plan_.wanted.names = *std::move(names);
  for (const std::string& name : plan_.wanted.names) {
    plan_.wanted.plain.push_back(Unescape(name));
  }
  plan_.wanted.fields = options_.fields;
  plan_.wanted.max_rate = options_.max_rate;
  plan_.wanted.keep_values = options_.check;

  report_.url = absl::StrCat("http://", options_.target.HostField(),
                             options_.target.prefix);
  report_.transport = std::string(NameOf(options_.kind));
  report_.clients = options_.clients;
  report_.symbols_per_client = options_.symbols_per_client;
  report_.symbols = static_cast<int64_t>(plan_.wanted.names.size());
  report_.fields = options_.fields;
  report_.max_rate = options_.max_rate;
  report_.seed = options_.seed;
  report_.threads = options_.threads;
  report_.warmup_s = options_.warmup_s;
  report_.share_wanted = options_.share_wanted;
  report_.clock = *clock;
  report_.client.pid = getpid();
  if (options_.server_pid > 0) {
    const auto use = UseOf(options_.server_pid);
    if (!use.ok()) return use.status();
    report_.server.emplace().pid = options_.server_pid;
  }
  return absl::OkStatus();
}

void Run::Use(ProcessUse ProcessReport::*when) {
  if (report_.server.has_value()) {
    // Zeros if it is gone, which clients tell by then.
    report_.server.value().*when =
        UseOf(options_.server_pid).value_or(ProcessUse());
  }
  report_.client.*when = UseOf(getpid()).value_or(ProcessUse());
}

int64_t Run::Sum(int64_t (Worker::*member)() const) const {
  int64_t sum = 0;
  for (const auto& worker : workers_) sum += ((*worker).*member)();
  return sum;
}

// False: stop now.
bool Run::Look(const char* phase) {
  if (hooks_.wait(kLookMs)) {
    report_.stopped = true;
    return false;
  }
  if (Sum(&Worker::failed) == options_.clients) {
    report_.trouble = "all clients failed";
    return false;
  }
  const int64_t now_ns = Now();
  if (now_ns - looked_ns_ < kSecond / 2) return true;
  const int64_t updates = Sum(&Worker::updates);
  hooks_.progress(absl::StrFormat(
      "%s: %d of %d clients are in, %d failed, %.0f updates/s", phase,
      Sum(&Worker::settled), options_.clients, Sum(&Worker::failed),
      static_cast<double>(updates - looked_updates_) * 1e9 /
          static_cast<double>(now_ns - looked_ns_)));
  looked_ns_ = now_ns;
  looked_updates_ = updates;
  return true;
}

bool Run::WaitUntil(int64_t mono_ns, const char* phase) {
  int64_t left_ns;
  while ((left_ns = mono_ns - Now()) > 0) {
    if (left_ns > kLookMs * kMillisecond) {
      if (!Look(phase)) return false;
    } else if (hooks_.wait(static_cast<int>(left_ns / kMillisecond) + 1)) {
      report_.stopped = true;
      return false;
    }
  }
  return true;
}

bool Run::Connect() {
  Use(&ProcessReport::before);
  for (int64_t i = 0; i < options_.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>(plan_));
  }
  const auto chosen =
      ChooseSymbols(options_.clients, options_.symbols_per_client,
                    plan_.wanted.names.size(), options_.seed);
  const int64_t begin_ns = Now();
  for (size_t i = 0; i < chosen.size(); ++i) {
    const double after_s = static_cast<double>(i) / options_.connect_rate;
    workers_[i % workers_.size()]->Add(options_.seed + i, chosen[i],
                                       begin_ns + Nanoseconds(after_s));
  }
  for (const auto& worker : workers_) worker->Start();
  // Those that get no answer fail by themselves.
  while (Sum(&Worker::settled) < options_.clients) {
    if (!Look("connecting")) return false;
  }
  if (!Look("connected")) return false;
  report_.connecting_s = static_cast<double>(Now() - begin_ns) / 1e9;
  return true;
}

bool Run::Measure() {
  const int64_t begin_ns = Now() + Nanoseconds(options_.warmup_s);
  const int64_t end_ns = begin_ns + Nanoseconds(options_.duration_s);
  for (const auto& worker : workers_) worker->Measure(begin_ns, end_ns);
  if (!WaitUntil(begin_ns, "warming up")) return false;
  Use(&ProcessReport::begin);
  const bool whole = WaitUntil(end_ns, "measuring");
  const int64_t now_ns = Now();
  if (!whole) {
    for (const auto& worker : workers_) worker->Measure(begin_ns, now_ns);
  }
  report_.window_s =
      static_cast<double>(std::min(now_ns, end_ns) - begin_ns) / 1e9;
  Use(&ProcessReport::end);
  return whole;
}

int64_t Run::Behind(const Reference* reference) const {
  int64_t sum = 0;
  for (const auto& worker : workers_) {
    const int64_t behind = worker->behind(reference);
    if (behind == std::numeric_limits<int64_t>::max()) return behind;
    sum += behind;
  }
  return sum;
}

// Where the feed ends there is one reference, of the end. Where it goes on
// every second brings another, until every subscription was caught at one.
absl::Status Run::Check() {
  const int64_t deadline_ns =
      Now() + kCheckNsMax +
      (options_.feed_ends
           ? Nanoseconds(options_.clients / options_.connect_rate)
           : 0);
  bool first = true;
  for (int64_t fetch_ns = Now(); Now() < deadline_ns;) {
    if (Now() >= fetch_ns && !(options_.feed_ends && !references_.empty() &&
                               references_.back()->ended())) {
      auto reference = std::make_unique<Reference>(plan_.wanted);
      absl::Status fetched =
          FetchReference(http_, plan_.wanted, reference.get());
      if (absl::IsCancelled(fetched)) {
        report_.stopped = true;
        return absl::OkStatus();
      }
      if (!fetched.ok()) return fetched;
      if (std::exchange(first, false) && options_.feed_ends &&
          reference->ended()) {
        report_.trouble =
            "the feed ended before the measurement did, as connecting took "
            "longer than its --connect-rate says";
      }
      fetch_ns = Now() + kSecond;
      references_.push_back(std::move(reference));
      if (!options_.feed_ends || references_.back()->ended()) {
        for (const auto& worker : workers_) {
          worker->CompareWith(references_.back().get());
        }
      }
    }
    if (!Look("checking")) return absl::OkStatus();
    if (Behind(references_.back().get()) == 0) break;
  }
  report_.check.done = true;
  return absl::OkStatus();
}

absl::StatusOr<LoadReport> Run::Go() {
  absl::Status prepared = Prepare();
  if (!prepared.ok()) return prepared;
  const bool measured = Connect() && Measure();
  absl::Status checked;
  if (measured && options_.check) checked = Check();
  for (const auto& worker : workers_) worker->Stop();
  if (!checked.ok()) return checked;
  for (const auto& worker : workers_) {
    report_.tally.Merge(worker->tally());
    report_.failed += worker->failed();
    if (!report_.check.done) continue;
    worker->AddTo(*references_.back(), &report_.check);
  }
  return std::move(report_);
}

}  // namespace

absl::StatusOr<LoadReport> RunLoad(const LoadOptions& options,
                                   const LoadHooks& hooks) {
  return Run(options, hooks).Go();
}

std::vector<std::vector<uint32_t>> ChooseSymbols(int64_t clients, int64_t each,
                                                 size_t of, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> all(of);
  std::iota(all.begin(), all.end(), 0);
  std::vector<std::vector<uint32_t>> chosen(static_cast<size_t>(clients));
  for (std::vector<uint32_t>& own : chosen) {
    // The first steps of a shuffle; what it leaves behind is as good a start.
    for (size_t i = 0; i < static_cast<size_t>(each); ++i) {
      std::swap(all[i], all[i + random() % (of - i)]);
    }
    own.assign(all.begin(), all.begin() + each);
  }
  return chosen;
}

}  // namespace streamhub::load
