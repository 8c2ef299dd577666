#include "feeds/day_fields.h"

#include <algorithm>

namespace streamhub {

bool DayFields::Trade(int64_t price, int64_t size) {
  if (!AddVolume(size)) return false;
  last_ = price;
  if (open_ == kEmpty) {
    open_ = high_ = low_ = price;
  } else {
    high_ = std::max(high_, price);
    low_ = std::min(low_, price);
  }
  UpdateChange();
  return true;
}

void DayFields::UpdateChange() {
  // A difference beyond 64 bits is no price at all: empty, not wrong.
  if (prev_close_ == kEmpty ||
      __builtin_sub_overflow(last_, prev_close_, &change_)) {
    change_ = kEmpty;
  }
}

void DayFields::SetPrevClose(int64_t price) {
  prev_close_ = price;
  // Without a trade of the day the last price is not the day's.
  if (open_ != kEmpty) UpdateChange();
}

bool DayFields::AddVolume(int64_t size) {
  int64_t sum = 0;
  if (size < 0 ||
      __builtin_add_overflow(volume_ == kEmpty ? 0 : volume_, size, &sum)) {
    return false;
  }
  volume_ = sum;
  return true;
}

void DayFields::Roll() {
  if (last_ != kEmpty) prev_close_ = last_;
  open_ = high_ = low_ = volume_ = change_ = kEmpty;
}

std::array<FieldValue, 7> DayFields::Values() const {
  return {{{FieldId::kLast, last_},
           {FieldId::kVolume, volume_},
           {FieldId::kOpen, open_},
           {FieldId::kHigh, high_},
           {FieldId::kLow, low_},
           {FieldId::kPrevClose, prev_close_},
           {FieldId::kChange, change_}}};
}

}  // namespace streamhub
