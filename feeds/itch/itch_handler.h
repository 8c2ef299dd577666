// ITCH messages -> ticks: keeps the order books, the day's trades and the
// trading status of every stock, and publishes what each message changed.
// On the feed's thread, within the publisher's batches.
//
// - bid, ask, their sizes and ten levels: the full book by order reference.
//   quote_time: when the published levels last changed.
// - last, last_size, trade_time, open, high, low, change: each E, each
//   printable C (at its own price) and each P. volume: the same and the shares
//   of each Q, which repeats what C reported as not printable.
// - trading: "halted" after H with state H or P, "auction" after Q (quotation
//   only). Otherwise by the system events: "closed" from O on, "open" from Q
//   (start of market hours), "closed" from M. Before any system event: "open"
//   after H with state T, else "unknown".
// - A day begins at system event O and at StartDay: books empty, prices roll.
//   RollDay is for venues that trade on: prices roll, books stay.
//
// - tape: each E, printable C and P, and each Q marked as a cross, so that its
//   sizes add up to the volume. Of E and C it tells who took: the order that
//   was there is on the other side. P does not say it (its side is always B).
//
// A broken trade (B) is counted and not undone: what was printed stays, as on
// the venue's own tape, which tells that it is void where the message says of
// which stock it is.

#ifndef STREAMHUB_FEEDS_ITCH_ITCH_HANDLER_H_
#define STREAMHUB_FEEDS_ITCH_ITCH_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "feeds/day_fields.h"
#include "feeds/itch/messages.h"
#include "feeds/itch/order_book.h"
#include "feeds/publisher.h"

namespace streamhub::itch {

// Messages that were understood and had no effect, by kind.
struct Ignored {
  int64_t executions = 0;  // E or C of an order that is not live
  int64_t cancels = 0;     // X likewise
  int64_t deletes = 0;     // D likewise
  int64_t replaces = 0;    // U likewise
  int64_t adds = 0;        // A, F or U with a live reference or no shares
  int64_t broken_trades = 0;

  // Changes to orders that are not live.
  int64_t OfUnknownOrders() const {
    return executions + cancels + deletes + replaces;
  }

  friend bool operator==(const Ignored&, const Ignored&) = default;
};

class ItchHandler {
 public:
  // `publisher` outlives this.
  explicit ItchHandler(Publisher& publisher);

  // The venue's day whose messages follow began at `midnight_ns` since 1970
  // UTC. Another one than before begins a new day; the same one goes on.
  void StartDay(int64_t midnight_ns);

  // The configured session roll has come: day fields only.
  void RollDay(int64_t event_ns);

  // By itch::Decode.
  void On(const SystemEvent& m);
  void On(const StockDirectory& m);
  void On(const TradingAction& m);
  void On(const AddOrder& m);
  void On(const OrderExecuted& m);
  void On(const OrderExecutedWithPrice& m);
  void On(const OrderCancel& m);
  void On(const OrderDelete& m);
  void On(const OrderReplace& m);
  void On(const Trade& m);
  void On(const CrossTrade& m);
  void On(const BrokenTrade& m);

  const Ignored& ignored() const { return ignored_; }
  const OrderBooks& books() const { return books_; }

 private:
  using Index = OrderBooks::BookId;  // of a stock; the same as of its book
  enum class Phase { kUnknown, kClosed, kOpen };

  struct StockState {
    Stock stock;
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    DayFields day;
    char action = ' ';  // of the last H; ' ' none
    std::string_view trading;
  };

  int64_t TimeNs(const Head& head) const {
    return midnight_ns_ + static_cast<int64_t>(head.time_ns);
  }
  Index IndexOf(const Head& head, const Stock& stock);
  Index Define(const Stock& stock, int64_t event_ns);
  std::string_view TradingOf(const StockState& state) const;
  void ClearDay(int64_t event_ns);

  // A tick is put together in values_ and sent.
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  void PutBook(const OrderBooks::Change& change, int64_t event_ns);
  bool PutTrade(StockState& state, uint32_t price, uint32_t shares,
                int64_t event_ns);
  void PutDay(const DayFields& day);
  void PutTrading(StockState& state);
  void Send(const StockState& state, int64_t event_ns);

  void Ignore(int64_t* kind);
  void OnExecution(const Head& head, uint64_t ref, uint32_t shares,
                   uint64_t match, bool printable,
                   std::optional<uint32_t> price);
  void Report(const StockState& state, TradeReport trade, uint64_t match,
              int64_t event_ns);

  Publisher& publisher_;
  int64_t midnight_ns_ = 0;
  Phase phase_ = Phase::kUnknown;
  OrderBooks books_;
  std::vector<StockState> stocks_;
  absl::flat_hash_map<Stock, Index> by_code_;
  std::vector<Index> by_locate_;
  Ignored ignored_;
  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

}  // namespace streamhub::itch

#endif  // STREAMHUB_FEEDS_ITCH_ITCH_HANDLER_H_
