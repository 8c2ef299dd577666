// A symbol's last price and the fields that a day's trades add up to: open,
// high, low, volume, previous close and change. Plain state of one feed
// thread; prices and sizes are scaled as the symbol's description says.
//
// A day begins with Roll(): by the venue's start-of-day message, or at the
// session roll of feeds/session_time.h.

#ifndef STREAMHUB_FEEDS_DAY_FIELDS_H_
#define STREAMHUB_FEEDS_DAY_FIELDS_H_

#include <array>
#include <cstdint>

#include "feeds/publisher.h"

namespace streamhub {

class DayFields {
 public:
  // A trade that sets the price. False, and nothing happens, if the day's
  // volume would not fit 63 bits or `size` is negative.
  bool Trade(int64_t price, int64_t size);

  // Shares traded that set no price here (an auction's total). False as above.
  bool AddVolume(int64_t size);

  // The venue tells the day before's official close, which counts from now on.
  void SetPrevClose(int64_t price);

  // A new day: the last price becomes the previous close and stays the last
  // one; open, high, low, volume and change become empty. Rolling twice
  // between two trades is rolling once.
  void Roll();

  // kEmpty where there is none yet.
  int64_t last() const { return last_; }
  int64_t prev_close() const { return prev_close_; }

  // `last`, `volume` and the day fields, to be published after any change.
  std::array<FieldValue, 7> Values() const;

 private:
  void UpdateChange();

  int64_t last_ = kEmpty;
  int64_t volume_ = kEmpty;
  int64_t open_ = kEmpty;
  int64_t high_ = kEmpty;
  int64_t low_ = kEmpty;
  int64_t prev_close_ = kEmpty;
  int64_t change_ = kEmpty;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_DAY_FIELDS_H_
