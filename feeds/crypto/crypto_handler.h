// Messages of crypto venues -> ticks: keeps each symbol's book, its day's
// trades and what the venue's numbers say of losses. On the feed's thread,
// within the publisher's batches. Symbols are called as the venue does:
// BTCUSDT, SKL-USD, XMR/USD.
//
// - bid, ask, their sizes and ten levels: the book, once its message is
//   complete. Binance's bookTicker with a higher update number than the book
//   takes the first place, and levels better than it are left out. While there
//   is no book the best quote alone is shown, of bookTicker or of Coinbase's
//   ticker; beside a book the latter changes nothing, as it does not say where
//   it stands between the updates.
//   quote_time: when the published levels last changed by a message that says
//   the venue's time; a bookTicker of Binance Spot does not.
// - A book ends with a gap of its numbers (update_chain.h), a checksum that
//   does not match (Kraken), a message whose values do not fit, and the end of
//   its subscription. Then its levels are empty until the venue's next
//   snapshot: no quote rather than a wrong one. Coinbase's updates have no
//   numbers: a loss among them cannot be seen.
// - last, last_size, trade_time, volume, open, high, low, change, tape: each
//   trade of Binance's `trade` stream, but of those whose X is not MARKET;
//   Coinbase's match, not last_match; Kraken's trade. Binance's and Coinbase's
//   numbers of trades tell repeats, which are left out, and gaps.
// - RollDay begins a day: prices of all symbols roll (day_fields.h).
// - `trading` stays unknown: these channels do not say.
//
// The time of a tick is the venue's, or unknown. The recorder's clock is
// another one, and may be behind it: a message can be received before it was
// sent.
//
// A value that does not fit the symbol's decimals is never rounded: its
// message is refused as a whole.

#ifndef STREAMHUB_FEEDS_CRYPTO_CRYPTO_HANDLER_H_
#define STREAMHUB_FEEDS_CRYPTO_CRYPTO_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/crypto/loss.h"
#include "feeds/crypto/messages.h"
#include "feeds/crypto/pending_updates.h"
#include "feeds/crypto/scaling.h"
#include "feeds/crypto/update_chain.h"
#include "feeds/csv/decimals.h"
#include "feeds/day_fields.h"
#include "feeds/level_book.h"
#include "feeds/publisher.h"
#include "feeds/top_levels.h"

namespace streamhub::crypto {

// What messages came to.
struct Tally {
  int64_t updates = 0;          // applied to a book
  int64_t old_updates = 0;      // that the book held already
  int64_t early_updates = 0;    // before the first snapshot, after a loss
  int64_t dropped_updates = 0;  // too many to be kept for a snapshot
  int64_t old_snapshots = 0;
  int64_t old_quotes = 0;
  int64_t checksums = 0;       // that matched
  int64_t trades = 0;          // published
  int64_t earlier_trades = 0;  // last_match
  int64_t repeated_trades = 0;
  int64_t other_trades = 0;  // X is not MARKET
  int64_t others = 0;        // of channels that are not read
  int64_t losses = 0;

  friend bool operator==(const Tally&, const Tally&) = default;
};

class CryptoHandler {
 public:
  // How many are remembered; those beyond are counted.
  static constexpr size_t kLossesMax = 1000;

  // `publisher` outlives this.
  CryptoHandler(Publisher& publisher, csv::DecimalsFinder decimals);

  // A message that will come. Only before the first On().
  void Survey(const Message& message);

  enum class Outcome {
    kDone,
    kIgnored,  // counted, with no effect
    kRefused,  // see complaint(); it was not applied
    kLost,     // see complaint(); something before it is missing
  };
  Outcome On(const Message& message);

  // Of kRefused and kLost, in one line that names the symbol.
  const std::string& complaint() const { return complaint_; }

  // The messages that follow are of another day than those before.
  void RollDay(int64_t event_ns);

  // The messages begin again (the epoch is a new one): no books, nothing
  // traded. Symbols keep their decimals.
  void StartAgain();

  const Tally& tally() const { return tally_; }
  const std::vector<Loss>& losses() const { return losses_; }

  // Null while there is none.
  const LevelBook* BookOf(std::string_view symbol) const;

 private:
  struct Best {
    TopLevel bid;
    TopLevel ask;
    uint64_t id = 0;
    bool of_book = false;
  };

  struct State {
    std::string code;
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    csv::Decimals decimals;
    DayFields day;
    LevelBook book;
    bool has_book = false;
    UpdateChain chain;  // Binance
    PendingUpdates pending;
    std::optional<Best> best;
    std::optional<uint64_t> last_trade;
    TopSide bids_told;
    TopSide asks_told;
  };

  State* StateOf(const Message& m);
  State MakeState(const Message& m);

  Outcome OnBook(State& state, const Message& m);
  Outcome OnNumberedSnapshot(State& state, const Message& m);
  Outcome OnNumberedUpdate(State& state, const Message& m);
  Outcome OnPlainBook(State& state, const Message& m);
  Outcome OnBest(State& state, const Message& m);
  Outcome OnTrades(State& state, const Message& m);
  Outcome OnTrade(State& state, const TradeText& trade,
                  const ScaledTrade& scaled);
  Outcome OnEnd(const Message& m);

  void Keep(State& state, const Message& m);
  static void EndBook(State& state);

  Outcome Ignore(int64_t* kind);
  Outcome Refuse(const State& state);
  Outcome Lose(Loss loss);
  Outcome LoseUpdates(State& state, const UpdateChain::Gap& gap,
                      int64_t event_ns);
  Outcome LoseBook(State& state, Loss loss);

  // A tick is put together in values_ and sent.
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  void PutDay(const DayFields& day);
  void PublishBook(State& state, int64_t event_ns);
  void Send(const State& state, int64_t event_ns);

  Publisher& publisher_;
  csv::DecimalsFinder decimals_;
  std::deque<State> states_;
  absl::flat_hash_map<std::string, size_t> by_code_;
  size_t last_index_ = 0;  // of the message before
  Tally tally_;
  std::vector<Loss> losses_;
  std::string complaint_;

  // The message at hand, and the tick that is made of it.
  std::vector<Level> bids_;
  std::vector<Level> asks_;
  std::vector<ScaledTrade> trades_;
  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_CRYPTO_HANDLER_H_
