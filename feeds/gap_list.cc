#include "feeds/gap_list.h"

#include <absl/strings/str_cat.h>

#include <limits>

namespace streamhub {

void GapList::Add(std::string_view session, uint64_t first, uint64_t last) {
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  const uint64_t before_last = last - first;
  const uint64_t room = kMax - messages_;
  messages_ = before_last < room ? messages_ + before_last + 1 : kMax;
  const bool newest_kept = gaps_ == static_cast<int64_t>(kept_.size());
  if (newest_kept && !kept_.empty()) {
    Gap& newest = kept_.back();
    if (newest.session == session && newest.last + 1 == first) {
      newest.last = last;
      return;
    }
  }
  ++gaps_;
  if (kept_.size() == kKeptMax) return;
  kept_.push_back({std::string(session), first, last});
}

bool GapList::Touches(std::string_view session, uint64_t first,
                      uint64_t last) const {
  // Most often somebody asks of the newest.
  for (auto gap = kept_.rbegin(); gap != kept_.rend(); ++gap) {
    if (gap->session != session || gap->last < first) return false;
    if (gap->first <= last) return true;
  }
  return false;
}

std::string Describe(const GapList& gaps) {
  const Gap& first = gaps.kept().front();
  const bool one = gaps.messages() == 1;
  return absl::StrCat(
      gaps.messages(), one ? " message is" : " messages are", " lost in ",
      gaps.gaps(), gaps.gaps() == 1 ? " gap" : " gaps", "; the first is ",
      first.first, " to ", first.last, " of session ", first.session);
}

}  // namespace streamhub
