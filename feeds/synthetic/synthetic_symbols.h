// Who is traded on the synthetic market: the first six are instruments that
// everybody knows, one of each kind that a display must get right; the others
// are made up. Pure: the same index and seed give the same instrument.

#ifndef STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_SYMBOLS_H_
#define STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_SYMBOLS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "gateway/market/symbol.h"

namespace streamhub {

// AAPL, MSFT, VOD.L, EUR/USD, BTC-USD, ESH4: they have a ten-level book.
inline constexpr size_t kNamedInstruments = 6;

// A different number for every number, with all bits mixed (the finaliser of
// SplitMix64): a random sequence when `x` counts up.
inline uint64_t MixBits(uint64_t x) {
  x += 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// How an instrument trades. Prices and distances are in grid steps, of `tick`
// scaled units each; sizes in lots.
struct Instrument {
  SymbolInfo info;
  int64_t tick = 1;        // scaled price units
  int64_t price = 0;       // where it starts and tends to return to
  int64_t spread_min = 1;  // usual distance of bid and ask
  int64_t spread_max = 2;  // now and then
  int64_t level_gap = 1;   // between levels of the book
  double step = 1;         // largest move of the middle in one tick
  int64_t lot = 100;       // scaled quantity units
  int64_t lots_max = 20;   // shown at one price
};

// Codes are unique for indices below 10^8 and never those of the named ones.
Instrument MakeInstrument(size_t index, uint64_t seed);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_SYNTHETIC_SYNTHETIC_SYMBOLS_H_
