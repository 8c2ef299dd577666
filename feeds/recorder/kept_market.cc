#include "feeds/recorder/kept_market.h"

namespace streamhub {

void KeptMarket::Define(SymbolId id, const SymbolInfo& info) {
  if (id >= symbols_.size()) symbols_.resize(id + 1);
  Symbol& symbol = symbols_[id];
  symbol.info = &info;
  Empty(symbol);
}

void KeptMarket::Tick(SymbolId id, std::span<const FieldValue> values,
                      int64_t received_ns, int64_t event_ns) {
  Symbol& symbol = symbols_[id];
  const Layout& layout = *symbol.info->layout;
  for (const FieldValue& v : values) {
    const int position = layout.PositionOf(v.field);
    if (position >= 0) symbol.values[static_cast<size_t>(position)] = v.value;
  }
  symbol.received_ns = received_ns;
  symbol.event_ns = event_ns;
  symbol.ticked = true;
}

void KeptMarket::Clear(FeedId feed) {
  for (Symbol& symbol : symbols_) {
    if (symbol.info != nullptr && symbol.info->feed == feed) Empty(symbol);
  }
}

void KeptMarket::Copy(SymbolId id, std::vector<FieldValue>* values) const {
  const Symbol& symbol = symbols_[id];
  const Layout& layout = *symbol.info->layout;
  values->clear();
  for (int i = 0; i < layout.size(); ++i) {
    const int64_t value = symbol.values[static_cast<size_t>(i)];
    if (value != kEmpty) values->push_back({layout.field(i), value});
  }
}

void KeptMarket::Empty(Symbol& symbol) {
  const Layout& layout = *symbol.info->layout;
  symbol.values.assign(static_cast<size_t>(layout.size()), kEmpty);
  symbol.values[static_cast<size_t>(layout.PositionOf(FieldId::kTrading))] =
      PackText("unknown");
  symbol.ticked = false;
  symbol.received_ns = symbol.event_ns = 0;
}

}  // namespace streamhub
