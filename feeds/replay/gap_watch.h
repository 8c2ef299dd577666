// Tells a publisher of the gaps of a recording as they appear, each once. On
// the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_GAP_WATCH_H_
#define STREAMHUB_FEEDS_REPLAY_GAP_WATCH_H_

#include <cstdint>

#include "feeds/gap_list.h"
#include "feeds/publisher.h"
#include "feeds/replay/record_reader.h"

namespace streamhub {

class GapWatch {
 public:
  // `gaps` is null or outlives this.
  explicit GapWatch(const GapList* gaps) : gaps_(gaps) {}

  // Of a reader, which outlives this. It makes its list when it is asked.
  explicit GapWatch(const RecordReader& reader)
      : reader_(&reader), gaps_(reader.gaps()) {}

  // After a batch. Where nothing is new it costs a comparison.
  void Look(Publisher& publisher) {
    if (reader_ != nullptr) gaps_ = reader_->gaps();
    if (gaps_ != nullptr && gaps_->messages() != messages_told_) {
      TellWhatIsNew(publisher);
    }
  }

 private:
  void TellWhatIsNew(Publisher& publisher);

  const RecordReader* reader_ = nullptr;
  const GapList* gaps_;
  uint64_t messages_told_ = 0;
  int64_t gaps_told_ = 0;
  uint64_t last_told_ = 0;  // of the newest of those
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_GAP_WATCH_H_
