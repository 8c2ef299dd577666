#include "feeds/replay/csv_tap.h"

#include <algorithm>

#include "feeds/replay/text_fields.h"
#include "gateway/base/json_text.h"
#include "gateway/base/utc_text.h"

namespace streamhub {
namespace {

// Quoted if it would be read as something else. A row is one line: what would
// end it becomes a blank.
void AppendCsv(std::string_view text, std::string* out) {
  const bool bare = text.find_first_of("\",\r\n") == text.npos &&
                    !text.starts_with(' ') && !text.ends_with(' ') &&
                    text.find('\t') == text.npos;
  if (bare) {
    *out += text;
    return;
  }
  *out += '"';
  for (const char c : text) {
    if (c == '"') *out += '"';
    *out += c == '\r' || c == '\n' ? ' ' : c;
  }
  *out += '"';
}

}  // namespace

CsvTap::CsvTap(ByteSink& sink, std::span<const FieldId> fields)
    : sink_(sink), fields_(fields.begin(), fields.end()) {
  columns_.fill(-1);
  row_ = "time,received,symbol,kind,price,size,side,id,cross";
  for (size_t i = 0; i < fields_.size(); ++i) {
    columns_[static_cast<size_t>(fields_[i])] = static_cast<int16_t>(i);
    Comma();
    row_ += FieldName(fields_[i]);
  }
  row_ += '\n';
  static_cast<void>(sink_.Write(row_));
}

// As the publisher makes a symbol.
void CsvTap::Empty(Held* held) const {
  held->values.assign(fields_.size(), kEmpty);
  const int column = columns_[static_cast<size_t>(FieldId::kTrading)];
  if (column >= 0) {
    held->values[static_cast<size_t>(column)] = PackText("unknown");
  }
}

void CsvTap::OnSymbol(SymbolId id, const SymbolInfo& info) {
  if (symbols_.size() <= id) symbols_.resize(size_t{id} + 1);
  symbols_[id].info = &info;
  Empty(&symbols_[id]);
}

void CsvTap::OnTick(SymbolId id, std::span<const FieldValue> values,
                    int64_t received_ns, int64_t event_ns) {
  Held& held = symbols_[id];
  for (const FieldValue& v : values) {
    const int column = columns_[static_cast<size_t>(v.field)];
    if (column < 0 || held.info->layout->PositionOf(v.field) < 0) continue;
    held.values[static_cast<size_t>(column)] = v.value;
  }
  BeginRow(held, "tick", received_ns, event_ns);
  row_ += ",,,,,";
  EndRow(held);
}

void CsvTap::OnTrade(SymbolId id, const TradeReport& trade, int64_t received_ns,
                     int64_t event_ns) {
  const Held& held = symbols_[id];
  BeginRow(held, trade.cancelled ? "cancel" : "trade", received_ns, event_ns);
  Comma();
  if (trade.price != kEmpty) {
    AppendDecimal(trade.price, held.info->price_decimals, &row_);
  }
  Comma();
  if (trade.size != kEmpty) {
    AppendDecimal(trade.size, held.info->quantity_decimals, &row_);
  }
  Comma();
  row_ += SideText(trade.taker);
  Comma();
  AppendCsv(trade.id, &row_);
  Comma();
  AppendCsv(trade.cross, &row_);
  EndRow(held);
}

void CsvTap::OnEpoch(uint64_t, int64_t) {
  for (Held& held : symbols_) {
    if (held.info != nullptr) Empty(&held);
  }
}

void CsvTap::BeginRow(const Held& held, std::string_view kind,
                      int64_t received_ns, int64_t event_ns) {
  row_.clear();
  AppendUtc(event_ns != 0 ? event_ns : received_ns, &row_);
  Comma();
  AppendUtc(received_ns, &row_);
  Comma();
  AppendCsv(held.info->code, &row_);
  Comma();
  row_ += kind;
}

void CsvTap::EndRow(const Held& held) {
  for (size_t i = 0; i < fields_.size(); ++i) {
    Comma();
    if (held.values[i] == kEmpty) continue;
    if (KindOf(fields_[i]) == FieldKind::kText) {
      std::string text;
      AppendFieldText(*held.info, fields_[i], held.values[i], &text);
      AppendCsv(text, &row_);
    } else {
      AppendFieldText(*held.info, fields_[i], held.values[i], &row_);
    }
  }
  row_ += '\n';
  static_cast<void>(sink_.Write(row_));
}

}  // namespace streamhub
