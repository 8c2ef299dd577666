// How many decimals a symbol's prices and sizes have: what the operator says,
// else what its file writes. A symbol keeps them, so they are found before its
// first tick. Pure.
//
// The rule: a symbol has as many as the longest of its prices (sizes) among
// the rows that were surveyed, the first ones of each file. A symbol that none
// of those had gets as many as its first row needs, and no fewer than any
// symbol of the survey: rather noughts at the end than refused prices.

#ifndef STREAMHUB_FEEDS_CSV_DECIMALS_H_
#define STREAMHUB_FEEDS_CSV_DECIMALS_H_

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "feeds/csv/row_reader.h"

namespace streamhub::csv {

struct Decimals {
  static constexpr int kUnknown = -1;

  int price = kUnknown;  // 0 to kDecimalsMax
  int quantity = kUnknown;

  friend bool operator==(const Decimals&, const Decimals&) = default;
};

class DecimalsFinder {
 public:
  // What the operator says: PRICE[/QUANTITY] of all symbols, SYMBOL=... of
  // one, with commas between: "5", "2/8", "BTC-USD=1/0,5". Empty: nothing.
  // InvalidArgument says what is wrong.
  static absl::StatusOr<DecimalsFinder> Create(std::string_view text);

  // False if a survey of a file with these columns could find nothing out.
  bool NeedsSurvey(const Columns& columns) const;
  // The same of a file that has `sizes` or has none.
  bool NeedsSurvey(bool sizes) const;

  void Survey(const Row& row);

  // Of the symbol of `row`, its first.
  Decimals Find(const Row& row) const;

 private:
  // What `text` said, by symbol; that of all others.
  absl::flat_hash_map<std::string, Decimals> given_;
  Decimals given_all_;
  // What the survey has found.
  absl::flat_hash_map<std::string, Decimals> found_;
  Decimals found_most_;
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_DECIMALS_H_
