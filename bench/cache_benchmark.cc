// What the cache costs: a tick's update, a reader's read, a mark, and the whole
// way in from one feed thread while a shard drains it.
//
//   build/release/bench/cache_benchmark
//
// 10,000 symbols in random order, more than fits the second-level cache, as a
// feed's day does.

#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 10'000;
constexpr size_t kOrder = 1 << 16;

// Positions in QuoteLayout(): bid, bid_size, ask, ... are neighbours.
constexpr int kBidAt = 1;
constexpr FieldMask kSixFields = FieldMask{0x3F} << kBidAt;

std::vector<SymbolId> RandomOrder() {
  std::mt19937 random(1);
  std::vector<SymbolId> order(kOrder);
  for (SymbolId& id : order) {
    id = static_cast<SymbolId>(random() % kSymbols);
  }
  return order;
}

// A cache of kSymbols with all fields of QuoteLayout().
ConflationCache& Fill(ConflationCache& cache) {
  for (SymbolId id = 0; id < kSymbols; ++id) {
    cache.AddSlot(id, QuoteLayout().size());
  }
  return cache;
}

std::array<Change, 3> ThreeFields(int64_t n) {
  return {{{kBidAt, n}, {kBidAt + 1, n + 1}, {kBidAt + 2, n + 2}}};
}

void UpdateThreeFields(benchmark::State& state) {
  ConflationCache cache(kSymbols);
  Fill(cache);
  const std::vector<SymbolId> order = RandomOrder();
  int64_t n = 0;
  for (auto _ : state) {
    ++n;
    cache.Update(order[static_cast<size_t>(n) % kOrder], ThreeFields(n), n, n);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(UpdateThreeFields);

void ReadSixFields(benchmark::State& state) {
  ConflationCache cache(kSymbols);
  Fill(cache);
  const std::vector<SymbolId> order = RandomOrder();
  QuoteView view;
  size_t n = 0;
  for (auto _ : state) {
    const bool read = cache.Read(order[++n % kOrder], kSixFields, &view);
    benchmark::DoNotOptimize(read);
    benchmark::DoNotOptimize(view);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ReadSixFields);

void MarkDirty(benchmark::State& state) {
  ShardWake wake(kSymbols, [] {});
  const std::vector<SymbolId> order = RandomOrder();
  size_t n = 0;
  for (auto _ : state) wake.Mark(order[++n % kOrder]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(MarkDirty);

// A reader on another core goes through all symbols without a pause.
void UpdateThreeFieldsWhileRead(benchmark::State& state) {
  ConflationCache cache(kSymbols);
  Fill(cache);
  const std::vector<SymbolId> order = RandomOrder();
  std::atomic<bool> stop = false;
  uint64_t reads = 0, contended = 0;
  std::thread reader([&] {
    QuoteView view;
    while (!stop.load(std::memory_order_relaxed)) {
      for (SymbolId id = 0; id < kSymbols; ++id) {
        (cache.Read(id, kSixFields, &view) ? reads : contended) += 1;
      }
    }
  });
  int64_t n = 0;
  for (auto _ : state) {
    ++n;
    cache.Update(order[static_cast<size_t>(n) % kOrder], ThreeFields(n), n, n);
  }
  stop = true;
  reader.join();
  state.SetItemsProcessed(state.iterations());
  state.counters["reads"] = benchmark::Counter(static_cast<double>(reads),
                                               benchmark::Counter::kIsRate);
  state.counters["given_up"] = static_cast<double>(contended);
}
BENCHMARK(UpdateThreeFieldsWhileRead)->UseRealTime();

// A shard without sessions: takes what is dirty, reads it, sleeps if it may.
class DrainingShard {
 public:
  explicit DrainingShard(Market& market)
      : market_(market),
        bell_(eventfd(0, EFD_CLOEXEC)),
        wake_(market.AddShard([this] { Ring(); })) {
    STREAMHUB_CHECK(bell_ >= 0);
  }
  ~DrainingShard() { close(bell_); }

  void Start() {
    thread_ = std::thread([this] { Run(); });
  }

  void Stop() {
    stop_ = true;
    Ring();
    thread_.join();
  }

  uint64_t reads() const { return reads_; }
  uint64_t sleeps() const { return sleeps_; }

 private:
  void Ring() {
    const uint64_t one = 1;
    STREAMHUB_CHECK(write(bell_, &one, sizeof(one)) == sizeof(one));
  }

  void Run() {
    QuoteView view;
    while (!stop_) {
      wake_.BeginTurn();
      wake_.Take(market_.symbols().size(), [&](size_t word, uint64_t bits) {
        for (; bits != 0; bits &= bits - 1) {
          const auto id =
              static_cast<SymbolId>(word * 64 + std::countr_zero(bits));
          if (market_.cache().Read(id, kSixFields, &view)) {
            ++reads_;
          } else {
            wake_.Mark(id);
          }
        }
      });
      if (!wake_.TrySleep()) continue;
      ++sleeps_;
      uint64_t rings;
      STREAMHUB_CHECK(read(bell_, &rings, sizeof(rings)) == sizeof(rings));
    }
  }

  Market& market_;
  const int bell_;
  ShardWake& wake_;
  std::atomic<bool> stop_{false};
  uint64_t reads_ = 0;
  uint64_t sleeps_ = 0;
  std::thread thread_;
};

// From a feed's decoded tick to a shard's read, in batches of range(0) ticks.
void Ingest(benchmark::State& state) {
  Market market("live", kSymbols, 1);
  FeedInfo info;
  info.name = "bench";
  Counters counters;
  Publisher publisher(market, market.AddFeed(info), counters, SystemClock());
  DrainingShard shard(market);
  for (size_t i = 0; i < kSymbols; ++i) {
    SymbolInfo symbol;
    symbol.code = "S" + std::to_string(i);
    symbol.layout = &QuoteLayout();
    STREAMHUB_CHECK(publisher.Define(symbol).ok());
  }
  const std::vector<SymbolId> order = RandomOrder();
  shard.Start();
  int64_t n = 0;
  for (auto _ : state) {
    publisher.BeginBatch();
    for (int64_t i = 0; i < state.range(0); ++i, ++n) {
      publisher.Publish(order[static_cast<size_t>(n) % kOrder],
                        {{FieldId::kBid, n},
                         {FieldId::kBidSize, n + 1},
                         {FieldId::kAsk, n + 2}},
                        n);
    }
    publisher.EndBatch();
  }
  shard.Stop();
  state.SetItemsProcessed(n);
  state.counters["shard_reads"] = benchmark::Counter(
      static_cast<double>(shard.reads()), benchmark::Counter::kIsRate);
  state.counters["shard_sleeps"] = static_cast<double>(shard.sleeps());
}
BENCHMARK(Ingest)->Arg(1)->Arg(32)->Arg(512)->UseRealTime();

}  // namespace
}  // namespace streamhub

BENCHMARK_MAIN();
