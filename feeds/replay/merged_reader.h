// Several recordings as one: a k-way merge by the time of their records, of
// equal times in the order of the recordings. Each of them is taken to be in
// the order of time; a record that is not comes right after the one before it.
//
// A recording that fails does not stop the others: it is logged, and told at
// the end. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_MERGED_READER_H_
#define STREAMHUB_FEEDS_REPLAY_MERGED_READER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "feeds/replay/record_reader.h"

namespace streamhub {

class MergedReader final : public RecordReader {
 public:
  explicit MergedReader(std::vector<std::unique_ptr<RecordReader>> readers);

  // kEnd is the end of a stretch: of recordings whose times overlap. kFailed
  // is not said before the end of the last.
  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;

  // After kEnd: goes on to the next stretch, false if there is none.
  bool NextStretch() { return std::exchange(between_, false); }

  // The first damage of any of them so far.
  absl::Status status() const override;

  uint64_t messages_lost() const override;
  int64_t messages() const override;

  // Sums; the second is 0 as long as one is not known.
  int64_t bytes_read() const override;
  int64_t bytes_total() const override;

 private:
  struct Source {
    std::unique_ptr<RecordReader> reader;
    bool began = false;  // a record of it was applied
  };
  using Head = std::pair<int64_t, size_t>;  // time of the next record, whose

  void Drop(const Source& source, bool failed);

  std::vector<Source> sources_;
  std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_;
  std::vector<size_t> headless_;  // whose next record is not known; a stack
  size_t open_ = 0;               // began and are not at their end
  bool any_began_ = false;
  bool between_ = false;  // two stretches
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_MERGED_READER_H_
