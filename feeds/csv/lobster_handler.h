// LOBSTER's rows -> ticks. On the feed's thread, within the publisher's
// batches.
//
// - bid, ask, their sizes and up to ten levels: the orderbook's row, which is
//   the book behind its message; quote_time: when one of them changed last.
// - last, last_size, trade_time, open, high, low, change, volume, tape: each
//   execution, of visible orders (4) and of hidden ones (5). Who took is known
//   of the former alone. A cross (6) adds to the volume and goes to the tape,
//   and sets no last price: as ITCH's Q, which it is made of.
// - trading: "halted", "auction" (quoting goes on) and "open" again as type 7
//   says; unknown before.
// - Prices have 4 decimals, sizes none.
// - RollDay begins a day: prices of all symbols roll (day_fields.h).

#ifndef STREAMHUB_FEEDS_CSV_LOBSTER_HANDLER_H_
#define STREAMHUB_FEEDS_CSV_LOBSTER_HANDLER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/csv/lobster.h"
#include "feeds/day_fields.h"
#include "feeds/publisher.h"
#include "feeds/top_levels.h"

namespace streamhub::csv {

class LobsterHandler {
 public:
  // `publisher` outlives this.
  explicit LobsterHandler(Publisher& publisher) : publisher_(publisher) {}

  // The number of the symbol, for On().
  size_t Use(std::string_view code);

  // Publishes both. False, and the trade counts for nothing, if it would make
  // the day's volume too big.
  bool On(size_t symbol, int64_t time_ns, const LobsterMessage& message,
          const LobsterBook& book);

  // The rows that follow are of another day than those before.
  void RollDay(int64_t event_ns);

 private:
  struct State {
    std::string code;
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    DayFields day;
    TopSide bids_told;
    TopSide asks_told;
  };

  bool OnTrade(State& state, int64_t time_ns, const LobsterMessage& message);
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  void PutDay(const DayFields& day);
  void Send(const State& state, int64_t time_ns);

  Publisher& publisher_;
  std::vector<State> states_;
  // The tick that is being made.
  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_LOBSTER_HANDLER_H_
