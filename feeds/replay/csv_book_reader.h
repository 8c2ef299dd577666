// The rows of a Tardis book file (feeds/csv/book_rows.h), handed to a
// CsvHandler. A record is a row; to know whether one of updates is the last one
// of its message, the reader looks one row ahead.
//
// A row that is damaged or does not fit is left out, counted and told; the
// others are played, and the reader fails at the end. Where it is one of
// updates the handler is told, whose book ends with it. What makes it fail at
// once: damaged compression, and a header that lacks a column. Before the first
// row is given out the first ones are surveyed for their decimals.

#ifndef STREAMHUB_FEEDS_REPLAY_CSV_BOOK_READER_H_
#define STREAMHUB_FEEDS_REPLAY_CSV_BOOK_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/csv/book_rows.h"
#include "feeds/csv/csv_handler.h"
#include "feeds/csv/fields.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/line_source.h"
#include "feeds/replay/record_reader.h"
#include "feeds/session_time.h"
#include "gateway/base/counters.h"

namespace streamhub {

class CsvBookReader final : public RecordReader {
 public:
  // `handler` and `counters` outlive this. `zone`: any.
  CsvBookReader(std::unique_ptr<ByteSource> source, csv::BookForm form,
                const SessionTime& zone, csv::CsvHandler& handler,
                Counters& counters);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  int64_t messages() const override { return good_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return lines_.source().bytes_read(); }
  int64_t bytes_total() const override { return lines_.source().bytes_total(); }

 private:
  using Got = LineSource::Got;

  // A row with all that it points into.
  struct Slot {
    std::string text;
    csv::FieldSplitter fields;
    csv::BookRow row;
    int64_t number = 0;
    bool full = false;
    // Rows behind it were left out: of which symbol, empty: of any.
    bool loss_behind = false;
    std::string lost_symbol;
  };

  bool Survey(int wait_ms_max);
  Got Fetch(int wait_ms_max, Slot* slot, Slot* before);
  void LeaveOut(std::string_view fault, int64_t number);
  void Fail(std::string_view what);

  LineSource lines_;
  const csv::BookForm form_;
  csv::BookRowReader rows_;
  csv::CsvHandler& handler_;
  Counters& counters_;
  bool survey_done_;

  std::array<Slot, 2> slots_;
  size_t at_ = 0;         // the slot of the row at hand; the other has the next
  bool at_end_ = false;   // there is no next one
  bool is_last_ = false;  // of its message; known once there is a next one

  int64_t good_ = 0;
  int64_t bad_ = 0;
  FaultList faults_;
  std::string first_fault_;  // "line 17: ..."
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_CSV_BOOK_READER_H_
