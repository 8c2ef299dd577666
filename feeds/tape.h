// The tapes of a feed: each trade that it reports, one message after the other
// and none folded, in a topic per symbol, `tape/CODE`. A publisher's, on its
// feed's thread.
//
// A message is a JSON object: `price` and `size` with the symbol's decimals,
// `time` of the venue in microseconds, and what the feed knows beside them. A
// symbol's topic begins with its first trade. Steady state without allocation.

#ifndef STREAMHUB_FEEDS_TAPE_H_
#define STREAMHUB_FEEDS_TAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/counters.h"
#include "gateway/market/market.h"

namespace streamhub {

// Who took the price that was there.
enum class Taker : uint8_t { kUnknown, kBuyer, kSeller };

// One trade, or that one is void.
struct TradeReport {
  int64_t price = kEmpty;  // scaled as the symbol's description says
  int64_t size = kEmpty;   // likewise; kEmpty: not told
  Taker taker = Taker::kUnknown;
  std::string_view id = {};     // the venue's, UTF-8; empty: none
  std::string_view cross = {};  // of an auction: "opening", "closing", ...
  // The trade of that id does not count; it has neither price nor size.
  bool cancelled = false;
};

class Tape {
 public:
  // `keeps`: messages of each topic; 0: there are no tapes. Both outlive it.
  Tape(Market& market, FeedId feed, Counters& counters, uint32_t keeps)
      : market_(market), feed_(feed), counters_(counters), keeps_(keeps) {}

  // `symbol` is one of the feed's. Times in ns since 1970 UTC; `event_ns` 0 if
  // the venue tells none. What cannot have a topic (`symbols_max`, a code that
  // is too long) is counted, once per symbol.
  void Add(SymbolId symbol, const TradeReport& trade, int64_t event_ns,
           int64_t received_ns);

 private:
  // Instead of a topic: not looked for yet; there is none.
  static constexpr SymbolId kUnknown = ~SymbolId{0};
  static constexpr SymbolId kNone = kUnknown - 1;

  SymbolId TopicOf(SymbolId symbol, int64_t wall_ns);

  Market& market_;
  const FeedId feed_;
  Counters& counters_;
  const uint32_t keeps_;
  std::vector<SymbolId> topics_;  // by symbol
  std::string message_;           // at hand
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_TAPE_H_
