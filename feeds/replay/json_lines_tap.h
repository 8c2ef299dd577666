// What is let into a market, as JSON lines: an object each, told apart by its
// `kind`. On the thread of the publisher that it is a tap of.
//
//   {"kind":"symbol","symbol":"ALPHA","name":..,"currency":..,
//    "price_decimals":2,"quantity_decimals":0,"fields":["trading","bid",..]}
//   {"kind":"tick","time":..,"received":..,"symbol":"ALPHA",
//    "fields":{"bid":18.95,"ask":null}}
//   {"kind":"trade","time":..,"received":..,"symbol":"ALPHA","price":18.95,
//    "size":100,"side":"buy","id":"7","cross":"opening","cancelled":true}
//   {"kind":"status","received":..,"status":"live"}
//   {"kind":"epoch","received":..,"epoch":"17"}
//   {"kind":"gap","records":9,"from":..,"to":..}
//
// Of a tick the fields that it brought, null if one became empty; of a trade
// what is known. Times are RFC 3339 in UTC, to the ns; `time` is the venue's,
// null where it tells none. Numbers are exact: plain decimal.

#ifndef STREAMHUB_FEEDS_REPLAY_JSON_LINES_TAP_H_
#define STREAMHUB_FEEDS_REPLAY_JSON_LINES_TAP_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/replay/byte_sink.h"
#include "feeds/tick_tap.h"

namespace streamhub {

class JsonLinesTap final : public TickTap {
 public:
  // `sink` outlives this, and has its errors.
  explicit JsonLinesTap(ByteSink& sink) : sink_(sink) {}

  void OnSymbol(SymbolId id, const SymbolInfo& info) override;
  void OnTick(SymbolId id, std::span<const FieldValue> values,
              int64_t received_ns, int64_t event_ns) override;
  void OnTrade(SymbolId id, const TradeReport& trade, int64_t received_ns,
               int64_t event_ns) override;
  void OnStatus(FeedStatus status, int64_t received_ns) override;
  void OnEpoch(uint64_t epoch, int64_t received_ns) override;

  // So many records are missing between these times.
  void Gap(uint64_t records, int64_t from_ns, int64_t to_ns);

 private:
  void Begin(std::string_view kind);
  void Key(std::string_view key);
  void Text(std::string_view key, std::string_view text);
  void Time(std::string_view key, int64_t ns);
  void End();

  ByteSink& sink_;
  std::vector<const SymbolInfo*> symbols_;  // by id
  std::string line_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_JSON_LINES_TAP_H_
