#include "bench/load/floor_run.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <netinet/in.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "bench/load/crowd.h"
#include "bench/load/floor.h"
#include "gateway/base/clock.h"

namespace streamhub::load {
namespace {

constexpr double kWarmupSMax = 2;
constexpr double kMicro = 1e6;

int64_t Now() { return SystemClock().MonoNs(); }

int64_t Nanoseconds(double seconds) {
  return static_cast<int64_t>(seconds * static_cast<double>(kSecond));
}

RunPlan PlanOf(const LoadOptions& options, const FloorPlan& floor, int port) {
  RunPlan plan;
  plan.target = {"127.0.0.1", absl::StrCat(port), ""};
  auto& address = reinterpret_cast<sockaddr_in&>(plan.address.storage);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  plan.address.size = sizeof address;
  plan.kind = options.kind;
  plan.encoding = options.encoding;
  plan.wanted.names = floor.sample.names;
  for (const std::string& name : plan.wanted.names) {
    plan.wanted.plain.push_back(Unescape(name));
  }
  // What clients ask for is read by nobody, but is as long as it was.
  plan.wanted.fields = options.fields;
  plan.wanted.max_rate = options.max_rate;
  plan.spread_sources = options.clients > kClientsPerSourceMax;
  plan.spin = options.spin;
  return plan;
}

class FloorRun {
 public:
  FloorRun(const LoadOptions& options, const LoadReport& measured,
           const LoadHooks& hooks, FloorProcess& floor, const RunPlan& plan)
      : options_(options),
        measured_(measured),
        hooks_(hooks),
        floor_(floor),
        crowd_options_{.seed = options.seed,
                       .processes = std::max<int64_t>(options.processes, 1),
                       .threads = options.threads,
                       .cpus = options.client_cpus,
                       .connect_rate = options.connect_rate},
        crowd_(plan, crowd_options_, [&hooks] { return hooks.wait(0); }) {}

  absl::StatusOr<FloorReport> Go(size_t symbols);

 private:
  bool Wait(int64_t until_ns) const;

  const LoadOptions& options_;
  const LoadReport& measured_;
  const LoadHooks& hooks_;
  FloorProcess& floor_;
  const CrowdOptions crowd_options_;
  Crowd crowd_;
};

// False: stop now.
bool FloorRun::Wait(int64_t until_ns) const {
  constexpr int64_t kLookMs = 100;
  int64_t left_ns;
  while ((left_ns = until_ns - Now()) > 0) {
    const int64_t ms = std::min(kLookMs, left_ns / kMillisecond + 1);
    if (hooks_.wait(static_cast<int>(ms))) return false;
  }
  return true;
}

absl::StatusOr<FloorReport> FloorRun::Go(size_t symbols) {
  std::vector<uint32_t> all(symbols);
  std::iota(all.begin(), all.end(), 0u);
  absl::Status started = crowd_.Start(
      std::vector(static_cast<size_t>(options_.clients), all), Now());
  if (!started.ok()) return started;
  constexpr int64_t kLookNs = 100 * kMillisecond;
  bool going = true;
  while (going && crowd_.settled() < options_.clients) {
    hooks_.progress(absl::StrFormat("floor: %d of %d clients are in",
                                    crowd_.settled(), options_.clients));
    going = Wait(Now() + kLookNs) && crowd_.Whole();
  }
  const int64_t warm_ns = Now() + kLookNs;
  const int64_t begin_ns =
      warm_ns + Nanoseconds(std::min(options_.warmup_s, kWarmupSMax));
  const int64_t end_ns = begin_ns + Nanoseconds(measured_.window_s);
  crowd_.Measure(begin_ns, end_ns);
  floor_.door().begin_ns.store(warm_ns);
  hooks_.progress("floor: measuring");
  going = going && Wait(begin_ns);
  const auto before = UseOf(floor_.pid());
  const ProcessUse clients_before = crowd_.Use();
  const int64_t held_back = floor_.door().held_back.load();
  going = going && Wait(end_ns);
  const int64_t ended_ns = Now();
  const auto after = UseOf(floor_.pid());
  const ProcessUse clients_after = crowd_.Use();
  FloorReport report;
  report.held_back = floor_.door().held_back.load() - held_back;
  const auto harvest = crowd_.Stop();
  if (!harvest.ok()) return harvest.status();
  if (!going) return absl::CancelledError("stopped");
  if (!before.ok() || !after.ok()) {
    return absl::UnavailableError("the floor has ended early");
  }
  report.failed = harvest->failed;
  report.window_s = static_cast<double>(ended_ns - begin_ns) / 1e9;
  report.messages = harvest->tally.messages;
  report.bytes = harvest->tally.bytes;
  report.cpu_s = after->cpu_s - before->cpu_s;
  report.user_s = after->user_s - before->user_s;
  report.system_s = after->system_s - before->system_s;
  report.wait_s = after->wait_s - before->wait_s;
  report.client_cpu_s = clients_after.cpu_s - clients_before.cpu_s;
  if (options_.encoding == Encoding::kJson) {
    report.delivery_us = harvest->tally.delivery_us;
  }
  return report;
}

}  // namespace

absl::StatusOr<FloorReport> MeasureFloor(const LoadOptions& options,
                                         const LoadReport& measured,
                                         const LoadHooks& hooks,
                                         int server_cpu) {
  const Recording& recording = measured.tally.recording;
  FloorPlan floor;
  floor.kind = options.kind;
  floor.encoding = options.encoding;
  floor.sample = recording.sample;
  floor.deliveries = recording.deliveries.Sorted();
  // The floor knows them as they come.
  for (Delivery& each : floor.deliveries) {
    each.client -= static_cast<uint32_t>(options.seed);
  }
  if (floor.deliveries.empty() || floor.sample.empty()) {
    return absl::FailedPreconditionError(
        "--floor: there were no updates to repeat");
  }
  // Where they were too many to keep, those that were kept are repeated.
  const int64_t spanned_us =
      floor.deliveries.back().time_us - floor.deliveries.front().time_us + 1;
  floor.period_us =
      recording.deliveries.all()
          ? std::max(spanned_us,
                     static_cast<int64_t>(measured.window_s * kMicro))
          : spanned_us;
  floor.bytes_mean = static_cast<double>(measured.tally.bytes) /
                     static_cast<double>(measured.tally.messages);
  auto process = FloorProcess::Start(floor, server_cpu);
  if (!process.ok()) return process.status();
  const RunPlan plan = PlanOf(options, floor, (*process)->port());
  return FloorRun(options, measured, hooks, **process, plan)
      .Go(floor.sample.names.size());
}

}  // namespace streamhub::load
