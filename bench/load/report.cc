#include "bench/load/report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <utility>

#include "bench/load/check_report.h"
#include "bench/load/json_object.h"

namespace streamhub::load {
namespace {

constexpr double kMega = 1e6;

// From here on the clients wait for their own threads.
constexpr double kBusyShare = 0.9;

// Of the measurement: more in line for a core is told.
constexpr double kWaitShare = 0.1;

double PerSecond(int64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

double CpuSeconds(const ProcessReport& process) {
  return process.end.cpu_s - process.begin.cpu_s;
}

double WaitSeconds(const ProcessReport& process) {
  return process.end.wait_s - process.begin.wait_s;
}

std::optional<double> CpuMicrosPerUpdate(const ProcessReport& process,
                                         int64_t updates) {
  if (updates <= 0) return std::nullopt;
  return CpuSeconds(process) * kMega / static_cast<double>(updates);
}

std::optional<int64_t> BytesPerClient(const ProcessReport& process,
                                      int64_t clients) {
  if (clients <= 0) return std::nullopt;
  return (process.end.rss_bytes - process.before.rss_bytes) / clients;
}

// What acks told; empty: they told nothing.
std::string GrantedText(double rate) {
  if (rate < 0) return {};
  return rate > 0 ? absl::StrFormat("%g", rate) : "unlimited";
}

// Of what the kernel holds more than before; both ends of a connection, if both
// are on this machine, and whatever else it took meanwhile.
int64_t KernelBytesPerClient(const LoadReport& report) {
  const int64_t clients = report.clients - report.failed;
  const auto all = [](const KernelUse& use) {
    return use.tcp_bytes + use.slab_bytes;
  };
  return clients > 0
             ? (all(report.kernel_end) - all(report.kernel_before)) / clients
             : 0;
}

// Of the cores that the clients' threads could use, 1: all of the time.
double ClientCpuShare(const LoadReport& report) {
  const double could_s =
      report.window_s * static_cast<double>(report.threads * report.processes);
  return could_s > 0 ? CpuSeconds(report.client) / could_s : 0;
}

std::string Row(const char* name, const Histogram& histogram) {
  if (histogram.count() == 0) {
    return absl::StrFormat("  %-22s %9s %9s %9s %9s %9s\n", name, "-", "-", "-",
                           "-", "-");
  }
  const auto at = [&histogram](double percent) {
    return static_cast<double>(histogram.Percentile(percent)) / 1e3;
  };
  return absl::StrFormat("  %-22s %9.2f %9.2f %9.2f %9.2f %9.2f\n", name,
                         at(50), at(90), at(99), at(99.9), at(100));
}

void AddProcess(const char* key, const ProcessReport& process,
                const LoadReport& report, JsonObject* json) {
  JsonObject inner = json->Inner(key);
  inner.Add("pid", process.pid);
  inner.Add("cpu_s", CpuSeconds(process));
  inner.Add("user_s", process.end.user_s - process.begin.user_s);
  inner.Add("system_s", process.end.system_s - process.begin.system_s);
  inner.Add("wait_s", WaitSeconds(process));
  inner.Add("cpu_us_per_update",
            CpuMicrosPerUpdate(process, report.tally.updates));
  inner.Add("rss_bytes_before", process.before.rss_bytes);
  inner.Add("rss_bytes_begin", process.begin.rss_bytes);
  inner.Add("rss_bytes", process.end.rss_bytes);
  inner.Add("rss_bytes_peak", process.end.peak_rss_bytes);
  inner.Add("rss_growth_bytes",
            process.end.rss_bytes - process.begin.rss_bytes);
  inner.Add("bytes_per_client",
            BytesPerClient(process, report.clients - report.failed));
  inner.End();
}

void AddBehaviours(const LoadReport& report, JsonObject* json) {
  const Tally& tally = report.tally;
  if (report.slow_share > 0) {
    JsonObject slow = json->Inner("slow");
    slow.Add("share", report.slow_share);
    slow.Add("bytes_per_second", report.slow_bytes_per_second);
    slow.Add("updates", tally.slow_updates);
    slow.Add("latency_us", tally.slow_latency_us);
    slow.End();
  }
  if (report.storm_share > 0) {
    JsonObject storm = json->Inner("storm");
    storm.Add("share", report.storm_share);
    storm.Add("within_s", report.storm_within_s);
    storm.Add("cut", tally.storm_cut);
    storm.Add("complete", tally.storm_complete_us.count());
    storm.Add("complete_us", tally.storm_complete_us);
    storm.Add("last_us", tally.storm_last_us);
    storm.Add("survivors_gap_us", tally.gap_us);
    storm.End();
  }
}

void AddKernel(const LoadReport& report, JsonObject* json) {
  JsonObject kernel = json->Inner("kernel");
  kernel.Add("tcp_bytes_before", report.kernel_before.tcp_bytes);
  kernel.Add("tcp_bytes", report.kernel_end.tcp_bytes);
  kernel.Add("slab_bytes_before", report.kernel_before.slab_bytes);
  kernel.Add("slab_bytes", report.kernel_end.slab_bytes);
  kernel.Add("bytes_per_client", KernelBytesPerClient(report));
  kernel.End();
}

std::string BehavioursText(const LoadReport& report) {
  const Tally& tally = report.tally;
  std::string text;
  if (report.slow_share > 0) {
    absl::StrAppendFormat(
        &text,
        "slow       %.0f %% of the clients read %.0f bytes/s: %d updates, up "
        "to %.2f s old; they are\n           in none of the latencies above\n",
        100 * report.slow_share, report.slow_bytes_per_second,
        tally.slow_updates,
        static_cast<double>(tally.slow_latency_us.max()) / kMega);
  }
  if (report.storm_share > 0) {
    const auto ms = [](int64_t us) { return static_cast<double>(us) / 1e3; };
    absl::StrAppendFormat(
        &text,
        "storm      %d clients were cut off and came back within %.1f s; %d "
        "have all of their state again,\n           the last one %.2f s after "
        "the cut; from their connect it took p50 %.2f, p99 %.2f,\n           "
        "max %.2f ms. The longest time without an update of %d survivors: p50 "
        "%.2f, max %.2f ms\n",
        tally.storm_cut, report.storm_within_s, tally.storm_complete_us.count(),
        static_cast<double>(tally.storm_last_us) / kMega,
        ms(tally.storm_complete_us.Percentile(50)),
        ms(tally.storm_complete_us.Percentile(99)),
        ms(tally.storm_complete_us.max()), tally.gap_us.count(),
        ms(tally.gap_us.Percentile(50)), ms(tally.gap_us.max()));
  }
  return text;
}

std::string ProcessText(const char* name, const ProcessReport& process,
                        const LoadReport& report) {
  const double cpu_s = CpuSeconds(process);
  const auto per_update = CpuMicrosPerUpdate(process, report.tally.updates);
  const auto bytes = BytesPerClient(process, report.clients - report.failed);
  return absl::StrFormat(
      "%-10s %.2f s of CPU (%.0f %% of a core), %s us per update; %.1f MB "
      "resident (%+.1f in the\n           measurement, peak %.1f), %s KB per "
      "client\n",
      name, cpu_s, report.window_s > 0 ? 100 * cpu_s / report.window_s : 0,
      per_update.has_value() ? absl::StrFormat("%.2f", *per_update) : "-",
      static_cast<double>(process.end.rss_bytes) / kMega,
      static_cast<double>(process.end.rss_bytes - process.begin.rss_bytes) /
          kMega,
      static_cast<double>(process.end.peak_rss_bytes) / kMega,
      bytes.has_value()
          ? absl::StrFormat("%.1f", static_cast<double>(*bytes) / 1e3)
          : "-");
}

// What the stamps of a server do not show: that it stood still, and that its
// clock is not ours.
std::string SilenceText(const LoadReport& report) {
  const Tally& tally = report.tally;
  std::string text;
  if (tally.longest_gap_us >= 0) {
    absl::StrAppendFormat(
        &text,
        "silence    the longest time between two messages of a client was "
        "%.2f ms\n",
        static_cast<double>(tally.longest_gap_us) / 1e3);
  }
  if (tally.negative_ages > 0) {
    absl::StrAppendFormat(
        &text,
        "clocks     %d ages were below 0 and count as 0: the server's clock is "
        "ahead\n",
        tally.negative_ages);
  }
  return text;
}

// Whether the numbers are those of a machine that had too little CPU.
std::string ShortageText(const LoadReport& report) {
  std::string text;
  if (ClientCpuShare(report) > kBusyShare) {
    absl::StrAppendFormat(
        &text,
        "busy       this tool was busy for %.0f %% of the time that its "
        "threads "
        "had: it is the limit,\n           and its own wait is in the "
        "latencies\n",
        100 * ClientCpuShare(report));
  }
  const double server_s =
      report.server.has_value() ? WaitSeconds(*report.server) : 0;
  const double client_s = WaitSeconds(report.client);
  if (std::max(server_s, client_s) > kWaitShare * report.window_s) {
    absl::StrAppendFormat(&text,
                          "busy       the machine: for a core waited the "
                          "server %.2f s, this tool "
                          "%.2f s; the latencies\n           contain that\n",
                          server_s, client_s);
  }
  return text;
}

}  // namespace

std::string ToText(const LoadReport& report) {
  const Tally& tally = report.tally;
  std::string text = absl::StrFormat(
      "%d %s clients (%s), each with %d of %d symbols, max_rate %s%s, on %s\n",
      report.clients, report.transport, report.encoding,
      report.symbols_per_client, report.symbols,
      report.max_rate.empty() ? "default" : report.max_rate,
      tally.granted_rate < 0
          ? ""
          : absl::StrCat(" (granted: ", GrantedText(tally.granted_rate), ")"),
      report.url);
  if (!report.preset.empty()) {
    absl::StrAppend(&text, "preset     ", report.preset, "\n");
  }
  if (report.own_server) {
    absl::StrAppend(&text, "its server: streamhub ",
                    absl::StrJoin(report.server_arguments, " "), "\n");
  }
  absl::StrAppendFormat(
      &text,
      "clients    %d connected, %d failed; all had their first state after "
      "%.2f s\n"
      "received   %.0f updates/s, %.0f messages/s, %.3f MB/s, over %.1f s\n",
      report.clients - report.failed, report.failed, report.connecting_s,
      PerSecond(tally.updates, report.window_s),
      PerSecond(tally.messages, report.window_s),
      PerSecond(tally.bytes, report.window_s) / kMega, report.window_s);
  absl::StrAppendFormat(&text, "%-24s %9s %9s %9s %9s %9s\n", "milliseconds",
                        "p50", "p90", "p99", "p99.9", "max");
  text += Row("tick to client", tally.latency_us);
  text += Row("server to client", tally.delivery_us);
  text += Row("connect", tally.connect_us);
  text += Row("first values", tally.first_data_us);
  text +=
      "  (tick to client: from the feed's receive to the client's read; it\n"
      "  contains the wait for the beat of max_rate, which is on purpose.\n"
      "  server to client: from the turn of the server that sent it.)\n";
  text += SilenceText(report);
  if (!report.clock.same_host) {
    absl::StrAppendFormat(
        &text,
        "clocks     the server's is estimated to be %.3f ms ahead, +-%.3f ms: "
        "latencies\n           are no more exact than that\n",
        static_cast<double>(report.clock.offset_us) / 1e3,
        static_cast<double>(report.clock.uncertainty_us) / 1e3);
  }
  if (report.server.has_value()) {
    text += ProcessText("server", *report.server, report);
  }
  text += ProcessText("this tool", report.client, report);
  text += ShortageText(report);
  absl::StrAppendFormat(
      &text,
      "kernel     %.1f KB more per client than before they came: sockets and "
      "their buffers, of both\n           ends if both are here\n",
      static_cast<double>(KernelBytesPerClient(report)) / 1e3);
  text += BehavioursText(report);
  text += FloorText(report);
  if (report.check.done) text += CheckText(report);
  for (const auto& [kind, count] : tally.errors) {
    absl::StrAppend(&text, "error      ", count, " clients: ", kind, "\n");
  }
  if (const std::string trouble = report.Trouble(); !trouble.empty()) {
    absl::StrAppend(&text, "trouble    ", trouble, "\n");
  }
  return text;
}

std::string ToJson(const LoadReport& report) {
  const Tally& tally = report.tally;
  std::string out;
  JsonObject json(&out);
  json.Add("version", int64_t{1});
  json.Add("good", report.Good());
  json.Add("url", report.url);
  json.Add("server_arguments", report.server_arguments);
  json.Add("preset", report.preset);
  json.Add("transport", report.transport);
  json.Add("encoding", report.encoding);
  json.Add("clients", report.clients);
  json.Add("symbols_per_client", report.symbols_per_client);
  json.Add("symbols", report.symbols);
  json.Add("fields", report.fields);
  json.Add("max_rate", report.max_rate);
  json.Add("max_rate_granted", GrantedText(tally.granted_rate));
  json.Add("seed", static_cast<int64_t>(report.seed));
  json.Add("threads", report.threads);
  json.Add("processes", report.processes);
  json.Add("warmup_s", report.warmup_s);
  JsonObject clock = json.Inner("clock");
  clock.Add("same_host", report.clock.same_host);
  clock.Add("offset_us", report.clock.offset_us);
  clock.Add("uncertainty_us", report.clock.uncertainty_us);
  clock.End();
  json.Add("connecting_s", report.connecting_s);
  json.Add("connected", report.clients - report.failed);
  json.Add("failed", report.failed);
  json.Add("stopped", report.stopped);
  json.Add("trouble", report.Trouble());
  json.Add("window_s", report.window_s);
  json.Add("updates", tally.updates);
  json.Add("snapshots", tally.snapshots);
  json.Add("messages", tally.messages);
  json.Add("bytes", tally.bytes);
  json.Add("updates_per_second", PerSecond(tally.updates, report.window_s));
  json.Add("messages_per_second", PerSecond(tally.messages, report.window_s));
  json.Add("bytes_per_second", PerSecond(tally.bytes, report.window_s));
  json.Add("latency_us", tally.latency_us);
  json.Add("delivery_us", tally.delivery_us);
  json.Add("negative_ages", tally.negative_ages);
  json.Add("longest_gap_us", tally.longest_gap_us < 0
                                 ? std::nullopt
                                 : std::optional(tally.longest_gap_us));
  json.Add("connect_us", tally.connect_us);
  json.Add("first_data_us", tally.first_data_us);
  if (report.server.has_value()) {
    AddProcess("server", *report.server, report, &json);
  }
  AddProcess("client", report.client, report, &json);
  json.Add("client_cpu_share", ClientCpuShare(report));
  AddKernel(report, &json);
  AddBehaviours(report, &json);
  AddFloor(report, &json);
  JsonObject errors = json.Inner("errors");
  for (const auto& [kind, count] : tally.errors) {
    errors.Add(kind.c_str(), count);
  }
  errors.End();
  if (report.check.done) AddCheck(report, &json);
  json.End();
  return out;
}

}  // namespace streamhub::load
