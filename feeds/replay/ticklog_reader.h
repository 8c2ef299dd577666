// The records of a tick log (feeds/ticklog), handed to a TickLogHandler. A
// record's time is when it was received; its tick has the event's own.
//
// - What has no time (a symbol's definition, its state at the begin of the log)
//   is given out with the time of the record before it, and what stands before
//   the first such with that one's, and so are statuses that stand there: a log
//   that begins with the state of hours ago does not begin hours ago. So the
//   files of a rotation, merged by time, play one after the other as if they
//   were one.
// - Records that the recorder could not keep are a gap, and so are those of
//   damaged blocks: gaps() has them by number, as if they were there, of
//   session "recording". The first is logged.
// - A damaged block does not end a replay; status() tells, and the end is kEnd
//   nevertheless. A log that ends inside a block fails at its end, after all
//   that is whole.
// - A log of what was sent to sessions has nothing to play and fails.

#ifndef STREAMHUB_FEEDS_REPLAY_TICKLOG_READER_H_
#define STREAMHUB_FEEDS_REPLAY_TICKLOG_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/gap_list.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "feeds/tick_record.h"
#include "feeds/ticklog/log_reader.h"
#include "feeds/ticklog/ticklog_handler.h"
#include "gateway/base/counters.h"

namespace streamhub {

class TickLogReader final : public RecordReader {
 public:
  // Of what precedes the first record with a time, at most so many wait for it.
  static constexpr size_t kEarlyMax = 1 << 20;

  static constexpr size_t kLostMax = 1000;
  static constexpr size_t kSentMax = 10'000;
  static constexpr size_t kSentBytesMax = 16 << 20;

  // `handler` and `counters` outlive this.
  TickLogReader(std::unique_ptr<ByteSource> source,
                ticklog::TickLogHandler& handler, Counters& counters);

  Next Peek(int wait_ms_max, int64_t* time_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override { return &gaps_; }
  int64_t messages() const override { return messages_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

  // For who inspects a recording.
  const ticklog::LogReader& log() const { return log_; }

 private:
  // A record that waits, with what it points to.
  struct Early {
    TickRecord record;
    SymbolInfo info;
    std::string feed;
    std::vector<FieldValue> values;
  };

  void Take();
  void Note();
  void Keep();
  void Lose(uint64_t records, std::string_view why);
  Next End(bool failed);

  const std::unique_ptr<ByteSource> source_;
  ticklog::TickLogHandler& handler_;
  Counters& counters_;
  ticklog::LogReader log_;
  const ticklog::TickLogHandler::LogId id_;
  TickRecord record_;        // found and not yet applied
  bool has_record_ = false;  // there is one
  std::deque<Early> early_;  // before it
  bool knows_time_ = false;
  int64_t time_ns_ = 0;  // of the last record that has one
  uint64_t number_ = 0;  // of it, counting those that are lost
  uint64_t lost_ = 0;    // in damaged blocks, so far as `gaps_` has them
  uint64_t sent_ = 0;    // records of what was sent
  bool gap_told_ = false;
  bool ended_ = false;
  bool failed_ = false;
  // For who inspects it: records, all and by kind; the first that were lost,
  // and the first that were sent, of together at most kSentBytesMax.
  int64_t messages_ = 0;
  std::array<int64_t, 256> by_kind_ = {};
  std::vector<LostRecords> lost_times_;
  std::vector<SentText> sent_texts_;
  size_t sent_bytes_ = 0;
  int64_t sent_first_ns_ = 0;
  int64_t sent_last_ns_ = 0;
  GapList gaps_;
  absl::Status fault_;  // that is not of the log's bytes
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_TICKLOG_READER_H_
