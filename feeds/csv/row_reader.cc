#include "feeds/csv/row_reader.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "feeds/csv/decimal.h"
#include "feeds/csv/line_reader.h"
#include "gateway/base/strings.h"
#include "gateway/market/symbol.h"

namespace streamhub::csv {
namespace {

constexpr Column kValues[] = {
    Column::kBid,  Column::kBidSize,  Column::kAsk,  Column::kAskSize,
    Column::kLast, Column::kLastSize, Column::kSide, Column::kId};

bool IsText(Column column) {
  return column == Column::kSide || column == Column::kId;
}

bool IsSize(Column column) {
  return column == Column::kBidSize || column == Column::kAskSize ||
         column == Column::kLastSize;
}

}  // namespace

RowReader::RowReader(const Format& format, std::string symbol,
                     const SessionTime& zone, int64_t midnight_ns)
    : columns_(format.columns),
      form_(format.time),
      times_(format.time, zone, midnight_ns),
      symbol_(std::move(symbol)) {
  for (size_t i = 0; i < kColumnCount; ++i) {
    numbers_[i] = columns_[static_cast<Column>(i)].number;
  }
}

RowReader::Result RowReader::ReadTooLong() {
  fault_ = absl::StrCat("has more than ", kLineBytesMax, " bytes");
  const bool header = std::exchange(first_, false) && columns_.ByName();
  return header ? Result::kUnusable : Result::kBad;
}

RowReader::Result RowReader::Read(std::string_view line, Row* row) {
  if (line.find_first_not_of(" \t") == line.npos) return Result::kNoRow;
  const bool first = std::exchange(first_, false);
  if (const char* const wrong = fields_.Split(line)) {
    fault_ = wrong;
    return first && columns_.ByName() ? Result::kUnusable : Result::kBad;
  }
  if (first && IsHeader()) return ReadHeader();
  const size_t count = fields_.fields().size();
  if (width_ != 0 && count != width_) {
    fault_ = absl::StrCat("has ", count, " columns, want ", width_);
    return Result::kBad;
  }
  *row = {};
  if (!ReadTime(row) || !ReadSymbol(row) || !ReadValues(row)) {
    return Result::kBad;
  }
  width_ = count;
  return Result::kRow;
}

bool RowReader::IsHeader() const {
  if (columns_.ByName()) return true;
  const std::string_view* const time = Find(Column::kTime);
  return time != nullptr && !time->empty() &&
         absl::ascii_isalpha(static_cast<unsigned char>(time->front()));
}

RowReader::Result RowReader::ReadHeader() {
  const auto names = fields_.fields();
  width_ = names.size();
  for (size_t i = 0; i < kColumnCount; ++i) {
    const Place& place = columns_[static_cast<Column>(i)];
    if (!place.mapped) continue;
    if (place.header.empty()) {
      if (place.number < width_) continue;
      fault_ = absl::StrCat("the header has ", width_, " columns, and ",
                            ToAbsl(ColumnName(static_cast<Column>(i))),
                            " is mapped to column ", place.number);
      return Result::kUnusable;
    }
    const auto count = std::count(names.begin(), names.end(), place.header);
    if (count != 1) {
      fault_ =
          absl::StrCat("the header has ", count == 0 ? "no" : "more than one",
                       " column ", QuotedText(place.header), ", wanted for ",
                       ToAbsl(ColumnName(static_cast<Column>(i))));
      return Result::kUnusable;
    }
    numbers_[i] = static_cast<size_t>(
        std::find(names.begin(), names.end(), place.header) - names.begin());
  }
  return Result::kNoRow;
}

const std::string_view* RowReader::Find(Column column) const {
  const size_t number = numbers_[static_cast<size_t>(column)];
  const auto fields = fields_.fields();
  return number < fields.size() ? &fields[number] : nullptr;
}

bool RowReader::ReadTime(Row* row) {
  const std::string_view* const text = Find(Column::kTime);
  if (text == nullptr) {
    fault_ = Complaint(Column::kTime, {}, "is missing");
    return false;
  }
  if (times_.Read(*text, &row->time_ns)) return true;
  fault_ =
      Complaint(Column::kTime, QuotedText(*text),
                absl::StrCat("is no time of the form ", ToAbsl(NameOf(form_))));
  return false;
}

bool RowReader::ReadSymbol(Row* row) {
  if (!columns_.Has(Column::kSymbol)) {
    row->symbol = symbol_;
    return true;
  }
  const std::string_view* const text = Find(Column::kSymbol);
  if (text == nullptr || !IsValidSymbol(*text)) {
    fault_ = Complaint(Column::kSymbol, text ? QuotedText(*text) : "",
                       text ? "is no symbol" : "is missing");
    return false;
  }
  row->symbol = *text;
  return true;
}

bool RowReader::ReadValues(Row* row) {
  for (const Column column : kValues) {
    if (!columns_.Has(column)) continue;
    const std::string_view* const text = Find(column);
    if (text == nullptr) {
      fault_ = Complaint(column, {}, "is missing");
      return false;
    }
    if (text->empty()) continue;
    if (!IsText(column) && !IsDecimal(*text)) {
      fault_ = Complaint(column, QuotedText(*text), "is no decimal");
      return false;
    }
    if (IsSize(column) && text->front() == '-') {
      fault_ = Complaint(column, QuotedText(*text), "is negative");
      return false;
    }
    row->values[static_cast<size_t>(column)] = *text;
  }
  const bool quotes = columns_.Has(Column::kBid) || columns_.Has(Column::kAsk);
  if (!quotes && (*row)[Column::kLast].empty()) {
    fault_ = Complaint(Column::kLast, {}, "is empty");
    return false;
  }
  return true;
}

std::string RowReader::Describe(const Row& row, Column column,
                                std::string_view why) const {
  const std::string_view text =
      column == Column::kSymbol ? row.symbol : row[column];
  return Complaint(column, QuotedText(text), why);
}

std::string RowReader::Complaint(Column column, std::string_view text,
                                 std::string_view why) const {
  return absl::StrCat(ToAbsl(ColumnName(column)), " (column ",
                      numbers_[static_cast<size_t>(column)], ")",
                      text.empty() ? " " : ": ", ToAbsl(text),
                      text.empty() ? "" : " ", ToAbsl(why));
}

}  // namespace streamhub::csv
