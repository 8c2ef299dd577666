// What recording costs: the ring alone, the feed's side of a tick, and how much
// one recorder's thread takes.
//
//   build/release/bench/recorder_benchmark
//
// "Tapped" beside "Untapped" of the same run is what a feed pays. Times are the
// feed's own thread's.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/publisher.h"
#include "feeds/recorder/recorder.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 10'000;
constexpr size_t kOrder = 1 << 16;
constexpr int kBatch = 64;

// A market of quotes and a recorder that writes to nowhere, or as files.
class Recorded {
 public:
  explicit Recorded(bool tapped, size_t ring_bytes, bool waits = false)
      : market_("live", kSymbols, 1),
        feed_(market_.AddFeed(Info())),
        publisher_(market_, feed_, counters_, SystemClock()) {
    if (tapped) {
      Recorder::Options options;
      options.series.folder = "/tmp";
      options.series.open = [](const std::string&) {
        return absl::StatusOr<std::unique_ptr<ticklog::LogWriter>>(
            std::make_unique<ticklog::LogWriter>(
                [](std::string_view) { return absl::OkStatus(); },
                ticklog::WriterOptions{}));
      };
      options.ring_bytes = ring_bytes;
      options.feeds_wait = waits;
      auto made = Recorder::Create(std::move(options), market_, SystemClock());
      STREAMHUB_CHECK(made.ok());
      recorder_ = *std::move(made);
      publisher_.SetTap(recorder_->AddTap(feed_));
    }
    std::mt19937 random(1);
    for (size_t i = 0; i < kSymbols; ++i) {
      SymbolInfo info;
      info.code = "S" + std::to_string(i);
      info.layout = &QuoteLayout();
      const auto id = publisher_.Define(std::move(info));
      STREAMHUB_CHECK(id.ok());
    }
    for (size_t i = 0; i < kOrder; ++i) {
      order_.push_back(static_cast<SymbolId>(random() % kSymbols));
    }
    if (recorder_ != nullptr) recorder_->Start();
  }

  // Four values: both sides of a quote.
  void Batch() {
    publisher_.BeginBatch();
    for (int i = 0; i < kBatch; ++i, ++number_) {
      publisher_.Publish(order_[static_cast<size_t>(number_) % kOrder],
                         {{FieldId::kBid, number_},
                          {FieldId::kBidSize, number_ % 1000},
                          {FieldId::kAsk, number_ + 1},
                          {FieldId::kAskSize, number_ % 700}},
                         number_);
    }
    publisher_.EndBatch();
  }

  int64_t Lost() const {
    return recorder_ == nullptr
               ? 0
               : recorder_->counters().Get(Metric::kRecordLost);
  }

 private:
  static FeedInfo Info() {
    FeedInfo info;
    info.name = "bench";
    return info;
  }

  Market market_;
  const FeedId feed_;
  Counters counters_;
  Publisher publisher_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<SymbolId> order_;
  int64_t number_ = 0;
};

void BM_RingPutAndTake(benchmark::State& state) {
  constexpr size_t kWords = WordsOfTick(4);
  WordRing ring(1 << 17);
  uint64_t sum = 0;
  for (auto _ : state) {
    STREAMHUB_CHECK(ring.HasRoom(kWords));
    auto to = ring.Begin();
    for (size_t i = 0; i < kWords; ++i) to.Put(i);
    ring.End(to);
    STREAMHUB_CHECK(ring.Readable() == kWords);
    for (size_t i = 0; i < kWords; ++i) sum += ring.At(i);
    ring.Take(kWords);
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_RingPutAndTake);

void PublishBatches(benchmark::State& state, Recorded& recorded) {
  for (auto _ : state) recorded.Batch();
  state.SetItemsProcessed(state.iterations() * kBatch);
  state.counters["lost"] = static_cast<double>(recorded.Lost());
}

void BM_PublishUntapped(benchmark::State& state) {
  Recorded recorded(false, 0);
  PublishBatches(state, recorded);
}
BENCHMARK(BM_PublishUntapped)->Repetitions(5)->ReportAggregatesOnly();

// The ring is as large as all that comes, so that it is the feed's cost and not
// the recorder's that counts.
void BM_PublishTapped(benchmark::State& state) {
  Recorded recorded(true, size_t{1} << 30);
  PublishBatches(state, recorded);
}
BENCHMARK(BM_PublishTapped)
    ->Iterations(100'000)
    ->Repetitions(5)
    ->ReportAggregatesOnly();

// A ring that is full nearly always: what losing a tick costs the feed.
void BM_PublishWhileFull(benchmark::State& state) {
  Recorded recorded(true, 1 << 14);
  PublishBatches(state, recorded);
}
BENCHMARK(BM_PublishWhileFull);

// The feed waits for the recorder: how many ticks a second that takes.
void BM_RecorderThread(benchmark::State& state) {
  Recorded recorded(true, 16 << 20, /*waits=*/true);
  PublishBatches(state, recorded);
}
BENCHMARK(BM_RecorderThread)->UseRealTime()->MinTime(2);

}  // namespace
}  // namespace streamhub

BENCHMARK_MAIN();
