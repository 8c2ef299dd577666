// What a price file looks like: which column is what, how its times are
// written and on which clock. Pure.

#ifndef STREAMHUB_FEEDS_CSV_FORMAT_H_
#define STREAMHUB_FEEDS_CSV_FORMAT_H_

#include <absl/status/statusor.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "feeds/csv/time_text.h"

namespace streamhub::csv {

// What a column can be. Those of prices and sizes are named as the field that
// they become; the last two go with a trade to the tape.
enum class Column : uint8_t {
  kTime,
  kSymbol,
  kBid,
  kBidSize,
  kAsk,
  kAskSize,
  kLast,
  kLastSize,
  kSide,
  kId,
};
inline constexpr size_t kColumnCount = 10;

std::string_view ColumnName(Column column);

// Where a column is: by the header's name for it, or by its number from 0.
struct Place {
  bool mapped = false;
  std::string header;  // empty: by number
  size_t number = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

class Columns {
 public:
  // "time=0,bid=1,ask=2" or "time=timestamp,symbol=symbol,last=price".
  // InvalidArgument says what is wrong: an unknown or doubled column, no time,
  // no price, a size without its price, a side or an id without last, a number
  // of 256 or more.
  static absl::StatusOr<Columns> Parse(std::string_view text);

  const Place& operator[](Column column) const {
    return places_[static_cast<size_t>(column)];
  }
  bool Has(Column column) const { return (*this)[column].mapped; }

  // Any of them is found by its name, so the first line is a header.
  bool ByName() const;

  friend bool operator==(const Columns&, const Columns&) = default;

 private:
  std::array<Place, kColumnCount> places_;
};

struct Format {
  Columns columns;
  TimeForm time;
  std::string zone;  // of the times, where the file does not say

  friend bool operator==(const Format&, const Format&) = default;
};

// "fxcm", "truefx", "tardis-quotes", "tardis-trades"; null for other names.
const Format* FindPreset(std::string_view name);

// The preset of a file whose first line is this header, by its name; empty if
// there is none.
std::string_view PresetOfHeader(std::string_view line);

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_FORMAT_H_
