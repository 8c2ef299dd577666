// What an update costs to encode, in each encoding, and what it costs when
// another session of the same turn has had it encoded already.
//
//   build/release/bench/codec_benchmark

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>

#include "bench/support/filled_market.h"
#include "gateway/base/check.h"
#include "gateway/codec/flat_writer.h"
#include "gateway/codec/frame_cache.h"
#include "gateway/codec/json_writer.h"
#include "gateway/codec/message_writer.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 1'000;

// One quote: all fields of a snapshot, or what one tick changed.
template <typename Writer>
void EncodeQuote(benchmark::State& state, bool snapshot) {
  FilledMarket filled(kSymbols);
  Writer writer(filled.market);
  const uint64_t before = filled.Read(0).version;
  filled.Tick(0, 19'000);
  const QuoteView view = filled.Read(0);
  const FieldMask fields = snapshot
                               ? QuoteLayout().all()
                               : view.ChangedSince(before, QuoteLayout().all());
  std::string out;
  for (auto _ : state) {
    out.clear();
    writer.EncodeQuote(0, view, fields, snapshot,
                       snapshot ? QuietNote::kNotQuiet : QuietNote::kNone,
                       &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(out.size()));
}

template <typename Writer>
void EncodeSnapshot(benchmark::State& state) {
  EncodeQuote<Writer>(state, true);
}
BENCHMARK_TEMPLATE(EncodeSnapshot, JsonWriter);
BENCHMARK_TEMPLATE(EncodeSnapshot, FlatWriter);

template <typename Writer>
void EncodeTick(benchmark::State& state) {
  EncodeQuote<Writer>(state, false);
}
BENCHMARK_TEMPLATE(EncodeTick, JsonWriter);
BENCHMARK_TEMPLATE(EncodeTick, FlatWriter);

// The first session that needs an update in a turn: reads and encodes. Then
// `range(0)` - 1 further sessions, which find it. Time is per session.
template <typename Writer>
void UpdateSince(benchmark::State& state) {
  FilledMarket filled(kSymbols);
  Writer writer(filled.market);
  FrameCache frames(filled.market, filled.counters);
  std::array<uint64_t, kSymbols> cursors;
  for (SymbolId id = 0; id < kSymbols; ++id) {
    cursors[id] = filled.Read(id).version;
    filled.Tick(id, 19'000);
  }
  const int64_t now_ns = filled.clock.WallNs();
  FrameCache::Frame frame;
  for (auto _ : state) {
    frames.BeginTurn(now_ns);
    for (SymbolId id = 0; id < kSymbols; ++id) {
      for (int64_t session = 0; session < state.range(0); ++session) {
        const auto result =
            frames.UpdateSince(id, cursors[id], QuoteLayout().all(),
                               QuietNote::kNotQuiet, writer, &frame);
        STREAMHUB_CHECK(result == FrameCache::Result::kFrame);
        benchmark::DoNotOptimize(frame);
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0) *
                          static_cast<int64_t>(kSymbols));
}
BENCHMARK_TEMPLATE(UpdateSince, JsonWriter)->Arg(1)->Arg(10)->Arg(100);
BENCHMARK_TEMPLATE(UpdateSince, FlatWriter)->Arg(1)->Arg(10)->Arg(100);

}  // namespace
}  // namespace streamhub

BENCHMARK_MAIN();
