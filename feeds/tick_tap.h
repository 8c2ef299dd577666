// Who is told of everything that a publisher lets into the cache: a recorder, a
// conversion, an inspection. See Publisher::SetTap.

#ifndef STREAMHUB_FEEDS_TICK_TAP_H_
#define STREAMHUB_FEEDS_TICK_TAP_H_

#include <cstdint>
#include <span>

#include "feeds/field_value.h"
#include "feeds/tape.h"
#include "gateway/market/feed_board.h"
#include "gateway/market/symbol.h"

namespace streamhub {

// Called on the thread of the publisher's feed, in the order of the calls of
// the publisher, after what they tell is in the cache. What a call brings is
// valid during the call, but for `info`, which lives as long as the market.
// Times are in ns since 1970 UTC; `event_ns` is 0 if the venue tells none.
class TickTap {
 public:
  virtual ~TickTap() = default;

  // A symbol that is new to this publisher: its `trading` is "unknown" and all
  // else is empty, without a tick that says so.
  virtual void OnSymbol(SymbolId id, const SymbolInfo& info) = 0;
  // `values` may have fields that the symbol's layout lacks.
  virtual void OnTick(SymbolId id, std::span<const FieldValue> values,
                      int64_t received_ns, int64_t event_ns) = 0;
  virtual void OnTrade(SymbolId id, const TradeReport& trade,
                       int64_t received_ns, int64_t event_ns) = 0;
  virtual void OnStatus(FeedStatus status, int64_t received_ns) = 0;
  // So many numbered messages of the source were lost.
  virtual void OnGap(uint64_t messages, int64_t received_ns) {
    static_cast<void>(messages), static_cast<void>(received_ns);
  }
  // All symbols of the publisher are as new ones are.
  virtual void OnEpoch(uint64_t epoch, int64_t received_ns) = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_TICK_TAP_H_
