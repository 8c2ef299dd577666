#include <array>
#include <cstddef>
#include <random>
#include <vector>

#include "bench/instructions/operation.h"
#include "bench/support/filled_market.h"
#include "gateway/base/check.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/market/wake.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 1'000;
constexpr int64_t kTimes = 20'000;
constexpr int kFirst = 20;  // of the neighbours that tick and are read

std::vector<SymbolId> RandomOrder() {
  std::mt19937 random(1);
  std::vector<SymbolId> order(static_cast<size_t>(kTimes));
  for (SymbolId& id : order) id = static_cast<SymbolId>(random() % kSymbols);
  return order;
}

// With the widest slots that there are.
struct WideCache {
  WideCache() : cache(kSymbols) {
    for (SymbolId id = 0; id < kSymbols; ++id) {
      cache.AddSlot(id, kLayoutFieldsMax);
    }
  }
  ConflationCache cache;
  const std::vector<SymbolId> order = RandomOrder();
};

int64_t UpdateThree() {
  WideCache wide;
  int64_t n = 0;
  return CountedWarm([&] {
    for (const SymbolId id : wide.order) {
      ++n;
      const std::array<Change, 3> changes = {
          {{kFirst, n}, {kFirst + 1, n + 1}, {kFirst + 2, n + 2}}};
      wide.cache.Update(id, changes, n, n);
    }
    return kTimes;
  });
}

int64_t Read(FieldMask mask) {
  WideCache wide;
  QuoteView view;
  return CountedWarm([&] {
    for (const SymbolId id : wide.order) {
      STREAMHUB_CHECK(wide.cache.Read(id, mask, &view));
      LookAt(&view);
    }
    return kTimes;
  });
}

int64_t ReadSix() { return Read(FieldMask{0x3F} << kFirst); }
int64_t ReadAll() { return Read(~FieldMask{0}); }

int64_t Mark() {
  ShardWake wake(kSymbols, [] {});
  const std::vector<SymbolId> order = RandomOrder();
  return CountedWarm([&] {
    for (const SymbolId id : order) wake.Mark(id);
    return kTimes;
  });
}

// From a feed's decoded tick to the cache and the bits of two shards.
int64_t Publish() {
  FilledMarket filled(kSymbols);
  filled.market.AddShard([] {});
  filled.market.AddShard([] {});
  const std::vector<SymbolId> order = RandomOrder();
  int64_t n = 0;
  return CountedWarm([&] {
    for (const SymbolId id : order) {
      if (n % 32 == 0) filled.publisher.BeginBatch();
      ++n;
      filled.publisher.Publish(id,
                               {{FieldId::kBid, n},
                                {FieldId::kBidSize, n + 1},
                                {FieldId::kAsk, n + 2}},
                               n);
      if (n % 32 == 0) filled.publisher.EndBatch();
    }
    return kTimes;
  });
}

constexpr auto kOperations = std::to_array<Operation>({
    {"cache_update_3", "a tick of 3 neighbouring fields of 64", UpdateThree},
    {"cache_read_6", "a read of 6 neighbouring fields of 64", ReadSix},
    {"cache_read_64", "a read of all 64 fields", ReadAll},
    {"mark_dirty", "a symbol's bit for one shard", Mark},
    {"publish_3", "a tick of 3 fields, published to two shards", Publish},
});

}  // namespace

std::span<const Operation> MarketOperations() { return kOperations; }

}  // namespace streamhub
