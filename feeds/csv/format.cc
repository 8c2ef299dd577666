#include "feeds/csv/format.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "feeds/csv/fields.h"
#include "gateway/base/check.h"
#include "gateway/base/strings.h"
#include "gateway/market/field.h"

namespace streamhub::csv {
namespace {

constexpr std::string_view kNames[kColumnCount] = {
    "time",     "symbol", "bid",       "bid_size", "ask",
    "ask_size", "last",   "last_size", "side",     "id"};

struct Preset {
  std::string_view name;
  // Of every file of the kind; empty: such files have none.
  std::string_view header;
  std::string_view columns;
  std::string_view time;
  std::string_view zone;
};

constexpr Preset kPresets[] = {
    {"fxcm", "", "time=0,bid=1,ask=2", "ms-of-day", "UTC-05"},
    {"truefx", "timestamp,bid,ask", "time=timestamp,bid=bid,ask=ask", "iso",
     "UTC"},
    {"tardis-quotes",
     "exchange,symbol,timestamp,local_timestamp,"
     "ask_amount,ask_price,bid_price,bid_amount",
     "time=timestamp,symbol=symbol,bid=bid_price,bid_size=bid_amount,"
     "ask=ask_price,ask_size=ask_amount",
     "unix-us", "UTC"},
    {"tardis-trades",
     "exchange,symbol,timestamp,local_timestamp,id,side,price,amount",
     "time=timestamp,symbol=symbol,last=price,last_size=amount,side=side,"
     "id=id",
     "unix-us", "UTC"},
};

std::string NamesOfColumns() {
  std::string names;
  for (const std::string_view name : kNames) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", ToAbsl(name));
  }
  return names;
}

absl::Status Wrong(std::string_view entry, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", ToAbsl(entry), "': ", ToAbsl(what)));
}

// A number if it is all digits, else a name.
absl::StatusOr<Place> ParsePlace(std::string_view text) {
  Place place;
  place.mapped = true;
  if (text.find_first_not_of("0123456789") != text.npos) {
    place.header = std::string(text);
    return place;
  }
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, place.number);
  if (text.empty() || error != std::errc() || stopped != end ||
      place.number >= kFieldsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("want a column's name in the header, or its number from ",
                     "0 to ", kFieldsMax - 1));
  }
  return place;
}

}  // namespace

std::string_view ColumnName(Column column) {
  return kNames[static_cast<size_t>(column)];
}

absl::StatusOr<Columns> Columns::Parse(std::string_view text) {
  Columns columns;
  const std::vector<absl::string_view> entries =
      absl::StrSplit(ToAbsl(text), ',');
  for (const absl::string_view split : entries) {
    const std::string_view entry = FromAbsl(split);
    const size_t equals = std::min(entry.find('='), entry.size());
    const auto* const name = std::find(std::begin(kNames), std::end(kNames),
                                       entry.substr(0, equals));
    if (equals == entry.size() || name == std::end(kNames)) {
      return Wrong(entry, "want COLUMN=PLACE, and of columns there are " +
                              NamesOfColumns());
    }
    Place& place = columns.places_[static_cast<size_t>(name - kNames)];
    if (place.mapped) return Wrong(entry, "is the second of that name");
    auto parsed = ParsePlace(entry.substr(equals + 1));
    if (!parsed.ok()) return Wrong(entry, FromAbsl(parsed.status().message()));
    place = *std::move(parsed);
  }
  const auto lacks = [&](Column size, Column price) {
    return columns.Has(size) && !columns.Has(price);
  };
  if (!columns.Has(Column::kTime)) return Wrong(text, "has no column time");
  if (!columns.Has(Column::kBid) && !columns.Has(Column::kAsk) &&
      !columns.Has(Column::kLast)) {
    return Wrong(text, "has no column of prices: bid, ask or last");
  }
  if (lacks(Column::kBidSize, Column::kBid) ||
      lacks(Column::kAskSize, Column::kAsk) ||
      lacks(Column::kLastSize, Column::kLast)) {
    return Wrong(text, "has a size without its price");
  }
  if (lacks(Column::kSide, Column::kLast) ||
      lacks(Column::kId, Column::kLast)) {
    return Wrong(text, "has a side or an id of trades without last");
  }
  return columns;
}

bool Columns::ByName() const {
  return std::any_of(places_.begin(), places_.end(),
                     [](const Place& p) { return !p.header.empty(); });
}

const Format* FindPreset(std::string_view name) {
  static const auto& formats = *new auto([] {
    std::array<Format, std::size(kPresets)> made;
    for (size_t i = 0; i < made.size(); ++i) {
      auto columns = Columns::Parse(kPresets[i].columns);
      const auto time = FindTimeForm(kPresets[i].time);
      STREAMHUB_CHECK(columns.ok() && time.has_value());
      made[i] = {*std::move(columns), *time, std::string(kPresets[i].zone)};
    }
    return made;
  }());
  for (size_t i = 0; i < formats.size(); ++i) {
    if (kPresets[i].name == name) return &formats[i];
  }
  return nullptr;
}

std::string_view PresetOfHeader(std::string_view line) {
  for (const Preset& preset : kPresets) {
    if (!preset.header.empty() && preset.header == line) return preset.name;
  }
  return {};
}

}  // namespace streamhub::csv
