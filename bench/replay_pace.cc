// replay_pace: how well a replay at x1 keeps the recorded pace.
//
//   replay_pace FILE [SECONDS [FROM]]    default 60 s from the first record
//
// Plays FILE into a market as the gateway does, on a thread of its own, and
// notes when each tick is published. Prints percentiles of how much the times
// between two ticks differ from the recorded ones, and of how late ticks are
// against the first. Status 1 if the 99th percentile of the former is above
// 1 ms, or if there were fewer than 100 ticks.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "feeds/feed_thread.h"
#include "feeds/publisher.h"
#include "feeds/replay/replay_feed.h"
#include "feeds/tick_tap.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

constexpr size_t kTicksMax = 20'000'000;

struct Moment {
  int64_t event_ns;
  int64_t mono_ns;
};

// Of the ticks that come while the feed is live. The feed's thread; read when
// that is over.
class Moments final : public TickTap {
 public:
  Moments() { all.reserve(kTicksMax); }

  void OnSymbol(SymbolId, const SymbolInfo&) override {}
  void OnTick(SymbolId, std::span<const FieldValue>, int64_t,
              int64_t event_ns) override {
    if (live_ && all.size() < kTicksMax) {
      all.push_back({event_ns, SystemClock().MonoNs()});
    }
  }
  void OnTrade(SymbolId, const TradeReport&, int64_t, int64_t) override {}
  void OnStatus(FeedStatus status, int64_t) override {
    live_ = status == FeedStatus::kLive;
  }
  void OnEpoch(uint64_t, int64_t) override {}

  std::vector<Moment> all;

 private:
  bool live_ = false;
};

int64_t Percentile(const std::vector<int64_t>& sorted, double part) {
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<size_t>(part * last)];
}

void Print(const char* what, const std::vector<int64_t>& sorted) {
  const auto us = [](int64_t ns) {
    return static_cast<double>(ns) / kMicrosecond;
  };
  std::printf(
      "%-28s p50 %9.1f us  p99 %9.1f us  p99.9 %9.1f us  max %9.1f us\n", what,
      us(Percentile(sorted, 0.5)), us(Percentile(sorted, 0.99)),
      us(Percentile(sorted, 0.999)), us(sorted.back()));
}

int Tell(const std::vector<Moment>& moments) {
  if (moments.size() < 100) {
    std::fprintf(stderr, "only %zu ticks\n", moments.size());
    return 1;
  }
  std::vector<int64_t> differences, late;
  int64_t simultaneous = 0;
  const Moment& first = moments.front();
  for (size_t i = 1; i < moments.size(); ++i) {
    const Moment &a = moments[i - 1], &b = moments[i];
    if (a.event_ns == b.event_ns) ++simultaneous;
    differences.push_back(
        std::abs((b.mono_ns - a.mono_ns) - (b.event_ns - a.event_ns)));
    late.push_back((b.mono_ns - first.mono_ns) - (b.event_ns - first.event_ns));
  }
  std::sort(differences.begin(), differences.end());
  std::sort(late.begin(), late.end());
  std::printf(
      "%zu ticks over %.1f s, %lld at the same time as the one before\n",
      moments.size(),
      static_cast<double>(moments.back().event_ns - first.event_ns) / kSecond,
      static_cast<long long>(simultaneous));
  Print("inter-arrival difference", differences);
  Print("late against the first tick", late);
  const bool good = Percentile(differences, 0.99) <= kMillisecond;
  std::printf("within 1 ms at p99: %s\n", good ? "yes" : "NO");
  return good ? 0 : 1;
}

int Run(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "usage: replay_pace FILE [SECONDS [FROM]]\n");
    return 2;
  }
  ReplayOptions options;
  options.files = {argv[1]};
  if (argc > 3) options.from = argv[3];
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 60;
  auto feed = ReplayFeed::Create(std::move(options));
  if (!feed.ok()) {
    std::fprintf(stderr, "%s\n", std::string(feed.status().message()).c_str());
    return 2;
  }
  FeedInfo info;
  info.name = "replay";
  Market market("replay", 100'000, 1);
  const FeedId id = market.AddFeed(info);
  Counters counters;
  Moments moments;
  Publisher publisher(market, id, counters, SystemClock());
  publisher.SetTap(&moments);
  std::promise<void> over;
  std::optional<FeedThread> thread;
  thread.emplace("replay", *std::move(feed), std::move(publisher),
                 [&](const absl::Status&) { over.set_value(); });
  thread->Start();
  over.get_future().wait_for(std::chrono::seconds(seconds));
  thread.reset();
  return Tell(moments.all);
}

}  // namespace
}  // namespace streamhub

int main(int argc, char** argv) { return streamhub::Run(argc, argv); }
