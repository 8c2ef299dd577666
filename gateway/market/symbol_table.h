// Symbol codes <-> dense ids. Append only. The control path: feeds define
// symbols, sessions look them up when they subscribe; never once per tick.

#ifndef STREAMHUB_GATEWAY_MARKET_SYMBOL_TABLE_H_
#define STREAMHUB_GATEWAY_MARKET_SYMBOL_TABLE_H_

#include <absl/container/btree_map.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/market/conflation_cache.h"
#include "gateway/market/symbol.h"

namespace streamhub {

class SymbolTable {
 public:
  // Takes up to so many symbols, and as many topics beside them.
  explicit SymbolTable(size_t symbols_max);

  // Any thread. Of ids there can ever be.
  size_t ids_max() const { return infos_.size(); }

  enum class Added { kNew, kKnown, kFull };

  // Any thread. Adds the symbol and, before anyone can see it, calls
  // `prepare(id)`. If the code is known already it is left as it is.
  Added Add(SymbolInfo info, const std::function<void(SymbolId)>& prepare,
            SymbolId* id);

  // Any thread.
  std::optional<SymbolId> Find(std::string_view code) const;

  // Any thread, without a lock. `id` < size(). Never changes, never moves.
  const SymbolInfo& Get(SymbolId id) const {
    return *infos_[id].load(std::memory_order_acquire);
  }

  // Any thread, without a lock: ids below it are valid.
  size_t size() const { return size_.load(std::memory_order_acquire); }

  // Any thread. Up to `limit` codes in byte order that start with `prefix` and
  // come after `after`; `*more` tells whether there are further ones. Topics
  // are among them if `topics`.
  std::vector<SymbolId> List(std::string_view prefix, std::string_view after,
                             size_t limit, bool topics, bool* more) const;

 private:
  std::vector<std::atomic<const SymbolInfo*>> infos_;
  std::atomic<size_t> size_{0};

  mutable std::mutex mutex_;
  // Under mutex_:
  absl::btree_map<std::string, SymbolId, std::less<>> ids_;
  std::vector<std::unique_ptr<const SymbolInfo>> owned_;
  size_t topics_ = 0;  // of owned_
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_MARKET_SYMBOL_TABLE_H_
