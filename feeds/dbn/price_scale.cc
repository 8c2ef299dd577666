#include "feeds/dbn/price_scale.h"

#include <algorithm>

namespace streamhub::dbn {

int DecimalsOf(int64_t price) {
  int decimals = kPriceDecimals;
  while (decimals > 0 && price % 10 == 0) {
    price /= 10;
    --decimals;
  }
  return decimals;
}

PriceScale::PriceScale(int decimals) : decimals_(decimals), unit_(1) {
  for (int i = decimals; i < kPriceDecimals; ++i) unit_ *= 10;
}

void DecimalsSurvey::Add(const Head& head, int64_t price) {
  if (price == kUndefined) return;
  const int needed = DecimalsOf(price);
  const uint64_t key = InstrumentKey(dataset_, head.instrument);
  int& found = found_.try_emplace(key, needed).first->second;
  found = std::max(found, needed);
  most_ = std::max(most_, needed);
}

int DecimalsSurvey::Find(uint64_t instrument, int64_t min_price_increment,
                         int64_t first_price) const {
  int decimals = -1;
  if (min_price_increment != kUndefined && min_price_increment > 0) {
    decimals = DecimalsOf(min_price_increment);
  }
  const auto found = found_.find(instrument);
  if (found != found_.end()) {
    decimals = std::max(decimals, found->second);
  } else if (decimals < 0) {
    decimals = most_ < 0 ? kDecimalsIfUnknown : most_;
  }
  if (first_price != kUndefined) {
    decimals = std::max(decimals, DecimalsOf(first_price));
  }
  return decimals;
}

}  // namespace streamhub::dbn
