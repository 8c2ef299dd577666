#include "feeds/replay/json_lines_tap.h"

#include "feeds/replay/text_fields.h"
#include "gateway/base/json_text.h"
#include "gateway/base/utc_text.h"

namespace streamhub {

void JsonLinesTap::OnSymbol(SymbolId id, const SymbolInfo& info) {
  if (symbols_.size() <= id) symbols_.resize(size_t{id} + 1, nullptr);
  symbols_[id] = &info;
  Begin("symbol");
  Text("symbol", info.code);
  Text("name", info.name);
  Text("currency", info.currency);
  Key("price_decimals");
  AppendInt(info.price_decimals, &line_);
  Key("quantity_decimals");
  AppendInt(info.quantity_decimals, &line_);
  Key("fields");
  for (int i = 0; i < info.layout->size(); ++i) {
    line_ += i == 0 ? '[' : ',';
    AppendString(FieldName(info.layout->field(i)), &line_);
  }
  line_ += ']';
  End();
}

void JsonLinesTap::OnTick(SymbolId id, std::span<const FieldValue> values,
                          int64_t received_ns, int64_t event_ns) {
  const SymbolInfo& info = *symbols_[id];
  Begin("tick");
  Time("time", event_ns);
  Time("received", received_ns);
  Text("symbol", info.code);
  Key("fields");
  char before = '{';
  for (const FieldValue& v : values) {
    if (info.layout->PositionOf(v.field) < 0) continue;
    line_ += before;
    before = ',';
    AppendString(FieldName(v.field), &line_);
    line_ += ':';
    if (v.value == kEmpty) {
      line_ += "null";
    } else if (IsNumber(v.field)) {
      AppendFieldText(info, v.field, v.value, &line_);
    } else {
      std::string text;
      AppendFieldText(info, v.field, v.value, &text);
      AppendString(text, &line_);
    }
  }
  if (before == '{') line_ += '{';
  line_ += '}';
  End();
}

void JsonLinesTap::OnTrade(SymbolId id, const TradeReport& trade,
                           int64_t received_ns, int64_t event_ns) {
  const SymbolInfo& info = *symbols_[id];
  Begin("trade");
  Time("time", event_ns);
  Time("received", received_ns);
  Text("symbol", info.code);
  if (trade.price != kEmpty) {
    Key("price");
    AppendDecimal(trade.price, info.price_decimals, &line_);
  }
  if (trade.size != kEmpty) {
    Key("size");
    AppendDecimal(trade.size, info.quantity_decimals, &line_);
  }
  if (trade.taker != Taker::kUnknown) Text("side", SideText(trade.taker));
  if (!trade.id.empty()) Text("id", trade.id);
  if (!trade.cross.empty()) Text("cross", trade.cross);
  if (trade.cancelled) {
    Key("cancelled");
    line_ += "true";
  }
  End();
}

void JsonLinesTap::OnStatus(FeedStatus status, int64_t received_ns) {
  Begin("status");
  Time("received", received_ns);
  Text("status", FeedStatusName(status));
  End();
}

void JsonLinesTap::OnEpoch(uint64_t epoch, int64_t received_ns) {
  Begin("epoch");
  Time("received", received_ns);
  Key("epoch");
  line_ += '"';
  AppendUnsigned(epoch, &line_);
  line_ += '"';
  End();
}

void JsonLinesTap::Gap(uint64_t records, int64_t from_ns, int64_t to_ns) {
  Begin("gap");
  Key("records");
  AppendUnsigned(records, &line_);
  Time("from", from_ns);
  Time("to", to_ns);
  End();
}

void JsonLinesTap::Begin(std::string_view kind) {
  line_ = "{\"kind\":";
  AppendString(kind, &line_);
}

void JsonLinesTap::Key(std::string_view key) {
  line_ += ",\"";
  line_ += key;
  line_ += "\":";
}

void JsonLinesTap::Text(std::string_view key, std::string_view text) {
  Key(key);
  AppendString(text, &line_);
}

// 0: not told.
void JsonLinesTap::Time(std::string_view key, int64_t ns) {
  Key(key);
  if (ns == 0) {
    line_ += "null";
    return;
  }
  line_ += '"';
  AppendUtc(ns, &line_);
  line_ += '"';
}

void JsonLinesTap::End() {
  line_ += "}\n";
  static_cast<void>(sink_.Write(line_));
}

}  // namespace streamhub
