// What is let into a market, as CSV (RFC 4180, lines end with LF): a row per
// tick and per trade. On the thread of the publisher that it is a tap of.
//
// - time, received: RFC 3339 in UTC, to the ns; `time` is the venue's, or
//   `received` where it tells none. symbol. kind: "tick", "trade", or "cancel"
//   of a trade that is void.
// - price, size, side, id, cross: of a trade and of a cancel.
// - Then each field that was asked for: what the symbol has after the tick, all
//   of it and not what changed, so that each row can be read alone. Nothing is
//   a value that is empty.
//
// A CSV replay reads it back with kReadBackColumns: quotes and trades.

#ifndef STREAMHUB_FEEDS_REPLAY_CSV_TAP_H_
#define STREAMHUB_FEEDS_REPLAY_CSV_TAP_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/replay/byte_sink.h"
#include "feeds/tick_tap.h"
#include "gateway/market/field.h"

namespace streamhub {

// As --csv-columns; times are "iso". The fields that it names have to be among
// those that were asked for.
inline constexpr std::string_view kReadBackColumns =
    "time=time,symbol=symbol,bid=bid,bid_size=bid_size,ask=ask,"
    "ask_size=ask_size,last=price,last_size=size,side=side,id=id";

class CsvTap final : public TickTap {
 public:
  // Writes the header. `sink` outlives this, and has its errors.
  CsvTap(ByteSink& sink, std::span<const FieldId> fields);

  void OnSymbol(SymbolId id, const SymbolInfo& info) override;
  void OnTick(SymbolId id, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override;
  void OnTrade(SymbolId id, const TradeReport& trade, int64_t received_ns,
               int64_t event_ns) override;
  void OnStatus(FeedStatus, int64_t) override {}
  void OnEpoch(uint64_t epoch, int64_t received_ns) override;

 private:
  struct Held {
    const SymbolInfo* info = nullptr;
    std::vector<int64_t> values;  // by column
  };

  void Empty(Held* held) const;
  void BeginRow(const Held& held, std::string_view kind, int64_t received_ns,
                int64_t event_ns);
  void EndRow(const Held& held);
  void Comma() { row_ += ','; }

  ByteSink& sink_;
  const std::vector<FieldId> fields_;
  std::array<int16_t, kFieldCount> columns_;  // of fields; -1: not asked for
  std::vector<Held> symbols_;                 // by id
  std::string row_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_CSV_TAP_H_
