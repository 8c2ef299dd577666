#include "bench/peers/results.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <algorithm>
#include <optional>

#include "gateway/base/strings.h"

namespace streamhub::peers {
namespace {

using simdjson::dom::element;

// 0 if there is no such.
double NumberAt(element json, const char* pointer) {
  double number = 0;
  return json.at_pointer(pointer).get(number) == simdjson::SUCCESS ? number : 0;
}

std::string TextAt(element json, const char* pointer) {
  std::string_view text;
  return json.at_pointer(pointer).get(text) == simdjson::SUCCESS
             ? std::string(text)
             : std::string();
}

int64_t CountAt(element json, const char* pointer) {
  return static_cast<int64_t>(NumberAt(json, pointer));
}

std::optional<WorkloadKind> KindOf(std::string_view name) {
  if (name == "delivery") return WorkloadKind::kDelivery;
  if (name == "conflation") return WorkloadKind::kConflation;
  if (name == "storm") return WorkloadKind::kStorm;
  return std::nullopt;
}

absl::Status Malformed(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(what), ": not as compare.sh writes it"));
}

}  // namespace

double Workload::Due(const System& system) const {
  const double ticks = ticks_per_second / static_cast<double>(symbols);
  const double rate =
      system.max_rate > 0 ? std::min(ticks, system.max_rate) : ticks;
  return rate * static_cast<double>(each) * static_cast<double>(clients);
}

absl::StatusOr<Workload> ParseWorkload(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array systems;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["systems"].get(systems) != simdjson::SUCCESS) {
    return Malformed("workload.json");
  }
  const auto kind = KindOf(TextAt(root, "/kind"));
  if (!kind.has_value()) return Malformed("workload.json: kind");
  Workload workload;
  workload.name = TextAt(root, "/name");
  workload.kind = *kind;
  workload.clients = CountAt(root, "/clients");
  workload.each = CountAt(root, "/each");
  workload.symbols = CountAt(root, "/symbols");
  workload.ticks_per_second = NumberAt(root, "/ticks_per_second");
  workload.pairs = CountAt(root, "/pairs");
  if (workload.symbols < 1) return Malformed("workload.json: symbols");
  for (const element each : systems) {
    System& system = workload.systems.emplace_back();
    system.name = TextAt(each, "/name");
    const std::string rate = TextAt(each, "/max_rate");
    if (rate != "unlimited" && !absl::SimpleAtod(rate, &system.max_rate)) {
      return Malformed("workload.json: max_rate");
    }
  }
  return workload;
}

absl::StatusOr<Result> ParseResult(std::string_view json,
                                   const Workload& workload,
                                   const System& system, int64_t round) {
  simdjson::dom::parser parser;
  element root;
  int64_t version = 0;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS ||
      root["version"].get(version) != simdjson::SUCCESS || version != 1) {
    return Malformed("a report");
  }
  Result result;
  result.system = system.name;
  result.round = round;
  result.failed = CountAt(root, "/failed");
  result.updates_per_second = NumberAt(root, "/updates_per_second");
  const double due = workload.Due(system);
  if (due > 0) result.delivered = result.updates_per_second / due;
  const double updates = NumberAt(root, "/updates");
  result.cpu_us = NumberAt(root, "/server/cpu_us_per_update");
  if (updates > 0) {
    result.user_us = NumberAt(root, "/server/user_s") * 1e6 / updates;
  }
  result.floor_ratio = NumberAt(root, "/floor/ratio");
  // One that did not keep up has no ratio, and is no measure of anybody.
  if (result.floor_ratio > 0) {
    result.floor_us_per_message = NumberAt(root, "/floor/cpu_us_per_message");
  }
  result.age_p50_ms = NumberAt(root, "/latency_us/p50") / 1e3;
  result.age_p99_ms = NumberAt(root, "/latency_us/p99") / 1e3;
  result.first_p50_ms = NumberAt(root, "/first_data_us/p50") / 1e3;
  result.first_p99_ms = NumberAt(root, "/first_data_us/p99") / 1e3;
  result.first_max_ms = NumberAt(root, "/first_data_us/max") / 1e3;
  result.bytes_per_client = NumberAt(root, "/server/bytes_per_client");
  result.growth_bytes = NumberAt(root, "/server/rss_growth_bytes");
  if (const double window_s = NumberAt(root, "/window_s"); window_s > 0) {
    result.waited = NumberAt(root, "/server/wait_s") / window_s;
  }
  return result;
}

}  // namespace streamhub::peers
