#include "feeds/dbn/decoder.h"

#include <absl/strings/str_cat.h>

#include <limits>
#include <utility>

#include "feeds/dbn/layout.h"

namespace streamhub::dbn {
namespace {

// Of texts in system and error records, by version.
constexpr size_t kSystemTextV1 = 64;
constexpr size_t kSystemText = 303;
constexpr size_t kErrorText = 302;

std::string_view TextAt(const uint8_t* r, const Text& text) {
  return LoadText(r + text.at, text.bytes);
}

}  // namespace

size_t RecordBytes(uint8_t rtype, int version) {
  switch (rtype) {
    case kMboType:
    case kOhlcvOldType:
    case kOhlcv1SType:
    case kOhlcv1MType:
    case kOhlcv1HType:
    case kOhlcv1DType:
    case kOhlcvEodType:
      return 56;
    case kTradeType:
      return 48;
    case kMbp1Type:
    case kCmbp1Type:
    case kTcbboType:
    case kBbo1SType:
    case kBbo1MType:
      return 80;
    case kMbp10Type:
      return 368;
    case kStatusType:
      return 40;
    case kDefinitionType:
      return kDefinitionLayouts[version - 1].bytes;
    case kStatisticsType:
      return version < 3 ? 64 : 80;
    case kMappingType:
      return version == 1 ? 80 : 176;
    case kSystemType:
    case kErrorType:
      return version == 1 ? 80 : 320;
    default:
      return 0;
  }
}

std::string NameOfType(uint8_t rtype) {
  constexpr uint8_t kCbbo1SType = 0xC0;
  constexpr uint8_t kCbbo1MType = 0xC1;
  constexpr std::pair<uint8_t, std::string_view> kNames[] = {
      {kTradeType, "trades"},
      {kMbp1Type, "mbp-1"},
      {kMbp10Type, "mbp-10"},
      {kOhlcvOldType, "ohlcv"},
      {kStatusType, "status"},
      {kDefinitionType, "definition"},
      {kImbalanceType, "imbalance"},
      {kErrorType, "error"},
      {kMappingType, "symbol-mapping"},
      {kSystemType, "system"},
      {kStatisticsType, "statistics"},
      {kOhlcv1SType, "ohlcv-1s"},
      {kOhlcv1MType, "ohlcv-1m"},
      {kOhlcv1HType, "ohlcv-1h"},
      {kOhlcv1DType, "ohlcv-1d"},
      {kOhlcvEodType, "ohlcv-eod"},
      {kMboType, "mbo"},
      {kCmbp1Type, "cmbp-1"},
      {kCbbo1SType, "cbbo-1s"},
      {kCbbo1MType, "cbbo-1m"},
      {kTcbboType, "tcbbo"},
      {kBbo1SType, "bbo-1s"},
      {kBbo1MType, "bbo-1m"}};
  for (const auto& [type, name] : kNames) {
    if (type == rtype) return std::string(name);
  }
  return absl::StrCat("type ", rtype);
}

std::string DescribeBadSize(std::span<const uint8_t> record, const Form& form) {
  if (record.size() < kHeadBytes) {
    return absl::StrCat("a record of ", record.size(), " bytes");
  }
  const size_t size = RecordBytes(TypeOf(record), form.version);
  return absl::StrCat("a record of type ", TypeOf(record), " has ",
                      record.size(), " bytes, want ",
                      size + (form.ts_out ? sizeof(uint64_t) : 0));
}

uint64_t IndexNsOf(std::span<const uint8_t> record) {
  size_t at = 0;
  switch (TypeOf(record)) {
    case kMboType:
      at = 40;
      break;
    case kTradeType:
    case kMbp1Type:
    case kMbp10Type:
    case kCmbp1Type:
    case kTcbboType:
    case kBbo1SType:
    case kBbo1MType:
      at = 32;
      break;
    case kStatusType:
    case kDefinitionType:
    case kStatisticsType:
    case kImbalanceType:
      at = 16;
      break;
    default:
      break;
  }
  if (at != 0 && at + sizeof(uint64_t) <= record.size()) {
    const auto captured = Load<uint64_t>(record.data() + at);
    if (captured != kUndefinedTime) return captured;
  }
  return Load<uint64_t>(record.data() + 8);
}

namespace internal {

Cmbp1 ReadCmbp1(const uint8_t* r) {
  Cmbp1 m{ReadTrade(r), ReadLevel(r + 48), Load<uint16_t>(r + 72),
          Load<uint16_t>(r + 76)};
  // Here are other things, or nothing.
  m.change.depth = 0;
  m.change.sequence = 0;
  m.level.bid_count = m.level.ask_count = 0;
  return m;
}

Bbo ReadBbo(const uint8_t* r) {
  return {ReadHead(r),
          Load<int64_t>(r + 16),
          Load<uint32_t>(r + 24),
          static_cast<char>(r[29]),
          r[30],
          Load<uint64_t>(r + 32),
          Load<uint32_t>(r + 44),
          ReadLevel(r + 48)};
}

Ohlcv ReadOhlcv(const uint8_t* r) {
  return {ReadHead(r),           Load<int64_t>(r + 16), Load<int64_t>(r + 24),
          Load<int64_t>(r + 32), Load<int64_t>(r + 40), Load<uint64_t>(r + 48)};
}

Status ReadStatus(const uint8_t* r) {
  return {ReadHead(r),
          Load<uint64_t>(r + 16),
          static_cast<StatusAction>(Load<uint16_t>(r + 24)),
          Load<uint16_t>(r + 26),
          Load<uint16_t>(r + 28),
          static_cast<char>(r[30]),
          static_cast<char>(r[31]),
          static_cast<char>(r[32])};
}

// One field after the other.
// NOLINTNEXTLINE(readability-function-size)
Definition ReadDefinition(const uint8_t* r, int version) {
  const DefinitionLayout& at = kDefinitionLayouts[version - 1];
  Definition d;
  d.head = ReadHead(r);
  d.ts_recv = Load<uint64_t>(r + 16);
  d.min_price_increment = Load<int64_t>(r + 24);
  d.display_factor = Load<int64_t>(r + 32);
  d.expiration = Load<uint64_t>(r + 40);
  d.activation = Load<uint64_t>(r + 48);
  d.high_limit_price = Load<int64_t>(r + 56);
  d.low_limit_price = Load<int64_t>(r + 64);
  d.max_price_variation = Load<int64_t>(r + 72);
  d.unit_of_measure_qty = Load<int64_t>(r + at.unit_of_measure_qty);
  d.price_ratio = Load<int64_t>(r + at.price_ratio);
  d.strike_price = Load<int64_t>(r + at.strike_price);
  d.raw_instrument_id = at.raw_instrument_id_bytes == 8
                            ? Load<uint64_t>(r + at.raw_instrument_id)
                            : Load<uint32_t>(r + at.raw_instrument_id);
  d.underlying_id = Load<uint32_t>(r + at.underlying_id);
  d.market_depth = Load<int32_t>(r + at.market_depth);
  d.max_trade_vol = Load<uint32_t>(r + at.max_trade_vol);
  d.min_lot_size_round_lot = Load<int32_t>(r + at.round_lot);
  d.min_trade_vol = Load<uint32_t>(r + at.min_trade_vol);
  d.contract_multiplier = Load<int32_t>(r + at.contract_multiplier);
  d.maturity_year = Load<uint16_t>(r + at.maturity_year);
  d.channel = Load<uint16_t>(r + at.channel);
  d.currency = TextAt(r, at.currency);
  d.settl_currency = TextAt(r, at.settl_currency);
  d.raw_symbol = TextAt(r, at.raw_symbol);
  d.group = TextAt(r, at.group);
  d.exchange = TextAt(r, at.exchange);
  d.asset = TextAt(r, at.asset);
  d.cfi = TextAt(r, at.cfi);
  d.security_type = TextAt(r, at.security_type);
  d.unit_of_measure = TextAt(r, at.unit_of_measure);
  d.underlying = TextAt(r, at.underlying);
  d.strike_price_currency = TextAt(r, at.strike_price_currency);
  d.instrument_class = static_cast<char>(r[at.instrument_class]);
  d.match_algorithm = static_cast<char>(r[at.match_algorithm]);
  d.main_fraction = r[at.main_fraction];
  d.price_display_format = r[at.price_display_format];
  d.sub_fraction = r[at.sub_fraction];
  d.security_update_action = static_cast<char>(r[at.security_update_action]);
  d.maturity_month = r[at.maturity_month];
  d.maturity_day = r[at.maturity_day];
  d.maturity_week = r[at.maturity_week];
  d.user_defined = static_cast<char>(r[at.user_defined]);
  if (at.leg_count == 0) return d;
  d.leg_count = Load<uint16_t>(r + at.leg_count);
  d.leg_index = Load<uint16_t>(r + at.leg_index);
  d.leg_instrument_id = Load<uint32_t>(r + at.leg_instrument_id);
  d.leg_price = Load<int64_t>(r + at.leg_price);
  d.leg_raw_symbol = TextAt(r, at.leg_raw_symbol);
  d.leg_side = static_cast<char>(r[at.leg_side]);
  return d;
}

Statistics ReadStatistics(const uint8_t* r, int version) {
  Statistics s;
  s.head = ReadHead(r);
  s.ts_recv = Load<uint64_t>(r + 16);
  s.ts_ref = Load<uint64_t>(r + 24);
  s.price = Load<int64_t>(r + 32);
  const uint8_t* rest = r + 48;
  if (version < 3) {
    const auto quantity = Load<int32_t>(r + 40);
    s.quantity =
        quantity == std::numeric_limits<int32_t>::max() ? kUndefined : quantity;
    rest = r + 44;
  } else {
    s.quantity = Load<int64_t>(r + 40);
  }
  s.sequence = Load<uint32_t>(rest);
  s.ts_in_delta = Load<int32_t>(rest + 4);
  s.type = Load<uint16_t>(rest + 8);
  s.channel = Load<uint16_t>(rest + 10);
  s.update_action = rest[12];
  s.flags = rest[13];
  return s;
}

SymbolMapping ReadMapping(const uint8_t* r, int version) {
  SymbolMapping m;
  m.head = ReadHead(r);
  const size_t bytes = SymbolBytes(version);
  if (version == 1) {
    m.in = LoadText(r + 16, bytes);
    m.out = LoadText(r + 16 + bytes, bytes);
    m.start = Load<uint64_t>(r + 64);
    m.end = Load<uint64_t>(r + 72);
    return m;
  }
  m.stype_in = r[16];
  m.in = LoadText(r + 17, bytes);
  m.stype_out = r[17 + bytes];
  m.out = LoadText(r + 18 + bytes, bytes);
  m.start = Load<uint64_t>(r + 160);
  m.end = Load<uint64_t>(r + 168);
  return m;
}

SystemMessage ReadSystem(const uint8_t* r, int version) {
  if (version == 1) return {ReadHead(r), LoadText(r + 16, kSystemTextV1)};
  return {ReadHead(r), LoadText(r + 16, kSystemText), r[319]};
}

ErrorMessage ReadError(const uint8_t* r, int version) {
  if (version == 1) return {ReadHead(r), LoadText(r + 16, kSystemTextV1)};
  return {ReadHead(r), LoadText(r + 16, kErrorText), r[318], r[319]};
}

}  // namespace internal
}  // namespace streamhub::dbn
