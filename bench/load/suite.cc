#include "bench/load/suite.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <cmath>

#include "gateway/base/strings.h"
#include "gateway/codec/json.h"

namespace streamhub::load {
namespace {

constexpr size_t kGrowthValuesMax = 32;

struct Transport {
  const char* label;
  const char* transport;
  const char* encoding;
};
constexpr Transport kTransports[] = {{"ws json", "ws", "json"},
                                     {"ws fb", "ws", "fb"},
                                     {"sse", "sse", "json"},
                                     {"stream", "stream", "json"},
                                     {"poll", "poll", "json"}};

struct GrowthFlag {
  const char* variable;
  const char* flag;
};
constexpr GrowthFlag kGrowthFlags[] = {{"clients", "--clients"},
                                       {"symbols", "--symbols-per-client"},
                                       {"rate", "--ticks-per-second"}};

// Some choices of one dimension: "ws json" and the flags that make it.
struct Choice {
  std::string label;
  std::string preset;
  double value = 0;
  std::vector<Flag> flags;
};

// The presets, or a choice without flags.
absl::StatusOr<std::vector<Choice>> PresetChoices(const SuiteOptions& options,
                                                  const TypedFlags& typed) {
  std::vector<Choice> choices;
  for (const std::string& name : options.presets) {
    const auto found = FindPresets(name);
    if (!found.ok()) return found.status();
    for (const Preset* preset : *found) {
      Choice choice{preset->name, preset->name, 0, {}};
      const int64_t clients = ClientsOf(*preset, options.scale, typed.files);
      choice.flags.push_back({"--clients", absl::StrCat(clients)});
      choice.flags.insert(choice.flags.end(), preset->flags.begin(),
                          preset->flags.end());
      std::erase_if(choice.flags, [&typed](const Flag& flag) {
        return typed.given(flag.name);
      });
      choices.push_back(std::move(choice));
    }
  }
  if (choices.empty()) choices.emplace_back();
  return choices;
}

std::vector<Choice> TransportChoices(const SuiteOptions& options) {
  if (!options.all_transports) return {Choice{}};
  std::vector<Choice> choices;
  for (const Transport& one : kTransports) {
    choices.push_back(
        {one.label,
         "",
         0,
         {{"--transport", one.transport}, {"--encoding", one.encoding}}});
  }
  return choices;
}

// What `growth` makes of a run that has the flags `so_far`.
std::vector<Choice> GrowthChoices(const Growth& growth,
                                  const std::vector<Flag>& so_far,
                                  const TypedFlags& typed) {
  if (growth.variable.empty()) return {Choice{}};
  std::vector<Choice> choices;
  for (const double value : growth.values) {
    Choice choice{absl::StrCat(growth.variable, "=", value), "", value, {}};
    for (const GrowthFlag& one : kGrowthFlags) {
      if (growth.variable != one.variable) continue;
      double flag_value = value;
      if (growth.variable == "rate") {
        std::string base = typed.value(one.flag);
        for (const Flag& flag : so_far) {
          if (flag.name == one.flag) base = flag.value;
        }
        double ticks = 0;
        if (absl::SimpleAtod(base, &ticks)) flag_value *= ticks;
      }
      choice.flags.push_back({one.flag, absl::StrFormat("%.15g", flag_value)});
    }
    choices.push_back(std::move(choice));
  }
  return choices;
}

std::string Joined(std::vector<std::string> parts) {
  std::erase(parts, "");
  return absl::StrJoin(parts, ", ");
}

double PerSecond(int64_t count, const LoadReport& report) {
  return report.window_s > 0 ? static_cast<double>(count) / report.window_s : 0;
}

double CpuSeconds(const LoadReport& report) {
  if (!report.server.has_value()) return 0;
  return report.server->end.cpu_s - report.server->begin.cpu_s;
}

// Without a floor there is none to be known.
std::string RatioText(const LoadReport& report) {
  if (!report.floor.has_value() && report.rounds.empty()) return "";
  const double ratio = TimesFloor(report);
  return ratio > 0 ? absl::StrFormat("%.2f", ratio) : "-";
}

std::string CoreText(const LoadReport& report) {
  if (!report.server.has_value() || report.window_s <= 0) return "-";
  return absl::StrFormat("%.0f", 100 * CpuSeconds(report) / report.window_s);
}

std::string CpuText(const LoadReport& report) {
  if (!report.server.has_value() || report.tally.updates <= 0) return "-";
  return absl::StrFormat("%.2f", CpuMicrosPerUpdate(report));
}

std::string KilobytesText(const LoadReport& report) {
  const int64_t clients = report.clients - report.failed;
  if (!report.server.has_value() || clients <= 0) return "-";
  const int64_t bytes =
      report.server->end.rss_bytes - report.server->before.rss_bytes;
  return absl::StrFormat(
      "%.1f", static_cast<double>(bytes) / static_cast<double>(clients) / 1e3);
}

std::string MillisecondsText(const Histogram& histogram, double percent) {
  if (histogram.count() == 0) return "-";
  return absl::StrFormat(
      "%.2f", static_cast<double>(histogram.Percentile(percent)) / 1e3);
}

std::string RowText(const RunResult& result, int label_width) {
  const LoadReport& report = result.report;
  const Tally& tally = report.tally;
  const std::string trouble = report.Trouble();
  return absl::StrFormat(
      "%-*s %7d %10.0f %8.2f %9s %9s %9s %9s %6s %9s %7s %7s  %s%s\n",
      label_width, result.spec.label, report.clients,
      PerSecond(tally.updates, report), PerSecond(tally.bytes, report) / 1e6,
      MillisecondsText(tally.latency_us, 50),
      MillisecondsText(tally.latency_us, 99),
      MillisecondsText(tally.latency_us, 100),
      MillisecondsText(tally.delivery_us, 99), CoreText(report),
      CpuText(report), RatioText(report), KilobytesText(report),
      trouble.empty() ? "good" : "NOT GOOD: ", trouble);
}

}  // namespace

absl::StatusOr<Growth> ParseGrowth(std::string_view text) {
  Growth growth;
  if (text.empty()) return growth;
  const auto refuse = [text](const char* why) {
    return absl::InvalidArgumentError(
        absl::StrCat("--growth ", ToAbsl(text), ": ", why));
  };
  const size_t equals = text.find('=');
  growth.variable = std::string(text.substr(0, equals));
  const bool known =
      std::any_of(std::begin(kGrowthFlags), std::end(kGrowthFlags),
                  [&growth](const GrowthFlag& one) {
                    return growth.variable == one.variable;
                  });
  if (!known || equals == text.npos) {
    return refuse("expected clients=, symbols= or rate= and values");
  }
  for (const absl::string_view part :
       absl::StrSplit(ToAbsl(text.substr(equals + 1)), ',')) {
    double value = 0;
    if (!absl::SimpleAtod(part, &value) || !(value > 0 && value <= 1e9)) {
      return refuse("expected numbers above 0 with commas between");
    }
    if (growth.variable != "rate" && value != std::floor(value)) {
      return refuse("expected whole numbers");
    }
    growth.values.push_back(value);
  }
  if (growth.values.size() > kGrowthValuesMax) return refuse("too many values");
  return growth;
}

absl::StatusOr<std::vector<RunSpec>> PlanRuns(const SuiteOptions& options,
                                              const TypedFlags& typed) {
  const auto growth = ParseGrowth(options.growth);
  if (!growth.ok()) return growth.status();
  const auto presets = PresetChoices(options, typed);
  if (!presets.ok()) return presets.status();
  const std::vector<Choice> transports = TransportChoices(options);
  std::vector<RunSpec> runs;
  for (const Choice& preset : *presets) {
    for (const Choice& transport : transports) {
      std::vector<Flag> flags = preset.flags;
      flags.insert(flags.end(), transport.flags.begin(), transport.flags.end());
      for (const Choice& grown : GrowthChoices(*growth, flags, typed)) {
        // What all have in common tells none from the others.
        const std::string name = presets->size() > 1 ? preset.label : "";
        std::string plain = preset.label;
        if (plain.empty()) {
          plain = absl::StrCat(typed.value("--transport"), " ",
                               typed.value("--encoding"));
        }
        RunSpec spec{Joined({name, transport.label, grown.label}),
                     Joined({name, transport.label}), preset.preset,
                     grown.value, flags};
        if (spec.series.empty()) spec.series = plain;
        if (spec.label.empty()) spec.label = plain;
        for (const Flag& flag : grown.flags) {
          std::erase_if(spec.flags, [&flag](const Flag& other) {
            return other.name == flag.name;
          });
          spec.flags.push_back(flag);
        }
        runs.push_back(std::move(spec));
      }
    }
  }
  return runs;
}

double CpuMicrosPerUpdate(const LoadReport& report) {
  const int64_t updates = report.tally.updates;
  return updates > 0 ? CpuSeconds(report) * 1e6 / static_cast<double>(updates)
                     : 0;
}

double TimesFloor(const LoadReport& report) {
  if (!report.rounds.empty()) return MedianRatio(report.rounds);
  if (!report.floor.has_value() || !report.server.has_value()) return 0;
  return RoundOf(report).ratio;
}

std::string TableText(const std::vector<RunResult>& results) {
  size_t width = 3;
  for (const RunResult& result : results) {
    width = std::max(width, result.spec.label.size());
  }
  const int label_width = static_cast<int>(width);
  std::string text = absl::StrFormat(
      "%-*s %7s %10s %8s %29s %9s %32s\n"
      "%-*s %7s %10s %8s %9s %9s %9s %9s %6s %9s %7s %7s\n",
      label_width, "", "", "", "", "tick to client, ms", "sent, ms",
      "server: CPU and memory", label_width, "run", "clients", "updates/s",
      "MB/s", "p50", "p99", "max", "p99", "core %", "us/update", "x floor",
      "KB each");
  for (const RunResult& result : results) text += RowText(result, label_width);
  return text;
}

std::string ToJson(const Growth& growth, size_t planned,
                   const std::vector<RunResult>& results) {
  const bool good =
      results.size() == planned &&
      std::all_of(results.begin(), results.end(),
                  [](const RunResult& run) { return run.report.Good(); });
  std::string json = R"({"version":1,"good":)";
  absl::StrAppend(&json, good ? "true" : "false", ",\"runs_planned\":", planned,
                  ",\"growth\":");
  AppendString(growth.variable, &json);
  json += R"(,"runs":[)";
  for (const RunResult& result : results) {
    if (json.back() == '}') json += ',';
    json += R"({"label":)";
    AppendString(result.spec.label, &json);
    json += R"(,"preset":)";
    AppendString(result.spec.preset, &json);
    absl::StrAppendFormat(&json,
                          ",\"value\":%.15g,\"report\":", result.spec.value);
    json += ToJson(result.report);
    json += '}';
  }
  json += "]}";
  return json;
}

}  // namespace streamhub::load
