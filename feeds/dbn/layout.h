// Where the fields of records are that versions of DBN moved about: the same
// table for reading and for writing. Offsets in bytes from the record's start.
// Immutable; any thread.

#ifndef STREAMHUB_FEEDS_DBN_LAYOUT_H_
#define STREAMHUB_FEEDS_DBN_LAYOUT_H_

#include <cstddef>
#include <cstdint>

namespace streamhub::dbn {

inline constexpr int kVersionMax = 3;

struct Text {
  uint16_t at;
  uint16_t bytes;  // 0: the version lacks it
};

struct DefinitionLayout {
  uint16_t bytes;
  uint16_t unit_of_measure_qty, price_ratio, strike_price;
  uint16_t raw_instrument_id, raw_instrument_id_bytes;
  uint16_t underlying_id, market_depth, max_trade_vol, round_lot;
  uint16_t min_trade_vol, contract_multiplier, maturity_year, channel;
  Text currency, settl_currency, raw_symbol, group, exchange, asset, cfi;
  Text security_type, unit_of_measure, underlying, strike_price_currency;
  uint16_t instrument_class, match_algorithm, main_fraction;
  uint16_t price_display_format, sub_fraction, security_update_action;
  uint16_t maturity_month, maturity_day, maturity_week, user_defined;
  // 0: the version has no legs.
  uint16_t leg_count, leg_index, leg_instrument_id, leg_price;
  Text leg_raw_symbol;
  uint16_t leg_side;
};

// The first fields are everywhere alike: ts_recv at 16, min_price_increment,
// display_factor, expiration, activation, the limits, max_price_variation.
inline constexpr DefinitionLayout kDefinitionLayouts[kVersionMax] = {
    {.bytes = 360,
     .unit_of_measure_qty = 88,
     .price_ratio = 104,
     .strike_price = 328,
     .raw_instrument_id = 120,
     .raw_instrument_id_bytes = 4,
     .underlying_id = 116,
     .market_depth = 128,
     .max_trade_vol = 136,
     .round_lot = 148,
     .min_trade_vol = 152,
     .contract_multiplier = 160,
     .maturity_year = 180,
     .channel = 184,
     .currency = {186, 4},
     .settl_currency = {190, 4},
     .raw_symbol = {200, 22},
     .group = {222, 21},
     .exchange = {243, 5},
     .asset = {248, 7},
     .cfi = {255, 7},
     .security_type = {262, 7},
     .unit_of_measure = {269, 31},
     .underlying = {300, 21},
     .strike_price_currency = {321, 4},
     .instrument_class = 325,
     .match_algorithm = 342,
     .main_fraction = 344,
     .price_display_format = 345,
     .sub_fraction = 347,
     .security_update_action = 349,
     .maturity_month = 350,
     .maturity_day = 351,
     .maturity_week = 352,
     .user_defined = 353,
     .leg_count = 0,
     .leg_index = 0,
     .leg_instrument_id = 0,
     .leg_price = 0,
     .leg_raw_symbol = {0, 0},
     .leg_side = 0},
    {.bytes = 400,
     .unit_of_measure_qty = 88,
     .price_ratio = 104,
     .strike_price = 112,
     .raw_instrument_id = 128,
     .raw_instrument_id_bytes = 4,
     .underlying_id = 124,
     .market_depth = 136,
     .max_trade_vol = 144,
     .round_lot = 156,
     .min_trade_vol = 160,
     .contract_multiplier = 164,
     .maturity_year = 180,
     .channel = 184,
     .currency = {186, 4},
     .settl_currency = {190, 4},
     .raw_symbol = {200, 71},
     .group = {271, 21},
     .exchange = {292, 5},
     .asset = {297, 7},
     .cfi = {304, 7},
     .security_type = {311, 7},
     .unit_of_measure = {318, 31},
     .underlying = {349, 21},
     .strike_price_currency = {370, 4},
     .instrument_class = 374,
     .match_algorithm = 375,
     .main_fraction = 377,
     .price_display_format = 378,
     .sub_fraction = 380,
     .security_update_action = 382,
     .maturity_month = 383,
     .maturity_day = 384,
     .maturity_week = 385,
     .user_defined = 386,
     .leg_count = 0,
     .leg_index = 0,
     .leg_instrument_id = 0,
     .leg_price = 0,
     .leg_raw_symbol = {0, 0},
     .leg_side = 0},
    {.bytes = 520,
     .unit_of_measure_qty = 80,
     .price_ratio = 96,
     .strike_price = 104,
     .raw_instrument_id = 112,
     .raw_instrument_id_bytes = 8,
     .underlying_id = 140,
     .market_depth = 148,
     .max_trade_vol = 156,
     .round_lot = 168,
     .min_trade_vol = 172,
     .contract_multiplier = 176,
     .maturity_year = 214,
     .channel = 218,
     .currency = {224, 4},
     .settl_currency = {228, 4},
     .raw_symbol = {238, 71},
     .group = {309, 21},
     .exchange = {330, 5},
     .asset = {335, 11},
     .cfi = {346, 7},
     .security_type = {353, 7},
     .unit_of_measure = {360, 31},
     .underlying = {391, 21},
     .strike_price_currency = {412, 4},
     .instrument_class = 487,
     .match_algorithm = 488,
     .main_fraction = 489,
     .price_display_format = 490,
     .sub_fraction = 491,
     .security_update_action = 493,
     .maturity_month = 494,
     .maturity_day = 495,
     .maturity_week = 496,
     .user_defined = 497,
     .leg_count = 220,
     .leg_index = 222,
     .leg_instrument_id = 188,
     .leg_price = 120,
     .leg_raw_symbol = {416, 71},
     .leg_side = 502}};

// Of symbols, in mappings and in-band mapping records.
inline constexpr size_t SymbolBytes(int version) {
  return version == 1 ? 22 : 71;
}

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_LAYOUT_H_
