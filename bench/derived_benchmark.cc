// What a derived symbol costs: its formula, and a turn of the engine from the
// ticks of its inputs to its own.
//
//   build/release/bench/derived_benchmark
//
// A turn takes what ticked, reads it, computes and publishes; the ticks of the
// inputs are not in its time, and `items_per_second` are derived symbols.
// Medians of five.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/support/filled_market.h"
#include "feeds/derived/derived_engine.h"
#include "gateway/base/check.h"

namespace streamhub::derived {
namespace {

void Medians(benchmark::internal::Benchmark* benchmark) {
  benchmark->Repetitions(5)->ReportAggregatesOnly(true);
}

void Compute(benchmark::State& state, const char* text, size_t count) {
  const auto definition = ParseDefinition(text);
  STREAMHUB_CHECK(definition.ok());
  const std::vector<int> decimals(count, 5);
  const auto formula = Formula::Make(*definition, decimals, 5);
  STREAMHUB_CHECK(formula.ok());
  std::vector<Prices> inputs(count, Prices{108512, 108520, 108516});
  int64_t too_big = 0;
  for (auto _ : state) {
    ++inputs[0].bid;
    benchmark::DoNotOptimize(formula->Compute(inputs, &too_big));
  }
  STREAMHUB_CHECK(too_big == 0);
}
BENCHMARK_CAPTURE(Compute, mid, "X=mid(A)", 1)->Apply(Medians);
BENCHMARK_CAPTURE(Compute, cross, "X=cross(A,B)", 2)->Apply(Medians);
BENCHMARK_CAPTURE(Compute, basket_of_10,
                  "X=basket(1.5*A,B,C,D,E,F,G,H,I,-2*J) divisor=3", 10)
    ->Apply(Medians);

// Of `range(0)` crosses, of all of which every input ticked.
void Turn(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  const StillClock clock;
  Market market("live", 2 * count + 1, 1);
  FeedInfo info;
  info.name = "bench";
  info.stale_after_ns = 3600 * kSecond;
  Counters counters;
  Publisher feed(market, market.AddFeed(info), counters, clock);
  const auto sets = AddFeedSets(market);
  ShardWake& wake = market.AddShard([] {});
  Publisher publisher(market, sets[0].feed, counters, clock);
  std::vector<std::string> texts;
  std::vector<SymbolId> ids;
  for (size_t i = 0; i <= count; ++i) {
    SymbolInfo symbol;
    symbol.code = "S" + std::to_string(i);
    symbol.price_decimals = 5;
    symbol.layout = &QuoteLayout();
    ids.push_back(feed.Define(std::move(symbol)).value());
    if (i == count) break;
    texts.push_back("X" + std::to_string(i) + "=cross(S" + std::to_string(i) +
                    ",S" + std::to_string(i + 1) + ")");
  }
  feed.SetStatus(FeedStatus::kLive);
  DerivedEngine engine(MakePlan(texts).value(), sets, {&publisher}, wake);
  engine.Turn();
  int64_t n = 0;
  for (auto _ : state) {
    state.PauseTiming();
    ++n;
    feed.BeginBatch();
    for (const SymbolId id : ids) {
      feed.Publish(id,
                   {{FieldId::kBid, 108'512 + n},
                    {FieldId::kAsk, 108'520 + n},
                    {FieldId::kLast, 108'516 + n}},
                   n);
    }
    feed.EndBatch();
    state.ResumeTiming();
    engine.Turn();
  }
  state.SetItemsProcessed(n * static_cast<int64_t>(count));
}
BENCHMARK(Turn)->Arg(100)->Arg(1000)->Apply(Medians);

}  // namespace
}  // namespace streamhub::derived

BENCHMARK_MAIN();
