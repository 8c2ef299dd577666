// Whether the threads that serve still turn. A shard does at least four times a
// second whatever happens, and a feed's thread asks or waits all the time; one
// that did neither between two looks hangs. A feed whose source is silent does
// not: its thread goes on asking. Main thread.

#ifndef STREAMHUB_GATEWAY_SERVER_THREAD_WATCH_H_
#define STREAMHUB_GATEWAY_SERVER_THREAD_WATCH_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gateway/server/market_run.h"
#include "gateway/server/shard.h"

namespace streamhub {

class ThreadWatch {
 public:
  // `turns` grows while it turns; `ended`: it has ended, as it may. Both are
  // called whenever somebody looks.
  void Add(std::string name, std::function<uint64_t()> turns,
           std::function<bool()> ended);

  // Those that have not turned since the last look; at the first one nobody.
  std::vector<std::string> Stuck();

 private:
  struct Watched {
    std::string name;
    std::function<uint64_t()> turns;
    std::function<bool()> ended;
    uint64_t seen = UINT64_MAX;
  };
  std::vector<Watched> watched_;
};

// All threads of these; after the feeds have started.
ThreadWatch WatchAll(std::span<const std::unique_ptr<Shard>> shards,
                     std::span<const std::unique_ptr<MarketRun>> markets);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_THREAD_WATCH_H_
