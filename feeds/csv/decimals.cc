#include "feeds/csv/decimals.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "feeds/csv/decimal.h"
#include "gateway/base/strings.h"
#include "gateway/market/symbol.h"

namespace streamhub::csv {
namespace {

bool ParseCount(std::string_view text, int* count) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, *count);
  return error == std::errc() && stopped == end && *count >= 0 &&
         *count <= kDecimalsMax;
}

bool ParseDecimals(std::string_view text, Decimals* decimals) {
  const size_t slash = text.find('/');
  return ParseCount(text.substr(0, slash), &decimals->price) &&
         (slash == text.npos ||
          ParseCount(text.substr(slash + 1), &decimals->quantity));
}

Decimals OfRow(const Row& row) {
  Decimals needed;
  const auto raise = [&](Column column, int* most) {
    const std::string_view text = row[column];
    if (text.empty()) return;
    *most = std::max(*most, std::min(DigitsAfterPoint(text), kDecimalsMax));
  };
  for (const Column price : {Column::kBid, Column::kAsk, Column::kLast}) {
    raise(price, &needed.price);
  }
  for (const Column size :
       {Column::kBidSize, Column::kAskSize, Column::kLastSize}) {
    raise(size, &needed.quantity);
  }
  return needed;
}

// kUnknown is less than any number.
void Raise(const Decimals& by, Decimals* decimals) {
  decimals->price = std::max(decimals->price, by.price);
  decimals->quantity = std::max(decimals->quantity, by.quantity);
}

int FirstKnown(std::initializer_list<int> counts) {
  for (const int count : counts) {
    if (count != Decimals::kUnknown) return count;
  }
  return 0;
}

}  // namespace

absl::StatusOr<DecimalsFinder> DecimalsFinder::Create(std::string_view text) {
  DecimalsFinder finder;
  if (text.empty()) return finder;
  const std::vector<absl::string_view> entries =
      absl::StrSplit(ToAbsl(text), ',');
  for (const absl::string_view entry : entries) {
    // A symbol may have a '=' in it, the numbers have none.
    const size_t equals = entry.rfind('=');
    const bool one = equals != entry.npos;
    Decimals decimals;
    if (!ParseDecimals(FromAbsl(one ? entry.substr(equals + 1) : entry),
                       &decimals)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", entry, "': want [SYMBOL=]PRICE[/QUANTITY], numbers from 0 to ",
          kDecimalsMax));
    }
    if (one) {
      finder.given_[std::string(entry.substr(0, equals))] = decimals;
    } else {
      finder.given_all_ = decimals;
    }
  }
  return finder;
}

bool DecimalsFinder::NeedsSurvey(const Columns& columns) const {
  return NeedsSurvey(columns.Has(Column::kBidSize) ||
                     columns.Has(Column::kAskSize) ||
                     columns.Has(Column::kLastSize));
}

bool DecimalsFinder::NeedsSurvey(bool sizes) const {
  return given_all_.price == Decimals::kUnknown ||
         (sizes && given_all_.quantity == Decimals::kUnknown);
}

void DecimalsFinder::Survey(const Row& row) {
  const Decimals needed = OfRow(row);
  auto it = found_.find(ToAbsl(row.symbol));
  if (it == found_.end())
    it = found_.try_emplace(std::string(row.symbol)).first;
  Raise(needed, &it->second);
  Raise(needed, &found_most_);
}

Decimals DecimalsFinder::Find(const Row& row) const {
  const auto given = given_.find(ToAbsl(row.symbol));
  const Decimals said = given == given_.end() ? Decimals() : given->second;
  Decimals read = OfRow(row);
  const auto found = found_.find(ToAbsl(row.symbol));
  Raise(found == found_.end() ? found_most_ : found->second, &read);
  return {FirstKnown({said.price, given_all_.price, read.price}),
          FirstKnown({said.quantity, given_all_.quantity, read.quantity})};
}

}  // namespace streamhub::csv
