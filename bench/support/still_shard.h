// A shard without sockets or time of its own: sessions that take whatever they
// are sent, each with some random symbols at an unlimited rate. What the
// benchmarks of turns start from. One thread.

#ifndef STREAMHUB_BENCH_SUPPORT_STILL_SHARD_H_
#define STREAMHUB_BENCH_SUPPORT_STILL_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bench/support/filled_market.h"
#include "gateway/session/fanout.h"
#include "gateway/session/session.h"
#include "gateway/session/transport.h"

namespace streamhub {

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

struct StillShardSize {
  size_t symbols = 1000;
  size_t sessions = 1000;
  size_t each = 10;  // symbols of a session
};

class StillShard {
 public:
  explicit StillShard(Envelope envelope, const StillShardSize& size = {})
      : symbols_(size.symbols),
        home_(size.symbols),
        fanout_(home_.market, home_.market.AddShard([] {}), home_.counters,
                home_.clock, {}) {
    TickEvery(1);
    std::mt19937 random(1);
    for (size_t i = 0; i < size.sessions; ++i) {
      Session* session = fanout_.Open(&transports_.emplace_back(envelope));
      STREAMHUB_CHECK(session != nullptr);
      sessions_.push_back(session);
      std::string request = R"({"type":"subscribe","max_rate":"unlimited",)";
      request += R"("fields":["bid","bid_size","ask","ask_size"],"symbols":[)";
      std::set<size_t> symbols;
      while (symbols.size() < size.each) symbols.insert(random() % symbols_);
      for (const size_t symbol : symbols) {
        if (request.back() != '[') request += ',';
        request += "\"S" + std::to_string(symbol) + '"';
      }
      STREAMHUB_CHECK(session->OnMessage(request + "]}"));
    }
    Turn();
  }

  ~StillShard() {
    for (Session* session : sessions_) session->OnClosed();
  }

  // One in `n` symbols ticks.
  void TickEvery(size_t n) {
    home_.clock.Advance(kMillisecond);
    ++bid_;
    home_.publisher.BeginBatch();
    for (SymbolId id = 0; id < symbols_; id += static_cast<SymbolId>(n)) {
      home_.publisher.Publish(id,
                              {{FieldId::kBid, bid_},
                               {FieldId::kBidSize, bid_ % 100},
                               {FieldId::kAsk, bid_ + 1},
                               {FieldId::kAskSize, bid_ % 70}},
                              0);
    }
    home_.publisher.EndBatch();
  }

  void Turn() {
    while (fanout_.Turn()) continue;
  }

  int64_t updates() const { return home_.counters.Get(Metric::kUpdates); }
  int64_t messages() const { return home_.counters.Get(Metric::kMessages); }

 private:
  const size_t symbols_;
  FilledMarket home_;
  std::deque<TakingTransport> transports_;
  std::vector<Session*> sessions_;
  Fanout fanout_;
  int64_t bid_ = 20'000;
};

}  // namespace streamhub

#endif  // STREAMHUB_BENCH_SUPPORT_STILL_SHARD_H_
