#include "feeds/replay/csv_reader.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using Result = csv::RowReader::Result;

// Of lines that are no rows, and of reads that bring no line's end: then the
// feed gets a turn, so that it can be stopped amid rubbish of any size.
constexpr int kLinesPerPeek = 2000;
constexpr int kReadsPerLine = 16;

}  // namespace

CsvReader::CsvReader(std::unique_ptr<ByteSource> source,
                     const Recording& recording, csv::CsvHandler& handler,
                     Counters& counters)
    : source_(std::move(source)),
      rows_(*recording.csv, recording.symbol, recording.zone,
            recording.midnight_ns),
      handler_(handler),
      counters_(counters),
      survey_done_(!handler.NeedsSurvey(recording.csv->columns)) {}

CsvReader::Got CsvReader::GetNewLine(int wait_ms_max, std::string_view* line) {
  if (--lines_left_ < 0) return Got::kWaiting;
  for (int i = 0; i < kReadsPerLine; ++i) {
    switch (lines_.Read(line)) {
      case csv::LineReader::Next::kLine:
        return Got::kLine;
      case csv::LineReader::Next::kTooLong:
        return Got::kTooLong;
      case csv::LineReader::Next::kEnd:
        return Got::kEnd;
      case csv::LineReader::Next::kNeedMore:
        break;
    }
    size_t bytes = 0;
    switch (source_->Read(lines_.Room(), wait_ms_max, &bytes)) {
      case ByteSource::Result::kBytes:
        lines_.Filled(bytes);
        break;
      case ByteSource::Result::kWaiting:
        return Got::kWaiting;
      case ByteSource::Result::kEnd:
        lines_.Finish();
        break;
      case ByteSource::Result::kFailed:
        return Got::kFailed;
    }
  }
  return Got::kWaiting;
}

// First those that were surveyed.
CsvReader::Got CsvReader::GetLine(int wait_ms_max, std::string_view* line) {
  if (surveyed_.empty()) {
    const Got got = GetNewLine(wait_ms_max, line);
    number_ = lines_.number();
    offset_ = lines_.offset();
    return got;
  }
  line_ = std::move(surveyed_.front());
  surveyed_.pop_front();
  number_ = line_.number;
  offset_ = line_.offset;
  *line = line_.text;
  return line_.too_long ? Got::kTooLong : Got::kLine;
}

// True once it is done: what comes after the surveyed lines is not known then.
bool CsvReader::Survey(int wait_ms_max) {
  while (surveyed_.size() < kSurveyRows && surveyed_bytes_ < kSurveyBytes) {
    std::string_view line;
    const Got got = GetNewLine(wait_ms_max, &line);
    if (got == Got::kWaiting) return false;
    if (got == Got::kEnd || got == Got::kFailed) break;
    csv::Row row;
    const bool too_long = got == Got::kTooLong;
    const Result result =
        too_long ? rows_.ReadTooLong() : rows_.Read(line, &row);
    if (result == Result::kNoRow) continue;
    if (result == Result::kRow) handler_.Survey(row);
    if (result == Result::kUnusable) {
      number_ = lines_.number();
      offset_ = lines_.offset();
      Fail(rows_.fault());
      break;
    }
    surveyed_bytes_ += line.size();
    surveyed_.push_back(
        {std::string(line), lines_.number(), lines_.offset(), too_long});
  }
  return survey_done_ = true;
}

RecordReader::Next CsvReader::Peek(int wait_ms_max, int64_t* event_ns) {
  lines_left_ = kLinesPerPeek;
  if (!survey_done_ && !Survey(wait_ms_max)) return Next::kWaiting;
  while (!has_row_) {
    if (!failed_.ok()) return Next::kFailed;
    std::string_view line;
    Result result = Result::kBad;
    switch (GetLine(wait_ms_max, &line)) {
      case Got::kLine:
        result = rows_.Read(line, &row_);
        break;
      case Got::kTooLong:
        result = rows_.ReadTooLong();
        break;
      case Got::kWaiting:
        return Next::kWaiting;
      case Got::kEnd:
        if (source_->plain_bytes() == 0) Fail("is empty");
        return status().ok() ? Next::kEnd : Next::kFailed;
      case Got::kFailed:
        failed_ = source_->status();
        faults_.Add(FaultOf(*source_));
        return Next::kFailed;
    }
    has_row_ = result == Result::kRow;
    if (result == Result::kUnusable) Fail(rows_.fault());
    if (result != Result::kBad) continue;
    counters_.Add(Metric::kFeedMessagesBad);
    LeaveOut(rows_.fault());
  }
  *event_ns = row_.time_ns;
  return Next::kRecord;
}

void CsvReader::Apply() {
  has_row_ = false;
  const auto refusal = handler_.On(row_, rows_.columns());
  if (refusal.has_value()) {
    LeaveOut(rows_.Describe(row_, refusal->column, refusal->why));
  } else {
    ++good_;
    trades_ += row_[csv::Column::kLast].empty() ? 0 : 1;
  }
}

void CsvReader::TellFindings(Findings* findings) const {
  findings->detail = "CSV";
  AddSource(*source_, findings);
  const csv::Columns& columns = rows_.columns();
  const bool quoted =
      columns.Has(csv::Column::kBid) || columns.Has(csv::Column::kAsk);
  const int64_t quotes = good_ - trades_;
  if (quotes > 0) findings->by_type.emplace_back("quote", quotes);
  if (trades_ > 0) {
    findings->by_type.emplace_back(quoted ? "quote+trade" : "trade", trades_);
  }
  AddOthers({{"rows_left_out", bad_}}, findings);
  findings->faults = faults_;
}

void CsvReader::LeaveOut(std::string_view fault) {
  faults_.Add(offset_, number_, fault);
  if (++bad_ > 1) return;
  first_fault_ = absl::StrCat("line ", number_, ": ", ToAbsl(fault));
  LogWarning(absl::StrCat(source_->name(), ": ", first_fault_,
                          "; such rows are left out"));
}

void CsvReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  faults_.Add(offset_, number_, what);
  failed_ = absl::DataLossError(absl::StrCat(
      source_->name(), ": ",
      number_ > 0 ? absl::StrCat("line ", number_, ": ") : "", ToAbsl(what)));
}

absl::Status CsvReader::status() const {
  if (!failed_.ok() || bad_ == 0) return failed_;
  return absl::DataLossError(absl::StrCat(source_->name(), ": ", first_fault_,
                                          "; ", bad_, " of ", bad_ + good_,
                                          " rows were left out"));
}

}  // namespace streamhub
