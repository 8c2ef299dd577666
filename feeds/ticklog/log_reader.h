// Reads the bytes of a tick log (log_format.h) that come in pieces of any size:
// from a file, a pipe, a fuzzer. Bytes may be anything. One thread.
//
// Nothing that is damaged is told as if it were right. A block that is damaged
// is named, counted and passed over, and what follows it is read; records of
// symbols whose definition is lost with it are left out and counted. A log that
// ends inside a block has an error at its end, after all whole ones. Logs that
// stand behind one another are read as one.

#ifndef STREAMHUB_FEEDS_TICKLOG_LOG_READER_H_
#define STREAMHUB_FEEDS_TICKLOG_LOG_READER_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/tick_record.h"
#include "feeds/ticklog/block_codec.h"
#include "feeds/ticklog/log_filter.h"
#include "feeds/ticklog/log_format.h"

namespace streamhub::ticklog {

// What is wrong, and from which byte of the log on.
struct LogDamage {
  uint64_t offset = 0;
  uint64_t records = 0;  // so many are lost, as far as that is known
  std::string what;
};

class LogReader {
 public:
  // Of these at most damages() has the particulars.
  static constexpr size_t kDamagesKept = 100;

  enum class Next {
    kRecord,
    kNeedMore,  // put bytes into Room(), then Filled(); or Finish()
    kEnd,       // status() may tell of damage before
    kFailed,    // see status(): it is no tick log, or its end is not whole
  };

  explicit LogReader(LogFilter filter = {});

  // Space for the bytes that follow, never empty. What Read() told stays.
  std::span<uint8_t> Room();

  // The first `bytes` of Room() are there.
  void Filled(size_t bytes) { end_ += bytes; }

  // No bytes will follow.
  void Finish() { finished_ = true; }

  Next Read(TickRecord* record);

  // The first damage so far: DataLoss "at byte N: what is wrong".
  const absl::Status& status() const { return status_; }

  const std::vector<LogDamage>& damages() const { return damages_; }
  int64_t damaged() const { return damaged_; }

  // The writer was not stopped amid its work: the log has its end.
  bool closed() const { return closed_; }

  // Of whole blocks, also of those that the filter does not want.
  uint64_t whole_blocks() const { return whole_blocks_; }
  uint64_t whole_records() const { return whole_records_; }

  // Of damaged ones, as far as it is known.
  uint64_t lost_records() const { return lost_records_; }

  // Left out, as their symbol's definition is lost; of kinds that this version
  // does not know.
  uint64_t unknown_symbols() const;
  uint64_t unknown_records() const;

  int64_t blocks_unpacked() const { return unpacker_.unpacked(); }

 private:
  enum class State { kFileHead, kBlock, kRecords, kSeeking, kFailed };
  // What one step of the parser says: none, to go on.
  using Step = std::optional<Next>;

  Bytes Here() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void Pass(size_t bytes);
  Step ReadFileHead();
  Step ReadBlock();
  Step ReadPayload(const BlockHead& head);
  Step ReadFooter();
  Step Seek();
  Step ReadRecord(TickRecord* record);
  Step Incomplete();
  void EndBlock(std::string_view wrong);
  bool FollowsOthers(const BlockHead& head);
  Step Fail(uint64_t offset, std::string what);
  void Damaged(uint64_t offset, uint64_t records, std::string what);

  RecordFilter filter_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what is not yet looked at
  size_t end_ = 0;
  uint64_t offset_ = 0;  // in the log, of `begin_`
  bool finished_ = false;

  State state_ = State::kFileHead;
  BlockUnpacker unpacker_;
  std::optional<TickRecordReader> records_;  // of this file
  // Left out of files before this one.
  uint64_t unknown_symbols_before_ = 0, unknown_records_before_ = 0;
  BlockHead head_;             // of the block at hand
  uint64_t block_offset_ = 0;  // of it
  size_t plain_bytes_ = 0;     // of it
  uint32_t told_ = 0;          // records of it
  uint32_t next_number_ = 0;   // of a block
  uint64_t seek_from_ = 0;
  bool after_seek_ = false;
  bool any_file_ = false;  // began
  bool closed_ = false;
  uint64_t whole_blocks_ = 0, whole_records_ = 0, lost_records_ = 0;
  std::vector<LogDamage> damages_;
  int64_t damaged_ = 0;
  absl::Status status_;
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LOG_READER_H_
