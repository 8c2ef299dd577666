#include "gateway/market/withdrawals.h"

#include <utility>

namespace streamhub {
namespace {

bool Matches(std::string_view pattern, std::string_view code) {
  if (!pattern.ends_with('*')) return pattern == code;
  return code.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

const Withdrawal* Withdrawals::Of(std::string_view code) const {
  std::string_view of_tape;
  if (code.starts_with(kTapePrefix)) {
    of_tape = code.substr(kTapePrefix.size());
  }
  for (const Withdrawal& withdrawal : list) {
    if (Matches(withdrawal.pattern, code)) return &withdrawal;
    if (!of_tape.empty() && Matches(withdrawal.pattern, of_tape)) {
      return &withdrawal;
    }
  }
  return nullptr;
}

std::vector<SymbolId> WithdrawnSet::Set(std::shared_ptr<const Withdrawals> now,
                                        const SymbolTable& table,
                                        size_t symbols) {
  now_ = std::move(now);
  std::vector<SymbolId> changed;
  for (size_t i = 0; i < symbols; ++i) {
    const auto id = static_cast<SymbolId>(i);
    const bool was = Has(id);
    Look(id, table.Get(id).code);
    if (Has(id) != was) changed.push_back(id);
  }
  return changed;
}

void WithdrawnSet::Look(SymbolId id, std::string_view code) {
  const bool withdrawn = now_ != nullptr && now_->Of(code) != nullptr;
  if (withdrawn == Has(id)) return;
  if (id / 64 >= words_.size()) words_.resize(id / 64 + 1);
  words_[id / 64] ^= uint64_t{1} << (id % 64);
}

}  // namespace streamhub
