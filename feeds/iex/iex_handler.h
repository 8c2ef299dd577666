// Messages of IEX TOPS 1.6 or DEEP 1.0 -> ticks: keeps the quotes or books, the
// day's trades and the trading status of every security, and publishes what
// each message changed. On the feed's thread, within the publisher's batches.
//
// - bid, ask and their sizes: of TOPS each quote update as it is, of DEEP the
//   best levels. A side of size 0 is empty. DEEP: ten levels, of the book kept
//   by price; an event's levels are published together when the venue says that
//   it is complete, since the book in between never was. quote_time: when what
//   is published of it last changed.
// - last, last_size, trade_time, open, high, low, change: each trade report (T)
//   but those of extended hours (Form T) and of odd lots (specifications,
//   Appendix A, "Trade Eligibility Guidelines"). volume: every trade report.
// - tape: every trade report; one of a single-price cross with the auction that
//   the security's auction information spoke of last. Who took is not told. A
//   trade break tells the tape that a trade is void and takes nothing back from
//   volume or prices, as on the venue's own tape; both are counted apart.
// - prev_close: the adjusted official close of the security directory, which is
//   told of securities listed on IEX; of others a day's last price (below).
// - auction_price, auction_size: indicative price and paired shares of auction
//   information, empty again with the trades of the cross.
// - trading: "halted" while the status (H) is H or IEX halts it on its own (O);
//   "auction" during order acceptance (O) and a pause with order acceptance
//   (P). Otherwise by the system events: "closed" from O on, "open" from R
//   (start of regular market hours), "closed" from M. Before any system event:
//   "open" after H with status T, else "unknown".
// - Short sale tests, security events and official prices are ticks without
//   values: the security is heard of.
//
// A sequence that begins anew in the same session keeps books, quotes, status
// and day: that restart is the transport's and tells nothing of orders, sizes
// are absolute, so that what is told again heals, and the venue takes its
// orders away with messages (at the end of system hours every level and quote
// goes to 0). Another session empties them, since it tells everything from its
// start on, and begins a new day if its date is another one: IEX's hours lie
// within one date of UTC. RollDay is for a configured roll: day fields only.

#ifndef STREAMHUB_FEEDS_IEX_IEX_HANDLER_H_
#define STREAMHUB_FEEDS_IEX_IEX_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "feeds/day_fields.h"
#include "feeds/iex/messages.h"
#include "feeds/iex/price_levels.h"
#include "feeds/iex/receiver.h"
#include "feeds/publisher.h"

namespace streamhub::iex {

class IexHandler {
 public:
  // Messages that were understood and had no effect, by kind.
  struct Ignored {
    int64_t levels = 0;   // of size 0 where there was none
    int64_t foreign = 0;  // quotes of DEEP, levels of TOPS

    friend bool operator==(const Ignored&, const Ignored&) = default;
  };

  // Of all securities, whatever the flags; breaks are not taken off.
  struct Traded {
    int64_t reports = 0;
    int64_t volume = 0;
    int64_t breaks = 0;
    int64_t broken_volume = 0;

    friend bool operator==(const Traded&, const Traded&) = default;
  };

  // `publisher` outlives this.
  explicit IexHandler(Publisher& publisher) : publisher_(publisher) {}

  // The configured session roll has come: day fields only.
  void RollDay(int64_t event_ns);

  // By a Receiver. Without a RunStart it is TOPS.
  void On(const RunStart& run);
  void On(const SystemEvent& m);
  void On(const SecurityDirectory& m);
  void On(const TradingStatus& m);
  void On(const OperationalHalt& m);
  void On(const ShortSaleTest& m) { HeardOf(m.symbol, m.time_ns); }
  void On(const SecurityEvent& m) { HeardOf(m.symbol, m.time_ns); }
  void On(const QuoteUpdate& m);
  void On(const PriceLevel& m);
  void On(const Trade& m);
  void On(const TradeBreak& m);
  void On(const OfficialPrice& m) { HeardOf(m.symbol, m.time_ns); }
  void On(const AuctionInformation& m);

  const Ignored& ignored() const { return ignored_; }
  const Traded& traded() const { return traded_; }

  // How many securities were heard of.
  size_t securities() const { return states_.size(); }

  // Of DEEP; null if the security was never heard of. Valid until the next
  // message.
  const PriceLevels* Levels(std::string_view code, Side side) const;

 private:
  enum class Phase { kUnknown, kClosed, kOpen };

  struct State {
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    DayFields day;
    std::array<PriceLevels, 2> levels = {PriceLevels(Side::kBuy),
                                         PriceLevels(Side::kSell)};
    std::array<ChangedLevels, 2> changed;  // since they were published
    bool quoted = false;                   // TOPS: a side may be there
    char status = ' ';                     // of the last H; ' ' none
    char halt = ' ';                       // of the last O
    char auction = ' ';                    // of the last A
    std::string_view trading;
  };

  State& StateOf(const Symbol& symbol, int64_t event_ns);
  State& Define(const Symbol& symbol, int64_t event_ns);
  std::string_view TradingOf(const State& state) const;
  void HeardOf(const Symbol& symbol, int64_t event_ns);
  void StartSession(bool new_day, int64_t event_ns);

  // A tick is put together in values_ and sent.
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  void PutOrEmpty(FieldId price_field, FieldId size_field, int64_t price,
                  int64_t size);
  void PutLevels(State& state, int64_t event_ns);
  void PutDay(const DayFields& day);
  void PutTrading(State& state);
  void Send(const State& state, int64_t event_ns);

  void Report(const State& state, TradeReport trade, int64_t id,
              int64_t event_ns);
  void Ignore(int64_t* kind);
  void Reject() { publisher_.counters().Add(Metric::kTicksRejected); }

  Publisher& publisher_;
  Protocol protocol_ = Protocol::kTops;
  std::optional<uint32_t> session_;
  int64_t date_ = 0;  // days since 1970 UTC
  Phase phase_ = Phase::kUnknown;
  std::vector<State> states_;
  absl::flat_hash_map<uint64_t, uint32_t> by_symbol_;
  // Of the message before: several in a row are of one security.
  uint64_t last_symbol_ = 0;
  uint32_t last_index_ = 0;
  Ignored ignored_;
  Traded traded_;
  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_IEX_HANDLER_H_
