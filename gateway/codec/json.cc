#include "gateway/codec/json.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace streamhub {
namespace {

constexpr char kHex[] = "0123456789abcdef";

// 00, 01, ... 99.
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
  }
  return pairs;
}();

char* PairBefore(char* end, uint32_t pair) {
  std::memcpy(end - 2, &kPairs[2 * pair], 2);
  return end - 2;
}

// Lays the digits of `rest` down in front of `end`; returns where they begin.
// Half of what std::to_chars takes, which counts them first.
char* DigitsBefore(char* end, uint64_t rest) {
  while (rest >= 10'000) {
    const auto four = static_cast<uint32_t>(rest % 10'000);
    rest /= 10'000;
    end = PairBefore(PairBefore(end, four % 100), four / 100);
  }
  auto last = static_cast<uint32_t>(rest);
  if (last >= 100) {
    end = PairBefore(end, last % 100);
    last /= 100;
  }
  if (last >= 10) return PairBefore(end, last);
  *--end = static_cast<char>('0' + last);
  return end;
}

uint64_t Magnitude(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

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

void AppendInt(int64_t value, std::string* out) {
  char text[20];
  char* const end = text + sizeof(text);
  char* p = DigitsBefore(end, Magnitude(value));
  if (value < 0) *--p = '-';
  out->append(p, end);
}

void AppendDecimal(int64_t value, int decimals, std::string* out) {
  // Digits are laid down from the right; 19 of the value, a point, zeros.
  char text[48];
  char* const end = text + sizeof(text);
  char* p = end;
  uint64_t rest = Magnitude(value);
  for (int i = 0; i < decimals; ++i) {
    *--p = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (decimals > 0) *--p = '.';
  p = DigitsBefore(p, rest);
  if (value < 0) *--p = '-';
  out->append(p, end);
}

void AppendString(std::string_view text, std::string* out) {
  *out += '"';
  size_t done = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out->append(text, done, i - done);
    done = i + 1;
    if (c == '"' || c == '\\') {
      *out += '\\';
      *out += static_cast<char>(c);
    } else {
      *out += "\\u00";
      *out += kHex[c >> 4];
      *out += kHex[c & 15];
    }
  }
  out->append(text, done);
  *out += '"';
}

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
    *out += quiet == QuietNote::kQuiet ? ",\"quiet\":true" : ",\"quiet\":false";
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
