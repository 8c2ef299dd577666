// A symbol's last price and day, from trades and from what the venue states
// beside them. Plain state of one feed thread; prices and sizes are scaled as
// the symbol's description says, kEmpty where there is none.
//
// What is stated replaces what was added up so far, and later trades go on from
// there. A stated close becomes the previous one when the day rolls, in place
// of the last price; at once, if nothing was traded yet or it is said to be
// that of the day before.

#ifndef STREAMHUB_FEEDS_FIX_STATED_DAY_H_
#define STREAMHUB_FEEDS_FIX_STATED_DAY_H_

#include <array>
#include <cstdint>

#include "feeds/publisher.h"

namespace streamhub::fix {

class StatedDay {
 public:
  // A trade, `size` kEmpty if it is not told. False, and nothing happens, if
  // the day's volume would not fit 63 bits.
  bool Trade(int64_t price, int64_t size, int64_t time_ns);

  // A price that nobody traded, an index: all but the volume.
  void Index(int64_t price, int64_t time_ns);

  // The last trade, which was before: no other field knows it.
  void Last(int64_t price, int64_t size, int64_t time_ns);

  // `field`: kOpen, kHigh, kLow, kVolume, kSettlement, kVwap or kOpenInterest.
  void State(FieldId field, int64_t value);
  void Close(int64_t price, bool of_day_before);

  // A new day: open, high, low, volume, change and vwap become empty.
  void Roll();

  int64_t last() const { return last_; }

  // All of them, to be published after any change.
  std::array<FieldValue, 12> Values() const;

 private:
  void SetLast(int64_t price, int64_t size, int64_t time_ns);
  void Extend(int64_t price);
  void SetChange();

  int64_t last_ = kEmpty;
  int64_t last_size_ = kEmpty;
  int64_t trade_ns_ = kEmpty;
  int64_t volume_ = kEmpty;
  int64_t open_ = kEmpty;
  int64_t high_ = kEmpty;
  int64_t low_ = kEmpty;
  int64_t prev_close_ = kEmpty;
  int64_t change_ = kEmpty;
  int64_t close_ = kEmpty;  // stated of this day
  int64_t settlement_ = kEmpty;
  int64_t vwap_ = kEmpty;
  int64_t open_interest_ = kEmpty;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_STATED_DAY_H_
