// What of a book clients see: its best ten levels, as they were published last,
// and a tick that is put together of what differs. Plain state of one feed
// thread; prices and sizes are scaled as the symbol's description says.

#ifndef STREAMHUB_FEEDS_DBN_SHOWN_BOOK_H_
#define STREAMHUB_FEEDS_DBN_SHOWN_BOOK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "feeds/dbn/order_book.h"
#include "feeds/publisher.h"

namespace streamhub::dbn {

class TickValues {
 public:
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  std::span<const FieldValue> all() const { return {values_.data(), count_}; }
  bool empty() const { return count_ == 0; }
  void Clear() { count_ = 0; }

 private:
  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

struct ShownLevel {
  int64_t price = kEmpty;
  int64_t size = kEmpty;
  friend bool operator==(const ShownLevel&, const ShownLevel&) = default;
};

class ShownBook {
 public:
  static constexpr size_t kDepth = 10;

  // From now on this is the level at `depth`, below kDepth. True if it was
  // another one: then the tick says so.
  bool Show(Side side, size_t depth, const ShownLevel& level, TickValues* tick);

  // The orders of the best level, kEmpty: not told.
  void ShowOrders(Side side, int64_t orders, TickValues* tick);

 private:
  std::array<std::array<ShownLevel, kDepth>, 2> levels_;
  std::array<int64_t, 2> orders_ = {kEmpty, kEmpty};
};

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_SHOWN_BOOK_H_
