#include "gateway/server/readiness.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "gateway/base/json_text.h"

namespace streamhub {
namespace {

// One of them is enough: what the others lack, clients are told by symbol.
bool IsFed(std::span<const ShownMarket> markets, int64_t mono_ns) {
  bool any = false;
  for (const ShownMarket& shown : markets) {
    const FeedBoard& feeds = shown.market.feeds();
    for (FeedId feed = 0; feed < feeds.size(); ++feed) {
      any = true;
      const FeedStatus status = feeds.StatusAt(feed, mono_ns);
      if (status == FeedStatus::kLive || status == FeedStatus::kEnded) {
        return true;
      }
    }
  }
  return !any;
}

}  // namespace

Readiness::Readiness(std::vector<const Counters*> shards, size_t sessions_max,
                     const Clock& clock)
    : shards_(std::move(shards)),
      sessions_max_(sessions_max),
      clock_(clock),
      started_ns_(clock.MonoNs()),
      counted_ns_(started_ns_),
      counted_(shards_.size()) {}

int64_t Readiness::SilenceNs() const {
  const int64_t now_ns = clock_.MonoNs();
  int64_t silence_ns = 0;
  for (const Counters* shard : shards_) {
    const int64_t turned_ns =
        std::max(shard->Get(Metric::kTurnedNs), started_ns_);
    silence_ns = std::max(silence_ns, now_ns - turned_ns);
  }
  return silence_ns;
}

bool Readiness::Overloaded(int64_t mono_ns) {
  if (mono_ns - counted_ns_ < kWindowNs) return overloaded_;
  counted_ns_ = mono_ns;
  overloaded_ = false;
  for (size_t i = 0; i < shards_.size(); ++i) {
    const Turns now = {shards_[i]->Get(Metric::kTurns),
                       shards_[i]->Get(Metric::kTurnsCut)};
    const Turns before = std::exchange(counted_[i], now);
    if (2 * (now.cut - before.cut) > now.all - before.all) overloaded_ = true;
  }
  return overloaded_;
}

std::vector<std::string> Readiness::Against(
    std::span<const ShownMarket> markets) {
  const int64_t now_ns = clock_.MonoNs();
  std::vector<std::string> against;
  if (draining_.load(std::memory_order_acquire)) {
    against.emplace_back("draining: it is about to stop");
  }
  if (!IsFed(markets, now_ns)) {
    against.emplace_back("not fed: no feed is up and heard of");
  }
  if (const int64_t silence_ns = SilenceNs(); silence_ns > kLateNs) {
    against.push_back(absl::StrCat("overloaded: a shard has not turned for ",
                                   silence_ns / kMillisecond, " ms"));
  }
  if (Overloaded(now_ns)) {
    against.emplace_back(
        "overloaded: a shard cuts most of its turns short for want of time");
  }
  const int64_t sessions = Total(shards_, Metric::kSessions);
  if (sessions >= static_cast<int64_t>(sessions_max_)) {
    against.push_back(absl::StrCat("full: it holds ", sessions,
                                   " sessions, which is all ", "that it may"));
  }
  return against;
}

AdminAnswer Readiness::Page(std::span<const ShownMarket> markets) {
  const auto against = Against(markets);
  AdminAnswer answer;
  if (!against.empty()) answer.status = 503;
  answer.body = against.empty() ? "{\"ready\":true" : "{\"ready\":false";
  answer.body += ",\"reasons\":[";
  for (size_t i = 0; i < against.size(); ++i) {
    if (i > 0) answer.body += ',';
    AppendString(against[i], &answer.body);
  }
  answer.body += "]}\n";
  return answer;
}

}  // namespace streamhub
