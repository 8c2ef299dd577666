#include "feeds/replay/gap_watch.h"

#include <cstddef>
#include <vector>

namespace streamhub {

void GapWatch::TellWhatIsNew(Publisher& publisher) {
  const std::vector<Gap>& kept = gaps_->kept();
  // All that was lost came after all.
  if (gaps_->messages() == 0) publisher.RepairGap();
  const auto tell = [&](const Gap& gap, uint64_t first) {
    publisher.ReportGap(gap.session, first, gap.last);
    messages_told_ += gap.last - first + 1;
    last_told_ = gap.last;
  };
  // The newest may have become longer.
  const auto told = static_cast<size_t>(gaps_told_);
  if (told > 0 && told <= kept.size() && kept[told - 1].last > last_told_) {
    tell(kept[told - 1], last_told_ + 1);
  }
  for (size_t i = told; i < kept.size(); ++i, ++gaps_told_) {
    tell(kept[i], kept[i].first);
  }
  // The list keeps the first ones only; of others it counts.
  if (gaps_->messages() > messages_told_) {
    publisher.ReportGaps(gaps_->gaps() - gaps_told_,
                         gaps_->messages() - messages_told_);
  }
  gaps_told_ = gaps_->gaps();
  messages_told_ = gaps_->messages();
}

}  // namespace streamhub
