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

absl::Status MarketRun::AddDerived(std::span<const std::string> texts) {
  auto derived = DerivedSymbols::Create(texts, market_, SystemClock());
  if (!derived.ok()) return derived.status();
  derived_ = *std::move(derived);
  return absl::OkStatus();
}

std::vector<const FeedThread*> MarketRun::Threads() const {
  std::vector<const FeedThread*> threads;
  if (thread_ != nullptr) threads.push_back(thread_.get());
  if (derived_ != nullptr) threads.push_back(&derived_->thread());
  return threads;
}

void MarketRun::StartFeed(uint32_t tape, TickTap* tap,
                          std::function<void(const absl::Status&)> done) {
  if (derived_ != nullptr) derived_->Start();
  if (feed_ == nullptr) return;
  if (!done) done = [](const absl::Status&) {};
  Publisher publisher(market_, feed_id_, counters_, SystemClock(), tape);
  publisher.SetTap(tap);
  thread_ = std::make_unique<FeedThread>(market_.feeds().info(feed_id_).name,
                                         std::move(feed_), std::move(publisher),
                                         std::move(done));
  thread_->Start();
}

}  // namespace streamhub
