#include "gateway/server/admin_pages.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

#include "gateway/base/strings.h"
#include "gateway/codec/json.h"
#include "gateway/server/build_info.h"
#include "gateway/server/feed_pages.h"
#include "gateway/server/readiness.h"

namespace streamhub {
namespace {

constexpr FeedStatus kStatuses[] = {FeedStatus::kDown, FeedStatus::kLive,
                                    FeedStatus::kStale, FeedStatus::kEnded};

// Prometheus text format 0.0.4: a label's value.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string MarketLabel(const Market& market) {
  return absl::StrCat("market=", Quoted(market.name()));
}

void AppendFeedStatuses(const Market& market, int64_t mono_ns,
                        std::string* out) {
  const FeedBoard& feeds = market.feeds();
  for (FeedId feed = 0; feed < feeds.size(); ++feed) {
    const std::string name = Quoted(feeds.info(feed).name);
    const FeedStatus now = feeds.StatusAt(feed, mono_ns);
    for (const FeedStatus status : kStatuses) {
      absl::StrAppend(out, "streamhub_feed_status{", MarketLabel(market),
                      ",feed=", name,
                      ",status=", Quoted(FeedStatusName(status)), "} ",
                      status == now ? 1 : 0, "\n");
    }
  }
}

std::string Seconds(int64_t ns) {
  return absl::StrFormat("%.9g", static_cast<double>(ns) / kSecond);
}

// A summary of the last minute per row; sum and count are since the start.
void AppendLatencies(std::span<const ShownMarket> markets, LatencyBoard::Of of,
                     std::string_view metric, std::string_view label,
                     int64_t mono_ns, std::string* out) {
  for (const ShownMarket& shown : markets) {
    shown.latency.ForEach(mono_ns, [&](const LatencyBoard::Row& row) {
      if (row.of != of) return;
      const std::string labels =
          absl::StrCat(MarketLabel(shown.market), ",", ToAbsl(label), "=",
                       Quoted(row.name), ",stage=", Quoted(row.stage));
      const Histogram& recent = row.seen.recent;
      for (const double percent : {50.0, 90.0, 99.0}) {
        absl::StrAppend(
            out, ToAbsl(metric), "{", labels, ",quantile=\"", percent / 100,
            "\"} ",
            recent.count() == 0 ? "NaN" : Seconds(recent.Percentile(percent)),
            "\n");
      }
      absl::StrAppend(out, ToAbsl(metric), "_sum{", labels, "} ",
                      Seconds(row.seen.sum_ns), "\n", ToAbsl(metric), "_count{",
                      labels, "} ", row.seen.count, "\n");
    });
  }
}

void AppendLatencies(std::span<const ShownMarket> markets, int64_t mono_ns,
                     std::string* out) {
  *out +=
      "# HELP streamhub_feed_latency_seconds From the receive of a feed's "
      "input to its write to the cache, and of a tick to its encoding; "
      "sampled\n# TYPE streamhub_feed_latency_seconds summary\n";
  AppendLatencies(markets, LatencyBoard::Of::kFeed,
                  "streamhub_feed_latency_seconds", "feed", mono_ns, out);
  *out +=
      "# HELP streamhub_transport_latency_seconds From the begin of a turn to "
      "the kernel's having its message, and to the client's by its echo; "
      "sampled\n# TYPE streamhub_transport_latency_seconds summary\n";
  AppendLatencies(markets, LatencyBoard::Of::kTransport,
                  "streamhub_transport_latency_seconds", "transport", mono_ns,
                  out);
}

// Without the topics, which are told apart.
uint64_t SymbolsOf(std::span<const ShownMarket> markets, uint64_t topics) {
  uint64_t all = 0;
  for (const ShownMarket& shown : markets) all += shown.market.symbols().size();
  return all - std::min(all, topics);
}

}  // namespace

std::vector<const Market*> MarketsOf(std::span<const ShownMarket> markets) {
  std::vector<const Market*> all;
  for (const ShownMarket& shown : markets) all.push_back(&shown.market);
  return all;
}

std::string HealthPage(std::span<const ShownMarket> markets,
                       std::span<const Counters* const> sets,
                       int64_t silence_ns, int64_t mono_ns) {
  const bool recording_fails = Total(sets, Metric::kRecordFailing) > 0;
  bool degraded = recording_fails;
  std::string list;
  for (const ShownMarket& shown : markets) {
    const FeedBoard& feeds = shown.market.feeds();
    for (FeedId feed = 0; feed < feeds.size(); ++feed) {
      const FeedStatus status = feeds.StatusAt(feed, mono_ns);
      degraded |= status == FeedStatus::kDown || status == FeedStatus::kStale;
      if (!list.empty()) list += ',';
      AppendFeed(feeds.info(feed), status, &list);
      list.pop_back();  // its closing brace: what only operators see follows
      AppendFeedHealth(feeds, feed, mono_ns, &list);
      list += '}';
    }
  }
  const auto topics = static_cast<uint64_t>(Total(sets, Metric::kTopics));
  std::string recording;
  if (Total(sets, Metric::kRecording) > 0) {
    recording = recording_fails ? ",\"recording\":\"failing\""
                                : ",\"recording\":\"ok\"";
  }
  const bool stuck = silence_ns > Readiness::kHangsNs;
  return absl::StrCat("{\"status\":\"",
                      stuck      ? "stuck"
                      : degraded ? "degraded"
                                 : "ok",
                      "\",\"version\":\"", ToAbsl(GetBuildInfo().version),
                      "\",\"symbols\":", SymbolsOf(markets, topics),
                      ",\"topics\":", topics,
                      ",\"sessions\":", Total(sets, Metric::kSessions),
                      ",\"shard_silence_ms\":", silence_ns / kMillisecond,
                      recording, ",\"feeds\":{", list, "}}\n");
}

std::string MetricsPage(std::span<const ShownMarket> markets,
                        std::span<const Counters* const> sets,
                        int64_t mono_ns) {
  const BuildInfo& build = GetBuildInfo();
  std::string out;
  absl::StrAppend(&out, "# HELP streamhub_build_info 1, with what was built\n",
                  "# TYPE streamhub_build_info gauge\n",
                  "streamhub_build_info{version=", Quoted(build.version),
                  ",compiler=", Quoted(build.compiler),
                  ",build=", Quoted(build.build), "} 1\n");
  absl::StrAppend(
      &out, "# HELP streamhub_symbols Symbols known, without topics\n",
      "# TYPE streamhub_symbols gauge\n", "streamhub_symbols ",
      SymbolsOf(markets, static_cast<uint64_t>(Total(sets, Metric::kTopics))),
      "\n");
  absl::StrAppend(&out,
                  "# HELP streamhub_feed_status 1 at the status that the feed ",
                  "is in\n# TYPE streamhub_feed_status gauge\n");
  for (const ShownMarket& shown : markets) {
    AppendFeedStatuses(shown.market, mono_ns, &out);
  }
  AppendFeedMetrics(MarketsOf(markets), &out);
  AppendLatencies(markets, mono_ns, &out);
  AppendPrometheus(sets, &out);
  return out;
}

}  // namespace streamhub
