// Writes a tick log (log_format.h): what feeds brought, in blocks. One thread.
//
// What is told is held until a block is full, or Flush(). A process that is
// killed leaves a file that ends with a whole block, or within one, which a
// reader tells. Records are added without allocation; each block adds a little
// to the index, a bit for every symbol.
//
// Times are in ns since 1970 UTC; an event's is 0 if the venue tells none.

#ifndef STREAMHUB_FEEDS_TICKLOG_LOG_WRITER_H_
#define STREAMHUB_FEEDS_TICKLOG_LOG_WRITER_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/field_value.h"
#include "feeds/tape.h"
#include "feeds/tick_record.h"
#include "feeds/ticklog/block_codec.h"
#include "feeds/ticklog/log_file.h"
#include "feeds/ticklog/log_format.h"
#include "feeds/ticklog/log_index.h"
#include "gateway/market/feed_board.h"
#include "gateway/market/symbol.h"

namespace streamhub::ticklog {

struct WriterOptions {
  size_t block_bytes = 1 << 20;  // before compression; at most half of
                                 // kBlockBytesMax
  int level = 1;                 // zstd's
};

class LogWriter {
 public:
  using Sink = std::function<absl::Status(std::string_view)>;

  // So many numbers of symbols there are, from 0.
  static constexpr uint32_t kNumbersMax = 1 << 24;

  // A new file. AlreadyExists if there is one: a log is never appended to by
  // another run; others as of LogFile.
  static absl::StatusOr<std::unique_ptr<LogWriter>> Create(
      const std::string& path, const WriterOptions& options = {});

  // To anywhere, for tests and benchmarks: each call is a whole piece.
  LogWriter(Sink sink, const WriterOptions& options);

  // Closes; what Close() would say is lost.
  ~LogWriter();

  // A symbol before its first tick, or once more if it is described anew.
  // `number` is the caller's own, `info.layout` outlives this, and `feed` is
  // the name of the feed that writes it.
  void Symbol(uint32_t number, const SymbolInfo& info, std::string_view feed);

  // Values of fields that the symbol's layout lacks are left out.
  void Tick(uint32_t number, std::span<const FieldValue> values,
            int64_t received_ns, int64_t event_ns);

  // All fields of the symbol that are not empty, at the begin of a file, so
  // that each file of a rotation can be played alone: told to readers as such,
  // and not counted as a tick. Times are those of its last tick.
  void Refresh(uint32_t number, std::span<const FieldValue> values,
               int64_t received_ns, int64_t event_ns);

  void Trade(uint32_t number, const TradeReport& trade, int64_t received_ns,
             int64_t event_ns);
  void Epoch(uint64_t epoch, int64_t time_ns);
  void Status(std::string_view feed, FeedStatus status, int64_t time_ns);

  // So many records from `from_ns` to `to_ns` could not be kept.
  void Gap(uint64_t records, int64_t from_ns, int64_t to_ns);

  // What one session was sent, of an incident log.
  void Sent(const SentRecord& sent);

  // Writes the block that was begun. Errors stay: status(). After one nothing
  // more is written; the file ends with a whole block.
  absl::Status Flush();

  // Flush(), the index, fdatasync. What is told afterwards is lost.
  absl::Status Close();

  // ResourceExhausted: the disk is full.
  absl::Status status() const { return status_; }

  uint64_t bytes_written() const { return bytes_written_; }

  // Ticks, trades and what else happened: all but symbols and refreshes.
  uint64_t records() const { return records_; }

  // Of symbols that were not told: a fault of the caller.
  uint64_t left_out() const { return left_out_; }

 private:
  LogWriter(std::unique_ptr<LogFile> file, Sink sink,
            const WriterOptions& options);

  struct Known {
    const Layout* layout = nullptr;  // null: was not told
    uint32_t number = 0;             // in the file
  };

  bool IsOver() const { return closed_ || !status_.ok(); }
  // Null, and counted, if the symbol was not told.
  const Known* Find(uint32_t number);
  // A record of these times, the same or in order, is in the block.
  void Happened(int64_t first_ns, int64_t last_ns);
  // The block may be full.
  void Grown();
  void WriteBlock();
  void Put(std::string_view piece);

  const std::unique_ptr<LogFile> file_;  // null: there is a sink
  const Sink sink_;
  const size_t block_bytes_;
  TickRecordWriter writer_;
  BlockPacker packer_;
  IndexBuilder index_;
  std::vector<Known> known_;  // by the caller's number
  uint32_t next_number_ = 0;  // in the file
  std::string plain_;         // of the block that was begun
  BlockHead head_;            // of it
  bool has_times_ = false;    // one of its records has one
  bool closed_ = false;
  uint64_t bytes_written_ = 0;
  uint64_t records_ = 0;
  uint64_t left_out_ = 0;
  absl::Status status_;
};

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LOG_WRITER_H_
