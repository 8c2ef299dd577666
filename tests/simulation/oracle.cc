#include "tests/simulation/oracle.h"

#include <bit>
#include <cstdio>
#include <utility>

#include "gateway/market/usual_interval.h"

namespace streamhub::simulation {

FieldSet QuoteState::ChangedSince(uint64_t cursor, FieldSet fields) const {
  FieldSet found = 0;
  for (FieldSet rest = fields; rest != 0; rest &= rest - 1) {
    const int i = std::countr_zero(rest);
    if (changed[i] > cursor) found |= FieldSet{1} << i;
  }
  return found;
}

const QuoteState* OracleSymbol::After(uint64_t ticks) const {
  for (const QuoteState& state : recent) {
    if (state.ticks == ticks) return &state;
  }
  return nullptr;
}

FieldSet Oracle::Effective(const OracleSymbol& symbol, bool all,
                           std::span<const FieldId> asked) {
  if (all) return symbol.fields;
  FieldSet wanted = Bit(FieldId::kTrading);
  for (const FieldId field : asked) wanted |= Bit(field);
  return wanted & symbol.fields;
}

OracleSymbol& Oracle::Define(SymbolId id, SymbolInfo info) {
  OracleSymbol& symbol = symbols.emplace_back();
  symbol.id = id;
  symbol.info = std::move(info);
  for (int i = 0; i < symbol.info.layout->size(); ++i) {
    symbol.fields |= Bit(symbol.info.layout->field(i));
  }
  symbol.recent.emplace_back();
  return symbol;
}

void Oracle::Tick(OracleSymbol& symbol, std::span<const FieldValue> values,
                  int64_t received_ns, int64_t event_ns) {
  QuoteState next = symbol.now();
  // Of the first, which is the definition's, nothing is learnt.
  if (++next.ticks > 2 && next.received_ns != 0) {
    next.usual_ns =
        LearnInterval(next.usual_ns, received_ns - next.received_ns);
  }
  next.received_ns = received_ns;
  next.event_ns = event_ns;
  bool changes = false;
  for (const auto& [field, value] : values) {
    const auto i = static_cast<size_t>(field);
    if ((symbol.fields & Bit(field)) == 0 || next.value[i] == value) continue;
    changes = true;
    next.value[i] = value;
    next.changed[i] = symbol.now().version + 1;
  }
  if (changes) ++next.version;
  symbol.recent.push_back(next);
}

void Oracle::Clear(OracleSymbol& symbol) {
  QuoteState& state = symbol.recent.back();
  ++state.version;
  state.value.fill(kEmpty);
  state.changed.fill(state.version);
  state.received_ns = 0;
  state.event_ns = 0;
}

void Oracle::BeginTurn(const Market& market, int64_t wall_ns) {
  for (OracleSymbol& symbol : symbols) {
    if (symbol.recent.size() == 1) continue;
    symbol.recent.front() = symbol.recent.back();
    symbol.recent.resize(1);
  }
  symbols_known = symbols.size();
  char text[20];
  std::snprintf(text, sizeof(text), "%llx",
                static_cast<unsigned long long>(market.epoch()));
  epoch = text;
  turn_wall_ns = wall_ns;
}

OracleSymbol* Oracle::Known(std::string_view code) {
  for (size_t i = 0; i < symbols_known; ++i) {
    if (symbols[i].info.code == code) return &symbols[i];
  }
  return nullptr;
}

}  // namespace streamhub::simulation
