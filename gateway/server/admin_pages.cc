#include "gateway/server/admin_pages.h"

#include <absl/strings/str_cat.h>

#include "gateway/base/strings.h"
#include "gateway/codec/json.h"
#include "gateway/server/build_info.h"

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

void AppendFeedStatuses(const FeedBoard& feeds, int64_t mono_ns,
                        std::string* out) {
  absl::StrAppend(out, "# HELP streamhub_feed_status 1 at the status that the ",
                  "feed is in\n# TYPE streamhub_feed_status gauge\n");
  for (FeedId feed = 0; feed < feeds.size(); ++feed) {
    const std::string name = Quoted(feeds.info(feed).name);
    const FeedStatus now = feeds.StatusAt(feed, mono_ns);
    for (const FeedStatus status : kStatuses) {
      absl::StrAppend(out, "streamhub_feed_status{feed=", name,
                      ",status=", Quoted(FeedStatusName(status)), "} ",
                      status == now ? 1 : 0, "\n");
    }
  }
}

}  // namespace

std::string HealthPage(const Market& market,
                       std::span<const Counters* const> sets, int64_t mono_ns) {
  const FeedBoard& feeds = market.feeds();
  bool degraded = false;
  std::string list;
  for (FeedId feed = 0; feed < feeds.size(); ++feed) {
    const FeedStatus status = feeds.StatusAt(feed, mono_ns);
    degraded |= status == FeedStatus::kDown || status == FeedStatus::kStale;
    if (!list.empty()) list += ',';
    AppendFeed(feeds.info(feed), status, &list);
  }
  return absl::StrCat("{\"status\":\"", degraded ? "degraded" : "ok",
                      "\",\"version\":\"", ToAbsl(GetBuildInfo().version),
                      "\",\"symbols\":", market.symbols().size(),
                      ",\"sessions\":", Total(sets, Metric::kSessions),
                      ",\"feeds\":{", list, "}}\n");
}

std::string MetricsPage(const Market& market,
                        std::span<const Counters* const> sets,
                        int64_t mono_ns) {
  const BuildInfo& build = GetBuildInfo();
  std::string out;
  absl::StrAppend(&out, "# HELP streamhub_build_info 1, with what was built\n",
                  "# TYPE streamhub_build_info gauge\n",
                  "streamhub_build_info{version=", Quoted(build.version),
                  ",compiler=", Quoted(build.compiler),
                  ",build=", Quoted(build.build), "} 1\n");
  absl::StrAppend(&out, "# HELP streamhub_symbols Symbols known\n",
                  "# TYPE streamhub_symbols gauge\n", "streamhub_symbols ",
                  market.symbols().size(), "\n");
  AppendFeedStatuses(market.feeds(), mono_ns, &out);
  AppendPrometheus(sets, &out);
  return out;
}

}  // namespace streamhub
