// What a replay needs of a recording's format: the records one by one, each
// with its time. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_RECORD_READER_H_
#define STREAMHUB_FEEDS_REPLAY_RECORD_READER_H_

#include <absl/status/status.h>

#include <cstdint>

#include "feeds/gap_list.h"

namespace streamhub {

class RecordReader {
 public:
  virtual ~RecordReader() = default;

  enum class Next {
    kRecord,
    kWaiting,  // none has come so far; ask again
    kEnd,
    kFailed,  // see status(); all records before it were given out
  };

  // Is there a record, and its venue time in ns since 1970 UTC. Asking again
  // gives the same one until Apply(). Waits for a pipe at most about
  // `wait_ms_max`.
  virtual Next Peek(int wait_ms_max, int64_t* event_ns) = 0;

  // Publishes the record that Peek() found.
  virtual void Apply() = 0;

  // What was wrong so far, in which file, and where in it. After kFailed it is
  // an error; a reader that leaves damaged records out may have one before.
  virtual absl::Status status() const = 0;

  // What numbered messages are lost; null: its messages have no numbers.
  virtual const GapList* gaps() const { return nullptr; }

  // How far the file is read, and its size; 0: not known.
  virtual int64_t bytes_read() const = 0;
  virtual int64_t bytes_total() const = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORD_READER_H_
