// How many decimals a symbol's prices have, and prices of 1e-9 with so many.
// Pure but for the survey's state; one thread.
//
// A symbol keeps its decimals, so they are found before its first tick. The
// rule: as many as its minimum price increment has, if a definition said one,
// and no fewer than any of its prices among the records that were surveyed,
// the first ones of each file. Of a symbol that neither says anything of: as
// many as any symbol of the survey, four if there was none. Never fewer than
// its first price needs.

#ifndef STREAMHUB_FEEDS_DBN_PRICE_SCALE_H_
#define STREAMHUB_FEEDS_DBN_PRICE_SCALE_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>

#include "feeds/dbn/messages.h"
#include "gateway/market/field.h"

namespace streamhub::dbn {

// An instrument's number means something within its dataset only.
inline uint64_t InstrumentKey(uint32_t dataset, uint32_t instrument) {
  return uint64_t{dataset} << 32 | instrument;
}

// Decimals that a price needs, 0 to kPriceDecimals.
int DecimalsOf(int64_t price);

class PriceScale {
 public:
  // 0 to kPriceDecimals.
  explicit PriceScale(int decimals);

  int decimals() const { return decimals_; }

  // False, and `*scaled` is as before, if the price is undefined or has more
  // decimals: nothing is rounded. Nor is the one that means "empty" a price.
  bool Scale(int64_t price, int64_t* scaled) const {
    if (price == kUndefined || price == kEmpty || price % unit_ != 0) {
      return false;
    }
    *scaled = price / unit_;
    return true;
  }

 private:
  int decimals_;
  int64_t unit_;  // how many of 1e-9 are 1
};

// By Decode(), of the records that will come.
class DecimalsSurvey {
 public:
  static constexpr int kDecimalsIfUnknown = 4;

  // The records that follow are of this dataset.
  void Use(uint32_t dataset) { dataset_ = dataset; }

  void On(const Mbo& m) { Add(m.head, m.price); }
  void On(const Trade& m) { Add(m.head, m.price); }
  template <size_t kLevels>
  void On(const Mbp<kLevels>& m) {
    Add(m.change.head, m.change.price);
    for (const BidAsk& level : m.levels) Add(m.change.head, level);
  }
  void On(const Cmbp1& m) {
    Add(m.change.head, m.change.price);
    Add(m.change.head, m.level);
  }
  void On(const Bbo& m) {
    Add(m.head, m.price);
    Add(m.head, m.level);
  }
  void On(const Ohlcv& m) {
    for (const int64_t price : {m.open, m.high, m.low, m.close}) {
      Add(m.head, price);
    }
  }
  void On(const Definition& m) { Add(m.head, m.min_price_increment); }
  // What has no prices of the market.
  template <typename T>
  void On(const T&) {}

  // Of that instrument, for ever. kUndefined: not known.
  int Find(uint64_t instrument, int64_t min_price_increment,
           int64_t first_price) const;

 private:
  void Add(const Head& head, int64_t price);
  void Add(const Head& head, const BidAsk& level) {
    Add(head, level.bid);
    Add(head, level.ask);
  }

  uint32_t dataset_ = 0;
  absl::flat_hash_map<uint64_t, int> found_;
  int most_ = -1;
};

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_PRICE_SCALE_H_
