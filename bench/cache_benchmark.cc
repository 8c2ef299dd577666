// What the cache costs: a tick's update, a reader's read, a mark, and the whole
// way in from one feed thread while a shard drains it.
//
//   build/release/bench/cache_benchmark
//
// 10,000 symbols in random order, as a feed's day does: with their widest
// slots, 64 fields, more than the second-level cache holds. Medians of five.

#include <benchmark/benchmark.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <ctime>
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

// Positions in a layout of 64 fields, from where on neighbours are taken.
constexpr int kFirstAt = 20;
constexpr FieldMask kSixNeighbours = FieldMask{0x3F} << kFirstAt;

// Of the cells of QuoteLayout(): bid, bid_size, ask, ... are neighbours.
constexpr FieldMask kSixFields = FieldMask{0x3F} << 1;

std::vector<SymbolId> RandomOrder() {
  std::mt19937 random(1);
  std::vector<SymbolId> order(kOrder);
  for (SymbolId& id : order) {
    id = static_cast<SymbolId>(random() % kSymbols);
  }
  return order;
}

// For each step of the order six distinct positions of 64.
struct SixPositions {
  std::array<uint8_t, 6> at;
  FieldMask mask;
};
std::vector<SixPositions> RandomPositions() {
  std::mt19937 random(2);
  std::vector<SixPositions> all(kOrder);
  for (SixPositions& six : all) {
    six.mask = 0;
    for (uint8_t& at : six.at) {
      do {
        at = static_cast<uint8_t>(random() % kLayoutFieldsMax);
      } while ((six.mask >> at & 1) != 0);
      six.mask |= FieldMask{1} << at;
    }
  }
  return all;
}

struct WideCache {
  WideCache() : cache(kSymbols) {
    for (SymbolId id = 0; id < kSymbols; ++id) {
      cache.AddSlot(id, kLayoutFieldsMax);
    }
  }
  ConflationCache cache;
  const std::vector<SymbolId> order = RandomOrder();
  const std::vector<SixPositions> random = RandomPositions();
};

// Goes through all symbols on another core, again and again, as long as it
// lives, if `readers` is 1.
class Reader {
 public:
  Reader(const ConflationCache& cache, int64_t readers) {
    if (readers == 0) return;
    thread_ = std::thread([this, &cache] {
      QuoteView view;
      while (!stop_.load(std::memory_order_relaxed)) {
        for (SymbolId id = 0; id < kSymbols; ++id) {
          (cache.Read(id, kSixNeighbours, &view) ? reads_ : given_up_) += 1;
        }
      }
    });
  }

  void StopAndTell(benchmark::State& state) {
    if (!thread_.joinable()) return;
    stop_ = true;
    thread_.join();
    state.counters["reads"] = benchmark::Counter(static_cast<double>(reads_),
                                                 benchmark::Counter::kIsRate);
    state.counters["given_up"] = static_cast<double>(given_up_);
  }

 private:
  std::atomic<bool> stop_{false};
  uint64_t reads_ = 0, given_up_ = 0;
  std::thread thread_;
};

// Five times, with nobody else and with a reader on the other core.
void WithReaders(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("readers")->Arg(0)->Arg(1)->Repetitions(5);
  benchmark->ReportAggregatesOnly(true);
}

void UpdateThreeNeighbours(benchmark::State& state) {
  WideCache wide;
  Reader reader(wide.cache, state.range(0));
  int64_t n = 0;
  for (auto _ : state) {
    ++n;
    const std::array<Change, 3> changes = {
        {{kFirstAt, n}, {kFirstAt + 1, n + 1}, {kFirstAt + 2, n + 2}}};
    wide.cache.Update(wide.order[static_cast<size_t>(n) % kOrder], changes, n,
                      n);
  }
  reader.StopAndTell(state);
}
BENCHMARK(UpdateThreeNeighbours)->Apply(WithReaders);

void ReadSixNeighbours(benchmark::State& state) {
  WideCache wide;
  Reader reader(wide.cache, state.range(0));
  QuoteView view;
  size_t n = 0;
  for (auto _ : state) {
    const bool read =
        wide.cache.Read(wide.order[++n % kOrder], kSixNeighbours, &view);
    benchmark::DoNotOptimize(read);
    benchmark::DoNotOptimize(view);
  }
  reader.StopAndTell(state);
}
BENCHMARK(ReadSixNeighbours)->Apply(WithReaders);

}  // namespace

// The same memory and what is stored there, without the rules by which threads
// share it: what any program would pay that keeps fields there. External
// linkage, for ConflationCache knows it by name.
class BareSlots {
 public:
  explicit BareSlots(const ConflationCache& cache) : cache_(cache) {}

  void Update(SymbolId id, std::span<const Change> changes, int64_t n) const {
    Word* const slot = cache_.slots_[id].load(std::memory_order_relaxed);
    const uint64_t version = Get(slot[Cache::kVersion]) + 1;
    for (const Change& change : changes) {
      Word* const cell =
          Cache::Cell(slot, static_cast<size_t>(change.position));
      const auto value = static_cast<uint64_t>(change.value);
      if (Get(cell[Cache::kValue]) == value) continue;
      Put(cell[Cache::kValue], value);
      Put(cell[Cache::kStamp], version);
    }
    Put(slot[Cache::kVersion], version);
    Put(slot[Cache::kTicks], Get(slot[Cache::kTicks]) + 1);
    Put(slot[Cache::kReceived], static_cast<uint64_t>(n));
    Put(slot[Cache::kEvent], static_cast<uint64_t>(n));
  }

  void Read(SymbolId id, std::span<const uint8_t> positions,
            QuoteView* out) const {
    Word* const slot = cache_.slots_[id].load(std::memory_order_relaxed);
    out->version = Get(slot[Cache::kVersion]);
    out->ticks = Get(slot[Cache::kTicks]);
    out->received_ns = static_cast<int64_t>(Get(slot[Cache::kReceived]));
    out->event_ns = static_cast<int64_t>(Get(slot[Cache::kEvent]));
    for (const uint8_t at : positions) {
      const Word* const cell = Cache::Cell(slot, at);
      out->value[at] = static_cast<int64_t>(Get(cell[Cache::kValue]));
      out->stamp[at] = Get(cell[Cache::kStamp]);
    }
  }

 private:
  using Cache = ConflationCache;
  using Word = Cache::Word;
  // What the compiler makes of these is a plain move.
  static uint64_t Get(const Word& word) {
    return word.load(std::memory_order_relaxed);
  }
  static void Put(Word& word, uint64_t value) {
    word.store(value, std::memory_order_relaxed);
  }

  const ConflationCache& cache_;
};

namespace {

// Both ways in turn, a piece of the order each, so that what else the machine
// does meets both. Time is of ours; `ratio` is ours to the bare one.
template <typename Ours, typename Bare>
void Compare(benchmark::State& state, Ours ours, Bare bare) {
  constexpr size_t kPiece = 4096;
  // This thread's own time: others may want the processor.
  const auto now_s = [] {
    timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) +
           1e-9 * static_cast<double>(now.tv_nsec);
  };
  const auto timed = [&](auto step, size_t from) {
    const double begin = now_s();
    for (size_t i = from; i < from + kPiece; ++i) step(i % kOrder);
    return now_s() - begin;
  };
  double ours_s = 0, bare_s = 0;
  size_t at = 0;
  while (state.KeepRunningBatch(kPiece)) {
    // Neither comes upon what the other has just brought into the cache.
    const double s = timed(ours, at);
    bare_s += timed(bare, at + kOrder / 2);
    ours_s += s;
    state.SetIterationTime(s);
    at = (at + kPiece) % kOrder;
  }
  state.counters["ratio"] = ours_s / bare_s;
}

void UpdateThreeRandom(benchmark::State& state) {
  WideCache wide;
  BareSlots bare(wide.cache);
  Reader reader(wide.cache, state.range(0));
  int64_t n = 0;
  const auto changes = [&](size_t i) {
    const auto& at = wide.random[i].at;
    n += 2;
    return std::array<Change, 3>{{{at[0], n}, {at[1], n + 1}, {at[2], n + 2}}};
  };
  Compare(
      state,
      [&](size_t i) { wide.cache.Update(wide.order[i], changes(i), n, n); },
      [&](size_t i) { bare.Update(wide.order[i], changes(i), n); });
  reader.StopAndTell(state);
}
BENCHMARK(UpdateThreeRandom)->Apply(WithReaders)->UseManualTime();

void ReadSixRandom(benchmark::State& state) {
  WideCache wide;
  BareSlots bare(wide.cache);
  Reader reader(wide.cache, state.range(0));
  QuoteView view;
  Compare(
      state,
      [&](size_t i) {
        const bool read =
            wide.cache.Read(wide.order[i], wide.random[i].mask, &view);
        benchmark::DoNotOptimize(read);
        benchmark::DoNotOptimize(view);
      },
      [&](size_t i) {
        bare.Read(wide.order[i], wide.random[i].at, &view);
        benchmark::DoNotOptimize(view);
      });
  reader.StopAndTell(state);
}
BENCHMARK(ReadSixRandom)->Apply(WithReaders)->UseManualTime();

// For one shard; the reader is a shard that takes what is dirty, without end.
void MarkDirty(benchmark::State& state) {
  ShardWake wake(kSymbols, [] {});
  const std::vector<SymbolId> order = RandomOrder();
  std::atomic<bool> stop = false;
  std::thread shard;
  if (state.range(0) == 1) {
    shard = std::thread([&] {
      uint64_t taken = 0;
      while (!stop.load(std::memory_order_relaxed)) {
        wake.BeginTurn();
        wake.Take(kSymbols, [&](size_t, uint64_t bits) { taken ^= bits; });
      }
      benchmark::DoNotOptimize(taken);
    });
  }
  size_t n = 0;
  for (auto _ : state) wake.Mark(order[++n % kOrder]);
  stop = true;
  if (shard.joinable()) shard.join();
}
BENCHMARK(MarkDirty)->Apply(WithReaders);

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
