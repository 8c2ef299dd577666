// What a replay needs of a recording's format: the records one by one, each
// with its time. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_RECORD_READER_H_
#define STREAMHUB_FEEDS_REPLAY_RECORD_READER_H_

#include <absl/status/status.h>

#include <cstdint>

#include "feeds/gap_list.h"
#include "feeds/line_marks.h"
#include "feeds/replay/findings.h"

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

  // The sum of it.
  virtual uint64_t messages_lost() const {
    const GapList* const list = gaps();
    return list == nullptr ? 0 : list->messages();
  }

  // How the lines do that it takes its messages from; null: there is but one.
  virtual const LineMarks* lines() const { return nullptr; }

  // Messages that were read so far, the one that Peek() found included; a
  // record may hold several of them, or none.
  virtual int64_t messages() const { return 0; }

  // Adds all that it can tell of the recording so far beside that. Control
  // path.
  virtual void TellFindings(Findings* findings) const {
    static_cast<void>(findings);
  }

  // How far the file is read, and its size; 0: not known.
  virtual int64_t bytes_read() const = 0;
  virtual int64_t bytes_total() const = 0;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORD_READER_H_
