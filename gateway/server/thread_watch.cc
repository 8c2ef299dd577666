#include "gateway/server/thread_watch.h"

#include <absl/strings/str_cat.h>

#include <utility>

namespace streamhub {

void ThreadWatch::Add(std::string name, std::function<uint64_t()> turns,
                      std::function<bool()> ended) {
  watched_.push_back({std::move(name), std::move(turns), std::move(ended)});
}

std::vector<std::string> ThreadWatch::Stuck() {
  std::vector<std::string> stuck;
  for (Watched& watched : watched_) {
    const uint64_t now = watched.turns();
    if (now == std::exchange(watched.seen, now) && !watched.ended()) {
      stuck.push_back(watched.name);
    }
  }
  return stuck;
}

ThreadWatch WatchAll(std::span<const std::unique_ptr<Shard>> shards,
                     std::span<const std::unique_ptr<MarketRun>> markets) {
  ThreadWatch watch;
  for (size_t i = 0; i < shards.size(); ++i) {
    const Shard* const shard = shards[i].get();
    watch.Add(
        absl::StrCat("shard ", i + 1),
        [shard] {
          return static_cast<uint64_t>(shard->counters().Get(Metric::kTurns));
        },
        [shard] { return shard->ended(); });
  }
  for (const auto& run : markets) {
    for (const FeedThread* const thread : run->Threads()) {
      watch.Add(
          "feed " + thread->name(), [thread] { return thread->turns(); },
          [thread] { return thread->ended(); });
    }
  }
  return watch;
}

}  // namespace streamhub
