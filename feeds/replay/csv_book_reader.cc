#include "feeds/replay/csv_book_reader.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using Result = csv::BookRowReader::Result;

}  // namespace

CsvBookReader::CsvBookReader(std::unique_ptr<ByteSource> source,
                             csv::BookForm form, const SessionTime& zone,
                             csv::CsvHandler& handler, Counters& counters)
    : lines_(std::move(source)),
      form_(form),
      rows_(form, zone),
      handler_(handler),
      counters_(counters),
      survey_done_(!handler.NeedsSurveyOfBooks()) {}

// True once it is done.
bool CsvBookReader::Survey(int wait_ms_max) {
  csv::FieldSplitter fields;
  survey_done_ =
      lines_.Survey(wait_ms_max, [&](Got got, std::string_view line) {
        csv::BookRow row;
        const Result result = got == Got::kTooLong
                                  ? rows_.ReadTooLong()
                                  : rows_.Read(line, fields, &row);
        if (result == Result::kRow) handler_.Survey(row);
        if (result == Result::kUnusable) {
          Fail(rows_.fault());
          return LineSource::Look::kStop;
        }
        return result == Result::kNoRow ? LineSource::Look::kDrop
                                        : LineSource::Look::kKeep;
      });
  return survey_done_;
}

// Fills `slot` with the next good row. What is left out on the way is lost
// behind `before`.
CsvBookReader::Got CsvBookReader::Fetch(int wait_ms_max, Slot* slot,
                                        Slot* before) {
  while (true) {
    std::string_view line;
    const Got got = lines_.Get(wait_ms_max, &line);
    Result result = Result::kBad;
    if (got == Got::kLine) {
      slot->text.assign(line);
      result = rows_.Read(slot->text, slot->fields, &slot->row);
    } else if (got == Got::kTooLong) {
      slot->row = {};
      result = rows_.ReadTooLong();
    } else {
      return got;
    }
    if (result == Result::kNoRow) continue;
    if (result == Result::kUnusable) {
      Fail(rows_.fault());
      return Got::kFailed;
    }
    slot->number = lines_.number();
    if (result == Result::kRow) {
      slot->full = true;
      return Got::kLine;
    }
    counters_.Add(Metric::kFeedMessagesBad);
    LeaveOut(rows_.fault(), slot->number);
    if (before == nullptr) continue;
    // Of several symbols it is any.
    if (before->loss_behind && before->lost_symbol != slot->row.symbol) {
      before->lost_symbol.clear();
    } else if (!before->loss_behind) {
      before->lost_symbol.assign(slot->row.symbol);
    }
    before->loss_behind = true;
  }
}

RecordReader::Next CsvBookReader::Peek(int wait_ms_max, int64_t* event_ns) {
  lines_.BeginTurn();
  if (!survey_done_ && !Survey(wait_ms_max)) return Next::kWaiting;
  Slot& slot = slots_[at_];
  Slot& next = slots_[1 - at_];
  const bool ahead = form_ == csv::BookForm::kUpdates;
  while (!slot.full || (ahead && !next.full && !at_end_)) {
    if (!failed_.ok() && !slot.full) return Next::kFailed;
    if (!failed_.ok()) {
      at_end_ = true;
      break;
    }
    if (!slot.full && at_end_)
      return status().ok() ? Next::kEnd : Next::kFailed;
    switch (slot.full ? Fetch(wait_ms_max, &next, &slot)
                      : Fetch(wait_ms_max, &slot, nullptr)) {
      case Got::kWaiting:
        return Next::kWaiting;
      case Got::kEnd:
        at_end_ = true;
        if (lines_.source().plain_bytes() == 0) Fail("is empty");
        break;
      case Got::kFailed:
        if (failed_.ok()) {
          failed_ = lines_.source().status();
          faults_.Add(FaultOf(lines_.source()));
        }
        break;
      default:
        break;
    }
  }
  is_last_ = !next.full || slot.loss_behind || !slot.row.SameMessage(next.row);
  *event_ns = slot.row.time_ns;
  return Next::kRecord;
}

void CsvBookReader::Apply() {
  Slot& slot = slots_[at_];
  const auto refused = handler_.OnBook(slot.row, is_last_);
  if (refused.has_value()) {
    LeaveOut(*refused, slot.number);
  } else {
    ++good_;
  }
  // A snapshot that is lost leaves an older book, as a lost quote does.
  if (slot.loss_behind && form_ == csv::BookForm::kUpdates) {
    handler_.LoseBook(slot.lost_symbol, slot.row.time_ns);
  }
  slot.full = slot.loss_behind = false;
  at_ = 1 - at_;
}

void CsvBookReader::LeaveOut(std::string_view fault, int64_t number) {
  faults_.Add(0, number, fault);
  if (++bad_ > 1) return;
  first_fault_ = absl::StrCat("line ", number, ": ", ToAbsl(fault));
  LogWarning(absl::StrCat(lines_.source().name(), ": ", first_fault_,
                          "; such rows are left out"));
}

void CsvBookReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  const int64_t number = lines_.number();
  faults_.Add(0, number, what);
  failed_ = absl::DataLossError(absl::StrCat(
      lines_.source().name(), ": ",
      number > 0 ? absl::StrCat("line ", number, ": ") : "", ToAbsl(what)));
}

void CsvBookReader::TellFindings(Findings* findings) const {
  findings->detail = form_ == csv::BookForm::kUpdates
                         ? "CSV, updates of books"
                         : "CSV, snapshots of books";
  AddSource(lines_.source(), findings);
  if (good_ > 0) findings->by_type.emplace_back("book", good_);
  AddOthers({{"rows_left_out", bad_}}, findings);
  findings->faults = faults_;
}

absl::Status CsvBookReader::status() const {
  if (!failed_.ok() || bad_ == 0) return failed_;
  return absl::DataLossError(absl::StrCat(lines_.source().name(), ": ",
                                          first_fault_, "; ", bad_, " of ",
                                          bad_ + good_, " rows were left out"));
}

}  // namespace streamhub
