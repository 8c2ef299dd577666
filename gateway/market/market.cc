#include "gateway/market/market.h"

#include <algorithm>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/clock.h"

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
      symbols_(symbols_max),
      cache_(symbols_.ids_max()),
      epoch_(Mix(epoch_seed)) {}

ShardWake& Market::AddShard(std::function<void()> ring) {
  return shards_.emplace_back(symbols_.ids_max(), std::move(ring));
}

SymbolTable::Added Market::Define(SymbolInfo info, SymbolId* id) {
  const int fields = info.layout->size();
  const SymbolTable::Added added = symbols_.Add(
      std::move(info), [&](SymbolId fresh) { cache_.AddSlot(fresh, fields); },
      id);
  if (added == SymbolTable::Added::kNew) ChangeControl();
  return added;
}

SymbolTable::Added Market::DefineTopic(std::string name, FeedId feed,
                                       uint32_t keeps, int64_t wall_ns,
                                       SymbolId* id) {
  // A number of 0 would not be one that a client can hold.
  const int64_t first_seq = std::max(wall_ns / kMicrosecond, int64_t{1});
  auto ring =
      std::make_unique<TopicRing>(keeps, static_cast<uint64_t>(first_seq));
  SymbolInfo info;
  info.code = std::move(name);
  info.price_decimals = 0;
  info.feed = feed;
  info.layout = &DictionaryLayout(1);  // whoever asks finds it empty
  info.topic = ring.get();
  const SymbolTable::Added added = symbols_.Add(
      std::move(info),
      [&](SymbolId fresh) {
        cache_.AddSlot(fresh, 1);
        topics_.push_back(std::move(ring));
      },
      id);
  if (added == SymbolTable::Added::kNew) ChangeControl();
  return added;
}

uint64_t Market::Append(SymbolId id, std::string_view data_json,
                        int64_t time_ns) {
  TopicRing* const topic = symbols_.Get(id).topic;
  STREAMHUB_CHECK(topic != nullptr);
  const uint64_t seq = topic->Append(data_json, time_ns);
  for (ShardWake& shard : shards_) shard.Mark(id);
  return seq;
}

void Market::Clear(SymbolId id) {
  cache_.Clear(id, symbols_.Get(id).layout->size());
  for (ShardWake& shard : shards_) shard.Mark(id);
}

void Market::Contest(SymbolId id) {
  {
    const std::lock_guard lock(contested_mutex_);
    if (std::find(contested_.begin(), contested_.end(), id) !=
        contested_.end()) {
      return;
    }
    contested_.push_back(id);
  }
  ChangeControl();
}

std::vector<SymbolId> Market::contested() const {
  const std::lock_guard lock(contested_mutex_);
  return contested_;
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

void Market::BeginGap(FeedId feed, int64_t mono_ns) {
  // That it is over shards see by themselves.
  if (feeds_.BeginGap(feed, mono_ns)) ChangeControl();
}

void Market::RepairGap(FeedId feed) {
  if (feeds_.RepairGap(feed)) ChangeControl();
}

void Market::ChangeControl() {
  control_version_.fetch_add(1, std::memory_order_acq_rel);
  for (ShardWake& shard : shards_) shard.WakeNow();
}

}  // namespace streamhub
