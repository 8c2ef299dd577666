#include "gateway/server/market_run.h"

#include <random>
#include <utility>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

uint64_t RandomSeed() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace

MarketRun::MarketRun(std::string name, size_t symbols_max,
                     std::unique_ptr<Feed> feed, FeedInfo info)
    : market_(std::move(name), symbols_max, RandomSeed()),
      feed_(std::move(feed)) {
  if (feed_ != nullptr) feed_id_ = market_.AddFeed(std::move(info));
}

void MarketRun::StartFeed(uint32_t tape,
                          std::function<void(const absl::Status&)> done) {
  if (feed_ == nullptr) return;
  if (!done) done = [](const absl::Status&) {};
  thread_ = std::make_unique<FeedThread>(
      market_.feeds().info(feed_id_).name, std::move(feed_),
      Publisher(market_, feed_id_, counters_, SystemClock(), tape),
      std::move(done));
  thread_->Start();
}

}  // namespace streamhub
