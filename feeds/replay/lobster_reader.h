// The rows of a LOBSTER day, a message with the book behind it, handed to a
// LobsterHandler. The two files are read in step. A pair of which either row is
// damaged is left out, counted and told; the others are played, and the reader
// fails at the end, as it does when one file has more rows than the other.

#ifndef STREAMHUB_FEEDS_REPLAY_LOBSTER_READER_H_
#define STREAMHUB_FEEDS_REPLAY_LOBSTER_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/csv/lobster.h"
#include "feeds/csv/lobster_handler.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/line_source.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class LobsterReader final : public RecordReader {
 public:
  // `midnight_ns`: when the day began. `handler` and `counters` outlive this.
  // Within a batch of the handler's publisher.
  LobsterReader(std::unique_ptr<ByteSource> messages,
                std::unique_ptr<ByteSource> books, std::string_view symbol,
                int64_t midnight_ns, csv::LobsterHandler& handler,
                Counters& counters);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  int64_t messages() const override { return good_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override;
  int64_t bytes_total() const override;

 private:
  using Got = LineSource::Got;

  // One of the two files.
  struct Half {
    explicit Half(std::unique_ptr<ByteSource> source)
        : lines(std::move(source)) {}
    LineSource lines;
    bool has_line = false;        // read, and not yet paired
    const char* fault = nullptr;  // of that line; null: it is good
  };

  template <typename Parse>
  Got Fetch(int wait_ms_max, Half& half, Parse parse);
  Next End(Got messages, Got books);
  void LeaveOut(const Half& half);

  Half messages_;
  Half books_;
  const int64_t midnight_ns_;
  csv::LobsterHandler& handler_;
  Counters& counters_;
  const size_t symbol_;

  csv::LobsterMessage message_;
  csv::LobsterBook book_;
  size_t levels_ = 0;        // of a row of the orderbook; 0: not known yet
  bool has_record_ = false;  // found and not yet applied

  int64_t good_ = 0;
  int64_t bad_ = 0;
  NameCounts by_type_;  // as the format numbers them
  FaultList faults_;
  std::string first_fault_;  // "FILE: line 17: ..."
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_LOBSTER_READER_H_
