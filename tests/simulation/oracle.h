// What the market must hold, kept by other means than the product's: plain
// values, versions and ticks, in the order in which the simulation made them.

#ifndef STREAMHUB_TESTS_SIMULATION_ORACLE_H_
#define STREAMHUB_TESTS_SIMULATION_ORACLE_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/publisher.h"
#include "gateway/market/market.h"

namespace streamhub::simulation {

// Fields by the dictionary, not by layout: bit i is FieldId i.
using FieldSet = uint64_t;
static_assert(kFieldCount <= 64);

constexpr FieldSet Bit(FieldId field) {
  return FieldSet{1} << static_cast<int>(field);
}

struct QuoteState {
  uint64_t version = 0;
  uint64_t ticks = 0;
  int64_t received_ns = 0;
  int64_t event_ns = 0;
  int64_t usual_ns = 0;  // between two ticks; 0: not known
  std::array<int64_t, kFieldCount> value;
  std::array<uint64_t, kFieldCount> changed{};  // version of the last change

  QuoteState() { value.fill(kEmpty); }

  FieldSet ChangedSince(uint64_t cursor, FieldSet fields) const;
};

struct OracleSymbol {
  SymbolId id = 0;
  SymbolInfo info;
  FieldSet fields = 0;             // of its layout
  bool writer_inside = false;      // a read fails now
  std::vector<QuoteState> recent;  // from the begin of the turn to now

  const QuoteState& now() const { return recent.back(); }

  // The state after so many ticks; null if it was over before this turn.
  const QuoteState* After(uint64_t ticks) const;
};

struct OracleFeed {
  FeedInfo info;
  FeedStatus status = FeedStatus::kDown;
  int64_t heartbeat_ns = 0;
  int64_t since_ns = 0;  // so long its status is what the last word made it

  FeedStatus At(int64_t mono_ns) const {
    const bool silent = mono_ns - heartbeat_ns > info.stale_after_ns;
    return status == FeedStatus::kLive && silent ? FeedStatus::kStale : status;
  }

  // Since when it is what it is now.
  int64_t Since(int64_t mono_ns) const {
    return At(mono_ns) == status ? since_ns
                                 : heartbeat_ns + info.stale_after_ns;
  }

  void Hear(FeedStatus word, int64_t mono_ns) {
    if (At(mono_ns) != word) since_ns = mono_ns;
    status = word;
    heartbeat_ns = mono_ns;
  }
};

class Oracle {
 public:
  // The fields that a subscription gets: those asked for that the symbol has,
  // and trading.
  static FieldSet Effective(const OracleSymbol& symbol, bool all,
                            std::span<const FieldId> asked);

  OracleSymbol& Define(SymbolId id, SymbolInfo info);
  void Tick(OracleSymbol& symbol, std::span<const FieldValue> values,
            int64_t received_ns, int64_t event_ns);
  void Clear(OracleSymbol& symbol);

  // A turn of the server begins: it knows of the symbols there are now, and
  // may tell of no older state than the present.
  void BeginTurn(const Market& market, int64_t wall_ns);

  // Null if there is no such symbol, or the server has not met it yet.
  OracleSymbol* Known(std::string_view code);

  // The silence that makes it quiet: that of its feed, or five of its own.
  int64_t QuietAfter(const OracleSymbol& symbol,
                     const QuoteState& state) const {
    return std::max(feeds[symbol.info.feed].info.quiet_after_ns,
                    5 * state.usual_ns);
  }
  bool Quiet(const OracleSymbol& symbol, const QuoteState& state,
             int64_t wall_ns) const {
    return wall_ns - state.received_ns > QuietAfter(symbol, state);
  }
  bool Quiet(const OracleSymbol& symbol, int64_t wall_ns) const {
    return Quiet(symbol, symbol.now(), wall_ns);
  }

  std::deque<OracleSymbol> symbols;
  std::vector<OracleFeed> feeds;
  size_t symbols_known = 0;  // to the server since its last turn
  std::string epoch;         // as the server knows it since its last turn
  int64_t turn_wall_ns = 0;
};

}  // namespace streamhub::simulation

#endif  // STREAMHUB_TESTS_SIMULATION_ORACLE_H_
