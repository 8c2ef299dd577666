// DBN records -> ticks: keeps books, the day's trades and the trading status of
// every instrument, and publishes what each event changed. On the feed's
// thread, within the publisher's batches.
//
// - bid, ask, their sizes, ten levels, bid_count and ask_count (orders at the
//   best): of mbo records the book by order; of mbp-10, mbp-1, tbbo, cmbp-1,
//   tcbbo and bbo what the record says. Of a symbol that several kinds of
//   records tell of, the first of these kinds that was seen counts. Published
//   at the last record of an event (flag 0x80), a bbo at once. A snapshot is
//   one event, which ends at the latest with the first record that is not of
//   it; its time is when it was captured, as its orders are of days ago.
//   quote_time: when the published levels last changed.
// - R clears; A adds; C takes off; M replaces, and adds what is not known; T
//   and F never change a book. An A with flag 0x40 replaces its side.
// - last, last_size, trade_time, open, high, low, change, volume: each T, of
//   whatever record, never F, which tells the other side of the same trade. A
//   live stream of several schemas tells a trade once for each of them, and it
//   counts each time.
// - tape: each T; who took is the side of T, if it has one.
// - bars (ohlcv): in a stream that has nothing else, open, high, low and close
//   are the bar's trades and its volume adds to the day's; without last_size,
//   trade_time and tape. In a stream of several schemas they are left out.
//   The time of a bar is that of its start.
// - last, last_size, trade_time of bbo: of symbols without any T only; no day
//   fields, as most trades are not told.
// - trading, by the action of status records: "open" (trading), "halted" (halt,
//   pause, suspend), "closed" (close, post-close, not available). Of the phases
//   around them (pre-open, pre-cross, quoting, cross, rotation, new price
//   indication, pre-close): "open" if the record says that there is trading,
//   else "auction". Other actions change nothing.
// - settlement, open_interest, vwap, limit_up, limit_down, auction_price and
//   auction_size (indicative opening): of statistics; limits of definitions.
// - Prices: decimals by price_scale.h. One that has more than its symbol is
//   never rounded: an order or a level is not shown, a trade is refused, each
//   counted as a rejected tick.
// - Symbols: by symbol_names.h. When a symbol becomes another instrument (the
//   next contract, the next day's number) its book starts empty.

#ifndef STREAMHUB_FEEDS_DBN_DBN_HANDLER_H_
#define STREAMHUB_FEEDS_DBN_DBN_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/day_fields.h"
#include "feeds/dbn/messages.h"
#include "feeds/dbn/metadata.h"
#include "feeds/dbn/order_book.h"
#include "feeds/dbn/price_scale.h"
#include "feeds/dbn/shown_book.h"
#include "feeds/dbn/symbol_names.h"
#include "feeds/publisher.h"

namespace streamhub::dbn {

// Records that were understood and had no effect, by kind.
struct Ignored {
  int64_t adds = 0;      // A of an order that is live, or without size or side
  int64_t cancels = 0;   // C of an order that is not live
  int64_t modifies = 0;  // M that is no order: without size or side
  int64_t actions = 0;   // of mbo or status records, that are not known
  int64_t bars = 0;      // beside other records
  int64_t messages = 0;  // of a live session's errors
  int64_t instruments = 0;  // beyond as many as can be remembered

  friend bool operator==(const Ignored&, const Ignored&) = default;
};

class DbnHandler {
 public:
  // `publisher` outlives this.
  explicit DbnHandler(Publisher& publisher);

  // A stream that will be read. Streams of the same dataset share their
  // instruments, all streams their symbols.
  using StreamId = uint32_t;
  StreamId Open(const Metadata& metadata);

  // The records that follow are of this stream. At least one was opened.
  void Use(StreamId stream);

  // For records of the stream at hand that will come, by Decode().
  DecimalsSurvey& survey() { return survey_; }

  // The configured session roll has come: day fields only.
  void RollDay(int64_t event_ns);

  // By dbn::Decode.
  void On(const Mbo& m);
  void On(const Trade& m);
  void On(const Mbp1& m) { OnMbp(m.change, m.levels, Kind::kMbp1); }
  void On(const Mbp10& m) { OnMbp(m.change, m.levels, Kind::kMbp10); }
  void On(const Cmbp1& m);
  void On(const Bbo& m);
  void On(const Ohlcv& m);
  void On(const Status& m);
  void On(const Definition& m);
  void On(const Statistics& m);
  void On(const SymbolMapping& m);
  void On(const SystemMessage&) {}
  void On(const ErrorMessage&) { Ignore(&ignored_.messages); }

  const Ignored& ignored() const { return ignored_; }

  // By order, of that symbol; null if there is no such symbol.
  const OrderBook* FindBook(std::string_view symbol) const;

  // Calls `visit(symbol, book)` for each of them, in no order.
  template <typename Visit>
  void ForEachBook(Visit visit) const {
    for (const auto& [name, state] : by_name_) {
      visit(std::string_view(name), states_[state].book);
    }
  }

 private:
  // What tells of a book, the better the later.
  enum class Kind : uint8_t { kNone, kBbo, kMbp1, kMbp10, kMbo };

  struct State {
    State(uint64_t of, PriceScale by) : instrument(of), scale(by) {}

    uint64_t instrument;             // whose symbol it is now
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    PriceScale scale;
    DayFields day;
    bool traded = false;
    Kind kind = Kind::kNone;
    bool in_snapshot = false;
    int64_t snapshot_ns = 0;  // when the last of it was captured
    bool unfit = false;       // an order has a price that cannot be shown
    std::string_view trading = "unknown";
    OrderBook book;
    ShownBook shown;
  };

  // Where an instrument's state is, for some time.
  struct Place {
    uint32_t state = 0;
    int64_t from_ns = 0;
    int64_t until_ns = 0;  // exclusive
  };

  struct Stream {
    uint32_t dataset;
    bool bars;  // and nothing else
  };

  // What is known of an instrument when it is first heard of.
  struct Known {
    int64_t price = kUndefined;
    const Definition* definition = nullptr;
  };

  State* Find(const Head& head, uint64_t index_ns, const Known& known);
  State* FindSlowly(uint64_t key, int64_t time_ns, const Known& known);
  uint32_t StateOf(std::string_view name, uint64_t key, const Known& known);
  void BecomeOther(State& state, uint64_t key, int64_t time_ns);

  void OnMbp(const Trade& change, std::span<const BidAsk> levels, Kind kind);
  void Apply(const Mbo& m, State& state);
  void ApplyOrder(const Mbo& m, State& state);
  void PutOrders(State& state, int64_t event_ns);
  void PutLevels(State& state, std::span<const BidAsk> levels, Kind kind,
                 bool counts, int64_t event_ns);
  void PutTrade(State& state, int64_t price, uint32_t size, char side,
                int64_t event_ns);
  void PutDay(const DayFields& day);
  void PutPrice(const State& state, FieldId field, int64_t price);
  void Send(const State& state, int64_t event_ns);
  void Ignore(int64_t* kind);
  void Reject() { publisher_.counters().Add(Metric::kTicksRejected); }

  Publisher& publisher_;
  std::vector<Stream> streams_;
  Stream stream_ = {0, false};  // at hand
  std::vector<std::string> datasets_;
  std::vector<SymbolNames> names_;  // by dataset
  DecimalsSurvey survey_;

  std::vector<State> states_;
  absl::flat_hash_map<std::string, uint32_t> by_name_;
  absl::flat_hash_map<uint64_t, Place> places_;
  // Of the record before: most files are of few instruments.
  std::optional<uint64_t> last_key_;
  Place last_;

  Ignored ignored_;
  TickValues tick_;
};

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_DBN_HANDLER_H_
