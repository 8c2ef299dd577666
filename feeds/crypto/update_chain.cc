#include "feeds/crypto/update_chain.h"

#include <algorithm>

namespace streamhub::crypto {

// Nothing is missing between `last_` and these.
bool UpdateChain::Follows(const UpdateIds& ids) const {
  if (!ids.previous.has_value()) return ids.first <= last_ + 1;
  if (state_ != State::kFresh) return *ids.previous == last_;
  return ids.first <= last_ || *ids.previous <= last_;
}

UpdateChain::Step UpdateChain::OnUpdate(const UpdateIds& ids, Gap* gap) {
  // Futures send the update at which a snapshot was taken once more.
  const bool again = state_ == State::kFresh && ids.previous.has_value();
  if (any_ && (again ? ids.last < last_ : ids.last <= last_)) {
    return Step::kOld;
  }
  if (any_ && !Follows(ids)) {
    const uint64_t until = ids.previous.value_or(ids.first - 1);
    *gap = {last_ + 1, std::max(until, last_ + 1)};
    BreakAt(ids.last);
    return Step::kGap;
  }
  any_ = true;
  last_ = ids.last;
  if (state_ == State::kNoBook) return Step::kKeep;
  state_ = State::kRunning;
  return Step::kApply;
}

bool UpdateChain::OnSnapshot(uint64_t last) {
  if (has_book() && last < last_) return false;
  state_ = State::kFresh;
  any_ = true;
  last_ = last;
  return true;
}

void UpdateChain::BreakAt(uint64_t last) {
  state_ = State::kNoBook;
  any_ = true;
  last_ = last;
}

}  // namespace streamhub::crypto
