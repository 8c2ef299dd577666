// The records of DBN versions 1 to 3 that build a market, as plain structs
// (specification "Databento Binary Encoding", sections "Common fields, enums
// and types" and "Schemas"). Values only; any thread.
//
// Prices are integers of 1e-9, times nanoseconds since 1970 UTC.
// `head.ts_event` is the venue's time, `ts_recv` when the record was captured:
// by the latter a file is in order. Texts point into the record that was
// decoded.

#ifndef STREAMHUB_FEEDS_DBN_MESSAGES_H_
#define STREAMHUB_FEEDS_DBN_MESSAGES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace streamhub::dbn {

// Instead of a price or a quantity; instead of a time.
inline constexpr int64_t kUndefined = std::numeric_limits<int64_t>::max();
inline constexpr uint64_t kUndefinedTime = std::numeric_limits<uint64_t>::max();

// Of every price.
inline constexpr int kPriceDecimals = 9;

// The types of records that this program knows by name.
inline constexpr uint8_t kTradeType = 0x00;
inline constexpr uint8_t kMbp1Type = 0x01;
inline constexpr uint8_t kMbp10Type = 0x0A;
inline constexpr uint8_t kOhlcvOldType = 0x11;
inline constexpr uint8_t kStatusType = 0x12;
inline constexpr uint8_t kDefinitionType = 0x13;
inline constexpr uint8_t kImbalanceType = 0x14;
inline constexpr uint8_t kErrorType = 0x15;
inline constexpr uint8_t kMappingType = 0x16;
inline constexpr uint8_t kSystemType = 0x17;
inline constexpr uint8_t kStatisticsType = 0x18;
inline constexpr uint8_t kOhlcv1SType = 0x20;
inline constexpr uint8_t kOhlcv1MType = 0x21;
inline constexpr uint8_t kOhlcv1HType = 0x22;
inline constexpr uint8_t kOhlcv1DType = 0x23;
inline constexpr uint8_t kOhlcvEodType = 0x24;
inline constexpr uint8_t kMboType = 0xA0;
inline constexpr uint8_t kCmbp1Type = 0xB1;
inline constexpr uint8_t kTcbboType = 0xC2;
inline constexpr uint8_t kBbo1SType = 0xC3;
inline constexpr uint8_t kBbo1MType = 0xC4;

// Bits of `flags`.
inline constexpr uint8_t kLastOfEvent = 0x80;
inline constexpr uint8_t kTopOfBook = 0x40;  // of one order, the best there is
inline constexpr uint8_t kSnapshot = 0x20;

struct Head {
  uint8_t rtype = 0;
  uint16_t publisher = 0;
  uint32_t instrument = 0;
  uint64_t ts_event = 0;
  friend bool operator==(const Head&, const Head&) = default;
};

// `action`: A add, C cancel, M modify, R clear, T trade, F fill, N none.
// `side`: B bid, A ask, N none; of T the aggressor's.
struct Mbo {
  Head head;
  uint64_t order_id = 0;
  int64_t price = 0;
  uint32_t size = 0;
  uint8_t flags = 0;
  uint8_t channel = 0;
  char action = 'A';
  char side = 'N';
  uint64_t ts_recv = 0;
  int32_t ts_in_delta = 0;
  uint32_t sequence = 0;
  friend bool operator==(const Mbo&, const Mbo&) = default;
};

// Of the schema "trades"; and the change that mbp records begin with.
struct Trade {
  Head head;
  int64_t price = 0;
  uint32_t size = 0;
  char action = 'T';
  char side = 'N';
  uint8_t flags = 0;
  uint8_t depth = 0;
  uint64_t ts_recv = 0;
  int32_t ts_in_delta = 0;
  uint32_t sequence = 0;
  friend bool operator==(const Trade&, const Trade&) = default;
};

struct BidAsk {
  int64_t bid = kUndefined;
  int64_t ask = kUndefined;
  uint32_t bid_size = 0;
  uint32_t ask_size = 0;
  uint32_t bid_count = 0;
  uint32_t ask_count = 0;
  friend bool operator==(const BidAsk&, const BidAsk&) = default;
};

// mbp-1, tbbo and mbp-10: the levels are those after the change.
template <size_t kLevels>
struct Mbp {
  Trade change;
  std::array<BidAsk, kLevels> levels;
  friend bool operator==(const Mbp&, const Mbp&) = default;
};
using Mbp1 = Mbp<1>;
using Mbp10 = Mbp<10>;

// cmbp-1 and tcbbo: the best of several venues. `change` has neither depth nor
// sequence, `level` no counts.
struct Cmbp1 {
  Trade change;
  BidAsk level;
  uint16_t bid_publisher = 0;
  uint16_t ask_publisher = 0;
  friend bool operator==(const Cmbp1&, const Cmbp1&) = default;
};

// bbo-1s, bbo-1m: the best and the last trade at the end of an interval, which
// is `ts_recv`.
struct Bbo {
  Head head;
  int64_t price = kUndefined;
  uint32_t size = 0;
  char side = 'N';
  uint8_t flags = 0;
  uint64_t ts_recv = 0;
  uint32_t sequence = 0;
  BidAsk level;
  friend bool operator==(const Bbo&, const Bbo&) = default;
};

// `head.ts_event` is the start of the interval.
struct Ohlcv {
  Head head;
  int64_t open = 0;
  int64_t high = 0;
  int64_t low = 0;
  int64_t close = 0;
  uint64_t volume = 0;
  friend bool operator==(const Ohlcv&, const Ohlcv&) = default;
};

// What `action` of a status record says.
enum class StatusAction : uint16_t {
  kNone = 0,
  kPreOpen = 1,
  kPreCross = 2,
  kQuoting = 3,
  kCross = 4,
  kRotation = 5,
  kNewPriceIndication = 6,
  kTrading = 7,
  kHalt = 8,
  kPause = 9,
  kSuspend = 10,
  kPreClose = 11,
  kClose = 12,
  kPostClose = 13,
  kShortSaleChange = 14,
  kNotAvailable = 15,
};

struct Status {
  Head head;
  uint64_t ts_recv = 0;
  StatusAction action = StatusAction::kNone;
  uint16_t reason = 0;
  uint16_t trading_event = 0;
  char is_trading = '~';  // Y, N or ~ (not told), and so the others
  char is_quoting = '~';
  char is_short_sell_restricted = '~';
  friend bool operator==(const Status&, const Status&) = default;
};

// What a market has to know of an instrument, of about seventy fields.
struct Definition {
  Head head;
  uint64_t ts_recv = 0;
  int64_t min_price_increment = kUndefined;
  int64_t display_factor = kUndefined;
  uint64_t expiration = kUndefinedTime;
  uint64_t activation = kUndefinedTime;
  int64_t high_limit_price = kUndefined;
  int64_t low_limit_price = kUndefined;
  int64_t max_price_variation = kUndefined;
  int64_t unit_of_measure_qty = kUndefined;
  int64_t price_ratio = kUndefined;
  int64_t strike_price = kUndefined;
  uint64_t raw_instrument_id = 0;
  uint32_t underlying_id = 0;
  int32_t market_depth = 0;
  uint32_t max_trade_vol = 0;
  int32_t min_lot_size_round_lot = 0;
  uint32_t min_trade_vol = 0;
  int32_t contract_multiplier = 0;
  uint16_t maturity_year = 0;
  uint16_t channel = 0;
  std::string_view currency = {};
  std::string_view settl_currency = {};
  std::string_view raw_symbol = {};
  std::string_view group = {};
  std::string_view exchange = {};
  std::string_view asset = {};
  std::string_view cfi = {};
  std::string_view security_type = {};
  std::string_view unit_of_measure = {};
  std::string_view underlying = {};
  std::string_view strike_price_currency = {};
  char instrument_class = 0;
  char match_algorithm = 0;
  uint8_t main_fraction = 0;
  uint8_t price_display_format = 0;
  uint8_t sub_fraction = 0;
  char security_update_action = 'A';  // add, modify, delete
  uint8_t maturity_month = 0;
  uint8_t maturity_day = 0;
  uint8_t maturity_week = 0;
  char user_defined = 'N';
  // Legs of spreads: from version 3 on.
  uint16_t leg_count = 0;
  uint16_t leg_index = 0;
  uint32_t leg_instrument_id = 0;
  int64_t leg_price = kUndefined;
  std::string_view leg_raw_symbol = {};
  char leg_side = 'N';
  friend bool operator==(const Definition&, const Definition&) = default;
};

// Values of `type` of a statistics record that this program knows.
inline constexpr uint16_t kIndicativeOpeningPrice = 2;
inline constexpr uint16_t kSettlementPrice = 3;
inline constexpr uint16_t kOpenInterest = 9;
inline constexpr uint16_t kVwap = 13;
inline constexpr uint16_t kUpperPriceLimit = 17;
inline constexpr uint16_t kLowerPriceLimit = 18;

struct Statistics {
  Head head;
  uint64_t ts_recv = 0;
  uint64_t ts_ref = kUndefinedTime;
  int64_t price = kUndefined;
  int64_t quantity = kUndefined;
  uint32_t sequence = 0;
  int32_t ts_in_delta = 0;
  uint16_t type = 0;
  uint16_t channel = 0;
  uint8_t update_action = 1;  // 1 new, 2 deleted
  uint8_t flags = 0;
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

// How symbols are meant.
inline constexpr uint8_t kInstrumentIds = 0;
inline constexpr uint8_t kRawSymbols = 1;
inline constexpr uint8_t kNoSymbols = 0xFF;  // not told

// In band: `head.instrument` is called `out` from now on. The time of the head
// is the server's, not one of the market.
struct SymbolMapping {
  Head head;
  uint8_t stype_in = kNoSymbols;
  std::string_view in = {};
  uint8_t stype_out = kNoSymbols;
  std::string_view out = {};
  uint64_t start = kUndefinedTime;
  uint64_t end = kUndefinedTime;
  friend bool operator==(const SymbolMapping&, const SymbolMapping&) = default;
};

// What a live session was told that is no data. `code` 0xFF: none.
struct SystemMessage {
  Head head;
  std::string_view text = {};
  uint8_t code = 0xFF;
  friend bool operator==(const SystemMessage&, const SystemMessage&) = default;
};

struct ErrorMessage {
  Head head;
  std::string_view text = {};
  uint8_t code = 0xFF;
  uint8_t is_last = 0xFF;
  friend bool operator==(const ErrorMessage&, const ErrorMessage&) = default;
};

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_MESSAGES_H_
