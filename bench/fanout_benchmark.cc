// One turn of a shard over sessions that take whatever they are sent: from the
// dirty bits to a batch for each session, without sockets.
//
//   build/release/bench/fanout_benchmark
//
// 1000 sessions, each with 10 random symbols of 1000 at an unlimited rate.
// Before each turn, untimed, a part of the symbols ticks. Time is per turn,
// items are updates.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

#include "bench/support/still_shard.h"

namespace streamhub {
namespace {

// range(0): one in so many symbols ticks.
void Turn(benchmark::State& state, Envelope envelope) {
  StillShard shard(envelope);
  const int64_t updates = shard.updates(), messages = shard.messages();
  for (auto _ : state) {
    state.PauseTiming();
    shard.TickEvery(static_cast<size_t>(state.range(0)));
    state.ResumeTiming();
    shard.Turn();
  }
  state.SetItemsProcessed(shard.updates() - updates);
  state.counters["updates_per_turn"] =
      benchmark::Counter(static_cast<double>(shard.updates() - updates),
                         benchmark::Counter::kAvgIterations);
  state.counters["messages_per_turn"] =
      benchmark::Counter(static_cast<double>(shard.messages() - messages),
                         benchmark::Counter::kAvgIterations);
}
BENCHMARK_CAPTURE(Turn, lines, Envelope::kLines)->Arg(1)->Arg(10)->Arg(100);
BENCHMARK_CAPTURE(Turn, sse, Envelope::kSse)->Arg(1);

}  // namespace
}  // namespace streamhub

BENCHMARK_MAIN();
