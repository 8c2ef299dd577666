// A tick log in a file, read by its index: blocks that have nothing of what is
// wanted are neither read nor decompressed. Of a log that was not closed the
// index is made of the heads of its blocks, which say times, not symbols. One
// thread. What it tells, and of damage, is as of LogReader.

#ifndef STREAMHUB_FEEDS_TICKLOG_INDEXED_LOG_H_
#define STREAMHUB_FEEDS_TICKLOG_INDEXED_LOG_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "feeds/tick_record.h"
#include "feeds/ticklog/block_codec.h"
#include "feeds/ticklog/log_filter.h"
#include "feeds/ticklog/log_format.h"
#include "feeds/ticklog/log_index.h"

namespace streamhub::ticklog {

class IndexedLog {
 public:
  // DataLoss: is no tick log, or one of another version; NotFound and
  // InvalidArgument: it cannot be read, or not at any place of it (a pipe). All
  // with the path.
  static absl::StatusOr<std::unique_ptr<IndexedLog>> Open(
      const std::string& path);
  ~IndexedLog();

  IndexedLog(const IndexedLog&) = delete;
  IndexedLog& operator=(const IndexedLog&) = delete;

  const LogIndex& index() const { return index_; }

  // The index stands in the file: the writer was not stopped amid its work.
  bool closed() const { return closed_; }

  // From the begin on, what the filter wants.
  void Select(LogFilter filter);

  enum class Next { kRecord, kEnd };  // status() may tell of damage
  Next Read(TickRecord* record);

  // The first damage so far, with the path and the byte; also that the log
  // ends inside a block.
  const absl::Status& status() const { return status_; }

  int64_t blocks_unpacked() const { return unpacker_.unpacked(); }

 private:
  IndexedLog(int fd, std::string path);

  absl::Status ReadFileHead();
  bool ReadIndex();
  void HopOverBlocks();
  bool Fill(uint64_t offset, std::span<uint8_t> bytes) const;
  bool Wants(uint32_t block) const;
  bool Begin(uint32_t block);
  void Damaged(uint64_t offset, const std::string& what);

  const int fd_;
  const std::string path_;
  uint64_t size_ = 0;
  LogIndex index_;
  bool closed_ = false;
  RecordFilter filter_;
  std::vector<uint32_t> wanted_;  // numbers, if the index knows them
  uint32_t next_ = 0;             // block
  bool in_block_ = false;
  size_t plain_bytes_ = 0;  // of it
  std::vector<uint8_t> bytes_;
  BlockUnpacker unpacker_;
  std::optional<TickRecordReader> records_;
  absl::Status status_;
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_INDEXED_LOG_H_
