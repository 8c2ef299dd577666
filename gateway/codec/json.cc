#include "gateway/codec/json.h"

#include <bit>
#include <charconv>
#include <cmath>

namespace streamhub {
namespace {

void AppendValue(FieldKind kind, int64_t value, const SymbolInfo& symbol,
                 std::string* out) {
  if (value == kEmpty) {
    *out += "null";
    return;
  }
  switch (kind) {
    case FieldKind::kPrice:
      AppendDecimal(value, symbol.price_decimals, out);
      return;
    case FieldKind::kQuantity:
      AppendDecimal(value, symbol.quantity_decimals, out);
      return;
    case FieldKind::kTime:
      AppendInt(value / 1000, out);
      return;
    case FieldKind::kText: {
      char storage[8];
      AppendString(UnpackText(value, storage), out);
      return;
    }
  }
}

}  // namespace

void AppendRate(double value, std::string* out) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), value,
                                 std::chars_format::fixed, 6)
                       .ptr;
  std::string_view digits(text, static_cast<size_t>(end - text));
  while (digits.back() == '0') digits.remove_suffix(1);
  if (digits.back() == '.') digits.remove_suffix(1);
  *out += digits;
}

void AppendEpoch(uint64_t epoch, std::string* out) {
  char text[16];
  const auto end = std::to_chars(text, text + sizeof(text), epoch, 16).ptr;
  out->append(text, end);
}

void AppendQuoteOpen(const SymbolInfo& symbol, const QuoteView& view,
                     FieldMask fields, bool snapshot, QuietNote quiet,
                     std::string* out) {
  AppendString(symbol.code, out);
  *out += ":{\"v\":";
  AppendInt(static_cast<int64_t>(view.version), out);
  if (snapshot) *out += ",\"snapshot\":true";
  *out += ",\"n\":";
  AppendInt(static_cast<int64_t>(view.ticks), out);
  *out += ",\"t\":";
  AppendInt(view.received_ns / 1000, out);
  if (view.event_ns != 0) {
    *out += ",\"e\":";
    AppendInt(view.event_ns / 1000, out);
  }
  if (quiet != QuietNote::kNone) {
    *out += quiet == QuietNote::kWithdrawn ? ",\"withdrawn\":true"
            : quiet == QuietNote::kQuiet   ? ",\"quiet\":true"
                                           : ",\"quiet\":false";
  }
  for (FieldMask rest = fields; rest != 0; rest &= rest - 1) {
    const int position = std::countr_zero(rest);
    const FieldId field = symbol.layout->field(position);
    *out += ",\"";
    *out += FieldName(field);
    *out += "\":";
    AppendValue(KindOf(field), view.value[position], symbol, out);
  }
}

void AppendDescription(const SymbolInfo& symbol, const FeedBoard& feeds,
                       std::string* out) {
  AppendString(symbol.code, out);
  if (symbol.topic != nullptr) {
    *out += ":{\"topic\":true,\"keeps\":";
    AppendInt(symbol.topic->keeps(), out);
    if (symbol.feed != kNoFeed) {
      *out += ",\"feed\":";
      AppendString(feeds.info(symbol.feed).name, out);
    }
    *out += '}';
    return;
  }
  *out += ":{\"decimals\":";
  AppendInt(symbol.price_decimals, out);
  *out += ",\"quantity_decimals\":";
  AppendInt(symbol.quantity_decimals, out);
  if (!symbol.currency.empty()) {
    *out += ",\"currency\":";
    AppendString(symbol.currency, out);
  }
  if (symbol.pip != 0) {
    *out += ",\"pip\":";
    AppendDecimal(symbol.pip, symbol.price_decimals, out);
  }
  if (!symbol.name.empty()) {
    *out += ",\"name\":";
    AppendString(symbol.name, out);
  }
  *out += ",\"feed\":";
  AppendString(feeds.info(symbol.feed).name, out);
  *out += '}';
}

void AppendFeed(const FeedInfo& feed, FeedStatus status, std::string* out) {
  AppendString(feed.name, out);
  *out += ":{\"status\":\"";
  *out += FeedStatusName(status);
  *out += "\",\"source\":\"";
  *out += SourceName(feed.source);
  *out += "\",\"delay_s\":";
  AppendInt(feed.delay_s, out);
  *out += ",\"stale_after_ms\":";
  AppendInt(feed.stale_after_ns / kMillisecond, out);
  *out += ",\"quiet_after_ms\":";
  AppendInt(feed.quiet_after_ns / kMillisecond, out);
  *out += '}';
}

void AppendPublished(std::string_view id, uint64_t sequence, std::string* out) {
  *out += "{\"type\":\"ack\"";
  if (!id.empty()) {
    *out += ",\"id\":";
    *out += id;
  }
  *out += ",\"seq\":";
  AppendUnsigned(sequence, out);
  *out += '}';
}

void AppendError(const RequestError& error, std::string* out) {
  *out += "{\"type\":\"error\"";
  if (!error.id.empty()) {
    *out += ",\"id\":";
    *out += error.id;
  }
  *out += ",\"code\":";
  AppendString(error.code, out);
  *out += ",\"reason\":";
  AppendString(error.reason, out);
  if (!error.key.empty()) {
    *out += ",\"key\":";
    AppendString(error.key, out);
  }
  *out += '}';
}

}  // namespace streamhub
