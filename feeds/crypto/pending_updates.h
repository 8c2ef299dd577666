// The updates of one book that wait for its snapshot, oldest first. Bounded: of
// too many the oldest go. One thread.

#ifndef STREAMHUB_FEEDS_CRYPTO_PENDING_UPDATES_H_
#define STREAMHUB_FEEDS_CRYPTO_PENDING_UPDATES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "feeds/crypto/messages.h"
#include "feeds/level_book.h"

namespace streamhub::crypto {

struct PendingUpdate {
  UpdateIds ids;
  int64_t event_ns = 0;
  std::vector<Level> bids;
  std::vector<Level> asks;
};

class PendingUpdates {
 public:
  static constexpr size_t kUpdatesMax = 10'000;
  static constexpr size_t kLevelsMax = 1'000'000;

  // How many had to go for it.
  size_t Add(PendingUpdate update) {
    levels_ += update.bids.size() + update.asks.size();
    updates_.push_back(std::move(update));
    size_t dropped = 0;
    for (; updates_.size() > kUpdatesMax || levels_ > kLevelsMax; ++dropped) {
      DropFirst();
    }
    return dropped;
  }

  bool empty() const { return updates_.empty(); }

  // Not if it is empty.
  const PendingUpdate& first() const { return updates_.front(); }
  const PendingUpdate& last() const { return updates_.back(); }
  void DropFirst() {
    levels_ -= first().bids.size() + first().asks.size();
    updates_.pop_front();
  }

  void Clear() {
    updates_.clear();
    levels_ = 0;
  }

 private:
  std::deque<PendingUpdate> updates_;
  size_t levels_ = 0;
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_PENDING_UPDATES_H_
