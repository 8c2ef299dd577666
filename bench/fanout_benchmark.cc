// One turn of a shard over sessions that take whatever they are sent: from the
// dirty bits to a batch for each session, without sockets.
//
//   build/release/bench/fanout_benchmark
//
// 1000 sessions, each with 10 random symbols of 1000 at an unlimited rate.
// Before each turn, untimed, a part of the symbols ticks. Time is per turn,
// items are updates.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"
#include "gateway/session/fanout.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"

namespace streamhub {
namespace {

constexpr size_t kSymbols = 1'000;
constexpr size_t kSessions = 1'000;
constexpr size_t kEach = 10;

// Stands still while a turn is measured, so that none is cut short.
class StillClock final : public Clock {
 public:
  int64_t WallNs() const override { return 1'700'000'000 * kSecond + mono_ns_; }
  int64_t MonoNs() const override { return mono_ns_; }
  void Advance(int64_t ns) { mono_ns_ += ns; }

 private:
  int64_t mono_ns_ = kSecond;
};

class TakingTransport final : public Transport {
 public:
  explicit TakingTransport(Envelope envelope) : envelope_(envelope) {}
  Envelope envelope() const override { return envelope_; }
  bool Send(std::string& batch) override {
    bytes += batch.size() - kBatchHeadroom;
    return true;
  }
  void ResumeReading() override {}
  void Close(CloseReason) override {}

  size_t bytes = 0;

 private:
  const Envelope envelope_;
};

class Shard {
 public:
  explicit Shard(Envelope envelope)
      : market_("live", kSymbols, 1),
        publisher_(market_, market_.AddFeed(Info()), counters_, clock_),
        fanout_(market_, market_.AddShard([] {}), counters_, clock_, {}) {
    publisher_.SetStatus(FeedStatus::kLive);
    for (size_t i = 0; i < kSymbols; ++i) {
      SymbolInfo symbol;
      symbol.code = "S" + std::to_string(i);
      symbol.layout = &QuoteLayout();
      symbol.price_decimals = 2;
      STREAMHUB_CHECK(publisher_.Define(std::move(symbol)).ok());
    }
    TickEvery(1);
    std::mt19937 random(1);
    for (size_t i = 0; i < kSessions; ++i) {
      Session* session = fanout_.Open(&transports_.emplace_back(envelope));
      STREAMHUB_CHECK(session != nullptr);
      sessions_.push_back(session);
      std::string request = R"({"type":"subscribe","max_rate":"unlimited",)";
      request += R"("fields":["bid","bid_size","ask","ask_size"],"symbols":[)";
      std::set<size_t> symbols;
      while (symbols.size() < kEach) symbols.insert(random() % kSymbols);
      for (const size_t symbol : symbols) {
        if (request.back() != '[') request += ',';
        request += "\"S" + std::to_string(symbol) + '"';
      }
      STREAMHUB_CHECK(session->OnMessage(request + "]}"));
    }
    while (fanout_.Turn()) continue;
  }

  ~Shard() {
    for (Session* session : sessions_) session->OnClosed();
  }

  // One in `n` symbols ticks.
  void TickEvery(size_t n) {
    clock_.Advance(kMillisecond);
    ++bid_;
    publisher_.BeginBatch();
    for (SymbolId id = 0; id < kSymbols; id += static_cast<SymbolId>(n)) {
      publisher_.Publish(id,
                         {{FieldId::kBid, bid_},
                          {FieldId::kBidSize, bid_ % 100},
                          {FieldId::kAsk, bid_ + 1},
                          {FieldId::kAskSize, bid_ % 70}},
                         0);
    }
    publisher_.EndBatch();
  }

  void Turn() {
    while (fanout_.Turn()) continue;
  }

  int64_t updates() const { return counters_.Get(Metric::kUpdates); }
  int64_t messages() const { return counters_.Get(Metric::kMessages); }

 private:
  static FeedInfo Info() {
    FeedInfo info;
    info.name = "bench";
    info.stale_after_ns = 3600 * kSecond;
    info.quiet_after_ns = 3600 * kSecond;
    return info;
  }

  StillClock clock_;
  Counters counters_;
  Market market_;
  Publisher publisher_;
  std::deque<TakingTransport> transports_;
  std::vector<Session*> sessions_;
  Fanout fanout_;
  int64_t bid_ = 10'000;
};

// range(0): one in so many symbols ticks.
void Turn(benchmark::State& state, Envelope envelope) {
  Shard shard(envelope);
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
