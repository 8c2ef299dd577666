// A line of a price file to a row: its columns found, each checked for what it
// has to be. Pure, one thread.
//
// - The first line is a header if a column is mapped by its name, or if its
//   time begins with a letter. A header has to have every mapped name, once.
// - An empty line is no row. A row has as many columns as the header or, where
//   there is none, as the first good row.
// - Prices and sizes are decimals (decimal.h), sizes not negative, or nothing:
//   a side of the book that is gone, or, in files with quotes, no trade.
// - A trade's side and id are any text.

#ifndef STREAMHUB_FEEDS_CSV_ROW_READER_H_
#define STREAMHUB_FEEDS_CSV_ROW_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "feeds/csv/fields.h"
#include "feeds/csv/format.h"
#include "feeds/csv/time_text.h"

namespace streamhub::csv {

struct Row {
  int64_t time_ns = 0;      // since 1970 UTC
  std::string_view symbol;  // IsValidSymbol
  // By column, without the first two: IsDecimal, or empty; kSide, kId: a text.
  std::array<std::string_view, kColumnCount> values;

  std::string_view operator[](Column column) const {
    return values[static_cast<size_t>(column)];
  }
};

class RowReader {
 public:
  // `symbol` is that of every row, unless the format has a column for it.
  // `zone` and `midnight_ns` as in time_text.h.
  RowReader(const Format& format, std::string symbol, const SessionTime& zone,
            int64_t midnight_ns);

  enum class Result {
    kRow,
    kNoRow,     // an empty line, or the header
    kBad,       // see fault(); the next line may be good
    kUnusable,  // see fault(); this is no file of that format
  };

  // Of the lines of a file, one after the other. `*row` is set with kRow and
  // points into `line`, this and what it was made with, until the next call.
  Result Read(std::string_view line, Row* row);

  // A line that was passed over because it is too long.
  Result ReadTooLong();

  // What is wrong, and in which column: "bid (column 1): 'x' is no decimal".
  const std::string& fault() const { return fault_; }

  // The fault of a value of `row` that only others can see.
  std::string Describe(const Row& row, Column column,
                       std::string_view why) const;

  const Columns& columns() const { return columns_; }

 private:
  Result ReadHeader();
  bool IsHeader() const;
  // Null if it is there.
  const std::string_view* Find(Column column) const;
  bool ReadTime(Row* row);
  bool ReadSymbol(Row* row);
  bool ReadValues(Row* row);
  std::string Complaint(Column column, std::string_view text,
                        std::string_view why) const;

  Columns columns_;
  const TimeForm form_;
  const TimeReader times_;
  const std::string symbol_;
  std::array<size_t, kColumnCount> numbers_ = {};
  size_t width_ = 0;  // columns of a row; 0: not known yet
  bool first_ = true;
  FieldSplitter fields_;
  std::string fault_;
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_ROW_READER_H_
