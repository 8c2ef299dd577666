#include "bench/load/floor_report.h"

#include <absl/strings/str_format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "bench/load/report.h"

namespace streamhub::load {
namespace {

constexpr double kMega = 1e6;

// Of the gateway's messages.
constexpr double kDeliveredMin = 0.95;

// Microseconds of each of `count`.
double Each(double seconds, int64_t count) {
  return count > 0 ? seconds * kMega / static_cast<double>(count) : 0;
}

double BytesEach(int64_t bytes, int64_t messages) {
  return messages > 0
             ? static_cast<double>(bytes) / static_cast<double>(messages)
             : 0;
}

int64_t MessagesToRepeat(const LoadReport& report) {
  return report.tally.recording.deliveries.messages;
}

// With fewer messages it was another load, whatever each of them cost.
bool KeptUp(const LoadReport& report) {
  return static_cast<double>(report.floor->messages) >=
         kDeliveredMin * static_cast<double>(MessagesToRepeat(report));
}

std::optional<double> Known(double ratio) {
  return ratio > 0 ? std::optional(ratio) : std::nullopt;
}

std::string RatioText(double ratio) {
  return ratio > 0 ? absl::StrFormat("%.3f", ratio) : "-";
}

}  // namespace

std::string FloorTrouble(const LoadReport& report) {
  if (!report.floor.has_value()) return {};
  const FloorReport& floor = *report.floor;
  if (floor.failed > 0) {
    return absl::StrFormat("%d clients of the floor failed", floor.failed);
  }
  if (KeptUp(report)) return {};
  return absl::StrFormat(
      "the floor did not keep up: %d of %d messages; it stood in line for a "
      "core for %.2f of %.1f s",
      floor.messages, MessagesToRepeat(report), floor.wait_s, floor.window_s);
}

Round RoundOf(const LoadReport& report) {
  Round round;
  if (!report.server.has_value() || !report.floor.has_value()) return round;
  const ProcessUse& begin = report.server->begin;
  const ProcessUse& end = report.server->end;
  const FloorReport& floor = *report.floor;
  const Tally& tally = report.tally;
  const int64_t messages = tally.recording.deliveries.messages;
  const double user_s = end.user_s - begin.user_s;
  round.per_message = Each(end.cpu_s - begin.cpu_s, messages);
  round.user_per_message = Each(user_s, messages);
  round.per_update = Each(end.cpu_s - begin.cpu_s, tally.updates);
  round.user_per_update = Each(user_s, tally.updates);
  round.system_per_update = Each(end.system_s - begin.system_s, tally.updates);
  round.floor_per_message = Each(floor.cpu_s, floor.messages);
  round.floor_user_per_message = Each(floor.user_s, floor.messages);
  const double writes_per_update =
      tally.updates > 0
          ? static_cast<double>(messages) / static_cast<double>(tally.updates)
          : 0;
  round.floor_per_update = round.floor_per_message * writes_per_update;
  round.floor_user_per_update =
      round.floor_user_per_message * writes_per_update;
  round.floor_system_per_update =
      Each(floor.system_s, floor.messages) * writes_per_update;
  if (round.floor_per_message > 0 && KeptUp(report)) {
    round.ratio = round.per_message / round.floor_per_message;
  }
  if (report.window_s > 0) {
    round.updates_per_second =
        static_cast<double>(tally.updates) / report.window_s;
  }
  round.latency_p99_us = tally.latency_us.Percentile(99);
  return round;
}

size_t MedianRound(const std::vector<Round>& rounds) {
  std::vector<size_t> order(rounds.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::erase_if(order, [&rounds](size_t i) { return rounds[i].ratio <= 0; });
  if (order.empty()) return 0;
  std::sort(order.begin(), order.end(), [&rounds](size_t a, size_t b) {
    return rounds[a].ratio < rounds[b].ratio;
  });
  return order[(order.size() - 1) / 2];
}

double MedianRatio(const std::vector<Round>& rounds) {
  return rounds[MedianRound(rounds)].ratio;
}

void AddFloor(const LoadReport& report, JsonObject* json) {
  if (!report.floor.has_value()) return;
  const FloorReport& floor = *report.floor;
  const Round round = RoundOf(report);
  JsonObject inner = json->Inner("floor");
  inner.Add("failed", floor.failed);
  inner.Add("window_s", floor.window_s);
  inner.Add("messages", floor.messages);
  inner.Add("bytes", floor.bytes);
  inner.Add("held_back", floor.held_back);
  inner.Add("cpu_s", floor.cpu_s);
  inner.Add("user_s", floor.user_s);
  inner.Add("system_s", floor.system_s);
  inner.Add("wait_s", floor.wait_s);
  inner.Add("client_cpu_s", floor.client_cpu_s);
  inner.Add("delivery_us", floor.delivery_us);
  inner.Add("cpu_us_per_message", round.floor_per_message);
  inner.Add("user_us_per_message", round.floor_user_per_message);
  inner.Add("cpu_us_per_update", round.floor_per_update);
  inner.Add("user_us_per_update", round.floor_user_per_update);
  inner.Add("system_us_per_update", round.floor_system_per_update);
  inner.Add("server_us_per_message", round.per_message);
  inner.Add("kept_up", KeptUp(report));
  inner.Add("ratio", Known(round.ratio));
  inner.End();
  if (report.rounds.empty()) return;
  json->Add("ratio_median", Known(MedianRatio(report.rounds)));
  json->BeginArray("rounds");
  for (const Round& each : report.rounds) {
    JsonObject item = json->Item();
    item.Add("server_us_per_update", each.per_update);
    item.Add("server_user_us_per_update", each.user_per_update);
    item.Add("server_system_us_per_update", each.system_per_update);
    item.Add("floor_us_per_update", each.floor_per_update);
    item.Add("floor_user_us_per_update", each.floor_user_per_update);
    item.Add("floor_system_us_per_update", each.floor_system_per_update);
    item.Add("ratio", Known(each.ratio));
    item.Add("updates_per_second", each.updates_per_second);
    item.Add("latency_p99_us", each.latency_p99_us);
    item.End();
  }
  json->EndArray();
}

std::string FloorText(const LoadReport& report) {
  if (!report.floor.has_value()) return {};
  const FloorReport& floor = *report.floor;
  const Round round = RoundOf(report);
  std::string text = absl::StrFormat(
      "floor      bare writes: %d messages of %.0f bytes (the gateway: %d of "
      "%.0f), %.2f us per message\n"
      "           per update: %.3f us (user %.3f, system %.3f); the gateway "
      "%.3f us (user %.3f, system %.3f)\n"
      "           the gateway takes %s times the floor\n",
      floor.messages, BytesEach(floor.bytes, floor.messages),
      report.tally.recording.deliveries.messages,
      BytesEach(report.tally.bytes, report.tally.messages),
      round.floor_per_message, round.floor_per_update,
      round.floor_user_per_update, round.floor_system_per_update,
      round.per_update, round.user_per_update, round.system_per_update,
      round.ratio > 0 ? absl::StrFormat("%.2f", round.ratio) : "-");
  if (floor.held_back > 0) {
    absl::StrAppendFormat(
        &text,
        "           the floor held %d messages back: sockets were full\n",
        floor.held_back);
  }
  if (report.rounds.size() < 2) return text;
  absl::StrAppendFormat(&text, "%-24s %9s %9s %9s %9s %9s\n",
                        "rounds: us/update", "gateway", "floor", "ratio",
                        "user", "p99 ms");
  for (size_t i = 0; i < report.rounds.size(); ++i) {
    const Round& each = report.rounds[i];
    absl::StrAppendFormat(
        &text, "  %-22d %9.3f %9.3f %9s %9.3f %9.2f\n", static_cast<int>(i + 1),
        each.per_update, each.floor_per_update, RatioText(each.ratio),
        each.user_per_update, static_cast<double>(each.latency_p99_us) / 1e3);
  }
  absl::StrAppendFormat(
      &text, "  the median of the ratios is %s; above is its round\n",
      RatioText(MedianRatio(report.rounds)));
  return text;
}

}  // namespace streamhub::load
