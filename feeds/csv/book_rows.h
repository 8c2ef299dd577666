// A line of a Tardis book file to a row. Pure, one thread.
//
// By "Downloadable CSV files", https://docs.tardis.dev:
// - incremental_book_L2: a row is one level and its amount, absolute; 0 takes
//   the level out. Rows of one local_timestamp are one message. is_snapshot
//   tells a row of a whole book; where one comes behind a row that was none,
//   all that was known of the book is void.
// - book_snapshot_5, _25 and of other depths: a row is a whole book, its best
//   levels in columns asks[0].price, asks[0].amount, bids[0].price, ... Empty
//   columns are no level. Of each side the first ten are read.
// - The columns are found by their names in the header, which is the first
//   line. Times are microseconds since 1970 UTC; a row's is the venue's.

#ifndef STREAMHUB_FEEDS_CSV_BOOK_ROWS_H_
#define STREAMHUB_FEEDS_CSV_BOOK_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "feeds/csv/fields.h"
#include "feeds/csv/row_reader.h"
#include "feeds/csv/time_text.h"
#include "feeds/top_levels.h"

namespace streamhub::csv {

enum class BookForm {
  kUpdates,    // incremental_book_L2
  kSnapshots,  // book_snapshot_5, ...
};

// The form of a file that begins with these bytes; empty: it is none of both.
// "tardis-book", "tardis-snapshot".
std::string_view BookFormOfStart(std::string_view start);

// Each is a decimal (decimal.h), the size not negative.
struct LevelText {
  std::string_view price;
  std::string_view size;
};

struct LevelTexts {
  std::array<LevelText, kTopDepth> levels;
  size_t count = 0;

  void Add(const LevelText& level) { levels[count++] = level; }
  const LevelText* begin() const { return levels.data(); }
  const LevelText* end() const { return levels.data() + count; }
};

struct BookRow {
  int64_t time_ns = 0;      // since 1970 UTC
  int64_t local_ns = 0;     // when it was received; 0: not told
  std::string_view symbol;  // IsValidSymbol
  bool snapshot = false;    // of a whole book
  bool whole = false;       // and these are all its levels
  LevelTexts bids;
  LevelTexts asks;

  // Rows that follow each other and are of one message.
  bool SameMessage(const BookRow& other) const {
    return !whole && !other.whole && local_ns == other.local_ns &&
           snapshot == other.snapshot && symbol == other.symbol;
  }
};

// As a row of prices, for what finds a symbol's decimals: of the row's prices
// and sizes those that need the most.
Row FinestOf(const BookRow& row);

class BookRowReader {
 public:
  // `zone`: any, as counts since 1970 have none.
  BookRowReader(BookForm form, const SessionTime& zone);

  enum class Result {
    kRow,
    kNoRow,     // an empty line, or the header
    kBad,       // see fault(); the next line may be good
    kUnusable,  // see fault(); this is no file of that form
  };

  // Of the lines of a file, one after the other. `*row` points into `line` and
  // `fields`. With kBad its symbol is set if that could be read.
  Result Read(std::string_view line, FieldSplitter& fields, BookRow* row);

  // A line that was passed over because it is too long.
  Result ReadTooLong();

  const std::string& fault() const { return fault_; }

 private:
  // The columns of one level.
  struct LevelPlace {
    size_t price = 0;
    size_t size = 0;
  };

  bool ReadHeader(const FieldSplitter& fields);
  bool FindColumn(const FieldSplitter& fields, std::string_view name,
                  size_t* number);
  bool ReadTimes(const FieldSplitter& fields, BookRow* row);
  bool ReadUpdate(const FieldSplitter& fields, BookRow* row);
  bool ReadLevel(const FieldSplitter& fields, const LevelPlace& place,
                 LevelTexts* side);
  bool Complain(std::string_view name, std::string_view text,
                std::string_view why);

  const BookForm form_;
  const TimeReader times_;
  bool first_ = true;
  size_t width_ = 0;
  size_t symbol_ = 0;
  size_t time_ = 0;
  size_t local_ = 0;
  size_t is_snapshot_ = 0;  // these two of updates
  size_t side_ = 0;
  LevelPlace update_;
  std::array<LevelPlace, kTopDepth> bids_;  // these of snapshots
  std::array<LevelPlace, kTopDepth> asks_;
  size_t depth_ = 0;
  std::string fault_;
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_BOOK_ROWS_H_
