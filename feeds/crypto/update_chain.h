// Which updates of a Binance book may be applied, told by their numbers alone:
// "How to manage a local order book correctly" of the WebSocket Streams pages
// of Spot, USD-M and COIN-M (those with "pu" are futures).
//
// - A REST snapshot says up to which update it holds: L. Updates that came
//   before it are kept, as the snapshot is asked for while they run.
// - Spot: updates up to L are old, and the first other one holds L + 1; then
//   each begins right behind the one before it. One that overlaps it brings
//   nothing wrong, as sizes are absolute, and is applied.
// - Futures: updates that end before L are old; the first other one begins at
//   L or before, or follows directly on an update that L holds. Then each says
//   with "pu" that it follows the one before it.
// - Anything else is a gap: there is no book until the next snapshot, and the
//   updates from there on are kept for it.
//
// One thread.

#ifndef STREAMHUB_FEEDS_CRYPTO_UPDATE_CHAIN_H_
#define STREAMHUB_FEEDS_CRYPTO_UPDATE_CHAIN_H_

#include <cstdint>

#include "feeds/crypto/messages.h"

namespace streamhub::crypto {

class UpdateChain {
 public:
  enum class Step {
    kApply,
    kOld,   // the book holds it already
    kKeep,  // for the next snapshot
    kGap,   // as kKeep, and what was kept before it is of no use any more
  };

  struct Gap {
    uint64_t first = 0;  // numbers that are missing
    uint64_t last = 0;

    friend bool operator==(const Gap&, const Gap&) = default;
  };

  // What to do with the next update. `*gap` is set with kGap.
  Step OnUpdate(const UpdateIds& ids, Gap* gap);

  // A snapshot that holds all updates up to `last`. False if the book holds
  // more than it: it is of no use. Else the updates that were kept are next,
  // each to be asked about again.
  bool OnSnapshot(uint64_t last);

  // There is no book, and no updates are kept for one.
  void Break() { *this = UpdateChain(); }

  // There is no book; updates are kept, up to this one.
  void BreakAt(uint64_t last);

  bool has_book() const { return state_ != State::kNoBook; }

  // The last update that the book holds, or that is kept; 0: none.
  uint64_t last() const { return last_; }

 private:
  enum class State : uint8_t {
    kNoBook,
    kFresh,    // a snapshot, and no update behind it
    kRunning,  // a snapshot and updates
  };

  bool Follows(const UpdateIds& ids) const;

  State state_ = State::kNoBook;
  bool any_ = false;  // `last_` is set
  uint64_t last_ = 0;
};

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_UPDATE_CHAIN_H_
