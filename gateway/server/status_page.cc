#include "gateway/server/status_page.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "gateway/base/json_text.h"
#include "gateway/base/session_id.h"
#include "gateway/base/strings.h"
#include "gateway/codec/json.h"
#include "gateway/server/build_info.h"
#include "gateway/session/explained.h"

namespace streamhub {
namespace {

constexpr std::chrono::milliseconds kPatience{500};
// What a shard does at a time: it takes 0.1 ms.
constexpr size_t kSessionsAtOnce = 64;
constexpr size_t kSymbolsAtOnce = 512;

void Key(std::string_view key, std::string* out) {
  if (out->back() != '{') *out += ',';
  absl::StrAppend(out, "\"", ToAbsl(key), "\":");
}

void Text(std::string_view key, std::string_view text, std::string* out) {
  Key(key, out);
  AppendString(text, out);
}

void Int(std::string_view key, int64_t value, std::string* out) {
  Key(key, out);
  AppendInt(value, out);
}

// `ns` in `unit`, with three digits behind the point.
void Time(std::string_view key, int64_t ns, int64_t unit, std::string* out) {
  Key(key, out);
  absl::StrAppend(out, absl::StrFormat("%.3f", static_cast<double>(ns) /
                                                   static_cast<double>(unit)));
}

// Between two elements of a list.
void Next(std::string* out) {
  if (out->back() != '[') *out += ',';
}

struct Part {
  uint64_t from = 0;
  bool sessions_done = false;
  StatusSeen seen;
  size_t symbol = 0;
  std::vector<uint32_t> subscribers;
};

// One step of a shard. True: there is more.
bool Look(Part* part, Fanout& fanout) {
  if (!part->sessions_done) {
    const auto next =
        fanout.LookForStatus(part->from, kSessionsAtOnce, &part->seen);
    part->from = next.value_or(0);
    part->sessions_done = !next.has_value();
    return true;
  }
  part->symbol =
      fanout.CountSubscribers(part->symbol, kSymbolsAtOnce, &part->subscribers);
  return part->symbol <
         std::min(part->subscribers.size(), StatusPage::kSymbolsMax);
}

void AppendSlow(const SessionSeen& seen, std::string* out) {
  Next(out);
  *out += '{';
  Text("session", SessionText(seen.id), out);
  Text("transport", TransportName(seen.transport), out);
  Text("market", seen.market, out);
  Text("peer", seen.peer, out);
  Int("subscriptions", static_cast<int64_t>(seen.subscriptions), out);
  Int("messages", static_cast<int64_t>(seen.messages), out);
  Int("stalls", seen.stalls, out);
  Int("waiting_ms", seen.waiting_ns / kMillisecond, out);
  *out += '}';
}

}  // namespace

StatusPage::StatusPage(Sources sources)
    : sources_(std::move(sources)),
      started_ns_(sources_.clock.MonoNs()),
      ticks_(sources_.markets.size()) {}

const std::string& StatusPage::Get() {
  const int64_t now_ns = sources_.clock.MonoNs();
  if (body_.empty() || now_ns - made_ns_ >= kFreshNs) {
    made_ns_ = now_ns;
    Make();
  }
  return body_;
}

void StatusPage::Make() {
  std::string out = "{";
  Int("time", sources_.clock.WallNs() / kMicrosecond, &out);
  Text("version", GetBuildInfo().version, &out);
  Int("uptime_s", (made_ns_ - started_ns_) / kSecond, &out);
  Key("against", &out);
  out += '[';
  for (const std::string& reason :
       sources_.readiness.Against(sources_.markets)) {
    Next(&out);
    AppendString(reason, &out);
  }
  out += ']';
  AppendCounters(&out);
  AppendLatencies(&out);
  AppendFeeds(&out);
  AppendBusiest(&out);
  AppendOfShards(&out);
  Key("withdrawn", &out);
  sources_.withdrawn.AppendList(&out);
  out += "}\n";
  body_ = std::move(out);
}

void StatusPage::AppendCounters(std::string* out) const {
  const auto total = [this](Metric metric) {
    return Total(sources_.counters, metric);
  };
  int64_t symbols = 0;
  for (const ShownMarket& shown : sources_.markets) {
    symbols += static_cast<int64_t>(shown.market.symbols().size());
  }
  Int("sessions", total(Metric::kSessions), out);
  Int("sessions_max", static_cast<int64_t>(sources_.sessions_max), out);
  Int("subscriptions", total(Metric::kSubscriptions), out);
  Int("symbols", std::max<int64_t>(symbols - total(Metric::kTopics), 0), out);
  Int("topics", total(Metric::kTopics), out);
  // Since the start: a page makes rates of two answers.
  Key("totals", out);
  *out += '{';
  for (const auto& [name, metric] :
       {std::pair("ticks", Metric::kTicks),
        std::pair("updates", Metric::kUpdates),
        std::pair("snapshots", Metric::kSnapshots),
        std::pair("frames", Metric::kFramesBuilt),
        std::pair("messages", Metric::kMessages),
        std::pair("bytes", Metric::kBytes),
        std::pair("topic_messages", Metric::kTopicMessages),
        std::pair("requests", Metric::kRequests),
        std::pair("request_errors", Metric::kRequestErrors),
        std::pair("flushes_skipped", Metric::kFlushesSkipped),
        std::pair("writes_blocked", Metric::kWritesBlocked),
        std::pair("sessions_opened", Metric::kSessionsOpened),
        std::pair("sessions_refused", Metric::kSessionsRefused),
        std::pair("sessions_stalled", Metric::kSessionsStalled),
        std::pair("turns", Metric::kTurns),
        std::pair("turns_cut", Metric::kTurnsCut),
        std::pair("beats_late", Metric::kBeatsOverrun)}) {
    Int(name, total(metric), out);
  }
  Time("turn_seconds", total(Metric::kTurnNs), kSecond, out);
  *out += '}';
  Time("longest_turn_ms", total(Metric::kTurnNsMax), kMillisecond, out);
  Time("longest_turn_lately_ms", total(Metric::kTurnNsLately), kMillisecond,
       out);
  Int("shard_silence_ms", sources_.readiness.SilenceNs() / kMillisecond, out);
}

void StatusPage::AppendLatencies(std::string* out) const {
  Key("latencies", out);
  *out += '[';
  for (const ShownMarket& shown : sources_.markets) {
    shown.latency.ForEach(made_ns_, [&](const LatencyBoard::Row& row) {
      const Histogram& recent = row.seen.recent;
      if (recent.count() == 0) return;
      Next(out);
      *out += '{';
      Text("market", shown.market.name(), out);
      Text("of", row.of == LatencyBoard::Of::kFeed ? "feed" : "transport", out);
      Text("name", row.name, out);
      Text("stage", row.stage, out);
      Int("count", recent.count(), out);
      for (const auto& [name, percent] :
           {std::pair("p50_us", 50.0), std::pair("p90_us", 90.0),
            std::pair("p99_us", 99.0), std::pair("max_us", 100.0)}) {
        Time(name, recent.Percentile(percent), kMicrosecond, out);
      }
      *out += '}';
    });
  }
  *out += ']';
}

void StatusPage::AppendFeeds(std::string* out) const {
  Key("feeds", out);
  *out += '[';
  for (const ShownMarket& shown : sources_.markets) {
    const FeedBoard& feeds = shown.market.feeds();
    for (FeedId feed = 0; feed < feeds.size(); ++feed) {
      const FeedHealth& health = feeds.health(feed);
      Next(out);
      *out += '{';
      Text("market", shown.market.name(), out);
      Text("name", feeds.info(feed).name, out);
      Text("status", FeedStatusName(feeds.StatusAt(feed, made_ns_)), out);
      Text("source", SourceName(feeds.info(feed).source), out);
      Int("ticks", health.ticks(), out);
      Key("ticks_per_second", out);
      absl::StrAppend(out, health.RateAt(made_ns_));
      Int("last_tick", health.last_tick_ns() / kMicrosecond, out);
      Int("gaps", health.gaps(), out);
      Int("messages_lost", health.messages_lost(), out);
      Int("failures", health.failures(), out);
      *out += '}';
    }
  }
  *out += ']';
}

// The symbols that ticked most since the last time.
void StatusPage::AppendBusiest(std::string* out) {
  const double seconds =
      static_cast<double>(made_ns_ - std::exchange(ticks_ns_, made_ns_)) /
      kSecond;
  std::vector<Ranked> ranked;
  for (size_t m = 0; m < sources_.markets.size(); ++m) {
    const Market& market = sources_.markets[m].market;
    std::vector<uint64_t>& before = ticks_[m];
    const size_t known = before.size();
    before.resize(std::min(market.symbols().size(), kSymbolsMax));
    for (size_t i = 0; i < before.size(); ++i) {
      const auto id = static_cast<SymbolId>(i);
      QuoteView view;
      if (market.topic(id) != nullptr || !market.cache().Read(id, 0, &view)) {
        continue;
      }
      const uint64_t ticks = view.ticks - std::exchange(before[i], view.ticks);
      if (i < known && ticks > 0) {
        ranked.push_back({m, id, static_cast<double>(ticks) / seconds});
      }
    }
  }
  AppendRanked("top_ticks", "per_second", std::move(ranked), out);
}

void StatusPage::AppendRanked(std::string_view key, std::string_view amount,
                              std::vector<Ranked> all, std::string* out) const {
  const auto end =
      all.begin() + static_cast<std::ptrdiff_t>(std::min(kTop, all.size()));
  std::partial_sort(
      all.begin(), end, all.end(), [](const Ranked& a, const Ranked& b) {
        return a.amount != b.amount ? a.amount > b.amount : a.symbol < b.symbol;
      });
  Key(key, out);
  *out += '[';
  for (auto one = all.begin(); one != end; ++one) {
    const Market& market = sources_.markets[one->market].market;
    Next(out);
    *out += '{';
    Text("market", market.name(), out);
    Text("symbol", market.symbols().Get(one->symbol).code, out);
    Key(amount, out);
    absl::StrAppend(out, absl::StrFormat("%.6g", one->amount), "}");
  }
  *out += ']';
}

void StatusPage::AppendOfShards(std::string* out) const {
  const size_t markets = sources_.markets.size();
  std::vector<Part> parts(sources_.doors.size());
  const auto late = AskShards(
      sources_.doors,
      [&parts](size_t shard, Fanout& fanout) {
        return Look(&parts[shard], fanout);
      },
      kPatience);
  StatusSeen all;
  std::vector<std::vector<int64_t>> subscribers(markets);
  for (size_t door = 0; door < parts.size(); ++door) {
    const Part& part = parts[door];
    for (size_t kind = 0; kind < kTransportKinds; ++kind) {
      all.sessions[kind] += part.seen.sessions[kind];
    }
    all.subscriptions_sampled += part.seen.subscriptions_sampled;
    all.ticks += part.seen.ticks;
    all.updates += part.seen.updates;
    all.slow.insert(all.slow.end(), part.seen.slow.begin(),
                    part.seen.slow.end());
    auto& sums = subscribers[door % markets];
    sums.resize(std::max(sums.size(), part.subscribers.size()));
    for (size_t i = 0; i < part.subscribers.size(); ++i) {
      sums[i] += part.subscribers[i];
    }
  }
  std::vector<Ranked> ranked;
  for (size_t m = 0; m < markets; ++m) {
    for (size_t i = 0; i < subscribers[m].size(); ++i) {
      if (subscribers[m][i] == 0) continue;
      ranked.push_back({m, static_cast<SymbolId>(i),
                        static_cast<double>(subscribers[m][i])});
    }
  }
  AppendRanked("top_subscribers", "subscribers", std::move(ranked), out);
  Key("transports", out);
  *out += '{';
  for (size_t kind = 0; kind < kTransportKinds; ++kind) {
    if (all.sessions[kind] == 0) continue;
    Int(TransportName(static_cast<TransportKind>(kind)), all.sessions[kind],
        out);
  }
  *out += '}';
  Key("folding", out);
  *out += '{';
  Int("subscriptions", all.subscriptions_sampled, out);
  Int("ticks", all.ticks, out);
  Int("updates", all.updates, out);
  *out += '}';
  std::sort(all.slow.begin(), all.slow.end(), IsSlower);
  Key("slow", out);
  *out += '[';
  for (size_t i = 0; i < std::min(all.slow.size(), kTop); ++i) {
    AppendSlow(all.slow[i], out);
  }
  *out += ']';
  AppendLateShards(late, markets, out);
}

}  // namespace streamhub
