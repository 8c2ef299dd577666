// What operators have taken back: symbols, topics, all that begin with the same
// letters, or everything. Clients see no values of it until it is restored;
// feeds and the cache go on.
//
//   Withdrawals   the list, immutable once it is shared: made by the admin
//                 thread, handed whole to every shard
//   WithdrawnSet  what of a market that means, a bit per symbol. Of one shard's
//                 fan-out: one thread
//
// A tape is withdrawn with its symbol.

#ifndef STREAMHUB_GATEWAY_MARKET_WITHDRAWALS_H_
#define STREAMHUB_GATEWAY_MARKET_WITHDRAWALS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/market/symbol_table.h"

namespace streamhub {

struct Withdrawal {
  std::string pattern;   // a code, or a beginning with "*" behind it
  std::string reason;    // for operators; may be empty
  int64_t since_ns = 0;  // wall clock
};

struct Withdrawals {
  std::vector<Withdrawal> list;  // the oldest first
  // Grows with every change. What clients hold under another one is worth
  // nothing: it may be the blank, or come from before it.
  uint64_t generation = 0;

  // The first that is of `code`; null: none.
  const Withdrawal* Of(std::string_view code) const;
};

class WithdrawnSet {
 public:
  // Whether clients see nothing of it. Any id.
  bool Has(SymbolId id) const {
    return id / 64 < words_.size() && (words_[id / 64] >> (id % 64) & 1) != 0;
  }

  uint64_t generation() const { return now_ == nullptr ? 0 : now_->generation; }

  // From now on it is `now` that holds. Returns the ids below `symbols` of
  // which something else was true before.
  std::vector<SymbolId> Set(std::shared_ptr<const Withdrawals> now,
                            const SymbolTable& table, size_t symbols);

  // A symbol that is new, before anybody asks.
  void Look(SymbolId id, std::string_view code);

 private:
  std::shared_ptr<const Withdrawals> now_;  // null: nothing is, or ever was
  std::vector<uint64_t> words_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_WITHDRAWALS_H_
