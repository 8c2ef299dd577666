// FIX market data messages -> ticks: keeps each instrument's book, day and
// trading status, and publishes what each message changed: one tick for the
// entries of one instrument that stand together. On the feed's thread, within
// the publisher's batches.
//
// By "FIX 4.4", volume 3, "Market Data", and "FIX 5.0 SP2". MDEntryType(269):
// - bid (0), offer (1), empty book (J) -> bid, ask, their sizes and ten levels,
//   by price_book.h. A full refresh (W) with any of them, or with no entry at
//   all, begins with an empty book. quote_time: when the venue last said
//   something of the published levels.
// - trade (2), new -> last, last_size, trade_time, open, high, low, change,
//   volume, and the tape, with TradeID(1003) or MDEntryID(278) and
//   AggressorSide(2446). In a full refresh it is the last one, which was
//   before: last, last_size, trade_time and change only. Deleted: the tape
//   tells that it is void; what was printed stays. Changed: counted.
// - index value (3) -> last, trade_time, open, high, low, change; no volume and
//   no tape, as nobody traded it.
// - opening (4), closing (5), settlement (6), session high (7) and low (8),
//   VWAP (9), trade volume (B), open interest (C): as the venue states them, by
//   stated_day.h; prev_close: closing. Theoretical and expected ones, by
//   OpenCloseSettlFlag(286), are counted.
// - All others are counted.
//
// The instrument of an entry of X: its Symbol(55) or SecurityID(48); else, of
// an entry that is there by id, that one's; else that of the entry before.
// `trading`: by SecurityTradingStatus(326) of f unless that says open, else by
// TradSesStatus(340) of h, for the instrument that it names, or for all.
//
// Times: MDEntryTime(273) with MDEntryDate(272), or, without a date, on the day
// that brings it nearest to the sending; else TransactTime(60) of the entry, of
// the message; else OrigSendingTime(122); else SendingTime(52).
//
// Decimals as in feeds/csv/decimals.h. A price or size that does not fit the
// symbol's is never rounded: its entry is refused.

#ifndef STREAMHUB_FEEDS_FIX_FIX_HANDLER_H_
#define STREAMHUB_FEEDS_FIX_FIX_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/csv/decimals.h"
#include "feeds/fix/messages.h"
#include "feeds/fix/price_book.h"
#include "feeds/fix/stated_day.h"
#include "feeds/publisher.h"

namespace streamhub::fix {

// Entries that were understood and had no effect, by kind.
struct Ignored {
  int64_t other_types = 0;     // no type that becomes a field
  int64_t unknown = 0;         // refer to nothing that is there
  int64_t trades_changed = 0;  // what was printed stays

  friend bool operator==(const Ignored&, const Ignored&) = default;
};

class FixHandler {
 public:
  // `publisher` outlives this.
  FixHandler(Publisher& publisher, csv::DecimalsFinder decimals);

  // A message that will come. Only before the first On().
  void Survey(const Message& message);
  bool NeedsSurvey() const;

  // A message with a SendingTime. Returns how many of its entries were refused,
  // of which the first one's refusal() tells.
  int On(const Message& message);

  // "MDEntryPx(270) '1.555' of EUR/USD has more than the 2 decimals of the
  // symbol"
  const std::string& refusal() const { return refusal_; }

  // A day begins: prices of all symbols roll, books stay.
  void RollDay(int64_t event_ns);

  // The messages begin again (the epoch is a new one): books are empty, nothing
  // was traded. Symbols keep their decimals.
  void StartAgain();

  const Ignored& ignored() const { return ignored_; }

 private:
  struct State {
    std::string code;
    bool defined = false;            // once a price or size came
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    csv::Decimals decimals;
    PriceBook book;
    StatedDay day;
    std::string_view status;               // of f; empty: none
    std::string_view session;              // of h that names it; likewise
    std::string_view trading = "unknown";  // as published
    // Of the tick that is put together.
    bool day_changed = false;
    std::optional<int64_t> book_ns;
  };

  // Null: there are too many, or it has no name.
  State* StateOf(std::string_view code);
  void Define(State& state, const Entry& entry);

  void OnSnapshot(const Message& message);
  void OnIncremental(const Message& message);
  void OnSecurityStatus(const Message& message);
  void OnSessionStatus(const Message& message);

  void OnEntry(State& state, const Message& message, const Entry& entry,
               int64_t event_ns);
  void OnBook(State& state, const Message& message, const Entry& entry,
              std::optional<Side> side, int64_t event_ns);
  void OnTrade(State& state, const Message& message, const Entry& entry,
               int64_t event_ns);
  void OnIndex(State& state, const Entry& entry, int64_t event_ns);
  void OnStated(State& state, const Entry& entry, FieldId field);
  void OnClose(State& state, const Entry& entry);
  void ClearBook(State& state);
  void Own(std::string_view id, State& state);
  void Disown(std::string_view id, const State& state);
  State* OwnerOf(const Entry& entry);

  bool Scale(const State& state, int tag, std::string_view text,
             std::optional<int64_t>* value);
  void Refuse(std::string_view code, int tag, std::string_view text,
              std::string_view why);
  void Ignore(int64_t* kind);

  std::string_view TradingOf(const State& state) const;
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  void PutSide(State& state, Side side);
  void Send(State& state, int64_t event_ns);

  Publisher& publisher_;
  csv::DecimalsFinder decimals_;
  std::deque<State> states_;
  absl::flat_hash_map<std::string, State*> by_code_;
  State* last_state_ = nullptr;  // that was asked for; most logs are of few
  // The instrument of an entry that is there by id, for entries that do not
  // say it.
  absl::flat_hash_map<EntryId, State*> owners_;
  std::string_view session_;  // of h that names no instrument; empty: none
  Ignored ignored_;
  int refused_ = 0;  // of the message at hand
  std::string refusal_;

  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_FIX_HANDLER_H_
