// A market whose symbols have all fields of a quote, and a feed that ticks
// them: what the benchmarks of encoding start from. One thread.

#ifndef STREAMHUB_BENCH_SUPPORT_FILLED_MARKET_H_
#define STREAMHUB_BENCH_SUPPORT_FILLED_MARKET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

// Goes on only by hand, so that no turn is cut short and every run is the same.
class StillClock final : public Clock {
 public:
  int64_t WallNs() const override { return 1'700'000'000 * kSecond + mono_ns_; }
  int64_t MonoNs() const override { return mono_ns_; }
  void Advance(int64_t ns) { mono_ns_ += ns; }

 private:
  int64_t mono_ns_ = kSecond;
};

class FilledMarket {
 public:
  explicit FilledMarket(size_t symbols)
      : market("live", symbols, 1),
        publisher(market, market.AddFeed(Info()), counters, clock) {
    publisher.SetStatus(FeedStatus::kLive);
    for (size_t i = 0; i < symbols; ++i) {
      SymbolInfo symbol;
      symbol.code = "S" + std::to_string(i);
      symbol.layout = &QuoteLayout();
      symbol.price_decimals = 2;
      const auto id = publisher.Define(std::move(symbol));
      STREAMHUB_CHECK(id.ok());
      publisher.BeginBatch();
      publisher.Publish(*id,
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
      publisher.EndBatch();
      Tick(*id, 18'990);
    }
  }

  // As an ordinary tick does: both sides of the quote and its time.
  void Tick(SymbolId id, int64_t bid) {
    publisher.BeginBatch();
    publisher.Publish(id,
                      {{FieldId::kBid, bid},
                       {FieldId::kBidSize, 300},
                       {FieldId::kAsk, bid + 10},
                       {FieldId::kAskSize, 500},
                       {FieldId::kQuoteTime, 1'700'000'000 * kSecond + bid}},
                      1'700'000'000 * kSecond);
    publisher.EndBatch();
  }

  QuoteView Read(SymbolId id) const {
    QuoteView view;
    STREAMHUB_CHECK(market.cache().Read(id, QuoteLayout().all(), &view));
    return view;
  }

  StillClock clock;
  Counters counters;
  Market market;
  Publisher publisher;

 private:
  // Nothing is old, however long a benchmark takes.
  static FeedInfo Info() {
    FeedInfo info;
    info.name = "bench";
    info.stale_after_ns = info.quiet_after_ns = 3600 * kSecond;
    return info;
  }
};

}  // namespace streamhub

#endif  // STREAMHUB_BENCH_SUPPORT_FILLED_MARKET_H_
