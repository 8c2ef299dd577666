#include "gateway/transport/latency_answer.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <string_view>
#include <vector>

#include "gateway/base/strings.h"
#include "gateway/codec/json.h"
#include "gateway/codec/query_string.h"

namespace streamhub {
namespace {

constexpr int64_t kTextNs = 250 * kMillisecond;

// Microseconds with one digit after the point: a cache write takes some.
std::string Microseconds(int64_t ns) {
  return absl::StrFormat("%.1f", static_cast<double>(ns) / kMicrosecond);
}

}  // namespace

std::string LatencyText(const LatencyBoard& board, int64_t wall_ns,
                        int64_t mono_ns) {
  std::string feeds, transports;
  std::string_view last;
  board.ForEach(mono_ns, [&](const LatencyBoard::Row& row) {
    std::string& out = row.of == LatencyBoard::Of::kFeed ? feeds : transports;
    // Rows of one name come one after the other.
    if (row.name == last && !out.empty()) {
      out.back() = ',';
    } else {
      if (!out.empty()) out += ',';
      AppendString(row.name, &out);
      out += ":{";
      last = row.name;
    }
    const Histogram& recent = row.seen.recent;
    absl::StrAppend(&out, "\"", ToAbsl(row.stage),
                    "\":{\"count\":", recent.count(),
                    ",\"p50_us\":", Microseconds(recent.Percentile(50)),
                    ",\"p90_us\":", Microseconds(recent.Percentile(90)),
                    ",\"p99_us\":", Microseconds(recent.Percentile(99)),
                    ",\"max_us\":", Microseconds(recent.max()), "}}");
  });
  return absl::StrCat("{\"time\":", wall_ns / kMicrosecond,
                      ",\"window_s\":", LatencyWindow::kWindowNs / kSecond,
                      ",\"feeds\":{", feeds, "},\"transports\":{", transports,
                      "}}\n");
}

HttpAnswer LatencyAnswer(std::string_view query, ShardContext& shard) {
  std::vector<QueryParameter> parameters;
  std::string bad;
  if (!SplitQuery(query, &parameters, &bad)) {
    return ErrorAnswer(400, "bad_request", "% not followed by two hex digits",
                       bad);
  }
  for (const QueryParameter& parameter : parameters) {
    if (parameter.name.starts_with('_')) continue;
    return ErrorAnswer(400, "bad_request", "unknown parameter", parameter.name);
  }
  if (shard.latency == nullptr) {
    return ErrorAnswer(404, "not_found", "nothing is stamped here");
  }
  const int64_t mono_ns = shard.clock.MonoNs();
  if (shard.latency_text.empty() ||
      mono_ns - shard.latency_text_ns >= kTextNs) {
    shard.latency_text =
        LatencyText(*shard.latency, shard.clock.WallNs(), mono_ns);
    shard.latency_text_ns = mono_ns;
  }
  return JsonAnswer(200, shard.latency_text);
}

}  // namespace streamhub
