#include "feeds/synthetic/synthetic_symbols.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace streamhub {
namespace {

struct Named {
  const char* code;
  const char* name;
  const char* currency;
  int price_decimals, quantity_decimals;
  int64_t pip, tick;
  int64_t price, spread_min, spread_max, level_gap;
  double step;
  int64_t lot, lots_max;
};

// Pence are GBX, a code of their own: "GBp" is one careless upper-casing away
// from pounds, a price a hundred times too high.
constexpr Named kNamed[kNamedInstruments] = {
    {"AAPL", "Apple Inc.", "USD", 2, 0, 1, 1, 18'995, 1, 3, 1, 1.0, 100, 20},
    {"MSFT", "Microsoft Corp.", "USD", 2, 0, 1, 1, 40'410, 2, 6, 1, 2.0, 100,
     12},
    {"VOD.L", "Vodafone Group plc", "GBX", 2, 0, 2, 2, 3'340, 1, 2, 1, 0.4,
     1'000, 60},
    // The grid is a tenth of a pip, as interbank prices are.
    {"EUR/USD", "Euro / US dollar", "USD", 5, 0, 10, 1, 108'512, 4, 12, 2, 2.0,
     500'000, 20},
    {"BTC-USD", "Bitcoin / US dollar", "USD", 2, 8, 1, 1, 4'325'040, 60, 900,
     125, 150.0, 1, 150'000'000},
    {"ESH4", "E-mini S&P 500 Mar 2024", "USD", 2, 0, 25, 25, 19'703, 1, 1, 1,
     0.3, 1, 250},
};

Instrument FromRow(const Named& row) {
  Instrument made;
  made.info.code = row.code;
  made.info.name = row.name;
  made.info.currency = row.currency;
  made.info.price_decimals = row.price_decimals;
  made.info.quantity_decimals = row.quantity_decimals;
  made.info.pip = row.pip;
  made.info.layout = &BookLayout();
  made.tick = row.tick;
  made.price = row.price;
  made.spread_min = row.spread_min;
  made.spread_max = row.spread_max;
  made.level_gap = row.level_gap;
  made.step = row.step;
  made.lot = row.lot;
  made.lots_max = row.lots_max;
  return made;
}

// Four letters, then five, then six. Without vowels, F, G and K: reads like a
// ticker, and spells nothing in any language.
std::string Code(size_t index) {
  constexpr std::string_view kLetters = "BCDHJLMNPQRSTVWXZ";
  size_t length = 4;
  size_t codes = 17 * 17 * 17 * 17;
  while (index >= codes) {
    index -= codes;
    codes *= kLetters.size();
    ++length;
  }
  // A factor that shares none with `codes` shuffles: neighbours look unlike.
  size_t shuffled = index * 10'007 % codes;
  std::string code;
  for (size_t i = 0; i < length; ++i) {
    code += kLetters[shuffled % kLetters.size()];
    shuffled /= kLetters.size();
  }
  return code;
}

std::string Name(uint64_t random) {
  constexpr std::array kFirst = {"Northern", "Silver",   "Harbour", "Granite",
                                 "Meridian", "Cedar",    "Summit",  "Orchard",
                                 "Pioneer",  "Lakeside", "Falcon",  "Union",
                                 "Crescent", "Baltic",   "Prairie", "Sterling"};
  constexpr std::array kSecond = {
      "Energy",    "Foods",    "Systems",  "Rail",     "Materials", "Health",
      "Insurance", "Shipping", "Networks", "Brewing",  "Motors",    "Optics",
      "Textiles",  "Robotics", "Water",    "Logistics"};
  return std::string(kFirst[random % kFirst.size()]) + " " +
         kSecond[random / kFirst.size() % kSecond.size()];
}

}  // namespace

Instrument MakeInstrument(size_t index, uint64_t seed) {
  if (index < kNamedInstruments) return FromRow(kNamed[index]);
  const uint64_t random = MixBits(MixBits(seed) ^ index);
  Instrument made;
  SymbolInfo& info = made.info;
  info.code = Code(index - kNamedInstruments);
  info.name = Name(random >> 8);
  info.layout = &QuoteLayout();
  switch (random % 10) {
    case 0:
      info.currency = "EUR";
      break;
    case 1:
      info.currency = "CHF";
      break;
    case 2:
      info.currency = "JPY";
      info.price_decimals = 0;
      break;
    default:
      info.currency = "USD";
  }
  info.pip = 1;
  // 2.00 to 500.00, or 200 to 50,000 yen: cheap ones are more common.
  const double level = static_cast<double>(random >> 40) / (1 << 24);
  made.price = static_cast<int64_t>(200.0 * std::exp2(level * 7.96));
  made.spread_min = 1 + made.price / 8'000;
  made.spread_max = 2 * made.spread_min + 1;
  made.step = std::max(0.3, static_cast<double>(made.price) / 20'000);
  return made;
}

}  // namespace streamhub
