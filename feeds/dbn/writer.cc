#include "feeds/dbn/writer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "feeds/dbn/layout.h"

namespace streamhub::dbn {
namespace {

// Bytes that are zero until something is put among them.
class Bytes {
 public:
  Bytes(size_t size, std::string* out) : out_(*out), begin_(out->size()) {
    out_.resize(begin_ + size);
  }

  template <typename T>
  Bytes& Put(size_t at, T value) {
    auto bits = static_cast<std::make_unsigned_t<T>>(value);
    for (size_t i = 0; i < sizeof bits; ++i) {
      out_[begin_ + at + i] = static_cast<char>(bits & 0xFF);
      bits = static_cast<decltype(bits)>(uint64_t{bits} >> 8);
    }
    return *this;
  }
  // The last byte stays NUL, as in every text of DBN.
  Bytes& Put(const Text& place, std::string_view text) {
    if (place.bytes > 0) text.copy(&out_[begin_ + place.at], place.bytes - 1u);
    return *this;
  }

 private:
  std::string& out_;
  const size_t begin_;
};

// A record: its head, and what `ts_out` adds.
Bytes Record(const Head& head, uint8_t rtype, size_t size, const Form& form,
             std::string* out) {
  const size_t whole = size + (form.ts_out ? sizeof(uint64_t) : 0);
  Bytes bytes(whole, out);
  bytes.Put(0, static_cast<uint8_t>(whole / 4))
      .Put(1, rtype)
      .Put(2, head.publisher)
      .Put(4, head.instrument)
      .Put(8, head.ts_event);
  if (form.ts_out) bytes.Put(size, uint64_t{1});
  return bytes;
}

Bytes Record(const Head& head, uint8_t rtype, const Form& form,
             std::string* out) {
  return Record(head, rtype, RecordBytes(rtype, form.version), form, out);
}

Bytes ChangeOf(const Trade& t, uint8_t rtype, const Form& form,
               std::string* out) {
  return Record(t.head, rtype, form, out)
      .Put(16, t.price)
      .Put(24, t.size)
      .Put(28, t.action)
      .Put(29, t.side)
      .Put(30, t.flags)
      .Put(31, t.depth)
      .Put(32, t.ts_recv)
      .Put(40, t.ts_in_delta)
      .Put(44, t.sequence);
}

void PutLevel(const BidAsk& level, size_t at, Bytes* bytes) {
  bytes->Put(at, level.bid)
      .Put(at + 8, level.ask)
      .Put(at + 16, level.bid_size)
      .Put(at + 20, level.ask_size)
      .Put(at + 24, level.bid_count)
      .Put(at + 28, level.ask_count);
}

void AppendInt(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = 0; i < bytes; ++i) {
    out->push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  }
}

void AppendText(std::string_view text, size_t bytes, std::string* out) {
  text = text.substr(0, bytes - 1);
  out->append(text);
  out->append(bytes - text.size(), '\0');
}

void AppendSymbols(const std::vector<std::string>& symbols, size_t bytes,
                   std::string* out) {
  AppendInt(symbols.size(), 4, out);
  for (const std::string& symbol : symbols) AppendText(symbol, bytes, out);
}

}  // namespace

void Append(const Metadata& m, std::string* out) {
  const size_t begin = out->size();
  out->append("DBN");
  AppendInt(static_cast<uint64_t>(m.version), 1, out);
  AppendInt(0, 4, out);  // the length, below
  AppendText(m.dataset, 16, out);
  AppendInt(m.schema.value_or(0xFFFF), 2, out);
  AppendInt(m.start, 8, out);
  AppendInt(m.end, 8, out);
  AppendInt(m.limit, 8, out);
  if (m.version == 1) AppendInt(m.record_count, 8, out);
  AppendInt(m.stype_in, 1, out);
  AppendInt(m.stype_out, 1, out);
  AppendInt(m.ts_out ? 1 : 0, 1, out);
  if (m.version > 1) AppendInt(m.symbol_bytes, 2, out);
  out->append(m.version == 1 ? 47 : 53, '\0');
  AppendInt(0, 4, out);  // no schema definition
  const size_t bytes = m.version == 1 ? SymbolBytes(1) : m.symbol_bytes;
  AppendSymbols(m.symbols, bytes, out);
  AppendSymbols(m.partial, bytes, out);
  AppendSymbols(m.not_found, bytes, out);
  AppendInt(m.mappings.size(), 4, out);
  for (const Mapping& mapping : m.mappings) {
    AppendText(mapping.raw_symbol, bytes, out);
    AppendInt(mapping.intervals.size(), 4, out);
    for (const Mapping::Interval& interval : mapping.intervals) {
      AppendInt(interval.start, 4, out);
      AppendInt(interval.end, 4, out);
      AppendText(interval.symbol, bytes, out);
    }
  }
  if (m.version > 2) out->append((8 - (out->size() - begin) % 8) % 8, '\0');
  const size_t length = out->size() - begin - kPreludeBytes;
  for (size_t i = 0; i < 4; ++i) {
    (*out)[begin + 4 + i] = static_cast<char>(length >> (8 * i) & 0xFF);
  }
}

void Append(const Mbo& m, const Form& form, std::string* out) {
  Record(m.head, kMboType, form, out)
      .Put(16, m.order_id)
      .Put(24, m.price)
      .Put(32, m.size)
      .Put(36, m.flags)
      .Put(37, m.channel)
      .Put(38, m.action)
      .Put(39, m.side)
      .Put(40, m.ts_recv)
      .Put(48, m.ts_in_delta)
      .Put(52, m.sequence);
}

void Append(const Trade& m, const Form& form, std::string* out) {
  ChangeOf(m, kTradeType, form, out);
}

void Append(const Mbp1& m, const Form& form, std::string* out) {
  Bytes bytes = ChangeOf(m.change, kMbp1Type, form, out);
  PutLevel(m.levels[0], 48, &bytes);
}

void Append(const Mbp10& m, const Form& form, std::string* out) {
  Bytes bytes = ChangeOf(m.change, kMbp10Type, form, out);
  for (size_t i = 0; i < m.levels.size(); ++i) {
    PutLevel(m.levels[i], 48 + 32 * i, &bytes);
  }
}

void Append(const Cmbp1& m, const Form& form, std::string* out) {
  Bytes bytes = ChangeOf(m.change, m.change.head.rtype, form, out);
  PutLevel(m.level, 48, &bytes);
  bytes.Put(72, m.bid_publisher).Put(76, m.ask_publisher);
}

void Append(const Bbo& m, const Form& form, std::string* out) {
  Bytes bytes = Record(m.head, m.head.rtype, form, out);
  bytes.Put(16, m.price)
      .Put(24, m.size)
      .Put(29, m.side)
      .Put(30, m.flags)
      .Put(32, m.ts_recv)
      .Put(44, m.sequence);
  PutLevel(m.level, 48, &bytes);
}

void Append(const Ohlcv& m, const Form& form, std::string* out) {
  Record(m.head, m.head.rtype, form, out)
      .Put(16, m.open)
      .Put(24, m.high)
      .Put(32, m.low)
      .Put(40, m.close)
      .Put(48, m.volume);
}

void Append(const Status& m, const Form& form, std::string* out) {
  Record(m.head, kStatusType, form, out)
      .Put(16, m.ts_recv)
      .Put(24, static_cast<uint16_t>(m.action))
      .Put(26, m.reason)
      .Put(28, m.trading_event)
      .Put(30, m.is_trading)
      .Put(31, m.is_quoting)
      .Put(32, m.is_short_sell_restricted);
}

// One field after the other.
// NOLINTNEXTLINE(readability-function-size)
void Append(const Definition& d, const Form& form, std::string* out) {
  const DefinitionLayout& at = kDefinitionLayouts[form.version - 1];
  Bytes bytes = Record(d.head, kDefinitionType, form, out);
  bytes.Put(16, d.ts_recv)
      .Put(24, d.min_price_increment)
      .Put(32, d.display_factor)
      .Put(40, d.expiration)
      .Put(48, d.activation)
      .Put(56, d.high_limit_price)
      .Put(64, d.low_limit_price)
      .Put(72, d.max_price_variation)
      .Put(at.unit_of_measure_qty, d.unit_of_measure_qty)
      .Put(at.price_ratio, d.price_ratio)
      .Put(at.strike_price, d.strike_price)
      .Put(at.underlying_id, d.underlying_id)
      .Put(at.market_depth, d.market_depth)
      .Put(at.max_trade_vol, d.max_trade_vol)
      .Put(at.round_lot, d.min_lot_size_round_lot)
      .Put(at.min_trade_vol, d.min_trade_vol)
      .Put(at.contract_multiplier, d.contract_multiplier)
      .Put(at.maturity_year, d.maturity_year)
      .Put(at.channel, d.channel)
      .Put(at.currency, d.currency)
      .Put(at.settl_currency, d.settl_currency)
      .Put(at.raw_symbol, d.raw_symbol)
      .Put(at.group, d.group)
      .Put(at.exchange, d.exchange)
      .Put(at.asset, d.asset)
      .Put(at.cfi, d.cfi)
      .Put(at.security_type, d.security_type)
      .Put(at.unit_of_measure, d.unit_of_measure)
      .Put(at.underlying, d.underlying)
      .Put(at.strike_price_currency, d.strike_price_currency)
      .Put(at.instrument_class, d.instrument_class)
      .Put(at.match_algorithm, d.match_algorithm)
      .Put(at.main_fraction, d.main_fraction)
      .Put(at.price_display_format, d.price_display_format)
      .Put(at.sub_fraction, d.sub_fraction)
      .Put(at.security_update_action, d.security_update_action)
      .Put(at.maturity_month, d.maturity_month)
      .Put(at.maturity_day, d.maturity_day)
      .Put(at.maturity_week, d.maturity_week)
      .Put(at.user_defined, d.user_defined);
  if (at.raw_instrument_id_bytes == 8) {
    bytes.Put(at.raw_instrument_id, d.raw_instrument_id);
  } else {
    bytes.Put(at.raw_instrument_id, static_cast<uint32_t>(d.raw_instrument_id));
  }
  if (at.leg_count == 0) return;
  bytes.Put(at.leg_count, d.leg_count)
      .Put(at.leg_index, d.leg_index)
      .Put(at.leg_instrument_id, d.leg_instrument_id)
      .Put(at.leg_price, d.leg_price)
      .Put(at.leg_raw_symbol, d.leg_raw_symbol)
      .Put(at.leg_side, d.leg_side);
}

void Append(const Statistics& s, const Form& form, std::string* out) {
  Bytes bytes = Record(s.head, kStatisticsType, form, out);
  bytes.Put(16, s.ts_recv).Put(24, s.ts_ref).Put(32, s.price);
  size_t rest = 48;
  if (form.version < 3) {
    rest = 44;
    bytes.Put(40, s.quantity == kUndefined ? std::numeric_limits<int32_t>::max()
                                           : static_cast<int32_t>(s.quantity));
  } else {
    bytes.Put(40, s.quantity);
  }
  bytes.Put(rest, s.sequence)
      .Put(rest + 4, s.ts_in_delta)
      .Put(rest + 8, s.type)
      .Put(rest + 10, s.channel)
      .Put(rest + 12, s.update_action)
      .Put(rest + 13, s.flags);
}

void Append(const SymbolMapping& m, const Form& form, std::string* out) {
  Bytes bytes = Record(m.head, kMappingType, form, out);
  const auto size = static_cast<uint16_t>(SymbolBytes(form.version));
  const auto text = [size](size_t at) {
    return Text{static_cast<uint16_t>(at), size};
  };
  if (form.version == 1) {
    bytes.Put(text(16), m.in)
        .Put(text(16u + size), m.out)
        .Put(64, m.start)
        .Put(72, m.end);
    return;
  }
  bytes.Put(16, m.stype_in)
      .Put(text(17), m.in)
      .Put(17u + size, m.stype_out)
      .Put(text(18u + size), m.out)
      .Put(160, m.start)
      .Put(168, m.end);
}

void Append(const SystemMessage& m, const Form& form, std::string* out) {
  Bytes bytes = Record(m.head, kSystemType, form, out);
  bytes.Put(Text{16, static_cast<uint16_t>(form.version == 1 ? 64 : 303)},
            m.text);
  if (form.version > 1) bytes.Put(319, m.code);
}

void Append(const ErrorMessage& m, const Form& form, std::string* out) {
  Bytes bytes = Record(m.head, kErrorType, form, out);
  bytes.Put(Text{16, static_cast<uint16_t>(form.version == 1 ? 64 : 302)},
            m.text);
  if (form.version > 1) bytes.Put(318, m.code).Put(319, m.is_last);
}

void AppendUnknown(const Head& head, size_t bytes, std::string* out) {
  Record(head, head.rtype, bytes, Form{}, out);
}

}  // namespace streamhub::dbn
