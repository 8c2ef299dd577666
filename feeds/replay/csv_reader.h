// The rows of a CSV file, handed to a CsvHandler. A row that is damaged or
// does not fit is left out, counted and told; the others are played, and the
// reader fails at the end. What makes it fail at once: damaged compression,
// and a header that lacks a column.
//
// Before the first row is given out the first ones are surveyed for their
// decimals, so far as nobody said those.

#ifndef STREAMHUB_FEEDS_REPLAY_CSV_READER_H_
#define STREAMHUB_FEEDS_REPLAY_CSV_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/csv/csv_handler.h"
#include "feeds/csv/line_reader.h"
#include "feeds/csv/row_reader.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "feeds/replay/recording.h"
#include "gateway/base/counters.h"

namespace streamhub {

class CsvReader final : public RecordReader {
 public:
  // The survey's end, whichever comes first.
  static constexpr size_t kSurveyRows = 1000;
  static constexpr size_t kSurveyBytes = 1 << 20;

  // `recording` is of a CSV file; `handler` and `counters` outlive this.
  CsvReader(std::unique_ptr<ByteSource> source, const Recording& recording,
            csv::CsvHandler& handler, Counters& counters);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  int64_t messages() const override { return good_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

 private:
  enum class Got { kLine, kTooLong, kWaiting, kEnd, kFailed };
  struct Line {
    std::string text;
    int64_t number;
    int64_t offset;
    bool too_long;
  };

  Got GetLine(int wait_ms_max, std::string_view* line);
  Got GetNewLine(int wait_ms_max, std::string_view* line);
  bool Survey(int wait_ms_max);
  void LeaveOut(std::string_view fault);
  void Fail(std::string_view what);

  const std::unique_ptr<ByteSource> source_;
  csv::RowReader rows_;
  csv::CsvHandler& handler_;
  Counters& counters_;
  csv::LineReader lines_;

  std::deque<Line> surveyed_;  // and not yet played
  size_t surveyed_bytes_ = 0;
  bool survey_done_;

  Line line_ = {};        // the one at hand, of those surveyed
  int64_t number_ = 0;    // of the line at hand
  int64_t offset_ = 0;    // likewise, where it begins
  int lines_left_ = 0;    // that this Peek() may still read
  csv::Row row_;          // found and not yet applied
  bool has_row_ = false;  // there is such a one

  int64_t good_ = 0;
  int64_t trades_ = 0;  // of the good ones: those with a last price
  FaultList faults_;
  int64_t bad_ = 0;
  std::string first_fault_;  // "line 17: ..."
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_CSV_READER_H_
