#include "gateway/market/symbol_table.h"

#include <utility>

namespace streamhub {

SymbolTable::SymbolTable(size_t symbols_max) : infos_(2 * symbols_max) {}

SymbolTable::Added SymbolTable::Add(
    SymbolInfo info, const std::function<void(SymbolId)>& prepare,
    SymbolId* id) {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(info.code);
  if (found != ids_.end()) {
    *id = found->second;
    return Added::kKnown;
  }
  const bool topic = info.topic != nullptr;
  const size_t alike = topic ? topics_ : owned_.size() - topics_;
  if (alike == infos_.size() / 2) return Added::kFull;
  *id = static_cast<SymbolId>(owned_.size());
  prepare(*id);
  owned_.push_back(std::make_unique<const SymbolInfo>(std::move(info)));
  if (topic) ++topics_;
  ids_.emplace(owned_.back()->code, *id);
  infos_[*id].store(owned_.back().get(), std::memory_order_release);
  size_.store(owned_.size(), std::memory_order_release);
  return Added::kNew;
}

std::optional<SymbolId> SymbolTable::Find(std::string_view code) const {
  const std::lock_guard lock(mutex_);
  const auto found = ids_.find(code);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::vector<SymbolId> SymbolTable::List(std::string_view prefix,
                                        std::string_view after, size_t limit,
                                        bool topics, bool* more) const {
  const std::lock_guard lock(mutex_);
  *more = false;
  std::vector<SymbolId> found;
  auto it =
      after >= prefix ? ids_.upper_bound(after) : ids_.lower_bound(prefix);
  for (; it != ids_.end(); ++it) {
    if (!std::string_view(it->first).starts_with(prefix)) break;
    if (!topics && Get(it->second).topic != nullptr) continue;
    if (found.size() == limit) {
      *more = true;
      break;
    }
    found.push_back(it->second);
  }
  return found;
}

}  // namespace streamhub
