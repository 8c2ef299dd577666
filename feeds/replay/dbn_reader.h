// The records of a DBN file, handed to a DbnHandler. A record's time is when it
// was captured: by that a file is in order, while the venue's time, which the
// ticks have, is not (a snapshot tells orders of days ago).
//
// Before the first record is given out the first ones are surveyed for the
// decimals of their prices: as many as the buffer holds, or as a pipe brings
// before it makes wait.
//
// What is no data of the market (symbol mappings, messages of a live session)
// has a time of another clock, so it is applied on the way and not given out.
// An error that a live session was told is logged, the first one. Records of
// types that are not decoded are left out and counted.

#ifndef STREAMHUB_FEEDS_REPLAY_DBN_READER_H_
#define STREAMHUB_FEEDS_REPLAY_DBN_READER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "feeds/dbn/dbn_handler.h"
#include "feeds/dbn/decoder.h"
#include "feeds/dbn/stream_reader.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class DbnReader final : public RecordReader {
 public:
  // `handler` and `counters` outlive this.
  DbnReader(std::unique_ptr<ByteSource> source, dbn::DbnHandler& handler,
            Counters& counters);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override { return status_; }
  int64_t messages() const override { return messages_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

  // Records so far, by type: all, and those that were left out.
  using ByType = std::array<int64_t, 256>;
  const ByType& records() const { return records_; }
  const ByType& skipped() const { return skipped_; }

  // Empty before the first Peek() that found a record.
  const dbn::Metadata& metadata() const { return frames_.metadata(); }

 private:
  enum class Filled { kBytes, kWaiting, kEnd, kFailed };

  Filled Fill(int wait_ms_max);
  bool Survey(int wait_ms_max);
  bool Examine();
  Next Fail(std::string_view what);

  const std::unique_ptr<ByteSource> source_;
  dbn::DbnHandler& handler_;
  Counters& counters_;
  dbn::StreamReader frames_;
  dbn::DbnHandler::StreamId stream_ = 0;
  dbn::Form form_;
  bool surveying_ = false;
  std::span<const uint8_t> record_;  // found and not yet applied, or empty
  int64_t event_ns_ = 0;  // its time; of the one before if it has none
  bool warned_ = false;
  ByType records_ = {};
  int64_t messages_ = 0;  // their sum
  FaultList faults_;
  ByType skipped_ = {};
  absl::Status status_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_DBN_READER_H_
