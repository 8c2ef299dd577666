#include "feeds/fix/stated_day.h"

#include <algorithm>

namespace streamhub::fix {

bool StatedDay::Trade(int64_t price, int64_t size, int64_t time_ns) {
  if (size != kEmpty) {
    int64_t sum = 0;
    if (size < 0 ||
        __builtin_add_overflow(volume_ == kEmpty ? 0 : volume_, size, &sum)) {
      return false;
    }
    volume_ = sum;
  }
  Extend(price);
  SetLast(price, size, time_ns);
  return true;
}

void StatedDay::Index(int64_t price, int64_t time_ns) {
  Extend(price);
  SetLast(price, kEmpty, time_ns);
}

void StatedDay::Last(int64_t price, int64_t size, int64_t time_ns) {
  SetLast(price, size, time_ns);
}

void StatedDay::SetLast(int64_t price, int64_t size, int64_t time_ns) {
  last_ = price;
  last_size_ = size;
  trade_ns_ = time_ns;
  SetChange();
}

void StatedDay::Extend(int64_t price) {
  if (open_ == kEmpty) open_ = price;
  high_ = high_ == kEmpty ? price : std::max(high_, price);
  low_ = low_ == kEmpty ? price : std::min(low_, price);
}

void StatedDay::SetChange() {
  // A difference beyond 64 bits is no price at all: empty, not wrong.
  if (last_ == kEmpty || prev_close_ == kEmpty ||
      __builtin_sub_overflow(last_, prev_close_, &change_)) {
    change_ = kEmpty;
  }
}

void StatedDay::State(FieldId field, int64_t value) {
  switch (field) {
    case FieldId::kOpen:
      open_ = value;
      break;
    case FieldId::kHigh:
      high_ = value;
      break;
    case FieldId::kLow:
      low_ = value;
      break;
    case FieldId::kVolume:
      volume_ = value;
      break;
    case FieldId::kSettlement:
      settlement_ = value;
      break;
    case FieldId::kVwap:
      vwap_ = value;
      break;
    case FieldId::kOpenInterest:
      open_interest_ = value;
      break;
    default:
      break;
  }
}

void StatedDay::Close(int64_t price, bool of_day_before) {
  if (of_day_before || last_ == kEmpty) {
    prev_close_ = price;
    SetChange();
  } else {
    close_ = price;
  }
}

void StatedDay::Roll() {
  const int64_t close = close_ == kEmpty ? last_ : close_;
  if (close != kEmpty) prev_close_ = close;
  close_ = open_ = high_ = low_ = volume_ = change_ = vwap_ = kEmpty;
}

std::array<FieldValue, 12> StatedDay::Values() const {
  return {{{FieldId::kLast, last_},
           {FieldId::kLastSize, last_size_},
           {FieldId::kTradeTime, trade_ns_},
           {FieldId::kVolume, volume_},
           {FieldId::kOpen, open_},
           {FieldId::kHigh, high_},
           {FieldId::kLow, low_},
           {FieldId::kPrevClose, prev_close_},
           {FieldId::kChange, change_},
           {FieldId::kSettlement, settlement_},
           {FieldId::kVwap, vwap_},
           {FieldId::kOpenInterest, open_interest_}}};
}

}  // namespace streamhub::fix
