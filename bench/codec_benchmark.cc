// What an update costs to encode, in each encoding, and what it costs when
// another session of the same turn has had it encoded already.
//
//   build/release/bench/codec_benchmark

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/codec/flat_writer.h"
#include "gateway/codec/frame_cache.h"
#include "gateway/codec/json_writer.h"
#include "gateway/codec/message_writer.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 1'000;

// A market of kSymbols with all fields of QuoteLayout().
class FilledMarket {
 public:
  FilledMarket()
      : market("live", kSymbols, 1),
        publisher_(market, market.AddFeed(Info()), counters, SystemClock()) {
    publisher_.SetStatus(FeedStatus::kLive);
    for (size_t i = 0; i < kSymbols; ++i) {
      SymbolInfo symbol;
      symbol.code = "S" + std::to_string(i);
      symbol.layout = &QuoteLayout();
      symbol.price_decimals = 2;
      const auto id = publisher_.Define(std::move(symbol));
      STREAMHUB_CHECK(id.ok());
      publisher_.BeginBatch();
      publisher_.Publish(*id,
                         {{FieldId::kTrading, PackText("open")},
                          {FieldId::kLast, 18'995},
                          {FieldId::kLastSize, 100},
                          {FieldId::kVolume, 1'234'500},
                          {FieldId::kOpen, 18'900},
                          {FieldId::kHigh, 19'010},
                          {FieldId::kLow, 18'850},
                          {FieldId::kPrevClose, 18'890},
                          {FieldId::kChange, 105}},
                         1'700'000'000 * kSecond);
      publisher_.EndBatch();
      Tick(*id, 18'990);
    }
  }

  // As an ordinary tick does: both sides of the quote and its time.
  void Tick(SymbolId id, int64_t bid) {
    publisher_.BeginBatch();
    publisher_.Publish(id,
                       {{FieldId::kBid, bid},
                        {FieldId::kBidSize, 300},
                        {FieldId::kAsk, bid + 10},
                        {FieldId::kAskSize, 500},
                        {FieldId::kQuoteTime, 1'700'000'000 * kSecond + bid}},
                       1'700'000'000 * kSecond);
    publisher_.EndBatch();
  }

  Market market;
  Counters counters;

 private:
  static FeedInfo Info() {
    FeedInfo info;
    info.name = "bench";
    return info;
  }

  Publisher publisher_;
};

QuoteView ReadAll(const Market& market, SymbolId id) {
  QuoteView view;
  STREAMHUB_CHECK(market.cache().Read(id, QuoteLayout().all(), &view));
  return view;
}

// One quote: all fields of a snapshot, or what one tick changed.
template <typename Writer>
void EncodeQuote(benchmark::State& state, bool snapshot) {
  FilledMarket filled;
  Writer writer(filled.market);
  const uint64_t before = ReadAll(filled.market, 0).version;
  filled.Tick(0, 19'000);
  const QuoteView view = ReadAll(filled.market, 0);
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
  FilledMarket filled;
  Writer writer(filled.market);
  FrameCache frames(filled.market, filled.counters);
  std::array<uint64_t, kSymbols> cursors;
  for (SymbolId id = 0; id < kSymbols; ++id) {
    cursors[id] = ReadAll(filled.market, id).version;
    filled.Tick(id, 19'000);
  }
  const int64_t now_ns = SystemClock().WallNs();
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
