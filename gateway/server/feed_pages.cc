#include "gateway/server/feed_pages.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <string_view>
#include <vector>

#include "gateway/base/json_text.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

// Names of files and what is wrong with them may be any bytes.
std::string Text(std::string_view bytes) {
  std::string text(bytes);
  if (IsValidUtf8(text)) return text;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return text;
}

// A member, with a comma before it unless it is the first.
void AppendKey(std::string_view key, std::string* out) {
  if (!out->ends_with('{')) *out += ',';
  AppendString(key, out);
  *out += ':';
}
void AppendMember(std::string_view key, int64_t value, std::string* out) {
  AppendKey(key, out);
  AppendInt(value, out);
}
void AppendMember(std::string_view key, std::string_view text,
                  std::string* out) {
  AppendKey(key, out);
  AppendString(Text(text), out);
}
void AppendFlag(std::string_view key, bool value, std::string* out) {
  AppendKey(key, out);
  *out += value ? "true" : "false";
}
// In microseconds since 1970, as everywhere; null: never.
void AppendTime(std::string_view key, int64_t ns, std::string* out) {
  AppendKey(key, out);
  if (ns == 0) {
    *out += "null";
  } else {
    AppendInt(ns / kMicrosecond, out);
  }
}

void AppendGap(const FeedGap& gap, std::string* out) {
  *out += '{';
  AppendMember("session", gap.session, out);
  AppendKey("first", out);
  AppendUnsigned(gap.first, out);
  AppendKey("last", out);
  AppendUnsigned(gap.last, out);
  AppendTime("time", gap.noticed_ns, out);
  *out += '}';
}

void AppendLine(const FeedLine& line, bool used, std::string* out) {
  *out += '{';
  AppendMember("name", line.name, out);
  AppendFlag("up", line.up, out);
  AppendTime("since", line.since_ns, out);
  AppendFlag("used", used, out);
  AppendTime("heard", line.heard_ns, out);
  AppendMember("lag_us", line.lag_ns / kMicrosecond, out);
  AppendMember("packets", line.packets, out);
  AppendMember("first", line.first, out);
  AppendMember("copies", line.copies, out);
  AppendMember("missed", line.missed, out);
  *out += '}';
}

// Behind the comma that it needs.
template <typename Element, typename Append>
void AppendList(const std::vector<Element>& list, const Append& append,
                std::string* out) {
  *out += '[';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) *out += ',';
    append(list[i], i);
  }
  *out += ']';
}

using Markets = std::span<const Market* const>;

void AppendFeedPage(const Market& market, FeedId feed, int64_t mono_ns,
                    std::string* out) {
  const FeedBoard& feeds = market.feeds();
  const FeedInfo& info = feeds.info(feed);
  const FeedHealth& health = feeds.health(feed);
  *out += '{';
  AppendMember("market", market.name(), out);
  AppendMember("status", FeedStatusName(feeds.StatusAt(feed, mono_ns)), out);
  AppendMember("source", SourceName(info.source), out);
  AppendFeedHealth(feeds, feed, mono_ns, out);
  AppendMember("stale_after_ms", info.stale_after_ns / kMillisecond, out);
  AppendMember("quiet_after_ms", info.quiet_after_ns / kMillisecond, out);
  AppendMember("gap_stale_ms", info.gap_stale_ns / kMillisecond, out);
  AppendKey("recent_gaps", out);
  AppendList(
      health.Gaps(), [out](const FeedGap& gap, size_t) { AppendGap(gap, out); },
      out);
  const FeedFailure failure = health.LastFailure();
  AppendKey("last_failure", out);
  if (failure.failed_ns == 0) {
    *out += "null";
  } else {
    *out += '{';
    AppendMember("reason", failure.reason, out);
    AppendTime("time", failure.failed_ns, out);
    AppendTime("again", failure.again_ns, out);
    *out += '}';
  }
  const FeedLines lines = health.Lines();
  AppendKey("lines", out);
  AppendList(
      lines.lines,
      [&](const FeedLine& line, size_t i) {
        AppendLine(line, i == lines.used, out);
      },
      out);
  AppendTime("used_since", lines.used_since_ns, out);
  *out += '}';
}

// Prometheus text format 0.0.4: a label's value.
std::string Label(std::string_view text) {
  std::string out = "\"";
  for (const char c : Text(text)) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string Seconds(int64_t ns) {
  return absl::StrFormat("%.6f", static_cast<double>(ns) / kSecond);
}

// Calls `tell(health, labels)`.
template <typename Tell>
void ForEachFeed(Markets markets, const Tell& tell) {
  for (const Market* market : markets) {
    const FeedBoard& feeds = market->feeds();
    for (FeedId feed = 0; feed < feeds.size(); ++feed) {
      tell(feeds.health(feed),
           absl::StrCat("market=", Label(market->name()),
                        ",feed=", Label(feeds.info(feed).name)));
    }
  }
}

template <typename Value>
void AppendPerFeed(Markets markets, std::string_view name,
                   std::string_view type, std::string_view help,
                   const Value& value, std::string* out) {
  absl::StrAppend(out, "# HELP streamhub_", ToAbsl(name), " ", ToAbsl(help),
                  "\n# TYPE streamhub_", ToAbsl(name), " ", ToAbsl(type), "\n");
  ForEachFeed(markets,
              [&](const FeedHealth& health, const std::string& labels) {
                absl::StrAppend(out, "streamhub_", ToAbsl(name), "{", labels,
                                "} ", value(health), "\n");
              });
}

template <typename Value>
void AppendPerLine(Markets markets, std::string_view name,
                   std::string_view type, std::string_view help,
                   const Value& value, std::string* out) {
  absl::StrAppend(out, "# HELP streamhub_", ToAbsl(name), " ", ToAbsl(help),
                  "\n# TYPE streamhub_", ToAbsl(name), " ", ToAbsl(type), "\n");
  ForEachFeed(markets,
              [&](const FeedHealth& health, const std::string& labels) {
                const FeedLines lines = health.Lines();
                for (size_t i = 0; i < lines.lines.size(); ++i) {
                  absl::StrAppend(out, "streamhub_", ToAbsl(name), "{", labels,
                                  ",line=", Label(lines.lines[i].name), "} ",
                                  value(lines.lines[i], i == lines.used), "\n");
                }
              });
}

void AppendLineMetrics(Markets markets, std::string* out) {
  using Line = FeedLine;
  AppendPerLine(
      markets, "feed_line_up", "gauge", "1 while the line is heard of",
      [](const Line& line, bool) { return line.up ? 1 : 0; }, out);
  AppendPerLine(
      markets, "feed_line_used", "gauge", "1 on the line that is ahead",
      [](const Line&, bool used) { return used ? 1 : 0; }, out);
  AppendPerLine(
      markets, "feed_line_first_total", "counter",
      "Messages that the line brought before the others",
      [](const Line& line, bool) { return line.first; }, out);
  AppendPerLine(
      markets, "feed_line_copies_total", "counter",
      "Messages of the line that another had brought before",
      [](const Line& line, bool) { return line.copies; }, out);
  AppendPerLine(
      markets, "feed_line_missed", "gauge",
      "Messages that the line lacks; one that comes late is taken off",
      [](const Line& line, bool) { return line.missed; }, out);
  AppendPerLine(
      markets, "feed_line_lag_seconds", "gauge",
      "How much later than on another line the newest copy came",
      [](const Line& line, bool) { return Seconds(line.lag_ns); }, out);
}

}  // namespace

void AppendFeedHealth(const FeedBoard& feeds, FeedId feed, int64_t mono_ns,
                      std::string* out) {
  const FeedHealth& health = feeds.health(feed);
  AppendMember("ticks", health.ticks(), out);
  AppendKey("ticks_per_second", out);
  absl::StrAppend(out, health.RateAt(mono_ns));
  AppendTime("last_tick", health.last_tick_ns(), out);
  AppendFlag("in_gap", feeds.InGapAt(feed, mono_ns), out);
  AppendMember("gaps", health.gaps(), out);
  AppendMember("messages_lost", health.messages_lost(), out);
  AppendMember("failures", health.failures(), out);
  AppendMember("reopenings", health.reopenings(), out);
}

std::string FeedsPage(Markets markets, const Clock& clock) {
  const int64_t mono_ns = clock.MonoNs();
  std::string out = "{";
  AppendTime("time", clock.WallNs(), &out);
  AppendKey("feeds", &out);
  out += '{';
  for (const Market* market : markets) {
    for (FeedId feed = 0; feed < market->feeds().size(); ++feed) {
      AppendKey(market->feeds().info(feed).name, &out);
      AppendFeedPage(*market, feed, mono_ns, &out);
    }
  }
  out += "}}\n";
  return out;
}

void AppendFeedMetrics(Markets markets, std::string* out) {
  using Health = FeedHealth;
  AppendPerFeed(
      markets, "feed_ticks_total", "counter", "Ticks of the feed in the cache",
      [](const Health& health) { return health.ticks(); }, out);
  AppendPerFeed(
      markets, "feed_last_tick_seconds", "gauge",
      "When its last tick came, in seconds since 1970; 0: none yet",
      [](const Health& health) { return Seconds(health.last_tick_ns()); }, out);
  AppendPerFeed(
      markets, "feed_gaps_total", "counter",
      "Ranges of numbered messages that the feed lost",
      [](const Health& health) { return health.gaps(); }, out);
  AppendPerFeed(
      markets, "feed_messages_lost_total", "counter",
      "Messages in these ranges",
      [](const Health& health) { return health.messages_lost(); }, out);
  AppendPerFeed(
      markets, "feed_failures_total", "counter", "Times that the feed failed",
      [](const Health& health) { return health.failures(); }, out);
  AppendPerFeed(
      markets, "feed_reopenings_total", "counter",
      "Times that it was opened again after that",
      [](const Health& health) { return health.reopenings(); }, out);
  AppendLineMetrics(markets, out);
}

std::string FeedsInALine(Markets markets, int64_t mono_ns) {
  std::string text;
  for (const Market* const market : markets) {
    const FeedBoard& feeds = market->feeds();
    for (FeedId feed = 0; feed < feeds.size(); ++feed) {
      absl::StrAppend(&text, "; ", Text(feeds.info(feed).name), " is ",
                      ToAbsl(FeedStatusName(feeds.StatusAt(feed, mono_ns))));
    }
  }
  return text;
}

}  // namespace streamhub
