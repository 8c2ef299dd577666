#include "gateway/market/market.h"

#include <utility>

namespace streamhub {
namespace {

// SplitMix64's finaliser: epochs of one run differ in all bits.
uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace

Market::Market(std::string name, size_t symbols_max, uint64_t epoch_seed)
    : name_(std::move(name)),
      symbols_max_(symbols_max),
      symbols_(symbols_max),
      cache_(symbols_max),
      epoch_(Mix(epoch_seed)) {}

ShardWake& Market::AddShard(std::function<void()> ring) {
  return shards_.emplace_back(symbols_max_, std::move(ring));
}

SymbolTable::Added Market::Define(SymbolInfo info, SymbolId* id) {
  const int fields = info.layout->size();
  const SymbolTable::Added added = symbols_.Add(
      std::move(info), [&](SymbolId fresh) { cache_.AddSlot(fresh, fields); },
      id);
  if (added == SymbolTable::Added::kNew) ChangeControl();
  return added;
}

void Market::Clear(SymbolId id) {
  cache_.Clear(id, symbols_.Get(id).layout->size());
  for (ShardWake& shard : shards_) shard.Mark(id);
}

void Market::StartEpoch() {
  // Two feeds that restart at once start two epochs, not one.
  uint64_t epoch = epoch_.load(std::memory_order_acquire);
  while (!epoch_.compare_exchange_weak(epoch, Mix(epoch),
                                       std::memory_order_acq_rel)) {
  }
  ChangeControl();
}

void Market::SetFeedStatus(FeedId feed, FeedStatus status) {
  if (feeds_.SetStatus(feed, status)) ChangeControl();
}

void Market::ChangeControl() {
  control_version_.fetch_add(1, std::memory_order_acq_rel);
  for (ShardWake& shard : shards_) shard.WakeNow();
}

}  // namespace streamhub
