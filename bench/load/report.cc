#include "bench/load/report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>

#include <utility>

#include "gateway/codec/json.h"

namespace streamhub::load {
namespace {

constexpr double kMega = 1e6;

double PerSecond(int64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

double CpuSeconds(const ProcessReport& process) {
  return process.end.cpu_s - process.begin.cpu_s;
}

double CpuMicrosPerUpdate(const ProcessReport& process, int64_t updates) {
  return updates > 0
             ? CpuSeconds(process) * kMega / static_cast<double>(updates)
             : 0;
}

int64_t BytesPerClient(const ProcessReport& process, int64_t clients) {
  return clients > 0
             ? (process.end.rss_bytes - process.before.rss_bytes) / clients
             : 0;
}

std::string Row(const char* name, const Histogram& histogram) {
  const auto at = [&histogram](double percent) {
    return static_cast<double>(histogram.Percentile(percent)) / 1e3;
  };
  return absl::StrFormat("  %-22s %9.2f %9.2f %9.2f %9.2f %9.2f\n", name,
                         at(50), at(90), at(99), at(99.9), at(100));
}

// Appends members to an object.
class JsonObject {
 public:
  explicit JsonObject(std::string* out) : out_(out) { *out_ += '{'; }
  void End() { *out_ += '}'; }

  void Add(const char* key, int64_t value) {
    Key(key);
    absl::StrAppend(out_, value);
  }
  void Add(const char* key, double value) {
    Key(key);
    absl::StrAppendFormat(out_, "%.6g", value);
  }
  void Add(const char* key, bool value) {
    Key(key);
    *out_ += value ? "true" : "false";
  }
  void Add(const char* key, const std::string& value) {
    Key(key);
    AppendString(value, out_);
  }
  void Add(const char* key, const std::vector<std::string>& values) {
    Key(key);
    *out_ += '[';
    for (const std::string& value : values) {
      if (out_->back() != '[') *out_ += ',';
      AppendString(value, out_);
    }
    *out_ += ']';
  }
  void Add(const char* key, const Histogram& histogram) {
    JsonObject inner = Inner(key);
    inner.Add("count", histogram.count());
    inner.Add("mean", histogram.Mean());
    inner.Add("p50", histogram.Percentile(50));
    inner.Add("p90", histogram.Percentile(90));
    inner.Add("p99", histogram.Percentile(99));
    inner.Add("p99_9", histogram.Percentile(99.9));
    inner.Add("max", histogram.max());
    inner.End();
  }
  JsonObject Inner(const char* key) {
    Key(key);
    return JsonObject(out_);
  }

 private:
  void Key(std::string_view key) {
    if (out_->back() != '{') *out_ += ',';
    AppendString(key, out_);
    *out_ += ':';
  }

  std::string* const out_;
};

void AddProcess(const char* key, const ProcessReport& process,
                const LoadReport& report, JsonObject* json) {
  JsonObject inner = json->Inner(key);
  inner.Add("pid", process.pid);
  inner.Add("cpu_s", CpuSeconds(process));
  inner.Add("cpu_us_per_update",
            CpuMicrosPerUpdate(process, report.tally.updates));
  inner.Add("rss_bytes_before", process.before.rss_bytes);
  inner.Add("rss_bytes", process.end.rss_bytes);
  inner.Add("rss_bytes_peak", process.end.peak_rss_bytes);
  inner.Add("bytes_per_client",
            BytesPerClient(process, report.clients - report.failed));
  inner.End();
}

void AddCheck(const LoadReport& report, JsonObject* json) {
  const CheckResult& check = report.check;
  JsonObject inner = json->Inner("check");
  inner.Add("due", check.due);
  inner.Add("received", check.received);
  inner.Add("share_wanted", report.share_wanted);
  inner.Add("share_min", check.ShareMin());
  inner.Add("share_median", check.ShareMedian());
  inner.Add("clients_below", check.ClientsBelow(report.share_wanted));
  inner.Add("states_equal", check.equal);
  inner.Add("states_different", check.different);
  inner.Add("states_behind", check.behind);
  inner.Add("first_difference", check.first_difference);
  inner.End();
}

std::string CheckText(const LoadReport& report) {
  const CheckResult& check = report.check;
  std::string text = absl::StrFormat(
      "check      %d of %d due updates came; share of a client: minimum "
      "%.2f %%, median %.2f %%\n           end states equal to /v1/quotes: %d, "
      "different: %d, behind: %d\n",
      check.received, check.due, 100 * check.ShareMin(),
      100 * check.ShareMedian(), check.equal, check.different, check.behind);
  if (const int64_t below = check.ClientsBelow(report.share_wanted);
      below > 0) {
    absl::StrAppendFormat(&text, "           %d clients are below %.2f %%\n",
                          below, 100 * report.share_wanted);
  }
  if (!check.first_difference.empty()) {
    absl::StrAppend(
        &text, "           first difference: ", check.first_difference, "\n");
  }
  return text;
}

std::string ProcessText(const char* name, const ProcessReport& process,
                        const LoadReport& report) {
  const double cpu_s = CpuSeconds(process);
  return absl::StrFormat(
      "%-10s %.2f s of CPU (%.0f %% of a core), %.2f us per update; %.1f MB "
      "resident (peak %.1f), %.1f KB per client\n",
      name, cpu_s, report.window_s > 0 ? 100 * cpu_s / report.window_s : 0,
      CpuMicrosPerUpdate(process, report.tally.updates),
      static_cast<double>(process.end.rss_bytes) / kMega,
      static_cast<double>(process.end.peak_rss_bytes) / kMega,
      static_cast<double>(
          BytesPerClient(process, report.clients - report.failed)) /
          1e3);
}

}  // namespace

bool LoadReport::Good() const {
  return failed == 0 && trouble.empty() && !stopped &&
         (!check.done ||
          (check.different == 0 && check.behind == 0 && check.due > 0 &&
           check.ClientsBelow(share_wanted) == 0));
}

std::string ToText(const LoadReport& report) {
  const Tally& tally = report.tally;
  std::string text = absl::StrFormat(
      "%d %s clients (%s), each with %d of %d symbols, max_rate %s, on %s\n",
      report.clients, report.transport, report.encoding,
      report.symbols_per_client, report.symbols,
      report.max_rate.empty() ? "default" : report.max_rate, report.url);
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
  if (report.check.done) text += CheckText(report);
  for (const auto& [kind, count] : tally.errors) {
    absl::StrAppend(&text, "error      ", count, " clients: ", kind, "\n");
  }
  if (!report.trouble.empty()) {
    absl::StrAppend(&text, "trouble    ", report.trouble, "\n");
  }
  if (report.stopped) text += "stopped    before the end\n";
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
  json.Add("seed", static_cast<int64_t>(report.seed));
  json.Add("threads", report.threads);
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
  json.Add("trouble", report.trouble);
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
  json.Add("connect_us", tally.connect_us);
  json.Add("first_data_us", tally.first_data_us);
  if (report.server.has_value()) {
    AddProcess("server", *report.server, report, &json);
  }
  AddProcess("client", report.client, report, &json);
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
