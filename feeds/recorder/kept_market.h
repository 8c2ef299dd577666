// All symbols of a market with their newest values, as the records of a tick
// log told them: what a new file of the log begins with. Pure; the recorder's
// thread.

#ifndef STREAMHUB_FEEDS_RECORDER_KEPT_MARKET_H_
#define STREAMHUB_FEEDS_RECORDER_KEPT_MARKET_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "feeds/field_value.h"
#include "gateway/market/conflation_cache.h"
#include "gateway/market/symbol.h"

namespace streamhub {

class KeptMarket {
 public:
  struct Symbol {
    const SymbolInfo* info = nullptr;  // null: not known
    bool ticked = false;  // its values are not what every new symbol's are
    int64_t received_ns = 0, event_ns = 0;  // of the newest tick
    std::vector<int64_t> values;            // by position of the layout
  };

  // By id; some of them may be unknown.
  std::span<const Symbol> symbols() const { return symbols_; }

  bool Knows(SymbolId id) const {
    return id < symbols_.size() && symbols_[id].info != nullptr;
  }
  const Symbol& Get(SymbolId id) const { return symbols_[id]; }

  // A new symbol. `info` outlives this.
  void Define(SymbolId id, const SymbolInfo& info);

  // `id` is known. Fields that its layout lacks are passed over.
  void Tick(SymbolId id, std::span<const FieldValue> values,
            int64_t received_ns, int64_t event_ns);

  // All symbols of the feed are as new ones are.
  void Clear(FeedId feed);

  // Every field of the symbol that is not empty, in `*values`.
  void Copy(SymbolId id, std::vector<FieldValue>* values) const;

 private:
  static void Empty(Symbol& symbol);

  std::vector<Symbol> symbols_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_RECORDER_KEPT_MARKET_H_
