// A market with one feed, its publisher and a manual clock: what most tests
// above the market layer start from. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_TEST_MARKET_H_
#define STREAMHUB_TESTS_SUPPORT_TEST_MARKET_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/publisher.h"
#include "gateway/base/check.h"
#include "gateway/market/market.h"
#include "tests/support/manual_clock.h"

namespace streamhub {

class TestMarket {
 public:
  explicit TestMarket(size_t symbols_max = 1000, FeedInfo feed_info = Info(),
                      uint32_t tape = 0)
      : market("live", symbols_max, /*epoch_seed=*/1),
        feed(market.AddFeed(std::move(feed_info))),
        publisher(market, feed, counters, clock, tape) {}

  // A symbol of the feed, two decimals, dollars.
  SymbolId Add(std::string_view code, const Layout& layout = QuoteLayout()) {
    SymbolInfo info;
    info.code = std::string(code);
    info.name = "Name of " + info.code;
    info.currency = "USD";
    info.pip = 1;
    info.layout = &layout;
    const auto id = publisher.Define(std::move(info));
    STREAMHUB_CHECK(id.ok());
    return *id;
  }

  // One tick in a batch of its own.
  void Tick(SymbolId id, std::initializer_list<FieldValue> values,
            int64_t event_ns = 0) {
    publisher.BeginBatch();
    publisher.Publish(id, values, event_ns);
    publisher.EndBatch();
  }

  // The state of the symbol; only for use without a concurrent writer.
  QuoteView Read(SymbolId id) const {
    QuoteView view;
    const FieldMask all = market.symbols().Get(id).layout->all();
    STREAMHUB_CHECK(market.cache().Read(id, all, &view));
    return view;
  }

  int64_t Value(SymbolId id, FieldId field) const {
    const int position = market.symbols().Get(id).layout->PositionOf(field);
    STREAMHUB_CHECK(position >= 0);
    return Read(id).value[position];
  }

  static FeedInfo Info() {
    FeedInfo info;
    info.name = "test";
    return info;
  }

  ManualClock clock;
  Counters counters;
  Market market;
  const FeedId feed;
  Publisher publisher;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_TEST_MARKET_H_
