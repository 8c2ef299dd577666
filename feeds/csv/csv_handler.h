// Rows of price files -> ticks. On the feed's thread, within the publisher's
// batches.
//
// - bid, ask and their sizes, where the file has such columns: as the row says,
//   empty where it says nothing. quote_time: the row's. A crossed quote is
//   passed on and counted.
// - last, last_size, trade_time, open, high, low, change: each row with a last
//   price. volume: only of files with a column of its size.
// - tape: each row with a last price, with its side and id if it has them.
// - Rows of books (book_rows.h): bid, ask, their sizes and ten levels once the
//   last row of a message has come; quote_time: when one of these changed last.
//   What comes before the first snapshot is ignored. A row that does not fit,
//   or is lost among updates, ends the book until the next snapshot: no quote
//   rather than a wrong one.
// - RollDay begins a day: prices of all symbols roll (day_fields.h).
// - `trading` stays unknown: such files do not say.
//
// A value that does not fit the symbol's decimals is never rounded: its row is
// refused as a whole.

#ifndef STREAMHUB_FEEDS_CSV_CSV_HANDLER_H_
#define STREAMHUB_FEEDS_CSV_CSV_HANDLER_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/csv/book_rows.h"
#include "feeds/csv/decimals.h"
#include "feeds/csv/row_reader.h"
#include "feeds/day_fields.h"
#include "feeds/level_book.h"
#include "feeds/publisher.h"
#include "feeds/top_levels.h"

namespace streamhub::csv {

class CsvHandler {
 public:
  // `publisher` outlives this.
  CsvHandler(Publisher& publisher, DecimalsFinder decimals);

  // A row that will come. Only before the first On().
  void Survey(const Row& row) { decimals_.Survey(row); }
  bool NeedsSurvey(const Columns& columns) const {
    return decimals_.NeedsSurvey(columns);
  }

  struct Refusal {
    Column column;
    std::string why;
  };
  // Publishes the row, of a file with these columns, or says why not.
  std::optional<Refusal> On(const Row& row, const Columns& columns);

  // Rows of books will come, too: symbols that are new from now on have room
  // for ten levels.
  void ExpectBooks() { books_ = true; }
  void Survey(const BookRow& row) { decimals_.Survey(FinestOf(row)); }
  bool NeedsSurveyOfBooks() const { return decimals_.NeedsSurvey(true); }

  // Takes the row into its symbol's book, and publishes that if it is the last
  // one of its message; or says why not.
  std::optional<std::string> OnBook(const BookRow& row, bool last);

  // A row of that symbol is missing; empty: of any.
  void LoseBook(std::string_view symbol, int64_t time_ns);

  // Of the symbol; null while there is none.
  const LevelBook* BookOf(std::string_view symbol) const;

  // The rows that follow are of another day than those before.
  void RollDay(int64_t event_ns);

  // The rows begin again (the epoch is a new one): nothing was traded. Symbols
  // keep their decimals.
  void StartAgain();

 private:
  struct Book {
    LevelBook levels;
    bool there = false;        // there was a snapshot, and nothing lost since
    bool in_snapshot = false;  // the row before was of one
    TopSide bids_told;
    TopSide asks_told;
  };

  struct State {
    std::optional<SymbolId> symbol;  // none: the publisher refused it
    Decimals decimals;
    DayFields day;
    std::unique_ptr<Book> book;  // null: there were no rows of one
  };

  // `finest()`, a row, tells the decimals of a symbol that is new.
  template <typename Finest>
  State& StateOf(std::string_view symbol, Finest finest);
  State MakeState(const Row& finest);
  std::optional<std::string> Apply(const LevelTexts& texts,
                                   const Decimals& decimals, LevelSide& side);
  void EndBook(State& state, int64_t time_ns);
  void PublishBook(State& state, int64_t time_ns);
  std::optional<Refusal> Scale(const Row& row, const Columns& columns,
                               const Decimals& decimals);
  bool PutTrade(State& state, bool sized, int64_t time_ns);
  void PutDay(const DayFields& day, bool sized);
  void Put(FieldId field, int64_t value) { values_[count_++] = {field, value}; }
  void Send(const State& state, int64_t time_ns);

  int64_t Scaled(Column column) const {
    return scaled_[static_cast<size_t>(column)];
  }

  Publisher& publisher_;
  DecimalsFinder decimals_;
  bool books_ = false;
  std::vector<State> states_;
  absl::flat_hash_map<std::string, size_t> by_code_;
  // Of the row before: most files are of one symbol.
  std::string last_code_;
  size_t last_index_ = 0;
  State refused_;  // of a symbol beyond those that are remembered

  // The row at hand, and the tick that is made of it.
  std::array<int64_t, kColumnCount> scaled_ = {};
  std::array<FieldValue, kLayoutFieldsMax> values_;
  size_t count_ = 0;
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_CSV_HANDLER_H_
